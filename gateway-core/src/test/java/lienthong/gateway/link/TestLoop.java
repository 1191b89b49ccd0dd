package lienthong.gateway.link;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Bug;

/** A loop with a clock of its own, driven by the test: offloaded work runs one turn later, nothing runs by itself. */
public final class TestLoop implements Loop, Clock {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final int TURNS_MAX = 5_000_000;

    private final PriorityQueue<Timed> timed =
            new PriorityQueue<>(Comparator.comparingLong((Timed t) -> t.due).thenComparingLong(t -> t.order));
    private final List<Runnable> hooks = new ArrayList<>();
    private ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private long nanos = 1;
    private long orders;
    private boolean inside;

    private record Timed(long due, long order, Runnable task) {}

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
    }

    @Override
    public Cancellation schedule(long delayNanos, Runnable task) {
        Timed entry = new Timed(nanos + Math.max(0, delayNanos), orders++, task);
        timed.add(entry);
        return () -> timed.remove(entry);
    }

    @Override
    public <T> void offload(long lane, Work<T> work, Consumer<? super T> then) {
        execute(() -> {
            T result;
            try {
                result = work.run();
            } catch (Exception e) {
                throw new Bug("offloaded work failed", e);
            }
            execute(() -> then.accept(result));
        });
    }

    @Override
    public void checkInLoop() {
        if (!inside) {
            throw new Bug("called outside the loop");
        }
    }

    @Override
    public void atEndOfTurn(Runnable hook) {
        hooks.add(hook);
    }

    /** Runs {@code task} in a turn of its own, and all that follows from it without time passing. */
    public void run(Runnable task) {
        execute(task);
        run();
    }

    /** Runs turns until nothing waits at the present time. */
    public void run() {
        for (int turn = 0; turn < TURNS_MAX; turn++) {
            while (!timed.isEmpty() && timed.peek().due <= nanos) {
                waiting.add(timed.remove().task);
            }
            if (waiting.isEmpty()) {
                return;
            }
            ArrayDeque<Runnable> now = waiting;
            waiting = new ArrayDeque<>();
            inside = true;
            now.forEach(Runnable::run);
            hooks.forEach(Runnable::run);
            inside = false;
        }
        throw new AssertionError("the loop never comes to rest");
    }

    /** Lets time pass, event by event. */
    void advance(Duration time) {
        long until = nanos + time.toNanos();
        run();
        while (!timed.isEmpty() && timed.peek().due <= until) {
            nanos = Math.max(nanos, timed.peek().due);
            run();
        }
        nanos = until;
        run();
    }

    @Override
    public Instant now() {
        return START.plusNanos(nanos);
    }

    @Override
    public long nanos() {
        return nanos;
    }
}
