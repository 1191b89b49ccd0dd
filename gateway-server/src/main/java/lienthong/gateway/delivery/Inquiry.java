package lienthong.gateway.delivery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import lienthong.gateway.delivery.DeliveryStatus.Counter;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.routing.Route;
import lienthong.gateway.store.ArchiveKind;

/** Questions after messages that nobody has spoken of, and answers on their way back. Reports only; nothing ends by them. */
final class Inquiry {
    /** Of what is remembered to spare a question or a transfer: reports only. */
    private static final int NOTHING_MAX = 1_024;

    private final Desks desks;
    /** What the archive is being asked for now, and who wants to know. */
    private final Map<Sought, List<Consumer<Boolean>>> seeking = new HashMap<>();

    /** Of what the archive was lately asked for and had nothing; not more than {@link #NOTHING_MAX}. */
    private final Set<Sought> nothing = new LinkedHashSet<>();

    /** What this node has lost and could tell nobody yet. */
    private final Set<Known> untold = new LinkedHashSet<>();

    private record Sought(MessageId id, Optional<Hash> leaf, Address recipient) {}

    Inquiry(Desks desks) {
        this.desks = desks;
    }

    /** The origin asks. */
    void ask(Copy copy) {
        desks.counters.add(Counter.ASKED);
        Query query = new Query(copy.held.header.id(), copy.held.leaf, copy.address, copy.held.header.sender());
        if (desks.route(copy.address) instanceof Route.Forward forward) {
            desks.forwarding.ask(copy.handedTo == null ? forward.neighbour() : copy.handedTo, query);
        }
    }

    void queryCame(OrganisationId from, Query query) {
        Copy copy = desks.table.copyOf(query.leaf(), query.recipient());
        if (copy != null && !copy.held.isOwn() && copy.isHere()) {
            held(query, copy);
            return;
        }
        Route route = desks.route(query.recipient());
        if (route instanceof Route.DeliverHere) {
            sendReceiptsAgain(
                    query.id(),
                    Optional.of(query.leaf()),
                    query.recipient(),
                    found -> answer(query, found ? Known.State.ENDED : Known.State.UNKNOWN, Optional.empty()));
        } else if (route instanceof Route.Forward forward) {
            pass(from, query, copy == null || copy.handedTo == null ? forward.neighbour() : copy.handedTo);
        } else {
            answer(query, Known.State.PASSED, Optional.empty());
        }
    }

    private void pass(OrganisationId from, Query query, OrganisationId next) {
        if (!next.equals(from) && desks.forwarding.isUp(next)) {
            desks.forwarding.ask(next, query);
        } else {
            answer(query, Known.State.PASSED, Optional.empty());
        }
    }

    private void held(Query query, Copy copy) {
        Optional<ErrorCode> why = Optional.ofNullable(copy.leg == null ? copy.why : copy.leg.why);
        if (copy.isLocal()) {
            desks.receipts.deliveredAgain(copy);
            if (copy.isLocallySigned() && !copy.held.closing) {
                // Through here, and kept for another branch: the archive does not have its receipts yet.
                copy.held.receiptsHere.stream()
                        .filter(receipt -> receipt.receipt().recipient().equals(copy.address))
                        .forEach(receipt -> desks.homeward.send(receipt, Optional.empty()));
            }
            why = copy.units.stream()
                    .filter(unit -> unit.state == CopyState.DEAD_LETTER)
                    .findFirst()
                    .map(unit -> ErrorCode.RETURNED_BY_APPLICATION);
            if (copy.slot instanceof LocalSlot.KeyNotHere || copy.clientLacksKey) {
                why = Optional.of(ErrorCode.KEY_NOT_HERE);
            }
        }
        answer(query, copy.isLocal() && copy.isLocallyDone() ? Known.State.ENDED : Known.State.HELD, why);
    }

    private void answer(Query query, Known.State state, Optional<ErrorCode> why) {
        send(new Known(query.id(), query.leaf(), query.recipient(), query.asker(), desks.me, state, why));
    }

    /** Unasked: the sender should know why it waits. */
    void tellHome(Copy copy, Known.State state, ErrorCode why) {
        send(new Known(
                copy.held.header.id(),
                copy.held.leaf,
                copy.address,
                copy.held.header.sender(),
                desks.me,
                state,
                Optional.of(why)));
    }

