package lienthong.gateway.link;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.link.Shape.Malformed;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SealedEnvelope;

/**
 * One connection's life, from hello to close, over any {@link Wire}. Confined to the loop. What it sends goes out at the end of the turn, in one
 * write. Outcomes and callbacks come in the loop, never from within the call that caused them, except those of a frame that has arrived.
 */
public final class LinkSession {
    /** One notice. */
    public static final int NOTICE_BYTES_MAX = 128 * 1024;

    /** The versions of the protocol spoken here. */
    static final List<Integer> VERSIONS = List.of(1);

    private static final long SECOND = 1_000_000_000L;
    private static final long HELLO_NANOS_MAX = Limits.HANDSHAKE_SECONDS_MAX * SECOND;
    private static final long PING_NANOS = 10 * SECOND;
    private static final long PROGRESS_NANOS_MAX = Limits.PROGRESS_SECONDS_MAX * SECOND;

    /** What one kind of frame does to a session; {@code size} is that of its bytes. */
    @FunctionalInterface
    private interface Handler<F extends Frame> {
        void handle(LinkSession session, F frame, int size) throws Breach, Malformed;
    }

    private static final Map<Class<? extends Frame>, Handler<Frame>> HANDLERS = new HashMap<>();

    private static <F extends Frame> void on(Class<F> type, Handler<F> handler) {
        HANDLERS.put(type, (session, frame, size) -> handler.handle(session, type.cast(frame), size));
    }

    static {
        on(Frame.Hello.class, (s, f, size) -> s.hello(f));
        on(Frame.Offer.class, (s, f, size) -> s.incoming.offer(f, size));
        on(Frame.OfferLarge.class, (s, f, size) -> s.incoming.offer(f, size));
        on(Frame.Slots.class, (s, f, size) -> s.incoming.slots(f, size));
        on(Frame.Accept.class, (s, f, size) -> s.outgoing.accept(f.item(), f.offset()));
        on(Frame.Have.class, (s, f, size) -> s.outgoing.have(f.item(), f.mark()));
        on(Frame.Reject.class, (s, f, size) -> s.outgoing.reject(f));
        on(Frame.Data.class, (s, f, size) -> s.incoming.data(f, size));
        on(Frame.End.class, (s, f, size) -> s.incoming.end(f, size));
        on(Frame.Abandoned.class, (s, f, size) -> s.incoming.abandoned(f, size));
        on(Frame.Custody.class, (s, f, size) -> s.outgoing.custody(f));
        on(Frame.Receipts.class, (s, f, size) -> s.incoming.receipts(f, size));
        on(Frame.Notice.class, (s, f, size) -> s.incoming.notice(f, size));
        on(Frame.Asked.class, (s, f, size) -> {
            s.incoming.chargeControl(size);
            s.home.owner().onQuery(s, f.query());
        });
        on(Frame.Answered.class, (s, f, size) -> {
            s.incoming.chargeControl(size);
            s.home.owner().onKnown(s, f.known());
        });
        on(Frame.Directory.class, (s, f, size) -> {
            s.incoming.chargeControl(size);
            s.home.owner().onDirectory(s, f.message());
        });
        on(Frame.Piece.class, (s, f, size) -> {
            s.incoming.chargeControl(size);
            s.incoming.piece(f);
        });
        on(Frame.Credit.class, (s, f, size) -> s.outgoing.credit(f.grants()));
        on(Frame.Ping.class, (s, f, size) -> s.pongDue = Optional.of(f.nonce()));
        on(Frame.Pong.class, (s, f, size) -> {});
        on(Frame.Close.class, (s, f, size) -> s.closedByPeer(f.why()));
        on(Frame.SaidRoot.class, (s, f, size) -> s.incoming.said(f));
        on(Frame.SaidEnc.class, (s, f, size) -> s.incoming.said(f));
        on(Frame.Client.class, (s, f, size) -> {
            s.incoming.chargeControl(size);
            s.home.owner().onClient(s, f.frame());
        });
    }

    // ---- while connected
    private final LinkSessions home;
    private final Peer peer;
    private final Wire wire;
    private final boolean dialled;
    private final Pace pace = new Pace();
    private final Outgoing outgoing;
    private final Incoming incoming;

