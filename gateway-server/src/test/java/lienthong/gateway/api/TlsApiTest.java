package lienthong.gateway.api;

import static lienthong.gateway.api.ApiFixture.assertFault;
import static lienthong.gateway.api.ApiFixture.header;
import static lienthong.gateway.api.ApiFixture.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CertificateIssuer;
import lienthong.gateway.crypto.KeyAlgorithm;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.UnsafeKeyAccess;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendOneRequest;
import lienthong.proto.operator.v1.OperatorServiceGrpc;
import lienthong.proto.operator.v1.StatusRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An office system on another machine: known by its certificate, and only there for what developers may do. */
class TlsApiTest {
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    Path folder;

    record Identity(PrivateKey key, X509Certificate certificate, Hash hash) {
        static Identity valid(Instant from, Instant until) throws Exception {
            OwnKey caKey = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Randomness.real());
            Certificate root = CertificateIssuer.root(caKey, "TEST", from, until, Randomness.real());
            Certificate ca = CertificateIssuer.of(SigningKey.of(caKey, root), Randomness.real())
                    .officeCa("A08.01", caKey.publicKeyInfo(), from, until);
            OwnKey key = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Randomness.real());
            Certificate certificate = CertificateIssuer.of(SigningKey.of(caKey, ca), Randomness.real())
                    .nodeTls("A08.01", key.publicKeyInfo(), from, until);
            X509Certificate x509 = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(certificate.der().toArray()));
            return new Identity(key.toJdk(UnsafeKeyAccess.get()), x509, certificate.hash());
        }
    }

    private static SendOneRequest message(String sender) {
        return SendOneRequest.newBuilder()
                .setMessage(whole(header("t1", "A08").setSender(sender), "x"))
                .build();
    }

    static ManagedChannel dial(int port, Optional<Identity> client) throws Exception {
        SslContextBuilder context = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .trustManager(InsecureTrustManagerFactory.INSTANCE);
        if (client.isPresent()) {
            context.keyManager(client.get().key(), client.get().certificate());
        }
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .sslContext(context.build())
                .overrideAuthority("node")
                .build();
    }

    @Test
    void aListedCertificateMayUseItsAddressesAndNothingElse() throws Exception {
        Identity node = Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        Identity eoffice = Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        Identity expired = Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.minusSeconds(1));
        Identity stranger = Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        Address address = Address.parse("A08.01/eoffice").orBug();
        List<Application> applications = List.of(
                new Application("eoffice", Optional.empty(), Optional.of(eoffice.hash()), Set.of(address), Set.of()),
                new Application("old", Optional.empty(), Optional.of(expired.hash()), Set.of(address), Set.of()));
        ApiSettings.Tls tls = new ApiSettings.Tls("127.0.0.1", 0, node.key(), List.of(node.certificate()));
        try (ApiFixture api = new ApiFixture(folder, applications, Optional.of(tls))) {
            int port = api.server.tlsPort().orElseThrow();
            ManagedChannel known = dial(port, Optional.of(eoffice));
            var stub = GatewayServiceGrpc.newBlockingStub(known).withDeadlineAfter(60, TimeUnit.SECONDS);
            SendAnswer answer = stub.sendOne(message("")).getAnswer();
            assertThat(answer.hasAccepted()).isTrue();
            assertFault(
                    catchThrowable(() -> stub.sendOne(message("A08.01"))),
                    Status.Code.PERMISSION_DENIED,
                    ErrorCode.NOT_YOUR_ADDRESS,
                    "message.header.sender");
            Throwable noOperator = catchThrowable(
                    () -> OperatorServiceGrpc.newBlockingStub(known).status(StatusRequest.getDefaultInstance()));
            assertThat(Status.fromThrowable(noOperator).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
            known.shutdownNow();

            ManagedChannel old = dial(port, Optional.of(expired));
            assertFault(
                    catchThrowable(() -> GatewayServiceGrpc.newBlockingStub(old).sendOne(message(""))),
                    Status.Code.UNAUTHENTICATED,
                    ErrorCode.CERTIFICATE_EXPIRED,
                    "");
            old.shutdownNow();

            ManagedChannel unknown = dial(port, Optional.of(stranger));
            assertFault(
                    catchThrowable(
                            () -> GatewayServiceGrpc.newBlockingStub(unknown).sendOne(message(""))),
                    Status.Code.UNAUTHENTICATED,
                    ErrorCode.WHO_ARE_YOU,
                    "");
            unknown.shutdownNow();

            ManagedChannel nobody = dial(port, Optional.empty());
            Throwable refused = catchThrowable(() -> GatewayServiceGrpc.newBlockingStub(nobody)
                    .withDeadlineAfter(60, TimeUnit.SECONDS)
                    .sendOne(message("")));
            assertThat(Status.fromThrowable(refused).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            nobody.shutdownNow();

            assertThat(api.doors.accepted).hasSize(1);
            assertThat(api.doors.denied)
                    .anyMatch(event -> event.endsWith("NOT_YOUR_ADDRESS"))
                    .anyMatch(event -> event.endsWith("WHO_ARE_YOU"))
                    .anyMatch(event -> event.endsWith("CERTIFICATE_EXPIRED"));
        }
    }

    @Test
    void aCallerWhoseCertificateIsRevokedIsCutOffInMidStreamAndStaysOut() throws Exception {
        Identity node = Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        Identity lost = Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        Identity other = Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        List<Application> applications = List.of(
                new Application("lost", Optional.empty(), Optional.of(lost.hash()), Set.of(), Set.of()),
                new Application("other", Optional.empty(), Optional.of(other.hash()), Set.of(), Set.of()));
        ApiSettings.Tls tls = new ApiSettings.Tls("127.0.0.1", 0, node.key(), List.of(node.certificate()));
        try (ApiFixture api = new ApiFixture(folder, applications, Optional.of(tls))) {
            int port = api.server.tlsPort().orElseThrow();
            ManagedChannel ofLost = dial(port, Optional.of(lost));
            ManagedChannel ofOther = dial(port, Optional.of(other));
            Ends endOfLost = new Ends();
            Ends endOfOther = new Ends();
            var receiving = GatewayServiceGrpc.newStub(ofLost).receive(endOfLost);
            var untouched = GatewayServiceGrpc.newStub(ofOther).receive(endOfOther);
            for (var stream : List.of(receiving, untouched)) {
                stream.onNext(ReceiveRequest.newBuilder()
                        .addItems(ReceiveAction.newBuilder().setAttach(Attach.newBuilder()))
                        .build());
            }
            assertThat(endOfLost.attached.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(endOfOther.attached.await(60, TimeUnit.SECONDS)).isTrue();

            api.doors.revoked.add(lost.hash());
            api.doors.revocationWatchers.forEach(Runnable::run);
            assertFault(
                    endOfLost.failure.get(60, TimeUnit.SECONDS), Status.Code.UNAUTHENTICATED, ErrorCode.REVOKED, "");
            assertFault(
                    catchThrowable(
                            () -> GatewayServiceGrpc.newBlockingStub(ofLost).sendOne(message(""))),
                    Status.Code.UNAUTHENTICATED,
                    ErrorCode.REVOKED,
                    "");
            assertThat(GatewayServiceGrpc.newBlockingStub(ofOther)
                            .sendOne(message(""))
                            .getAnswer()
                            .hasAccepted())
                    .isTrue();
            assertThat(endOfOther.failure).as("the other's stream goes on").isNotDone();
            assertThat(api.doors.denied).anyMatch(event -> event.endsWith("REVOKED"));
            ofLost.shutdownNow();
            ofOther.shutdownNow();
        }
    }

    private static final class Ends implements StreamObserver<ReceiveResponse> {
        final CountDownLatch attached = new CountDownLatch(1);
        final CompletableFuture<Throwable> failure = new CompletableFuture<>();

        @Override
        public void onNext(ReceiveResponse response) {
            attached.countDown();
        }

        @Override
        public void onError(Throwable thrown) {
            failure.complete(thrown);
        }

        @Override
        public void onCompleted() {
            failure.complete(new AssertionError("completed"));
        }
    }

    @Test
    void aPortInUseIsSaidWithItsPlace() throws Exception {
        Identity node = Identity.valid(FakeDoors.NOW.minus(YEAR), FakeDoors.NOW.plus(YEAR));
        try (java.net.ServerSocket taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            FakeDoors doors = new FakeDoors();
            Path socket = folder.resolve("run/api.sock");
            var result = ApiServer.start(
                    new ApiSettings(
                            FakeDoors.HERE.organisation(),
                            folder,
                            socket,
                            false,
                            Optional.of(new ApiSettings.Tls(
                                    "127.0.0.1", taken.getLocalPort(), node.key(), List.of(node.certificate()))),
                            List.of(),
                            "0.1.0"),
                    doors);
            assertThat(result.refusal().reason()).isEqualTo(ErrorCode.PORT_IN_USE);
            assertThat(result.refusal().detail()).contains(Integer.toString(taken.getLocalPort()));
            assertThat(socket).doesNotExist();
            doors.close();
        }
    }
}
