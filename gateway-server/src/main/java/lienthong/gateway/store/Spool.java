package lienthong.gateway.store;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import lienthong.gateway.message.Result;

/**
 * Ciphertexts above {@link lienthong.gateway.message.Limits#INLINE_CIPHERTEXT_BYTES_MAX}, one file each, ciphertext only. All methods that touch a file block: call them
 * in offloaded work. A failed fsync ends the store ({@link StoreEvents#failed}) and is answered by its refusal; a full disk is answered
 * {@code DISK_LOW} and ends only this payload.
 */
public interface Spool {
    /** Begins a payload that need not survive a restart before it is finished. */
    Result<Writer> begin();

    /**
     * Begins a transfer under a name, or takes it up again where its durable bytes end: in this process or after a restart; one that was finished
     * and is named by no value, at its end. Only one open writer per name, and none while a finished one is being named; a second is a bug.
     *
     * @param name 1 to 100 characters {@code [a-z0-9-]}
     * @param owner who is answerable for its bytes from now on: up to 100 characters of printable ASCII; kept with it, told by {@link #partials}
     */
    Result<Partial> resumable(String name, String owner);

    /** Likewise, of nobody. */
    default Result<Partial> resumable(String name) {
        return resumable(name, "");
    }

    /** Names of transfers that were begun and neither finished nor discarded, with what is durable of each. */
    List<Known> partials();

    /**
     * Opens a finished file; {@code SPOOL_MISSING} when it is absent, too short or not the file that was written. Stays readable until
     * closed, also when the last value that names it is dropped meanwhile.
     */
    Result<Reader> open(SpoolId id);

    /** Removes a finished file that no value names and no value will name. */
    void discard(SpoolId id);

    /** Keeps a finished file that is not the one that was written in quarantine, its beginning at least, and tells of it; it goes with the last value that names it. */
    void setAside(SpoolId id);

    /** One payload being written. Used by one thread at a time. Closing an unfinished {@link #begin} removes it. */
    interface Writer extends AutoCloseable {
        /** Writes all of {@code source} at {@code offset}, at most at the end of what was written: no holes. The new size, or a refusal. */
        Result<Long> write(long offset, ByteBuffer source);

        /** Bytes written so far. */
        long size();

        /**
         * Makes content and name durable (fdatasync, rename, fsync of the folder) and closes. The id may now be named by a
         * {@link Batch#put(Kind, long, lienthong.gateway.message.Bytes, SpoolId)}; unnamed, it is gone after the next start. {@code DISK_LOW} ends
         * nothing: it may be finished later, closed or discarded.
         */
        Result<SpoolId> finish();

        /** Removes it. */
        void discard();

        @Override
        void close();
    }

    /** A payload whose durable part survives restarts. Closing keeps it; {@link #discard} and {@link #finish} end it. */
    interface Partial extends Writer {
        /** Bytes that survive whatever happens: what may be stated to a peer. */
        long durableOffset();

        /**
         * Makes all bytes below {@code offset} durable and then remembers the offset in the log.
         *
         * @param durable runs in the loop when the offset may be stated to a peer; never when the store has failed
         * @return the offset, or the refusal of a store that has failed
         */
        Result<Long> syncTo(long offset, Runnable durable);

        /** Reads what was written up to {@link #size}: an earlier session's bytes, to go on hashing. How many; 0 at the end. */
        Result<Integer> read(long offset, ByteBuffer target);
    }

    /** A finished payload. Thread-safe. */
    interface Reader extends AutoCloseable {
        long size();

        /** Reads up to {@code target.remaining()} bytes at {@code offset}; how many (0 at the end), or {@code SPOOL_MISSING} when the disk cannot give them. */
        Result<Integer> read(long offset, ByteBuffer target);

        @Override
        void close();
    }

    /**
     * A transfer under way.
     *
     * @param touched when it was begun or bytes of it last became durable, by the wall clock
     */
    record Known(String name, String owner, long durableOffset, Instant touched) {}
}
