package lienthong.gateway.link;

import java.time.Duration;

/** Admission after a power cut: so many at once, then so many a second, the rest are told when to come. Numbers in, numbers out. Not thread-safe. */
public final class TokenBucket {
    private final double perSecond;
    private final double burst;
    private double tokens;
    private long atNanos;
    /** Given out beyond what there was: each told to come later than the one before. */
    private double promised;

    public TokenBucket(double perSecond, int burst, long nowNanos) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.tokens = burst;
        this.atNanos = nowNanos;
    }

    /** Zero: come in. Else when to come back; those who are refused are told different times. */
    public Duration admit(long nowNanos) {
        double grown = Math.max(0, nowNanos - atNanos) * perSecond / 1e9;
        atNanos = nowNanos;
        tokens = Math.min(burst, tokens + grown);
        promised = Math.max(0, promised - grown);
        if (tokens >= 1) {
            tokens -= 1;
            return Duration.ZERO;
        }
        promised += 1;
        double seconds = Math.min((double) Closing.RETRY_AFTER_MAX.toSeconds(), 1 + promised / perSecond);
        return Duration.ofMillis((long) (seconds * 1_000));
    }
}
