package lienthong.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.store.log.LogMessageStore;
import org.junit.jupiter.api.Test;

/** docs/spec/store.md, written a second time from the document alone; and files kept from every format this program must open. */
class FormatTest {
    private static final byte[] ID =
            Bytes.ofHex("00112233445566778899aabbccddeeff").toArray();
    private static final long INCARNATION = 0x0123456789abcdefL;

    private final StoreBench.Simulated bench = new StoreBench.Simulated(1);

    /** A writer that knows the document only. */
    private static final class Second {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final long segment;
        private long number = 1;
        private final List<Integer> sums = new ArrayList<>();
        private long groupStart;
        private long groupFirst;

        Second(long segment) {
            this.segment = segment;
            ByteBuffer page = ByteBuffer.allocate(4096);
            page.put("LTSTORE\n".getBytes(StandardCharsets.US_ASCII))
                    .putInt(1)
                    .putInt(1)
                    .put(ID)
                    .putLong(INCARNATION);
            page.putLong(segment).putLong(1).putLong(1_790_000_000_000L).putInt(65_536);
            CRC32C crc = new CRC32C();
            crc.update(page.array(), 0, 68);
            page.putInt((int) crc.getValue());
            out.writeBytes(page.array());
            begin();
        }

        private void begin() {
            groupStart = out.size();
            groupFirst = number;
            sums.clear();
        }

        Second record(int type, int kind, long key, byte[] value) {
            int length = 32 + (value.length + 7) / 8 * 8;
            ByteBuffer record = ByteBuffer.allocate(length);
            record.putInt(length)
                    .putInt(0)
                    .putLong(number++)
                    .put((byte) type)
                    .put((byte) kind)
                    .putShort((short) 0);
            record.putInt(value.length).putLong(key).put(value);
            CRC32C crc = new CRC32C();
            crc.update(ID);
            crc.update(ByteBuffer.allocate(8).putLong(segment).flip());
            crc.update(record.array(), 0, 4);
            crc.update(record.array(), 8, length - 8);
            record.putInt(4, (int) crc.getValue());
            sums.add((int) crc.getValue());
            out.writeBytes(record.array());
            return this;
        }

        Second mark() {
            CRC32C crc = new CRC32C();
            for (int sum : sums) {
                crc.update(ByteBuffer.allocate(4).putInt(sum).flip());
            }
            record(
                    4,
                    0,
                    groupStart,
                    ByteBuffer.allocate(12)
                            .putLong(groupFirst)
                            .putInt((int) crc.getValue())
                            .array());
            begin();
            return this;
        }

        byte[] done() {
            return java.util.Arrays.copyOf(out.toByteArray(), 65_536);
        }
    }

