package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.delivery.DeliveryStatus.Counter;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SealedEnvelope.Slot;
import lienthong.gateway.routing.Route;
import org.jspecify.annotations.Nullable;

/** Branches of envelopes on their way to neighbours: routing, queues, offers, custody of the next hop, refusals, other ways. */
final class Forwarding {
    /** Questions, and answers, waiting for one neighbour. Reports only: what is beyond is asked again. */
    private static final int TALK_MAX = 10_000;

    /** With more bytes or slots than this an envelope hardly rides whole on a link. */
    private static final int WHOLE_BYTES_MAX = 64 * 1024;

    private static final int WHOLE_COPIES_MAX = 32;

    private final Desks desks;
    private final Map<OrganisationId, Neighbour> neighbours = new TreeMap<>();
    private long legs;
    private long tokens;

    Forwarding(Desks desks) {
        this.desks = desks;
    }

    Neighbour neighbour(OrganisationId id) {
        Neighbour known = neighbours.get(id);
        if (known == null) {
            known = new Neighbour(id);
            neighbours.put(id, known);
            away(known); // after a start nobody is there yet, and some may stay away
        }
        return known;
    }

    Iterable<Neighbour> neighbours() {
        return neighbours.values();
    }

    boolean isUp(OrganisationId id) {
        Neighbour neighbour = neighbours.get(id);
        return neighbour != null && neighbour.up;
    }

    /** Branches a new custody by next hop; called once, after it is durable. */
    void start(Held held) {
        Map<Optional<OrganisationId>, Leg> byNeighbour = new LinkedHashMap<>();
        // What was handed on before a restart is a branch of its own: it is not offered again unasked.
        Map<OrganisationId, Leg> handed = new LinkedHashMap<>();
        for (Copy copy : held.copies) {
            if (copy.isLocal() || copy.hasEnds()) {
                continue;
            }
            Way way = way(held, copy);
            Leg leg = copy.handedTo == null
                    ? byNeighbour.computeIfAbsent(way.neighbour(), none -> newLeg(held, way))
                    : handed.computeIfAbsent(copy.handedTo, none -> newLeg(held, way));
            leg.copies.add(copy);
            copy.leg = leg;
            if (copy.handedTo != null) {
                leg.neighbour = copy.handedTo;
                leg.state = HopState.HANDED;
            }
        }
        List.copyOf(held.legs).forEach(leg -> {
            if (leg.state == HopState.HELD) {
                enter(leg);
            }
        });
    }

    private Leg newLeg(Held held, Way way) {
        Leg leg = new Leg(held, ++legs);
        leg.neighbour = way.neighbour().orElse(null);
        leg.alternatives = way.alternatives();
        leg.why = way.why().map(Refusal::reason).orElse(null);
        held.legs.add(leg);
        return leg;
    }

    /** A route with what a node may not do: send back where it came from. */
    private record Way(
            Optional<OrganisationId> neighbour,
            List<OrganisationId> alternatives,
            Optional<Refusal> why,
            boolean forbidden) {}

    private Way way(Held held, Copy copy) {
        Route route = desks.route(copy.address);
        if (route instanceof Route.Forward forward) {
            List<OrganisationId> ways = new ArrayList<>();
            ways.add(forward.neighbour());
            ways.addAll(forward.alternatives());
            held.from.ifPresent(ways::remove);
            if (!ways.isEmpty()) {
                return new Way(
                        Optional.of(ways.get(0)), List.copyOf(ways.subList(1, ways.size())), Optional.empty(), false);
            }
            return heldBecause(
                    Refusal.of(ErrorCode.NO_ROUTE, "the only way is back to {0}", forward.neighbour()), false);
        }
        if (route instanceof Route.Hold hold) {
            return heldBecause(hold.why(), false);
        }
        if (route instanceof Route.Refuse refuse) {
            return heldBecause(refuse.why(), true);
        }
        return heldBecause(
                Refusal.of(ErrorCode.NO_ROUTE, "{0} was moved to this node while the envelope was here", copy.address),
                false);
    }

    private static Way heldBecause(Refusal why, boolean forbidden) {
        return new Way(Optional.empty(), List.of(), Optional.of(why), forbidden);
    }

    /** Puts a branch where its way says: a queue, or aside with its reason. */
    private void enter(Leg leg) {
        if (leg.neighbour == null) {
            leg.on(HopEvent.UNROUTED);
            report(leg);
            lookAgain(leg);
            return;
        }
        leg.on(HopEvent.ROUTED);
        queue(leg);
    }

