package lienthong.gateway.api;

import static lienthong.gateway.api.ApiFixture.header;
import static lienthong.gateway.api.ApiFixture.whole;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.api.ApiFixture.Replies;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.Credit;
import lienthong.proto.gateway.v1.MessageChunk;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveItem;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendItem;
import lienthong.proto.gateway.v1.SendRequest;
import lienthong.proto.gateway.v1.SendResponse;
import lienthong.proto.gateway.v1.TrackRequest;
import lienthong.proto.gateway.v1.TrackState;
import lienthong.proto.operator.v1.ExportEvidenceRequest;
import lienthong.proto.operator.v1.ExportEvidenceResponse;
import lienthong.proto.operator.v1.OperatorServiceGrpc;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the API promises when all is well: one answer each, bounded memory, nobody else at the socket. */
class ApiServerTest {
    @TempDir
    Path folder;

    @Test
    void socketAndFolderAreTheOwnersAlone() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(api.socket)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(api.socket.getParent())))
                    .isEqualTo("rwx------");
        }
        assertThat(Files.exists(folder.resolve("run/api.sock"))).isFalse();
    }

    @Test
    void tooLongSocketPathIsSaidWithItsLength() throws Exception {
        Path deep = folder.resolve("x".repeat(120)).resolve("api.sock");
        FakeDoors doors = new FakeDoors();
        assertThat(ApiServer.start(
                                new ApiSettings(
                                        FakeDoors.HERE.organisation(),
                                        folder,
                                        deep,
                                        false,
                                        Optional.empty(),
                                        List.of(),
                                        "0.1.0"),
                                doors)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.PATH_TOO_LONG);
        assertThat(Files.exists(deep.getParent())).isFalse();
        doors.loop.shutdownNow();
    }

    @Test
    void manySmallMessagesOfOneRequestAreSubmittedTogetherAndEachIsAnswered() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            Replies<SendRequest, SendResponse> replies = new Replies<>();
            StreamObserver<SendRequest> out = api.async().send(replies);
            int requests = 40;
            int items = 100;
            for (int r = 0; r < requests; r++) {
                SendRequest.Builder request = SendRequest.newBuilder();
                for (int i = 0; i < items; i++) {
                    request.addItems(SendItem.newBuilder().setWhole(whole(header("m" + r + "-" + i, "A08"), "x")));
                }
                out.onNext(request.build());
            }
            out.onCompleted();
            Set<String> answered = new HashSet<>();
            while (answered.size() < requests * items) {
                for (SendAnswer answer : replies.next().getAnswersList()) {
                    assertThat(answer.hasAccepted()).isTrue();
                    assertThat(answered.add(answer.getClientId())).isTrue();
                }
            }
            replies.done();
            assertThat(api.doors.events).allMatch(event -> event.equals("submit 100"));
        }
    }

    @Test
    void largeMessageStreamsWithOneChunkInFlightAndItsBytesArrive() throws Exception {
        int chunks = 48;
        byte[] megabyte = new byte[1024 * 1024];
        new java.util.Random(42).nextBytes(megabyte);
        java.security.MessageDigest digest = Hash.digest();
        try (ApiFixture api = new ApiFixture(folder)) {
            Replies<SendRequest, SendResponse> replies = new Replies<>();
            StreamObserver<SendRequest> out = api.async().send(replies);
            out.onNext(SendRequest.newBuilder()
                    .addItems(BadInputAtTheApiTest.start(
                            3, header("big", "A08"), 5L * megabyte.length, 43L * megabyte.length))
                    .build());
            for (int i = 0; i < chunks; i++) {
                digest.update(megabyte);
                while (!replies.call.isReady()) {
                    Thread.onSpinWait();
                }
                out.onNext(SendRequest.newBuilder()
                        .addItems(SendItem.newBuilder()
                                .setChunk(MessageChunk.newBuilder()
                                        .setTransfer(3)
                                        .setPart(i < 5 ? 0 : 1)
                                        .setContent(ByteString.copyFrom(megabyte))))
                        .build());
            }
            out.onNext(SendRequest.newBuilder()
                    .addItems(BadInputAtTheApiTest.end(3))
                    .build());
            assertThat(replies.next().getAnswers(0).hasAccepted()).isTrue();
            assertThat(api.doors.bytesWritten.get()).isEqualTo((long) chunks * megabyte.length);
            assertThat(api.doors.maxOutstandingWrites).isEqualTo(1);
            assertThat(api.doors.lastUpload).isEqualTo(new Hash(Bytes.ofOwned(digest.digest())));
            out.onCompleted();
            replies.done();
        }
    }

    @Test
    void smallMessageOvertakesALargeOneAndAReaderThatStopsStopsTheNode() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            int pieces = 64;
            java.util.concurrent.atomic.AtomicInteger fetched = new java.util.concurrent.atomic.AtomicInteger();
            ContentStream source = api.doors.pieces(pieces, 256 * 1024);
            ContentStream counted = new ContentStream() {
                @Override
                public void next(java.util.function.Consumer<Piece> then) {
                    fetched.incrementAndGet();
                    source.next(then);
                }

                @Override
                public void close() {
                    source.close();
                }
            };
            api.doors.waiting.add(
                    api.doors.lease(1, new ReceiveDoor.Content.Large(counted), (long) pieces * 256 * 1024));
            api.doors.waiting.add(api.doors.lease(2, new ReceiveDoor.Content.Whole(List.of(Bytes.utf8("nhỏ"))), 4));
            Replies<ReceiveRequest, ReceiveResponse> replies = new Replies<>(true);
            StreamObserver<ReceiveRequest> out = api.async().receive(replies);
            out.onNext(ReceiveRequest.newBuilder()
                    .addItems(ReceiveAction.newBuilder()
                            .setAttach(Attach.newBuilder().setAddress("A08.01")))
                    .addItems(ReceiveAction.newBuilder()
                            .setCredit(Credit.newBuilder().setMessages(2)))
                    .build());
            // Nobody reads: what is fetched stays within the transport's windows.
            Awaitility.await().until(() -> fetched.get() > 2);
            Awaitility.await().during(java.time.Duration.ofMillis(300)).until(() -> fetched.get() < pieces / 2);
            replies.call.request(10_000);
            List<ReceiveItem> items = new ArrayList<>();
            long bytes = 0;
            while (items.isEmpty() || !items.get(items.size() - 1).hasEnd()) {
                items.addAll(replies.next().getItemsList());
            }
            for (ReceiveItem item : items) {
                bytes += item.getChunk().getContent().size();
            }
            assertThat(bytes).isEqualTo((long) pieces * 256 * 1024);
            int small = indexOf(items, ReceiveItem.ItemCase.WHOLE);
            assertThat(small).isLessThan(items.size() - 2);
            assertThat(items.get(small).getWhole().getLease().getHeader().getSubject())
                    .isEqualTo("Công văn");
            assertThat(items.get(0).getItemCase()).isEqualTo(ReceiveItem.ItemCase.ATTACHED);
            out.onCompleted();
            replies.done();
            Awaitility.await().untilAsserted(() -> assertThat(api.doors.events).contains("detach"));
        }
    }

    private static int indexOf(List<ReceiveItem> items, ReceiveItem.ItemCase what) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).getItemCase() == what) {
                return i;
            }
        }
        throw new AssertionError("no " + what);
    }

    @Test
    void trackTellsWhatIsKnownThenEnds() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            String id = api.blocking()
                    .sendOne(lienthong.proto.gateway.v1.SendOneRequest.newBuilder()
                            .setMessage(whole(header("t", "A08"), "x"))
                            .build())
                    .getAnswer()
                    .getAccepted()
                    .getMessageId();
            var events = api.blocking()
                    .track(TrackRequest.newBuilder().setMessageId(id).build())
                    .next()
                    .getEventsList();
            assertThat(events)
                    .extracting(lienthong.proto.gateway.v1.TrackEvent::getState)
                    .containsExactly(TrackState.TRACK_STATE_ACCEPTED, TrackState.TRACK_STATE_DELIVERED);
        }
    }

    @Test
    void evidenceComesAsAFileInPieces() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            var pieces = OperatorServiceGrpc.newBlockingStub(api.channel())
                    .exportEvidence(ExportEvidenceRequest.newBuilder()
                            .setMessageId("0193000000007000" + "8000000000000000")
                            .build());
            long bytes = 0;
            while (pieces.hasNext()) {
                ExportEvidenceResponse piece = pieces.next();
                bytes += piece.getContent().size();
            }
            assertThat(bytes).isEqualTo(3000);
        }
    }
}