    private void send(Known known) {
        Route route = desks.route(known.asker());
        if (route instanceof Route.DeliverHere) {
            home(known);
        } else if (route instanceof Route.Forward forward && desks.forwarding.isUp(forward.neighbour())) {
            desks.forwarding.tell(forward.neighbour(), known);
        } else if (known.state() == Known.State.UNKNOWN && known.node().equals(desks.me)) {
            untold.add(known);
            if (untold.size() > NOTHING_MAX) {
                untold.remove(untold.iterator().next());
            }
        }
    }

    /** A neighbour is there: what was lost here is told now. */
    void tellUntold() {
        List<Known> all = List.copyOf(untold);
        untold.clear();
        all.forEach(this::send);
    }

    /** Never back to where it came from: two nodes with different directories would pass it to each other for ever. */
    void knownCame(OrganisationId from, Known known) {
        Route route = desks.route(known.asker());
        if (!(route instanceof Route.Forward forward && forward.neighbour().equals(from))) {
            send(known);
        }
    }

    private void home(Known known) {
        Copy copy = desks.table.copyOf(known.leaf(), known.recipient());
        if (copy == null || !copy.held.isOwn() || copy.hasEnds()) {
            return;
        }
        copy.asked = 0;
        desks.doubts.answered(copy, known.state());
        if (known.state() == Known.State.UNKNOWN) {
            desks.origin.lostBelow(copy);
        } else if (known.state() == Known.State.HELD && known.reason().isPresent()) {
            copy.why = known.reason().get();
            desks.origin.progress(copy, Progress.What.HELD, desks.turn.now(), Optional.of(known.node()), true);
            if (copy.why == ErrorCode.KEY_NOT_HERE) {
                desks.rewraps.keyNotThere(copy);
            }
        }
    }

    /** The archive's receipts of a message that ended here go on their way again; tells whether there were any. */
    void sendReceiptsAgain(MessageId id, Optional<Hash> leaf, Address recipient, Consumer<Boolean> then) {
        Sought sought = new Sought(id, leaf, recipient);
        List<Consumer<Boolean>> waiting = seeking.get(sought);
        if (waiting != null) {
            waiting.add(then);
            return;
        }
        seeking.put(sought, new ArrayList<>(List.of(then)));
        desks.ports.loop().offload(0, () -> desks.store.archive().find(id), records -> {
            boolean same = records.stream()
                    .filter(record -> record.kind() == ArchiveKind.SETTLED)
                    .map(record -> Records.Settled.decode(record.value()))
                    .anyMatch(line -> leaf.isEmpty() || line.leaf().equals(leaf.get()));
            List<RoutedReceipt> receipts = records.stream()
                    .filter(record -> same && record.kind() == ArchiveKind.RECEIPT)
                    .map(record -> Records.decodeReceipt(record.value()))
                    .filter(receipt -> receipt.receipt().recipient().equals(recipient)
                            // It was followed by a stronger one, or the message would still be here.
                            && receipt.receipt().kind() != Receipt.Kind.DELIVERED)
                    .toList();
            for (RoutedReceipt receipt : receipts) {
                if (!(desks.route(receipt.to()) instanceof Route.DeliverHere)) {
                    desks.homeward.send(receipt, Optional.empty());
                }
            }
            List<Consumer<Boolean>> asked = seeking.getOrDefault(sought, List.of());
            seeking.remove(sought);
            remember(new Sought(id, Optional.empty(), recipient), receipts.isEmpty());
            asked.forEach(one -> one.accept(!receipts.isEmpty()));
        });
    }

    private void remember(Sought sought, boolean isNothing) {
        nothing.remove(sought);
        if (isNothing) {
            nothing.add(sought);
            if (nothing.size() > NOTHING_MAX) {
                nothing.remove(nothing.iterator().next());
            }
        }
    }

    /** Whether the archive was asked lately, and had no end of it. */
    boolean hadNothing(MessageId id, Address recipient) {
        return nothing.contains(new Sought(id, Optional.empty(), recipient));
    }
}
