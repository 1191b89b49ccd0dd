package lienthong.gateway.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.directory.NodeEntry;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;

/**
 * What the neighbours' clocks say: each as its last hello claimed, and the time since. A second opinion on our own, less what the wire took, which nobody
 * knows. Confined to the loop.
 */
final class NeighbourClocks {
    /** Clocks of machines that are looked after differ by seconds. */
    static final Duration AHEAD_MAX = Duration.ofHours(1);

    private final OrganisationId me;
    private final Clock clock;
    private final DirectoryDesk directory;
    private final Map<OrganisationId, Said> said = new TreeMap<>();

    private record Said(Instant time, long nanos) {}

    NeighbourClocks(OrganisationId me, Clock clock, DirectoryDesk directory) {
        this.me = me;
        this.clock = clock;
        this.directory = directory;
    }

    void heard(OrganisationId neighbour, Instant time) {
        said.put(neighbour, new Said(time, clock.nanos()));
    }

    private Instant now(Said one) {
        return one.time.plusNanos(clock.nanos() - one.nanos);
    }

    /** By how much this clock is ahead of each neighbour's that was heard since the start. */
    Map<OrganisationId, Duration> ahead() {
        Instant own = clock.now();
        Map<OrganisationId, Duration> all = new TreeMap<>();
        said.forEach((node, one) -> all.put(node, Duration.between(now(one), own)));
        return all;
    }

    /** The latest that any of them says; empty before the first hello. */
    Optional<Instant> latest() {
        return said.values().stream().map(this::now).max(Comparator.naturalOrder());
    }

    /** This clock is more than {@link #AHEAD_MAX} ahead of each parent that was heard: nothing is to be signed by it. */
    Optional<Refusal> farAheadOfParent() {
        Collection<OrganisationId> parents =
                directory.view().directory().node(me).map(NodeEntry::parents).orElse(List.of());
        return leastAhead(parents).filter(one -> isFar(one.getValue())).map(NeighbourClocks::told);
    }

    /** The same of all neighbours. Worth a note where no parent says so: a single neighbour below may be wrong alone. */
    Optional<Refusal> farAhead() {
        return farAheadOfParent()
                .or(() -> leastAhead(said.keySet())
                        .filter(one -> isFar(one.getValue()))
                        .map(NeighbourClocks::told));
    }

    private Optional<Map.Entry<OrganisationId, Duration>> leastAhead(Collection<OrganisationId> of) {
        return ahead().entrySet().stream()
                .filter(one -> of.contains(one.getKey()))
                .min(Map.Entry.comparingByValue());
    }

    static boolean isFar(Duration ahead) {
        return ahead.compareTo(AHEAD_MAX) > 0;
    }

    private static Refusal told(Map.Entry<OrganisationId, Duration> one) {
        return Refusal.of(
                ErrorCode.CLOCK_FAR_AHEAD,
                "this clock is {0} s ahead of that of {1}",
                one.getValue().toSeconds(),
                one.getKey());
    }
}
