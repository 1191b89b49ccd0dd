package lienthong.gateway.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.delivery.AcceptedEnvelope;
import lienthong.gateway.delivery.ClientRequest;
import lienthong.gateway.delivery.ConsumerId;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.GiveBack;
import lienthong.gateway.delivery.LeasedMessage;
import lienthong.gateway.delivery.Notice;
import lienthong.gateway.delivery.RoutedNotice;
import lienthong.gateway.delivery.RoutedReceipt;
import lienthong.gateway.delivery.TakenOver;
import lienthong.gateway.delivery.Tracked;
import lienthong.gateway.directory.DirectoryRecord;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CustodyMark;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.TransferOutcome;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;

/**
 * Serves embedded clients: each speaks for one address, seals and opens for it itself, and is held to it. What it sends is verified as from any
 * hop and then kept as of an own sender; what waits for it is leased, offered with its slot, and ended by its own signed receipt. Confined to the
 * loop.
 */
final class NodeClients implements ClientDesk {
    /** Without a word about a lease for so long, its message comes again. */
    static final Duration LEASE = Duration.ofSeconds(60);
    /** Envelopes with another's sender address in one session; the third ends it. */
    static final int STRIKES_MAX = 3;

    private static final int ENROLMENT_TRIES_MAX = 8;
    private static final int CREDIT_MAX = ClientFrame.ITEMS_MAX;
    private static final int LEASE_ITEMS_MAX = 64;
    private static final long LEASE_BYTES_MAX = 4L * 1024 * 1024;
    private static final int LARGE_WAITING_MAX = 4;
    private static final int FOUND_OFFICES_MAX = 4;
    private static final int FOUND_RECORDS_MAX = 16;
    /** The lane of everything that touches the node's own keys on disk. */
    static final long KEYS_LANE = -2;

    private final OrganisationId me;
    private final Loop loop;
    private final Clock clock;
    private final Delivery delivery;
    private final ArrivalDesk arrivals;
    private final DirectoryDesk directory;
    private final LookupDesk lookup;
    private final CustodyMarks marks;
    private final Controls controls;
    private final NodeWatch watch;
    private final Map<LinkSession, Visit> visits = new LinkedHashMap<>();
    private final Map<LinkSession, Integer> enrolments = new HashMap<>();
    private final Map<Address, ClientQuota> quotas = new HashMap<>();
    private long leases;

    NodeClients(
            OrganisationId me,
            Loop loop,
            Clock clock,
            Delivery delivery,
            ArrivalDesk arrivals,
            DirectoryDesk directory,
            LookupDesk lookup,
            CustodyMarks marks,
            Controls controls,
            NodeWatch watch) {
        this.me = me;
        this.loop = loop;
        this.clock = clock;
        this.delivery = delivery;
        this.arrivals = arrivals;
        this.directory = directory;
        this.lookup = lookup;
        this.marks = marks;
        this.controls = controls;
        this.watch = watch;
    }

    /** One client while its session lives. */
    private static final class Visit {
        final LinkSession session;
        final Address address;
        final Map<Long, Lent> lent = new TreeMap<>();
        final ArrayDeque<Lent> toOffer = new ArrayDeque<>();
        Optional<ConsumerId> consumer = Optional.empty();
        long credit;
        int strikes;
        long answers;

        /** Leasing more would only let leases run out here: a small one waits for the line, or several large ones do. */
        boolean isFull() {
            return toOffer.size() >= LARGE_WAITING_MAX || toOffer.stream().anyMatch(lent -> !lent.isLarge());
        }

        Visit(LinkSession session, Address address) {
            this.session = session;
            this.address = address;
        }
    }

    /** One envelope lent to a client, under one number. */
    private static final class Lent {
        final long number;
        final SealedEnvelope sealed;
        final EnvelopeFacts facts;
        final Hash leaf;
        final Hash sealRoot;
        final int index;
        final Header header;
        /** How long it had been on its way when it was leased. */
        final Duration age;

        final Optional<Bytes> rewrap;
        final long leasedNanos;
        final Map<MessageId, Long> messages = new LinkedHashMap<>();
        int deliveries;
        boolean redelivered;

        boolean isLarge() {
            return LinkSession.isLarge(sealed);
        }

