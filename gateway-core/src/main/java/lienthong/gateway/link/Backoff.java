package lienthong.gateway.link;

import java.time.Duration;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Limits;

/** When to dial again: 1 s doubling to 5 min, each time a quarter more or less, so that a province does not come back in step. Confined to the loop. */
public final class Backoff {
    private static final long FIRST_MS = 1_000;
    private static final long LAST_MS = Limits.RECONNECT_SECONDS_MAX * 1_000L;

    private final Randomness randomness;
    private long nextMs = FIRST_MS;

    public Backoff(Randomness randomness) {
        this.randomness = randomness;
    }

    /** How long to wait before the next try; the one after it waits twice as long. */
    public Duration next() {
        long base = nextMs;
        nextMs = Math.min(LAST_MS, 2 * nextMs);
        long spread = base / 2;
        long random = (randomness.nonZeroLong() >>> 1) % (spread + 1);
        return Duration.ofMillis(base - spread / 2 + random);
    }

    /** The neighbour is there: begin anew. */
    public void reset() {
        nextMs = FIRST_MS;
    }
}
