package lienthong.gateway.link.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.epoll.EpollChannelOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.message.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A wire over a TLS channel. Called in the node's loop; writes on the channel's thread. It counts for itself what has not reached the socket, so
 * that "writable" is right in the same turn in which frames are queued.
 */
final class NettyWire implements Wire {
    private static final int FIRST_MARK_BYTES = 64 * 1024;
    private static final long LOWAT_MIN = 4 * 1024;
    private static final long LOWAT_MAX = 256 * 1024;
    /** A peer that does not read must not hold a closed connection open. */
    private static final long CLOSE_SECONDS_MAX = 5;

    private final Channel channel;
    private final Loop loop;
    private final boolean epoll;
    private final AtomicLong pending = new AtomicLong();
    private final AtomicBoolean full = new AtomicBoolean();
    private List<Bytes> queued = new ArrayList<>();
    private volatile int markBytes = FIRST_MARK_BYTES;
    private @Nullable LinkSession session;

    NettyWire(Channel channel, Loop loop, boolean epoll) {
        this.channel = channel;
        this.loop = loop;
        this.epoll = epoll;
    }

    /** Closes; how that ends tells nobody anything. */
    static void drop(Channel channel) {
        channel.close().addListener(closed -> {});
    }

    /** In the loop, before anything else. */
    void begin(LinkSession begun) {
        this.session = begun;
    }

    @Override
    public void send(Bytes frame) {
        queued.add(frame);
        pending.addAndGet(frame.size() + 4L);
    }

    @Override
    public void flush() {
        if (queued.isEmpty()) {
            return;
        }
        List<Bytes> frames = queued;
        queued = new ArrayList<>();
        onChannel(() -> write(frames));
    }

    /** Nothing when the transport was closed before its sessions: the wire is broken then, and says so by being cut. */
    private void onChannel(Runnable task) {
        if (channel.eventLoop().isShuttingDown()) {
            return;
        }
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException closedMeanwhile) {
            // the same, between the look and the call
        }
    }

    /** On the channel's thread. */
    private void write(List<Bytes> frames) {
        for (Bytes frame : frames) {
            long size = frame.size() + 4L;
            if (!channel.isActive()) {
                pending.addAndGet(-size);
                continue;
            }
            ByteBuf out = channel.alloc().directBuffer((int) size, (int) size);
            out.writeInt(frame.size());
            out.writeBytes(frame.asBuffer());
            channel.write(out).addListener(written -> left(size));
        }
        channel.flush();
    }

    private void left(long size) {
        if (pending.addAndGet(-size) <= markBytes / 2 && full.compareAndSet(true, false)) {
            loop.execute(() -> {
                if (session != null) {
                    session.writable();
                }
            });
        }
    }

    @Override
    public boolean isWritable() {
        if (pending.get() < markBytes) {
            return true;
        }
        full.set(true);
        // What left between the two looks has seen no flag to take back.
        return pending.get() <= markBytes / 2 && full.compareAndSet(true, false);
    }

    @Override
    public void queueAtMost(int bytes) {
        markBytes = bytes;
        if (epoll) {
            long lowat = Math.max(LOWAT_MIN, Math.min(LOWAT_MAX, bytes / 2));
            onChannel(() -> {
                if (channel.isActive()) {
                    channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, lowat);
                }
            });
        }
    }

    @Override
    public void close() {
        flush();
        onChannel(() -> {
            if (channel.isOpen()) {
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
                channel.eventLoop()
                        .schedule(() -> drop(channel), CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
                        .addListener(done -> {});
            }
        });
    }
}
