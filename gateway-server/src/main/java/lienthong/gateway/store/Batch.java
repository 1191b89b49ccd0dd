package lienthong.gateway.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Changes that become durable together or not at all. Later changes of the same key win over earlier ones of the batch. Filled by one
 * thread, then handed to {@link MessageStore#submit} and never touched again.
 */
public final class Batch {
    /** All values of one batch together; a larger change is several batches. */
    public static final int BYTES_MAX = 16 * 1024 * 1024;

    private final List<Change> changes = new ArrayList<>();
    private long bytes;
    private boolean submitted;

    /** One change. */
    public sealed interface Change permits Put, Drop {
        Kind kind();

        long key();
    }

    /** The value replaces what the key had; {@code spool} is the file it refers to, kept as long as this value lives. */
    public record Put(
            Kind kind, long key, Bytes value, @Nullable SpoolId spool) implements Change {}

    /** The key has no value any more; no effect when it had none. */
    public record Drop(Kind kind, long key) implements Change {}

    /** Sets a value of at most {@link Limits#RECORD_BYTES_MAX} bytes; it lives until replaced or dropped. */
    public Batch put(Kind kind, long key, Bytes value) {
        return add(new Put(kind, key, value, null), value.size());
    }

    /** As above, and names a finished spool file, which stays as long as any live value names it. */
    public Batch put(Kind kind, long key, Bytes value, SpoolId spool) {
        return add(new Put(kind, key, value, spool), value.size());
    }

    /** Ends a value, and with the last value that names it, its spool file. */
    public Batch drop(Kind kind, long key) {
        return add(new Drop(kind, key), 0);
    }

    private Batch add(Change change, int valueBytes) {
        Invariant.check(!submitted, "batch changed after it was submitted");
        Invariant.check(valueBytes <= Limits.RECORD_BYTES_MAX, "value of %d bytes", valueBytes);
        changes.add(change);
        bytes += valueBytes;
        Invariant.check(bytes <= BYTES_MAX, "batch of %d bytes", bytes);
        return this;
    }

    /** The changes in order. */
    public List<Change> changes() {
        return Collections.unmodifiableList(changes);
    }

    /** Number of changes. */
    public int size() {
        return changes.size();
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Bytes of all values. */
    public long bytes() {
        return bytes;
    }

    /** Marks the batch as handed over; a second time is a bug. For implementations of {@link MessageStore}. */
    public void handOver() {
        Invariant.check(!submitted, "batch submitted twice");
        submitted = true;
    }
}
