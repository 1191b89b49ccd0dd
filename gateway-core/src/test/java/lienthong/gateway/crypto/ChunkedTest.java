package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The content encryption at its edges; the published vectors of the format run in {@link VectorRunner}. */
class ChunkedTest {
    private static final int CHUNK = ChunkKeys.CHUNK_BYTES;
    private static final SecretBytes KEY = SecretBytes.random(32, Fixtures.RANDOM);
    private static final Bytes CONTEXT = Bytes.utf8("core");

    private static byte[] text(int size) {
        byte[] text = new byte[size];
        new Random(size).nextBytes(text);
        return text;
    }

    private static byte[] seal(byte[] text, int step) {
        ChunkedSealer sealer = ChunkedSealer.start(KEY, CONTEXT, new byte[24]);
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        sealed.writeBytes(sealer.header());
        byte[] out = new byte[ChunkedSealer.sealedBytesMax(step)];
        for (int from = 0; from < text.length; from += step) {
            sealed.write(out, 0, sealer.seal(text, from, Math.min(step, text.length - from), out, 0));
        }
        byte[] last = new byte[ChunkedSealer.FINISH_BYTES_MAX];
        sealed.write(last, 0, sealer.finish(last, 0));
        return sealed.toByteArray();
    }

    private static Optional<byte[]> open(byte[] sealed, int step) {
        ChunkedOpener opener = ChunkedOpener.start(KEY, CONTEXT);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] out = new byte[ChunkedOpener.openedBytesMax(step)];
        boolean failed = false;
        for (int from = 0; from < sealed.length; from += step) {
            int size = opener.open(sealed, from, Math.min(step, sealed.length - from), out, 0);
            failed |= size == ChunkedOpener.NOT_OPENED;
            assertThat(size == ChunkedOpener.NOT_OPENED).isEqualTo(failed);
            text.write(out, 0, Math.max(size, 0));
        }
        byte[] last = new byte[CHUNK];
        int size = opener.finish(last, 0);
        text.write(last, 0, Math.max(size, 0));
        return size == ChunkedOpener.NOT_OPENED ? Optional.empty() : Optional.of(text.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                1,
                15,
                16,
                17,
                CHUNK - 17,
                CHUNK - 16,
                CHUNK - 1,
                CHUNK,
                CHUNK + 1,
                2 * CHUNK - 1,
                2 * CHUNK,
                2 * CHUNK + 1,
                5 * CHUNK
            })
    void givesTheSameInEveryPieceSizeAtEveryEdge(int size) {
        byte[] text = text(size);
        byte[] sealed = seal(text, Math.max(1, size));
        assertThat(sealed.length).isEqualTo((int) ChunkedSealer.sealedLength(size));
        assertThat(ChunkedSealer.plaintextLength(sealed.length)).isEqualTo(size);
        for (int step : new int[] {997, 2_048, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 16, CHUNK + 17, 3 * CHUNK}) {
            assertThat(seal(text, step)).as("step %d", step).isEqualTo(sealed);
            assertThat(open(sealed, step))
                    .as("step %d", step)
                    .hasValueSatisfying(back -> assertThat(back).isEqualTo(text));
        }
        assertThat(ChunkedOpener.openAll(KEY, CONTEXT, Bytes.copyOf(sealed)).orElseThrow())
                .isEqualTo(text);
        Bytes atOnce = ChunkedSealer.sealAll(KEY, CONTEXT, text, Fixtures.RANDOM);
        assertThat(open(atOnce.toArray(), 4_096).orElseThrow()).isEqualTo(text);
    }

    @Test
    void everyCutIsRefused() {
        byte[] sealed = seal(text(300), 300);
        for (int size = 0; size < sealed.length; size++) {
            byte[] cut = Arrays.copyOf(sealed, size);
            assertThat(open(cut, 64)).as("cut at %d", size).isEmpty();
            assertThat(ChunkedOpener.openAll(KEY, CONTEXT, Bytes.copyOf(cut))).isEmpty();
        }
    }

    @Test
    void everyCutAroundChunkEdgesIsRefused() {
        byte[] sealed = seal(text(2 * CHUNK + 100), CHUNK);
        int header = ChunkedSealer.HEADER_BYTES;
        int chunk = CHUNK + 16;
        for (int edge : new int[] {header, header + chunk, header + 2 * chunk}) {
            for (int size = edge - 18; size <= edge + 18; size++) {
                byte[] cut = Arrays.copyOf(sealed, size);
                assertThat(open(cut, 5_000)).as("cut at %d", size).isEmpty();
                assertThat(ChunkedOpener.openAll(KEY, CONTEXT, Bytes.copyOf(cut)))
                        .isEmpty();
            }
        }
    }

    @Test
    void fullLastChunkCountsAsCutShort() {
        byte[] sealed = seal(text(CHUNK), CHUNK);
        byte[] withoutTheEmptyOne = Arrays.copyOf(sealed, sealed.length - 16);
        assertThat(open(withoutTheEmptyOne, CHUNK)).isEmpty();
        assertThat(ChunkedOpener.openAll(KEY, CONTEXT, Bytes.copyOf(withoutTheEmptyOne)))
                .isEmpty();
    }

    @Test
    void everyAlteredByteIsRefused() {
        byte[] sealed = seal(text(100), 100);
        for (int i = 0; i < sealed.length; i++) {
            byte[] altered = sealed.clone();
            altered[i] ^= 0x40;
            assertThat(open(altered, 33)).as("byte %d", i).isEmpty();
            assertThat(ChunkedOpener.openAll(KEY, CONTEXT, Bytes.copyOf(altered)))
                    .isEmpty();
        }
    }

    @Test
    void bytesAfterTheEndAreRefused() {
        for (int size : new int[] {0, 100, CHUNK - 1, CHUNK}) {
            byte[] sealed = seal(text(size), CHUNK);
            for (int more : new int[] {1, 16, 17, CHUNK, CHUNK + 16}) {
                byte[] longer = Arrays.copyOf(sealed, sealed.length + more);
                assertThat(open(longer, 7_000)).as("%d + %d", size, more).isEmpty();
                assertThat(ChunkedOpener.openAll(KEY, CONTEXT, Bytes.copyOf(longer)))
                        .isEmpty();
            }
        }
    }

    @Test
    void swappedChunksAreRefused() {
        byte[] sealed = seal(text(2 * CHUNK + 5), CHUNK);
        byte[] swapped = sealed.clone();
        int first = ChunkedSealer.HEADER_BYTES;
        System.arraycopy(sealed, first, swapped, first + CHUNK + 16, CHUNK + 16);
        System.arraycopy(sealed, first + CHUNK + 16, swapped, first, CHUNK + 16);
        assertThat(open(swapped, CHUNK)).isEmpty();
    }

    @Test
    void otherKeyOrContextDoesNotOpen() {
        Bytes sealed = Bytes.copyOf(seal(text(50), 50));
        assertThat(ChunkedOpener.openAll(SecretBytes.random(32, Fixtures.RANDOM), CONTEXT, sealed))
                .isEmpty();
        assertThat(ChunkedOpener.openAll(KEY, Bytes.utf8("corf"), sealed)).isEmpty();
        assertThat(ChunkedOpener.openAll(KEY, Bytes.empty(), sealed)).isEmpty();
    }

    /** T14: one ciphertext never opens under two keys, because the key is committed to before the first chunk. */
    @Test
    void wrongCommitmentStopsBeforeTheFirstChunk() {
        byte[] sealed = seal(text(2 * CHUNK), CHUNK);
        sealed[30] ^= 1;
        ChunkedOpener opener = ChunkedOpener.start(KEY, CONTEXT);
        byte[] out = new byte[ChunkedOpener.openedBytesMax(sealed.length)];
        assertThat(opener.open(sealed, 0, sealed.length, out, 0)).isEqualTo(ChunkedOpener.NOT_OPENED);
        assertThat(out).containsOnly(0);
        assertThat(opener.finish(out, 0)).isEqualTo(ChunkedOpener.NOT_OPENED);
    }

    @Test
    void noTextOfAFailingCallStaysInTheBuffer() {
        byte[] sealed = seal(text(3 * CHUNK), CHUNK);
        sealed[sealed.length - 40] ^= 1;
        byte[] out = new byte[ChunkedOpener.openedBytesMax(sealed.length)];
        assertThat(ChunkedOpener.start(KEY, CONTEXT).open(sealed, 0, sealed.length, out, 0))
                .isEqualTo(ChunkedOpener.NOT_OPENED);
        assertThat(Arrays.copyOf(out, 2 * CHUNK)).containsOnly(0);
    }

    @Test
    void twoStreamsUnderOneKeyDiffer() {
        byte[] text = text(10);
        assertThat(ChunkedSealer.sealAll(KEY, CONTEXT, text, Fixtures.RANDOM))
                .isNotEqualTo(ChunkedSealer.sealAll(KEY, CONTEXT, text, Fixtures.RANDOM));
    }

    @Test
    void lengthsThatNoPlaintextHasAreSaidSo() {
        for (long size = 0; size < 56 + 16; size++) {
            assertThat(ChunkedSealer.plaintextLength(size)).isNegative();
        }
        for (long size = 56 + CHUNK + 16; size < 56 + CHUNK + 32; size++) {
            assertThat(ChunkedSealer.plaintextLength(size)).isNegative();
        }
        for (long size = 0; size < 100_000; size += 13) {
            assertThat(ChunkedSealer.plaintextLength(ChunkedSealer.sealedLength(size)))
                    .isEqualTo(size);
        }
        assertThat(ChunkedSealer.plaintextLength(ChunkedSealer.sealedLength(1L << 40)))
                .isEqualTo(1L << 40);
    }

    @Test
    void nothingIsAddedToAFinishedStream() {
        ChunkedSealer sealer = ChunkedSealer.start(KEY, CONTEXT, Fixtures.RANDOM);
        byte[] out = new byte[100];
        assertThat(sealer.finish(out, 0)).isEqualTo(16);
        assertThatThrownBy(() -> sealer.seal(out, 0, 1, out, 0)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> sealer.finish(out, 0)).isInstanceOf(Bug.class);
    }
}
