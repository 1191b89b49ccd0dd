package lienthong.gateway.lab.proof.office;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ProofPayloadTest {
    private final ProofPayload payload = new ProofPayload("p1-A08-7", "k2", 41, 5_000);

    @Test
    void itsFirstLineSaysWhatItIs() {
        assertThat(ProofPayload.read(payload.range(0, 256))).contains(payload);
    }

    @Test
    void anyRangeIsTheSameBytesAsTheWhole() {
        byte[] whole = payload.range(0, 5_000);
        for (int from : new int[] {0, 1, 30, 37, 38, 39, 44, 45, 4_999}) {
            for (int to : new int[] {from, Math.min(5_000, from + 9), 5_000}) {
                assertThat(payload.range(from, to)).isEqualTo(Arrays.copyOfRange(whole, from, to));
            }
        }
    }

    @Test
    void theFillerIsWhatTheDescriptionSays() throws Exception {
        byte[] line = "lienthong-proof 1 p1-A08-7 k2 41 5000\n".getBytes(StandardCharsets.UTF_8);
        assertThat(payload.range(0, line.length)).isEqualTo(line);
        long state = java.nio.ByteBuffer.wrap(
                        java.security.MessageDigest.getInstance("SHA-256").digest(line))
                .getLong();
        // The JDK's SplittableRandom is SplitMix64 with this very increment.
        long first = new java.util.SplittableRandom(state).nextLong();
        assertThat(java.nio.ByteBuffer.wrap(payload.range(line.length, line.length + 8))
                        .getLong())
                .isEqualTo(first);
    }

    @Test
    void itsHashIsThatOfItsBytes() throws Exception {
        assertThat(payload.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                                .digest(payload.range(0, 5_000))));
    }

    @Test
    void whatIsNoPayloadIsNotTakenForOne() {
        for (String text : new String[] {
            "",
            "\n",
            "lienthong-proof 2 a - 0 100\n",
            "lienthong-proof 1 a - 0\n",
            "lienthong-proof 1 a - x 100\n",
            "lienthong-proof 1 a - 0 100",
            "x".repeat(300) + "\n"
        }) {
            assertThat(ProofPayload.read(text.getBytes(StandardCharsets.UTF_8)))
                    .as(text)
                    .isEmpty();
        }
    }

    @Test
    void aPayloadIsNeverShorterThanItsFirstLine() {
        int bytes = ProofPayload.atLeast("p1-A08-7", "k2", 41, 3);
        assertThat(ProofPayload.read(new ProofPayload("p1-A08-7", "k2", 41, bytes).range(0, bytes)))
                .contains(new ProofPayload("p1-A08-7", "k2", 41, bytes));
    }
}
