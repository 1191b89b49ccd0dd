package lienthong.gateway.node;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.link.CustodyMark;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;

/**
 * Stands before a node whose disk was put back from a copy. While it compares, links carry hellos and directories and nothing else, no door answers and
 * nothing is signed; when every neighbour that ever exchanged custody with this node has given its mark back and told all records it has, the process
 * begins the node's next life. Those that the directory in force does not know any more are left out. With loss accepted the first one and a minute are
 * enough: those that come later are compared by the former life's marks. Confined to the loop.
 */
final class RestoreGate {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final RestoreState state;
    private final Loop loop;
    private final Delivery delivery;
    private final DirectoryDesk directory;
    private final NodeWatch watch;
    private final Controls controls;
    private final Set<OrganisationId> compared = new TreeSet<>();
    private final Map<OrganisationId, Long> held = new TreeMap<>();
    private final Map<OrganisationId, Long> shown;
    private boolean waiting;
    private boolean done;

    RestoreGate(
            RestoreState state,
            Loop loop,
            Delivery delivery,
            DirectoryDesk directory,
            NodeWatch watch,
            Controls controls) {
        this.state = state;
        this.loop = loop;
        this.delivery = delivery;
        this.directory = directory;
        this.watch = watch;
        this.controls = controls;
        this.shown = new TreeMap<>(state.shown());
    }

    /** After delivery has read its books. */
    void begin() {
        delivery.custodyNeighbours().forEach(node -> held.put(node, delivery.custodyHeld(node)));
        if (state.comparing()) {
            directory.onChange(view -> look());
        } else {
            tell();
        }
    }

    boolean isClosed() {
        return state.comparing();
    }

    /** Says whom it waits for, and goes on when that is nobody. */
    private void look() {
        Set<OrganisationId> left = new TreeSet<>(held.keySet());
        left.removeAll(compared);
        Set<OrganisationId> gone = gone();
        left.removeAll(gone);
        watch.hold(Refusal.of(ErrorCode.COMPARING, waitsFor(left, gone)));
        if (left.isEmpty()) {
            loop.execute(this::finish); // not in this turn: the node may still be being put together
        }
    }

    /** They cannot connect: whoever took something from this node and left the network since says nothing any more. */
    private Set<OrganisationId> gone() {
        Set<OrganisationId> gone = new TreeSet<>(held.keySet());
        gone.removeIf(node -> directory.view().directory().node(node).isPresent());
        return gone;
    }

    private static Detail waitsFor(Set<OrganisationId> left, Set<OrganisationId> gone) {
        if (left.isEmpty()) {
            return Detail.of("restored from a copy: a new life of its keys begins");
        }
        return gone.isEmpty()
                ? Detail.of("restored from a copy: waits until {0} have said what they remember", names(left))
                : Detail.of(
                        "restored from a copy: waits until {0} have said what they remember; the directory knows no {1}",
                        names(left), names(gone));
    }

    private static String names(Collection<OrganisationId> nodes) {
        return nodes.stream().map(OrganisationId::text).collect(Collectors.joining(", "));
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

    /** Its mark was judged with its hello, and all its records are known here: this node's newest certificates, lists, bundles and lives among them. */
    void exchanged(OrganisationId node) {
        if (!state.comparing() || !compared.add(node)) {
            return;
        }
        look();
        if (state.acceptLoss() && !waiting) {
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
            Set<OrganisationId> gone = gone();
            if (!gone.isEmpty()) {
                watch.leftOut(names(gone));
            }
            controls.compared(held, shown, directory.view());
        }
    }
}
