package lienthong.gateway.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.merkle.TreeBuilder;
import lienthong.gateway.message.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The files of the log: {@code audit/log-000001} and on. The first line of each is {@code lienthong-audit 1 INDEX LINK FRONTIER}: index of its first
 * entry, link of the entry before, and the tree so far (hex of {@link TreeBuilder#frontier}), so that a start reads the last file only.
 */
final class AuditFiles {
    static final String FOLDER = "audit";
    private static final String LABEL = "lienthong-audit 1 ";
    private static final int BLOCK_BYTES = 64 * 1024;
    /** The longest line: 300 characters twice, of at most 4 bytes, and the rest. */
    private static final int LINE_BYTES_MAX = 4096;
    /** Text and signature in hex; also with a key of RSA 4096. */
    static final int CHECKPOINT_BYTES_MAX = 16 * 1024;

    private AuditFiles() {}

    static String path(int number) {
        return String.format(Locale.ROOT, "%s/log-%06d", FOLDER, number);
    }

    static List<Integer> numbers(Disk disk) throws IOException {
        return disk.list(FOLDER).stream()
                .filter(name -> name.matches("log-[0-9]{6}"))
                .map(name -> Integer.parseInt(name.substring(4)))
                .toList();
    }

    static Bytes head(long first, String link, TreeBuilder tree) {
        return Bytes.utf8(LABEL + first + " " + link + " " + tree.frontier().hex() + "\n");
    }

    /** What a file's first line says. */
    record Head(long first, String link, TreeBuilder tree) {}

    static @Nullable Head parseHead(Bytes line) {
        String text = line.utf8();
        String[] words = text.strip().split(" ", -1);
        if (!text.startsWith(LABEL)
                || words.length != 5
                || !words[2].matches("[0-9]{1,18}")
                || !words[3].matches("[0-9a-f]{16}")) {
            return null;
        }
        Bytes frontier = words[4].length() % 2 == 0 ? Bytes.parseHex(words[4], words[4].length() / 2) : null;
        Optional<TreeBuilder> tree = frontier == null ? Optional.empty() : TreeBuilder.ofFrontier(frontier);
        long first = Long.parseLong(words[2]);
        return tree.isPresent()
                        && tree.get().size() == first
                        && head(first, words[3], tree.get()).equals(line)
                ? new Head(first, words[3], tree.get())
                : null;
    }

    /** Gets each line with its line feed and its offset; false ends the reading. */
    @FunctionalInterface
    interface LineVisitor {
        boolean line(Bytes line, long offset);
    }

    /** Shows whole lines in order; an over-long one and an end without line feed are shown as they are, as the last. */
    static void lines(Disk.File file, LineVisitor visitor) throws IOException {
        lines(file, LINE_BYTES_MAX, visitor);
    }

    static void lines(Disk.File file, int lineBytesMax, LineVisitor visitor) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        long size = file.size();
        long at = 0;
        while (at < size) {
            block.clear();
            int count = file.read(at, block);
            byte[] bytes = block.array();
            int start = 0;
            for (int i = 0; i < count; i++) {
                if (bytes[i] == '\n') {
                    if (!visitor.line(Bytes.copyOf(bytes, start, i + 1 - start), at + start)) {
                        return;
                    }
                    start = i + 1;
                } else if (i - start >= lineBytesMax) {
                    visitor.line(Bytes.copyOf(bytes, start, i - start), at + start);
                    return;
                }
            }
            if (count <= 0) {
                return;
            }
            if (at + count >= size && start < count) {
                visitor.line(Bytes.copyOf(bytes, start, count - start), at + start);
                return;
            }
            at += start == 0 ? count : start;
        }
    }
}
