package lienthong.gateway.link.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLPeerUnverifiedException;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerJudge;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * One TLS connection from the end of its handshake on: asserts what was negotiated, has the peer judged, and passes frames between the channel's
 * thread and the loop.
 */
final class Connection extends ChannelInboundHandlerAdapter implements FrameReader.Frames {
    /** Frames handed to the loop and not yet looked at; credit keeps honest peers far below, a flood stops being read here. */
    private static final long BACKLOG_BYTES_MAX = 32L * 1024 * 1024;

    private static final long PROGRESS_NANOS = 5_000_000_000L;

    /** What the side that made the connection wants to know. */
    interface Side {
        /** On the channel's thread: whether this peer comes in, else what it is told. */
        Optional<Closing> admit(Peer peer);

        /** In the loop: makes the session. */
        LinkSession begin(Peer peer, NettyWire wire);

        /** On the channel's thread: there will be no session. */
        void refused(String why, Optional<Closing> told);
    }

    private final Side side;
    private final SslHandler tls;
    private final LinkTls policy;
    private final Loop loop;
    private final Clock clock;
    private final boolean epoll;
    private final AtomicLong backlog = new AtomicLong();
    private long progressNanos;
    private long unreported;
    private boolean begun;
    private boolean settled;
    /** Whom the judge found in the handshake. */
    private @Nullable Peer admitted;
    /** Set in the loop. */
    private @Nullable LinkSession session;

    private volatile @Nullable Channel channel;

    Connection(Side side, SslHandler tls, LinkTls policy, Loop loop, Clock clock, boolean epoll) {
        this.side = side;
        this.tls = tls;
        this.policy = policy;
        this.loop = loop;
        this.clock = clock;
        this.epoll = epoll;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        progressNanos = clock.nanos();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                handshaken(context.channel());
            } else {
                refuse("handshake failed: " + innermost(handshake.cause()), Optional.empty());
                NettyWire.drop(context.channel());
            }
        }
    }

    /** The judge's own words lie below the engine's. */
    private static String innermost(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private void handshaken(Channel on) {
        Optional<String> fault = policy.fault(tls.engine(), String.valueOf(tls.applicationProtocol()));
        if (fault.isPresent()) {
            refuse(fault.get(), Optional.empty());
            NettyWire.drop(on);
            return;
        }
        PeerJudge.Verdict verdict;
        // From here on a change of what the judge goes by reaches this connection: after this judgement, on this
        // thread.
        policy.opened(this);
        try {
            verdict = policy.judge(tls.engine());
        } catch (SSLPeerUnverifiedException e) {
            refuse("no certificate", Optional.empty());
            NettyWire.drop(on);
            return;
        }
        if (verdict instanceof PeerJudge.Verdict.Admit admit) {
            Optional<Closing> no = side.admit(admit.peer());
            if (no.isPresent()) {
                tell(on, no.get());
            } else {
                begun = true;
                settled = true;
                admitted = admit.peer();
                loop.execute(() -> begin(on, admit.peer()));
            }
        } else if (verdict instanceof PeerJudge.Verdict.Tell tell) {
            tell(on, tell.why());
        } else if (verdict instanceof PeerJudge.Verdict.Alert alert) {
            refuse(alert.why().toString(), Optional.empty());
            NettyWire.drop(on);
        }
    }

    /** Any thread. */
    void judgeSoon() {
        Channel on = channel;
        if (on != null && !on.eventLoop().isShuttingDown()) {
            try {
                on.eventLoop().execute(this::judgeAgain);
            } catch (RejectedExecutionException ending) {
                // The connection ends with its thread.
            }
        }
    }

    private void judgeAgain() {
        Peer peer = admitted;
        if (peer == null) {
            return;
        }
        Optional<Closing> no;
        try {
            no = whyNot(policy.judge(tls.engine()), peer);
        } catch (SSLPeerUnverifiedException gone) {
            return; // its end is on its way
        }
        no.ifPresent(why -> loop.execute(() -> {
            if (session != null) {
                session.close(why);
            }
        }));
    }

    private static Optional<Closing> whyNot(PeerJudge.Verdict verdict, Peer peer) {
        if (verdict instanceof PeerJudge.Verdict.Tell tell) {
            return Optional.of(tell.why());
        }
        if (verdict instanceof PeerJudge.Verdict.Alert alert) {
            return alert.why().reason() == ErrorCode.CERTIFICATE_EXPIRED
                    ? Optional.empty()
                    : Optional.of(Closing.of(CloseReason.IDENTITY, alert.why().toString()));
        }
        if (((PeerJudge.Verdict.Admit) verdict).peer().equals(peer)) {
            return Optional.empty();
        }
        return Optional.of(
                peer instanceof Peer.DirectoryOnly
                        ? Closing.of(CloseReason.GOING_AWAY)
                        : Closing.of(
                                CloseReason.IDENTITY,
                                peer.name() + ": the directory does not list this certificate's CA any more"));
    }

    private void tell(Channel on, Closing why) {
        refuse(why.reason() + " " + why.detail(), Optional.of(why));
        NettyWire wire = new NettyWire(on, loop, epoll);
        wire.send(LinkSessions.closeFrame(why));
        wire.close();
    }

    private void refuse(String why, Optional<Closing> told) {
        if (!settled) {
            settled = true;
            side.refused(why, told);
        }
    }

    private void begin(Channel on, Peer peer) {
        NettyWire wire = new NettyWire(on, loop, epoll);
        LinkSession made = side.begin(peer, wire);
        wire.begin(made);
        session = made;
    }

    @Override
    public void arrived(List<Bytes> frames, long bytes) {
        if (!begun) {
            return;
        }
        long now = clock.nanos();
        if (frames.isEmpty()) {
            unreported += bytes;
            if (now - progressNanos < PROGRESS_NANOS) {
                return;
            }
        }
        progressNanos = now;
        long partial = unreported;
        unreported = 0;
        long size = 0;
        for (Bytes frame : frames) {
            size += frame.size();
        }
        long posted = size;
        if (backlog.addAndGet(posted) > BACKLOG_BYTES_MAX && channel != null) {
            channel.config().setAutoRead(false);
        }
        loop.execute(() -> pass(frames, posted, partial));
    }

    private void pass(List<Bytes> frames, long size, long partial) {
        LinkSession to = session;
        if (to != null) {
            if (partial > 0) {
                to.progress(partial);
            }
            frames.forEach(to::received);
        }
        if (backlog.addAndGet(-size) < BACKLOG_BYTES_MAX / 2
                && channel != null
                && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void tooLarge(long length) {
        if (!begun) {
            return;
        }
        loop.execute(() -> {
            if (session != null) {
                session.receivedTooLarge(length);
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        policy.closed(this);
        refuse("connection lost during the handshake", Optional.empty());
        if (begun) {
            loop.execute(() -> {
                if (session != null) {
                    session.cut();
                }
            });
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        refuse(String.valueOf(cause.getMessage()), Optional.empty());
        NettyWire.drop(context.channel());
    }

    /** Refused before a session for reasons of admission. */
    static Closing busy(java.time.Duration retryAfter) {
        return Closing.of(CloseReason.BUSY, retryAfter);
    }
}
