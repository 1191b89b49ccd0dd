package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.delivery.DeliveryStatus.Counter;
import lienthong.gateway.delivery.Records.OwnNumbers;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.routing.Route;
import lienthong.gateway.store.Kind;

/**
 * What is sealed is never sealed again: where a recipient's keys changed meanwhile, its sender makes one slot anew, signs that, and the recipient's
 * node opens with it. Both ends of that. At most {@link #WAITING_MAX} notices wait here for envelopes that have not come, the oldest goes first: its
 * sender hears that the envelope cannot be opened, and says it again.
 */
final class Rewraps {
    static final int WAITING_MAX = 1_024;
    /** For one envelope and recipient: whoever knows a leaf can sign nonsense about it, and must not drive out its sender's word. */
    static final int EACH_MAX = 4;
    /** Made at a time: each holds its envelope, and one office's new keys may concern every envelope here. */
    static final int MADE_AT_ONCE = 16;
    /** Whoever reports a missing key, as often as he likes, causes one attempt at a signature in this time. */
    private static final Duration AGAIN_AFTER = Duration.ofMinutes(1);

    private static final Duration WAIT_MAX =
            Duration.ofSeconds(Limits.LIFETIME_SECONDS_MAX + Limits.RETURN_GRACE_SECONDS);

    private final Desks desks;
    private final Map<Place, List<Waiting>> waiting = new LinkedHashMap<>();
    private int count;
    private final ClientAsks asks;
    private final ArrayDeque<Due> due = new ArrayDeque<>();
    private int underWay;
    private boolean starting;

    /** A slot to be made anew, for this life of its recipient's keys if it is a new one. */
    private record Due(Copy copy, Optional<Incarnation> life) {}

    private record Place(Hash leaf, Address recipient) {
        static Place of(Notice.Rewrap rewrap) {
            return new Place(rewrap.leaf(), rewrap.recipient());
        }

        static Place of(Copy copy) {
            return new Place(copy.held.leaf, copy.address);
        }
    }

    /** @param used it has opened its copy */
    private record Waiting(long key, RoutedNotice notice, Instant since, boolean used) {}

    Rewraps(Desks desks) {
        this.desks = desks;
        this.asks = new ClientAsks(desks, this::put);
    }

    // ---- at the sender

    /** Another directory, or a start: whoever has begun a new key set cannot open what was sealed for the one before, and may have lost it. */
    void keysMayHaveChanged() {
        for (Held held : List.copyOf(desks.table.all())) {
            if (!held.isOwn() || !held.durable || held.closing || held.gone) {
                continue;
            }
            List<Optional<Incarnation>> lives = held.own.map(OwnNumbers::lives).orElse(List.of());
            for (Copy copy : held.copies) {
                Optional<Incarnation> before = Optional.ofNullable(copy.wrappedFor)
                        .or(() -> copy.index < lives.size() ? lives.get(copy.index) : Optional.empty());
                Optional<Incarnation> now = desks.routing.life(copy.address);
                boolean asked = copy.rewrapWanted && now.equals(Optional.ofNullable(copy.rewrapLife));
                if (!copy.hasEnds()
                        && !copy.isLocal()
                        && !asked
                        && before.isPresent()
                        && now.isPresent()
                        && !before.equals(now)) {
                    wrap(copy, now);
                }
            }
        }
    }

    /** The recipient's node reports that it has no key for it. */
    void keyNotThere(Copy copy) {
        if (copy.rewrappedNanos == 0 || desks.turn.nanos() - copy.rewrappedNanos >= AGAIN_AFTER.toNanos()) {
            // Nobody signs reports: an attempt that comes to nothing counts, for it costs as much.
            copy.rewrappedNanos = Math.max(1, desks.turn.nanos());
            wrap(copy, Optional.empty());
        }
    }

