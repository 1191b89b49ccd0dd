package lienthong.gateway.lab.proof;

import java.util.concurrent.TimeUnit;

/** When a run has struck often or long enough. Immutable. */
record Limit(long cycles, long untilNanos) {
    /** @param minutes at most; 0 for no bound in time */
    static Limit of(long cycles, long minutes) {
        return new Limit(cycles, minutes == 0 ? Long.MAX_VALUE : System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes));
    }

    boolean isReached(long struck) {
        return struck >= cycles || isTimeUp();
    }

    boolean isTimeUp() {
        return untilNanos != Long.MAX_VALUE && System.nanoTime() - untilNanos >= 0;
    }
}