    private boolean helloSent;
    private boolean ready;
    private boolean over;
    private LinkEnd ended = new LinkEnd.Cut();
    private Consumer<LinkEnd> afterEnd = end -> {};
    private boolean unflushed;
    private int queueBytes;
    private Optional<DirectoryVersion> directory = Optional.empty();
    private Optional<Long> pongDue = Optional.empty();

    // ---- its time
    private final long sinceNanos;
    private long heardNanos;
    private long pingedNanos;
    private long dueSinceNanos = -1;
    private long dueBytes;
    private long fullSinceNanos = -1;

    LinkSession(LinkSessions home, Peer peer, Wire wire, boolean dialled) {
        this.home = home;
        this.peer = peer;
        this.wire = wire;
        this.dialled = dialled;
        this.outgoing = new Outgoing(this, home, pace);
        this.incoming = new Incoming(this, home);
        this.sinceNanos = home.clock().nanos();
        this.heardNanos = sinceNanos;
    }

    // ---- for the owner

    /** Who is at the other end. */
    public Peer peer() {
        return peer;
    }

    /** Whether this side dialled. */
    public boolean isDialled() {
        return dialled;
    }

    /** Whether both hellos were said and the session is not over. */
    public boolean isReady() {
        return ready && !over;
    }

    /** Measured speed of sending, bytes a second; 0 before it was ever limited by the line. */
    public long bytesPerSecond() {
        return pace.bytesPerSecond();
    }

    /** Large envelopes under way, both directions. */
    public int openTransfers() {
        return outgoing.openTransfers() + incoming.openTransfers();
    }

    /** Items sent and not answered yet. */
    public int unanswered() {
        return outgoing.unanswered();
    }

    /** Whether an offer of this precedence is taken now. When not, {@link LinkOwner#onRoom} is called later. */
    public boolean hasRoom(Precedence precedence) {
        return isReady() && carriesEnvelopes() && outgoing.hasRoom(precedence);
    }

    /**
     * Whether one that is too large to ride whole is taken now as well: transfers have places of their own, so that small ones of the same precedence
     * pass them. When not, {@link LinkOwner#onRoom} is called later.
     */
    public boolean hasRoomForLarge(Precedence precedence) {
        return isReady() && carriesEnvelopes() && outgoing.hasRoomForLarge(precedence);
    }

    /** Whether an envelope is too large to ride whole: in many bytes or in many slots. */
    public static boolean isLarge(SealedEnvelope envelope) {
        return Outgoing.isLarge(envelope);
    }

    /** Whether a receipt or notice is taken now, or a query or answer is well placed. When not, {@link LinkOwner#onRoom} is called later. */
    public boolean hasReceiptRoom() {
        return isReady() && carriesEnvelopes() && outgoing.hasReceiptRoom();
    }

    /**
     * Offers an envelope that is in custody here. Small ones ride whole, many per frame; larger ones are offered, accepted at an offset and sent.
     * Only where {@link #hasRoom}, an {@linkplain #isLarge large} one where {@link #hasRoomForLarge}; after the session's end it is lost.
     *
     * @param envelope with the slots of this branch only
     * @param age how long it has been on its way, this hop's dwell included
     * @param source where its ciphertext is read from; for an inline one {@link CiphertextSource#of}
     */
    public void offer(
            SealedEnvelope envelope,
            Precedence precedence,
            Duration age,
            CiphertextSource source,
            TransferOutcome outcome) {
        if (taken(outcome)) {
            Invariant.check(outgoing.hasRoom(precedence), "offered without room");
            Optional<Refusal> fault = SentParts.fault(envelope);
            if (fault.isPresent()) {
                home.loop().execute(() -> outcome.unreadable(fault.get()));
                return;
            }
            outgoing.offer(envelope, precedence, age, source, outcome);
        }
    }

    /**
     * The large envelopes that are being sent now, by who waits for their outcome: how many bytes of the ciphertext have been sent, from its
     * beginning. What rides whole is not among them.
     */
    public Map<TransferOutcome, Long> sent() {
        return outgoing.sent();
    }

