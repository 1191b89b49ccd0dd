package lienthong.gateway.link.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CreditPolicy;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.QuietOwner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A man in the middle plays hub to a district, or district to a hub, with any certificate but the right one; and B12 over a real socket. */
class T23FakeHubTest {
    private final TestCa network = new TestCa("network");
    private final TestCa foreign = new TestCa("network");
    private final LinkTransport transport = LinkTransport.start(2);
    private final RealLoop loop = RealLoop.start("t23", 1, failure -> {});
    private final QuietOwner hub = new QuietOwner("A08");
    private final QuietOwner district = new QuietOwner("A08.10");

    @AfterEach
    void stop() {
        loop.close();
        transport.close();
    }

    private InetSocketAddress listen(TestCa of) {
        LinkSessions sessions = LinkSessions.start(loop, Clock.real(), hub, CreditPolicy.fixed(1));
        return LinkServer.listen(
                        new InetSocketAddress("127.0.0.1", 0),
                        transport,
                        LinkTls.of(of.identity("A08"), of.judge(), false),
                        sessions,
                        loop,
                        Clock.real(),
                        LinkServer.Admission.usual())
                .orBug()
                .address();
    }

    private LinkDialer dial(TestCa of, InetSocketAddress address) {
        LinkSessions sessions = LinkSessions.start(loop, Clock.real(), district, CreditPolicy.fixed(1));
        return LinkDialer.start(
                List.of(address),
                peer -> true,
                transport,
                LinkTls.of(of.identity("A08.10"), of.judge(), false),
                sessions,
                loop,
                Clock.real(),
                Randomness.real());
    }

    @Test
    void districtSaysNothingToAHubOfAnotherCa() {
        LinkDialer dialer = dial(network, listen(foreign));
        await().atMost(Duration.ofSeconds(60)).until(() -> dialer.status().contains("handshake"));
        assertThat(district.readyCount.get() + hub.readyCount.get()).isZero();
    }

    @Test
    void hubSaysNothingToADistrictOfAnotherCa() {
        // The stranger trusts everybody, so that it is the hub alone who refuses.
        LinkSessions sessions = LinkSessions.start(loop, Clock.real(), district, CreditPolicy.fixed(1));
        LinkDialer dialer = LinkDialer.start(
                List.of(listen(network)),
                peer -> true,
                transport,
                LinkTls.of(foreign.identity("A08.10"), network.judge(), false),
                sessions,
                loop,
                Clock.real(),
                Randomness.real());
        // In TLS 1.3 the client has finished before the server judges: it sees a connection that ends without a hello.
        await().atMost(Duration.ofSeconds(60))
                .until(() -> district.endings.size() > 0 || dialer.status().contains("handshake"));
        assertThat(district.readyCount.get() + hub.readyCount.get()).isZero();
        assertThat(hub.endings).isEmpty();
    }

    private static SslContext client() throws Exception {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .option(OpenSslContextOption.GROUPS, new String[] {LinkTls.HYBRID_GROUP})
                .endpointIdentificationAlgorithm(null);
        return builder.build();
    }

    /** Connects, sends bytes after the handshake, and gives what came until the end. */
    private byte[] speak(SslContext context, InetSocketAddress address, byte[] bytes) throws Exception {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        AtomicBoolean ended = new AtomicBoolean();
        Channel channel = new Bootstrap()
                .group(transport.group())
                .channel(transport.channel())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel on) {
                        SslHandler tls = context.newHandler(on.alloc());
                        tls.handshakeFuture().addListener(done -> {
                            if (done.isSuccess()) {
                                on.writeAndFlush(Unpooled.copiedBuffer(bytes)).addListener(written -> {});
                            }
                        });
                        on.pipeline().addLast(tls, new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext at, Object message) {
                                ByteBuf in = (ByteBuf) message;
                                byte[] copy = new byte[in.readableBytes()];
                                in.readBytes(copy);
                                heard.writeBytes(copy);
                                in.release();
                            }

                            @Override
                            public void channelInactive(ChannelHandlerContext at) {
                                ended.set(true);
                            }

                            @Override
                            public void exceptionCaught(ChannelHandlerContext at, Throwable cause) {
                                NettyWire.drop(at.channel());
                            }
                        });
                    }
                })
                .connect(address)
                .sync()
                .channel();
        await().atMost(Duration.ofSeconds(60)).untilTrue(ended);
        channel.close().sync();
        return heard.toByteArray();
    }

    @Test
    void whoShowsNoCertificateIsRefused() throws Exception {
        byte[] heard = speak(client(), listen(network), new byte[] {0, 0, 0, 1, 1});
        assertThat(heard).isEmpty();
        assertThat(hub.readyCount.get() + hub.endings.size()).isZero();
    }

    @Test
    void B12_oversizedLengthOverARealSocketIsAnsweredWithCloseAtOnce() throws Exception {
        LinkTls tls = LinkTls.of(network.identity("A08.10"), network.judge(), false);
        long start = System.nanoTime();
        byte[] heard =
                speak(tls.client(), listen(network), new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF});
        byte[] close = LinkSessions.closeFrame(
                        Closing.of(lienthong.gateway.link.CloseReason.FRAME_TOO_LARGE, "frame of 4294967295 bytes"))
                .toArray();
        assertThat(heard).hasSize(4 + close.length).endsWith(close);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
}
