package lienthong.gateway.message;

import java.time.Duration;

/**
 * How long a message may be on its way before its recipient returns it unread, in whole seconds, 1 s to 60 days.
 *
 * @param seconds 1 to {@link Limits#LIFETIME_SECONDS_MAX}
 */
public record Lifetime(long seconds) {
    public static final Lifetime DEFAULT = new Lifetime(Duration.ofDays(30).toSeconds());

    public Lifetime {
        Invariant.check(seconds > 0 && seconds <= Limits.LIFETIME_SECONDS_MAX, "lifetime %d s", seconds);
    }

    /** Outside input; {@code LIFETIME_OUT_OF_RANGE} with limit and value. */
    public static Result<Lifetime> ofSeconds(long seconds) {
        return seconds > 0 && seconds <= Limits.LIFETIME_SECONDS_MAX
                ? Result.ok(new Lifetime(seconds))
                : Result.no(
                        ErrorCode.LIFETIME_OUT_OF_RANGE,
                        "1 to {0} seconds, not {1}",
                        Limits.LIFETIME_SECONDS_MAX,
                        seconds);
    }

    public Duration duration() {
        return Duration.ofSeconds(seconds);
    }
}
