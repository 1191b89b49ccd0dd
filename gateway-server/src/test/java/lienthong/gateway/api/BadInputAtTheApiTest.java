package lienthong.gateway.api;

import static lienthong.gateway.api.ApiFixture.assertFault;
import static lienthong.gateway.api.ApiFixture.header;
import static lienthong.gateway.api.ApiFixture.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import lienthong.gateway.api.ApiFixture.Replies;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Service;
import lienthong.proto.gateway.v1.Acknowledge;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.Credit;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.ListMessagesRequest;
import lienthong.proto.gateway.v1.MessageChunk;
import lienthong.proto.gateway.v1.MessageEnd;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.MessageStart;
import lienthong.proto.gateway.v1.NodeStatusRequest;
import lienthong.proto.gateway.v1.PartHeader;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveItem;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import lienthong.proto.gateway.v1.SecrecyMark;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendItem;
import lienthong.proto.gateway.v1.SendOneRequest;
import lienthong.proto.gateway.v1.SendRequest;
import lienthong.proto.gateway.v1.SendResponse;
import lienthong.proto.gateway.v1.WholeMessage;
import lienthong.proto.gateway.v1.WholePart;
import lienthong.proto.operator.v1.DiagnoseRequest;
import lienthong.proto.operator.v1.OperatorServiceGrpc;
import lienthong.proto.operator.v1.StatusRequest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows B1 to B10 of the table of bad input, over a real Unix socket. */
class BadInputAtTheApiTest {
    @TempDir
    Path folder;

    private SendAnswer sendOne(ApiFixture api, MessageHeader.Builder header) {
        return api.blocking()
                .sendOne(SendOneRequest.newBuilder()
                        .setMessage(whole(header, "nội dung"))
                        .build())
                .getAnswer();
    }

