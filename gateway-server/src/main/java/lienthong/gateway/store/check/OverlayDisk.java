package lienthong.gateway.store.check;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Bug;

/**
 * A disk whose every change stays in memory: what the next start would do to a folder is done to this and seen, and the folder stays as it is.
 * Files of the disk below are opened for reading only. Thread-safe; close it when all is seen.
 */
public final class OverlayDisk implements Disk, AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final long ROOM_BYTES = 1L << 50;

    private final Disk below;
    private final Set<String> hidden;
    private final Map<String, Content> contents = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final List<Content> opened = new ArrayList<>();

    /** @param hidden folders that show as empty at first */
    public OverlayDisk(Disk below, Set<String> hidden) {
        this.below = below;
        this.hidden = Set.copyOf(hidden);
    }

    /** What a file holds now: pages that were written, over a file that was not. */
    private static final class Content {
        private final Disk.@org.jspecify.annotations.Nullable File base;
        private final Map<Long, byte[]> pages = new HashMap<>();
        /** Bytes of the base that still show. */
        private long baseBytes;

        private long size;
        private boolean changed;

        Content(Disk.@org.jspecify.annotations.Nullable File base) throws IOException {
            this.base = base;
            this.baseBytes = base == null ? 0 : base.size();
            this.size = baseBytes;
        }

        synchronized int read(long offset, ByteBuffer target) throws IOException {
            int total = 0;
            while (target.hasRemaining() && offset + total < size) {
                long at = offset + total;
                byte[] page = pages.get(at / PAGE_BYTES);
                int start = (int) (at % PAGE_BYTES);
                int count = (int) Math.min(target.remaining(), size - at);
                if (page != null) {
                    count = Math.min(count, PAGE_BYTES - start);
                    target.put(page, start, count);
                } else if (base == null || at >= baseBytes) {
                    count = Math.min(count, PAGE_BYTES - start);
                    target.put(new byte[count]);
                } else {
                    count = fromBase(base, at, (int) Math.min(count, baseBytes - at), target);
                }
                total += count;
            }
            return total;
        }

        /** As far as no written page stands in the way. */
        private int fromBase(Disk.File file, long at, int wanted, ByteBuffer target) throws IOException {
            int count = wanted;
            if (!pages.isEmpty()) {
                for (long page = at / PAGE_BYTES + 1; page * PAGE_BYTES < at + wanted; page++) {
                    if (pages.containsKey(page)) {
                        count = (int) (page * PAGE_BYTES - at);
                        break;
                    }
                }
            }
            ByteBuffer part = target.duplicate().limit(target.position() + count);
            if (file.read(at, part) != count) {
                throw new IOException("the file became shorter while it was read");
            }
            target.position(target.position() + count);
            return count;
        }

        synchronized void write(long offset, ByteBuffer source) throws IOException {
            long at = offset;
            while (source.hasRemaining()) {
                byte[] page = page(at / PAGE_BYTES);
                int start = (int) (at % PAGE_BYTES);
                int count = Math.min(source.remaining(), PAGE_BYTES - start);
                // A start writes the end of the log again as it is: that changes nothing.
                changed |= !source.slice(source.position(), count).equals(ByteBuffer.wrap(page, start, count));
                source.get(page, start, count);
                at += count;
            }
            changed |= at > size;
            size = Math.max(size, at);
        }

        private byte[] page(long number) throws IOException {
            byte[] page = pages.get(number);
            if (page == null) {
                page = new byte[PAGE_BYTES];
                ByteBuffer in = ByteBuffer.wrap(page);
                long at = number * PAGE_BYTES;
                if (base != null && at < baseBytes) {
                    base.read(at, in.limit((int) Math.min(PAGE_BYTES, baseBytes - at)));
                }
                pages.put(number, page);
            }
            return page;
        }

        synchronized void truncate(long length) throws IOException {
            changed |= length < size;
            if (length < size) {
                int rest = (int) (length % PAGE_BYTES);
                if (rest != 0) {
                    java.util.Arrays.fill(page(length / PAGE_BYTES), rest, PAGE_BYTES, (byte) 0);
                }
                long first = (length + PAGE_BYTES - 1) / PAGE_BYTES;
                pages.keySet().removeIf(number -> number >= first);
                baseBytes = Math.min(baseBytes, length);
                size = length;
            }
        }

        synchronized void grow(long length) {
            changed |= length > size;
            size = Math.max(size, length);
        }

        synchronized long size() {
            return size;
        }

        synchronized boolean isChanged() {
            return changed;
        }

        void close() throws IOException {
            if (base != null) {
                base.close();
            }
        }
    }

    private record Handle(Content content) implements Disk.File {
        @Override
        public int read(long offset, ByteBuffer target) throws IOException {
            return content.read(offset, target);
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            content.write(offset, source);
        }

        @Override
        public void sync() {}

        @Override
        public void preallocate(long size) {
            content.grow(size);
        }

        @Override
        public void truncate(long size) throws IOException {
            content.truncate(size);
        }

        @Override
        public long size() {
            return content.size();
        }

        @Override
        public void close() {}
    }

    private static String folderOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private boolean shows(String path) {
        return !gone.contains(path) && !hidden.contains(folderOf(path));
    }

    /** Whether the content of a file would be changed, or the file made. */
    public synchronized boolean isChanged(String path) {
        Content content = contents.get(path);
        return content != null && content.isChanged();
    }

    /** Names of files below {@code folder} that would be removed or renamed. */
    public synchronized List<String> removed(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : below.list(folder)) {
            if (gone.contains(folder + "/" + name) && !contents.containsKey(folder + "/" + name)) {
                names.add(name);
            }
        }
        return names;
    }

    private Optional<Content> find(String path) throws IOException {
        Content known = contents.get(path);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Disk.File> base = shows(path) ? below.openExisting(path) : Optional.empty();
        return base.isPresent() ? Optional.of(keep(path, new Content(base.get()))) : Optional.empty();
    }

    private Content keep(String path, Content content) {
        contents.put(path, content);
        opened.add(content);
        return content;
    }

    @Override
    public synchronized Disk.File open(String path) throws IOException {
        Optional<Content> found = find(path);
        if (found.isPresent()) {
            return new Handle(found.get());
        }
        Content made = keep(path, new Content(null));
        made.grow(0);
        return new Handle(made);
    }

    @Override
    public synchronized Optional<Disk.File> openExisting(String path) throws IOException {
        return find(path).map(Handle::new);
    }

    @Override
    public synchronized boolean exists(String path) throws IOException {
        return contents.containsKey(path) || shows(path) && below.exists(path);
    }

    @Override
    public synchronized List<String> list(String folder) throws IOException {
        Set<String> names = new TreeSet<>();
        String start = folder.isEmpty() ? "" : folder + "/";
        for (String name : below.list(folder)) {
            if (shows(start + name)) {
                names.add(name);
            }
        }
        for (String path : contents.keySet()) {
            if (folderOf(path).equals(folder)) {
                names.add(path.substring(start.length()));
            }
        }
        return List.copyOf(names);
    }

    @Override
    public void makeFolder(String folder) {}

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        Content content = find(from).orElseThrow(() -> new java.nio.file.NoSuchFileException(from));
        contents.remove(from);
        gone.add(from);
        contents.put(to, content);
    }

    @Override
    public synchronized void delete(String path) {
        contents.remove(path);
        gone.add(path);
    }

    @Override
    public void link(String existing, String name) {
        throw new Bug("nothing is linked by looking");
    }

    @Override
    public void syncFolder(String folder) {}

    @Override
    public long freeBytes() {
        return ROOM_BYTES;
    }

    @Override
    public long totalBytes() {
        return ROOM_BYTES;
    }

    /** Whoever looks has locked the disk below. */
    @Override
    public Optional<AutoCloseable> lock(String path) {
        return Optional.of(() -> {});
    }

    @Override
    public synchronized void close() {
        for (Content content : opened) {
            try {
                content.close();
            } catch (IOException nothingToLose) {
                // Only read from.
            }
        }
    }
}
