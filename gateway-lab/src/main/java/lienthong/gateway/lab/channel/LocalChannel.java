package lienthong.gateway.lab.channel;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.Serial;
import java.nio.file.Path;

/** Opens channels to Unix sockets. Thread-safe. */
public final class LocalChannel {
    /** One daemon thread for all sockets: it does not keep the process alive. */
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("lab-client", true), EpollIoHandler.newFactory());

    /** Above one gRPC message of the API with its framing. */
    private static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

    /** gRPC makes a URI of an address' text and refuses one with letters beyond ASCII, which a folder's path may have; only the path is connected to. */
    private static final class Named extends DomainSocketAddress {
        @Serial
        private static final long serialVersionUID = 1;

        Named(Path socket) {
            super(socket.toFile());
        }

        @Override
        public String toString() {
            return "api.sock";
        }
    }

    private LocalChannel() {}

    /** A channel to a node that keeps its data in {@code data}; it connects when first used. The caller shuts it down. */
    public static ManagedChannel open(Path data) {
        Path socket = data.resolve("run").resolve("api.sock");
        return NettyChannelBuilder.forAddress(new Named(socket))
                .eventLoopGroup(LOOPS)
                .channelType(EpollDomainSocketChannel.class)
                .overrideAuthority("localhost")
                .usePlaintext()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .build();
    }
}