    private void assertRefusedAsMalformed(
            ApiFixture api, MessageHeader.Builder header, ErrorCode reason, String field) {
        assertFault(
                catchThrowable(() -> sendOne(api, header)),
                Status.Code.INVALID_ARGUMENT,
                reason,
                "message.header." + field);
        // The stream gives the same answer as the unary call.
        Replies<SendRequest, SendResponse> replies = new Replies<>();
        StreamObserver<SendRequest> out = api.async().send(replies);
        out.onNext(SendRequest.newBuilder()
                .addItems(SendItem.newBuilder().setWhole(whole(header, "x")))
                .build());
        try {
            assertFault(replies.error(), Status.Code.INVALID_ARGUMENT, reason, "items[0].whole.header." + field);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(api.doors.accepted).isEmpty();
    }

    @Test
    void b01UnknownRecipientIsAnOutcomeForAllRecipients() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            SendAnswer answer = sendOne(api, header("b1", "A08.02", "A99"));
            assertThat(answer.getRefused().getReason()).isEqualTo("UNKNOWN_RECIPIENT");
            assertThat(answer.getRefused().getNumber()).isEqualTo(2101);
            assertThat(answer.getRefused().getField()).isEqualTo("recipients");
            assertThat(answer.getRefused().getDetail()).contains("A99").contains("A08.02");
            assertThat(api.doors.accepted).isEmpty();
        }
    }

    @Test
    void b02TooSecretIsRefusedBeforeAByteOfPayloadIsTaken() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            for (SecrecyMark mark : List.of(
                    SecrecyMark.SECRECY_MARK_SECRET,
                    SecrecyMark.SECRECY_MARK_TOP_SECRET,
                    SecrecyMark.SECRECY_MARK_CONFIDENTIAL)) {
                Replies<SendRequest, SendResponse> replies = new Replies<>();
                StreamObserver<SendRequest> out = api.async().send(replies);
                out.onNext(SendRequest.newBuilder()
                        .addItems(start(1, header("b2", "A08").setMark(mark), 4))
                        .addItems(chunk(1, 0, "mật!"))
                        .addItems(end(1))
                        .build());
                SendAnswer answer = replies.next().getAnswers(0);
                assertThat(answer.getRefused().getNumber())
                        .isEqualTo(mark == SecrecyMark.SECRECY_MARK_CONFIDENTIAL ? 2002 : 2001);
                assertThat(answer.getRefused().getField()).isEqualTo("mark");
                out.onCompleted();
                replies.done();
            }
            assertThat(api.doors.bytesWritten.get()).isZero();
            assertThat(api.doors.accepted).isEmpty();
        }
    }

    @Test
    void b03OverLimitsIsMalformedWithLimitAndValue() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            String[] many = IntStream.range(0, 1_001).mapToObj(i -> "A08." + i).toArray(String[]::new);
            assertRefusedAsMalformed(api, header("b3", many), ErrorCode.TOO_MANY_RECIPIENTS, "recipients");
            assertThat(catchThrowable(() -> sendOne(api, header("b3", many))))
                    .hasMessageContaining("1001")
                    .hasMessageContaining("1000");
            assertFault(
                    catchThrowable(() -> sendOne(api, header("b3", "A08").setSubject("x".repeat(100_000)))),
                    Status.Code.INVALID_ARGUMENT,
                    ErrorCode.HEADER_TOO_LARGE,
                    "message.header");
            for (long seconds : new long[] {0, -1, Long.MIN_VALUE, 60L * 24 * 3600 + 1, Long.MAX_VALUE}) {
                assertRefusedAsMalformed(
                        api,
                        header("b3", "A08").setLifetimeSeconds(seconds),
                        ErrorCode.LIFETIME_OUT_OF_RANGE,
                        "lifetime_seconds");
            }
        }
    }

    @Test
    void b04UncleanTextIsMalformedWithFieldAndPosition() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            for (String subject :
                    List.of("a\u0000b", "a\nb", "a\u007fb", "a\u202Eb", "a\u2066b", "e\u0302 a", "a\uFEFFb")) {
                assertRefusedAsMalformed(
                        api, header("b4", "A08").setSubject(subject), ErrorCode.TEXT_NOT_CLEAN, "subject");
            }
            assertThat(catchThrowable(() -> sendOne(api, header("b4", "A08").setSubject("công\tvăn"))))
                    .hasMessageContaining("position 5");
            assertRefusedAsMalformed(
                    api, header("b4", "A08").setOrderingKey("a\u0001"), ErrorCode.TEXT_NOT_CLEAN, "ordering_key");
            assertRefusedAsMalformed(api, header("khoảng trắng", "A08"), ErrorCode.FIELD_MISSING, "client_id");
            assertRefusedAsMalformed(api, header("x".repeat(65), "A08"), ErrorCode.HEADER_TOO_LARGE, "client_id");
            assertRefusedAsMalformed(api, header("", "A08"), ErrorCode.FIELD_MISSING, "client_id");
            assertRefusedAsMalformed(api, header("b4"), ErrorCode.FIELD_MISSING, "recipients");
            assertRefusedAsMalformed(api, header("b4", "A08..10"), ErrorCode.ADDRESS_MALFORMED, "recipients[0]");
            assertRefusedAsMalformed(api, header("b4", "A08", "A08"), ErrorCode.ADDRESS_MALFORMED, "recipients[1]");
            assertRefusedAsMalformed(
                    api, header("b4", "A08").setService("Công văn"), ErrorCode.FIELD_MISSING, "service");
            assertRefusedAsMalformed(
                    api, header("b4", "A08").setPrecedenceValue(99), ErrorCode.FIELD_MISSING, "precedence");
        }
    }

    private static void assertPartRefused(ApiFixture api, ErrorCode reason, String field, String... names) {
        WholeMessage.Builder message = WholeMessage.newBuilder().setHeader(header("parts", "A08"));
        for (String name : names) {
            message.addParts(
                    WholePart.newBuilder().setHeader(PartHeader.newBuilder().setName(name)));
        }
        assertFault(
                catchThrowable(() -> api.blocking()
                        .sendOne(SendOneRequest.newBuilder().setMessage(message).build())),
                Status.Code.INVALID_ARGUMENT,
                reason,
                "message.parts" + field);
    }

    @Test
    void b04APartsNameHasTheNumberOfItsOwnFault() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            assertPartRefused(api, ErrorCode.FIELD_MISSING, "[1].name", "a.pdf", "a.pdf");
            assertPartRefused(api, ErrorCode.FIELD_MISSING, "[0].header.name", "../a.pdf");
            assertPartRefused(api, ErrorCode.HEADER_TOO_LARGE, "[0].header.name", "â".repeat(200));
            assertPartRefused(api, ErrorCode.TEXT_NOT_CLEAN, "[0].header.name", "a\u0302.pdf");
            assertThat(api.doors.accepted).isEmpty();
        }
    }

    @Test
    void b04AMessageThatSaysNothingIsRefusedAndASubjectAloneIsNot() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            assertPartRefused(api, ErrorCode.FIELD_MISSING, "");
            for (MessageHeader.Builder header : List.of(
                    header("s", "A08").setSubject("Mời họp"), header("c", "A08").setCorrelationId("r-7"))) {
                assertThat(api.blocking()
                                .sendOne(SendOneRequest.newBuilder()
                                        .setMessage(WholeMessage.newBuilder().setHeader(header))
                                        .build())
                                .getAnswer()
                                .hasAccepted())
                        .isTrue();
            }
        }
    }

    @Test
    void b04BytesThatAreNoUtf8OrNoMessageAreTheCallersFault() throws Exception {
        byte[] loneSurrogate = {0x0A, 0x07, 0x0A, 0x05, 0x2A, 0x03, (byte) 0xED, (byte) 0xA0, (byte) 0x80};
        byte[] cut = {0x0A, 0x7F, 0x01};
        try (ApiFixture api = new ApiFixture(folder)) {
            for (byte[] bytes : List.of(loneSurrogate, cut)) {
                MethodDescriptor<byte[], byte[]> raw = MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(GatewayServiceGrpc.getSendOneMethod().getFullMethodName())
                        .setRequestMarshaller(new RawBytes())
                        .setResponseMarshaller(new RawBytes())
                        .build();
                assertFault(
                        catchThrowable(
                                () -> ClientCalls.blockingUnaryCall(api.channel(), raw, CallOptions.DEFAULT, bytes)),
                        Status.Code.INVALID_ARGUMENT,
                        ErrorCode.TEXT_NOT_CLEAN,
                        "");
            }
        }
    }

    @Test
    void b04UnreadableBytesInTheMiddleOfAStreamDropTheOpenMessage() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            MethodDescriptor<byte[], byte[]> raw = MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .setFullMethodName(GatewayServiceGrpc.getSendMethod().getFullMethodName())
                    .setRequestMarshaller(new RawBytes())
                    .setResponseMarshaller(new RawBytes())
                    .build();
            Replies<byte[], byte[]> replies = new Replies<>();
            StreamObserver<byte[]> out =
                    ClientCalls.asyncBidiStreamingCall(api.channel().newCall(raw, CallOptions.DEFAULT), replies);
            out.onNext(SendRequest.newBuilder()
                    .addItems(start(1, header("cutshort", "A08"), 10))
                    .addItems(chunk(1, 0, "halb"))
                    .build()
                    .toByteArray());
            Awaitility.await().until(() -> api.doors.bytesWritten.get() == 4);
            out.onNext(new byte[] {0x0A, 0x7F, 0x01});
            assertFault(replies.error(), Status.Code.INVALID_ARGUMENT, ErrorCode.TEXT_NOT_CLEAN, "");
            Awaitility.await().untilAsserted(() -> assertThat(api.doors.events).contains("cancelled cutshort"));
        }
    }

    @Test
    void b05ReusedClientIdIsRefusedAndRepeatedOneGetsTheFirstAnswer() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            SendAnswer first = sendOne(api, header("b5", "A08"));
            SendAnswer again = sendOne(api, header("b5", "A08"));
            assertThat(again.getAccepted().getDuplicate()).isTrue();
            assertThat(again.getAccepted().getMessageId())
                    .isEqualTo(first.getAccepted().getMessageId());
            assertFault(
                    catchThrowable(() -> sendOne(api, header("b5", "A08.02"))),
                    Status.Code.ALREADY_EXISTS,
                    ErrorCode.ID_REUSED,
                    "client_id");
            assertThat(sendOne(api, header("b5", "A08")).getAccepted().getMessageId())
                    .isEqualTo(first.getAccepted().getMessageId());
        }
    }

    @Test
    void b06WrongSizeOrHashIsMalformedAndNothingOfItStays() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            ByteString wrong = ByteString.copyFrom(new byte[32]);
            List<List<SendItem>> cases = List.of(
                    List.of(start(1, header("short", "A08"), 5), chunk(1, 0, "vier"), end(1)),
                    List.of(start(1, header("long", "A08"), 3), chunk(1, 0, "vier"), end(1)),
                    List.of(start(1, header("never", "A08"), 3), end(1)),
                    List.of(
                            item(MessageStart.newBuilder()
                                    .setTransfer(1)
                                    .setHeader(header("hash", "A08"))
                                    .addParts(PartHeader.newBuilder()
                                            .setSizeBytes(4)
                                            .setSha256(wrong))),
                            chunk(1, 0, "vier"),
                            end(1)));
            for (List<SendItem> items : cases) {
                Replies<SendRequest, SendResponse> replies = new Replies<>();
                StreamObserver<SendRequest> out = api.async().send(replies);
                out.onNext(SendRequest.newBuilder().addAllItems(items).build());
                boolean hash = items.get(0).getStart().getHeader().getClientId().equals("hash");
                Throwable error = replies.error();
                assertThat(error).hasMessageContaining(hash ? "HASH_MISMATCH" : "SIZE_MISMATCH");
                assertThat(Status.fromThrowable(error).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
            Awaitility.await()
                    .untilAsserted(() -> assertThat(api.doors.events)
                            .contains("cancelled short", "cancelled long", "cancelled never", "cancelled hash"));
            assertThat(api.doors.accepted).isEmpty();
        }
    }

    @Test
    void b06StreamCutOrEndedInsideAMessageDropsIt() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            Replies<SendRequest, SendResponse> cut = new Replies<>();
            StreamObserver<SendRequest> out = api.async().send(cut);
            out.onNext(SendRequest.newBuilder()
                    .addItems(start(1, header("cut", "A08"), 10))
                    .addItems(chunk(1, 0, "halb"))
                    .build());
            Awaitility.await().until(() -> api.doors.bytesWritten.get() == 4);
            out.onError(Status.CANCELLED.asException());
            assertThat(Status.fromThrowable(cut.error()).getCode()).isEqualTo(Status.Code.CANCELLED);
            Awaitility.await().untilAsserted(() -> assertThat(api.doors.events).contains("cancelled cut"));

            Replies<SendRequest, SendResponse> ended = new Replies<>();
            out = api.async().send(ended);
            out.onNext(SendRequest.newBuilder()
                    .addItems(start(1, header("half", "A08"), 10))
                    .addItems(chunk(1, 0, "halb"))
                    .build());
            out.onCompleted();
            assertFault(ended.error(), Status.Code.INVALID_ARGUMENT, ErrorCode.SIZE_MISMATCH, "end");
            assertThat(api.doors.accepted).isEmpty();
        }
    }

    @Test
    void b07LowDiskIsBusyWithATimeToWait() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            api.doors.diskLow = true;
            SendAnswer answer = sendOne(api, header("b7", "A08"));
            assertThat(answer.getBusy().getNumber()).isEqualTo(4001);
            assertThat(answer.getBusy().getReason()).isEqualTo("DISK_LOW");
            assertThat(answer.getBusy().getRetryAfterMs()).isEqualTo(30_000);
            api.doors.diskLow = false;
            assertThat(sendOne(api, header("b7", "A08")).hasAccepted()).isTrue();
        }
    }

    @Test
    void b08UnknownCallersAndForeignAddressesAreDenied() throws Exception {
        // This process is the operator; what an application may do is judged with the same classes.
        Caller eoffice =
                new Caller("eoffice", Set.of(Address.parse("A08.01/eoffice").orBug()), Set.of(Service.DOCUMENT), false);
        MessageReader reader = new MessageReader(eoffice, FakeDoors.HERE.organisation());
        assertThat(reader.draft("", header("b8", "A08").setSender("A08.01").build()))
                .isNull();
        assertThat(reader.fault().orElseThrow().why().reason()).isEqualTo(ErrorCode.NOT_YOUR_ADDRESS);
        reader = new MessageReader(eoffice, FakeDoors.HERE.organisation());
        assertThat(reader.draft("", header("b8", "A08").setService("mail").build()))
                .isNull();
        assertThat(reader.fault().orElseThrow().why().reason()).isEqualTo(ErrorCode.SERVICE_NOT_ALLOWED);
        reader = new MessageReader(eoffice, FakeDoors.HERE.organisation());
        assertThat(reader.draft("", header("b8", "A08").build()).sender()).hasToString("A08.01/eoffice");

        io.grpc.Attributes stranger = io.grpc.Attributes.newBuilder()
                .set(PeerNegotiator.PEER_UID, 4711)
                .build();
        Gatekeeper nobodyListed = new Gatekeeper(List.of(), 1000);
        assertThat(nobodyListed.admit(stranger, FakeDoors.NOW).refusal().reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
        assertThat(nobodyListed
                        .admit(io.grpc.Attributes.EMPTY, FakeDoors.NOW)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
        Gatekeeper listed = new Gatekeeper(
                List.of(new Application("eoffice", Optional.of(4711), Optional.empty(), Set.of(), Set.of())), 1000);
        assertThat(listed.admit(stranger, FakeDoors.NOW).orBug())
                .isEqualTo(new Caller("eoffice", Set.of(), Set.of(), false));
    }

    @Test
    void b09ForeignOrEndedLeaseIsAFaultAndTheStreamLivesOn() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            api.doors.waiting.add(api.doors.lease(7, new ReceiveDoor.Content.Whole(List.of(Bytes.utf8("bảy"))), 4));
            api.doors.waiting.add(api.doors.lease(13, new ReceiveDoor.Content.Whole(List.of(Bytes.utf8("x"))), 1));
            Replies<ReceiveRequest, ReceiveResponse> replies = new Replies<>();
            StreamObserver<ReceiveRequest> out = api.async().receive(replies);
            out.onNext(ReceiveRequest.newBuilder()
                    .addItems(ReceiveAction.newBuilder().setAttach(Attach.newBuilder()))
                    .addItems(ReceiveAction.newBuilder()
                            .setCredit(Credit.newBuilder().setMessages(10)))
                    .addItems(acknowledge(999))
                    .build());
            java.util.List<ReceiveItem> items = new java.util.ArrayList<>();
            while (items.size() < 4) {
                items.addAll(replies.next().getItemsList());
            }
            ReceiveItem fault =
                    items.stream().filter(ReceiveItem::hasFault).findFirst().orElseThrow();
            assertThat(fault.getFault().getLease()).isEqualTo(999);
            assertThat(fault.getFault().getRefused().getNumber()).isEqualTo(1009);
            // 13 has ended at the node meanwhile; 7 has not.
            out.onNext(ReceiveRequest.newBuilder()
                    .addItems(acknowledge(13))
                    .addItems(acknowledge(7))
                    .build());
            items.clear();
            while (items.size() < 2) {
                items.addAll(replies.next().getItemsList());
            }
            assertThat(items.stream().filter(ReceiveItem::hasFault)).hasSize(1);
            assertThat(items.stream()
                            .filter(ReceiveItem::hasConfirmed)
                            .findFirst()
                            .orElseThrow()
                            .getConfirmed()
                            .getLease())
                    .isEqualTo(7);
            out.onCompleted();
            replies.done();
        }
    }

    @Test
    void b10StoppedNodeAnswersNothingPositive() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(api.channel());
            assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
                    .isEqualTo(ServingStatus.SERVING);
            Replies<SendRequest, SendResponse> open = new Replies<>();
            StreamObserver<SendRequest> out = api.async().send(open);
            out.onNext(SendRequest.newBuilder()
                    .addItems(SendItem.newBuilder().setWhole(whole(header("before", "A08"), "x")))
                    .build());
            assertThat(open.next().getAnswers(0).hasAccepted()).isTrue();

            for (ErrorCode reason : List.of(ErrorCode.FSYNC_FAILED, ErrorCode.DISK_OLDER, ErrorCode.CLOCK_BEHIND)) {
                api.doors.stop(Refusal.of(reason, "segment 3"));
                assertFault(
                        catchThrowable(() -> sendOne(api, header("after", "A08"))),
                        Status.Code.UNAVAILABLE,
                        reason,
                        "");
                assertFault(
                        catchThrowable(() -> api.blocking().nodeStatus(NodeStatusRequest.getDefaultInstance())),
                        Status.Code.UNAVAILABLE,
                        reason,
                        "");
                assertFault(
                        catchThrowable(() -> api.blocking().listMessages(ListMessagesRequest.getDefaultInstance())),
                        Status.Code.UNAVAILABLE,
                        reason,
                        "");
            }
            assertThat(catchThrowable(() -> sendOne(api, header("after", "A08")))
                            .toString())
                    .doesNotContain("RetryInfo");
            // A stream that was open already gets no positive answer either.
            out.onNext(SendRequest.newBuilder()
                    .addItems(SendItem.newBuilder().setWhole(whole(header("late", "A08"), "x")))
                    .build());
            assertFault(open.error(), Status.Code.UNAVAILABLE, ErrorCode.CLOCK_BEHIND, "");
            assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
                    .isEqualTo(ServingStatus.NOT_SERVING);
            // The operator can still look, and ask what ails it.
            assertThat(OperatorServiceGrpc.newBlockingStub(api.channel())
                            .status(StatusRequest.getDefaultInstance())
                            .getNode()
                            .getNode())
                    .isEqualTo("A08.01");
            assertThat(OperatorServiceGrpc.newBlockingStub(api.channel())
                            .diagnose(DiagnoseRequest.getDefaultInstance())
                            .getFindingsList())
                    .isNotEmpty();
        }
    }

    @Test
    void anUncaughtErrorShowsNumberAndNothingElse() throws Exception {
        try (ApiFixture api = new ApiFixture(folder)) {
            api.doors.throwsOnLookup = true;
            Throwable error = catchThrowable(() -> api.blocking()
                    .lookupDirectory(lienthong.proto.gateway.v1.LookupDirectoryRequest.newBuilder()
                            .setQuery("A08")
                            .build()));
            assertFault(error, Status.Code.INTERNAL, ErrorCode.UNCAUGHT, "");
            assertThat(error.toString()).doesNotContain("secret inner words");
        }
    }

    static SendItem start(int transfer, MessageHeader.Builder header, long... sizes) {
        MessageStart.Builder start =
                MessageStart.newBuilder().setTransfer(transfer).setHeader(header);
        for (long size : sizes) {
            start.addParts(PartHeader.newBuilder().setSizeBytes(size));
        }
        return item(start);
    }

    private static SendItem item(MessageStart.Builder start) {
        return SendItem.newBuilder().setStart(start).build();
    }

    static SendItem chunk(int transfer, int part, String content) {
        return SendItem.newBuilder()
                .setChunk(MessageChunk.newBuilder()
                        .setTransfer(transfer)
                        .setPart(part)
                        .setContent(ByteString.copyFrom(content, StandardCharsets.ISO_8859_1)))
                .build();
    }

    static SendItem end(int transfer) {
        return SendItem.newBuilder()
                .setEnd(MessageEnd.newBuilder().setTransfer(transfer))
                .build();
    }

    private static ReceiveAction acknowledge(long lease) {
        return ReceiveAction.newBuilder()
                .setAcknowledge(Acknowledge.newBuilder().setLease(lease))
                .build();
    }

    private static final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public java.io.InputStream stream(byte[] value) {
            return new java.io.ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(java.io.InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
