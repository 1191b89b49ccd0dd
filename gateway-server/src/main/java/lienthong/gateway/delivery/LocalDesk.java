package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.delivery.DeliveryStatus.Counter;
import lienthong.gateway.delivery.Records.StreamKey;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Slot;
import lienthong.gateway.store.Kind;
import org.jspecify.annotations.Nullable;

/** Messages on their way to applications of this node: order, leases, acknowledgements, returns, poison, lifetime. */
final class LocalDesk {
    private final Desks desks;
    private final Map<Address, Mailbox> mailboxes = new HashMap<>();
    private final Map<Long, Attached> consumers = new HashMap<>();
    private final Map<Long, Lease> leases = new HashMap<>();
    private long consumerIds;
    private long leaseIds;
    private final Map<DeadName, Long> deadLetters = new HashMap<>();

    LocalDesk(Desks desks) {
        this.desks = desks;
    }

    private record DeadName(long head, Address recipient, MessageId id) {
        static DeadName of(Copy copy, int position) {
            return new DeadName(
                    copy.held.key, copy.address, copy.held.header.ids().get(position));
        }
    }

    /** One address and who takes its messages. */
    private static final class Mailbox {
        final Address address;
        final TreeMap<Rank, Copy> ready = new TreeMap<>();
        final Set<Attached> attached = new HashSet<>();
        long markKey;
        boolean markDurable;
        boolean telling;
        /** Messages that are waiting or lent. */
        int waiting;

        /** Copies whose embedded client lacks the key. */
        final Set<Copy> lacking = new LinkedHashSet<>();

        Mailbox(Address address) {
            this.address = address;
        }
    }

    /** Higher precedence first, then the older envelope. */
    private record Rank(int precedence, long key) implements Comparable<Rank> {
        static Rank of(Copy copy) {
            return new Rank(copy.held.header.precedence().number(), copy.held.key);
        }

        @Override
        public int compareTo(Rank other) {
            int first = Integer.compare(other.precedence, precedence);
            return first != 0 ? first : Long.compare(key, other.key);
        }
    }

    private static final class Attached {
        final long id;
        final Mailbox mailbox;
        final Duration leaseFor;
        final Map<Long, Lease> leases = new LinkedHashMap<>();
        Dues.@Nullable Due due;

        Attached(long id, Mailbox mailbox, Duration leaseFor) {
            this.id = id;
            this.mailbox = mailbox;
            this.leaseFor = leaseFor;
        }
    }

    private static final class Lease {
        final long id;
        final Attached consumer;
        final Copy copy;
        final int position;
        long untilNanos;

        Lease(long id, Attached consumer, Copy copy, int position, long untilNanos) {
            this.id = id;
            this.consumer = consumer;
            this.copy = copy;
            this.position = position;
            this.untilNanos = untilNanos;
        }
    }

    private Mailbox mailbox(Address address) {
        return mailboxes.computeIfAbsent(address, Mailbox::new);
    }

    // ---- arrival

    /** In the batch that takes it over: its numbers or ids are remembered from now on. */
    void note(Held held) {
        for (Copy copy : held.copies) {
            if (copy.slot instanceof LocalSlot.Opened opened) {
                Streams.Stream stream = stream(copy, opened);
                enterLane(copy, opened, stream);
                took(copy, opened, stream);
            } else if (copy.slot != null) {
                if (desks.seenIds
                        .find(Desks.idName(held.header.sender(), held.header.id(), copy.address))
                        .isPresent()) {
                    mark(copy);
                }
                desks.seenIds.add(new Records.SeenId(
                        held.header.sender(),
                        held.header.id(),
                        copy.address,
                        held.leaf,
                        desks.turn.now().plusSeconds(held.header.lifetime().seconds() + Limits.SEEN_GRACE_SECONDS)));
            }
        }
    }

    /** It may have been handed over before: counted and written, so that the mark outlives attachments and restarts. */
    private void mark(Copy copy) {
        for (Copy.Unit unit : copy.units) {
            unit.redelivered = true;
            unit.deliveries = Math.max(1, unit.deliveries);
        }
        desks.table.changed(copy);
    }

