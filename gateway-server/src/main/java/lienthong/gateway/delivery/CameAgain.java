package lienthong.gateway.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;

/**
 * What neighbours brought again, told in bounds (threat T6): the first from a neighbour at once, those of the following hour together. A million
 * replays are two events an hour and not a full disk. Confined to the loop.
 */
final class CameAgain {
    static final Duration TOGETHER = Duration.ofHours(1);

    private final Desks desks;
    private final Map<OrganisationId, More> more = new TreeMap<>();

    /** Since the event that was told at once. */
    private static final class More {
        private long count;
        private Optional<MessageId> last = Optional.empty();
    }

    CameAgain(Desks desks) {
        this.desks = desks;
    }

    void from(OrganisationId neighbour, MessageId id) {
        More since = more.get(neighbour);
        if (since != null) {
            since.count++;
            since.last = Optional.of(id);
            return;
        }
        more.put(neighbour, new More());
        desks.event(What.CAME_AGAIN, id, Detail.of("from {0}", neighbour));
        desks.ports.loop().schedule(TOGETHER.toNanos(), () -> tell(neighbour));
    }

    private void tell(OrganisationId neighbour) {
        More since = more.remove(neighbour);
        if (since != null && since.count > 0) {
            desks.event(
                    What.CAME_AGAIN,
                    Optional.empty(),
                    since.last,
                    Detail.of("from {0}: {1} more since the entry before, this the last", neighbour, since.count));
        }
    }

    /** What was only counted so far: before the end. */
    void tellAll() {
        List.copyOf(more.keySet()).forEach(this::tell);
    }
}
