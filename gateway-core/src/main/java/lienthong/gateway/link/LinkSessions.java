package lienthong.gateway.link;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Precedence;

/** All sessions of one node: makes them over wires, gives each its write at the end of a turn, and keeps their time. Confined to the loop. */
public final class LinkSessions {
    /** What may be under way to us in all sessions together, beyond the least that each needs: a node runs in 512 MB. */
    static final long WINDOWS_BYTES_MAX = 64L * 1024 * 1024;

    /** Likewise for control frames. */
    static final long CONTROL_BYTES_MAX = 32L * 1024 * 1024;

    private static final int PRECEDENCES = Precedence.values().length;
    private static final long TICK_NANOS = 1_000_000_000L;
    /** Lanes are numbered across all loops of the process; other rooms number theirs from elsewhere. */
    private static final AtomicLong LANES = new AtomicLong(0x4C69_6E6B_0000_0000L);

    private final Loop loop;
    private final Clock clock;
    private final LinkOwner owner;
    private final CreditPolicy policy;
    private final Set<LinkSession> open = new LinkedHashSet<>();
    private Set<LinkSession> dirty = new LinkedHashSet<>();
    private boolean ticking;

    private LinkSessions(Loop loop, Clock clock, LinkOwner owner, CreditPolicy policy) {
        this.loop = loop;
        this.clock = clock;
        this.owner = owner;
        this.policy = policy;
    }

    /**
     * @param owner who decides
     * @param credit how much peers may send ahead
     */
    public static LinkSessions start(Loop loop, Clock clock, LinkOwner owner, CreditPolicy credit) {
        LinkSessions sessions = new LinkSessions(loop, clock, owner, credit);
        loop.atEndOfTurn(sessions::endOfTurn);
        return sessions;
    }

    /** A session over a wire that this side dialled: says hello at the end of the turn. */
    public LinkSession dialled(Peer peer, Wire wire) {
        return begin(new LinkSession(this, peer, wire, true));
    }

    /** A session over a wire that the peer dialled: answers its hello. */
    public LinkSession accepted(Peer peer, Wire wire) {
        return begin(new LinkSession(this, peer, wire, false));
    }

    /** The bytes of a {@code Close} frame, for a connection that never becomes a session. Any thread. */
    public static Bytes closeFrame(Closing why) {
        return FrameCodec.encode(new Frame.Close(why));
    }

    private LinkSession begin(LinkSession session) {
        loop.checkInLoop();
        open.add(session);
        dirty(session);
        if (!ticking) {
            ticking = true;
            scheduleTick();
        }
        return session;
    }

    /** Sessions that are not over, in the order in which they began. */
    public List<LinkSession> open() {
        loop.checkInLoop();
        return List.copyOf(open);
    }

    /** Ends all sessions with a reason, for instance before the node stops. */
    public void closeAll(Closing why) {
        open().forEach(session -> session.close(why));
    }

    private void scheduleTick() {
        loop.schedule(TICK_NANOS, () -> {
            List.copyOf(open).forEach(LinkSession::tick);
            ticking = !open.isEmpty();
            if (ticking) {
                scheduleTick();
            }
        });
    }

    private void endOfTurn() {
        // A session made dirty by another one's turn is served in the same pass or, when it was served already, in the
        // next turn.
        Set<LinkSession> now = dirty;
        dirty = new LinkedHashSet<>();
        now.forEach(LinkSession::turn);
        if (!dirty.isEmpty()) {
            loop.execute(() -> {});
        }
    }

    // ---- for the sessions

    void dirty(LinkSession session) {
        dirty.add(session);
    }

    void ended(LinkSession session) {
        open.remove(session);
        dirty.remove(session);
    }

    Loop loop() {
        return loop;
    }

    Clock clock() {
        return clock;
    }

    LinkOwner owner() {
        return owner;
    }

    long newLane() {
        return LANES.incrementAndGet();
    }

    /** What the policy says, no more than this session's share of the memory of all. */
    long windowBytes(Precedence precedence, long outstandingBytes) {
        long window = policy.windowBytes(precedence, outstandingBytes, clock.now());
        return Math.min(window, Math.max(CreditWindows.WINDOW_BYTES_MIN, share(WINDOWS_BYTES_MAX) / PRECEDENCES));
    }

    /** Likewise for control frames. */
    long controlBytes() {
        return Math.min(
                CreditWindows.CONTROL_WINDOW_BYTES,
                Math.max(CreditWindows.CONTROL_BYTES_MIN, share(CONTROL_BYTES_MAX)));
    }

    private long share(long ofAll) {
        return ofAll / Math.max(1, open.size());
    }

    /** Sessions by peer, for what concerns one neighbour. */
    public List<LinkSession> with(Peer peer) {
        List<LinkSession> found = new ArrayList<>();
        for (LinkSession session : open) {
            if (session.peer().equals(peer)) {
                found.add(session);
            }
        }
        return found;
    }
}