    private void took(Copy copy, LocalSlot.Opened opened, Streams.Stream stream) {
        if (stream.comesBack(opened.firstNumber(), copy.held.messages())) {
            mark(copy);
        }
        List<Edges.Break> breaks = new ArrayList<>();
        stream.came(opened.firstNumber(), copy.held.messages(), copy.held.core, opened.previousCore(), breaks)
                .forEach(this::release);
        breaks.forEach(found -> broken(copy, found));
    }

    /**
     * The sender, or who else has its key, sealed two histories: nobody on the way can change what stands in a slot. The message is whole and its
     * seal holds, so that it is handed over all the same; what was found stays in the audit log.
     */
    private void broken(Copy copy, Edges.Break found) {
        desks.counters.add(Counter.SEQUENCE_BREAKS);
        desks.event(
                What.SEQUENCE_BROKEN,
                copy.held.header.id(),
                Detail.of("{0} to {1}: {2}", copy.held.header.sender(), copy.address, found.about()));
    }

    private static void enterLane(Copy copy, LocalSlot.Opened opened, Streams.Stream stream) {
        opened.orderingKey().ifPresent(text -> {
            OrderLane lane = stream.lanes.computeIfAbsent(text, none -> new OrderLane());
            lane.copies.put(opened.firstNumber(), copy);
            copy.lane = lane;
        });
    }

    private Streams.Stream stream(Copy copy, LocalSlot.Opened opened) {
        return desks.streams.of(new StreamKey(copy.held.header.sender(), opened.incarnation(), copy.address));
    }

    /** After a restart: lanes are made anew; numbers are remembered already. */
    void recovered(Held held) {
        for (Copy copy : held.copies) {
            if (copy.slot instanceof LocalSlot.Opened opened && !isThrough(copy)) {
                enterLane(copy, opened, stream(copy, opened));
            }
        }
    }

    void recoverDeadLetter(long key, Records.DeadLetter record) {
        deadLetters.put(new DeadName(record.head(), record.recipient(), record.id()), key);
    }

    private void noLongerDead(Copy copy, int position) {
        Long key = deadLetters.remove(DeadName.of(copy, position));
        if (key != null) {
            desks.turn.drop(Kind.DEAD_LETTER, key);
        }
    }

    /** Nothing more is to be lent of it. */
    private static boolean isThrough(Copy copy) {
        for (Copy.Unit unit : copy.units) {
            if (!unit.state.isEnd() && unit.state != CopyState.DEAD_LETTER) {
                return false;
            }
        }
        return true;
    }

    /** Its records are durable: it waits for its application, or for its predecessor. */
    void start(Held held) {
        for (Copy copy : held.copies) {
            if (!copy.isLocal()) {
                continue;
            }
            mailbox(copy.address).waiting += open(copy);
            if (held.header.created().isBefore(desks.restoredAt)) {
                for (Copy.Unit unit : copy.units) {
                    unit.redelivered = true;
                    unit.deliveries = Math.max(1, unit.deliveries);
                    unit.lendFirst = true;
                }
            }
            if (copy.slot instanceof LocalSlot.NotOpened && !copy.isLocallyDone()) {
                giveUp(copy, ErrorCode.SEAL_INVALID);
            } else if (copy.slot instanceof LocalSlot.KeyNotHere && !copy.isLocallyDone()) {
                // Not delivered yet: its sender must keep what it makes the new slot from.
                desks.rewraps.needed(copy);
            } else {
                goOn(copy);
                if (copy.slot instanceof LocalSlot.Opaque) {
                    desks.rewraps.neededByClient(copy);
                }
            }
        }
        desks.origin.rearm(held);
    }

