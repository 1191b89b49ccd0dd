package lienthong.gateway.lab.simulate;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time and the one queue of everything that will happen. Time leaps to the next event; what is due at the same time happens in the order in
 * which it was asked for. Keeps a hash over all that happened, so that two runs can be compared.
 */
final class Timeline {
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            Comparator.<Event>comparingLong(event -> event.at).thenComparingLong(event -> event.order));
    private long now;
    private long order;
    private long steps;
    private long hash = 0x4C69_656E_7468_6F6EL;

    /** Something to come, which may be taken back. */
    static final class Event {
        private final long at;
        private final long order;
        private @Nullable Runnable task;

        private Event(long at, long order, Runnable task) {
            this.at = at;
            this.order = order;
            this.task = task;
        }

        void cancel() {
            task = null;
        }
    }

    /** Nanoseconds since the province began. */
    long now() {
        return now;
    }

    /** Events so far. */
    long steps() {
        return steps;
    }

    /** Of everything that was noted so far, with its time. */
    long hash() {
        return hash;
    }

    /** Runs {@code task} after {@code delay} nanoseconds. */
    Event after(long delay, Runnable task) {
        Event event = new Event(now + Math.max(0, delay), order++, task);
        events.add(event);
        return event;
    }

    /** Runs the next event that is due before {@code until}; false, and it is {@code until}, when there is none. */
    boolean step(long until) {
        while (true) {
            Event next = events.peek();
            if (next == null || next.at >= until) {
                now = Math.max(now, until);
                return false;
            }
            events.remove();
            Runnable task = next.task;
            if (task != null) {
                now = next.at;
                steps++;
                note(next.order);
                task.run();
                return true;
            }
        }
    }

    /** Something that must be the same in every run of the seed. */
    void note(long what) {
        long mixed = (hash ^ what) * 0x9E37_79B9_7F4A_7C15L + now;
        hash = mixed ^ mixed >>> 29;
    }

    void note(String what) {
        note(what.hashCode());
    }
}
