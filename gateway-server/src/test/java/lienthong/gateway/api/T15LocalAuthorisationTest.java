package lienthong.gateway.api;

import static lienthong.gateway.api.ApiFixture.assertFault;
import static lienthong.gateway.api.ApiFixture.header;
import static lienthong.gateway.api.ApiFixture.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Service;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.ClientReference;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.ListMessagesRequest;
import lienthong.proto.gateway.v1.LiveTrack;
import lienthong.proto.gateway.v1.NodeStatusRequest;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import lienthong.proto.gateway.v1.SendOneRequest;
import lienthong.proto.gateway.v1.TrackRequest;
import lienthong.proto.gateway.v1.TrackResponse;
import lienthong.proto.operator.v1.OperatorServiceGrpc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** T15: an application of one organisation, or an unlisted one, reads or sends as another on the same node. */
class T15LocalAuthorisationTest {
    private static final Duration YEAR = Duration.ofDays(365);
    private static final int NODES_OWN = 1000;
    private static final int EOFFICE = 4711;

    @TempDir
    Path folder;

    // ---- by uid, without a process of that user

    /** A call as the transport hands it in, from a local user; keeps how it was closed. */
    private static final class CallOf<Q, A> extends ServerCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final int uid;
        private final List<StatusRuntimeException> closed = new ArrayList<>();

        CallOf(MethodDescriptor<Q, A> method, int uid) {
            this.method = method;
            this.uid = uid;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.newBuilder().set(PeerNegotiator.PEER_UID, uid).build();
        }

        @Override
        public MethodDescriptor<Q, A> getMethodDescriptor() {
            return method;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed.add(status.asRuntimeException(trailers));
        }

        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(A message) {}

