package lienthong.gateway.envelope;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import lienthong.gateway.message.Limits;

/**
 * Expands one zstd frame (RFC 8878), bounded: no dictionary, no checksum field, a window of at most {@link PayloadFormat#WINDOW_BYTES_MAX},
 * never more than {@link Limits#EXPANSION_FACTOR_MAX} times the bytes fed so far. One user at a time; {@link Pool} keeps some ready.
 */
final class Expander {
    private static final int MAGIC = 0xFD2FB528;
    /** Magic, descriptor, and the longest of window descriptor and content size. */
    private static final int FRAME_HEADER_BYTES_MAX = 4 + 1 + 1 + 8;

    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final ByteBuffer in = ByteBuffer.allocateDirect(PayloadFormat.DATA_BYTES_MAX);
    private final ByteBuffer out = ByteBuffer.allocateDirect(PayloadFormat.DATA_BYTES_MAX);
    private final byte[] header = new byte[FRAME_HEADER_BYTES_MAX];
    private int headerSize;
    private long fed;
    private long given;
    private boolean complete;

    private Expander() {}

    void begin() {
        context.reset();
        in.clear().limit(0);
        out.clear().limit(0);
        headerSize = 0;
        fed = 0;
        given = 0;
        complete = false;
    }

    /** Gives the body of the next record; the one before must have been used up. */
    void feed(byte[] bytes, int offset, int length) throws Damaged {
        if (complete) {
            throw new Damaged("bytes after the frame");
        }
        if (headerSize < FRAME_HEADER_BYTES_MAX) {
            int taken = Math.min(length, FRAME_HEADER_BYTES_MAX - headerSize);
            System.arraycopy(bytes, offset, header, headerSize, taken);
            headerSize += taken;
            // The smallest frame has 9 bytes with an empty block; ours hold at least 128 bytes of text, so that the
            // first record has them all.
            checkHeader(header, headerSize);
            headerSize = FRAME_HEADER_BYTES_MAX;
        }
        in.clear();
        in.put(bytes, offset, length).flip();
        fed += length;
    }

    /** Reads the frame's header (RFC 8878 §3.1.1.1) before the library takes memory for it. */
    private static void checkHeader(byte[] header, int size) throws Damaged {
        if (size < 6) {
            throw new Damaged("frame header");
        }
        int magic = header[0] & 0xFF | (header[1] & 0xFF) << 8 | (header[2] & 0xFF) << 16 | (header[3] & 0xFF) << 24;
        int descriptor = header[4] & 0xFF;
        // Bits: content size (2), single segment, unused, reserved, checksum, dictionary id (2).
        if (magic != MAGIC || (descriptor & 0x0F) != 0) {
            throw new Damaged("frame header");
        }
        long window;
        if ((descriptor & 0x20) == 0) {
            int exponent = (header[5] & 0xFF) >> 3;
            int mantissa = header[5] & 7;
            long base = 1L << 10 + exponent;
            window = base + base / 8 * mantissa;
        } else {
            int fieldSize = (descriptor >> 6 & 3) == 0 ? 1 : 1 << (descriptor >> 6 & 3);
            if (size < 5 + fieldSize) {
                throw new Damaged("frame header");
            }
            window = 0;
            for (int i = fieldSize - 1; i >= 0; i--) {
                window = window << 8 | header[5 + i] & 0xFF;
            }
            // RFC 8878 §3.1.1.1.4: a field of two bytes counts from 256.
            window += fieldSize == 2 ? 256 : 0;
        }
        if (window < 0 || window > PayloadFormat.WINDOW_BYTES_MAX) {
            throw new Damaged("frame window");
        }
    }

    /** The next expanded bytes; 0 when more must be fed, or the frame is complete. */
    int read(byte[] into, int offset, int length) throws Damaged {
        if (!out.hasRemaining() && !expand()) {
            return 0;
        }
        int size = Math.min(length, out.remaining());
        out.get(into, offset, size);
        return size;
    }

    private boolean expand() throws Damaged {
        if (complete) {
            return false;
        }
        out.clear();
        try {
            // Even without input the library may hold text back from a full buffer.
            int before;
            do {
                before = in.remaining();
                complete = context.decompressDirectByteBufferStream(out, in);
            } while (!complete && out.position() == 0 && in.remaining() < before && in.hasRemaining());
        } catch (ZstdException malformed) {
            out.limit(0);
            throw new Damaged("frame");
        }
        if (complete && in.hasRemaining()) {
            throw new Damaged("bytes after the frame");
        }
        out.flip();
        given += out.remaining();
        if (given > fed * Limits.EXPANSION_FACTOR_MAX) {
            throw new Damaged("expands too far");
        }
        return out.hasRemaining();
    }

    /** Whether the frame ended and all of it was read. */
    boolean isComplete() {
        return complete && !out.hasRemaining();
    }

    private void free() {
        context.close();
    }

    /** Keeps expanders for reuse. Thread-safe. */
    static final class Pool {
        private static final int KEPT_MAX = 8;
        private final ConcurrentLinkedQueue<Expander> idle = new ConcurrentLinkedQueue<>();

        Expander take() {
            Expander ready = idle.poll();
            return ready != null ? ready : new Expander();
        }

        void giveBack(Expander used) {
            if (idle.size() < KEPT_MAX) {
                idle.add(used);
            } else {
                used.free();
            }
        }
    }
}