        Lent(long number, SealedEnvelope sealed, LeasedMessage first, long leasedNanos) {
            this.number = number;
            this.sealed = sealed;
            this.facts = first.facts();
            this.leaf = first.facts().leaf();
            this.sealRoot = first.facts().sealRoot();
            this.index = first.facts().index();
            this.header = first.facts().header();
            this.age = first.age();
            this.rewrap = first.rewrap();
            this.leasedNanos = leasedNanos;
        }
    }

    // ---- sessions

    @Override
    public void onReady(LinkSession session) {
        if (!(session.peer() instanceof Peer.Client client)) {
            return;
        }
        for (Visit before : List.copyOf(visits.values())) {
            if (before.address.equals(client.address())) {
                leave(before);
                before.session.close(CloseReason.REPLACED);
            }
        }
        visits.put(session, new Visit(session, client.address()));
        delivery.senderIsHere(client.address());
    }

    @Override
    public void onClosed(LinkSession session) {
        enrolments.remove(session);
        Visit visit = visits.get(session);
        if (visit != null) {
            leave(visit);
        }
    }

    private void leave(Visit visit) {
        visits.remove(visit.session);
        visit.consumer.ifPresent(delivery::detach);
        visit.consumer = Optional.empty();
    }

    @Override
    public void onRoom(LinkSession session) {
        Visit visit = visits.get(session);
        if (visit != null) {
            offer(visit);
            pump(visit);
        }
    }

    @Override
    public void onFrame(LinkSession session, ClientFrame frame) {
        if (frame instanceof ClientFrame.Enrol enrol) {
            enrol(session, enrol);
            return;
        }
        Visit visit = visits.get(session);
        if (visit == null) {
            session.close(Closing.of(CloseReason.PROTOCOL, "this is for clients that have enrolled"));
        } else if (frame instanceof ClientFrame.Attach attach) {
            attach(visit, attach);
        } else if (frame instanceof ClientFrame.Lease lease) {
            extend(visit, lease);
        } else if (frame instanceof ClientFrame.Return back) {
            giveBack(visit, back);
        } else if (frame instanceof ClientFrame.Acknowledge) {
            // The signed receipt is what counts; it comes beside this.
            watch.count("client_acknowledgements");
        } else if (frame instanceof ClientFrame.Track track) {
            track(visit, track);
        } else if (frame instanceof ClientFrame.LookUp question) {
            lookUp(visit, question);
        } else if (frame instanceof ClientFrame.KeyBundle bundle) {
            keyBundle(visit, bundle);
        } else {
            session.close(Closing.of(CloseReason.PROTOCOL, "a node says this, not a client"));
        }
    }

    // ---- enrolment

    private void enrol(LinkSession session, ClientFrame.Enrol enrol) {
        if (enrolments.merge(session, 1, Integer::sum) > ENROLMENT_TRIES_MAX) {
            session.close(Closing.of(CloseReason.IDENTITY, "too many tries in one session"));
            return;
        }
        loop.offload(KEYS_LANE, () -> controls.enrolClient(enrol.request(), clock.now()), issued -> {
            if (issued.isOk()) {
                watch.info(Detail.of("an embedded client has enrolled"));
            } else {
                watch.badInput("link", issued.refusal());
            }
            if (session.isReady()) {
                session.send(issued.<ClientFrame>fold(
                        answer -> new ClientFrame.Enrolled(Optional.of(answer), Optional.empty()),
                        refusal -> new ClientFrame.Enrolled(Optional.empty(), Optional.of(refusal))));
            }
        });
    }

    // ---- what the client sends

    /** Whether this node is the one that keeps and signs for the address, by the directory of now. */
    private boolean isServedHere(Address address) {
        return directory
                .view()
                .directory()
                .nodeServing(address)
                .filter(me::equals)
                .isPresent();
    }

    /** Refuses what is sent in another's name, the third time ending the session; and what another node must send. */
    private Optional<Refusal> notYours(Visit visit, Address sender) {
        if (sender.equals(visit.address)) {
            if (isServedHere(sender)) {
                return Optional.empty();
            }
            Refusal refusal = Refusal.of(ErrorCode.NOT_YOUR_ADDRESS, "{0} is not served by {1}", sender, me);
            watch.badInput("link", refusal);
            return Optional.of(refusal);
        }
        visit.strikes++;
        Refusal refusal =
                Refusal.of(ErrorCode.SENDER_NOT_YOURS, "from {0}, but this session is {1}'s", sender, visit.address);
        watch.badInput("link", refusal);
        if (visit.strikes >= STRIKES_MAX) {
            // After the answer has gone out.
            loop.execute(() -> visit.session.close(
                    Closing.of(CloseReason.IDENTITY, "a sender that is not yours, " + visit.strikes + " times")));
        }
        return Optional.of(refusal);
    }

