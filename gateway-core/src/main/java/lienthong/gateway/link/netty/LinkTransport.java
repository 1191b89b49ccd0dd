package lienthong.gateway.link.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.Detail;

/** The threads of all links of a process: sockets, TLS, framing. Epoll where the machine has it. Thread-safe. */
public final class LinkTransport implements AutoCloseable {
    private final EventLoopGroup group;
    private final boolean epoll;

    private LinkTransport(EventLoopGroup group, boolean epoll) {
        this.group = group;
        this.epoll = epoll;
    }

    /** Starts {@code threads} threads; one is enough for a district, two for a hub of two cores. */
    public static LinkTransport start(int threads) {
        boolean epoll = Epoll.isAvailable();
        return new LinkTransport(
                new MultiThreadIoEventLoopGroup(
                        threads,
                        new DefaultThreadFactory("link", true),
                        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory()),
                epoll);
    }

    EventLoopGroup group() {
        return group;
    }

    boolean isEpoll() {
        return epoll;
    }

    Class<? extends ServerChannel> serverChannel() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    Class<? extends Channel> channel() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** Breaks all connections and ends the threads; waits up to five seconds. */
    @Override
    public void close() {
        // Not a quiet time of zero: what a closing connection still has to say to its session would be dropped with the
        // first look.
        boolean ended =
                group.shutdownGracefully(50, 5_000, TimeUnit.MILLISECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        if (!ended) {
            QuietLog.warn(Detail.of("the threads of the links did not end within five seconds"));
        }
    }
}
