package lienthong.gateway.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/**
 * {@code audit/checkpoints}: one line each, {@code SIZE ROOT TEXT-HEX SIGNATURE-HEX}, ascending. In memory only where each line begins: some ten
 * thousand a year. Used under the log's lock.
 */
final class CheckpointFile {
    private static final String PATH = AuditFiles.FOLDER + "/checkpoints";
    private static final int WORDS = 4;

    private final Disk disk;
    private final TreeMap<Long, Place> bySize = new TreeMap<>();
    private long end;

    private record Place(long offset, int length) {}

    private CheckpointFile(Disk disk) {
        this.disk = disk;
    }

    /** One line, as read back. */
    record Line(long size, Hash root, Bytes text, Bytes signature) {
        static Optional<Line> parse(Bytes line) {
            String[] words = line.utf8().strip().split(" ", -1);
            Hash root = words.length == WORDS ? Hash.parse(words[1]) : null;
            if (root == null || !words[0].matches("[0-9]{1,18}")) {
                return Optional.empty();
            }
            Bytes text = Bytes.parseHex(words[2], words[2].length() / 2);
            Bytes signature = Bytes.parseHex(words[3], words[3].length() / 2);
            return text == null || signature == null
                    ? Optional.empty()
                    : Optional.of(new Line(Long.parseLong(words[0]), root, text, signature));
        }

        Bytes written() {
            return Bytes.utf8(size + " " + root.hex() + " " + text.hex() + " " + signature.hex() + "\n");
        }
    }

    /** Reads where the lines begin. A torn last one is no checkpoint, since nobody was given it: the next is written over it. */
    static CheckpointFile open(Disk disk) throws IOException {
        CheckpointFile file = new CheckpointFile(disk);
        walk(disk, (line, offset, length) -> {
            file.bySize.put(line.size, new Place(offset, length));
            file.end = offset + length;
        });
        return file;
    }

    @FunctionalInterface
    private interface Visitor {
        void line(Line line, long offset, int length);
    }

    private static void walk(Disk disk, Visitor visitor) throws IOException {
        Optional<Disk.File> found = disk.openExisting(PATH);
        if (found.isPresent()) {
            try (Disk.File file = found.get()) {
                AuditFiles.lines(file, AuditFiles.CHECKPOINT_BYTES_MAX, (line, offset) -> {
                    Optional<Line> good = line.get(line.size() - 1) == '\n' ? Line.parse(line) : Optional.empty();
                    good.ifPresent(one -> visitor.line(one, offset, line.size()));
                    return true;
                });
            }
        }
    }

    /** Shows all, as they stand on the disk now, one at a time; may be read while the file grows. */
    static void forEach(Disk disk, Consumer<Line> visitor) throws IOException {
        walk(disk, (line, offset, length) -> visitor.accept(line));
    }

    /** The largest; 0 when there is none. */
    long size() {
        return bySize.isEmpty() ? 0 : bySize.lastKey();
    }

    /** Roots by size, of those that cover at least so many entries. */
    Map<Long, Hash> rootsFrom(long size) throws IOException {
        Map<Long, Hash> roots = new TreeMap<>();
        for (Map.Entry<Long, Place> entry : bySize.tailMap(size).entrySet()) {
            read(entry.getValue()).ifPresent(line -> roots.put(line.size, line.root));
        }
        return roots;
    }

    Optional<Line> newest() throws IOException {
        return bySize.isEmpty() ? Optional.empty() : read(bySize.lastEntry().getValue());
    }

    /** The first that covers this entry. */
    Optional<Line> covering(long index) throws IOException {
        Map.Entry<Long, Place> found = bySize.higherEntry(index);
        return found == null ? Optional.empty() : read(found.getValue());
    }

    private Optional<Line> read(Place place) throws IOException {
        try (Disk.File file = disk.openExisting(PATH).orElseThrow(() -> new IOException(PATH + " is gone"))) {
            ByteBuffer bytes = ByteBuffer.allocate(place.length);
            while (bytes.hasRemaining() && file.read(place.offset + bytes.position(), bytes) > 0) {
                // The disk may give less than asked.
            }
            return Line.parse(Bytes.copyOf(bytes.flip()));
        }
    }

    /** Durable when this returns. */
    void add(Line line) throws IOException {
        Bytes written = line.written();
        try (Disk.File file = disk.open(PATH)) {
            boolean isNew = file.size() == 0;
            if (file.size() > end) {
                file.truncate(end);
            }
            file.write(end, written.asBuffer());
            file.sync();
            if (isNew) {
                disk.syncFolder(AuditFiles.FOLDER);
            }
        }
        bySize.put(line.size, new Place(end, written.size()));
        end += written.size();
    }
}
