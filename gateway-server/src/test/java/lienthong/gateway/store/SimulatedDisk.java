package lienthong.gateway.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.NoRoom;
import org.jspecify.annotations.Nullable;

/**
 * A disk that forgets. It may break: at {@link #crash}, everything not synced, in any way that the standard allows: each un-synced write is kept,
 * lost or torn at its 512-byte sectors, a file may be left longer with zeros, creations, renames and removals whose folder was not synced
 * happen or not. While running: a sync or write that fails (the dirty bytes are then dropped, as Linux does), a full disk, a sector that cannot be
 * read, a bit that flips at rest, a cut of power before any chosen operation. What must survive: bytes that were synced in a file
 * whose name was synced. One thread.
 */
public final class SimulatedDisk implements Disk {
    private static final int SECTOR_BYTES = 512;

    private final Map<String, Inode> names = new TreeMap<>();
    private final Map<String, Inode> durableNames = new TreeMap<>();
    private final List<NameChange> nameChanges = new ArrayList<>();
    private final Set<String> folders = new HashSet<>(Set.of(""));
    private final Set<String> locks = new HashSet<>();
    private long capacity = 1L << 40;
    private final AtomicLong refusedForRoom = new AtomicLong();
    private long generation;
    private long operations;
    private long cutBefore = Long.MAX_VALUE;
    private long syncs;
    private long failSync = Long.MAX_VALUE;
    private long writes;
    private long failWrite = Long.MAX_VALUE;
    private int failReads;
    private @Nullable String unreadablePath;
    private long unreadableFrom;
    private long unreadableTo;