    private Optional<Refusal> mayAccept(Visit visit, Header header, long bytes) {
        Optional<Refusal> refusal =
                delivery.mayAccept(header.sender(), header.recipients(), header.mark(), header.precedence(), bytes);
        return refusal.isPresent()
                ? refusal
                : quotas.computeIfAbsent(visit.address, any -> new ClientQuota())
                        .take(header.precedence(), header.ids().size(), bytes, clock.nanos());
    }

    @Override
    public void onOffer(LinkSession session, Peer.Client client, IncomingOffer offer, OfferReply reply) {
        Visit visit = visits.get(session);
        Result<Header> core = CoreCodec.decode(offer.core(), directory.view().network());
        if (visit == null || !(core instanceof Result.Ok<Header> ok)) {
            reply.reject(Refusal.of(ErrorCode.SEAL_INVALID), false);
            return;
        }
        Optional<Refusal> no = notYours(visit, ok.value().sender())
                .or(() -> delivery.mayAccept(
                        ok.value().sender(),
                        ok.value().recipients(),
                        ok.value().mark(),
                        ok.value().precedence(),
                        offer.ciphertextLength()));
        if (no.isPresent()) {
            reply.reject(no.get(), false);
            return;
        }
        arrivals.receive(
                ArrivalDesk.owner(visit.address),
                ok.value().precedence(),
                Hash.of(offer.core()),
                offer.ciphertextLength(),
                reply::accept,
                busy -> reply.busy(busy, false, ArrivalDesk.UNTIL_RECORDS_COME));
    }

    @Override
    public void onEnvelope(LinkSession session, Peer.Client client, IncomingEnvelope envelope, CustodyReply reply) {
        Visit visit = visits.get(session);
        Result<Header> core =
                CoreCodec.decode(envelope.envelope().core(), directory.view().network());
        if (visit == null || !(core instanceof Result.Ok<Header> ok)) {
            arrivals.discard(envelope.envelope().ciphertext());
            reply.reject(Refusal.of(ErrorCode.SEAL_INVALID), false);
            return;
        }
        Optional<Refusal> no = notYours(visit, ok.value().sender())
                .or(() -> mayAccept(
                        visit, ok.value(), envelope.envelope().ciphertext().length()));
        if (no.isPresent()) {
            arrivals.discard(envelope.envelope().ciphertext());
            reply.reject(no.get(), false);
            return;
        }
        arrivals.verified(envelope, verified -> {
            if (verified instanceof Result.Ok<ArrivalDesk.Judged> judged) {
                accept(visit, judged.value(), reply);
            } else {
                arrivals.discard(envelope.envelope().ciphertext());
                watch.badInput("link", verified.refusal());
                // A certificate this node has not seen may be on its way in the same session.
                reply.reject(
                        verified.refusal().reason() == ErrorCode.WHO_ARE_YOU
                                ? Refusal.of(
                                        ErrorCode.ADMISSION, verified.refusal().about())
                                : verified.refusal(),
                        false);
            }
        });
    }

    private void accept(Visit visit, ArrivalDesk.Judged judged, CustodyReply reply) {
        SealedEnvelope sealed = judged.sealed();
        Header header = judged.envelope().facts().header();
        if (sealed.slots().size() != header.recipients().size() + 1) {
            arrivals.discard(sealed.ciphertext());
            reply.reject(Refusal.of(ErrorCode.SEAL_INVALID), false);
            return;
        }
        List<Optional<ClientRequest>> unnamed =
                header.ids().stream().map(id -> Optional.<ClientRequest>empty()).toList();
        AcceptedEnvelope accepted = new AcceptedEnvelope(
                sealed, judged.envelope().facts(), unnamed, Optional.empty(), judged.local(), Bytes.empty());
        arrivals.keeping(sealed.ciphertext());
        delivery.accepted(
                List.of(accepted),
                (position, answer) -> answer.fold(
                        yes -> {
                            arrivals.judged(sealed.ciphertext(), true);
                            reply.custody(mark(visit));
                            return true;
                        },
                        refused -> {
                            arrivals.discard(sealed.ciphertext());
                            reply.reject(refused.why(), false);
                            return false;
                        },
                        busy -> {
                            arrivals.judged(sealed.ciphertext(), false);
                            reply.busy(busy.why(), false, busy.retryAfter());
                            return false;
                        }));
    }

