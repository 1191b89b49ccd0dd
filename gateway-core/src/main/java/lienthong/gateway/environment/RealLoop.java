package lienthong.gateway.environment;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import lienthong.gateway.message.Invariant;
import org.jspecify.annotations.Nullable;

/** A thread for the loop and a few for offloaded work. A task that throws ends the loop: the failure handler decides about the process. */
public final class RealLoop implements Loop, AutoCloseable {
    /** 73 years: far from where differences of nanoseconds overflow. */
    private static final long DELAY_NANOS_MAX = 1L << 61;

    private static final int SWEEP_COUNT_MIN = 1_024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final PriorityQueue<Timed> timed = new PriorityQueue<>(Timed::compareByDue);
    private final List<Runnable> hooks = new ArrayList<>();
    private final Map<Long, ArrayDeque<Runnable>> lanes = new HashMap<>();
    private final AtomicLong orders = new AtomicLong();
    private final AtomicBoolean failedOnce = new AtomicBoolean();
    private final ExecutorService workers;
    private final Consumer<Throwable> failed;
    private final Thread thread;

    private List<Runnable> waiting = new ArrayList<>();
    private int cancelledCount;
    private volatile boolean closed;

    private RealLoop(String name, int workerCount, Consumer<Throwable> failed) {
        this.failed = failed;
        this.thread = new Thread(this::run, name);
        AtomicLong workerNumber = new AtomicLong();
        this.workers = Executors.newFixedThreadPool(workerCount, task -> {
            Thread worker = new Thread(task, name + "-worker-" + workerNumber.incrementAndGet());
            worker.setDaemon(true);
            return worker;
        });
    }

    /**
     * Starts a loop.
     *
     * @param failed gets what a task or a work threw; called once, on the thread where it happened, after which nothing more runs
     */
    public static RealLoop start(String name, int workerCount, Consumer<Throwable> failed) {
        RealLoop loop = new RealLoop(name, workerCount, failed);
        loop.thread.start();
        return loop;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            waiting.add(task);
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Cancellation schedule(long delayNanos, Runnable task) {
        long delay = Math.max(0, Math.min(delayNanos, DELAY_NANOS_MAX));
        Timed entry = new Timed(System.nanoTime() + delay, orders.incrementAndGet(), task);
        lock.lock();
        try {
            if (closed) {
                return () -> {};
            }
            timed.add(entry);
            arrived.signal();
        } finally {
            lock.unlock();
        }
        return () -> {
            lock.lock();
            try {
                cancel(entry);
            } finally {
                lock.unlock();
            }
        };
    }

    /** Marks only: finding an entry in the queue costs its length, and leases cancel thousands a second. Swept when half are marked. */
    private void cancel(Timed entry) {
        if (entry.task == null) {
            return;
        }
        entry.task = null;
        if (!entry.isQueued) {
            return;
        }
        cancelledCount++;
        if (cancelledCount > SWEEP_COUNT_MIN && cancelledCount > timed.size() / 2) {
            timed.removeIf(marked -> marked.task == null);
            cancelledCount = 0;
        }
    }

    @Override
    public <T> void offload(long lane, Work<T> work, Consumer<? super T> then) {
        Runnable job = () -> {
            if (closed) {
                return;
            }
            try {
                T result = work.run();
                execute(() -> then.accept(result));
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                fail(stopped);
            } catch (Throwable thrown) {
                fail(thrown);
            }
        };
        if (lane == 0) {
            submit(job);
            return;
        }
        synchronized (lanes) {
            ArrayDeque<Runnable> queue = lanes.get(lane);
            if (queue != null) {
                queue.add(job);
                return;
            }
            lanes.put(lane, new ArrayDeque<>());
        }
        submit(() -> runLane(lane, job));
    }

    private void runLane(long lane, Runnable first) {
        first.run();
        Runnable next;
        synchronized (lanes) {
            ArrayDeque<Runnable> queue = lanes.get(lane);
            next = queue == null ? null : queue.poll();
            if (next == null) {
                lanes.remove(lane);
                return;
            }
        }
        Runnable following = next;
        submit(() -> runLane(lane, following));
    }

    private void submit(Runnable job) {
        if (closed) {
            return;
        }
        try {
            workers.execute(job);
        } catch (RejectedExecutionException closedMeanwhile) {
            Invariant.check(closed, "workers ended before the loop");
        }
    }

    @Override
    public void checkInLoop() {
        Invariant.check(Thread.currentThread() == thread, "called outside the loop");
    }

    @Override
    public void atEndOfTurn(Runnable hook) {
        lock.lock();
        try {
            hooks.add(hook);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            List<Runnable> turn = new ArrayList<>();
            while (!closed) {
                turn.clear();
                List<Runnable> currentHooks = takeTurn(turn);
                runWhileOpen(turn);
                runWhileOpen(currentHooks);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            fail(stopped);
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    /** An earlier task of the same turn may have taken it back. */
    private void fire(Timed entry) {
        Runnable task;
        lock.lock();
        try {
            task = entry.task;
            entry.task = null;
        } finally {
            lock.unlock();
        }
        if (task != null) {
            task.run();
        }
    }

    private void runWhileOpen(List<Runnable> tasks) {
        for (Runnable task : tasks) {
            if (closed) {
                return;
            }
            task.run();
        }
    }

    private List<Runnable> takeTurn(List<Runnable> turn) throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                long now = System.nanoTime();
                turn.addAll(waiting);
                waiting = new ArrayList<>();
                for (Timed first = timed.peek(); first != null && first.dueNanos - now <= 0; first = timed.peek()) {
                    timed.poll();
                    first.isQueued = false;
                    if (first.task == null) {
                        cancelledCount--;
                    } else {
                        Timed due = first;
                        turn.add(() -> fire(due));
                    }
                }
                if (!turn.isEmpty()) {
                    break;
                }
                Timed first = timed.peek();
                if (first == null) {
                    arrived.await();
                } else {
                    long remaining = arrived.awaitNanos(first.dueNanos - now);
                    Invariant.check(remaining <= first.dueNanos - now, "wait of negative length");
                }
            }
            return List.copyOf(hooks);
        } finally {
            lock.unlock();
        }
    }

    private void fail(Throwable thrown) {
        if (failedOnce.compareAndSet(false, true) && !closed) {
            end();
            failed.accept(thrown);
        }
    }

    private void end() {
        lock.lock();
        try {
            closed = true;
            waiting = new ArrayList<>();
            timed.clear();
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
        workers.shutdown();
    }

    /** Stops after the running task and the running works; waiting ones are dropped, and what comes later is ignored. Does not wait. */
    @Override
    public void close() {
        end();
    }

    /** As {@link #close}, and waits for the running task and the running works; whether they have ended. Not from the loop or a work. */
    public boolean end(Duration atMost) throws InterruptedException {
        Invariant.check(Thread.currentThread() != thread, "the loop cannot wait for itself");
        long deadline = System.nanoTime() + atMost.toNanos();
        end();
        boolean worksEnded = workers.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
        // A join of 0 ms would wait for ever.
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        return worksEnded && !thread.isAlive();
    }

    /** A task with its hour; without its task once it ran or was taken back. Guarded by the lock. */
    private static final class Timed {
        final long dueNanos;
        final long order;
        boolean isQueued = true;

        @Nullable
        Runnable task;

        Timed(long dueNanos, long order, Runnable task) {
            this.dueNanos = dueNanos;
            this.order = order;
            this.task = task;
        }

        /** By difference, since {@link System#nanoTime} may wrap. */
        int compareByDue(Timed other) {
            int byTime = Long.compare(dueNanos - other.dueNanos, 0);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
