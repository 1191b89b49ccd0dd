package lienthong.gateway.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;

/** A loop and its clock for tests: turns run when asked, time moves when told. One thread. */
public final class TurnLoop implements Loop, Clock {
    private final PriorityQueue<Timed> timed =
            new PriorityQueue<>(Comparator.comparingLong(Timed::due).thenComparingLong(Timed::order));
    private final List<Runnable> hooks = new ArrayList<>();
    private List<Runnable> waiting = new ArrayList<>();
    private Duration ahead = Duration.ZERO;
    private long nanos;
    private long order;

    private record Timed(long due, long order, Runnable task) {}

    /** Runs turns until nothing waits. */
    public void run() {
        while (!waiting.isEmpty()) {
            List<Runnable> turn = waiting;
            waiting = new ArrayList<>();
            turn.forEach(Runnable::run);
            List.copyOf(hooks).forEach(Runnable::run);
        }
    }

    /** Moves time, then {@link #run}. */
    public void advance(long byNanos) {
        long target = nanos + byNanos;
        while (!timed.isEmpty() && timed.element().due() <= target) {
            Timed next = timed.remove();
            nanos = Math.max(nanos, next.due());
            waiting.add(next.task());
            run();
        }
        nanos = target;
        run();
    }

    /** Sets the wall clock so much ahead of the right time. */
    public void setAhead(Duration ahead) {
        this.ahead = ahead;
    }

    /** The node dies: nothing of it runs any more. */
    public void forget() {
        waiting.clear();
        hooks.clear();
        timed.clear();
    }

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
    }

    @Override
    public Cancellation schedule(long delayNanos, Runnable task) {
        Timed entry = new Timed(nanos + delayNanos, order++, task);
        timed.add(entry);
        return () -> timed.remove(entry);
    }

    @Override
    public <T> void offload(long lane, Work<T> work, Consumer<? super T> then) {
        try {
            T result = work.run();
            execute(() -> then.accept(result));
        } catch (Exception dead) {
            throw new AssertionError(dead);
        }
    }

    @Override
    public void checkInLoop() {}

    @Override
    public void atEndOfTurn(Runnable hook) {
        hooks.add(hook);
    }

    @Override
    public Instant now() {
        return Instant.ofEpochMilli(1_790_000_000_000L + nanos / 1_000_000).plus(ahead);
    }

    @Override
    public long nanos() {
        return nanos;
    }
}
