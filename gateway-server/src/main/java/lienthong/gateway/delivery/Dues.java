package lienthong.gateway.delivery;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import lienthong.gateway.environment.Loop;
import org.jspecify.annotations.Nullable;

/** What is due when, by the monotonic clock; one timer of the loop for all of it, none when nothing is due. */
final class Dues {
    private final Loop loop;
    private final Turn turn;
    private final TreeMap<Due, Runnable> tasks = new TreeMap<>();

    private long orders;
    private @Nullable Due armedFor;
    private Loop.@Nullable Cancellation timer;

    Dues(Loop loop, Turn turn) {
        this.loop = loop;
        this.turn = turn;
    }

    /** One entry; take it back with {@link Dues#cancel}. */
    record Due(long nanos, long order) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            // The monotonic clock may wrap: compare by difference.
            int first = Long.signum(nanos - other.nanos);
            return first != 0 ? first : Long.compare(order, other.order);
        }
    }

    Due in(Duration delay, Runnable task) {
        Due due = new Due(turn.nanos() + Math.max(0, delay.toNanos()), ++orders);
        tasks.put(due, task);
        arm();
        return due;
    }

    void cancel(@Nullable Due due) {
        if (due != null) {
            tasks.remove(due);
        }
    }

    private void arm() {
        Map.Entry<Due, Runnable> first = tasks.firstEntry();
        if (first == null || armedFor != null && armedFor.compareTo(first.getKey()) <= 0) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        armedFor = first.getKey();
        timer = loop.schedule(first.getKey().nanos() - turn.nanos(), this::fire);
    }

    private void fire() {
        armedFor = null;
        timer = null;
        // Only what was due when it began: a task that asks for no delay waits for the next turn.
        long now = turn.nanos();
        long last = orders;
        for (Map.Entry<Due, Runnable> first = tasks.firstEntry();
                first != null
                        && first.getKey().nanos() - now <= 0
                        && first.getKey().order() <= last;
                first = tasks.firstEntry()) {
            tasks.remove(first.getKey());
            first.getValue().run();
        }
        arm();
    }
}
