package lienthong.gateway.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import lienthong.gateway.delivery.CustodyProof;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.LinkPort;
import lienthong.gateway.delivery.LinkRoom;
import lienthong.gateway.delivery.Parcel;
import lienthong.gateway.delivery.RoutedReceipt;
import lienthong.gateway.delivery.TakenOver;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.CiphertextSource;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CustodyMark;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.HelloDetails;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.Known;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.link.LinkOwner;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerHello;
import lienthong.gateway.link.Query;
import lienthong.gateway.link.TransferOutcome;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.node.CloneFindings.Clones;

/**
 * Where links meet delivery: pulls what delivery has for a neighbour while its session has room, passes on what arrives once it is verified,
 * answers with custody. Confined to the loop.
 */
final class LinkDesk implements LinkOwner, LinkPort {
    private static final Duration CLONE_RETRY = Duration.ofMinutes(5);
    /** For clients, which come again for it. */
    private static final Duration COMPARE_RETRY = Duration.ofSeconds(5);
    /** For what a neighbour offers: its sessions end with the comparison, and the next one forgets all waits. */
    private static final Duration COMPARE_OFFER_RETRY = Duration.ofHours(1);

    private final OrganisationId me;
    private final Incarnation incarnation;
    private final Clock clock;
    private final Delivery delivery;
    private final ArrivalDesk arrivals;
    private final DirectoryDesk directory;
    private final CustodyMarks marks;
    private final ClientDesk clients;
    private final NodeWatch watch;
    private final Map<OrganisationId, Neighbour> neighbours = new TreeMap<>();
    private final Map<LinkSession, Incarnation> incarnations = new HashMap<>();
    private final NeighbourClocks clocks;
    private final CloneFindings clones;
    private final List<Consumer<LinkSession>> onNeighbour = new ArrayList<>();
    private boolean stopping;
    private Optional<RestoreGate> restored = Optional.empty();
    /** By a restored node, after what it had given them: once. */
    private final Set<OrganisationId> askedAfter = new TreeSet<>();

    LinkDesk(
            OrganisationId me,
            Incarnation incarnation,
            Clock clock,
            Delivery delivery,
            ArrivalDesk arrivals,
            DirectoryDesk directory,
            CustodyMarks marks,
            ClientDesk clients,
            NeighbourClocks clocks,
            NodeWatch watch) {
        this.clocks = clocks;
        this.me = me;
        this.incarnation = incarnation;
        this.clock = clock;
        this.delivery = delivery;
        this.arrivals = arrivals;
        this.directory = directory;
        this.marks = marks;
        this.clients = clients;
        this.watch = watch;
        this.clones = CloneFindings.parse(directory.findings());
    }

    /** One neighbour while its session lives. */
    private static final class Neighbour {
        private final LinkSession session;
        private final java.time.Instant since;

        Neighbour(LinkSession session, java.time.Instant since) {
            this.session = session;
            this.since = since;
        }
    }

    /** Whether a session with this neighbour is ready, and since when. */
    Optional<java.time.Instant> connectedSince(OrganisationId neighbour) {
        return Optional.ofNullable(neighbours.get(neighbour)).map(up -> up.since);
    }

    /** A hello is said once in a session: where a clock seems wrong, a new session tells whether it still is. */
    void hearClocksAgain() {
        clocks.ahead().forEach((node, ahead) -> {
            Neighbour up = neighbours.get(node);
            if (up != null && NeighbourClocks.isFar(ahead)) {
                up.session.close(CloseReason.GOING_AWAY);
            }
        });
    }

    /** All sessions that are ready, for saying good-bye and for spreading records. */
    List<LinkSession> sessions() {
        return neighbours.values().stream().map(up -> up.session).toList();
    }

    /** Tells {@code listener}, in the loop, of each session with a neighbour, when both hellos were said. */
    void onNeighbour(Consumer<LinkSession> listener) {
        onNeighbour.add(listener);
    }

    /** This disk was put back from a copy. */
    void restored(RestoreGate gate) {
        restored = Optional.of(gate);
        stopping |= gate.isClosed();
        if (gate.isClosed()) {
            directory.onExchanged(session -> {
                if (session.peer() instanceof Peer.Node node) {
                    gate.exchanged(node.id());
                }
            });
        }
    }

    private boolean isClosed() {
        return restored.filter(RestoreGate::isClosed).isPresent();
    }

