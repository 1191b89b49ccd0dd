package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Service;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.Row;

/** How custody shows in the store's view: a line for each envelope, and one for each recipient whose state has changed. */
public final class CustodyProjection implements Projection {
    /** The only one; it has no state. */
    public static final CustodyProjection INSTANCE = new CustodyProjection();

    private static final int TEXT_MAX = 100;

    private CustodyProjection() {}

    @Override
    public Set<Kind> kinds() {
        return Set.of(Kind.HEAD, Kind.END);
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public Optional<Row> row(Kind kind, long key, Bytes value) {
        return Optional.of(kind == Kind.HEAD ? head(key, Records.Head.decode(value)) : end(Records.End.decode(value)));
    }

    private static Row head(long key, Records.Head head) {
        Header header = head.facts().header();
        boolean relayed = head.from().isPresent() && head.local().isEmpty();
        return new Row(
                key,
                header.id().toString(),
                head.from().isEmpty() ? "out" : relayed ? "relay" : "in",
                header.sender().toString(),
                head.covered().stream()
                        .map(index -> header.recipients().get(index).toString())
                        .collect(Collectors.joining(" ")),
                header.service().map(Service::word).orElse(""),
                header.precedence().number(),
                "held",
                header.created().toEpochMilli(),
                head.takenAt().toEpochMilli(),
                head.facts().ciphertextLength(),
                head.from().map(from -> "from " + from).orElse(""));
    }

    private static Row end(Records.End end) {
        Address recipient = end.recipient();
        Instant changed = end.heardAt().or(end::handedAt).orElse(Instant.EPOCH);
        String detail = end.why()
                .map(ErrorCode::label)
                .or(() -> end.handedTo().map(to -> "to " + to))
                .orElse("");
        return new Row(
                end.head(),
                end.id().toString(),
                end.units().isEmpty() ? "out" : "in",
                end.sender().toString(),
                recipient.toString(),
                "",
                0,
                state(end),
                0,
                changed.toEpochMilli(),
                0,
                detail.length() <= TEXT_MAX ? detail : detail.substring(0, TEXT_MAX));
    }

    /** The weakest word that holds for every message of the envelope. */
    private static String state(Records.End end) {
        if (!end.units().isEmpty()) {
            return end.units().stream()
                    .map(Records.UnitRecord::state)
                    .filter(state -> !state.isEnd())
                    .findFirst()
                    .orElse(end.units().get(0).state())
                    .word();
        }
        Optional<Optional<Receipt.Kind>> weakest = end.ends().stream()
                .min((a, b) -> Integer.compare(
                        a.map(Receipt.Kind::rank).orElse(0),
                        b.map(Receipt.Kind::rank).orElse(0)));
        return weakest.flatMap(kind -> kind)
                .map(Receipt.Kind::word)
                .orElse(end.handedTo().isPresent() ? HopState.HANDED.word() : HopState.WAITING.word());
    }
}
