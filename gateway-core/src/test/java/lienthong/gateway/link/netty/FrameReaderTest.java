package lienthong.gateway.link.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Limits;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
    private final List<Bytes> arrived = new ArrayList<>();
    private final List<Long> tooLarge = new ArrayList<>();
    private long bytes;
    private final EmbeddedChannel channel = new EmbeddedChannel(new FrameReader(new FrameReader.Frames() {
        @Override
        public void arrived(List<Bytes> frames, long count) {
            arrived.addAll(frames);
            bytes += count;
        }

        @Override
        public void tooLarge(long length) {
            tooLarge.add(length);
        }
    }));

    private static byte[] stream(List<byte[]> frames) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            for (byte[] frame : frames) {
                out.writeInt(frame.length);
                out.write(frame);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void read(byte[] from, int offset, int length) {
        assertThat(channel.writeInbound(Unpooled.copiedBuffer(from, offset, length)))
                .isFalse();
    }

    @Test
    void framesComeWholeHoweverTheStreamIsCut() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<byte[]> frames = new ArrayList<>();
        for (int size : new int[] {1, 2, 3, 5, 32_767, 32_768, 32_769, 65_537, Limits.FRAME_BYTES_MAX, 1}) {
            byte[] frame = new byte[size];
            random.nextBytes(frame);
            frames.add(frame);
        }
        byte[] stream = stream(frames);
        for (int round = 0; round < 30; round++) {
            arrived.clear();
            int at = 0;
            while (at < stream.length) {
                int step = Math.min(stream.length - at, 1 + random.nextInt(round < 10 ? 20_000 : 200_000));
                read(stream, at, step);
                at += step;
            }
            assertThat(arrived)
                    .as("seed %d", seed)
                    .isEqualTo(frames.stream().map(Bytes::copyOf).toList());
        }
        assertThat(bytes).isEqualTo(30L * stream.length);
    }

    @Test
    void oneByteAtATimeIsEnough() {
        byte[] stream = stream(List.of(new byte[] {1, 2, 3}, new byte[] {4}));
        for (int i = 0; i < stream.length; i++) {
            read(stream, i, 1);
        }
        assertThat(arrived).containsExactly(Bytes.ofHex("010203"), Bytes.ofHex("04"));
    }

    @Test
    void lengthBeyondTheLimitIsToldAtTheLengthFieldAndNothingMoreIsRead() {
        for (int length : new int[] {Limits.FRAME_BYTES_MAX + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 0}) {
            tooLarge.clear();
            List<Bytes> before = List.copyOf(arrived);
            EmbeddedChannel fresh = new EmbeddedChannel(new FrameReader(new FrameReader.Frames() {
                @Override
                public void arrived(List<Bytes> frames, long count) {
                    arrived.addAll(frames);
                }

                @Override
                public void tooLarge(long told) {
                    tooLarge.add(told);
                }
            }));
            byte[] four = stream(List.of(new byte[0]));
            four[0] = (byte) (length >>> 24);
            four[1] = (byte) (length >>> 16);
            four[2] = (byte) (length >>> 8);
            four[3] = (byte) length;
            fresh.writeInbound(Unpooled.copiedBuffer(four));
            assertThat(tooLarge).containsExactly(length & 0xFFFF_FFFFL);
            fresh.writeInbound(Unpooled.copiedBuffer(stream(List.of(new byte[] {1}))));
            assertThat(arrived).isEqualTo(before);
            assertThat(tooLarge).hasSize(1);
        }
    }

    @Test
    void goodFramesBeforeABadLengthStillArrive() {
        byte[] good = stream(List.of(new byte[] {7}));
        byte[] all = java.util.Arrays.copyOf(good, good.length + 4);
        all[good.length] = (byte) 0x80;
        read(all, 0, all.length);
        assertThat(arrived).containsExactly(Bytes.ofHex("07"));
        assertThat(tooLarge).containsExactly(0x8000_0000L);
    }
}
