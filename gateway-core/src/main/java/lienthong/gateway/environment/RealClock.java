package lienthong.gateway.environment;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The machine's clocks, wall time cut to milliseconds because that is what cores and receipts hold. */
final class RealClock implements Clock {
    @Override
    public Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }
}
