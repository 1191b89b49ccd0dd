package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.store.Batch;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.SpoolId;
import org.jspecify.annotations.Nullable;

/**
 * One turn of the loop as delivery sees it: one reading of the clock, so that all decisions agree, and one batch for everything decided. What
 * changes many times in a turn (counters, interval sets) is written once, in the same batch as the changes it belongs to.
 */
final class Turn {
    /** Well below {@link Batch#BYTES_MAX}: one more group of changes always fits. */
    private static final long SPLIT_BYTES = 4L * 1024 * 1024;

    private final Loop loop;
    private final Clock clock;
    private final MessageStore store;
    private final WitnessedTime witness = new WitnessedTime();
    private final ArrayDeque<Runnable> atEnd = new ArrayDeque<>();
    private final Set<Dirty> dirty = new LinkedHashSet<>();

    private long dirtyBytes;
    private Batch batch = new Batch();
    private List<Runnable> then = new ArrayList<>();
    private @Nullable List<Runnable> lastUnderWay;
    private @Nullable Instant now;

    Turn(Loop loop, Clock clock, MessageStore store) {
        this.loop = loop;
        this.clock = clock;
        this.store = store;
        loop.atEndOfTurn(this::end);
    }

    /** A value that is written once for all its changes of a batch. */
    interface Dirty {
        /** Upper bound of what it will write. */
        int bytesMax();

        /** Puts its present value. */
        void write(Turn turn);
    }

    /** The same all turn long. */
    Instant now() {
        if (now == null) {
            now = clock.now();
        }
        return now;
    }

    long nanos() {
        return clock.nanos();
    }

    /** How late it is at most, as somebody else's clock vouches for it; {@link Instant#MIN} while none does. */
    Instant witnessed() {
        return witness.at(now(), nanos());
    }

    /** A peer says what time it is; gives whether it is later than was known. */
    boolean hear(Instant theirs) {
        return witness.hear(theirs, now(), nanos());
    }

    /** The next changes, of so many bytes, belong together: they go to one batch. */
    void together(long bytes) {
        if (batch.bytes() + dirtyBytes + bytes > SPLIT_BYTES) {
            submit();
        }
    }

    void put(Kind kind, long key, Bytes value) {
        batch.put(kind, key, value);
    }

    void put(Kind kind, long key, Bytes value, SpoolId spool) {
        batch.put(kind, key, value, spool);
    }

    void drop(Kind kind, long key) {
        batch.drop(kind, key);
    }

    void dirty(Dirty value) {
        if (dirty.add(value)) {
            dirtyBytes += value.bytesMax();
        }
    }

    /** Runs in the loop after everything decided so far is durable; at once when it is already. */
    void whenDurable(Runnable task) {
        if (!batch.isEmpty() || !dirty.isEmpty()) {
            then.add(task);
        } else if (lastUnderWay != null) {
            lastUnderWay.add(task);
        } else {
            task.run();
        }
    }

    /** Runs once at the end of this turn, before the batch is submitted. */
    void atEnd(Runnable task) {
        atEnd.add(task);
    }

    private void end() {
        // What a task decides at the end of a turn belongs to the same turn, also what it decides on hearing that all
        // is durable already.
        do {
            for (Runnable task = atEnd.poll(); task != null; task = atEnd.poll()) {
                task.run();
            }
            submit();
        } while (!atEnd.isEmpty() || !batch.isEmpty() || !dirty.isEmpty());
        now = null;
    }

    private void submit() {
        for (Dirty value : List.copyOf(dirty)) {
            value.write(this);
        }
        dirty.clear();
        dirtyBytes = 0;
        if (batch.isEmpty()) {
            // Everything that was dirty has been dropped meanwhile; whoever waits still waits for the batches before.
            List<Runnable> waiting = then;
            then = new ArrayList<>();
            waiting.forEach(this::whenDurable);
            return;
        }
        Batch full = batch;
        List<Runnable> waiting = then;
        batch = new Batch();
        then = new ArrayList<>();
        lastUnderWay = waiting;
        store.submit(full, () -> {
            loop.checkInLoop();
            if (lastUnderWay == waiting) {
                lastUnderWay = null;
            }
            waiting.forEach(Runnable::run);
        });
    }
}
