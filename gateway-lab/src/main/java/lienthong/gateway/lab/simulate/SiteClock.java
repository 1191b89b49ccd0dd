package lienthong.gateway.lab.simulate;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The wall clock of one machine: wrong by something, drifting, and now and then set anew. */
final class SiteClock {
    /** When every simulation begins, by the sun. */
    static final Instant START = Instant.parse("2026-11-02T00:00:00Z");

    private static final long DRIFTED_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);

    private static final long STEP_SECONDS = 10;
    private static final long TOLERANCE_SECONDS = 300;

    private Instant signed = Instant.EPOCH;
    private long signedAt;
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

    private Instant claimed(long now) {
        return START.plusMillis(TimeUnit.NANOSECONDS.toMillis(now + offset(now)));
    }

    /** What the node signs by: it never goes back by more than a step, as the daemon's does not. */
    Instant now(long now) {
        Instant claimed = claimed(now);
        if (claimed.isBefore(signed.minusSeconds(STEP_SECONDS))) {
            signed = signed.plusMillis(TimeUnit.NANOSECONDS.toMillis(now - signedAt));
        } else if (claimed.isAfter(signed)) {
            signed = claimed;
        }
        signedAt = now;
        return signed;
    }

    /** Whether a node would not start by it, for it stands before what was signed. */
    boolean isBehind(long now) {
        return claimed(now).isBefore(signed.minusSeconds(TOLERANCE_SECONDS));
    }

    /** An operator has set it right, and says that it is. */
    void accept(long now) {
        correct(now);
        signed = claimed(now);
        signedAt = now;
    }
}