    /** Sends a receipt; those of one turn travel together, and what they share once. Only where {@link #hasReceiptRoom}. */
    public void receipt(CarriedReceipt receipt, TransferOutcome outcome) {
        if (taken(outcome)) {
            Invariant.check(outgoing.hasReceiptRoom(), "receipt without room");
            Optional<Refusal> fault = SentParts.fault(receipt);
            if (fault.isPresent()) {
                home.loop().execute(() -> outcome.unreadable(fault.get()));
                return;
            }
            outgoing.receipt(receipt, outcome);
        }
    }

    /**
     * Sends a signed notice: a {@code lienthong.wire.v1.Notice} of at most {@link #NOTICE_BYTES_MAX}, as the envelope room writes it. Only where
     * {@link #hasReceiptRoom}.
     */
    public void notice(Bytes notice, TransferOutcome outcome) {
        if (taken(outcome)) {
            Invariant.check(
                    outgoing.hasReceiptRoom() && notice.size() <= NOTICE_BYTES_MAX,
                    "notice of %d bytes without room",
                    notice.size());
            outgoing.notice(notice, outcome);
        }
    }

    private boolean taken(TransferOutcome outcome) {
        home.loop().checkInLoop();
        if (over) {
            home.loop().execute(outcome::lost);
            return false;
        }
        Invariant.check(ready && carriesEnvelopes(), "nothing may be offered to this peer now");
        home.dirty(this);
        return true;
    }

    /** Asks; {@link LinkOwner#onKnown} brings the answer. An answer may come in another session, or never. */
    public void query(Query query) {
        talk(new Frame.Asked(query));
    }

    /** Answers a query of the peer. */
    public void known(Known known) {
        talk(new Frame.Answered(known));
    }

    /** Sends a frame between client and node. */
    public void send(ClientFrame frame) {
        talk(new Frame.Client(frame));
    }

    private void talk(Frame frame) {
        home.loop().checkInLoop();
        if (over) {
            return;
        }
        Invariant.check(ready, "talk before hello");
        if (!outgoing.talk(frame)) {
            close(Closing.of(CloseReason.TOO_SLOW, "answers pile up"));
            return;
        }
        home.dirty(this);
    }

    /** Sends something about directories. */
    public void directory(DirectoryMessage message) {
        home.loop().checkInLoop();
        if (over) {
            return;
        }
        Invariant.check(ready, "talk before hello");
        if (message instanceof DirectoryMessage.WantDirectory) {
            incoming.directoryWanted();
        }
        if (!outgoing.directory(message)) {
            close(Closing.of(CloseReason.TOO_SLOW, "directories pile up"));
            return;
        }
        home.dirty(this);
    }

    /** Whether a directory or a change of one is still on its way to the peer: one is enough, whatever it asks. */
    public boolean isSendingDirectory() {
        return outgoing.isSendingDirectory();
    }

    /** Ends the session with a reason. */
    public void close(CloseReason reason) {
        close(Closing.of(reason));
    }

    /** Ends the session with a reason. No effect when it is over. */
    public void close(Closing why) {
        home.loop().checkInLoop();
        if (over) {
            return;
        }
        send(new Frame.Close(why));
        wire.flush();
        wire.close();
        end(new LinkEnd.ClosedHere(why));
    }

    // ---- for whoever owns the wire

    /** Tells how the session ended, after the owner was told; at once in a turn of its own when it is over. */
    public void onEnd(Consumer<LinkEnd> then) {
        home.loop().checkInLoop();
        if (over) {
            LinkEnd end = ended;
            home.loop().execute(() -> then.accept(end));
            return;
        }
        afterEnd = afterEnd.andThen(then);
    }

    /** Whether both hellos were said, even if the session is over. */
    public boolean wasReady() {
        return ready;
    }

    /** A whole frame arrived. */
    public void received(Bytes bytes) {
        home.loop().checkInLoop();
        if (over) {
            return;
        }
        progress(bytes.size());
        FrameCodec.Decoded decoded = FrameCodec.decode(bytes);
        if (decoded instanceof FrameCodec.Decoded.Bad bad) {
            close(bad.why());
        } else if (decoded instanceof FrameCodec.Decoded.Good good) {
            try {
                dispatch(good.frame(), bytes.size());
            } catch (Breach e) {
                close(e.why);
            } catch (Malformed e) {
                close(Closing.of(CloseReason.PROTOCOL, String.valueOf(e.getMessage())));
            }
        }
        home.dirty(this);
    }