    private void goOn(Copy copy) {
        if (!copy.deliveredSigned && !copy.isLocallyDone()) {
            desks.receipts.delivered(copy);
        }
        if (copy.units.stream().anyMatch(unit -> unit.state.isEnd())) {
            desks.receipts.ended(copy);
        }
        if (copy.slot instanceof LocalSlot.Opened opened && opened.keyPredecessor() > 0) {
            Streams.Stream stream = stream(copy, opened);
            if (!stream.has(opened.keyPredecessor())) {
                stream.await(opened.keyPredecessor(), copy);
                return;
            }
        }
        release(copy);
    }

    private static int open(Copy copy) {
        int open = 0;
        for (Copy.Unit unit : copy.units) {
            if (unit.state == CopyState.HELD_BACK
                    || unit.state == CopyState.WAITING
                    || unit.state == CopyState.LEASED) {
                open++;
            }
        }
        return open;
    }

    /** What it waited for has come, or never will. */
    private void release(Copy copy) {
        for (Copy.Unit unit : copy.units) {
            if (unit.state == CopyState.HELD_BACK) {
                unit.state = unit.state.on(CopyEvent.RELEASED);
            }
        }
        if (isAged(copy.held, 0) && !desks.restoredNow) {
            giveUp(copy, ErrorCode.EXPIRED);
        }
        offer(copy);
    }

    /** Puts it where consumers look, if something of it may be lent now; takes it from there otherwise. */
    private void offer(Copy copy) {
        Mailbox mailbox = mailbox(copy.address);
        if (mayLend(copy)) {
            mailbox.ready.put(Rank.of(copy), copy);
            tell(mailbox);
        } else {
            mailbox.ready.remove(Rank.of(copy));
        }
    }

    private static boolean mayLend(Copy copy) {
        if (!copy.held.durable || copy.held.closing || copy.held.gone || copy.clientLacksKey) {
            return false;
        }
        boolean ordered = copy.lane != null;
        if (ordered && copy.lane != null && copy.lane.first() != copy) {
            return false;
        }
        boolean waits = false;
        for (Copy.Unit unit : copy.units) {
            if (ordered && unit.state == CopyState.LEASED) {
                return false;
            }
            waits |= unit.state == CopyState.WAITING && !unit.resting;
        }
        return waits;
    }

    private void tell(Mailbox mailbox) {
        if (!mailbox.telling && mailbox.markDurable && !mailbox.attached.isEmpty()) {
            mailbox.telling = true;
            desks.turn.atEnd(() -> {
                mailbox.telling = false;
                desks.ports.local().available(mailbox.address);
            });
        }
    }

    // ---- consumers

    /** At a restart: somebody was attached when the process ended, so nothing here is surely new to it. */
    void recoverConsumer(long key, Records.Consumer record) {
        Mailbox mailbox = mailbox(record.address());
        mailbox.markKey = key;
        for (Held held : desks.table.all()) {
            Copy copy = held.copyFor(record.address());
            if (copy == null || !copy.isLocal() || copy.isLocallyDone()) {
                continue;
            }
            mark(copy);
        }
    }

    ConsumerId attach(Address address, Duration leaseFor) {
        Mailbox mailbox = mailbox(address);
        Attached consumer = new Attached(++consumerIds, mailbox, leaseFor);
        mailbox.attached.add(consumer);
        triedAgain(mailbox);
        consumers.put(consumer.id, consumer);
        if (mailbox.markKey == 0) {
            mailbox.markKey = desks.store.newKey();
            desks.turn.put(Kind.CONSUMER, mailbox.markKey, new Records.Consumer(address, desks.turn.now()).encode());
        }
        long mark = mailbox.markKey;
        desks.turn.whenDurable(() -> {
            mailbox.markDurable |= mailbox.markKey == mark;
            if (!mailbox.ready.isEmpty()) {
                tell(mailbox);
            }
        });
        return new ConsumerId(consumer.id);
    }

    /** Whoever attaches may have the keys that the one before lacked. */
    private void triedAgain(Mailbox mailbox) {
        for (Copy copy : List.copyOf(mailbox.lacking)) {
            hasSlot(copy);
        }
    }

    /** Its client may be able to open it now. */
    void hasSlot(Copy copy) {
        if (copy.clientLacksKey) {
            copy.clientLacksKey = false;
            mailbox(copy.address).lacking.remove(copy);
            if (!copy.held.gone) {
                offer(copy);
            }
        }
    }

