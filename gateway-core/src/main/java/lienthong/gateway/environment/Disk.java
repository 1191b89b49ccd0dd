package lienthong.gateway.environment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Detail;

/**
 * One folder of a file system, as the store needs it: nothing is durable before {@link File#sync} (content) or {@link #syncFolder} (names).
 * Paths are relative, {@code /}-separated, of {@code [a-z0-9._-]} and never contain {@code ..}; anything else is a bug. An
 * {@link IOException} is a dead environment: whoever gets one from a write or a sync must stop, never try again
 * (after a failed fsync the kernel has dropped the pages). Thread-safe; one {@link File} is used by one thread at a time
 * unless it says otherwise.
 */
public interface Disk {
    /** Opens for reading and writing; creates the file (mode 0600) when absent. The name is durable after {@link #syncFolder}. */
    File open(String path) throws IOException;

    /** Opens for reading; empty when there is no such file. */
    Optional<File> openExisting(String path) throws IOException;

    /** Whether a regular file of that name is there. */
    boolean exists(String path) throws IOException;

    /** Names of files directly in {@code folder} ("" for the root), sorted; empty when the folder is absent. */
    List<String> list(String folder) throws IOException;

    /** Makes a folder (mode 0700), with its parents, and syncs each parent it changed. */
    void makeFolder(String folder) throws IOException;

    /** Renames within the disk, replacing the target; durable after {@link #syncFolder} of both folders. */
    void rename(String from, String to) throws IOException;

    /** Removes a file; no effect when absent; durable after {@link #syncFolder}. */
    void delete(String path) throws IOException;

    /** A second name for the same bytes (hard link), for backups; durable after {@link #syncFolder}. */
    void link(String existing, String name) throws IOException;

    /** Makes creations, renames and deletions in {@code folder} durable. */
    void syncFolder(String folder) throws IOException;

    /**
     * Why a file or folder ("" for the root) is unfit for secrets: others may read it, it belongs to somebody else, it is a symbolic link or
     * has one directly in it.
     * Looked at without following links.
     *
     * @return what is wrong and the exact command that mends it; empty when it is fit, absent, or this disk knows no owners
     */
    default Optional<Detail> exposure(String path) throws IOException {
        return Optional.empty();
    }

    /** Bytes that this process may still write. */
    long freeBytes() throws IOException;

    /** All bytes of the file system. */
    long totalBytes() throws IOException;

    /** Takes the folder for this process alone; empty when another holds it. Released by closing. */
    Optional<AutoCloseable> lock(String path) throws IOException;

    /** An open file. */
    interface File extends AutoCloseable {
        /** Reads up to {@code target.remaining()} bytes at {@code offset}; fewer only at the end of file; returns how many (0 at the end). Thread-safe. */
        int read(long offset, ByteBuffer target) throws IOException;

        /** Writes all of {@code source} at {@code offset}; {@link NoRoom} when the disk is full: perhaps part of it was written. */
        void write(long offset, ByteBuffer source) throws IOException;

        /** Content (and length, when it changed) is durable when this returns: {@code fdatasync}. */
        void sync() throws IOException;

        /** Extends with zeros, really allocated, so that later writes need no new blocks. Durable after {@link #sync}. {@link NoRoom} when the disk is full. */
        void preallocate(long size) throws IOException;

        /** Cuts to {@code size}. */
        void truncate(long size) throws IOException;

        /** Current length in bytes. */
        long size() throws IOException;

        @Override
        void close() throws IOException;
    }
}
