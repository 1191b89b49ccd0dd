package lienthong.gateway.node;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.link.CustodyMark;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;

/**
 * Stands before a node whose disk was put back from a copy. While it compares, links carry hellos and directories and nothing else, and no door answers;
 * when every neighbour that ever exchanged custody with this node has given its mark back, the process begins the node's next life. With loss accepted
 * the first one and a minute are enough: those that come later are compared by the former life's marks. Confined to the loop.
 */
final class RestoreGate {
    /** For records that a neighbour has and the copy has not, this node's newest key bundle among them. */
    private static final Duration RECORDS = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final RestoreState state;
    private final Loop loop;
    private final Delivery delivery;
    private final NodeWatch watch;
    private final Controls controls;
    private final Set<OrganisationId> compared = new TreeSet<>();
    private final Map<OrganisationId, Long> held = new TreeMap<>();
    private final Map<OrganisationId, Long> shown;
    private boolean waiting;
    private boolean done;

    RestoreGate(RestoreState state, Loop loop, Delivery delivery, NodeWatch watch, Controls controls) {
        this.state = state;
        this.loop = loop;
        this.delivery = delivery;
        this.watch = watch;
        this.controls = controls;
        this.shown = new TreeMap<>(state.shown());
    }

    /** After delivery has read its books. */
    void begin() {
        delivery.custodyNeighbours().forEach(node -> held.put(node, delivery.custodyHeld(node)));
        if (!state.comparing()) {
            tell();
            return;
        }
        watch.hold(Refusal.of(
                ErrorCode.NEIGHBOUR_AWAY,
                "restored from a copy: waits until {0} have said what they remember",
                left().stream().map(OrganisationId::text).collect(Collectors.joining(", "))));
        if (left().isEmpty()) {
            // Not at once: the node is still being made, and whoever dials meanwhile may bring records.
            loop.schedule(RECORDS.toNanos(), this::finish);
        }
    }

    boolean isClosed() {
        return state.comparing();
    }

    private Set<OrganisationId> left() {
        Set<OrganisationId> left = new TreeSet<>(held.keySet());
        left.removeAll(compared);
        return left;
    }

    /** A mark of this life that the disk does not hold; whether the operator goes on nevertheless. */
    boolean mayGoOn(OrganisationId node, CustodyMark mark) {
        if (state.comparing() && state.acceptLoss()) {
            shown.put(node, mark.number());
            return true;
        }
        return false;
    }

    /** A mark of a life before, our own MAC checked: neighbours that come late say what is missing too. */
    void former(OrganisationId node, CustodyMark mark) {
        if (!state.comparing()
                && mark.number() > state.held().getOrDefault(node, 0L)
                && mark.number() > shown.getOrDefault(node, 0L)) {
            shown.put(node, mark.number());
            tell();
        }
    }

    /** What status and doctor show from now on. */
    private void tell() {
        if (!shown.isEmpty()) {
            watch.note(Refusal.of(
                    ErrorCode.DISK_OLDER,
                    "restored {0}; missing of what was taken over: {1}",
                    state.at(),
                    shown.entrySet().stream()
                            .map(one -> {
                                long had = state.held().getOrDefault(one.getKey(), 0L);
                                return one.getKey() + " " + (one.getValue() - had) + " (" + (had + 1) + "-"
                                        + one.getValue() + ")";
                            })
                            .collect(Collectors.joining(", "))));
        }
    }

    /** Both hellos were said. */
    void ready(OrganisationId node, boolean sameRecords) {
        if (!state.comparing()) {
            return;
        }
        compared.add(node);
        Duration records = sameRecords ? Duration.ZERO : RECORDS;
        if (left().isEmpty()) {
            loop.schedule(records.toNanos(), this::finish);
        } else if (state.acceptLoss() && !waiting) {
            waiting = true;
            loop.schedule(PATIENCE.toNanos(), this::finish);
        }
    }

    private void finish() {
        if (!done
                && watch.notServing()
                        .filter(why -> why.reason() == ErrorCode.DISK_OLDER)
                        .isEmpty()) {
            done = true;
            controls.compared(held, shown);
        }
    }
}
