package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.store.Kind;

/** Start after a stop, clean or not: reads everything back, then lets it go on. */
final class Recovery {
    private static final Duration SWEEP_EVERY = Duration.ofDays(1);

    private final Desks desks;

    Recovery(Desks desks) {
        this.desks = desks;
    }

    /** Gives what was found in custody. */
    List<Held> run() {
        if (desks.store.status().quarantined() > 0) {
            // What says that a message came, or that an application was there, may be what was set aside.
            Instant now = desks.turn.now().plus(Delivery.CLOCKS_DIFFER);
            desks.restoredAt = now.isAfter(desks.restoredAt) ? now : desks.restoredAt;
        }
        desks.store.forEach(Kind.CUSTODY, (key, value) -> desks.books.recover(key, Records.CustodyBook.decode(value)));
        desks.store.forEach(
                Kind.NUMBERS,
                (key, value) -> desks.numbers.recover(key, Records.Numbering.decode(value), desks.restoredNow));
        desks.store.forEach(Kind.SEEN, (key, value) -> desks.streams.recover(key, Records.Seen.decode(value)));
        desks.store.forEach(Kind.SEEN_ID, desks.seenIds::recover);
        desks.store.forEach(Kind.CLIENT, desks.clients::recover);
        desks.store.forEach(
                Kind.SETTLED, (key, value) -> desks.origin.recoverSettled(key, Records.SettledRoot.decode(value)));
        List<Held> all = heads();
        ends();
        desks.origin.recovered();
        receipts();
        desks.store.forEach(Kind.REWRAP, (key, value) -> desks.rewraps.recover(key, Records.KeptRewrap.decode(value)));
        all.forEach(desks.rewraps::recovered);
        all.forEach(desks.local::recovered);
        desks.store.forEach(
                Kind.DEAD_LETTER, (key, value) -> desks.local.recoverDeadLetter(key, Records.DeadLetter.decode(value)));
        desks.store.forEach(
                Kind.CONSUMER, (key, value) -> desks.local.recoverConsumer(key, Records.Consumer.decode(value)));
        for (Held held : all) {
            desks.intake.start(held);
            desks.origin.rearm(held);
            desks.origin.settleIfDone(held);
            closeIfHandedOn(held);
        }
        desks.origin.sendSkips();
        desks.rewraps.keysMayHaveChanged();
        sweep();
        return all;
    }

    /** It is later than was known: what was found at the start has waited longer. */
    static void later(Desks desks, List<Held> found) {
        for (Held held : found) {
            if (!held.gone && !held.closing) {
                held.takenBefore(desks.turn.witnessed(), desks.turn.nanos());
                Duration lifetime = held.header.lifetime().duration();
                if (held.age(desks.turn.nanos()).compareTo(lifetime) >= 0) {
                    desks.local.expire(held);
                }
                desks.origin.rearm(held);
                desks.origin.settleIfDone(held);
            }
        }
    }

    private List<Held> heads() {
        List<Held> all = new ArrayList<>();
        desks.store.forEach(Kind.HEAD, (key, value) -> {
            Records.Head head = Records.Head.decode(value);
            // How long nobody ran only wall clocks know; it counts when a peer's agrees.
            Held held = desks.table.add(key, head, desks.turn.nanos());
            desks.store.gate().hold(held.traffic, CustodyTable.weight(held));
            all.add(held);
        });
        return all;
    }

    private void ends() {
        desks.store.forEach(Kind.END, (key, value) -> {
            Records.End end = Records.End.decode(value);
            Held held = desks.table.byKey(end.head());
            Copy copy = held == null ? null : held.copy(end.index());
            if (copy == null) {
                // Its head was damaged and set aside; that was said by the store.
                desks.turn.drop(Kind.END, key);
            } else {
                copy.restore(key, end);
            }
        });
    }

    private void receipts() {
        desks.store.forEach(Kind.RECEIPT, (key, value) -> {
            Records.KeptReceipt record = Records.KeptReceipt.decode(value);
            if (!record.kept()) {
                desks.homeward.recoverReceipt(key, record);
            } else if (!desks.origin.isKept(key)) {
                desks.turn.drop(Kind.RECEIPT, key);
            }
        });
        desks.store.forEach(
                Kind.NOTICE, (key, value) -> desks.homeward.recoverNotice(key, Records.NoticeOnItsWay.decode(value)));
    }

    private void closeIfHandedOn(Held held) {
        if (!held.isOwn() && !held.gone && !held.legs.isEmpty() && Forwarding.isHandedOn(held)) {
            desks.table.drop(held);
        }
    }

    private void sweep() {
        desks.dues.in(SWEEP_EVERY, () -> {
            Instant now = desks.turn.witnessed();
            desks.clients.sweep(now, desks.policy.clientIdsKept());
            desks.seenIds.sweep(seen -> seen.until().isBefore(now));
            desks.homeward.sweep(now);
            desks.rewraps.sweep(now);
            sweep();
        });
    }
}