    /** The power is gone. Thrown by every operation from the cut to {@link #crash}. */
    public static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PowerCut(long operation) {
            super("power cut before disk operation " + operation);
        }
    }

    private sealed interface Change {}

    private static final class Write implements Change {
        final long offset;
        final byte[] bytes;

        Write(long offset, byte[] bytes) {
            this.offset = offset;
            this.bytes = bytes;
        }
    }

    private record Resize(long size) implements Change {}

    /** {@code removed}: the other half of a rename within one folder. */
    private record NameChange(
            String folder,
            String path,
            @Nullable Inode inode,
            @Nullable String removed) {}

    private static final class Inode {
        byte[] now = new byte[0];
        int size;
        byte[] synced = new byte[0];
        int syncedSize;
        final List<Change> pending = new ArrayList<>();

        static byte[] write(byte[] content, long offset, byte[] bytes) {
            byte[] out = content.length < offset + bytes.length
                    ? Arrays.copyOf(content, (int) Math.max(offset + bytes.length, content.length * 2L))
                    : content;
            System.arraycopy(bytes, 0, out, (int) offset, bytes.length);
            return out;
        }

        void sync() {
            for (Change change : pending) {
                if (change instanceof Write write) {
                    synced = write(synced, write.offset, write.bytes);
                    syncedSize = (int) Math.max(syncedSize, write.offset + write.bytes.length);
                } else {
                    resizeSynced((int) ((Resize) change).size);
                }
            }
            pending.clear();
        }

        void resizeSynced(int target) {
            if (target < syncedSize) {
                Arrays.fill(synced, target, Math.min(syncedSize, synced.length), (byte) 0);
            } else if (synced.length < target) {
                synced = Arrays.copyOf(synced, target);
            }
            syncedSize = target;
        }
    }

    // ------------------------------------------------------------------ faults

    /** Cuts the power before the {@code count}-th operation from now that changes the disk or syncs it. */
    public void cutPowerAfter(long count) {
        cutBefore = operations + count;
    }

    /** The {@code count}-th sync from now fails. */
    public void failSyncAfter(long count) {
        failSync = syncs + count;
    }

    /** The {@code count}-th write from now fails. */
    public void failWriteAfter(long count) {
        failWrite = writes + count;
    }

    /** Writes that were refused because the disk is full. */
    public long refusedForRoom() {
        return refusedForRoom.get();
    }

    /** Bytes of the whole disk. */
    public void setCapacity(long bytes) {
        capacity = bytes;
    }

    /** Reads that touch this range fail. */
    public void makeUnreadable(String path, long from, long to) {
        unreadablePath = path;
        unreadableFrom = from;
        unreadableTo = to;
    }

    /** So many reads fail, and then no more: a loose cable. */
    public void failReads(int count) {
        failReads = count;
    }

    /** Flips a bit at rest. */
    public void flip(String path, long offset, int bit) {
        Inode inode = inode(path);
        inode.now[(int) offset] ^= (byte) (1 << bit);
        if (offset < inode.synced.length) {
            inode.synced[(int) offset] ^= (byte) (1 << bit);
        }
    }

    /** Size of a file now. */
    public long sizeOf(String path) {
        return inode(path).size;
    }

    /** Content of a file now. */
    public byte[] contentOf(String path) {
        Inode inode = inode(path);
        return Arrays.copyOf(inode.now, inode.size);
    }

    /** Replaces a file, synced. */
    public void replace(String path, byte[] content) {
        Inode inode = new Inode();
        inode.now = content.clone();
        inode.size = content.length;
        inode.synced = content.clone();
        inode.syncedSize = content.length;
        names.put(path, inode);
        durableNames.put(path, inode);
    }

    /** Removes a file, synced. */
    public void lose(String path) {
        names.remove(path);
        durableNames.remove(path);
    }

    /** Operations so far that {@link #cutPowerAfter} counts. */
    public long operations() {
        return operations;
    }

    /** All files. */
    public List<String> files() {
        return List.copyOf(names.keySet());
    }

    private Inode inode(String path) {
        Inode inode = names.get(path);
        if (inode == null) {
            throw new AssertionError("no file " + path);
        }
        return inode;
    }

    /** Power off and on: what was not synced is kept or lost as the seed says, open files and locks are gone, faults end. */
    public void crash(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        // One seed in four each: nothing, everything, half of it, nearly all of it.
        double keep = new double[] {0, 1, 0.5, 0.9}[random.nextInt(4)];
        for (NameChange change : nameChanges) {
            if (random.nextDouble() < keep) {
                apply(durableNames, change);
            }
        }
        nameChanges.clear();
        names.clear();
        names.putAll(durableNames);
        // In the order of names: identity hashes would make a seed that does not replay.
        for (Inode inode : new java.util.LinkedHashSet<>(names.values())) {
            crash(inode, random, keep);
        }
        locks.clear();
        generation++;
        clearFaults();
    }

    /** The process dies, the machine does not: nothing is lost but open files and locks. */
    public void kill() {
        locks.clear();
        generation++;
        clearFaults();
    }

    private void clearFaults() {
        cutBefore = Long.MAX_VALUE;
        failSync = Long.MAX_VALUE;
        failWrite = Long.MAX_VALUE;
        unreadablePath = null;
    }

    private static void crash(Inode inode, SplittableRandom random, double keep) {
        for (Change change : inode.pending) {
            if (change instanceof Resize resize) {
                if (random.nextDouble() < keep) {
                    inode.resizeSynced((int) resize.size);
                }
                continue;
            }
            Write write = (Write) change;
            if (random.nextDouble() >= keep) {
                if (random.nextInt(4) == 0 && write.offset + write.bytes.length > inode.syncedSize) {
                    // The length came through, the bytes did not.
                    inode.resizeSynced((int) write.offset + write.bytes.length);
                }
                continue;
            }
            boolean torn = random.nextInt(2) == 0;
            for (int at = 0; at < write.bytes.length; ) {
                int step = Math.min(write.bytes.length - at, SECTOR_BYTES - (int) ((write.offset + at) % SECTOR_BYTES));
                if (!torn || random.nextInt(3) > 0) {
                    inode.synced = Inode.write(
                            inode.synced, write.offset + at, Arrays.copyOfRange(write.bytes, at, at + step));
                    inode.syncedSize = (int) Math.max(inode.syncedSize, write.offset + at + step);
                }
                at += step;
            }
        }
        inode.pending.clear();
        inode.now = inode.synced.clone();
        inode.size = inode.syncedSize;
    }

    private static void apply(Map<String, Inode> target, NameChange change) {
        if (change.removed != null) {
            target.remove(change.removed);
        }
        if (change.inode == null) {
            target.remove(change.path);
        } else {
            target.put(change.path, change.inode);
        }
    }

    private void operation() {
        if (++operations >= cutBefore) {
            throw new PowerCut(operations);
        }
    }

    private static String folderOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private void change(String path, @Nullable Inode inode) {
        NameChange change = new NameChange(folderOf(path), path, inode, null);
        apply(names, change);
        nameChanges.add(change);
    }

    // ------------------------------------------------------------------ the port

    @Override
    public File open(String path) throws IOException {
        if (!folders.contains(folderOf(path))) {
            throw new IOException("no folder for " + path);
        }
        if (!names.containsKey(path)) {
            operation();
            change(path, new Inode());
        }
        return new Handle(path, inode(path));
    }

    @Override
    public Optional<File> openExisting(String path) {
        Inode inode = names.get(path);
        return inode == null ? Optional.empty() : Optional.of(new Handle(path, inode));
    }

    @Override
    public boolean exists(String path) {
        return names.containsKey(path);
    }

    @Override
    public List<String> list(String folder) {
        return names.keySet().stream()
                .filter(path -> folderOf(path).equals(folder))
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .toList();
    }

    @Override
    public void makeFolder(String folder) {
        for (String part = folder; !part.isEmpty(); part = folderOf(part)) {
            folders.add(part);
        }
    }

    @Override
    public void rename(String from, String to) {
        operation();
        Inode inode = inode(from);
        if (folderOf(from).equals(folderOf(to))) {
            // Both or neither: one entry of the journal.
            NameChange change = new NameChange(folderOf(to), to, inode, from);
            apply(names, change);
            nameChanges.add(change);
        } else {
            change(to, inode);
            change(from, null);
        }
    }

    @Override
    public void delete(String path) {
        operation();
        if (names.containsKey(path)) {
            change(path, null);
        }
    }

    @Override
    public void link(String existing, String name) {
        operation();
        change(name, inode(existing));
    }

    @Override
    public void syncFolder(String folder) throws IOException {
        operation();
        if (++syncs == failSync) {
            nameChanges.removeIf(change -> change.folder.equals(folder));
            throw new IOException("injected: sync of folder");
        }
        for (NameChange change : List.copyOf(nameChanges)) {
            if (change.folder.equals(folder)) {
                apply(durableNames, change);
                nameChanges.remove(change);
            }
        }
    }

    @Override
    public long freeBytes() {
        return capacity
                - new HashSet<>(names.values())
                        .stream().mapToLong(inode -> inode.size).sum();
    }

    @Override
    public long totalBytes() {
        return capacity;
    }

    @Override
    public Optional<AutoCloseable> lock(String path) {
        return locks.add(path) ? Optional.of(() -> locks.remove(path)) : Optional.empty();
    }

    private final class Handle implements File {
        private final String path;
        private final Inode inode;
        private final long bornIn = generation;

        Handle(String path, Inode inode) {
            this.path = path;
            this.inode = inode;
        }

        private void checkAlive() throws IOException {
            if (bornIn != generation) {
                throw new IOException("file of a process that is dead");
            }
        }

        @Override
        public int read(long offset, ByteBuffer target) throws IOException {
            checkAlive();
            if (failReads > 0) {
                failReads--;
                throw new IOException("injected: read");
            }
            int count = (int) Math.max(0, Math.min(target.remaining(), inode.size - offset));
            if (path.equals(unreadablePath) && offset < unreadableTo && offset + count > unreadableFrom) {
                throw new IOException("injected: sector cannot be read");
            }
            target.put(inode.now, (int) Math.min(offset, inode.size), count);
            return count;
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            checkAlive();
            operation();
            byte[] bytes = new byte[source.remaining()];
            source.get(bytes);
            if (++writes == failWrite) {
                throw new IOException("injected: write");
            }
            long more = Math.max(0, offset + bytes.length - inode.size);
            if (more > 0 && more > freeBytes()) {
                refusedForRoom.incrementAndGet();
                throw new NoRoom("no room");
            }
            inode.pending.add(new Write(offset, bytes));
            inode.now = Inode.write(inode.now, offset, bytes);
            inode.size = (int) Math.max(inode.size, offset + bytes.length);
        }

        @Override
        public void sync() throws IOException {
            checkAlive();
            operation();
            if (++syncs == failSync) {
                inode.pending.clear();
                throw new IOException("injected: sync");
            }
            inode.sync();
        }

        @Override
        public void preallocate(long size) throws IOException {
            if (size > inode.size) {
                write(inode.size, ByteBuffer.allocate((int) (size - inode.size)));
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            checkAlive();
            if (size < inode.size) {
                operation();
                inode.pending.add(new Resize(size));
                Arrays.fill(inode.now, (int) size, inode.size, (byte) 0);
                inode.size = (int) size;
            }
        }

        @Override
        public long size() throws IOException {
            checkAlive();
            return inode.size;
        }

        @Override
        public void close() {}
    }
}
