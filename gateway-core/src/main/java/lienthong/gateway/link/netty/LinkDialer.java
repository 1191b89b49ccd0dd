package lienthong.gateway.link.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.link.Backoff;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.Peer;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one session to one neighbour: several addresses, the last good one first, then back-off. Confined to the loop, but for {@link #status}.
 */
public final class LinkDialer {
    private static final String DIALLED_BY_NEIGHBOUR = "connected, dialled by the neighbour";

    private static final int CONNECT_MS_MAX = 10_000;
    /** A session that lived so long was no failure, however it ended. */
    private static final long GOOD_NANOS = 60_000_000_000L;

    private final List<InetSocketAddress> addresses;
    private final Predicate<Peer> expected;
    private final LinkTransport transport;
    private final LinkTls tls;
    private final LinkSessions sessions;
    private final Loop loop;
    private final Clock clock;
    private final Backoff backoff;
    private final QuietLog log = new QuietLog();
    private int next;
    private int failedInRow;
    private boolean stopped;
    private boolean busy;
    private Loop.@Nullable Cancellation waiting;
    private @Nullable LinkSession session;
    /** Whom the last session here was with. */
    private @Nullable Peer met;
    /** The neighbour's own session with us. */
    private @Nullable LinkSession elsewhere;

    private volatile String status = "not dialled yet";

    private LinkDialer(
            List<InetSocketAddress> addresses,
            Predicate<Peer> expected,
            LinkTransport transport,
            LinkTls tls,
            LinkSessions sessions,
            Loop loop,
            Clock clock,
            Randomness randomness) {
        this.addresses = new ArrayList<>(addresses);
        this.expected = expected;
        this.transport = transport;
        this.tls = tls;
        this.sessions = sessions;
        this.loop = loop;
        this.clock = clock;
        this.backoff = new Backoff(randomness);
    }

    /**
     * Starts to dial, at once. Any thread.
     *
     * @param addresses in the order in which to try them; unresolved ones are looked up each time
     * @param expected whether the peer found is the one meant; another one is told {@code IDENTITY}
     */
    public static LinkDialer start(
            List<InetSocketAddress> addresses,
            Predicate<Peer> expected,
            LinkTransport transport,
            LinkTls tls,
            LinkSessions sessions,
            Loop loop,
            Clock clock,
            Randomness randomness) {
        Invariant.check(!addresses.isEmpty(), "nowhere to dial");
        LinkDialer dialer = new LinkDialer(addresses, expected, transport, tls, sessions, loop, clock, randomness);
        loop.execute(dialer::dial);
        return dialer;
    }

    /**
     * A peer has dialled us and both hellos were said. If it is the one that was last met here, what kept it away is over; and one session is enough:
     * nothing is dialled while that one lives, else two nodes that dial each other would replace each other's session for ever. In the loop.
     */
    public void neighbourIsThere(LinkSession its) {
        loop.checkInLoop();
        if (!its.peer().equals(met) || its == session || its == elsewhere) {
            return;
        }
        backoff.reset();
        failedInRow = 0;
        elsewhere = its;
        status = DIALLED_BY_NEIGHBOUR;
        cancelWaiting();
        its.onEnd(end -> {
            if (elsewhere == its) {
                elsewhere = null;
                status = "ended: " + end;
                if (session == null && !busy) {
                    pause(backoff.next());
                }
            }
        });
    }

    /** Dials no more; an open session goes on. In the loop. */
    public void stop() {
        loop.checkInLoop();
        stopped = true;
        cancelWaiting();
    }

    private void cancelWaiting() {
        if (waiting != null) {
            waiting.cancel();
            waiting = null;
        }
    }

    /** For the operator: which address is in use, or why there is none. Any thread. */
    public String status() {
        return status;
    }

    private void dial() {
        if (stopped
                || busy
                || session != null
                || elsewhere != null
                || transport.group().isShuttingDown()) {
            return;
        }
        busy = true;
        InetSocketAddress address = addresses.get(next);
        status = "dialling " + Trouble.place(address);
        Attempt attempt = new Attempt(address);
        Bootstrap bootstrap = new Bootstrap()
                .group(transport.group())
                .channel(transport.channel())
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS_MAX)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(32 * 1024, 64 * 1024))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        SslHandler handler = tls.client().newHandler(channel.alloc());
                        handler.setHandshakeTimeout(Limits.HANDSHAKE_SECONDS_MAX, TimeUnit.SECONDS);
                        Connection connection = new Connection(attempt, handler, tls, loop, clock, transport.isEpoll());
                        channel.pipeline().addLast(handler, new FrameReader(connection), connection);
                    }
                });
        if (transport.isEpoll()) {
            bootstrap.option(EpollChannelOption.TCP_NOTSENT_LOWAT, 64 * 1024L);
        }
        ChannelFuture connecting = bootstrap.connect(address);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                attempt.refused(Trouble.connecting(done.cause()).english(), Optional.empty());
            }
        });
    }

    /** One try at one address. */
    private final class Attempt implements Connection.Side {
        private final InetSocketAddress address;
        private boolean over;

        Attempt(InetSocketAddress address) {
            this.address = address;
        }

        @Override
        public Optional<Closing> admit(Peer peer) {
            return expected.test(peer)
                    ? Optional.empty()
                    : Optional.of(Closing.of(CloseReason.IDENTITY, "another neighbour was meant"));
        }

        @Override
        public LinkSession begin(Peer peer, NettyWire wire) {
            LinkSession made = sessions.dialled(peer, wire);
            long since = clock.nanos();
            busy = false;
            session = made;
            met = peer;
            status = "connected to " + Trouble.place(address);
            made.onEnd(end -> ended(made, end, clock.nanos() - since));
            return made;
        }

        @Override
        public void refused(String why, Optional<Closing> told) {
            loop.execute(() -> {
                if (!over) {
                    over = true;
                    busy = false;
                    log.warn(Trouble.place(address), why, clock.nanos());
                    status = Trouble.place(address) + ": " + why;
                    failed(Optional.empty());
                }
            });
        }
    }

    private void ended(LinkSession which, LinkEnd end, long livedNanos) {
        session = null;
        status = elsewhere == null ? "ended: " + end : DIALLED_BY_NEIGHBOUR;
        boolean harmless = end instanceof LinkEnd.Cut
                || end instanceof LinkEnd.ClosedByPeer by && by.why().reason() == CloseReason.GOING_AWAY;
        if (which.wasReady() && (harmless || livedNanos > GOOD_NANOS)) {
            backoff.reset();
            failedInRow = -1;
        }
        failed(end instanceof LinkEnd.ClosedByPeer by ? by.why().retryAfter() : Optional.empty());
    }

    /** The same address again after a session that was good; else the next one, and a pause once all were tried. */
    private void failed(Optional<Duration> retryAfter) {
        failedInRow++;
        if (failedInRow > 0) {
            next = (next + 1) % addresses.size();
        }
        boolean triedAll = failedInRow == 0 || failedInRow % addresses.size() == 0;
        Duration pause = triedAll ? backoff.next() : Duration.ZERO;
        if (retryAfter.isPresent() && retryAfter.get().compareTo(pause) > 0) {
            pause = retryAfter.get();
        }
        pause(pause);
    }

    private void pause(Duration pause) {
        cancelWaiting();
        if (!stopped && elsewhere == null) {
            waiting = loop.schedule(pause.toNanos(), () -> {
                waiting = null;
                dial();
            });
        }
    }
}
