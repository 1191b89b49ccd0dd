package lienthong.gateway.api;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs what one stream has to do one after the other, on whichever thread brings it, and no lock is held meanwhile: transport callbacks and the
 * node's answers meet here. After everything waiting was run, {@code afterwards} runs once: answers go out together.
 */
final class Mailbox implements Executor {
    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Runnable afterwards;
    private final java.util.function.Consumer<Throwable> failure;

    /** {@code failure} gets whatever a task throws; the next tasks run all the same. */
    Mailbox(Runnable afterwards, java.util.function.Consumer<Throwable> failure) {
        this.afterwards = afterwards;
        this.failure = failure;
    }

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
        if (count.getAndIncrement() != 0) {
            return;
        }
        int done = 0;
        int seen;
        do {
            Runnable next = waiting.poll();
            while (next != null) {
                run(next);
                done++;
                next = waiting.poll();
            }
            run(afterwards);
            seen = count.addAndGet(-done);
            done = 0;
        } while (seen != 0);
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error bug) {
            failure.accept(bug);
        }
    }
}
