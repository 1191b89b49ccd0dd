package lienthong.gateway.environment;

import java.util.function.Consumer;

/**
 * The one thread in which a node's decisions are made: delivery, link sessions and local hand-over are confined to it. Work that takes
 * processor or disk time is offloaded and comes back. The simulator has one loop for a whole province and runs offloaded work in place.
 */
public interface Loop {
    /** Runs {@code task} in the loop, after what is already waiting. Any thread. */
    void execute(Runnable task);

    /** Runs {@code task} in the loop not before {@code delayNanos} from now. Any thread. */
    Cancellation schedule(long delayNanos, Runnable task);

    /**
     * Runs {@code work} outside the loop and {@code then} with its result in the loop. A throw of {@code work} is a bug or a dead disk and
     * ends the loop through its failure handler. Results of works offloaded under the same {@code lane} come back in order, and such works
     * never run at the same time; lane 0 has no order.
     */
    <T> void offload(long lane, Work<T> work, Consumer<? super T> then);

    /** A {@link lienthong.gateway.message.Bug} unless called in the loop. */
    void checkInLoop();

    /** Runs {@code hook} at the end of each turn, when all waiting tasks were run: flush sockets once, start one group commit. */
    void atEndOfTurn(Runnable hook);

    /** Work outside the loop. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws Exception;
    }

    /** Takes a scheduled task back; no effect when it has run. */
    @FunctionalInterface
    interface Cancellation {
        void cancel();
    }
}