    /** Who is in force is a question of time too: an office begins, a clock is set right, and no new directory says so. */
    private void lookAgain(Leg leg) {
        desks.dues.cancel(leg.due);
        leg.due = desks.dues.in(desks.policy.retryMax(), () -> {
            leg.due = null;
            if (leg.state != HopState.HELD || leg.held.gone || leg.held.closing) {
                return;
            }
            List<Way> ways =
                    leg.copies.stream().map(copy -> way(leg.held, copy)).toList();
            // What only a clock forbids is not ended by it: that is for a directory to say.
            if (ways.stream().noneMatch(Way::forbidden)
                    && ways.stream().anyMatch(way -> way.neighbour().isPresent())) {
                reconsider(leg);
            }
            if (leg.state == HopState.HELD && !leg.copies.isEmpty()) {
                lookAgain(leg);
            }
        });
    }

    private void report(Leg leg) {
        if (leg.held.isOwn()) {
            for (Copy copy : leg.copies) {
                copy.why = leg.why;
                desks.origin.progress(copy, Progress.What.HELD, desks.turn.now(), Optional.empty(), false);
            }
        }
    }

    private void queue(Leg leg) {
        if (leg.neighbour != null && isLongAway(neighbour(leg.neighbour))) {
            leg.alternatives.stream().filter(this::isUp).findFirst().ifPresent(other -> turnTo(leg, other));
        }
        Neighbour neighbour = neighbour(leg.neighbour == null ? desks.me : leg.neighbour);
        leg.place = new PrecedenceQueue.Place(
                leg.held.header.precedence(),
                leg.held.header.sender(),
                leg.order,
                leg.held.bytes > WHOLE_BYTES_MAX || leg.copies.size() > WHOLE_COPIES_MAX);
        neighbour.queue.add(leg.place, leg);
        wake(neighbour);
    }

    private void unqueue(Leg leg) {
        if (leg.neighbour != null && leg.place != null) {
            neighbour(leg.neighbour).queue.remove(leg.place);
            leg.place = null;
        }
        if (leg.neighbour != null) {
            neighbour(leg.neighbour).deferred.remove(leg.order);
        }
        desks.dues.cancel(leg.due);
        leg.due = null;
        leg.nextTry = null;
    }

    void wake(Neighbour neighbour) {
        if (neighbour.up && !neighbour.waking) {
            neighbour.waking = true;
            desks.turn.atEnd(() -> {
                neighbour.waking = false;
                desks.ports.link().wake(neighbour.id);
            });
        }
    }

    // ---- sessions

    void ready(OrganisationId id) {
        Neighbour neighbour = neighbour(id);
        neighbour.up = true;
        neighbour.awaySince = null;
        desks.dues.cancel(neighbour.alternativeDue);
        neighbour.alternativeDue = null;
        List.copyOf(neighbour.deferred.values()).forEach(this::tryAgain);
        desks.inquiry.tellUntold();
        wake(neighbour);
    }

    void lost(OrganisationId id) {
        Neighbour neighbour = neighbour(id);
        neighbour.up = false;
        for (Neighbour.Given given : List.copyOf(neighbour.given.values())) {
            putBack(neighbour, given);
        }
        neighbour.given.clear();
        neighbour.queries.clear();
        neighbour.answers.clear();
        away(neighbour);
    }

    private void away(Neighbour neighbour) {
        neighbour.awaySince = desks.turn.now();
        desks.dues.cancel(neighbour.alternativeDue);
        neighbour.alternativeDue = desks.dues.in(desks.policy.alternativeAfter(), () -> takeAlternatives(neighbour));
    }

    private boolean isLongAway(Neighbour neighbour) {
        return !neighbour.up
                && neighbour.awaySince != null
                && !neighbour.awaySince.plus(desks.policy.alternativeAfter()).isAfter(desks.turn.now());
    }

    private void putBack(Neighbour neighbour, Neighbour.Given given) {
        if (given instanceof Neighbour.Given.OfLeg of) {
            Leg leg = of.leg();
            leg.on(HopEvent.LOST);
            if (leg.state == HopState.WAITING) {
                queue(leg);
            }
        } else if (given instanceof Neighbour.Given.OfRoad of) {
            desks.homeward.putBack(neighbour, of.road());
        }
    }