    /** A length stood on the wire that no frame has; nothing was read of it. */
    public void receivedTooLarge(long length) {
        close(Closing.of(CloseReason.FRAME_TOO_LARGE, "frame of " + length + " bytes"));
    }

    /** The wire has become writable again. */
    public void writable() {
        home.dirty(this);
    }

    /** Bytes arrived, of a whole frame or on the way to one: the peer is alive, if slow. */
    public void progress(long bytes) {
        heardNanos = home.clock().nanos();
        dueBytes += bytes;
    }

    /** The wire broke. */
    public void cut() {
        home.loop().checkInLoop();
        if (!over) {
            end(new LinkEnd.Cut());
        }
    }

    // ---- frames

    private void dispatch(Frame frame, int size) throws Breach, Malformed {
        if (!(frame instanceof Frame.Close) && ready == frame instanceof Frame.Hello) {
            throw new Breach(CloseReason.PROTOCOL, ready ? "second hello" : "frame before hello");
        }
        if (!mayCome(frame)) {
            if (peer instanceof Peer.DirectoryOnly && !(frame instanceof Frame.Client)) {
                // It knows us for a neighbour and speaks as one. Unread, until the directory that it brings names it
                // here
                // too; to end the session for it would be to keep that directory out for ever.
                return;
            }
            throw new Breach(
                    CloseReason.PROTOCOL,
                    frame.getClass().getSimpleName() + " may not come from "
                            + peer.getClass().getSimpleName());
        }
        Handler<Frame> handler = HANDLERS.get(frame.getClass());
        if (handler == null) {
            throw new Bug("no handler for " + frame.getClass().getSimpleName());
        }
        handler.handle(this, frame, size);
    }

    private boolean mayCome(Frame frame) {
        if (frame instanceof Frame.Client client) {
            boolean clientSpeaks = !(client.frame() instanceof ClientFrame.Enrolled
                    || client.frame() instanceof ClientFrame.Leased
                    || client.frame() instanceof ClientFrame.Tracked
                    || client.frame() instanceof ClientFrame.Found
                    || client.frame() instanceof ClientFrame.WrapAnew);
            if (client.frame() instanceof ClientFrame.KeyBundle) {
                return peer instanceof Peer.Client || peer instanceof Peer.Node && dialled;
            }
            if (client.frame() instanceof ClientFrame.Enrol) {
                return peer instanceof Peer.Enrolment;
            }
            return clientSpeaks ? peer instanceof Peer.Client : peer instanceof Peer.Node && dialled;
        }
        return carriesEnvelopes()
                || frame instanceof Frame.Hello
                || frame instanceof Frame.Directory
                || frame instanceof Frame.Piece
                || frame instanceof Frame.Credit
                || frame instanceof Frame.Ping
                || frame instanceof Frame.Pong
                || frame instanceof Frame.Close;
    }

    /** Whether envelopes and receipts may pass; else directories alone (and enrolment). */
    boolean carriesEnvelopes() {
        return peer instanceof Peer.Node || peer instanceof Peer.Client;
    }

    private void hello(Frame.Hello f) throws Breach {
        int version = f.versions().stream()
                .filter(VERSIONS::contains)
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        if (version == 0) {
            throw new Breach(CloseReason.VERSION, "spoken here: " + VERSIONS);
        }
        if (!peer.name().isEmpty() && !peer.name().equals(f.details().name())) {
            throw new Breach(CloseReason.IDENTITY, "the certificate stands for " + peer.name());
        }
        Optional<Closing> no = home.owner().onHello(this, new PeerHello(f.details(), version));
        if (no.isPresent()) {
            close(no.get());
            return;
        }
        if (over) {
            return;
        }
        if (!dialled) {
            sendHello();
        }
        ready = true;
        incoming.judgeWindows();
        home.owner().onReady(this);
    }

    private void sendHello() {
        HelloDetails details = home.owner().helloFor(this);
        directory = details.directory();
        helloSent = true;
        send(new Frame.Hello(VERSIONS, details));
    }

