package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetAsideTest {
    private static final String MESSAGE = "0192f0a0b1c27d3e8f90a1b2c3d4e5f6";
    private static final int AT = 8_192;

    @TempDir
    Path data;

    private Path segment;

    private static byte[] record(String client) {
        byte[] name = client.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer record = ByteBuffer.allocate(96);
        record.putInt(96).position(32);
        record.put(HexFormat.of().parseHex(MESSAGE)).put(name);
        return record.array();
    }

    @BeforeEach
    void aSegmentWithTwoRecords() throws Exception {
        segment = Files.createDirectories(data.resolve("log")).resolve("000000000003.log");
        ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
        bytes.position(AT);
        bytes.put(record("p-A08-1r")).put(record("p-A08-2f"));
        Files.write(segment, bytes.array());
        Files.createDirectories(data.resolve("quarantine"));
    }

    private List<SetAside> setAside(long from, int length, BitFlip... flips) throws Exception {
        byte[] bytes = Files.readAllBytes(segment);
        Files.write(
                data.resolve("quarantine/log-000000000003-" + from),
                ByteBuffer.allocate(length).put(bytes, (int) from, length).array());
        return SetAside.of(data, List.of(flips));
    }

    private BitFlip flip(long at) throws Exception {
        BitFlip flip = new BitFlip(data, segment, BitFlip.Part.LOG, at, 0x8101);
        flip.strike();
        return flip;
    }

    @Test
    void namesWhoseRecordItWasThoughTheNameItselfWasHit() throws Exception {
        List<SetAside> found = setAside(AT, 96, flip(AT + 33), flip(AT + 49));
        assertThat(found).hasSize(1);
        assertThat(found.get(0).isByFlip()).isTrue();
        assertThat(found.get(0).isOneRecord()).isTrue();
        Map<String, String> ids = Map.of("p-A08-1r", MESSAGE, "p-A08-9r", "f".repeat(32));
        assertThat(found.get(0).messages(ids)).containsExactly("p-A08-1r");
    }

    @Test
    void seesWhatNobodyTouched() throws Exception {
        assertThat(setAside(AT, 96, flip(AT + 96 + 5)).get(0).isByFlip()).isFalse();
    }

    @Test
    void seesMoreThanWasHit() throws Exception {
        byte[] bytes = Files.readAllBytes(segment);
        System.arraycopy(record("p-A08-3r"), 0, bytes, AT + 192, 96);
        Files.write(segment, bytes);
        assertThat(setAside(AT, 288, flip(AT + 10)).get(0).isOneRecord()).isFalse();
        assertThat(setAside(AT, 100, flip(AT + 12)).get(0).isOneRecord()).isFalse();
    }

    @Test
    void bitsThatAreFlippedTwiceAreAsWritten() throws Exception {
        byte[] before = Files.readAllBytes(segment);
        BitFlip flip = BitFlip.draw(data, segment, BitFlip.Part.LOG, new Random(3));
        assertThat(flip.at()).as("within what was written").isLessThan(AT + 192);
        flip.strike();
        assertThat(Files.readAllBytes(segment)).isNotEqualTo(before);
        flip.putBack();
        assertThat(Files.readAllBytes(segment)).isEqualTo(before);
    }

    @Test
    void drawsAFileOfEachPartThatIsThere() throws Exception {
        assertThat(BitFlip.Part.LOG.draw(data, new Random(1))).contains(segment);
        assertThat(BitFlip.Part.KEYS.draw(data, new Random(1))).isEmpty();
    }
}
