package lienthong.gateway.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.Test;

/** Frames that would expand too far, or want too much memory, stop before they do. */
class BombTest {
    private static final Hash NETWORK = Hash.of(Bytes.utf8("n"));

    /** Bytes that come out of a part with these data records before it fails or ends. */
    private static long expands(long declared, List<Bytes> frames) {
        Bytes name = Bytes.utf8("a");
        Bytes type = Bytes.utf8("a/b");
        Bytes payload = Forger.record(
                PayloadFormat.OPENING,
                Bytes.ofOwned(java.nio.ByteBuffer.allocate(2 + 2 + 1 + 2 + 3 + 8)
                        .putShort((short) 1)
                        .putShort((short) 1)
                        .put(name.asBuffer())
                        .putShort((short) 3)
                        .put(type.asBuffer())
                        .putLong(declared)
                        .array()));
        for (Bytes frame : frames) {
            payload = payload.plus(Forger.record(PayloadFormat.ZSTD, frame));
        }
        payload = payload.plus(Forger.record(PayloadFormat.END, Bytes.empty()));
        PayloadReader reader =
                new PayloadReader(new ByteArrayInputStream(payload.toArray()), NETWORK, new Expander.Pool().take());
        long size = 0;
        try {
            assertThat(reader.nextMessage()).isTrue();
            assertThat(reader.nextPart()).isTrue();
            byte[] buffer = new byte[64 * 1024];
            for (int got = reader.read(buffer, 0, buffer.length);
                    got >= 0;
                    got = reader.read(buffer, 0, buffer.length)) {
                size += got;
            }
            return size;
        } catch (Damaged stopped) {
            return -1 - size;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Bytes frame(byte[] content, boolean checksum) {
        try (ZstdCompressCtx context = new ZstdCompressCtx().setLevel(3).setChecksum(checksum)) {
            return Bytes.ofOwned(context.compress(content));
        }
    }

    @Test
    void anHonestFrameExpands() {
        byte[] text = Kit.text(new java.util.Random(1), 50_000).toArray();
        assertThat(expands(50_000, List.of(frame(text, false)))).isEqualTo(50_000);
    }

    @Test
    void zerosBeyondTheFactorStop() {
        Bytes bomb = frame(new byte[5_000_000], false);
        assertThat(bomb.size()).isLessThan(1_000);
        long came = -1 - expands(5_000_000, List.of(bomb));
        assertThat(came).isBetween(0L, 1_000L * bomb.size());
    }

    @Test
    void moreThanDeclaredStops() {
        byte[] text = Kit.text(new java.util.Random(1), 50_000).toArray();
        assertThat(expands(49_999, List.of(frame(text, false)))).isNegative();
        assertThat(expands(50_001, List.of(frame(text, false)))).isNegative();
    }

    @Test
    void checksumsDictionariesAndLargeWindowsAreRefused() {
        byte[] text = Kit.text(new java.util.Random(1), 50_000).toArray();
        assertThat(expands(50_000, List.of(frame(text, true)))).isEqualTo(-1);
        byte[] wide = new byte[64];
        byte[] header = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0x00, (byte) (14 << 3)};
        System.arraycopy(header, 0, wide, 0, header.length);
        assertThat(expands(50_000, List.of(Bytes.ofOwned(wide)))).isEqualTo(-1);
        byte[] dictionary = frame(text, false).toArray();
        dictionary[4] |= 1;
        assertThat(expands(50_000, List.of(Bytes.ofOwned(dictionary)))).isEqualTo(-1);
    }

    @Test
    void aFrameCutShortASecondFrameOrSkippableBytesAreRefused() {
        byte[] text = Kit.text(new java.util.Random(1), 20_000).toArray();
        Bytes whole = frame(text, false);
        assertThat(expands(20_000, List.of(whole.slice(0, whole.size() - 1)))).isNegative();
        assertThat(expands(40_000, List.of(whole, whole))).isNegative();
        assertThat(expands(40_000, List.of(whole.plus(whole)))).isNegative();
        byte[] skippable = {0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 9};
        assertThat(expands(20_000, List.of(Bytes.ofOwned(skippable), whole))).isNegative();
        assertThat(expands(20_000, List.of(whole.plus(Bytes.ofOwned(skippable)))))
                .isNegative();
    }
}