        @Override
        public boolean isCancelled() {
            return false;
        }
    }

    /** How a call ends at the door; empty: it was let in. */
    private static <Q, A> List<StatusRuntimeException> knock(
            FakeDoors doors, List<Application> applications, MethodDescriptor<Q, A> method, int uid) {
        CallOf<Q, A> call = new CallOf<>(method, uid);
        List<String> let = new ArrayList<>();
        new DoorInterceptor(new Gatekeeper(applications, NODES_OWN), doors, new BadInputLog())
                .interceptCall(call, new Metadata(), (any, headers) -> {
                    let.add("in");
                    return new ServerCall.Listener<>() {};
                });
        assertThat(let.isEmpty()).isNotEqualTo(call.closed.isEmpty());
        return call.closed;
    }

    @Test
    void withNothingListedOnlyTheNodesOwnUserAndRootComeIn() {
        FakeDoors doors = new FakeDoors();
        try {
            var send = GatewayServiceGrpc.getSendOneMethod();
            assertThat(knock(doors, List.of(), send, NODES_OWN)).isEmpty();
            assertThat(knock(doors, List.of(), send, 0)).isEmpty();
            assertFault(
                    knock(doors, List.of(), send, EOFFICE).get(0),
                    Status.Code.UNAUTHENTICATED,
                    ErrorCode.WHO_ARE_YOU,
                    "");
            assertThat(doors.denied).containsExactly("uid " + EOFFICE + " WHO_ARE_YOU");
        } finally {
            doors.close();
        }
    }

    @Test
    void aListedApplicationIsNoOperator() {
        FakeDoors doors = new FakeDoors();
        try {
            List<Application> listed =
                    List.of(new Application("eoffice", Optional.of(EOFFICE), Optional.empty(), Set.of(), Set.of()));
            assertThat(knock(doors, listed, GatewayServiceGrpc.getSendOneMethod(), EOFFICE))
                    .isEmpty();
            for (MethodDescriptor<?, ?> method :
                    OperatorServiceGrpc.getServiceDescriptor().getMethods()) {
                assertFault(
                        knock(doors, listed, method, EOFFICE).get(0),
                        Status.Code.PERMISSION_DENIED,
                        ErrorCode.SERVICE_NOT_ALLOWED,
                        "");
                assertThat(knock(doors, listed, method, NODES_OWN)).isEmpty();
            }
            assertThat(doors.denied).contains("uid " + EOFFICE + " SERVICE_NOT_ALLOWED");
        } finally {
            doors.close();
        }
    }

    // ---- by certificate, over the wire

    @Test
    void anApplicationWithOneAddressNeitherSendsReceivesFollowsNorListsForAnother() throws Exception {
        TlsApiTest.Identity node = TlsApiTest.Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        TlsApiTest.Identity eoffice = TlsApiTest.Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        List<Application> listed = List.of(new Application(
                "eoffice",
                Optional.empty(),
                Optional.of(eoffice.hash()),
                Set.of(Address.parse("A08.01/eoffice").orBug()),
                Set.of(Service.DOCUMENT)));
        ApiSettings.Tls tls = new ApiSettings.Tls("127.0.0.1", 0, node.key(), List.of(node.certificate()));
        try (ApiFixture api = new ApiFixture(folder, listed, Optional.of(tls))) {
            ManagedChannel channel = TlsApiTest.dial(api.server.tlsPort().orElseThrow(), Optional.of(eoffice));
            try {
                assertOwnAddressOnly(api, channel);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static void assertOwnAddressOnly(ApiFixture api, ManagedChannel channel) throws Exception {
        var stub = GatewayServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
        assertDenied(
                () -> stub.sendOne(SendOneRequest.newBuilder()
                        .setMessage(whole(header("t15", "A08").setSender("A08.01"), "x"))
                        .build()),
                ErrorCode.NOT_YOUR_ADDRESS,
                "message.header.sender");
        assertDenied(
                () -> stub.sendOne(SendOneRequest.newBuilder()
                        .setMessage(whole(header("t15", "A08").setService("mail"), "x"))
                        .build()),
                ErrorCode.SERVICE_NOT_ALLOWED,
                "message.header.service");
        assertDenied(
                () -> stub.listMessages(
                        ListMessagesRequest.newBuilder().addAddresses("A08.01").build()),
                ErrorCode.NOT_YOUR_ADDRESS,
                "addresses[0]");
        assertDenied(
                () -> first(stub.track(TrackRequest.newBuilder()
                        .setClient(
                                ClientReference.newBuilder().setSender("A08.01").setClientId("k1"))
                        .build())),
                ErrorCode.NOT_YOUR_ADDRESS,
                "client.sender");
        assertDenied(
                () -> first(stub.track(TrackRequest.newBuilder()
                        .setLive(LiveTrack.newBuilder().addSenders("A08.01"))
                        .build())),
                ErrorCode.NOT_YOUR_ADDRESS,
                "live.senders[0]");
        ApiFixture.Replies<ReceiveRequest, ReceiveResponse> replies = new ApiFixture.Replies<>();
        var receive = GatewayServiceGrpc.newStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .receive(replies);
        receive.onNext(ReceiveRequest.newBuilder()
                .addItems(
                        ReceiveAction.newBuilder().setAttach(Attach.newBuilder().setAddress("A08.01")))
                .build());
        assertFault(replies.error(), Status.Code.PERMISSION_DENIED, ErrorCode.NOT_YOUR_ADDRESS, "attach.address");
        assertThat(stub.nodeStatus(NodeStatusRequest.getDefaultInstance()).getAddressesList())
                .doesNotContain("A08.01");
        assertThat(api.doors.accepted).isEmpty();
        assertThat(api.doors.denied)
                .filteredOn(event -> event.endsWith("NOT_YOUR_ADDRESS"))
                .isNotEmpty();
    }

    private static TrackResponse first(Iterator<TrackResponse> events) {
        return events.next();
    }

    private static void assertDenied(Runnable call, ErrorCode reason, String field) {
        assertFault(catchThrowable(call::run), Status.Code.PERMISSION_DENIED, reason, field);
    }
}
