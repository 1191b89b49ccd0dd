package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.store.Kind;
import org.jspecify.annotations.Nullable;

/** One recipient of an envelope in custody here. */
final class Copy implements Turn.Dirty {
    final Held held;
    /** Among the core's recipients. */
    final int index;

    final Address address;
    /** What was found in its slot, when it is served here. */
    @Nullable
    LocalSlot slot;

    /** What is said of each message, where this is its origin; empty elsewhere. */
    final List<Optional<Receipt.Kind>> ends = new ArrayList<>();
    /** Keys of receipts kept for the archive. */
    final List<Long> receipts = new ArrayList<>();
    /** Each message on its way to an application, when it is served here; empty elsewhere. */
    final List<Unit> units = new ArrayList<>();

    @Nullable
    Leg leg;

    long endKey;

    @Nullable
    OrganisationId handedTo;

    @Nullable
    Instant handedAt;

    @Nullable
    Instant deliveredAt;

    @Nullable
    Instant endedAt;
    /** When this node heard that it was delivered, by its own clock. */
    @Nullable
    Instant heardAt;

    @Nullable
    ErrorCode why;

    /** The signed notice whose slot opened it, and its record's key. */
    @Nullable
    Bytes rewrap;

    long rewrapKey;
    /** Its embedded client said that it lacks the key; not lent before a new slot, or another attachment, comes. */
    boolean clientLacksKey;
    /** Its slot is being made anew, at its origin; when that was done last; and for which life of its recipient's keys. */
    boolean rewrapping;

    long rewrappedNanos;

    @Nullable
    Incarnation wrappedFor;
    /** The embedded client that sealed it is to make its slot anew. */
    boolean rewrapWanted;
    /** Of its recipient's keys, if it is a new one: for which its client is to make the slot, or which came while one was being made. */
    @Nullable
    Incarnation rewrapLife;

    /** Questions sent since something was last heard of it. */
    int asked;
    /** Questions sent since it was delivered, each after twice the time of the one before. */
    int askedForEnd;
    /** Silence counts from here, by the monotonic clock; from when it is first looked at if that is empty. */
    @Nullable
    Long silentFrom;

    /** It was reported late. */
    boolean late;
    /** The end that this node is about to state as its sender. */
    boolean stating;

    boolean deliveredSigned;
    /** The delivered receipt that waits to be sent, which a stronger one may still replace. */
    @Nullable
    Road deliveredRoad;
    /** Where it stands among those with the same ordering key. */
    @Nullable
    OrderLane lane;

    Copy(Held held, int index, @Nullable LocalSlot slot, boolean own) {
        this.held = held;
        this.index = index;
        this.address = held.header.recipients().get(index);
        this.slot = slot;
        for (int i = 0; i < held.messages(); i++) {
            if (own) {
                ends.add(Optional.empty());
            }
            if (slot != null) {
                units.add(new Unit());
            }
        }
    }

    /** One message on its way to an application. */
    static final class Unit {
        CopyState state = CopyState.HELD_BACK;
        int deliveries;
        int returns;
        boolean redelivered;
        /** Given back: not lent again before its wait is over. */
        boolean resting;
        /** It may have ended on the disk that this one was put back for: no return by age before it was lent once. Memory only. */
        boolean lendFirst;

        @Nullable
        ErrorCode reason;
        /** Its receipt is signed. */
        boolean signed;
    }

    boolean isLocal() {
        return slot != null;
    }

    /** Whether this node has it still to do with; a branch in custody of the next hop is remembered only with others of its envelope, and forgotten with them. */
    boolean isHere() {
        return held.isOwn() || isLocal() || leg == null || leg.state != HopState.HANDED && leg.state != HopState.DONE;
    }

    /** Every message taken or given back by the application, or nothing of the kind is to happen here. */
    boolean isLocallyDone() {
        for (Unit unit : units) {
            if (!unit.state.isEnd()) {
                return false;
            }
        }
        return true;
    }

    boolean isLocallySigned() {
        for (Unit unit : units) {
            if (!unit.signed) {
                return false;
            }
        }
        return true;
    }

    /** As its origin knows: every message consumed, returned or expired. */
    boolean hasEnds() {
        return lowestRank() == Receipt.Kind.CONSUMED.rank()
                || !ends.isEmpty()
                        && ends.stream()
                                .allMatch(end -> end.filter(k -> k != Receipt.Kind.DELIVERED)
                                        .isPresent());
    }

    /** As its origin knows: the rank that every message has at least; 0 is open. */
    int lowestRank() {
        int lowest = Receipt.Kind.CONSUMED.rank();
        for (Optional<Receipt.Kind> end : ends) {
            lowest = Math.min(lowest, end.map(Receipt.Kind::rank).orElse(0));
        }
        return ends.isEmpty() ? 0 : lowest;
    }

    long lastNumber() {
        return held.own
                .map(own -> own.firsts().get(held.copies.indexOf(this)) + held.messages() - 1)
                .orElse(0L);
    }

    @Override
    public int bytesMax() {
        return 400 + 12 * receipts.size() + 24 * held.messages();
    }

    @Override
    public void write(Turn turn) {
        if (!held.gone) {
            turn.put(Kind.END, endKey, record().encode());
        }
    }

    private Records.End record() {
        List<Records.UnitRecord> states = new ArrayList<>(units.size());
        for (Unit unit : units) {
            CopyState state = unit.state == CopyState.LEASED ? CopyState.WAITING : unit.state;
            states.add(new Records.UnitRecord(state, unit.deliveries, unit.returns, Optional.ofNullable(unit.reason)));
        }
        return new Records.End(
                held.key,
                index,
                held.header.id(),
                held.header.sender(),
                address,
                Optional.ofNullable(handedTo),
                Optional.ofNullable(handedAt),
                Optional.ofNullable(deliveredAt),
                Optional.ofNullable(endedAt),
                Optional.ofNullable(heardAt),
                Optional.ofNullable(why),
                ends,
                receipts,
                deliveredSigned,
                states);
    }

    /** Takes its state back from its record. */
    void restore(long key, Records.End end) {
        endKey = key;
        handedTo = end.handedTo().orElse(null);
        handedAt = end.handedAt().orElse(null);
        deliveredAt = end.deliveredAt().orElse(null);
        endedAt = end.endedAt().orElse(null);
        heardAt = end.heardAt().orElse(null);
        why = end.why().orElse(null);
        deliveredSigned = end.deliveredSigned();
        receipts.addAll(end.receipts());
        for (int i = 0; i < ends.size() && i < end.ends().size(); i++) {
            ends.set(i, end.ends().get(i));
        }
        for (int i = 0; i < units.size() && i < end.units().size(); i++) {
            Unit unit = units.get(i);
            Records.UnitRecord record = end.units().get(i);
            unit.state = record.state() == CopyState.WAITING ? CopyState.HELD_BACK : record.state();
            unit.deliveries = record.deliveries();
            unit.returns = record.returns();
            unit.reason = record.reason().orElse(null);
        }
    }
}