    void keyNotHere(ConsumerId id, long leaseId) {
        Lease lease = lease(id, leaseId);
        if (lease == null) {
            return;
        }
        Copy copy = lease.copy;
        end(lease);
        if (copy.slot instanceof LocalSlot.Opaque && !copy.held.gone && !copy.clientLacksKey) {
            copy.clientLacksKey = true;
            mailbox(copy.address).lacking.add(copy);
            desks.inquiry.tellHome(copy, Known.State.HELD, ErrorCode.KEY_NOT_HERE);
        }
        giveBack(lease, false);
    }

    void detach(ConsumerId id) {
        Attached consumer = consumers.remove(id.value());
        if (consumer == null) {
            return;
        }
        desks.dues.cancel(consumer.due);
        consumer.mailbox.attached.remove(consumer);
        for (Lease lease : List.copyOf(consumer.leases.values())) {
            end(lease);
            giveBack(lease, false);
        }
        if (consumer.mailbox.attached.isEmpty()) {
            Mailbox mailbox = consumer.mailbox;
            // What was lent stays marked in memory; a restart from here on finds nobody attached, so the marks go to
            // disk before.
            desks.turn.drop(Kind.CONSUMER, mailbox.markKey);
            mailbox.markKey = 0;
            mailbox.markDurable = false;
        }
    }

    List<LeasedMessage> lease(ConsumerId id, int itemsMax, long bytesMax) {
        Attached consumer = consumers.get(id.value());
        if (consumer == null || !consumer.mailbox.markDurable) {
            return List.of();
        }
        List<LeasedMessage> lent = new ArrayList<>();
        long bytes = 0;
        while (lent.size() < itemsMax && !consumer.mailbox.ready.isEmpty()) {
            Copy copy = consumer.mailbox.ready.firstEntry().getValue();
            bytes += copy.held.bytes;
            if (!lent.isEmpty() && bytes > bytesMax) {
                break;
            }
            Optional<CustodyTable.Kept> kept = desks.table.kept(copy.held);
            if (kept.isEmpty()) {
                desks.table.lost(copy.held);
                continue;
            }
            lend(consumer, copy, kept.get(), itemsMax, lent);
            offer(copy);
        }
        heartbeat(consumer);
        return lent;
    }

    private void lend(Attached consumer, Copy copy, CustodyTable.Kept kept, int itemsMax, List<LeasedMessage> lent) {
        List<Slot> own = kept.sealed().slots().stream()
                .filter(slot -> slot.number() == copy.index)
                .toList();
        SealedEnvelope sealed = kept.sealed().withSlots(own);
        for (int i = 0; i < copy.units.size() && lent.size() < itemsMax; i++) {
            Copy.Unit unit = copy.units.get(i);
            if (unit.state != CopyState.WAITING || unit.resting) {
                continue;
            }
            unit.state = unit.state.on(CopyEvent.LEASED);
            unit.lendFirst = false;
            boolean redelivered = unit.redelivered || unit.deliveries > 0;
            unit.deliveries++;
            Lease lease = new Lease(++leaseIds, consumer, copy, i, 0);
            leases.put(lease.id, lease);
            consumer.leases.put(lease.id, lease);
            lent.add(new LeasedMessage(
                    lease.id,
                    copy.address,
                    copy.held.header.ids().get(i),
                    i,
                    sealed,
                    kept.facts(),
                    Optional.ofNullable(copy.rewrap),
                    redelivered,
                    unit.deliveries,
                    copy.held.takenAt,
                    copy.held.age(desks.turn.nanos())));
            if (copy.lane != null) {
                return;
            }
        }
    }

    void heartbeat(ConsumerId id) {
        Attached consumer = consumers.get(id.value());
        if (consumer != null) {
            heartbeat(consumer);
        }
    }

