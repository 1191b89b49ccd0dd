package lienthong.gateway.lab.proof;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * When a run has struck often or long enough. Immutable.
 *
 * @param untilNanos of {@link System#nanoTime}; {@link Long#MAX_VALUE} for no bound in time
 * @param stop once this file is there the time is up
 */
record Limit(long cycles, long untilNanos, Optional<Path> stop) {
    /** @param minutes at most; 0 for no bound in time */
    static Limit of(long cycles, long minutes) {
        return minutes == 0
                ? new Limit(cycles, Long.MAX_VALUE, Optional.empty())
                : lasting(cycles, TimeUnit.MINUTES.toNanos(minutes));
    }

    static Limit lasting(long cycles, long nanos) {
        return new Limit(cycles, System.nanoTime() + nanos, Optional.empty());
    }

    /** The same, and no longer than until this file is there: how a run is ended from outside without losing what it has shown. */
    Limit stoppedBy(Optional<Path> file) {
        return new Limit(cycles, untilNanos, file);
    }

    /** Time alone ends no run that has not struck yet: it would prove nothing. */
    boolean isReached(long struck) {
        return struck >= cycles || struck > 0 && isTimeUp();
    }

    /** So many nanoseconds, or what is left of the time if that is less. */
    long within(long nanos) {
        return untilNanos == Long.MAX_VALUE ? nanos : Math.max(0, Math.min(nanos, untilNanos - System.nanoTime()));
    }

    boolean isTimeUp() {
        return isStopped() || untilNanos != Long.MAX_VALUE && System.nanoTime() - untilNanos >= 0;
    }

    /** Whether somebody asks for the end. */
    boolean isStopped() {
        return stop.isPresent() && Files.exists(stop.get());
    }
}
