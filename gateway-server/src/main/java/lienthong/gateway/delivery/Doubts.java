package lienthong.gateway.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.routing.RoutingView;
import org.jspecify.annotations.Nullable;

/**
 * A node on the way has begun a new life of its keys: its disk may be gone, with what it had custody of and the receipts it carried. The origin asks
 * after all of its own that went that way and has no end, at once instead of after the usual silence: so many questions at a time, and again, after
 * waits that double, what had no answer or came to a node whose next hop was away. Kept in memory: after a restart the usual silence is enough.
 */
final class Doubts {
    static final int ASKED_AT_ONCE = 256;

    private final Desks desks;
    /** In the order in which they came into doubt. */
    private final Set<Copy> doubted = new LinkedHashSet<>();

    /** The last known lives of nodes whose new CA is in force and whose new keys have not come yet. */
    private final Map<OrganisationId, Incarnation> between = new HashMap<>();

    private final Set<Copy> toAsk = new LinkedHashSet<>();
    private final Set<Copy> asked = new LinkedHashSet<>();
    private Duration wait;
    private Dues.@Nullable Due round;

    Doubts(Desks desks) {
        this.desks = desks;
        this.wait = desks.policy.retryFirst();
    }

    /** Another directory is in force; {@code before} is the former. */
    void directoryChanged(RoutingView before) {
        Map<OrganisationId, Boolean> anew = new HashMap<>();
        Map<Address, Boolean> ways = new HashMap<>();
        boolean more = false;
        for (Held held : desks.table.all()) {
            for (Copy copy : held.copies) {
                if (isOpen(copy)
                        && ways.computeIfAbsent(
                                copy.address,
                                // Of each node, also behind one that has: what vanishes now comes back later.
                                address -> way(address).stream()
                                        .map(node -> anew.computeIfAbsent(node, one -> hasBegunAnew(before, one)))
                                        .reduce(false, Boolean::logicalOr))) {
                    doubted.add(copy);
                    more = true;
                }
            }
        }
        if (more) {
            desks.dues.cancel(round);
            wait = desks.policy.retryFirst();
            nextRound();
        }
    }

    private boolean hasBegunAnew(RoutingView before, OrganisationId node) {
        Optional<Incarnation> then = before.life(Address.of(node)).or(() -> Optional.ofNullable(between.remove(node)));
        Optional<Incarnation> now = desks.routing.life(Address.of(node));
        if (then.isPresent() && now.isEmpty()) {
            between.put(node, then.get());
        }
        return then.isPresent() && now.isPresent() && !now.equals(then);
    }

    /** All nodes above this one and above the recipient's: those between are among them. */
    private Set<OrganisationId> way(Address recipient) {
        ArrayDeque<OrganisationId> below = new ArrayDeque<>(List.of(desks.me));
        if (desks.routing.standing(recipient, desks.turn.now()) instanceof RoutingView.Standing.Open open) {
            below.add(open.node());
        }
        Set<OrganisationId> above = new LinkedHashSet<>();
        for (OrganisationId node = below.poll(); node != null; node = below.poll()) {
            for (OrganisationId parent : desks.routing.parents(node)) {
                if (above.add(parent)) {
                    below.add(parent);
                }
            }
        }
        return above;
    }

    /** Given away by its origin, and without an end. */
    private static boolean isOpen(Copy copy) {
        Held held = copy.held;
        return held.isOwn()
                && held.durable
                && !held.closing
                && !held.gone
                && !copy.isLocal()
                && !copy.hasEnds()
                && copy.handedTo != null
                && (copy.leg == null || copy.leg.state == HopState.HANDED);
    }

    private void nextRound() {
        round = null;
        doubted.removeIf(copy -> !isOpen(copy));
        if (doubted.isEmpty()) {
            toAsk.clear();
            asked.clear();
            return;
        }
        asked.clear();
        toAsk.addAll(doubted);
        ask();
        round = desks.dues.in(wait, this::nextRound);
        wait = desks.forwarding.bounded(wait.multipliedBy(2));
    }

    private void ask() {
        List<Copy> now = new ArrayList<>();
        Iterator<Copy> all = toAsk.iterator();
        while (all.hasNext() && asked.size() < ASKED_AT_ONCE) {
            Copy next = all.next();
            all.remove();
            if (isOpen(next)) {
                asked.add(next);
                now.add(next);
            }
        }
        now.forEach(desks.inquiry::ask);
    }

    /** Somebody on the way, or at its end, has spoken of it. */
    void answered(Copy copy, Known.State state) {
        if (!doubted.contains(copy)) {
            return;
        }
        if (state != Known.State.PASSED) {
            doubted.remove(copy);
            toAsk.remove(copy);
        }
        if (asked.remove(copy)) {
            ask();
        }
    }
}