    private static Refusal comparing() {
        return Refusal.of(ErrorCode.ADMISSION, "this node compares a restored disk with its neighbours");
    }

    /** Nothing new goes out from now on; what is under way goes on. */
    void offerNothingNew() {
        stopping = true;
    }

    /** Whether no session carries a transfer or waits for an answer. */
    boolean isQuiet() {
        return neighbours.values().stream()
                .allMatch(up -> up.session.openTransfers() == 0 && up.session.unanswered() == 0);
    }

    // ---- hello

    @Override
    public HelloDetails helloFor(LinkSession session) {
        Optional<CustodyMark> back = session.peer() instanceof Peer.Node node
                ? delivery.proofOf(node.id()).map(proof -> new CustodyMark(proof.issuer(), proof.number(), proof.mac()))
                : Optional.empty();
        return new HelloDetails(
                me.text(), incarnation, directory.version(), directory.recordsSet(), back, clock.now(), List.of());
    }

    @Override
    public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
        delivery.heardClock(hello.details().clock());
        if (!(session.peer() instanceof Peer.Node node)) {
            return isClosed() && session.peer() instanceof Peer.Client
                    ? Optional.of(new Closing(
                            CloseReason.BUSY,
                            Optional.of(COMPARE_RETRY),
                            comparing().toString()))
                    : Optional.empty();
        }
        directory.onHello(session, hello.details().directory());
        clocks.heard(node.id(), hello.details().clock());
        Optional<CustodyMark> back = hello.details().custodyBack();
        if (back.isPresent()) {
            CustodyMark mark = back.get();
            // Of another life than ours it says nothing of this disk, and its key may have gone with the disk before.
            boolean ofThisLife = mark.incarnation().equals(incarnation);
            if (ofThisLife && !marks.isOurs(mark, node.id())) {
                watch.badInput(
                        "link",
                        Refusal.of(ErrorCode.PROTOCOL, "{0} gave back a custody number that is not ours", node.id()));
                return Optional.of(Closing.of(CloseReason.PROTOCOL, "custody number given back is not ours"));
            }
            // A copy may be older than several lives, which counted on; of a key set that was lost nothing can be told.
            boolean judged = ofThisLife || isClosed() && marks.isOurs(mark, node.id());
            if (!ofThisLife && marks.isOurs(mark, node.id())) {
                restored.ifPresent(gate -> gate.former(node.id(), mark));
            }
            if (judged
                    && mark.number() > delivery.custodyHeld(node.id())
                    && !restored.filter(gate -> gate.mayGoOn(node.id(), mark)).isPresent()
                    && !(ofThisLife && !isClosed() && delivery.custodyRecordLost(node.id(), mark.number()))) {
                watch.stop(Refusal.of(
                        ErrorCode.DISK_OLDER,
                        "{0} holds our custody number {1}, this disk only {2}",
                        node.id(),
                        mark.number(),
                        delivery.custodyHeld(node.id())));
                return Optional.of(Closing.of(CloseReason.DISK_OLDER, "custody number " + mark.number()));
            }
        }
        return cloned(node.id(), session, hello.details().incarnation());
    }

    /**
     * Two machines with one identity (threat T19): both are named and neither gets an answer, also after a restart, until what only their office or the
     * authority can sign decides: a newer key bundle that names one of them, or a new CA, under which the office has joined anew.
     */
    private Optional<Closing> cloned(OrganisationId node, LinkSession session, Incarnation incarnation) {
        Clones known = clones.get(node);
        if (known != null && clones.isReplaced(known, directory.view())) {
            clones.settled(node);
            watch.cloneSettled(
                    node, Detail.of("the office has joined anew; what was found about its former keys is over"));
            directory.saveFindings(clones.toBytes());
            known = null;
        }
        if (known != null && !known.isNamed(incarnation, directory.view())) {
            return Optional.of(closing(known));
        }
        Neighbour up = neighbours.get(node);
        Incarnation other = up == null || !up.session.isReady() ? null : incarnations.get(up.session);
        if (known == null && up != null && other != null && up.session != session && !other.equals(incarnation)) {
            Clones found = Clones.found(node, other, incarnation, directory.view());
            clones.add(found);
            directory.saveFindings(clones.toBytes());
            watch.cloned(found.refusal());
            up.session.close(closing(found));
            return Optional.of(closing(found));
        }
        incarnations.put(session, incarnation);
        return Optional.empty();
    }

    private static Closing closing(Clones found) {
        return new Closing(
                CloseReason.IDENTITY, Optional.of(CLONE_RETRY), found.refusal().toString());
    }

    /** What was found about neighbours and nobody has decided yet. */
    List<Refusal> undecided() {
        return clones.undecided(directory.view());
    }

    @Override
    public void onReady(LinkSession session) {
        if (session.peer() instanceof Peer.Node node) {
            Neighbour before = neighbours.put(node.id(), new Neighbour(session, clock.now()));
            if (before != null && before.session != session) {
                delivery.neighbourLost(node.id());
                before.session.close(Closing.of(CloseReason.REPLACED));
            }
            onNeighbour.forEach(listener -> listener.accept(session));
            watch.linkUp(node.id());
            boolean anew = hasBegunAnew(node.id(), session);
            delivery.neighbourReady(node.id());
            boolean first = restored.isPresent() && askedAfter.add(node.id());
            if (!isClosed() && (anew || first)) {
                delivery.askAfter(node.id());
            }
        }
        directory.onReady(session);
        if (session.peer() instanceof Peer.Client) {
            clients.onReady(session);
        }
        onRoom(session);
    }

    /** It gave its last mark in another life: its disk, and what it held for us, may have been lost between. */
    private boolean hasBegunAnew(OrganisationId node, LinkSession session) {
        Incarnation now = incarnations.get(session);
        return now != null
                && delivery.proofOf(node)
                        .filter(proof -> !proof.issuer().equals(now))
                        .isPresent();
    }

    @Override
    public void onClosed(LinkSession session, LinkEnd end) {
        incarnations.remove(session);
        if (end instanceof LinkEnd.ClosedHere here && here.why().reason() == CloseReason.REVOKED) {
            watch.revoked(session.peer().name(), here.why().detail());
        }
        directory.onClosed(session);
        clients.onClosed(session);
        if (session.peer() instanceof Peer.Node node) {
            Neighbour up = neighbours.get(node.id());
            if (up != null && up.session == session) {
                neighbours.remove(node.id());
                delivery.neighbourLost(node.id());
                watch.linkDown(node.id(), end);
            }
        }
    }

    // ---- outgoing

    @Override
    public void wake(OrganisationId neighbour) {
        Neighbour up = neighbours.get(neighbour);
        if (up != null) {
            onRoom(up.session);
        }
    }

    @Override
    public void directoryBehind(OrganisationId from, DirectoryVersion theirs) {
        Neighbour up = neighbours.get(from);
        if (up != null) {
            directory.fetch(up.session);
        }
    }

    @Override
    public void onRoom(LinkSession session) {
        if (session.peer() instanceof Peer.Client) {
            clients.onRoom(session);
            return;
        }
        if (!(session.peer() instanceof Peer.Node node)) {
            return;
        }
        LinkRoom room = new LinkRoom() {
            @Override
            public boolean has(Precedence precedence) {
                return session.hasRoom(precedence);
            }

            @Override
            public boolean hasForLarge(Precedence precedence) {
                return session.hasRoomForLarge(precedence);
            }

            @Override
            public boolean hasForReceipts() {
                return session.hasReceiptRoom();
            }
        };
        while (session.isReady() && !stopping) {
            Optional<Parcel> next = delivery.next(node.id(), room);
            if (next.isEmpty()) {
                return;
            }
            send(node.id(), session, next.get());
        }
    }

    /** Of an envelope that is being sent to a neighbour now: how many bytes of its ciphertext the session has sent; 0 for any other. In the loop. */
    long sentOf(OrganisationId neighbour, MessageId id) {
        Neighbour known = neighbours.get(neighbour);
        return known == null
                ? 0
                : known.session.sent().entrySet().stream()
                        .filter(sent -> sent.getKey() instanceof Outcome outcome && outcome.isOf(id))
                        .mapToLong(Map.Entry::getValue)
                        .sum();
    }

    private void send(OrganisationId neighbour, LinkSession session, Parcel parcel) {
        if (parcel instanceof Parcel.Envelope envelope) {
            CiphertextSource source = arrivals.source(envelope.sealed().ciphertext());
            session.offer(
                    envelope.sealed(),
                    envelope.facts().header().precedence(),
                    envelope.age(),
                    source,
                    new Outcome(neighbour, parcel.token(), Optional.of(envelope)));
        } else if (parcel instanceof Parcel.Home home) {
            session.receipt(
                    new CarriedReceipt(home.receipt().to(), home.receipt().signed()),
                    new Outcome(neighbour, parcel.token(), Optional.empty()));
        } else if (parcel instanceof Parcel.Word word) {
            session.notice(word.notice().signed(), new Outcome(neighbour, parcel.token(), Optional.empty()));
        } else if (parcel instanceof Parcel.Asking asking) {
            lienthong.gateway.delivery.Query query = asking.query();
            session.query(
                    new Query(List.of(new Query.Question(query.id(), query.leaf(), query.recipient(), query.asker()))));
        } else if (parcel instanceof Parcel.Telling telling) {
            lienthong.gateway.delivery.Known known = telling.known();
            session.known(new Known(List.of(new Known.Answer(
                    known.id(),
                    known.leaf(),
                    known.recipient(),
                    known.asker(),
                    known.node(),
                    Known.State.valueOf(known.state().name()),
                    known.reason()))));
        }
    }

    /** A session's answer in delivery's words. */
    private final class Outcome implements TransferOutcome {
        private final OrganisationId neighbour;
        private final long token;

        private final Optional<Parcel.Envelope> envelope;

        /** @param envelope if that is what was given */
        Outcome(OrganisationId neighbour, long token, Optional<Parcel.Envelope> envelope) {
            this.envelope = envelope;
            this.neighbour = neighbour;
            this.token = token;
        }

        @Override
        public void custody(CustodyMark mark) {
            delivery.handed(neighbour, token, new CustodyProof(mark.incarnation(), mark.number(), mark.mac()));
        }

        @Override
        public void have(CustodyMark mark) {
            custody(mark);
        }

        @Override
        public void rejected(Refusal refusal, boolean advice) {
            watch.reported(neighbour, refusal);
            delivery.rejected(neighbour, token, refusal, Optional.empty());
            if (refusal.reason() == ErrorCode.SEAL_INVALID) {
                // It held when it came.
                doubt();
            }
        }

        boolean isOf(MessageId id) {
            return envelope.filter(parcel -> parcel.facts().header().id().equals(id))
                    .isPresent();
        }

        private void doubt() {
            envelope.ifPresent(
                    parcel -> arrivals.payloads().doubt(parcel.sealed().ciphertext(), parcel.facts()));
        }

        @Override
        public void busy(Refusal refusal, boolean advice, Duration retryAfter) {
            watch.reported(neighbour, refusal);
            delivery.rejected(neighbour, token, refusal, Optional.of(retryAfter));
        }

        @Override
        public void unreadable(Refusal refusal) {
            watch.damaged(refusal);
            delivery.rejected(neighbour, token, refusal, Optional.empty());
            doubt();
        }

        @Override
        public void lost() {
            // Delivery takes back everything given to this session when it hears that the neighbour is lost.
        }
    }

    // ---- incoming

    @Override
    public void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {
        if (isClosed()) {
            reply.busy(comparing(), false, COMPARE_OFFER_RETRY);
            return;
        }
        if (session.peer() instanceof Peer.Client client) {
            clients.onOffer(session, client, offer, reply);
        } else if (session.peer() instanceof Peer.Node node) {
            arrivals.offered(node.id(), offer, new OfferReplyFor(node.id(), reply));
        } else {
            reply.reject(Refusal.of(ErrorCode.WHO_ARE_YOU, "this session carries directories only"), false);
        }
    }

    @Override
    public void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {
        if (isClosed()) {
            reply.busy(comparing(), false, COMPARE_OFFER_RETRY);
            return;
        }
        if (session.peer() instanceof Peer.Client client) {
            clients.onEnvelope(session, client, envelope, reply);
        } else if (session.peer() instanceof Peer.Node node) {
            arrivals.arrived(node.id(), envelope, answer -> answer(node.id(), answer, reply));
        } else {
            reply.reject(Refusal.of(ErrorCode.WHO_ARE_YOU, "this session carries directories only"), false);
        }
    }

    private void answer(OrganisationId neighbour, TakenOver answer, CustodyReply reply) {
        if (answer instanceof TakenOver.Custody custody) {
            reply.custody(marks.issue(neighbour, custody.number()));
        } else if (answer instanceof TakenOver.Have have) {
            reply.have(marks.issue(neighbour, have.number()));
        } else if (answer instanceof TakenOver.Rejected rejected) {
            watch.badInput("link", rejected.why());
            reply.reject(rejected.why(), true);
        } else if (answer instanceof TakenOver.Busy busy) {
            reply.busy(busy.why(), true, busy.retryAfter());
        }
    }

    /** An offer's answer in delivery's words. */
    final class OfferReplyFor {
        private final OrganisationId neighbour;
        private final OfferReply reply;

        private OfferReplyFor(OrganisationId neighbour, OfferReply reply) {
            this.neighbour = neighbour;
            this.reply = reply;
        }

        void accept(long offset, lienthong.gateway.link.TransferSink sink) {
            reply.accept(offset, sink);
        }

        void answer(TakenOver answer) {
            LinkDesk.this.answer(neighbour, answer, new CustodyReply() {
                @Override
                public void custody(CustodyMark mark) {
                    reply.have(mark);
                }

                @Override
                public void have(CustodyMark mark) {
                    reply.have(mark);
                }

                @Override
                public void reject(Refusal refusal, boolean advice) {
                    reply.reject(refusal, advice);
                }

                @Override
                public void busy(Refusal refusal, boolean advice, Duration retryAfter) {
                    reply.busy(refusal, advice, retryAfter);
                }
            });
        }
    }

    @Override
    public void onReceipts(LinkSession session, List<CarriedReceipt> receipts, List<CustodyReply> replies) {
        if (isClosed()) {
            replies.forEach(reply -> reply.busy(comparing(), false, COMPARE_OFFER_RETRY));
            return;
        }
        if (session.peer() instanceof Peer.Client client) {
            clients.onReceipts(session, client, receipts, replies);
            return;
        }
        if (!(session.peer() instanceof Peer.Node node)) {
            replies.forEach(reply -> reply.reject(Refusal.of(ErrorCode.WHO_ARE_YOU), false));
            return;
        }
        arrivals.receipts(receipts, verified -> {
            for (int i = 0; i < verified.size(); i++) {
                CustodyReply reply = replies.get(i);
                if (verified.get(i) instanceof Result.Ok<RoutedReceipt> good) {
                    delivery.receiptArrived(node.id(), good.value(), answer -> answer(node.id(), answer, reply));
                } else {
                    refused(verified.get(i).refusal(), reply);
                }
            }
        });
    }

    @Override
    public void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {
        if (isClosed()) {
            reply.busy(comparing(), false, COMPARE_OFFER_RETRY);
            return;
        }
        if (session.peer() instanceof Peer.Client client) {
            clients.onNotice(session, client, notice, reply);
            return;
        }
        if (!(session.peer() instanceof Peer.Node node)) {
            reply.reject(Refusal.of(ErrorCode.WHO_ARE_YOU), false);
            return;
        }
        arrivals.notice(notice, verified -> {
            if (verified.isOk()) {
                delivery.noticeArrived(node.id(), verified.orBug(), answer -> answer(node.id(), answer, reply));
            } else {
                refused(verified.refusal(), reply);
            }
        });
    }

    /** A neighbour lets go of what is refused for good: what is signed under a certificate that is still on its way must come again. */
    private void refused(Refusal why, CustodyReply reply) {
        watch.badInput("link", why);
        reply.reject(why.reason() == ErrorCode.WHO_ARE_YOU ? ArrivalDesk.later(why) : why, true);
    }

    @Override
    public void onQuery(LinkSession session, Query query) {
        if (!isClosed() && session.peer() instanceof Peer.Node node) {
            for (Query.Question question : query.questions()) {
                delivery.queryArrived(
                        node.id(),
                        new lienthong.gateway.delivery.Query(
                                question.id(), question.leaf(), question.recipient(), question.asker()));
            }
        }
    }

    @Override
    public void onKnown(LinkSession session, Known known) {
        if (!isClosed() && session.peer() instanceof Peer.Node node) {
            for (Known.Answer answer : known.answers()) {
                delivery.knownArrived(
                        node.id(),
                        new lienthong.gateway.delivery.Known(
                                answer.id(),
                                answer.leaf(),
                                answer.recipient(),
                                answer.asker(),
                                answer.node(),
                                lienthong.gateway.delivery.Known.State.valueOf(
                                        answer.state().name()),
                                answer.reason()));
            }
        }
    }

    @Override
    public void onDirectory(LinkSession session, DirectoryMessage message) {
        directory.onMessage(session, message);
    }

    @Override
    public void onClient(LinkSession session, ClientFrame frame) {
        clients.onFrame(session, frame);
    }
}