    /**
     * Makes the slot anew and sends it after its envelope.
     *
     * @param life of the recipient's keys, when it is a new one: then what it had may be lost too, and goes once more
     */
    private void wrap(Copy copy, Optional<Incarnation> life) {
        if (mayWrap(copy) && copy.held.own.isEmpty()) {
            // An embedded client sealed it, and has the keys and numbers.
            copy.rewrapWanted = true;
            life.ifPresent(now -> copy.rewrapLife = now);
            asks.want(copy);
        } else if (mayWrap(copy) && copy.rewrapping) {
            // The one under way may have begun with the keys of before, and then comes to nothing.
            life.ifPresent(now -> copy.rewrapLife = now);
        } else if (mayWrap(copy)) {
            copy.rewrapping = true;
            due.add(new Due(copy, life));
            makeNext();
        }
    }

    private static boolean mayWrap(Copy copy) {
        Held held = copy.held;
        return held.isOwn()
                && (held.own.isEmpty() || !held.own.get().previousCores().isEmpty())
                && held.durable
                && !held.closing
                && !held.gone
                && !copy.hasEnds()
                && (!copy.isLocal() || copy.slot instanceof LocalSlot.Opaque);
    }

    private void makeNext() {
        if (starting) {
            return;
        }
        starting = true;
        for (Due next = due.peek(); next != null && underWay < MADE_AT_ONCE; next = due.peek()) {
            due.remove();
            make(next.copy(), next.life());
        }
        starting = false;
    }

    private void make(Copy copy, Optional<Incarnation> life) {
        Held held = copy.held;
        Optional<OwnNumbers> own = held.own;
        Optional<CustodyTable.Kept> kept = mayWrap(copy) ? desks.table.kept(held) : Optional.empty();
        if (kept.isEmpty() || own.isEmpty()) {
            copy.rewrapping = false;
            copy.rewrapLife = null;
            return;
        }
        int at = held.copies.indexOf(copy);
        RewrapPort.Work work = new RewrapPort.Work(
                kept.get().sealed(),
                copy.address,
                own.get().incarnation(),
                own.get().firsts().get(at),
                own.get().previousCores().get(at),
                predecessor(copy, own.get(), at),
                own.get().orderingKey());
        underWay++;
        desks.ports.rewraps().wrap(work, made -> {
            underWay--;
            copy.rewrapping = false;
            if (made instanceof Result.Ok<RoutedNotice> ok && mayWrap(copy)) {
                wrapped(copy, life, ok.value());
            } else if (!made.isOk() && made.refusal().reason() == ErrorCode.KEY_BUNDLE_OLD && mayWrap(copy)) {
                // A restored copy begins a new life with the keys it had: its slot is still good, what it got since the
                // copy is gone.
                life.ifPresent(now -> goesOnceMore(copy, now));
            }
            Optional<Incarnation> meanwhile = Optional.ofNullable(copy.rewrapLife);
            copy.rewrapLife = null;
            if (meanwhile.isPresent()) {
                wrap(copy, meanwhile);
            }
            makeNext();
        });
    }

    /** One that has its end does not come to a new disk again: nothing may wait for it there. */
    private long predecessor(Copy copy, OwnNumbers own, int at) {
        long number = own.predecessors().get(at);
        return number > 0 && desks.table.isOpen(copy, own.incarnation(), number) ? number : 0;
    }

    private ClientAsks.Put put(Copy copy) {
        Optional<CustodyTable.Kept> kept =
                mayWrap(copy) && copy.rewrapWanted ? desks.table.kept(copy.held) : Optional.empty();
        if (kept.isEmpty()) {
            return ClientAsks.Put.NOT_NEEDED;
        }
        if (!desks.ports.rewraps().ask(kept.get().sealed(), copy.held.header.sender(), copy.address)) {
            return ClientAsks.Put.AWAY;
        }
        copy.rewrappedNanos = Math.max(1, desks.turn.nanos());
        return ClientAsks.Put.ASKED;
    }