    /** The neighbour stays away: whatever has another way whose neighbour is there takes it; looked at again while it does. */
    private void takeAlternatives(Neighbour neighbour) {
        neighbour.alternativeDue = desks.dues.in(desks.policy.retryMax(), () -> takeAlternatives(neighbour));
        for (Leg leg : neighbour.queue.items()) {
            leg.alternatives.stream().filter(this::isUp).findFirst().ifPresent(other -> {
                unqueue(leg);
                turnTo(leg, other);
                leg.on(HopEvent.ROUTED);
                queue(leg);
            });
        }
        desks.homeward.reroute(neighbour);
    }

    private static void turnTo(Leg leg, OrganisationId other) {
        List<OrganisationId> rest = new ArrayList<>(leg.alternatives);
        rest.remove(other);
        if (leg.neighbour != null) {
            rest.add(leg.neighbour);
        }
        leg.neighbour = other;
        leg.alternatives = List.copyOf(rest);
    }

    // ---- pull

    Optional<Parcel> next(OrganisationId id, LinkRoom room) {
        Neighbour neighbour = neighbour(id);
        if (!neighbour.up) {
            return Optional.empty();
        }
        if (room.hasForReceipts()) {
            Optional<Parcel> small = desks.homeward.next(neighbour, ++tokens);
            if (small.isPresent()) {
                return small;
            }
            if (!neighbour.queries.isEmpty()) {
                return Optional.of(new Parcel.Asking(tokens, first(neighbour.queries)));
            }
            if (!neighbour.answers.isEmpty()) {
                return Optional.of(new Parcel.Telling(tokens, first(neighbour.answers)));
            }
        }
        for (Leg leg = neighbour.queue.next(room); leg != null; leg = neighbour.queue.next(room)) {
            leg.place = null;
            Optional<CustodyTable.Kept> kept = desks.table.kept(leg.held);
            if (kept.isPresent()) {
                return Optional.of(give(neighbour, leg, kept.get()));
            }
            // Its place in the queue is gone already; what is left of the envelope goes too, aloud.
            desks.table.lost(leg.held);
        }
        return Optional.empty();
    }

    private static <T> T first(Set<T> waiting) {
        Iterator<T> all = waiting.iterator();
        T first = all.next();
        all.remove();
        return first;
    }

    private Parcel give(Neighbour neighbour, Leg leg, CustodyTable.Kept kept) {
        leg.on(HopEvent.GIVEN_OUT);
        Set<Integer> numbers = new HashSet<>();
        leg.copies.forEach(copy -> numbers.add(copy.index));
        List<Slot> slots = kept.sealed().slots().stream()
                .filter(slot -> numbers.contains(slot.number()))
                .toList();
        long token = ++tokens;
        neighbour.given.put(token, new Neighbour.Given.OfLeg(leg));
        return new Parcel.Envelope(
                token, kept.sealed().withSlots(slots), kept.facts(), leg.held.age(desks.turn.nanos()));
    }

    void handed(OrganisationId id, long token, CustodyProof proof) {
        desks.books.given(id, proof);
        Neighbour neighbour = neighbour(id);
        Neighbour.Given given = neighbour.given.remove(token);
        if (given instanceof Neighbour.Given.OfRoad of) {
            desks.homeward.arrived(of.road());
        } else if (given instanceof Neighbour.Given.OfLeg of) {
            handed(neighbour, of.leg());
        }
    }

    private void handed(Neighbour neighbour, Leg leg) {
        leg.on(HopEvent.CUSTODY);
        if (leg.state != HopState.HANDED) {
            return;
        }
        Held held = leg.held;
        leg.tries = 0;
        leg.why = null;
        desks.counters.add(Counter.HANDED_ON);
        boolean relayed = !held.isOwn();
        if (relayed && isHandedOn(held)) {
            desks.event(What.HANDED_ON, held.header.id(), Detail.of("to {0}", neighbour.id));
            desks.table.drop(held);
            return;
        }
        for (Copy copy : leg.copies) {
            copy.handedTo = neighbour.id;
            copy.handedAt = desks.turn.now();
            copy.why = null;
            desks.table.changed(copy);
            if (held.isOwn()) {
                desks.origin.progress(copy, Progress.What.CUSTODY, desks.turn.now(), Optional.of(neighbour.id), true);
            }
        }
        desks.event(What.HANDED_ON, held.header.id(), Detail.of("to {0}", neighbour.id));
        if (held.isOwn()) {
            desks.origin.rearm(held);
        } else if (held.copies.stream().anyMatch(Copy::isLocal)) {
            desks.receipts.closeIfDone(held);
        }
    }

