package lienthong.gateway.lab.simulate;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The wall clock of one machine: wrong by something, drifting, and now and then set anew. */
final class SiteClock {
    /** When every simulation begins, by the sun. */
    static final Instant START = Instant.parse("2026-11-02T00:00:00Z");

    private static final long DRIFTED_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);

    private long offsetNanos;
    private long ahead;
    private long driftPerMillion;
    private long driftSince;

    void setOff(long nanos) {
        offsetNanos = nanos;
    }

    /** Gains so many microseconds a second from {@code now} on. */
    void drift(long perMillion, long now) {
        offsetNanos = offset(now);
        driftSince = now;
        driftPerMillion = perMillion;
    }

    /** Somebody sets it: so much ahead of what it said. */
    void jump(long nanos) {
        offsetNanos += nanos;
        ahead += Math.max(0, nanos);
    }

    /** Set right. */
    void correct(long now) {
        ahead += Math.max(0, -offset(now));
        offsetNanos = 0;
        driftPerMillion = 0;
    }

    /** All its leaps ahead together, so far, and what it may have gained by drifting. */
    long aheadNanosMax() {
        return ahead + DRIFTED_NANOS_MAX;
    }

    /** Whether it is wrong by more than an hour. */
    boolean isFarOff(long now) {
        return Math.abs(offset(now)) > TimeUnit.HOURS.toNanos(1);
    }

    private long offset(long now) {
        return offsetNanos + (now - driftSince) / 1_000_000 * driftPerMillion;
    }

    Instant now(long now) {
        return START.plusMillis(TimeUnit.NANOSECONDS.toMillis(now + offset(now)));
    }
}
