package lienthong.gateway.cli;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.Serial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.api.ApiErrors;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.operator.v1.OperatorServiceGrpc;

/** A connection to the node that runs on a data folder. */
final class Daemon implements AutoCloseable {
    private static final int ANSWER_SECONDS = 60;

    private final EventLoopGroup threads =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("command", true), EpollIoHandler.newFactory());
    private final ManagedChannel channel;

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

    private Daemon(Path socket) {
        channel = NettyChannelBuilder.forAddress(new Named(socket))
                .eventLoopGroup(threads)
                .channelType(EpollDomainSocketChannel.class)
                .overrideAuthority("localhost")
                .maxInboundMessageSize(2 * Limits.API_MESSAGE_BYTES_MAX)
                .flowControlWindow(2 * 1024 * 1024)
                .usePlaintext()
                .build();
    }

    /** Connects; {@code NOT_RUNNING} with the folder when there is no socket. */
    static Daemon of(Root root) throws Refused {
        Path data = root.data();
        Path socket = data.resolve("run").resolve("api.sock");
        if (!Files.exists(socket)) {
            throw new Refused(ErrorCode.NOT_RUNNING, "{0}", data);
        }
        return new Daemon(socket);
    }

    /** Whether nobody answered, so that only a socket was left behind; a node that refuses to serve does answer, with its own reason. */
    static boolean isAbsent(StatusRuntimeException failed) {
        return failed.getStatus().getCode() == Status.Code.UNAVAILABLE
                && ApiErrors.refusal(failed).reason() == ErrorCode.NOT_RUNNING;
    }

    GatewayServiceGrpc.GatewayServiceBlockingStub gateway() {
        return GatewayServiceGrpc.newBlockingStub(channel).withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS);
    }

    /** For streams: no deadline. */
    GatewayServiceGrpc.GatewayServiceStub stream() {
        return GatewayServiceGrpc.newStub(channel);
    }

    OperatorServiceGrpc.OperatorServiceBlockingStub operator() {
        return OperatorServiceGrpc.newBlockingStub(channel).withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS);
    }

    /** For streams, and for what takes as long as the folder is large: no deadline. */
    OperatorServiceGrpc.OperatorServiceBlockingStub operatorStream() {
        return OperatorServiceGrpc.newBlockingStub(channel);
    }

    OperatorServiceGrpc.OperatorServiceStub operatorAsync() {
        return OperatorServiceGrpc.newStub(channel);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var unused = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