    /** A relay forgets what is in custody of the next hops; what an application here still has stays. */
    static boolean isHandedOn(Held held) {
        return held.legs.stream().allMatch(leg -> leg.state == HopState.HANDED || leg.state == HopState.DONE)
                && held.copies.stream().noneMatch(Copy::isLocal);
    }

    void returned(OrganisationId id, long token) {
        Neighbour neighbour = neighbour(id);
        Neighbour.Given given = neighbour.given.remove(token);
        if (given != null) {
            putBack(neighbour, given);
        }
    }

    void rejected(OrganisationId id, long token, Refusal why, Optional<Duration> retryAfter) {
        Neighbour neighbour = neighbour(id);
        Neighbour.Given given = neighbour.given.remove(token);
        if (given instanceof Neighbour.Given.OfRoad of) {
            desks.homeward.rejected(neighbour, of.road(), why, retryAfter);
            return;
        }
        if (!(given instanceof Neighbour.Given.OfLeg of)) {
            return;
        }
        Leg leg = of.leg();
        leg.on(HopEvent.REFUSED);
        if (leg.state != HopState.DEFERRED) {
            return;
        }
        leg.why = why.reason();
        desks.event(
                What.REFUSED,
                why.reason(),
                leg.held.header.id(),
                Detail.of("{0} did not take it: {1}", neighbour.id, why.about()));
        Duration own = backOff(leg, why.reason().retry() == ErrorCode.Retry.NEVER);
        Duration wait = retryAfter.map(this::bounded).orElse(own);
        leg.tries++;
        leg.nextTry = desks.turn.now().plus(wait);
        neighbour.deferred.put(leg.order, leg);
        leg.due = desks.dues.in(wait, () -> tryAgain(leg));
        report(leg);
        if (leg.held.isOwn()) {
            reconsider(leg);
        }
    }

    /** From the first wait doubling to the longest; what would be refused again waits the longest at once. Jitter of an eighth by the branch's own number. */
    private Duration backOff(Leg leg, boolean forGood) {
        long first = desks.policy.retryFirst().toMillis();
        long max = desks.policy.retryMax().toMillis();
        long wait = forGood ? max : Math.min(max, first << Math.min(leg.tries, 20));
        long jitter = Math.floorMod(leg.order * 0x9E3779B97F4A7C15L >>> 16, Math.max(1, wait / 8));
        return Duration.ofMillis(wait + jitter);
    }

    /** A neighbour may say when to come again, not that nobody comes for a long time. */
    Duration bounded(Duration asked) {
        Duration max = desks.policy.retryMax();
        return asked.compareTo(max) > 0 ? max : asked;
    }

    private void tryAgain(Leg leg) {
        if (leg.state != HopState.DEFERRED) {
            return;
        }
        unqueue(leg);
        Optional<OrganisationId> other =
                leg.tries > 1 ? leg.alternatives.stream().filter(this::isUp).findFirst() : Optional.empty();
        other.ifPresent(neighbour -> turnTo(leg, neighbour));
        leg.on(HopEvent.DUE);
        queue(leg);
    }

    // ---- another directory

    void rerouteAll() {
        for (Held held : List.copyOf(desks.table.all())) {
            if (!held.durable || held.gone) {
                continue;
            }
            for (Leg leg : List.copyOf(held.legs)) {
                reconsider(leg);
            }
        }
        neighbours.values().forEach(desks.homeward::reroute);
        desks.homeward.routeStranded();
    }

    /** Routes a branch that has not left anew; copies that now go elsewhere become branches of their own; an origin ends what its directory forbids. */
    private void reconsider(Leg leg) {
        if (leg.state != HopState.HELD && leg.state != HopState.WAITING && leg.state != HopState.DEFERRED) {
            return;
        }
        for (Copy copy : List.copyOf(leg.copies)) {
            Way way = way(leg.held, copy);
            if (way.forbidden() && leg.held.isOwn()) {
                desks.origin.end(copy, way.why().map(Refusal::reason).orElse(ErrorCode.NO_ROUTE));
                continue;
            }
            boolean stays = way.neighbour().equals(Optional.ofNullable(leg.neighbour))
                    || way.neighbour().isPresent()
                            && leg.neighbour != null
                            && way.alternatives().contains(leg.neighbour);
            if (!stays) {
                split(leg, copy, way);
            }
        }
        if (leg.copies.isEmpty() && leg.state != HopState.DONE) {
            unqueue(leg);
            leg.on(HopEvent.ENDED);
            leg.held.legs.remove(leg);
        }
    }