    /** The embedded client of this sender can be asked: what waits for it is asked for, also what it was asked for before. */
    void senderIsHere(Address sender) {
        List<Copy> wanted = new ArrayList<>();
        for (Held held : desks.table.all()) {
            if (held.isOwn() && held.own.isEmpty() && held.header.sender().equals(sender)) {
                held.copies.stream().filter(copy -> copy.rewrapWanted).forEach(wanted::add);
            }
        }
        asks.isHere(sender, wanted);
    }

    /**
     * A re-wrap by an embedded client here, its signature checked.
     *
     * @param sender whose client it is
     */
    void made(Address sender, RoutedNotice routed, Consumer<Optional<Refusal>> answer) {
        Copy copy = routed.notice() instanceof Notice.Rewrap rewrap
                ? desks.table.copyOf(rewrap.leaf(), rewrap.recipient())
                : null;
        boolean asked = copy != null
                && copy.rewrapWanted
                && copy.held.own.isEmpty()
                && copy.held.header.sender().equals(sender)
                && mayWrap(copy);
        Optional<CustodyTable.Kept> kept = copy != null && asked ? desks.table.kept(copy.held) : Optional.empty();
        if (copy == null || kept.isEmpty()) {
            answer.accept(Optional.of(Refusal.of(ErrorCode.SENDER_NOT_YOURS, "a re-wrap that was not asked for")));
            return;
        }
        desks.ports.rewraps().check(kept.get().sealed(), routed, refusal -> {
            if (refusal.isEmpty() && mayWrap(copy) && copy.rewrapWanted) {
                Optional<Incarnation> life = Optional.ofNullable(copy.rewrapLife);
                copy.rewrapWanted = false;
                copy.rewrapLife = null;
                wrapped(copy, life, routed);
            }
            asks.answered(copy);
            answer.accept(refusal);
        });
    }

    private void wrapped(Copy copy, Optional<Incarnation> life, RoutedNotice notice) {
        desks.counters.add(Counter.REWRAPPED);
        desks.event(What.REWRAPPED, copy.held.header.id(), Detail.of("for {0}, whose keys changed", copy.address));
        copy.rewrappedNanos = Math.max(1, desks.turn.nanos());
        if (desks.route(copy.address) instanceof Route.DeliverHere) {
            came(notice, refusal -> {});
        } else {
            desks.homeward.send(notice, Optional.empty());
        }
        life.filter(now -> !copy.isLocal()).ifPresent(now -> goesOnceMore(copy, now));
    }

    /** What its recipient had in the life before may be lost. */
    private void goesOnceMore(Copy copy, Incarnation now) {
        copy.wrappedFor = now;
        if (copy.heardAt != null) {
            // Delivered to a disk that may be gone: the time to keep it begins anew.
            copy.heardAt = desks.turn.now();
            desks.table.changed(copy);
        }
        desks.forwarding.offerAnew(copy);
        desks.origin.rearm(copy.held);
    }

    // ---- at the recipient

    void recover(long key, Records.KeptRewrap record) {
        RoutedNotice routed = record.notice().notice();
        if (routed.notice() instanceof Notice.Rewrap rewrap) {
            enter(Place.of(rewrap), new Waiting(key, routed, record.notice().since(), record.used()));
        }
    }

    /** At a start, before anything goes on: which notice opened which copy; others about it may be anybody's. */
    void recovered(Held held) {
        for (Copy copy : held.copies) {
            List<Waiting> all = waiting.get(Place.of(copy));
            if (all != null && (copy.slot instanceof LocalSlot.Opened || copy.slot instanceof LocalSlot.Opaque)) {
                all.stream().filter(Waiting::used).findFirst().ifPresent(used -> {
                    leave(Place.of(copy), used);
                    copy.rewrap = used.notice().signed();
                    copy.rewrapKey = used.key();
                });
            }
        }
    }

