package lienthong.gateway.main;

import static lienthong.gateway.main.ProcessProvince.HUB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendItem;
import lienthong.proto.gateway.v1.SendRequest;
import lienthong.proto.gateway.v1.SendResponse;
import lienthong.proto.gateway.v1.WholeMessage;
import lienthong.proto.gateway.v1.WholePart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handed over as {@code whole} through the socket: more than what is sealed in memory is refused, and nothing else suffers. */
class WholeTooLargeTest {
    private static final int LIMIT = Limits.BUNDLE_BYTES_MAX;
    private static final long SEED = 1_010;

    @TempDir
    Path folder;

    @Test
    void aWholeMessageOverItsLimitIsRefusedAndTheSameStreamGoesOn() throws Exception {
        EventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            ManagedChannel channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(
                            province.data(HUB).resolve("run/api.sock").toFile()))
                    .eventLoopGroup(threads)
                    .channelType(EpollDomainSocketChannel.class)
                    .overrideAuthority("localhost")
                    .usePlaintext()
                    .build();
            Answers answers = new Answers();
            StreamObserver<SendRequest> out =
                    GatewayServiceGrpc.newStub(channel).send(answers);
            out.onNext(request(whole("over", LIMIT + 1)));
            assertTooLarge(answers.next(1).get("over"));
            out.onNext(request(whole("far-over", 4 * 1024 * 1024 - 2_000)));
            assertTooLarge(answers.next(1).get("far-over"));
            out.onNext(request(whole("parts", LIMIT / 2, LIMIT / 2, 1), whole("beside", 1_000)));
            Map<String, SendAnswer> two = answers.next(2);
            assertTooLarge(two.get("parts"));
            assertThat(two.get("beside").hasAccepted())
                    .as("in the same request: %s", two)
                    .isTrue();
            out.onNext(request(whole("full", LIMIT)));
            assertThat(answers.next(1).get("full").hasAccepted())
                    .as("just as much as goes")
                    .isTrue();
            out.onCompleted();
            answers.ended.get(60, TimeUnit.SECONDS);
            assertThat(province.command(HUB, "status")).doesNotContain("\"condition\":\"red\"");
            var unused = channel.shutdownNow();
        } finally {
            var unused = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static void assertTooLarge(SendAnswer answer) {
        assertThat(answer.getRefused().getNumber()).as("%s", answer).isEqualTo(1010);
        assertThat(answer.getRefused().getDetail()).contains(Integer.toString(LIMIT), "start, chunk, end");
    }

    private static SendRequest request(WholeMessage... messages) {
        SendRequest.Builder request = SendRequest.newBuilder();
        for (WholeMessage message : messages) {
            request.addItems(SendItem.newBuilder().setWhole(message));
        }
        return request.build();
    }

    /** Bytes that no compressor makes smaller. */
    private static WholeMessage whole(String clientId, int... partBytes) {
        SplittableRandom random = new SplittableRandom(SEED);
        WholeMessage.Builder message = WholeMessage.newBuilder()
                .setHeader(MessageHeader.newBuilder().setClientId(clientId).addRecipients(HUB.text()));
        for (int bytes : partBytes) {
            byte[] content = new byte[bytes];
            random.nextBytes(content);
            message.addParts(WholePart.newBuilder().setContent(ByteString.copyFrom(content)));
        }
        return message.build();
    }

    /** What the node says, by client id. */
    private static final class Answers implements StreamObserver<SendResponse> {
        final CompletableFuture<Boolean> ended = new CompletableFuture<>();
        private final LinkedBlockingQueue<Result<SendAnswer>> came = new LinkedBlockingQueue<>();

        Map<String, SendAnswer> next(int count) throws InterruptedException {
            Map<String, SendAnswer> answers = new LinkedHashMap<>();
            while (answers.size() < count) {
                Result<SendAnswer> answer = came.poll(60, TimeUnit.SECONDS);
                assertThat(answer).as("an answer in time").isNotNull();
                answers.put(answer.orBug().getClientId(), answer.orBug());
            }
            return answers;
        }

        @Override
        public void onNext(SendResponse response) {
            response.getAnswersList().forEach(answer -> came.add(Result.ok(answer)));
        }

        @Override
        public void onError(Throwable error) {
            came.add(Result.no(ErrorCode.UNCAUGHT, Detail.technical(error)));
            ended.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            ended.complete(true);
        }
    }
}
