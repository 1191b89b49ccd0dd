package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A file in a node's {@code quarantine/}, its name says the place ({@code log-000000000003-81920}), as it was before bits of it were flipped. Immutable. */
final class SetAside {
    private final String file;
    private final byte[] bytes;

    /** How many flips lie in it. */
    private final int flipped;

    private SetAside(String file, byte[] bytes, int flipped) {
        this.file = file;
        this.bytes = bytes;
        this.flipped = flipped;
    }

    /** What a node has set aside, with what was done to its files taken back. */
    static List<SetAside> of(Path data, List<BitFlip> flips) throws IOException {
        Path folder = data.resolve("quarantine");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> !file.toString().endsWith(".tmp"))
                    .sorted()
                    .toList();
        }
        List<SetAside> found = new ArrayList<>();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            int dash = name.lastIndexOf('-');
            Path source = data.resolve(name.substring(0, dash).replaceFirst("-", "/") + ".log");
            long from = Long.parseLong(name.substring(dash + 1));
            byte[] bytes = Files.readAllBytes(file);
            int count = 0;
            for (BitFlip flip : flips) {
                if (flip.file().equals(source) && flip.touches(from, bytes.length)) {
                    flip.apply(bytes, from);
                    count++;
                }
            }
            found.add(new SetAside("quarantine/" + name, bytes, count));
        }
        return found;
    }

    /** Where it lies in the data folder. */
    String file() {
        return file;
    }

    /** Whether somebody did something to it. */
    boolean isByFlip() {
        return flipped > 0;
    }

    /** Whether it is at most as many records as were hit: a record begins with its length. */
    boolean isOneRecord() {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int records = 0;
        while (in.remaining() >= Integer.BYTES) {
            int length = in.getInt(in.position());
            if (length <= 0 || length > in.remaining()) {
                return false;
            }
            in.position(in.position() + length);
            records++;
        }
        // A flip of two bytes may hit the end of one record and the beginning of the next.
        return records <= flipped + 1;
    }

    /**
     * Whose record it was.
     *
     * @param ids client id to message id, of the office that the node serves
     * @return client ids of those that stand in it
     */
    Set<String> messages(Map<String, String> ids) {
        // One byte is one character: the search is for bytes.
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        Set<String> named = new TreeSet<>();
        ids.forEach((client, message) -> {
            String raw = new String(HexFormat.of().parseHex(message), StandardCharsets.ISO_8859_1);
            if (text.contains(raw) || text.contains(client)) {
                named.add(client);
            }
        });
        return named;
    }
}
