package lienthong.gateway.envelope;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import lienthong.gateway.message.Limits;

/** zstd frames (RFC 8878) without checksum and dictionary. One user at a time; {@link Pool} keeps some ready. */
final class Compressor {
    /** Level 3 keeps up with the disk; its window is 2 MiB. */
    private static final int LEVEL = 3;
    /** Below {@link #SHORT_BYTES} level 1 finds as much and costs half: a bundle of 64 saves a fifth of its time. */
    private static final int SHORT_LEVEL = 1;

    private static final int SHORT_BYTES = 16 * 1024;
    /**
     * While a frame's plaintext is at most so many times its bytes after each step of 64 KiB, the next step cannot pass
     * {@link Limits#EXPANSION_FACTOR_MAX}: the bytes so far are then at least 262, and one step adds at most 250 times that.
     */
    private static final int CONTINUE_FACTOR = 250;

    private final ZstdCompressCtx whole = new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false);
    private final ZstdCompressCtx brief =
            new ZstdCompressCtx().setLevel(SHORT_LEVEL).setChecksum(false);
    private final byte[] scratch = new byte[(int) Zstd.compressBound(PayloadFormat.DATA_BYTES_MAX)];
    private final byte[] record = new byte[PayloadFormat.DATA_BYTES_MAX];

    // ---- the frame at hand
    private ZstdCompressCtx frame;
    private ByteBuffer in;
    private ByteBuffer out;
    private long taken;
    private long given;

    @SuppressWarnings("NullAway.Init") // the streaming half is made at its first use: small messages never pay for it
    private Compressor() {}

    /** Who gets the frame's bytes, at most {@link PayloadFormat#DATA_BYTES_MAX} at a time. */
    interface Taker {
        void take(byte[] bytes, int offset, int length) throws IOException;
    }

    /** The result of {@link #whole}. */
    byte[] scratch() {
        return scratch;
    }

    /**
     * Compresses up to 64 KiB as one frame into {@link #scratch}.
     *
     * @return the frame's size, or −1 when it gains less than a sixteenth, or would look like a bomb
     */
    int whole(byte[] bytes, int offset, int length) {
        ZstdCompressCtx context = length <= SHORT_BYTES ? brief : whole;
        int size = context.compressByteArray(scratch, 0, scratch.length, bytes, offset, length);
        boolean gains = size <= length - length / 16 && size <= PayloadFormat.DATA_BYTES_MAX;
        return gains && (long) length <= (long) size * Limits.EXPANSION_FACTOR_MAX ? size : -1;
    }

    /** Whether the first 64 KiB of a longer part say that a frame gains and may go on. */
    boolean samples(byte[] bytes, int offset, int length) {
        int size = whole(bytes, offset, length);
        return size > 0 && (long) length <= (long) size * CONTINUE_FACTOR;
    }

    void begin() {
        if (frame == null) {
            frame = new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false);
            in = ByteBuffer.allocateDirect(PayloadFormat.DATA_BYTES_MAX);
            out = ByteBuffer.allocateDirect(PayloadFormat.DATA_BYTES_MAX);
        }
        frame.reset();
        frame.setLevel(LEVEL).setChecksum(false);
        taken = 0;
        given = 0;
    }

    /** Takes the next step of at most 64 KiB; with {@code last} the frame is closed. */
    void step(byte[] bytes, int offset, int length, boolean last, Taker taker) throws IOException {
        in.clear();
        in.put(bytes, offset, length).flip();
        taken += length;
        EndDirective directive = last ? EndDirective.END : EndDirective.FLUSH;
        boolean done;
        do {
            done = frame.compressDirectByteBufferStream(out, in, directive) && !in.hasRemaining();
            if (out.position() > 0 && (done || !out.hasRemaining() || last)) {
                out.flip();
                int size = out.remaining();
                out.get(record, 0, size);
                out.clear();
                given += size;
                taker.take(record, 0, size);
            }
        } while (!done);
    }

    /** Whether one more step keeps the frame within {@link Limits#EXPANSION_FACTOR_MAX}. */
    boolean mayContinue() {
        return taken <= given * CONTINUE_FACTOR;
    }

    /** Frees what is not the collector's. */
    private void free() {
        whole.close();
        brief.close();
        if (frame != null) {
            frame.close();
        }
    }

    /** Keeps compressors for reuse: their native state is 1 to 2 MiB. Thread-safe. */
    static final class Pool {
        private static final int KEPT_MAX = 8;
        private final ConcurrentLinkedQueue<Compressor> idle = new ConcurrentLinkedQueue<>();

        Compressor take() {
            Compressor ready = idle.poll();
            return ready != null ? ready : new Compressor();
        }

        void giveBack(Compressor used) {
            if (idle.size() < KEPT_MAX) {
                idle.add(used);
            } else {
                used.free();
            }
        }
    }
}
