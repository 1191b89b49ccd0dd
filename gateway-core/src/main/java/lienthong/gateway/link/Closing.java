package lienthong.gateway.link;

import java.time.Duration;
import java.util.Optional;

/**
 * What a {@code Close} frame says.
 *
 * @param reason why
 * @param retryAfter when the peer may come back, where that matters; at most an hour
 * @param detail in plain words, at most 300 characters; never content or keys
 */
public record Closing(CloseReason reason, Optional<Duration> retryAfter, String detail) {
    static final int DETAIL_CHARS_MAX = 300;
    static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);

    public Closing {
        detail = detail.length() <= DETAIL_CHARS_MAX ? detail : detail.substring(0, DETAIL_CHARS_MAX - 1) + "…";
        retryAfter = retryAfter.map(d -> d.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : d);
    }

    public static Closing of(CloseReason reason) {
        return new Closing(reason, Optional.empty(), "");
    }

    public static Closing of(CloseReason reason, String detail) {
        return new Closing(reason, Optional.empty(), detail);
    }

    public static Closing of(CloseReason reason, Duration retryAfter) {
        return new Closing(reason, Optional.of(retryAfter), "");
    }
}
