package lienthong.gateway.main;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/** Copies of a node's folder: which files are its own, each copied whole, hashed and synced. */
final class Folders {
    static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    static final FileAttribute<?> FOLDER_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** What a node cannot make anew. Unfinished transfers and what is derived stay behind. */
    private static final List<String> PARTS =
            List.of("log", "spool", "archive", "keys", "directory", "audit", "quarantine");

    private static final List<String> LOOSE = List.of("store.txt", "lienthong.yaml", SignedTime.FILE);
    private static final int PIECE_BYTES = 1 << 20;

    private Folders() {}

    /** Size and SHA-256 of a file. */
    record Sum(long bytes, Hash hash) {}

    /** The files to be copied, relative, checkpoints of the audit log before its events. */
    static List<Path> files(Path data) throws IOException {
        List<Path> all = new ArrayList<>();
        for (String part : PARTS) {
            Path folder = data.resolve(part);
            if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                try (Stream<Path> entries = Files.list(folder)) {
                    entries.filter(entry ->
                                    Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS) && isKept(part, entry))
                            .map(data::relativize)
                            .sorted((a, b) -> order(a).compareTo(order(b)))
                            .forEach(all::add);
                }
            }
        }
        for (String name : LOOSE) {
            if (Files.isRegularFile(data.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                all.add(Path.of(name));
            }
        }
        return all;
    }

    private static String order(Path file) {
        return (file.endsWith("checkpoints") ? "0" : "1") + file;
    }

    private static boolean isKept(String part, Path file) {
        String name = String.valueOf(file.getFileName());
        return switch (part) {
            case "spool" -> name.endsWith(".spool");
            case "archive" -> name.endsWith(".log");
            default -> !name.endsWith(".new");
        };
    }

    /** Copies the files into a folder that exists and is empty; durable when this returns. */
    static Map<Path, Sum> copy(Path from, List<Path> files, Path to) throws IOException {
        Map<Path, Sum> sums = new TreeMap<>();
        for (String part : PARTS) {
            Files.createDirectory(to.resolve(part), FOLDER_MODE);
        }
        for (Path file : files) {
            sums.put(file, copyFile(from.resolve(file), to.resolve(file)));
        }
        for (String part : PARTS) {
            sync(to.resolve(part));
        }
        sync(to);
        return sums;
    }

    private static Sum copyFile(Path from, Path to) throws IOException {
        Files.createFile(to, FILE_MODE);
        try (InputStream in = Files.newInputStream(from);
                FileChannel out = FileChannel.open(to, StandardOpenOption.WRITE)) {
            Summing sum = new Summing();
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                sum.add(piece, count);
                ByteBuffer left = ByteBuffer.wrap(piece, 0, count);
                while (left.hasRemaining()) {
                    out.write(left);
                }
            }
            out.force(true);
            return sum.done();
        }
    }

    /** Reads a file back. */
    static Sum sum(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Summing sum = new Summing();
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                sum.add(piece, count);
            }
            return sum.done();
        }
    }

    static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static final class Summing {
        private final MessageDigest digest = Hash.digest();
        private long bytes;

        void add(byte[] piece, int count) {
            digest.update(piece, 0, count);
            bytes += count;
        }

        Sum done() {
            return new Sum(bytes, new Hash(Bytes.ofOwned(digest.digest())));
        }
    }
}
