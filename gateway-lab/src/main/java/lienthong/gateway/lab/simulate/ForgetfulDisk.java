package lienthong.gateway.lab.simulate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.NoRoom;
import org.jspecify.annotations.Nullable;

/**
 * A disk that forgets. At a {@linkplain #crash power cut} it may break, of all that was not synced, whatever the standard lets it: each write is kept, lost
 * or torn at its 512-byte sectors, a file is left longer with zeros, creations, renames and removals whose folder was not synced happen or not. While
 * the machine runs: a sync that fails and drops what was dirty, as Linux does; a full disk; a file that cannot be read; the end of process or power
 * before any operation. Keeps, always: bytes that were synced in a file whose name was synced. One thread.
 */
final class ForgetfulDisk implements Disk {
    private static final int SECTOR_BYTES = 512;

    private final Map<String, Inode> names = new TreeMap<>();
    private final Map<String, Inode> durableNames = new TreeMap<>();
    private final List<NameChange> nameChanges = new ArrayList<>();
    private final Set<String> folders = new TreeSet<>(Set.of(""));
    private final Set<String> locks = new TreeSet<>();
    private long capacity = 4L << 30;
    private long generation;
    private long operations;
    private long strikeAt = Long.MAX_VALUE;
    private boolean struck;
    private int syncsUntilFailure;
    private boolean failureKeepsCache;
    private int readsUntilFailure;
    private int refusedForSpace;
    private int failed;
    private Runnable whenSyncFails = () -> {};

    /** What was injected, as the program sees it. */
    static final class Injected extends IOException {
        private static final long serialVersionUID = 1L;

        Injected(String what) {
            super(what);
        }
    }

    /** Process or power ends before this operation. Thrown by every operation until {@link #crash} or {@link #kill}. */
    static final class Struck extends Error {
        private static final long serialVersionUID = 1L;

        Struck() {
            super("struck at a disk operation", null, false, false);
        }
    }

    private sealed interface Change {}

    private static final class Write implements Change {
        private final long offset;
        private final byte[] bytes;

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

    /** Bytes with zeros behind them. */
    private static final class Content {
        private byte[] bytes;
        private boolean shared;
        private int size;

        Content(byte[] bytes, int size, boolean shared) {
            this.bytes = bytes;
            this.size = size;
            this.shared = shared;
        }

        Content copy() {
            shared = true;
            return new Content(bytes, size, true);
        }

        private void own(int length) {
            if (bytes.length < length) {
                bytes = Arrays.copyOf(bytes, Math.max(length, Math.min(bytes.length * 2, 1 << 20)));
                shared = false;
            } else if (shared) {
                bytes = bytes.clone();
                shared = false;
            }
        }

        void write(long offset, byte[] from, int start, int length) {
            int end = (int) offset + length;
            own(end);
            System.arraycopy(from, start, bytes, (int) offset, length);
            size = Math.max(size, end);
        }

        void resize(int target) {
            if (target < bytes.length && target < size) {
                own(0);
                Arrays.fill(bytes, target, Math.min(size, bytes.length), (byte) 0);
            }
            size = target;
        }
    }

    private static final class Inode {
        private Content now;
        private Content synced;
        private final List<Change> pending = new ArrayList<>();

        Inode(Content now, Content synced) {
            this.now = now;
            this.synced = synced;
        }

        static Inode empty() {
            return new Inode(new Content(new byte[0], 0, true), new Content(new byte[0], 0, true));
        }

        void sync() {
            for (Change change : pending) {
                if (change instanceof Write write) {
                    synced.write(write.offset, write.bytes, 0, write.bytes.length);
                } else {
                    synced.resize((int) ((Resize) change).size);
                }
            }
            pending.clear();
        }
    }

    /** All files as they are now, to begin from or to go back to. Shares bytes until one of both changes them. */
    ForgetfulDisk copy() {
        ForgetfulDisk copy = new ForgetfulDisk();
        names.forEach((path, inode) -> {
            Inode same = new Inode(inode.now.copy(), inode.now.copy());
            copy.names.put(path, same);
            copy.durableNames.put(path, same);
        });
        copy.folders.addAll(folders);
        return copy;
    }

    /** Puts another's files beside these, synced; bytes are shared until one of both changes them. */
    void add(ForgetfulDisk other) {
        ForgetfulDisk more = other.copy();
        names.putAll(more.names);
        durableNames.putAll(more.names);
        folders.addAll(more.folders);
    }

