package lienthong.gateway.lab.simulate;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import lienthong.gateway.message.Bug;

/**
 * Seed after seed on all cores: each runs in one thread from its beginning to its end, knows nothing of the others, and the outcomes come in the order of
 * the seeds, so that what is printed does not depend on who was faster. Confined to one thread, that of whoever asks.
 */
public final class Seeds<T> implements AutoCloseable {
    /** Begun before they are asked for: enough that one large province holds nobody up. */
    private static final int AHEAD = 8;

    private final LongFunction<T> run;
    private final ExecutorService workers;
    private final Queue<Future<T>> begun = new ArrayDeque<>();
    private final int ahead;
    private long next;

    /** @param run what to do with a seed, in a thread of its own */
    public Seeds(long first, int threads, LongFunction<T> run) {
        AtomicInteger count = new AtomicInteger();
        this.run = run;
        this.next = first;
        this.ahead = threads * AHEAD;
        this.workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "seeds-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** One thread on each core. */
    public static <T> Seeds<T> onAllCores(long first, LongFunction<T> run) {
        return new Seeds<>(first, Runtime.getRuntime().availableProcessors(), run);
    }

    /** The next seed's outcome. */
    public T next() throws InterruptedException {
        while (begun.size() < ahead) {
            long seed = next++;
            begun.add(workers.submit(() -> run.apply(seed)));
        }
        try {
            return begun.remove().get();
        } catch (ExecutionException thrown) {
            throw new Bug("a seed did not come to its end", Objects.requireNonNullElse(thrown.getCause(), thrown));
        }
    }

    /** What was begun ahead is given up. */
    @Override
    public void close() {
        workers.shutdownNow();
    }
}
