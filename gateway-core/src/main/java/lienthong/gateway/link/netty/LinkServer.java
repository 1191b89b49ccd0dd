package lienthong.gateway.link.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.TokenBucket;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;

/** Listens on one port for links: counts who may connect, shakes hands, and makes sessions in the loop. Thread-safe. */
public final class LinkServer implements AutoCloseable {
    private static final int BACKLOG = 512;
    private static final Duration FULL_RETRY = Duration.ofSeconds(30);

    /**
     * What the server lets in.
     *
     * @param sessionsMax sessions at once
     * @param handshakesMax handshakes in flight; a connection above that is closed before TLS costs anything
     * @param handshakesPerAddressMax handshakes in flight of one remote address: a flood from one leaves room for the others
     * @param perAddressMax connections of one remote address, handshakes included
     * @param sessionsPerSecond admission after a power cut; the rest are told when to come
     * @param sessionsBurst admitted at once before that counts
     */
    public record Admission(
            int sessionsMax,
            int handshakesMax,
            int handshakesPerAddressMax,
            int perAddressMax,
            double sessionsPerSecond,
            int sessionsBurst) {
        /** For a hub of 200 neighbours with embedded clients. */
        public static Admission usual() {
            return new Admission(Limits.SESSIONS_MAX, 128, 16, 64, 50, 100);
        }
    }

    private final LinkTransport transport;
    private final LinkTls tls;
    private final LinkSessions sessions;
    private final Loop loop;
    private final Clock clock;
    private final Admission admission;
    private final QuietLog log = new QuietLog();
    private final Map<InetAddress, Integer> perAddress = new HashMap<>();
    private final Map<InetAddress, Integer> shakingPerAddress = new HashMap<>();
    private final TokenBucket bucket;
    private int handshakes;
    private int open;
    private @org.jspecify.annotations.Nullable Channel listening;

    private LinkServer(
            LinkTransport transport, LinkTls tls, LinkSessions sessions, Loop loop, Clock clock, Admission admission) {
        this.transport = transport;
        this.tls = tls;
        this.sessions = sessions;
        this.loop = loop;
        this.clock = clock;
        this.admission = admission;
        this.bucket = new TokenBucket(admission.sessionsPerSecond(), admission.sessionsBurst(), clock.nanos());
    }

    /**
     * Starts to listen. Blocks until the port is bound; not in the loop.
     *
     * @param address port 0: any free one, see {@link #address}
     * @return {@code PORT_IN_USE} when the port cannot be had
     */
    public static Result<LinkServer> listen(
            InetSocketAddress address,
            LinkTransport transport,
            LinkTls tls,
            LinkSessions sessions,
            Loop loop,
            Clock clock,
            Admission admission) {
        LinkServer server = new LinkServer(transport, tls, sessions, loop, clock, admission);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(transport.group())
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(32 * 1024, 64 * 1024))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        server.connected(channel);
                    }
                });
        if (transport.isEpoll()) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, 64 * 1024L);
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            return Result.no(ErrorCode.PORT_IN_USE, Trouble.binding(address, bound.cause()));
        }
        server.listening = bound.channel();
        return Result.ok(server);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        Invariant.check(listening != null, "not listening");
        return listening == null ? new InetSocketAddress(0) : (InetSocketAddress) listening.localAddress();
    }

    private void connected(Channel channel) {
        SocketAddress remote = channel.remoteAddress();
        InetAddress from = remote instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress()
                : InetAddress.getLoopbackAddress();
        Optional<String> no = enter(from);
        if (no.isPresent()) {
            log.warn(from.getHostAddress(), ErrorCode.ADMISSION.label() + " " + no.get(), clock.nanos());
            NettyWire.drop(channel);
            return;
        }
        Caller caller = new Caller(from);
        channel.closeFuture().addListener(closed -> caller.left());
        SslHandler handler = tls.server().newHandler(channel.alloc());
        handler.setHandshakeTimeout(Limits.HANDSHAKE_SECONDS_MAX, TimeUnit.SECONDS);
        Connection connection = new Connection(caller, handler, tls, loop, clock, transport.isEpoll());
        channel.pipeline().addLast(handler, new FrameReader(connection), connection);
    }

    private synchronized Optional<String> enter(InetAddress from) {
        int there = perAddress.getOrDefault(from, 0);
        if (there >= admission.perAddressMax()) {
            return Optional.of("more than " + admission.perAddressMax() + " connections");
        }
        int shaking = shakingPerAddress.getOrDefault(from, 0);
        if (handshakes >= admission.handshakesMax() || shaking >= admission.handshakesPerAddressMax()) {
            return Optional.of("too many handshakes in flight: " + handshakes + ", of this address " + shaking);
        }
        perAddress.put(from, there + 1);
        shakingPerAddress.put(from, shaking + 1);
        handshakes++;
        return Optional.empty();
    }

    private synchronized void leave(InetAddress from, boolean shaking, boolean inSession) {
        oneLess(perAddress, from);
        if (shaking) {
            shaken(from);
        }
        open -= inSession ? 1 : 0;
    }

    private void shaken(InetAddress from) {
        handshakes--;
        oneLess(shakingPerAddress, from);
    }

    private static void oneLess(Map<InetAddress, Integer> counts, InetAddress from) {
        counts.computeIfPresent(from, (address, count) -> count == 1 ? null : count - 1);
    }

    private synchronized Optional<Closing> admit(InetAddress from) {
        shaken(from);
        if (open >= admission.sessionsMax()) {
            return Optional.of(Connection.busy(FULL_RETRY));
        }
        Duration wait = bucket.admit(clock.nanos());
        if (!wait.isZero()) {
            return Optional.of(Connection.busy(wait));
        }
        open++;
        return Optional.empty();
    }

    /** One connection's place in the counts; its fields are used on the channel's thread. */
    private final class Caller implements Connection.Side {
        private final InetAddress from;
        private boolean shaking = true;
        private boolean inSession;

        Caller(InetAddress from) {
            this.from = from;
        }

        @Override
        public Optional<Closing> admit(Peer peer) {
            shaking = false;
            Optional<Closing> no = LinkServer.this.admit(from);
            inSession = no.isEmpty();
            return no;
        }

        @Override
        public LinkSession begin(Peer peer, NettyWire wire) {
            return sessions.accepted(peer, wire);
        }

        @Override
        public void refused(String why, Optional<Closing> told) {
            String code =
                    told.map(closing -> closing.reason().error().label() + " ").orElse("");
            log.warn(from.getHostAddress(), code + why, clock.nanos());
        }

        void left() {
            leave(from, shaking, inSession);
        }
    }

    /** Stops listening; sessions go on. Not in the loop. */
    @Override
    public void close() {
        if (listening != null) {
            listening.close().awaitUninterruptibly();
        }
    }
}
