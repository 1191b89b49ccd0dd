package lienthong.gateway.identity;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import lienthong.gateway.environment.Disk;

/** Files in memory that are never lost: for tests that ask what was written, not whether it survives. */
final class MemoryDisk implements Disk {
    final TreeMap<String, byte[]> files = new TreeMap<>();
    /** Every content any file ever had, to see what was written. */
    final Set<String> written = new HashSet<>();

    @Override
    public File open(String path) {
        files.putIfAbsent(path, new byte[0]);
        written.add(path);
        return new Open(path);
    }

    @Override
    public Optional<File> openExisting(String path) {
        return files.containsKey(path) ? Optional.of(new Open(path)) : Optional.empty();
    }

    @Override
    public boolean exists(String path) {
        return files.containsKey(path);
    }

    @Override
    public List<String> list(String folder) {
        String prefix = folder.isEmpty() ? "" : folder + "/";
        return files.keySet().stream()
                .filter(path -> path.startsWith(prefix))
                .map(path -> path.substring(prefix.length()))
                .filter(name -> !name.contains("/"))
                .toList();
    }

    @Override
    public void makeFolder(String folder) {}

    @Override
    public void rename(String from, String to) throws IOException {
        byte[] content = files.remove(from);
        if (content == null) {
            throw new IOException("no file " + from);
        }
        files.put(to, content);
    }

    @Override
    public void delete(String path) {
        files.remove(path);
    }

    @Override
    public void link(String existing, String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void syncFolder(String folder) {}

    @Override
    public long freeBytes() {
        return 1L << 30;
    }

    @Override
    public long totalBytes() {
        return 1L << 30;
    }

    @Override
    public Optional<AutoCloseable> lock(String path) {
        return Optional.of(() -> {});
    }

    private byte[] content(String path) {
        return java.util.Objects.requireNonNull(files.get(path), path);
    }

    private final class Open implements File {
        private final String path;

        Open(String path) {
            this.path = path;
        }

        @Override
        public int read(long offset, ByteBuffer target) {
            byte[] content = content(path);
            int count = (int) Math.max(0, Math.min(target.remaining(), content.length - offset));
            target.put(content, (int) offset, count);
            return count;
        }

        @Override
        public void write(long offset, ByteBuffer source) {
            int end = (int) offset + source.remaining();
            byte[] content = content(path);
            byte[] grown = Arrays.copyOf(content, Math.max(content.length, end));
            source.get(grown, (int) offset, source.remaining());
            files.put(path, grown);
        }

        @Override
        public void sync() {}

        @Override
        public void preallocate(long size) {}

        @Override
        public void truncate(long size) {
            files.put(path, Arrays.copyOf(content(path), (int) Math.min(size, content(path).length)));
        }

        @Override
        public long size() {
            return content(path).length;
        }

        @Override
        public void close() {}
    }
}
