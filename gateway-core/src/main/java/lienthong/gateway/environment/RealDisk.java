package lienthong.gateway.environment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.Invariant;

/** A folder of the machine's file system. Files are made 0600, folders 0700; links are never followed to a file. */
public final class RealDisk implements Disk {
    private static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> FOLDER_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> FILE_PERMISSIONS = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER_PERMISSIONS = PosixFilePermissions.fromString("rwx------");
    /** Belongs to the user this process acts for; only Linux has it. */
    private static final Path OWN_PROCESS = Path.of("/proc/self");

    private static final int ZEROS_BYTES = 1024 * 1024;
    /** A write may need blocks beyond its own: with less than this a failed one failed for want of room. */
    private static final long ROOM_BYTES_MIN = 1 << 20;

    /**
     * Locks this process holds. POSIX drops a process's lock on a file as soon as it closes <em>any</em> descriptor of that file, so a
     * second attempt from inside must not even open it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path root;

    private RealDisk(Path root) {
        this.root = root;
    }

    /** The folder {@code root}, which exists. */
    public static RealDisk at(Path root) {
        return new RealDisk(root);
    }

    private Path resolve(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            Invariant.check(
                    c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-' || c == '/',
                    "path character %d",
                    i);
        }
        Invariant.check(!path.startsWith("/") && !path.contains(".."), "path outside the disk");
        return path.isEmpty() ? root : root.resolve(path);
    }

    @Override
    public File open(String path) throws IOException {
        try {
            return new RealFile(openForWriting(resolve(path)));
        } catch (FileSystemException dead) {
            throw told(dead);
        }
    }

    @Override
    public Optional<File> openExisting(String path) throws IOException {
        try {
            return Optional.of(new RealFile(
                    FileChannel.open(resolve(path), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.isRegularFile(resolve(path), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public List<String> list(String folder) throws IOException {
        Path place = resolve(folder);
        if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(place)) {
            return entries.filter(entry -> Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS))
                    .map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void makeFolder(String folder) throws IOException {
        Path place = resolve(folder);
        if (place.equals(root)) {
            return;
        }
        Path above = root;
        for (Path name : root.relativize(place)) {
            Path next = above.resolve(name);
            if (!Files.isDirectory(next, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(next, FOLDER_MODE);
                sync(above);
            }
            above = next;
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(resolve(from), resolve(to), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(String path) throws IOException {
        Files.deleteIfExists(resolve(path));
    }

    @Override
    public void link(String existing, String name) throws IOException {
        Files.createLink(resolve(name), resolve(existing));
    }

    @Override
    public void syncFolder(String folder) throws IOException {
        sync(resolve(folder));
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public Optional<Detail> exposure(String path) throws IOException {
        Path place = resolve(path);
        PosixFileAttributes attributes;
        try {
            attributes = Files.readAttributes(place, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
        if (attributes.isSymbolicLink()) {
            return Optional.of(linked(place));
        }
        if (Files.isDirectory(OWN_PROCESS)) {
            UserPrincipal self = Files.getOwner(OWN_PROCESS);
            if (!attributes.owner().equals(self)) {
                return Optional.of(Detail.of(
                        "{0} belongs to {1}: chown {2} {0}",
                        place, attributes.owner().getName(), self.getName()));
            }
        }
        if (attributes.isDirectory()) {
            try (Stream<Path> entries = Files.list(place)) {
                Optional<Path> link =
                        entries.filter(Files::isSymbolicLink).sorted().findFirst();
                if (link.isPresent()) {
                    return Optional.of(linked(link.get()));
                }
            }
        }
        Set<PosixFilePermission> allowed = attributes.isDirectory() ? FOLDER_PERMISSIONS : FILE_PERMISSIONS;
        if (allowed.containsAll(attributes.permissions())) {
            return Optional.empty();
        }
        return Optional.of(
                Detail.of("{0} is open to others: chmod {1} {0}", place, attributes.isDirectory() ? "700" : "600"));
    }

    private static Detail linked(Path place) {
        return Detail.of("{0} is a symbolic link: rm {0} and put the file itself there", place);
    }

    /** By what is free, not by what the system says: its words are in the language of the machine. */
    private IOException told(IOException dead) throws IOException {
        return freeBytes() < ROOM_BYTES_MIN ? new NoRoom(dead) : dead;
    }

    @Override
    public long freeBytes() throws IOException {
        FileStore store = Files.getFileStore(root);
        return store.getUsableSpace();
    }

    @Override
    public long totalBytes() throws IOException {
        return Files.getFileStore(root).getTotalSpace();
    }

    @Override
    public Optional<AutoCloseable> lock(String path) throws IOException {
        Path place = root.toRealPath().resolve(root.relativize(resolve(path)));
        if (!HELD.add(place)) {
            return Optional.empty();
        }
        boolean isTaken = false;
        try {
            Optional<AutoCloseable> taken = lockFile(place);
            isTaken = taken.isPresent();
            return taken;
        } finally {
            if (!isTaken) {
                HELD.remove(place);
            }
        }
    }

    private static Optional<AutoCloseable> lockFile(Path place) throws IOException {
        FileChannel channel = openForWriting(place);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            return Optional.empty();
        }
        AtomicBoolean released = new AtomicBoolean();
        return Optional.of(() -> {
            if (released.compareAndSet(false, true)) {
                channel.close();
                HELD.remove(place);
            }
        });
    }

    private static FileChannel openForWriting(Path place) throws IOException {
        return FileChannel.open(
                place,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                FILE_MODE);
    }

    /** One open file over a channel. */
    private final class RealFile implements File {
        private final FileChannel channel;

        RealFile(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read(long offset, ByteBuffer target) throws IOException {
            int total = 0;
            while (target.hasRemaining()) {
                int count = channel.read(target, offset + total);
                if (count < 0) {
                    break;
                }
                total += count;
            }
            return total;
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            long at = offset;
            try {
                while (source.hasRemaining()) {
                    at += channel.write(source, at);
                }
            } catch (IOException dead) {
                throw told(dead);
            }
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public void preallocate(long size) throws IOException {
            // Zeros are written, not only declared: a sparse file would need new blocks, and so a journal commit, at
            // every fdatasync.
            ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_BYTES);
            try {
                for (long at = channel.size(); at < size; ) {
                    zeros.clear().limit((int) Math.min(ZEROS_BYTES, size - at));
                    at += channel.write(zeros, at);
                }
            } catch (IOException dead) {
                throw told(dead);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