    /** Counts answers of this session; a client gives no mark back, so the number proves nothing beyond it. */
    private CustodyMark mark(Visit visit) {
        visit.answers++;
        return marks.issueToClient(visit.address, visit.answers);
    }

    @Override
    public void onNotice(LinkSession session, Peer.Client client, Bytes notice, CustodyReply reply) {
        arrivals.notice(notice, verified -> {
            Visit visit = visits.get(session);
            if (!verified.isOk() || visit == null) {
                reply.reject(verified.isOk() ? Refusal.of(ErrorCode.NEIGHBOUR_AWAY) : verified.refusal(), false);
                return;
            }
            if (verified.orBug().notice() instanceof Notice.Rewrap) {
                rewrapped(visit, verified.orBug(), reply);
                return;
            }
            Optional<Refusal> no = verified.orBug().notice() instanceof Notice.Skip skip
                    ? notYours(visit, skip.from())
                    : Optional.of(Refusal.of(ErrorCode.PROTOCOL, "a client sends skips and re-wraps alone"));
            if (no.isPresent()) {
                reply.reject(no.get(), false);
                return;
            }
            delivery.noticeArrived(me, verified.orBug(), answer -> {
                if (answer instanceof TakenOver.Custody || answer instanceof TakenOver.Have) {
                    reply.custody(mark(visit));
                } else if (answer instanceof TakenOver.Rejected rejected) {
                    reply.reject(rejected.why(), false);
                } else if (answer instanceof TakenOver.Busy busy) {
                    reply.busy(busy.why(), false, busy.retryAfter());
                }
            });
        });
    }

    // ---- slots made anew

    /** A recipient of what a client sealed has other keys: only the client can make the slot anew. */
    boolean wrapAnew(SealedEnvelope sealed, Address sender, Address recipient) {
        Optional<Visit> visit = visits.values().stream()
                .filter(one -> one.address.equals(sender) && one.session.isReady())
                .findFirst();
        Result<Header> core = CoreCodec.decode(sealed.core(), directory.view().network());
        if (visit.isEmpty() || !(core instanceof Result.Ok<Header> header)) {
            return false;
        }
        List<Address> recipients = header.value().recipients();
        int number = recipients.indexOf(recipient);
        Bytes envelope = EnvelopeWire.toBytes(sealed.withCiphertext(new SealedEnvelope.Ciphertext.Spooled(
                        0, sealed.ciphertext().length()))
                .withSlots(sealed.slots().stream()
                        .filter(slot -> slot.number() == number || slot.number() == recipients.size())
                        .toList()));
        if (envelope.size() <= ClientFrame.WrapAnew.ENVELOPE_BYTES_MAX) {
            visit.get().session.send(new ClientFrame.WrapAnew(recipient, envelope));
        }
        return true;
    }

    private void rewrapped(Visit visit, RoutedNotice notice, CustodyReply reply) {
        delivery.rewrapMade(
                visit.address,
                notice,
                refusal -> refusal.ifPresentOrElse(
                        why -> {
                            watch.badInput("link", why);
                            reply.reject(why, false);
                        },
                        () -> reply.custody(mark(visit))));
    }

    // ---- what waits for the client

    private void attach(Visit visit, ClientFrame.Attach attach) {
        if (!attach.address().equals(visit.address) || !isServedHere(visit.address)) {
            watch.badInput(
                    "link",
                    Refusal.of(ErrorCode.NOT_YOUR_ADDRESS, "{0} asks for {1}", visit.address, attach.address()));
            visit.session.close(Closing.of(CloseReason.IDENTITY, attach.address() + " is not yours"));
            return;
        }
        if (visit.consumer.isEmpty()) {
            visit.consumer = Optional.of(delivery.attach(visit.address, LEASE));
        }
        visit.credit = Math.min(attach.want(), CREDIT_MAX);
        // Not before the attachment is known to be durable: delivery says when.
        loop.execute(() -> pump(visit));
    }