    private void split(Leg leg, Copy copy, Way way) {
        leg.copies.remove(copy);
        Leg own = newLeg(leg.held, way);
        own.copies.add(copy);
        copy.leg = own;
        enter(own);
    }

    /** An origin offers again what was lost on the way, by another way where there is one. */
    void offerAgain(Copy copy) {
        Leg leg = copy.leg;
        if (leg == null || leg.state != HopState.HANDED || copy.held.gone || copy.held.closing) {
            return;
        }
        desks.counters.add(Counter.OFFERED_AGAIN);
        Way way = way(copy.held, copy);
        Optional<OrganisationId> other = way.alternatives().stream()
                .filter(neighbour -> isUp(neighbour) && !neighbour.equals(copy.handedTo))
                .findFirst();
        leg.copies.remove(copy);
        if (leg.copies.isEmpty()) {
            leg.on(HopEvent.ENDED);
            copy.held.legs.remove(leg);
        }
        Leg again = newLeg(copy.held, way);
        other.ifPresent(neighbour -> turnTo(again, neighbour));
        again.copies.add(copy);
        copy.leg = again;
        copy.handedTo = null;
        copy.handedAt = null;
        desks.table.changed(copy);
        enter(again);
    }

    /** The same for one whose recipient may have lost what it had: also when nothing more was to be offered. */
    void offerAnew(Copy copy) {
        if (copy.leg == null && !copy.isLocal() && !copy.held.gone && !copy.held.closing) {
            desks.counters.add(Counter.OFFERED_AGAIN);
            Leg anew = newLeg(copy.held, way(copy.held, copy));
            anew.copies.add(copy);
            copy.leg = anew;
            copy.handedTo = null;
            copy.handedAt = null;
            desks.table.changed(copy);
            enter(anew);
        } else {
            offerAgain(copy);
        }
    }

    // ---- ends

    /** This recipient has its end: its branch need not go on for it. */
    void ended(Copy copy) {
        Leg leg = copy.leg;
        if (leg == null) {
            return;
        }
        copy.leg = null;
        leg.copies.remove(copy);
        if (leg.copies.isEmpty() && leg.state != HopState.DONE) {
            unqueue(leg);
            leg.on(HopEvent.ENDED);
            copy.held.legs.remove(leg);
        }
    }

    void abandon(Held held) {
        for (Leg leg : List.copyOf(held.legs)) {
            if (leg.state != HopState.DONE) {
                unqueue(leg);
                leg.on(HopEvent.ENDED);
            }
        }
        held.legs.clear();
    }

    void ask(OrganisationId id, Query query) {
        Neighbour neighbour = neighbour(id);
        if (neighbour.queries.size() < TALK_MAX) {
            neighbour.queries.add(query);
        }
        wake(neighbour);
    }

    void tell(OrganisationId id, Known known) {
        Neighbour neighbour = neighbour(id);
        if (neighbour.answers.size() < TALK_MAX) {
            neighbour.answers.add(known);
        }
        wake(neighbour);
    }

    /** Lines for the queue's page. */
    void lines(Held held, List<Queued> into, Instant now) {
        for (Leg leg : held.legs) {
            if (leg.state == HopState.HANDED || leg.state == HopState.DONE) {
                continue;
            }
            boolean away = leg.neighbour != null && !isUp(leg.neighbour);
            @Nullable ErrorCode why = leg.why != null ? leg.why : away ? ErrorCode.NEIGHBOUR_AWAY : null;
            into.add(new Queued(
                    held.header.id(),
                    held.header.sender(),
                    leg.copies.stream().map(copy -> copy.address).toList(),
                    held.header.precedence(),
                    Optional.ofNullable(leg.neighbour),
                    leg.state.word(),
                    Optional.ofNullable(why),
                    held.takenAt,
                    held.age(desks.turn.nanos()),
                    Optional.ofNullable(leg.nextTry),
                    leg.tries,
                    held.bytes));
        }
    }
}