    /** Puts an old copy in the place of everything, synced. */
    void restore(ForgetfulDisk old) {
        ForgetfulDisk fresh = old.copy();
        names.clear();
        names.putAll(fresh.names);
        durableNames.clear();
        durableNames.putAll(fresh.names);
        nameChanges.clear();
        folders.clear();
        folders.addAll(fresh.folders);
    }

    // ------------------------------------------------------------------ faults

    /** The process, or the power, ends before the {@code count}-th operation from now. */
    void strikeAfter(long count) {
        strikeAt = operations + count;
    }

    boolean isStruck() {
        return struck;
    }

    /** The {@code count}-th sync from now fails, and what was dirty is dropped: from the disk's future, and unless {@code keepsCache} from sight too. */
    void failSyncAfter(int count, boolean keepsCache) {
        syncsUntilFailure = count;
        failureKeepsCache = keepsCache;
    }

    /** Tells {@code told} of each sync that fails. */
    void whenSyncFails(Runnable told) {
        whenSyncFails = told;
    }

    /** The {@code count}-th read from now fails. */
    void failReadAfter(int count) {
        readsUntilFailure = count;
    }

    /** Leaves so many bytes free. */
    void fill(long free) {
        capacity = used() + free;
    }

    /** There is room again. */
    void empty() {
        capacity = 4L << 30;
    }

    /** How often something was refused for want of room. */
    int refusedForSpace() {
        return refusedForSpace;
    }

    /** How many syncs and reads have failed. */
    int failed() {
        return failed;
    }

    long operations() {
        return operations;
    }

