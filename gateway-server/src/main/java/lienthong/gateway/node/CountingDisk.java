package lienthong.gateway.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Detail;

/** Counts what is asked of a disk: how many syncs a message costs is a figure operators and benchmarks read. Thread-safe. */
public final class CountingDisk implements Disk {
    private final Disk disk;
    private final AtomicLong syncs = new AtomicLong();

    public CountingDisk(Disk disk) {
        this.disk = disk;
    }

    /** Syncs of files and folders since the start. */
    public long syncs() {
        return syncs.get();
    }

    @Override
    public File open(String path) throws IOException {
        return new Counted(disk.open(path));
    }

    @Override
    public Optional<File> openExisting(String path) throws IOException {
        return disk.openExisting(path).map(Counted::new);
    }

    @Override
    public boolean exists(String path) throws IOException {
        return disk.exists(path);
    }

    @Override
    public List<String> list(String folder) throws IOException {
        return disk.list(folder);
    }

    @Override
    public Optional<Detail> exposure(String path) throws IOException {
        return disk.exposure(path);
    }

    @Override
    public void makeFolder(String folder) throws IOException {
        disk.makeFolder(folder);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(String path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void link(String existing, String name) throws IOException {
        disk.link(existing, name);
    }

    @Override
    public void syncFolder(String folder) throws IOException {
        syncs.incrementAndGet();
        disk.syncFolder(folder);
    }

    @Override
    public long freeBytes() throws IOException {
        return disk.freeBytes();
    }

    @Override
    public long totalBytes() throws IOException {
        return disk.totalBytes();
    }

    @Override
    public Optional<AutoCloseable> lock(String path) throws IOException {
        return disk.lock(path);
    }

    /** A file whose syncs are counted. */
    private final class Counted implements File {
        private final File file;

        Counted(File file) {
            this.file = file;
        }

        @Override
        public int read(long offset, ByteBuffer target) throws IOException {
            return file.read(offset, target);
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            file.write(offset, source);
        }

        @Override
        public void sync() throws IOException {
            syncs.incrementAndGet();
            file.sync();
        }

        @Override
        public void preallocate(long size) throws IOException {
            file.preallocate(size);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