    @Override
    public void available(Address address) {
        for (Visit visit : visits.values()) {
            if (visit.address.equals(address)) {
                loop.execute(() -> pump(visit));
            }
        }
    }

    private void pump(Visit visit) {
        if (visit.consumer.isEmpty() || visit.credit <= 0 || !visit.session.isReady() || visit.isFull()) {
            return;
        }
        List<LeasedMessage> leased =
                delivery.lease(visit.consumer.get(), (int) Math.min(visit.credit, LEASE_ITEMS_MAX), LEASE_BYTES_MAX);
        Map<Hash, Lent> byLeaf = new LinkedHashMap<>();
        for (LeasedMessage message : leased) {
            visit.credit--;
            Lent lent = byLeaf.computeIfAbsent(
                    message.facts().leaf(), leaf -> new Lent(++leases, ownSlot(message), message, clock.nanos()));
            lent.messages.put(message.id(), message.lease());
            lent.deliveries = Math.max(lent.deliveries, message.deliveryCount() - 1);
            lent.redelivered |= message.redelivered();
        }
        for (Lent lent : byLeaf.values()) {
            visit.lent.put(lent.number, lent);
            visit.toOffer.add(lent);
        }
        offer(visit);
    }

    private static SealedEnvelope ownSlot(LeasedMessage message) {
        int number = message.facts().header().recipients().indexOf(message.address());
        return message.sealed()
                .withSlots(message.sealed().slots().stream()
                        .filter(slot -> slot.number() == number)
                        .toList());
    }

    private void offer(Visit visit) {
        // Large ones without a place keep no small one back.
        for (Lent lent : List.copyOf(visit.toOffer)) {
            Precedence precedence = lent.header.precedence();
            if (!visit.session.isReady()) {
                return;
            }
            if (!(lent.isLarge() ? visit.session.hasRoomForLarge(precedence) : visit.session.hasRoom(precedence))) {
                continue;
            }
            visit.toOffer.remove(lent);
            if (lent.messages.isEmpty()) {
                continue;
            }
            visit.session.send(new ClientFrame.Leased(
                    lent.number,
                    List.copyOf(lent.messages.keySet()),
                    lent.leaf,
                    (int) LEASE.toSeconds(),
                    Math.max(0, lent.deliveries),
                    lent.redelivered,
                    lent.rewrap));
            visit.session.offer(
                    lent.sealed,
                    lent.header.precedence(),
                    lent.age.plusNanos(Math.max(0, clock.nanos() - lent.leasedNanos)),
                    arrivals.source(lent.sealed.ciphertext()),
                    new Lending(visit, lent));
        }
    }

    /** That it came says nothing: custody stays here until the receipt. */
    private final class Lending implements TransferOutcome {
        private final Visit visit;
        private final Lent lent;

        Lending(Visit visit, Lent lent) {
            this.visit = visit;
            this.lent = lent;
        }

        @Override
        public void custody(CustodyMark mark) {
            watch.count("client_leases_delivered");
        }

        @Override
        public void have(CustodyMark mark) {
            watch.count("client_leases_delivered");
        }

        @Override
        public void rejected(Refusal refusal, boolean advice) {
            watch.badInput("link", refusal);
            takeBack();
            if (refusal.reason() == ErrorCode.SEAL_INVALID) {
                // It held when it came.
                arrivals.payloads().doubt(lent.sealed.ciphertext(), lent.facts);
            }
        }

        @Override
        public void unreadable(Refusal refusal) {
            watch.damaged(refusal);
            takeBack();
            arrivals.payloads().doubt(lent.sealed.ciphertext(), lent.facts);
        }

        private void takeBack() {
            List.copyOf(lent.messages.keySet()).forEach(id -> later(visit, lent, id));
        }

        @Override
        public void lost() {
            // The session ended: delivery takes all its leases back.
        }
    }

    private void extend(Visit visit, ClientFrame.Lease lease) {
        if (visit.consumer.isEmpty()) {
            return;
        }
        for (long number : lease.extend()) {
            Lent lent = visit.lent.get(number);
            if (lent != null) {
                lent.messages
                        .values()
                        .forEach(each -> delivery.extend(visit.consumer.get(), each, LEASE)
                                .ifPresent(refusal -> watch.badInput("link", refusal)));
            }
        }
        visit.credit = Math.min(visit.credit + lease.want(), CREDIT_MAX);
        pump(visit);
    }

