package lienthong.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.ErrorCode;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.WholeMessage;
import lienthong.proto.gateway.v1.WholePart;
import org.awaitility.Awaitility;

/** A fake node behind the real API on a real Unix socket, and clients of it. */
final class ApiFixture implements AutoCloseable {
    static {
        // What is waited for comes in milliseconds; a slow machine under load is no reason to fail.
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    }

    final FakeDoors doors = new FakeDoors();
    final ApiServer server;
    final Path socket;
    private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final List<ManagedChannel> channels = new ArrayList<>();

    ApiFixture(Path folder, List<Application> applications, Optional<ApiSettings.Tls> tls) throws Exception {
        socket = folder.resolve("run").resolve("api.sock");
        server = ApiServer.start(
                        new ApiSettings(
                                FakeDoors.HERE.organisation(), folder, socket, false, tls, applications, "0.1.0"),
                        doors)
                .orBug();
    }

    ApiFixture(Path folder) throws Exception {
        this(folder, List.of(), Optional.empty());
    }

    ManagedChannel channel() {
        ManagedChannel channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(threads)
                .channelType(EpollDomainSocketChannel.class)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
        channels.add(channel);
        return channel;
    }

    GatewayServiceGrpc.GatewayServiceBlockingStub blocking() {
        return GatewayServiceGrpc.newBlockingStub(channel()).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    GatewayServiceGrpc.GatewayServiceStub async() {
        return GatewayServiceGrpc.newStub(channel()).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    static MessageHeader.Builder header(String clientId, String... recipients) {
        return MessageHeader.newBuilder().setClientId(clientId).addAllRecipients(List.of(recipients));
    }

    static WholeMessage whole(MessageHeader.Builder header, String content) {
        return WholeMessage.newBuilder()
                .setHeader(header)
                .addParts(WholePart.newBuilder().setContent(com.google.protobuf.ByteString.copyFromUtf8(content)))
                .build();
    }

    /** Asserts that an error carries status, number and field as the list of errors says. */
    static void assertFault(Throwable thrown, Status.Code code, ErrorCode reason, String field) {
        assertThat(thrown).isInstanceOf(StatusRuntimeException.class);
        StatusRuntimeException error = (StatusRuntimeException) thrown;
        assertThat(error.getStatus().getCode()).as(error.toString()).isEqualTo(code);
        com.google.rpc.Status status = StatusProto.fromThrowable(error);
        assertThat(status).as(error.toString()).isNotNull();
        try {
            ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
            assertThat(info.getReason()).isEqualTo(reason.name());
            assertThat(info.getDomain()).isEqualTo("lienthong");
            assertThat(info.getMetadataOrThrow("number")).isEqualTo(Integer.toString(reason.number()));
            assertThat(info.getMetadataOrDefault("field", "")).isEqualTo(field);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        assertThat(status.getMessage()).doesNotContain("\tat ").doesNotContain("Exception");
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.stop(Duration.ZERO);
        var unused = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        doors.loop.shutdownNow();
    }

    /** The client's end of a stream: what came, in order. */
    static final class Replies<Q, A> implements ClientResponseObserver<Q, A> {
        private static final Object DONE = new Object();
        private final BlockingQueue<Object> came = new LinkedBlockingQueue<>();
        private final boolean manual;
        ClientCallStreamObserver<Q> call;

        Replies() {
            this(false);
        }

        /** {@code manual}: the test asks for each reply with {@code call.request}. */
        Replies(boolean manual) {
            this.manual = manual;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> start) {
            call = start;
            if (manual) {
                start.disableAutoRequestWithInitial(0);
            }
        }

        @Override
        public void onNext(A reply) {
            came.add(reply);
        }

        @Override
        public void onError(Throwable error) {
            came.add(error);
        }

        @Override
        public void onCompleted() {
            came.add(DONE);
        }

        @SuppressWarnings("unchecked")
        A next() throws InterruptedException {
            Object next = take();
            if (next instanceof Throwable error) {
                throw new AssertionError("error instead of a reply", error);
            }
            assertThat(next).isNotSameAs(DONE);
            return (A) next;
        }

        /** The error that ends the stream; replies before it are dropped. */
        Throwable error() throws InterruptedException {
            while (true) {
                Object next = take();
                if (next instanceof Throwable error) {
                    return error;
                }
                assertThat(next).as("ended well").isNotSameAs(DONE);
            }
        }

        void done() throws InterruptedException {
            assertThat(take()).isSameAs(DONE);
        }

        private Object take() throws InterruptedException {
            Object next = came.poll(60, TimeUnit.SECONDS);
            assertThat(next).as("nothing came in 60 s").isNotNull();
            return next;
        }
    }
}