    private void heartbeat(Attached consumer) {
        long until = desks.turn.nanos() + consumer.leaseFor.toNanos();
        consumer.leases.values().forEach(lease -> {
            if (lease.untilNanos == 0 || lease.untilNanos - until < 0) {
                lease.untilNanos = until;
            }
        });
        rearm(consumer);
    }

    Optional<Refusal> extend(ConsumerId id, long leaseId, Duration time) {
        Lease lease = lease(id, leaseId);
        if (lease == null) {
            return notHeld(leaseId);
        }
        lease.untilNanos = desks.turn.nanos() + time.toNanos();
        rearm(lease.consumer);
        return Optional.empty();
    }

    private void rearm(Attached consumer) {
        if (consumer.leases.isEmpty()) {
            desks.dues.cancel(consumer.due);
            consumer.due = null;
            return;
        }
        if (consumer.due != null) {
            return;
        }
        // Moved on when it fires too early, so that a heartbeat costs no timer.
        long first = Long.MAX_VALUE;
        long now = desks.turn.nanos();
        for (Lease lease : consumer.leases.values()) {
            first = Math.min(first, lease.untilNanos - now);
        }
        consumer.due = desks.dues.in(Duration.ofNanos(Math.max(1_000_000, first)), () -> {
            consumer.due = null;
            lapse(consumer);
            rearm(consumer);
        });
    }

    private void lapse(Attached consumer) {
        long now = desks.turn.nanos();
        for (Lease lease : List.copyOf(consumer.leases.values())) {
            if (lease.untilNanos - now <= 0) {
                desks.counters.add(Counter.LEASES_LAPSED);
                end(lease);
                desks.ports.local().lapsed(new ConsumerId(consumer.id), lease.id);
                giveBack(lease, true);
            }
        }
    }

    private @Nullable Lease lease(ConsumerId id, long leaseId) {
        Lease lease = leases.get(leaseId);
        return lease == null || lease.consumer.id != id.value() ? null : lease;
    }

    private static Optional<Refusal> notHeld(long lease) {
        return Optional.of(
                Refusal.of(ErrorCode.LEASE_NOT_HELD, "lease {0} is unknown, over, or another consumer's", lease));
    }

    private void end(Lease lease) {
        leases.remove(lease.id);
        lease.consumer.leases.remove(lease.id);
    }

    // ---- answers of applications

    void acknowledge(ConsumerId id, long leaseId, Optional<RoutedReceipt> receipt, Consumer<Optional<Refusal>> answer) {
        Lease lease = lease(id, leaseId);
        if (lease == null) {
            answer.accept(notHeld(leaseId));
            return;
        }
        finish(lease, CopyEvent.ACKNOWLEDGED, null, receipt, answer);
    }

    void giveBack(
            ConsumerId id,
            long leaseId,
            GiveBack why,
            Optional<RoutedReceipt> receipt,
            Consumer<Optional<Refusal>> answer) {
        Lease lease = lease(id, leaseId);
        if (lease == null) {
            answer.accept(notHeld(leaseId));
            return;
        }
        if (why instanceof GiveBack.ForGood good) {
            finish(lease, CopyEvent.RETURNED, good.code(), receipt, answer);
            return;
        }
        end(lease);
        giveBack(lease, !(why instanceof GiveBack.Unread));
        desks.turn.whenDurable(() -> answer.accept(Optional.empty()));
    }

    private void finish(
            Lease lease,
            CopyEvent event,
            @Nullable ErrorCode reason,
            Optional<RoutedReceipt> receipt,
            Consumer<Optional<Refusal>> answer) {
        Copy copy = lease.copy;
        if (copy.slot instanceof LocalSlot.Opaque && receipt.isEmpty()) {
            answer.accept(Optional.of(
                    Refusal.of(ErrorCode.FIELD_MISSING, "receipt: only {0} can sign for itself", copy.address)));
            return;
        }
        end(lease);
        Copy.Unit unit = copy.units.get(lease.position);
        unit.state = unit.state.on(event);
        unit.reason = reason;
        desks.counters.add(event == CopyEvent.ACKNOWLEDGED ? Counter.CONSUMED : Counter.RETURNED);
        mailbox(copy.address).waiting--;
        desks.table.changed(copy);
        advance(copy);
        receipt.ifPresent(signed -> desks.receipts.signedElsewhere(copy, lease.position, signed));
        desks.turn.whenDurable(() -> {
            answer.accept(Optional.empty());
            desks.receipts.ended(copy);
        });
    }

