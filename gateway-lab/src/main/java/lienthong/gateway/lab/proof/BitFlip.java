package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Some bits of two neighbouring bytes of a node's file.
 *
 * @param data the node's folder
 * @param file in it
 * @param at offset of the first byte
 * @param mask of both bytes, the lower one first
 */
record BitFlip(Path data, Path file, Part part, long at, int mask) {
    private static final int BITS_MAX = 8;
    private static final int HEADER_BYTES = 4_096;
    private static final int BLOCK_BYTES = 4_096;

    /** Kinds of files, each struck as often as any other. */
    enum Part {
        LOG("log", ".*\\.log", true),
        ARCHIVE("archive", ".*\\.log", true),
        VIEW("", "view\\.db", true),
        INDEX("archive", "index\\.db", true),
        AUDIT("audit", "log-.*", false),
        KEYS("keys", ".*\\.(key|pair|record)", false),
        DIRECTORY("directory", "current\\.signed|records\\.list", false);

        private final String folder;
        private final String name;
        private final boolean readWhileRunning;

        Part(String folder, String name, boolean readWhileRunning) {
            this.folder = folder;
            this.name = name;
            this.readWhileRunning = readWhileRunning;
        }

        /** Whether a running node looks at it again; the others it reads at its start. */
        boolean isReadWhileRunning() {
            return readWhileRunning;
        }

        /** Whether a node that served all the same gets it back, so that the next strike meets one misfortune and not two. */
        boolean isPutBack() {
            return !readWhileRunning;
        }

        /** One of the files that hold something. */
        Optional<Path> draw(Path data, Random random) throws IOException {
            Path where = data.resolve(folder);
            if (!Files.isDirectory(where)) {
                return Optional.empty();
            }
            List<Path> files;
            try (Stream<Path> all = Files.list(where)) {
                files = all.filter(file -> String.valueOf(file.getFileName()).matches(name))
                        .sorted()
                        .toList();
            }
            return files.isEmpty() ? Optional.empty() : Optional.of(files.get(random.nextInt(files.size())));
        }
    }

    static BitFlip draw(Path data, Path file, Part part, Random random) throws IOException {
        int mask = 0;
        for (int bits = 1 + random.nextInt(BITS_MAX); bits > 0; bits--) {
            mask |= 1 << random.nextInt(Short.SIZE);
        }
        long at = (long) (random.nextDouble() * Math.max(1, used(file) - Short.BYTES));
        return new BitFlip(data, file, part, at, mask);
    }

    /** Bytes up to the last block that is not zero: a segment is made of zeros ahead of its records. */
    private static long used(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
            for (long from = (channel.size() - 1) / BLOCK_BYTES * BLOCK_BYTES; from > 0; from -= BLOCK_BYTES) {
                int read = channel.read(block.clear(), from);
                for (int i = 0; i < read; i++) {
                    if (block.get(i) != 0) {
                        return from + i + 1;
                    }
                }
            }
            return Math.min(channel.size(), BLOCK_BYTES);
        }
    }

    void strike() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer two = ByteBuffer.allocate(Short.BYTES);
            int read = channel.read(two, at);
            byte[] bytes = two.array();
            apply(bytes, at);
            channel.write(ByteBuffer.wrap(bytes, 0, Math.max(1, read)), at);
        }
    }

    /** The operator puts the bytes back; the node does not run. A file that the node has made anew meanwhile is not touched by the same bits again. */
    void putBack() throws IOException {
        if (Files.exists(file) && Files.size(file) > at) {
            strike();
        }
    }

    /** Undoes, in bytes that lie at {@code from} in the file, what this has done to them; or does it. */
    void apply(byte[] bytes, long from) {
        for (int i = 0; i < Short.BYTES; i++) {
            long place = at + i - from;
            if (place >= 0 && place < bytes.length) {
                bytes[(int) place] ^= (byte) (mask >>> 8 * i);
            }
        }
    }

    boolean touches(long from, long length) {
        return at < from + length && at + Short.BYTES > from;
    }

    /** Whether a node may refuse to start over it, by a number: a person must decide. */
    boolean mayStop() {
        return !part.isReadWhileRunning() || part == Part.LOG && at < HEADER_BYTES;
    }

    @Override
    public String toString() {
        return data.relativize(file) + " at " + at;
    }
}
