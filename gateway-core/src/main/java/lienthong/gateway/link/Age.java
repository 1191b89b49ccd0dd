package lienthong.gateway.link;

import java.time.Duration;

/**
 * How long an envelope has been on its way; it goes on while it waits here.
 *
 * @param atStart when it was handed over
 * @param startNanos by the monotonic clock
 */
record Age(Duration atStart, long startNanos) {
    long millisAt(long nowNanos) {
        long age = atStart.toMillis() + (nowNanos - startNanos) / 1_000_000;
        return Math.max(0, Math.min(FrameShapes.AGE_MS_MAX, age));
    }
}