    /** A lease is over without an answer, or the application cannot take it now. */
    private void giveBack(Lease lease, boolean counts) {
        Copy copy = lease.copy;
        if (copy.held.gone) {
            return;
        }
        Copy.Unit unit = copy.units.get(lease.position);
        unit.redelivered = true;
        unit.returns += counts ? 1 : 0;
        desks.table.changed(copy);
        if (copy.held
                        .age(desks.turn.nanos())
                        .compareTo(copy.held.header.lifetime().duration())
                >= 0) {
            unit.state = unit.state.on(CopyEvent.GIVEN_BACK);
            expire(copy.held);
            return;
        }
        if (unit.returns >= desks.policy.returnsMax()) {
            setAside(copy, lease.position);
            return;
        }
        unit.state = unit.state.on(CopyEvent.GIVEN_BACK);
        if (counts) {
            rest(copy, unit);
        }
        offer(copy);
    }

    /**
     * An application that fails at once must not use up all tries in a moment: each time its message waits twice as long. What has the same ordering
     * key waits with it; a restart ends the wait.
     */
    private void rest(Copy copy, Copy.Unit unit) {
        long first = desks.policy.retryFirst().toMillis();
        long wait = Math.min(desks.policy.retryMax().toMillis(), first << Math.min(unit.returns - 1, 20));
        unit.resting = true;
        desks.dues.in(Duration.ofMillis(wait), () -> {
            unit.resting = false;
            if (!copy.held.gone) {
                offer(copy);
            }
        });
    }

    /** Poison: it would come back for ever. The operator sees it, its sender hears of it, its successors go on. */
    private void setAside(Copy copy, int position) {
        Copy.Unit unit = copy.units.get(position);
        unit.state = unit.state.on(CopyEvent.POISONED);
        unit.reason = ErrorCode.RETURNED_BY_APPLICATION;
        mailbox(copy.address).waiting--;
        long key = desks.store.newKey();
        deadLetters.put(DeadName.of(copy, position), key);
        desks.turn.put(
                Kind.DEAD_LETTER,
                key,
                new Records.DeadLetter(
                                copy.held.key,
                                copy.address,
                                copy.held.header.ids().get(position),
                                desks.turn.now())
                        .encode());
        desks.event(
                What.DEAD_LETTER,
                ErrorCode.RETURNED_BY_APPLICATION,
                copy.held.header.ids().get(position),
                Detail.of("given back {0} times by {1}", unit.returns, copy.address));
        desks.inquiry.tellHome(copy, Known.State.HELD, ErrorCode.RETURNED_BY_APPLICATION);
        advance(copy);
    }

    /** Something of it has ended: when nothing more of it is to be lent, the next with its ordering key may be. */
    private void advance(Copy copy) {
        OrderLane lane = copy.lane;
        if (lane != null && isThrough(copy)) {
            lane.copies.values().remove(copy);
            copy.lane = null;
            Copy next = lane.first();
            if (next != null) {
                offer(next);
            } else if (copy.slot instanceof LocalSlot.Opened opened) {
                Streams.Stream stream = stream(copy, opened);
                opened.orderingKey().ifPresent(text -> stream.lanes.remove(text, lane));
            }
        }
        offer(copy);
    }

    /** Lets dead letters of a message be tried again; whether there was one. */
    boolean revive(MessageId id, Address address) {
        boolean found = false;
        for (Held held : desks.table.all()) {
            int position = held.header.ids().indexOf(id);
            Copy copy = position < 0 ? null : held.copyFor(address);
            if (copy == null || !copy.isLocal() || copy.units.get(position).state != CopyState.DEAD_LETTER) {
                continue;
            }
            Copy.Unit unit = copy.units.get(position);
            unit.state = unit.state.on(CopyEvent.REVIVED);
            unit.returns = 0;
            unit.redelivered = true;
            unit.reason = null;
            noLongerDead(copy, position);
            mailbox(address).waiting++;
            desks.table.changed(copy);
            offer(copy);
            found = true;
        }
        return found;
    }

