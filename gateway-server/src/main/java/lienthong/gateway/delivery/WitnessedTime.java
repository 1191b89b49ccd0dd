package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How late it is at most, as another machine's clock vouches for it: what peers said in their hellos, carried on by the monotonic clock. By
 * this, and never by this machine's clock alone, something is old enough to be ended or forgotten; before the first hello nothing is.
 * Confined to the loop.
 */
final class WitnessedTime {
    /** By so much honest clocks differ: no more is believed beyond what a peer says. */
    private static final Duration CLOCKS_DIFFER = Duration.ofHours(1);
    /** Less is what a wire takes and clocks drift. */
    private static final Duration LEAP = Duration.ofMinutes(1);

    private @Nullable Instant heard;
    private long heardNanos;

    /**
     * A peer says what time it is.
     *
     * @param own what this machine's clock claims
     * @return whether it is later than was known
     */
    boolean hear(Instant theirs, Instant own, long nanos) {
        Instant said = theirs.plus(CLOCKS_DIFFER);
        Instant agreed = said.isBefore(own) ? said : own;
        Instant known = heard;
        if (known != null && !agreed.isAfter(carried(known, nanos).plus(LEAP))) {
            return false;
        }
        heard = agreed;
        heardNanos = nanos;
        return true;
    }

    /** {@link Instant#MIN} while nobody has said anything. */
    Instant at(Instant own, long nanos) {
        Instant known = heard;
        if (known == null) {
            return Instant.MIN;
        }
        Instant now = carried(known, nanos);
        return now.isBefore(own) ? now : own;
    }

    private Instant carried(Instant known, long nanos) {
        return known.plusNanos(Math.max(0, nanos - heardNanos));
    }
}
