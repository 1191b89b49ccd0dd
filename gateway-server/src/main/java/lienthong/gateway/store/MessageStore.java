package lienthong.gateway.store;

import java.util.Optional;
import lienthong.gateway.message.Bytes;

/**
 * A keyed store of bytes that keeps what it has acknowledged. Delivery owns the meaning of every value.
 *
 * <p>{@link #read} and {@link #forEach} show what is durable, nothing else: a submitted change is seen from the moment its {@code durable}
 * runs (or just before), never earlier. After a restart exactly the durable values are there, each as whole as it was written, except those
 * reported as damaged through {@link StoreEvents}. Thread-safe.
 */
public interface MessageStore extends AutoCloseable {
    /**
     * A number above zero that this store never gave before, also not before a restart; only one that no durable batch was submitted after may
     * come again after a crash.
     */
    long newKey();

    /**
     * The live value, its checksum compared again. A value found damaged now is set aside, reported and from then on absent.
     * Blocks for one disk read at worst.
     */
    Optional<Bytes> read(Kind kind, long key);

    /** Shows all live values of a kind, ascending by (unsigned) key; for start-up. The visitor may call {@link #submit}. */
    void forEach(Kind kind, Visitor visitor);

    /** How many live values a kind has. */
    int count(Kind kind);

    /**
     * Queues a batch. Batches become durable in the order of submission, each one whole; all that wait share one write and one
     * {@code fdatasync}. Never blocks.
     *
     * @param durable runs in the loop after the batch is durable, in order of submission; never when the store has failed or was closed
     *     before: whoever waits for it then answers nothing
     */
    void submit(Batch batch, Runnable durable);

    /** Payloads too large for a value. */
    Spool spool();

    /** Settled evidence. */
    Archive archive();

    /** Answers questions about what is in the store, a moment behind it. */
    View view();

    /** Who may still bring data, by free space. */
    DiskGate gate();

    /** Figures of this moment. */
    StoreStatus status();

    /**
     * A consistent copy of log, spool and archive as hard links under {@code folder} (new, relative to the data folder), made while
     * running: what was durable when this was called is in it, and nothing that it needs is removed meanwhile. Months of the archive go on growing.
     * Blocks; call outside the loop.
     *
     * @return bytes the copy holds; 0 when there was no room to close the log's segment, links cannot be made, or the store has failed
     */
    long backup(String folder);

    /** Makes durable what was submitted, then ends. Its {@code durable}s still go to the loop. */
    @Override
    void close();

    /** Sees one live value. */
    @FunctionalInterface
    interface Visitor {
        void value(long key, Bytes value);
    }
}