    // ---- lifetime

    /**
     * Its time is over: what no application has taken is returned, and what is lent as soon as it comes back. What waits for an earlier one of its
     * ordering key keeps its place until that has come, or the origin has ended both: those behind it name it as the one before them, and would
     * overtake the missing one.
     */
    void expire(Held held) {
        if (desks.restoredNow) {
            return;
        }
        boolean over = isAged(held, Limits.RETURN_GRACE_SECONDS);
        for (Copy copy : held.copies) {
            if (copy.isLocal() && (over || !isBehindGap(copy))) {
                giveUp(copy, ErrorCode.EXPIRED);
            }
        }
    }

    private boolean isAged(Held held, long graceSeconds) {
        Duration most = held.header.lifetime().duration().plusSeconds(graceSeconds);
        return held.age(desks.turn.nanos()).compareTo(most) >= 0;
    }

    private boolean isBehindGap(Copy copy) {
        return copy.slot instanceof LocalSlot.Opened opened
                && opened.keyPredecessor() > 0
                && copy.units.stream().anyMatch(unit -> unit.state == CopyState.HELD_BACK)
                && !stream(copy, opened).has(opened.keyPredecessor());
    }

    /** The only bytes of an own sender's message are damaged: what no application holds opened can be given to none. */
    void bytesLost(Copy copy) {
        giveUp(copy, ErrorCode.RECORD_DAMAGED);
    }

    /**
     * Whether something of it may have had its end before the disk was put back, and no application has been asked since: a return by age might contradict
     * that, so it is lent first, however old.
     */
    boolean isLentFirst(Copy copy) {
        return copy.units.stream()
                .anyMatch(unit ->
                        unit.lendFirst && (unit.state == CopyState.HELD_BACK || unit.state == CopyState.WAITING));
    }

    private void giveUp(Copy copy, ErrorCode reason) {
        boolean any = false;
        boolean kept = reason == ErrorCode.EXPIRED && isLentFirst(copy);
        for (int i = 0; i < copy.units.size(); i++) {
            Copy.Unit unit = copy.units.get(i);
            if (unit.state.isEnd() || unit.state == CopyState.LEASED) {
                continue;
            }
            if (kept && unit.lendFirst && unit.state != CopyState.DEAD_LETTER) {
                if (unit.state == CopyState.HELD_BACK) {
                    unit.state = unit.state.on(CopyEvent.RELEASED);
                }
                continue;
            }
            if (unit.state == CopyState.DEAD_LETTER) {
                noLongerDead(copy, i);
            } else {
                mailbox(copy.address).waiting--;
            }
            unit.state = unit.state.on(CopyEvent.RETURNED);
            unit.reason = reason;
            desks.counters.add(reason == ErrorCode.EXPIRED ? Counter.EXPIRED : Counter.RETURNED);
            any = true;
        }
        if (!any && !kept) {
            return;
        }
        if (copy.slot instanceof LocalSlot.Opened opened && opened.keyPredecessor() > 0) {
            stream(copy, opened).giveUp(opened.keyPredecessor(), copy);
        }
        if (!any) {
            offer(copy);
            return;
        }
        desks.table.changed(copy);
        advance(copy);
        desks.turn.whenDurable(() -> desks.receipts.ended(copy));
    }

    // ---- notices

    /** A verified notice for an address served here; its effect is in the batch of this turn. */
    void noticeCame(RoutedNotice routed) {
        if (routed.notice() instanceof Notice.Skip skip) {
            Streams.Stream stream = desks.streams.of(new StreamKey(skip.from(), skip.incarnation(), skip.recipient()));
            if (stream.has(skip.number()) || stream.refusesGap(skip.number())) {
                return;
            }
            stream.skipped(skip.number()).forEach(this::release);
            desks.event(
                    What.GAP_CLOSED,
                    Optional.of(skip.reason()),
                    Optional.empty(),
                    Detail.of("number {0} of {1} to {2} will not come", skip.number(), skip.from(), skip.recipient()));
        } else {
            desks.rewraps.came(routed, refusal -> {});
        }
    }

