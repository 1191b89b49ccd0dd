package lienthong.gateway.node;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;

/**
 * What a node knows of its disk having been put back from a copy.
 *
 * @param at what was made before may have been handed over before: when it was put back, and no earlier than what was signed here or the comparison's end
 * @param comparing nothing may be answered before the neighbours have said what they remember
 * @param acceptLoss an operator goes on although they remember more
 * @param former the life before, whose custody marks tell what is missing; while comparing it is still the present one
 * @param held custody numbers that the copy had
 * @param shown higher ones that neighbours have given back
 */
public record RestoreState(
        Instant at,
        boolean comparing,
        boolean acceptLoss,
        Optional<Incarnation> former,
        Map<OrganisationId, Long> held,
        Map<OrganisationId, Long> shown) {
    public RestoreState {
        held = Map.copyOf(held);
        shown = Map.copyOf(shown);
    }

    /** The comparison is over; {@code now} by the clock that the node signs by. */
    public RestoreState after(Instant now) {
        return new RestoreState(at.isBefore(now) ? now : at, false, acceptLoss, former, held, shown);
    }
}
