package lienthong.gateway.link.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Limits;

/**
 * Cuts the stream into frames: four bytes of length, big-endian, then so many bytes.
 * <pre>
 *  0        4                 4 + n
 *  | n      | n bytes of frame | next …        1 ≤ n ≤ 262,144
 * </pre>
 * A length outside that is told at once, before anything is allocated for it, and nothing more is read. Memory for a frame grows with what has
 * come of it. One per channel, on its thread.
 */
final class FrameReader extends ChannelInboundHandlerAdapter {
    private static final int FIRST_BYTES = 32 * 1024;
    private static final byte[] NONE = new byte[0];

    /** What becomes of frames. Called on the channel's thread. */
    interface Frames {
        /** All whole frames of one read, and how many bytes came. */
        void arrived(List<Bytes> frames, long bytes);

        /** A length that no frame has. */
        void tooLarge(long length);
    }

    private final Frames frames;
    private final byte[] header = new byte[4];
    private int headerGot;
    private byte[] body = NONE;
    private int bodyLength;
    private int bodyGot;
    private boolean broken;
    private List<Bytes> ready = new ArrayList<>();
    private long bytes;

    FrameReader(Frames frames) {
        this.frames = frames;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof ByteBuf in) {
                bytes += in.readableBytes();
                read(in);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(ByteBuf in) {
        while (in.isReadable() && !broken) {
            if (headerGot < header.length) {
                int taken = Math.min(header.length - headerGot, in.readableBytes());
                in.readBytes(header, headerGot, taken);
                headerGot += taken;
                if (headerGot == header.length) {
                    begin();
                }
                continue;
            }
            int taken = Math.min(bodyLength - bodyGot, in.readableBytes());
            if (bodyGot + taken > body.length) {
                body = Arrays.copyOf(body, Math.min(bodyLength, Math.max(2 * body.length, bodyGot + taken)));
            }
            in.readBytes(body, bodyGot, taken);
            bodyGot += taken;
            if (bodyGot == bodyLength) {
                ready.add(Bytes.ofOwned(body));
                body = NONE;
                headerGot = 0;
            }
        }
    }

    private void begin() {
        int length = (header[0] & 0xFF) << 24 | (header[1] & 0xFF) << 16 | (header[2] & 0xFF) << 8 | header[3] & 0xFF;
        if (length < 1 || length > Limits.FRAME_BYTES_MAX) {
            broken = true;
            pass();
            frames.tooLarge(length & 0xFFFF_FFFFL);
            return;
        }
        bodyLength = length;
        bodyGot = 0;
        body = new byte[Math.min(length, FIRST_BYTES)];
    }

    private void pass() {
        if (!ready.isEmpty() || bytes > 0) {
            List<Bytes> now = ready;
            long count = bytes;
            ready = new ArrayList<>();
            bytes = 0;
            frames.arrived(now, count);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        pass();
        context.fireChannelReadComplete();
    }
}