    /**
     * The slot that its sender made anew has opened it: in the batch of this turn it is as if that had been its slot from the beginning; when durable,
     * it goes on, marked: it was sealed for keys of a life before, and that may have handed it over. Whether it did: not while its stream has no room
     * for one more gap.
     */
    boolean reopened(Copy copy, LocalSlot.Opened opened) {
        Held held = copy.held;
        Streams.Stream stream = stream(copy, opened);
        if (stream.hasAny(opened.firstNumber(), held.messages())) {
            desks.event(
                    What.QUARANTINED,
                    ErrorCode.ID_CONFLICT,
                    held.header.id(),
                    Detail.of("number {0} of {1} came before", opened.firstNumber(), held.header.sender()));
            giveUp(copy, ErrorCode.ID_CONFLICT);
            return false;
        }
        if (stream.refusesGap(opened.firstNumber()) || !desks.table.found(copy, opened)) {
            return false;
        }
        enterLane(copy, opened, stream);
        took(copy, opened, stream);
        mark(copy);
        desks.turn.whenDurable(() -> {
            if (!held.gone && !held.closing && !copy.isLocallyDone()) {
                goOn(copy);
            }
        });
        return true;
    }

    /** Its bytes are damaged here: forget that it came, so that it may come again. */
    void abandon(Held held) {
        for (Copy copy : held.copies) {
            if (!copy.isLocal()) {
                continue;
            }
            mailbox(copy.address).ready.remove(Rank.of(copy));
            mailbox(copy.address).waiting -= open(copy);
            for (Lease lease : List.copyOf(leases.values())) {
                if (lease.copy == copy) {
                    end(lease);
                    desks.ports.local().lapsed(new ConsumerId(lease.consumer.id), lease.id);
                }
            }
            if (copy.slot instanceof LocalSlot.Opened opened) {
                Streams.Stream stream = stream(copy, opened);
                stream.giveUp(opened.keyPredecessor(), copy);
                stream.forget(opened.firstNumber(), held.messages());
            }
            if (copy.lane != null) {
                copy.lane.copies.values().remove(copy);
                Copy next = copy.lane.first();
                if (next != null) {
                    offer(next);
                }
            }
        }
    }

    // ---- looking

    int waiting(Address address) {
        Mailbox mailbox = mailboxes.get(address);
        return mailbox == null ? 0 : mailbox.waiting;
    }

    int waiting() {
        return mailboxes.values().stream().mapToInt(mailbox -> mailbox.waiting).sum();
    }

    int leased() {
        return leases.size();
    }

    int deadLetters() {
        return deadLetters.size();
    }

    /** Lines for the queue's page. */
    void lines(Held held, List<Queued> into) {
        for (Copy copy : held.copies) {
            if (!copy.isLocal() || copy.isLocallyDone()) {
                continue;
            }
            CopyState state = copy.units.get(0).state;
            @Nullable ErrorCode why = copy.units.get(0).reason;
            for (Copy.Unit unit : copy.units) {
                if (!unit.state.isEnd()) {
                    state = unit.state;
                    why = unit.reason;
                }
            }
            if (copy.slot instanceof LocalSlot.KeyNotHere || copy.clientLacksKey) {
                why = ErrorCode.KEY_NOT_HERE;
            }
            into.add(new Queued(
                    held.header.id(),
                    held.header.sender(),
                    List.of(copy.address),
                    held.header.precedence(),
                    Optional.empty(),
                    state.word(),
                    Optional.ofNullable(why),
                    held.takenAt,
                    held.age(desks.turn.nanos()),
                    Optional.<Instant>empty(),
                    0,
                    held.bytes));
        }
    }
}