    private void enter(Place place, Waiting one) {
        waiting.computeIfAbsent(place, none -> new ArrayList<>(1)).add(one);
        count++;
    }

    private void leave(Place place, Waiting one) {
        List<Waiting> all = waiting.get(place);
        if (all != null && all.remove(one)) {
            count--;
            if (all.isEmpty()) {
                waiting.remove(place);
            }
        }
    }

    private void drop(Place place, Waiting one) {
        leave(place, one);
        desks.turn.drop(Kind.REWRAP, one.key());
    }

    /**
     * A re-wrap, its signature checked, for an address served here.
     *
     * @param answer empty when it was taken or nothing needs it; else why it is none
     */
    void came(RoutedNotice routed, Consumer<Optional<Refusal>> answer) {
        if (!(routed.notice() instanceof Notice.Rewrap rewrap)) {
            answer.accept(Optional.empty());
            return;
        }
        Copy copy = desks.table.copyOf(rewrap.leaf(), rewrap.recipient());
        if (copy == null || !copy.held.durable) {
            keep(rewrap, routed);
            answer.accept(Optional.empty());
        } else if (needsKey(copy)) {
            open(copy, routed, opened -> {
                if (opened instanceof Result.Ok<LocalSlot> ok) {
                    taken(copy, ok.value(), routed);
                    answer.accept(Optional.empty());
                } else {
                    answer.accept(Optional.of(opened.refusal()));
                }
            });
        } else if (isClients(copy)) {
            forClient(copy, routed, answer);
        } else {
            answer.accept(Optional.empty());
        }
    }

    /** A slot of an embedded client's address: it alone can open what is made anew, and its sender's word alone is taken for it. */
    private static boolean isClients(Copy copy) {
        return copy.slot instanceof LocalSlot.Opaque && !copy.isLocallyDone() && !copy.held.gone && !copy.held.closing;
    }

    private void forClient(Copy copy, RoutedNotice routed, Consumer<Optional<Refusal>> answer) {
        Optional<CustodyTable.Kept> kept = desks.table.kept(copy.held);
        if (kept.isEmpty() || routed.signed().equals(copy.rewrap)) {
            answer.accept(Optional.empty());
            return;
        }
        desks.ports.rewraps().check(kept.get().sealed(), routed, refusal -> {
            if (refusal.isEmpty() && isClients(copy)) {
                if (copy.rewrapKey != 0) {
                    desks.turn.drop(Kind.REWRAP, copy.rewrapKey);
                }
                copy.rewrap = routed.signed();
                copy.rewrapKey = write(routed, true).key();
                desks.local.hasSlot(copy);
            } else if (refusal.isPresent()) {
                desks.counters.add(Counter.REWRAPS_FORGED);
            }
            answer.accept(refusal);
        });
    }

    /** An envelope for an embedded client is durable here: perhaps a slot made anew came before it. */
    void neededByClient(Copy copy) {
        for (Waiting one : List.copyOf(waiting.getOrDefault(Place.of(copy), List.of()))) {
            drop(Place.of(copy), one);
            forClient(copy, one.notice(), refusal -> {});
        }
    }

    private static boolean needsKey(Copy copy) {
        return copy.slot instanceof LocalSlot.KeyNotHere
                && !copy.isLocallyDone()
                && !copy.held.gone
                && !copy.held.closing;
    }

    private void keep(Notice.Rewrap rewrap, RoutedNotice routed) {
        Place place = Place.of(rewrap);
        List<Waiting> same = waiting.getOrDefault(place, List.of());
        if (same.stream().anyMatch(one -> one.notice().signed().equals(routed.signed()))) {
            return;
        }
        if (same.size() >= EACH_MAX) {
            drop(place, same.get(0));
        } else if (count >= WAITING_MAX) {
            Map.Entry<Place, List<Waiting>> oldest =
                    waiting.entrySet().iterator().next();
            drop(oldest.getKey(), oldest.getValue().get(0));
        }
        enter(place, write(routed, false));
    }