    @Override
    public void lapsed(ConsumerId consumer, long lease) {
        for (Visit visit : visits.values()) {
            if (visit.consumer.filter(consumer::equals).isPresent()) {
                for (Lent lent : visit.lent.values()) {
                    lent.messages.values().remove(lease);
                }
                visit.lent.values().removeIf(lent -> lent.messages.isEmpty());
            }
        }
    }

    private void giveBack(Visit visit, ClientFrame.Return back) {
        Lent lent = visit.lent.get(back.lease());
        if (lent != null && back.again()) {
            boolean lacksKey = back.reason() == ErrorCode.KEY_NOT_HERE;
            back.ids().forEach(id -> {
                if (lacksKey) {
                    keyNotHere(visit, lent, id);
                } else {
                    later(visit, lent, id);
                }
            });
        }
        // For good: the signed receipt is what counts; it comes beside this.
    }

    private void later(Visit visit, Lent lent, MessageId id) {
        Long lease = lent.messages.remove(id);
        if (lease == null || visit.consumer.isEmpty()) {
            return;
        }
        forget(visit, lent);
        delivery.giveBack(visit.consumer.get(), lease, new GiveBack.Later(), Optional.empty(), refusal -> pump(visit));
    }

    /** Its sender is to make the slot anew; no try of the application's. */
    private void keyNotHere(Visit visit, Lent lent, MessageId id) {
        Long lease = lent.messages.remove(id);
        if (lease != null && visit.consumer.isPresent()) {
            forget(visit, lent);
            delivery.keyNotHere(visit.consumer.get(), lease);
        }
    }

    private static void forget(Visit visit, Lent lent) {
        if (lent.messages.isEmpty()) {
            visit.lent.remove(lent.number);
        }
    }

    @Override
    public void onReceipts(
            LinkSession session, Peer.Client client, List<CarriedReceipt> receipts, List<CustodyReply> replies) {
        arrivals.receipts(receipts, verified -> {
            for (int i = 0; i < verified.size(); i++) {
                Visit visit = visits.get(session);
                CustodyReply reply = replies.get(i);
                if (visit == null) {
                    reply.reject(Refusal.of(ErrorCode.NEIGHBOUR_AWAY), false);
                } else if (verified.get(i) instanceof Result.Ok<RoutedReceipt> ok) {
                    settle(visit, ok.value(), reply);
                } else {
                    watch.badInput("link", verified.get(i).refusal());
                    reply.reject(verified.get(i).refusal(), false);
                }
            }
        });
    }

    /** A client's signed end of what it was lent. */
    private void settle(Visit visit, RoutedReceipt receipt, CustodyReply reply) {
        Receipt.Kind kind = receipt.receipt().kind();
        boolean anEnd = kind == Receipt.Kind.CONSUMED || kind == Receipt.Kind.RETURNED;
        if (!anEnd || !receipt.receipt().recipient().equals(visit.address)) {
            Refusal refusal = Refusal.of(ErrorCode.RECEIPT_FORGED, "{0} ends its own messages alone", visit.address);
            watch.badInput("link", refusal);
            reply.reject(refusal, false);
            return;
        }
        List<Ending> endings = endings(visit, receipt);
        if (endings.isEmpty() || visit.consumer.isEmpty()) {
            reply.reject(Refusal.of(ErrorCode.LEASE_NOT_HELD, "none of its messages is leased"), false);
            return;
        }
        Answers answers = new Answers(endings.size(), visit, reply);
        for (Ending ending : endings) {
            Optional<Long> lease = Optional.ofNullable(ending.lent().messages.remove(ending.id()));
            forget(visit, ending.lent());
            if (kind == Receipt.Kind.CONSUMED) {
                delivery.acknowledge(visit.consumer.get(), lease.orElseThrow(), Optional.of(receipt), answers::one);
            } else {
                delivery.giveBack(
                        visit.consumer.get(),
                        lease.orElseThrow(),
                        new GiveBack.ForGood(ErrorCode.RETURNED_BY_APPLICATION),
                        Optional.of(receipt),
                        answers::one);
            }
        }
    }

    private record Ending(Lent lent, MessageId id) {}

