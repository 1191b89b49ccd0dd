package lienthong.gateway.link.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.link.CreditPolicy;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.QuietOwner;
import lienthong.gateway.link.TlsIdentity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A tap records all packets for twenty years: outside is hybrid TLS 1.3 and nothing else (what is inside is sealed besides, see the envelope). */
class T22RecordedNowReadLaterTest {
    private final TestCa ca = new TestCa("network");
    private final LinkTls hub = LinkTls.of(ca.identity("A08"), ca.judge(), false);
    private final LinkTls district = LinkTls.of(ca.identity("A08.10"), ca.judge(), false);
    private final LinkTransport transport = LinkTransport.start(1);
    private final RealLoop loop = RealLoop.start("t22", 1, failure -> {});

    @AfterEach
    void stop() {
        loop.close();
        transport.close();
    }

    private InetSocketAddress listen() {
        LinkSessions sessions = LinkSessions.start(loop, Clock.real(), new QuietOwner("A08"), CreditPolicy.fixed(1));
        return LinkServer.listen(
                        new InetSocketAddress("127.0.0.1", 0),
                        transport,
                        hub,
                        sessions,
                        loop,
                        Clock.real(),
                        LinkServer.Admission.usual())
                .orBug()
                .address();
    }

    private static SslContext client(String protocol, String... groups) throws SSLException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .protocols(protocol)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .option(OpenSslContextOption.GROUPS, groups)
                .endpointIdentificationAlgorithm(null)
                .build();
    }

    @Test
    void bothEndsAgreeOnTheHybridGroupAndAssertIt() {
        TlsPair pair = new TlsPair(hub.server(), district.client()).settle();
        assertThat(pair.handshaken()).isTrue();
        assertThat(LinkTls.groupOf(pair.server.engine())).isEqualTo("X25519MLKEM768");
        assertThat(LinkTls.groupOf(pair.client.engine())).isEqualTo("X25519MLKEM768");
        assertThat(pair.server.engine().getSession().getProtocol()).isEqualTo("TLSv1.3");
        assertThat(hub.fault(pair.server.engine(), pair.server.applicationProtocol()))
                .isEmpty();
        assertThat(district.fault(pair.client.engine(), pair.client.applicationProtocol()))
                .isEmpty();
    }

    @Test
    void nothingReadableIsOnTheWire() {
        TlsPair pair = new TlsPair(hub.server(), district.client()).settle();
        byte[] secret = "noi dung van ban mat".repeat(100).getBytes(StandardCharsets.UTF_8);
        pair.clientEnd.writeOutbound(Unpooled.copiedBuffer(secret));
        pair.settle();
        assertThat(pair.tap.toString(StandardCharsets.ISO_8859_1))
                .doesNotContain("noi dung")
                .doesNotContain("CN=");
    }

    @Test
    void classicalGroupAloneIsRefused() throws SSLException {
        TlsPair pair = new TlsPair(hub.server(), client("TLSv1.3", "X25519")).settle();
        assertThat(pair.handshaken()).isFalse();
        assertThat(pair.server.handshakeFuture().isDone()).isTrue();
    }

    @Test
    void olderProtocolIsRefused() throws SSLException {
        TlsPair pair = new TlsPair(hub.server(), client("TLSv1.2", "X25519MLKEM768", "X25519")).settle();
        assertThat(pair.handshaken()).isFalse();
    }

    @Test
    void libraryThatFallsBackAfterAllIsFoundOutAtBothEnds() throws SSLException {
        TlsIdentity identity = ca.identity("A08");
        SslContext fallen = SslContextBuilder.forServer(identity.key(), TestCa.certificates(identity))
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .clientAuth(ClientAuth.NONE)
                .option(OpenSslContextOption.GROUPS, new String[] {"X25519"})
                .build();
        TlsPair pair = new TlsPair(fallen, client("TLSv1.3", "X25519")).settle();
        assertThat(pair.handshaken()).isTrue();
        assertThat(hub.fault(pair.server.engine(), LinkTls.ALPN))
                .hasValueSatisfying(f -> assertThat(f).contains("X25519"));
        assertThat(district.fault(pair.client.engine(), LinkTls.ALPN)).isPresent();
        LinkTls lenient = LinkTls.of(ca.identity("A08"), ca.judge(), true);
        assertThat(lenient.fault(pair.server.engine(), LinkTls.ALPN)).isEmpty();
        assertThat(lenient.fault(pair.server.engine(), "h2")).isPresent();
    }

    @Test
    void classicalGroupIsTakenOnlyWherePolicyAddsIt() {
        LinkTls lenient = LinkTls.of(ca.identity("A08"), ca.judge(), true);
        TlsPair pair = new TlsPair(lenient.server(), district.client()).settle();
        assertThat(LinkTls.groupOf(pair.server.engine())).isEqualTo("X25519MLKEM768");
    }

    @Test
    void javaClientOfTodayWithoutTheHybridGroupIsRefused() throws Exception {
        InetSocketAddress address = listen();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0]},
                new SecureRandom());
        for (String protocol : new String[] {"TLSv1.2", "TLSv1.3"}) {
            try (SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
                socket.setSoTimeout(60_000);
                socket.setEnabledProtocols(new String[] {protocol});
                socket.getSSLParameters().setApplicationProtocols(new String[] {LinkTls.ALPN});
                assertThatThrownBy(() -> {
                            socket.startHandshake();
                            int read = socket.getInputStream().read();
                            throw new IOException("read " + read);
                        })
                        .isInstanceOf(IOException.class)
                        .hasMessageNotContaining("read ");
            }
        }
    }

    @Test
    void plainBytesGetNoAnswerButTheEnd() throws Exception {
        InetSocketAddress address = listen();
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(answer.length).isLessThanOrEqualTo(7);
        }
    }

    @Test
    void commonToolsThatOfferLessAreRefused() throws Exception {
        Process version = new ProcessBuilder("sh", "-c", "command -v openssl").start();
        boolean there = version.waitFor(60, TimeUnit.SECONDS) && version.exitValue() == 0;
        if (!there) {
            System.err.println("SKIPPED: no openssl on this machine, T22 is not tried with s_client");
        }
        Assumptions.assumeTrue(there);
        InetSocketAddress address = listen();
        for (String option : new String[] {"-tls1_2", "-tls1_3"}) {
            Process client = new ProcessBuilder(
                            "openssl",
                            "s_client",
                            option,
                            "-alpn",
                            LinkTls.ALPN,
                            "-connect",
                            address.getAddress().getHostAddress() + ":" + address.getPort())
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said).contains("Cipher is (NONE)");
        }
    }
}