    private Waiting write(RoutedNotice routed, boolean used) {
        Waiting one = new Waiting(desks.store.newKey(), routed, desks.turn.now(), used);
        Bytes value = new Records.KeptRewrap(new Records.NoticeOnItsWay(routed, one.since()), used).encode();
        desks.turn.together(value.size());
        desks.turn.put(Kind.REWRAP, one.key(), value);
        return one;
    }

    /** An envelope is durable here that was wrapped for a key which is not: perhaps its new slot came before it, else its sender is told. */
    void needed(Copy copy) {
        Iterator<Waiting> all =
                List.copyOf(waiting.getOrDefault(Place.of(copy), List.of())).iterator();
        tryNext(copy, all);
    }

    private void tryNext(Copy copy, Iterator<Waiting> all) {
        if (!needsKey(copy)) {
            return;
        }
        if (!all.hasNext()) {
            desks.inquiry.tellHome(copy, Known.State.HELD, ErrorCode.KEY_NOT_HERE);
            return;
        }
        Waiting one = all.next();
        open(copy, one.notice(), opened -> {
            drop(Place.of(copy), one);
            if (opened instanceof Result.Ok<LocalSlot> ok) {
                taken(copy, ok.value(), one.notice());
            }
            tryNext(copy, all);
        });
    }

    private void open(Copy copy, RoutedNotice routed, Consumer<Result<LocalSlot>> then) {
        Optional<CustodyTable.Kept> kept = desks.table.kept(copy.held);
        if (kept.isEmpty()) {
            desks.table.lost(copy.held);
            then.accept(Result.no(ErrorCode.RECORD_DAMAGED, "the envelope's record is damaged"));
            return;
        }
        desks.ports.rewraps().open(kept.get().sealed(), routed, opened -> {
            if (!opened.isOk()
                    && opened.refusal().reason() != ErrorCode.SPOOL_MISSING
                    && opened.refusal().reason().retry() == ErrorCode.Retry.NEVER) {
                desks.counters.add(Counter.REWRAPS_FORGED);
                desks.event(
                        What.QUARANTINED,
                        opened.refusal().reason(),
                        copy.held.header.id(),
                        Detail.of(
                                "a re-wrap for {0}: {1}",
                                copy.address, opened.refusal().about()));
            }
            then.accept(opened);
        });
    }

    private void taken(Copy copy, LocalSlot found, RoutedNotice routed) {
        if (!(found instanceof LocalSlot.Opened opened) || !needsKey(copy)) {
            return;
        }
        // First: what says that it was opened must never be durable without what opens it.
        Waiting used = write(routed, true);
        if (desks.local.reopened(copy, opened)) {
            copy.rewrap = routed.signed();
            copy.rewrapKey = used.key();
            desks.counters.add(Counter.REOPENED);
            desks.event(
                    What.REWRAPPED,
                    copy.held.header.id(),
                    Detail.of(
                            "opened for {0} by the slot that {1} made anew", copy.address, copy.held.header.sender()));
        } else {
            desks.turn.drop(Kind.REWRAP, used.key());
        }
    }

    /** Its custody ends, in the batch of this turn. */
    void dropped(Held held) {
        for (Copy copy : held.copies) {
            if (copy.rewrapKey != 0) {
                desks.turn.drop(Kind.REWRAP, copy.rewrapKey);
            }
            if (copy.isLocal()) {
                List.copyOf(waiting.getOrDefault(Place.of(copy), List.of())).forEach(one -> drop(Place.of(copy), one));
            }
        }
    }

    /** Daily: what waited for longer than any envelope lives. */
    void sweep(Instant now) {
        List.copyOf(waiting.entrySet())
                .forEach(entry -> List.copyOf(entry.getValue()).stream()
                        .filter(one -> one.since().plus(WAIT_MAX).isBefore(now))
                        .forEach(one -> drop(entry.getKey(), one)));
    }
}