    private static List<Ending> endings(Visit visit, RoutedReceipt receipt) {
        List<Ending> endings = new ArrayList<>();
        for (Lent lent : visit.lent.values()) {
            if (!lent.header.sender().equals(receipt.to())) {
                continue;
            }
            if (receipt.receipt().subject() instanceof Receipt.Subject.One one) {
                if (one.leaf().equals(lent.leaf) && lent.messages.containsKey(one.id())) {
                    endings.add(new Ending(lent, one.id()));
                }
            } else if (receipt.receipt().subject() instanceof Receipt.Subject.Range range
                    && range.sealRoot().equals(lent.sealRoot)
                    && range.first() <= lent.index
                    && lent.index <= range.last()) {
                lent.messages.keySet().forEach(id -> endings.add(new Ending(lent, id)));
            }
        }
        return endings;
    }

    /** One answer to a receipt once all its messages have theirs. */
    private final class Answers {
        private final Visit visit;
        private final CustodyReply reply;
        private int open;
        private Optional<Refusal> no = Optional.empty();

        Answers(int open, Visit visit, CustodyReply reply) {
            this.open = open;
            this.visit = visit;
            this.reply = reply;
        }

        void one(Optional<Refusal> refusal) {
            no = no.or(() -> refusal);
            open--;
            if (open == 0) {
                if (no.isPresent()) {
                    reply.reject(no.get(), false);
                } else {
                    reply.custody(mark(visit));
                }
                pump(visit);
            }
        }
    }

    // ---- questions

    private void track(Visit visit, ClientFrame.Track track) {
        delivery.track(track.id(), found -> {
            // Of others' messages a client hears what it hears of unknown ones.
            List<ClientFrame.Place> places = found.filter(
                            tracked -> tracked.sender().equals(visit.address))
                    .map(tracked -> tracked.recipients().stream()
                            .limit(ClientFrame.ITEMS_MAX)
                            .map(recipient -> place(recipient, tracked.acceptedAt()))
                            .toList())
                    .orElse(List.of());
            if (visit.session.isReady()) {
                visit.session.send(new ClientFrame.Tracked(track.request(), track.id(), places));
            }
        });
    }

    private static ClientFrame.Place place(Tracked.Recipient recipient, Instant acceptedAt) {
        String word = switch (recipient.state()) {
            case HELD -> "accepted";
            case QUEUED -> "forwarding";
            case FORWARDED -> "in-custody";
            case DELIVERED -> "delivered";
            case CONSUMED -> "consumed";
            case RETURNED -> "returned";
            case EXPIRED -> "expired";
        };
        Instant at = recipient
                .endedAt()
                .or(recipient::deliveredAt)
                .or(recipient::handedAt)
                .orElse(acceptedAt);
        return new ClientFrame.Place(recipient.address(), word, at, recipient.why());
    }

    private void lookUp(Visit visit, ClientFrame.LookUp question) {
        lookup.lookup(question.text(), FOUND_OFFICES_MAX, found -> {
            DirectoryView view = directory.view();
            List<Bytes> entries = new ArrayList<>();
            List<Bytes> records = new ArrayList<>();
            found.offices()
                    .forEach(office -> view.directory()
                            .organisation(office.code())
                            .ifPresent(entry -> {
                                entries.add(entry.text(view.network()));
                                addRecords(view, entry, records);
                            }));
            if (visit.session.isReady()) {
                visit.session.send(new ClientFrame.Found(question.request(), entries, records, found.nearest()));
            }
        });
    }

    /** What one needs to write to the office: its certificate and opening keys. */
    private static void addRecords(DirectoryView view, OrganisationEntry office, List<Bytes> records) {
        view.bundle(Address.of(office.id())).ifPresent(bundle -> {
            if (records.size() + 2 <= FOUND_RECORDS_MAX) {
                view.certificateRecord(bundle.signer()).ifPresent(record -> records.add(record.toBytes()));
                records.add(bundle.toBytes());
            }
        });
    }

    private void keyBundle(Visit visit, ClientFrame.KeyBundle bundle) {
        boolean own = DirectoryRecord.parse(bundle.record(), directory.view().network())
                .fold(
                        record -> record instanceof KeyBundleRecord keys
                                && keys.address().equals(visit.address),
                        no -> false);
        if (own) {
            directory.publish(List.of(bundle.record()));
        } else {
            watch.badInput(
                    "link", Refusal.of(ErrorCode.SENDER_NOT_YOURS, "a key bundle that is not {0}'s", visit.address));
        }
    }
}