    private static byte[] identity() {
        String lines = "lienthong-store 1\nid 00112233445566778899aabbccddeeff\nincarnation 0123456789abcdef\n";
        CRC32C crc = new CRC32C();
        crc.update(lines.getBytes(StandardCharsets.US_ASCII));
        return (lines + String.format("check %08x\n", crc.getValue())).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] state(long keys) {
        return ByteBuffer.allocate(28)
                .putLong(keys)
                .putInt(1)
                .putLong(1)
                .putLong(0)
                .array();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void opensWhatASecondProgramWroteFromTheDocument() throws IOException {
        Second second = new Second(1)
                .record(5, 0, 0, state(500))
                .record(1, 1, 7, text("a"))
                .mark()
                .record(1, 2, 8, text("body"))
                .record(1, 200, 9, text("a later program's kind"))
                .record(3, 1, 7, ByteBuffer.allocate(16).putLong(1).putLong(1).array())
                .record(1, 3, -1, new byte[0])
                .mark()
                .record(1, 1, 99, text("never acknowledged: no mark"));
        bench.disk.makeFolder("log");
        bench.disk.replace("log/000000000001.log", second.done());
        bench.disk.replace("store.txt", identity());
        LogMessageStore store = bench.open();
        assertThat(store.read(Kind.HEAD, 7)).isEmpty();
        assertThat(store.read(Kind.BODY, 8)).contains(Bytes.utf8("body"));
        assertThat(store.read(Kind.END, -1)).contains(Bytes.empty());
        assertThat(store.read(Kind.HEAD, 99)).isEmpty();
        assertThat(store.newKey()).isGreaterThan(500);
        assertThat(store.status().liveValues()).as("with the unknown kind").isEqualTo(3);
        assertThat(bench.events.damages).isEmpty();
    }

    @Test
    void writesWhatTheDocumentSays() {
        LogMessageStore store = bench.open();
        bench.commit(store, new Batch().put(Kind.HEAD, 7, Bytes.utf8("a")));
        byte[] log = bench.disk.contentOf("log/000000000001.log");
        ByteBuffer state = ByteBuffer.wrap(log, 4096, 64).slice();
        assertThat(state.getInt(0)).isEqualTo(64);
        assertThat(state.getLong(8)).isEqualTo(1);
        assertThat(state.get(16)).isEqualTo((byte) 5);
        ByteBuffer put = ByteBuffer.wrap(log, 4160, 40).slice();
        assertThat(put.getInt(0)).isEqualTo(40);
        assertThat(put.getLong(8)).isEqualTo(2);
        assertThat(put.getInt(16)).isEqualTo(0x01010000);
        assertThat(put.getInt(20)).isEqualTo(1);
        assertThat(put.getLong(24)).isEqualTo(7);
        assertThat(put.get(32)).isEqualTo((byte) 'a');
        ByteBuffer mark = ByteBuffer.wrap(log, 4200, 48).slice();
        assertThat(mark.getInt(0)).isEqualTo(48);
        assertThat(mark.get(16)).isEqualTo((byte) 4);
        assertThat(mark.getLong(24)).isEqualTo(4096);
        assertThat(mark.getLong(32)).isEqualTo(1);
        ByteBuffer proof = ByteBuffer.wrap(log, 4248, 48).slice();
        assertThat(proof.get(16)).as("the empty group").isEqualTo((byte) 4);
        assertThat(proof.getLong(24)).isEqualTo(4248);
    }

    /** Kept from the first program that wrote format 1; never made anew. */
    @Test
    void opensTheKeptFilesOfFormat1() throws IOException {
        bench.disk.makeFolder("log");
        for (String name : List.of("store.txt", "log/000000000001.log", "log/000000000002.log")) {
            try (InputStream kept = FormatTest.class.getResourceAsStream("/store/format-1/" + keptName(name))) {
                bench.disk.replace(
                        name, java.util.Objects.requireNonNull(kept, name).readAllBytes());
            }
        }
        LogMessageStore store = bench.open();
        assertThat(store.count(Kind.BODY)).isEqualTo(60);
        for (long key = 1; key <= 60; key++) {
            assertThat(store.read(Kind.BODY, key)).contains(Bytes.utf8(("value " + key + " ").repeat(20)));
        }
        assertThat(store.read(Kind.HEAD, 1)).contains(Bytes.utf8("second"));
        assertThat(store.read(Kind.HEAD, 2)).isEmpty();
        assertThat(bench.events.damages).isEmpty();
        assertThat(bench.events.segmentsMissing).isEmpty();
    }

    private static String keptName(String name) {
        return name.replace('/', '-').replaceFirst("\\.[a-z]+$", ".bin");
    }

    /** How the kept files were made: {@code -Dstore.keep=FOLDER} writes them again for a new format. */
    @Test
    void keptFilesCanBeMadeForANewFormat() throws IOException {
        bench.segmentBytes = 32 * 1024;
        LogMessageStore store = bench.open();
        bench.commit(store, new Batch().put(Kind.HEAD, 1, Bytes.utf8("first")).put(Kind.HEAD, 2, Bytes.utf8("ended")));
        for (long key = 1; key <= 60; key++) {
            bench.commit(store, new Batch().put(Kind.BODY, key, Bytes.utf8(("value " + key + " ").repeat(20))));
            bench.commit(
                    store,
                    new Batch().put(Kind.BODY, 1_000 + key, Bytes.utf8("ended")).drop(Kind.BODY, 1_000 + key));
            bench.commit(store, new Batch().put(Kind.RECEIPT, 5, Bytes.utf8("filler ".repeat(40))));
        }
        bench.commit(store, new Batch().put(Kind.HEAD, 1, Bytes.utf8("second")).drop(Kind.HEAD, 2));
        store.close();
        List<String> files = bench.disk.files().stream()
                .filter(name -> name.startsWith("log/") || name.equals("store.txt"))
                .toList();
        assertThat(files).contains("log/000000000001.log", "log/000000000002.log", "store.txt");
        String folder = System.getProperty("store.keep");
        if (folder != null) {
            for (String name : files) {
                byte[] content = bench.disk.contentOf(name);
                int used = content.length;
                while (used > 0 && content[used - 1] == 0) {
                    used--;
                }
                if (used > 0) {
                    java.nio.file.Files.write(
                            java.nio.file.Path.of(folder, keptName(name)),
                            java.util.Arrays.copyOf(content, Math.min(content.length, (used + 7) / 8 * 8)));
                }
            }
        }
    }
}