    private void closedByPeer(Closing why) {
        wire.close();
        end(new LinkEnd.ClosedByPeer(why));
    }

    private void end(LinkEnd end) {
        over = true;
        ended = end;
        home.ended(this);
        home.loop().execute(() -> {
            incoming.suspendAll();
            outgoing.lose();
            home.owner().onClosed(this, end);
            afterEnd.accept(end);
        });
    }

    boolean isOver() {
        return over;
    }

    /** Number of the directory in force here when the session began, or as stated since; 0 for none. */
    long directoryNumber() {
        return directory.map(DirectoryVersion::number).orElse(0L);
    }

    /** The node has a newer directory in force: offers say so from now on. */
    public void directoryInForce(DirectoryVersion version) {
        directory = Optional.of(version);
    }

    // ---- sending

    /** Queues a frame on the wire; gives its size. */
    int send(Frame frame) {
        Bytes encoded = FrameCodec.encode(frame);
        sendEncoded(encoded);
        return encoded.size();
    }

    void sendEncoded(Bytes encoded) {
        wire.send(encoded);
        pace.sent(encoded.size());
        unflushed = true;
    }

    /** Everything that may go now, then one flush. At the end of a turn. */
    void turn() {
        if (over) {
            return;
        }
        if (dialled && !helloSent) {
            sendHello();
        }
        if (ready) {
            if (wire.isWritable()) {
                fullSinceNanos = -1;
            }
            while (wire.isWritable() && sendOne()) {
                // until the wire is full, or credit or work is at its end
            }
            keepPace();
            if (outgoing.roomCameBack()) {
                home.loop().execute(() -> {
                    if (isReady()) {
                        home.owner().onRoom(this);
                    }
                });
            }
        }
        if (unflushed) {
            unflushed = false;
            wire.flush();
        }
    }

    private boolean sendOne() {
        if (pongDue.isPresent()) {
            send(new Frame.Pong(pongDue.get()));
            pongDue = Optional.empty();
            return true;
        }
        return incoming.sendOne() || outgoing.sendOne();
    }

    private void keepPace() {
        long now = home.clock().nanos();
        if (wire.isWritable()) {
            pace.idle();
        } else {
            pace.full(now);
            fullSinceNanos = fullSinceNanos < 0 ? now : fullSinceNanos;
        }
        if (pace.queueBytes() != queueBytes) {
            queueBytes = pace.queueBytes();
            wire.queueAtMost(queueBytes);
        }
    }

    // ---- time

    /** Once a second. */
    void tick() {
        long now = home.clock().nanos();
        if (!ready) {
            if (now - sinceNanos > HELLO_NANOS_MAX) {
                close(Closing.of(CloseReason.TOO_SLOW, "no hello"));
            }
            return;
        }
        if (now - heardNanos > PROGRESS_NANOS_MAX) {
            close(Closing.of(CloseReason.TOO_SLOW, "silent"));
            return;
        }
        if (fullSinceNanos >= 0 && now - fullSinceNanos > PROGRESS_NANOS_MAX) {
            close(Closing.of(CloseReason.TOO_SLOW, "does not read"));
            return;
        }
        if (isDripping(now)) {
            close(Closing.of(CloseReason.TOO_SLOW, "less than " + Limits.PROGRESS_BYTES_MIN + " bytes came"));
            return;
        }
        if (now - heardNanos > PING_NANOS && now - pingedNanos > PING_NANOS && wire.isWritable()) {
            pingedNanos = now;
            send(new Frame.Ping(now));
        }
        incoming.judgeWindows();
        home.dirty(this);
    }

    /** Whether something was due from the peer all the time and hardly anything came. */
    private boolean isDripping(long now) {
        if (!incoming.isDue()) {
            dueSinceNanos = -1;
            return false;
        }
        if (dueSinceNanos < 0 || now - dueSinceNanos > PROGRESS_NANOS_MAX) {
            boolean dripping = dueSinceNanos >= 0 && dueBytes < Limits.PROGRESS_BYTES_MIN;
            dueSinceNanos = now;
            dueBytes = 0;
            return dripping;
        }
        return false;
    }

    @Override
    public String toString() {
        return (dialled ? "to " : "from ") + peer;
    }
}