    /** Whether any file here contains these bytes. */
    boolean contains(byte[] text) {
        for (Inode inode : names.values()) {
            if (contains(inode.now, text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(Content content, byte[] text) {
        return contains(content.bytes, Math.min(content.size, content.bytes.length), text);
    }

    /** Whether these bytes contain those. */
    static boolean contains(byte[] bytes, byte[] text) {
        return contains(bytes, bytes.length, text);
    }

    private static boolean contains(byte[] bytes, int size, byte[] text) {
        int end = size - text.length;
        for (int i = 0; i <= end; i++) {
            if (bytes[i] == text[0] && Arrays.equals(bytes, i, i + text.length, text, 0, text.length)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a power cut now would leave these bytes in some file below {@code folder}. */
    boolean keeps(String folder, byte[] text) {
        for (Map.Entry<String, Inode> entry : durableNames.entrySet()) {
            if (folderOf(entry.getKey()).equals(folder) && contains(entry.getValue().synced, text)) {
                return true;
            }
        }
        return false;
    }

    /** Files directly in {@code folder} as they are now. */
    List<String> files(String folder) {
        return list(folder);
    }

    /** Power off and on: what was not synced is kept or lost by chance, open files and locks are gone, faults end. */
    void crash(Chance chance) {
        // One in four each: nothing, everything, half of it, nearly all of it.
        int keep = List.of(0, 100, 50, 90).get(chance.below(4));
        for (NameChange change : nameChanges) {
            if (chance.below(100) < keep) {
                apply(durableNames, change);
            }
        }
        nameChanges.clear();
        names.clear();
        names.putAll(durableNames);
        // In the order of names: identity hashes would make a seed that does not replay.
        for (Inode inode : new LinkedHashSet<>(names.values())) {
            crash(inode, chance, keep);
        }
        kill();
    }

    private static void crash(Inode inode, Chance chance, int keep) {
        for (Change change : inode.pending) {
            if (change instanceof Resize resize) {
                if (chance.below(100) < keep) {
                    inode.synced.resize((int) resize.size);
                }
                continue;
            }
            Write write = (Write) change;
            if (chance.below(100) >= keep) {
                if (chance.oneIn(4) && write.offset + write.bytes.length > inode.synced.size) {
                    // The length came through, the bytes did not.
                    inode.synced.resize((int) write.offset + write.bytes.length);
                }
                continue;
            }
            boolean torn = chance.coin();
            for (int at = 0; at < write.bytes.length; ) {
                int step = Math.min(write.bytes.length - at, SECTOR_BYTES - (int) ((write.offset + at) % SECTOR_BYTES));
                if (!torn || !chance.oneIn(3)) {
                    inode.synced.write(write.offset + at, write.bytes, at, step);
                }
                at += step;
            }
        }
        inode.pending.clear();
        inode.now = inode.synced.copy();
    }

    /** The process dies, the machine does not: nothing is lost but open files and locks. */
    void kill() {
        locks.clear();
        generation++;
        strikeAt = Long.MAX_VALUE;
        struck = false;
        syncsUntilFailure = 0;
        readsUntilFailure = 0;
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
        operations++;
        if (struck || operations >= strikeAt) {
            struck = true;
            throw new Struck();
        }
    }

    private static String folderOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private void change(NameChange change) {
        apply(names, change);
        nameChanges.add(change);
    }

    private Inode there(String path) throws IOException {
        Inode inode = names.get(path);
        if (inode == null) {
            throw new IOException("no such file: " + path);
        }
        return inode;
    }

    private long used() {
        long sum = 0;
        for (Inode inode : names.values()) {
            sum += inode.now.size;
        }
        return sum;
    }

    private void room(long more) throws IOException {
        if (more > 0 && more > capacity - used()) {
            refusedForSpace++;
            throw new NoRoom("no room");
        }
    }

    // ------------------------------------------------------------------ the port

    @Override
    public File open(String path) throws IOException {
        if (!folders.contains(folderOf(path))) {
            throw new IOException("no folder for " + path);
        }
        Inode inode = names.get(path);
        if (inode == null) {
            operation();
            inode = Inode.empty();
            change(new NameChange(folderOf(path), path, inode, null));
        }
        return new Handle(inode);
    }

    @Override
    public Optional<File> openExisting(String path) {
        Inode inode = names.get(path);
        return inode == null ? Optional.empty() : Optional.of(new Handle(inode));
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
    public void rename(String from, String to) throws IOException {
        operation();
        Inode inode = there(from);
        if (folderOf(from).equals(folderOf(to))) {
            // Both or neither: one entry of the journal.
            change(new NameChange(folderOf(to), to, inode, from));
        } else {
            change(new NameChange(folderOf(to), to, inode, null));
            change(new NameChange(folderOf(from), from, null, null));
        }
    }

    @Override
    public void delete(String path) {
        operation();
        if (names.containsKey(path)) {
            change(new NameChange(folderOf(path), path, null, null));
        }
    }

    @Override
    public void link(String existing, String name) throws IOException {
        operation();
        change(new NameChange(folderOf(name), name, there(existing), null));
    }

    @Override
    public void syncFolder(String folder) throws IOException {
        operation();
        if (syncsUntilFailure > 0 && --syncsUntilFailure == 0) {
            failed++;
            whenSyncFails.run();
            throw new Injected("injected: sync of folder " + folder);
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
        return Math.max(0, capacity - used());
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
        private final Inode inode;
        private final long bornIn = generation;

        Handle(Inode inode) {
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
            if (readsUntilFailure > 0 && --readsUntilFailure == 0) {
                failed++;
                throw new Injected("injected: sector cannot be read");
            }
            Content content = inode.now;
            int count = (int) Math.max(0, Math.min(target.remaining(), content.size - offset));
            int stored = (int) Math.max(0, Math.min(count, content.bytes.length - offset));
            target.put(content.bytes, (int) Math.min(offset, content.bytes.length), stored);
            for (int i = stored; i < count; i++) {
                target.put((byte) 0);
            }
            return count;
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            checkAlive();
            operation();
            byte[] bytes = new byte[source.remaining()];
            source.get(bytes);
            room(offset + bytes.length - inode.now.size);
            inode.pending.add(new Write(offset, bytes));
            inode.now.write(offset, bytes, 0, bytes.length);
        }

        @Override
        public void sync() throws IOException {
            checkAlive();
            operation();
            if (syncsUntilFailure > 0 && --syncsUntilFailure == 0) {
                failed++;
                whenSyncFails.run();
                inode.pending.clear();
                if (!failureKeepsCache) {
                    inode.now = inode.synced.copy();
                }
                throw new Injected("injected: sync");
            }
            inode.sync();
        }

        @Override
        public void preallocate(long size) throws IOException {
            checkAlive();
            if (size > inode.now.size) {
                operation();
                room(size - inode.now.size);
                inode.pending.add(new Resize(size));
                inode.now.resize((int) size);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            checkAlive();
            if (size < inode.now.size) {
                operation();
                inode.pending.add(new Resize(size));
                inode.now.resize((int) size);
            }
        }

        @Override
        public long size() throws IOException {
            checkAlive();
            return inode.now.size;
        }

        @Override
        public void close() {}
    }
}
