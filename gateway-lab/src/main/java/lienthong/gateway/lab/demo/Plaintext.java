package lienthong.gateway.lab.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Pieces of documents and of what is said about them, to be looked for byte by byte in a relay's files. Immutable. */
final class Plaintext {
    /** Long enough that random bytes do not hold one by chance. */
    private static final int PIECE_BYTES = 24;

    private static final int PIECES = 64;
    private static final int WINDOW_BYTES = 4 * 1024 * 1024;

    private final List<byte[]> needles;
    private final boolean[] beginnings = new boolean[1 << 16];

    private Plaintext(List<byte[]> needles) {
        this.needles = List.copyOf(needles);
        needles.forEach(needle -> beginnings[beginning(needle, 0)] = true);
    }

    /** Evenly spread pieces of each file, and the whole of each text. */
    static Plaintext of(List<Path> files, String... texts) throws IOException {
        List<byte[]> needles = new ArrayList<>();
        for (Path file : files) {
            long size = Files.size(file);
            try (var channel = Files.newByteChannel(file)) {
                for (int i = 0; i < PIECES; i++) {
                    java.nio.ByteBuffer piece = java.nio.ByteBuffer.allocate(PIECE_BYTES);
                    channel.position((size - PIECE_BYTES) * i / PIECES);
                    int read = channel.read(piece);
                    while (read >= 0 && piece.hasRemaining()) {
                        read = channel.read(piece);
                    }
                    needles.add(piece.array());
                }
            }
        }
        for (String text : texts) {
            needles.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return new Plaintext(needles);
    }

    int needles() {
        return needles.size();
    }

    /**
     * What a search found.
     *
     * @param hits files in which a needle stands
     */
    record Found(int files, long bytes, Set<String> hits) {}

    /** Looks into every file below a folder. Files that go away meanwhile are passed over: what was in them is in others or gone. */
    Found searchIn(Path folder) throws IOException {
        int files = 0;
        long bytes = 0;
        int gone = 0;
        Set<String> hits = new TreeSet<>();
        for (Path file : filesBelow(folder)) {
            try {
                bytes += Files.size(file);
                files++;
                if (holdsAny(file)) {
                    hits.add(folder.relativize(file).toString());
                }
            } catch (NoSuchFileException settledMeanwhile) {
                gone++;
            }
        }
        return new Found(files - gone, bytes, hits);
    }

    private static List<Path> filesBelow(Path folder) throws IOException {
        while (true) {
            try (Stream<Path> tree = Files.walk(folder)) {
                return tree.filter(Files::isRegularFile).toList();
            } catch (UncheckedIOException changed) {
                if (!(changed.getCause() instanceof NoSuchFileException)) {
                    throw changed.getCause();
                }
            }
        }
    }

    private boolean holdsAny(Path file) throws IOException {
        int overlap = needles.stream().mapToInt(needle -> needle.length).max().orElse(1) - 1;
        byte[] window = new byte[WINDOW_BYTES + overlap];
        int kept = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.readNBytes(window, 0, WINDOW_BYTES);
                    count > 0;
                    count = in.readNBytes(window, kept, WINDOW_BYTES)) {
                int filled = kept + count;
                if (holdsAny(window, filled)) {
                    return true;
                }
                kept = Math.min(overlap, filled);
                System.arraycopy(window, filled - kept, window, 0, kept);
            }
        }
        return false;
    }

    private boolean holdsAny(byte[] window, int filled) {
        for (int at = 0; at + 1 < filled; at++) {
            if (beginnings[beginning(window, at)]) {
                for (byte[] needle : needles) {
                    if (at + needle.length <= filled
                            && Arrays.equals(window, at, at + needle.length, needle, 0, needle.length)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** The first two bytes: few places of a file begin like some needle. */
    private static int beginning(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }
}
