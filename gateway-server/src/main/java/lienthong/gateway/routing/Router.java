package lienthong.gateway.routing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.routing.RoutingView.Standing;

/**
 * Decides the next hop. Pure: the same directory, node, address and moment give the same route.
 *
 * <p>Nodes form a tree with, here and there, a second parent. A recipient below this node is reached through the child on its way; anything
 * else goes up, to the first parent, the second being the alternative. A path over first parents is preferred to one that needs a second.
 */
public final class Router {
    /** No directory has more tiers; a longer chain is a loop. */
    private static final int TIERS_MAX = 32;

    private Router() {}

    /**
     * The route of one recipient.
     *
     * @param me this node
     * @param now decides validity dates
     */
    public static Route route(RoutingView view, OrganisationId me, Address recipient, Instant now) {
        Standing standing = view.standing(recipient, now);
        if (standing instanceof Standing.Open open) {
            return open.node().equals(me) ? new Route.DeliverHere() : towards(view, me, open.node(), recipient);
        }
        if (standing instanceof Standing.Closed closed) {
            return Route.Refuse.because(
                    ErrorCode.RECIPIENT_CLOSED,
                    closed.successor()
                            .map(to -> Detail.of("{0}: its successor is {1}", recipient, to))
                            .orElse(Detail.of("{0} has no successor", recipient)));
        }
        if (standing instanceof Standing.Unknown unknown) {
            return Route.Refuse.because(
                    ErrorCode.UNKNOWN_RECIPIENT,
                    unknown.nearest()
                            .map(near -> Detail.of("{0}: the nearest known is {1}", recipient, near))
                            .orElse(Detail.of("{0}", recipient)));
        }
        return Route.Hold.because(ErrorCode.NO_ROUTE, "no node serves {0} yet", recipient);
    }

    private static Route towards(RoutingView view, OrganisationId me, OrganisationId target, Address recipient) {
        List<OrganisationId> ways = new ArrayList<>();
        Set<OrganisationId> barred = new HashSet<>();
        for (OrganisationId child = childTowards(view, me, target, barred);
                child != null;
                child = childTowards(view, me, target, barred)) {
            ways.add(child);
            barred.add(child);
        }
        if (ways.isEmpty()) {
            for (OrganisationId parent : view.parents(me)) {
                if (!parent.equals(me) && !ways.contains(parent)) {
                    ways.add(parent);
                }
            }
        }
        if (ways.isEmpty()) {
            return Route.Hold.because(ErrorCode.NO_ROUTE, "no way from {0} to {1} for {2}", me, target, recipient);
        }
        return new Route.Forward(ways.get(0), ways.subList(1, ways.size()));
    }

    /**
     * Climbs from the target over parents, breadth first and first parents first, to the node whose parent is this one. {@code barred}
     * children were found before.
     */
    private static @org.jspecify.annotations.Nullable OrganisationId childTowards(
            RoutingView view, OrganisationId me, OrganisationId target, Set<OrganisationId> barred) {
        Set<OrganisationId> seen = new HashSet<>(barred);
        List<OrganisationId> level = seen.add(target) ? List.of(target) : List.of();
        for (int tier = 0; tier < TIERS_MAX && !level.isEmpty(); tier++) {
            for (OrganisationId node : level) {
                if (view.parents(node).contains(me)) {
                    return node;
                }
            }
            List<OrganisationId> above = new ArrayList<>();
            for (OrganisationId node : level) {
                for (OrganisationId parent : view.parents(node)) {
                    if (seen.add(parent)) {
                        above.add(parent);
                    }
                }
            }
            level = above;
        }
        return null;
    }
}
