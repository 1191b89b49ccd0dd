package lienthong.gateway.environment;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import lienthong.gateway.message.Invariant;

/** A thread for the loop and a few for offloaded work. A task that throws ends the loop: the failure handler decides about the process. */
public final class RealLoop implements Loop, AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final PriorityQueue<Timed> timed = new PriorityQueue<>(
            Comparator.comparingLong((Timed t) -> t.dueNanos).thenComparingLong(t -> t.order));
    private final List<Runnable> hooks = new ArrayList<>();
    private final Map<Long, ArrayDeque<Runnable>> lanes = new HashMap<>();
    private final AtomicLong orders = new AtomicLong();
    private final ExecutorService workers;
    private final Consumer<Throwable> failed;
    private final Thread thread;

    private List<Runnable> waiting = new ArrayList<>();
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
            waiting.add(task);
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Cancellation schedule(long delayNanos, Runnable task) {
        Timed entry = new Timed(System.nanoTime() + Math.max(0, delayNanos), orders.incrementAndGet(), task);
        lock.lock();
        try {
            timed.add(entry);
            arrived.signal();
        } finally {
            lock.unlock();
        }
        return () -> {
            lock.lock();
            try {
                timed.remove(entry);
            } finally {
                lock.unlock();
            }
        };
    }

    @Override
    public <T> void offload(long lane, Work<T> work, Consumer<? super T> then) {
        Runnable job = () -> {
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
        if (!closed) {
            workers.execute(job);
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
                for (Runnable task : turn) {
                    task.run();
                }
                for (Runnable hook : currentHooks) {
                    hook.run();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            fail(stopped);
        } catch (Throwable thrown) {
            fail(thrown);
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
                    turn.add(first.task);
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
        if (!closed) {
            closed = true;
            failed.accept(thrown);
        }
    }

    /** Stops after the running task; waiting ones are dropped. */
    @Override
    public void close() {
        closed = true;
        lock.lock();
        try {
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
        workers.shutdown();
    }

    private record Timed(long dueNanos, long order, Runnable task) {}
}
