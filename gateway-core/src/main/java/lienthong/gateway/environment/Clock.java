package lienthong.gateway.environment;

import java.time.Instant;

/** The wall clock and the monotonic one. Time is claimed, never decides order. Thread-safe. */
public interface Clock {
    /** What this machine claims the time is; may jump either way. */
    Instant now();

    /** Nanoseconds since an arbitrary moment; never goes back; for durations within one process. */
    long nanos();

    /** The machine's clocks. */
    static Clock real() {
        return new RealClock();
    }
}
