package lienthong.gateway.lab.forger;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.envelope.EnvelopeSealer;
import lienthong.gateway.envelope.HpkeContexts;
import lienthong.gateway.envelope.MessageHead;
import lienthong.gateway.envelope.ReceiptCodec;
import lienthong.gateway.envelope.SealBatch;
import lienthong.gateway.envelope.SealPlan;
import lienthong.gateway.envelope.SealedPayload;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.CiphertextSource;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CreditPolicy;
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
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerHello;
import lienthong.gateway.link.PeerJudge;
import lienthong.gateway.link.Query;
import lienthong.gateway.link.TlsIdentity;
import lienthong.gateway.link.TransferOutcome;
import lienthong.gateway.link.netty.LinkDialer;
import lienthong.gateway.link.netty.LinkTls;
import lienthong.gateway.link.netty.LinkTransport;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import org.jspecify.annotations.Nullable;

/**
 * The thief: opens what a stopped node left in its data folder, dials one neighbour as that node, and hands over envelopes of his own making. He
 * never answers what the neighbour sends him. Used by one thread.
 */
public final class Forger implements AutoCloseable {
    private static final long BOUND_SECONDS = 20;
    private static final int ID_RANDOM_BYTES = 10;
    private static final long WINDOW_BYTES = 1024 * 1024;

    private final Clock clock = Clock.real();
    private final Randomness randomness = Randomness.real();
    private final NodeKeys keys;
    private final DirectoryView view;
    private final EnvelopeSealer sealer;
    private final RealLoop loop;
    private final LinkTransport transport;
    private final LinkDialer dialer;
    private final Owner owner;
    private final List<Receipt.Kind> kinds = new ArrayList<>();
    private volatile @Nullable Hash unreadable;
    private @Nullable SealedEnvelope last;

    /** Where the office's messages to one recipient stand: number of the last one and hash of its core. */
    record Position(long number, Hash core) {
        static Position before(long first) {
            return new Position(first - 1, SlotFacts.NO_CORE);
        }

        Position after(SealedEnvelope sealed, int messages) {
            return new Position(number + messages, Hash.of(sealed.core()));
        }
    }

    private Forger(
            NodeKeys keys, DirectoryView view, RealLoop loop, LinkTransport transport, LinkDialer dialer, Owner owner) {
        this.keys = keys;
        this.view = view;
        this.sealer = new EnvelopeSealer(randomness, new HpkeContexts(randomness, clock));
        this.loop = loop;
        this.transport = transport;
        this.dialer = dialer;
        this.owner = owner;
    }

    /**
     * Opens the keys and connects.
     *
     * @param data the stopped node's data folder, or a copy of it; keys without a passphrase
     * @param listen host and port of the neighbour to attack
     */
    public static Forger with(Path data, String listen) throws InterruptedException {
        Clock clock = Clock.real();
        Randomness randomness = Randomness.real();
        RealDisk disk = RealDisk.at(data);
        NodeKeys keys = NodeKeys.open(disk, Protection.fileModes(), randomness).fold(opened -> opened, why -> {
            throw new LabFailed("the thief cannot open the keys: " + why);
        });
        DirectoryView view =
                DirectoryFolder.of(disk).load(keys.root(), clock.now()).book().view();
        AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
        RealLoop loop = RealLoop.start("thief", 1, broken::set);
        Owner owner = new Owner(keys, view, clock);
        CompletableFuture<LinkSessions> sessions = new CompletableFuture<>();
        loop.execute(() -> sessions.complete(LinkSessions.start(loop, clock, owner, CreditPolicy.fixed(WINDOW_BYTES))));
        LinkTransport transport = LinkTransport.start(1);
        LinkTls tls = LinkTls.of(
                new TlsIdentity(keys.tls().key(), keys.tls().chain()),
                judge(view, clock),
                view.directory().policy().tlsGroups().contains(Policy.TlsGroup.X25519));
        int colon = listen.lastIndexOf(':');
        LinkDialer dialer = LinkDialer.start(
                List.of(InetSocketAddress.createUnresolved(
                        listen.substring(0, colon), Integer.parseInt(listen.substring(colon + 1)))),
                peer -> peer instanceof Peer.Node,
                transport,
                tls,
                await(sessions, "loop"),
                loop,
                clock,
                randomness);
        Forger forger = new Forger(keys, view, loop, transport, dialer, owner);
        try {
            LinkSession unused = forger.session();
            return forger;
        } catch (LabFailed away) {
            forger.close();
            throw away;
        }
    }

    private static PeerJudge judge(DirectoryView view, Clock clock) {
        return chain -> view.tlsPeer(chain, clock.now())
                .fold(
                        who -> who instanceof DirectoryView.TlsPeer.Node node
                                ? new PeerJudge.Verdict.Admit(new Peer.Node(node.id()))
                                : new PeerJudge.Verdict.Alert(Refusal.of(ErrorCode.WHO_ARE_YOU, "not a node")),
                        PeerJudge.Verdict.Alert::new);
    }

    private static <T> T await(CompletableFuture<@Nullable T> future, String what) throws InterruptedException {
        try {
            return Objects.requireNonNull(future.get(BOUND_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException none) {
            throw new LabFailed("the thief got no " + what, none);
        }
    }

    // ---- what he does

    /** A message of his, sealed with the stolen keys, one byte of its ciphertext changed afterwards. */
    public Outcome sendForged(String recipient) throws InterruptedException {
        SealedEnvelope sealed = seal(Address.parse(recipient).orBug(), "forged");
        byte[] bytes = ((Ciphertext.Inline) sealed.ciphertext()).bytes().toArray();
        bytes[bytes.length / 2] ^= 1;
        return offer(sealed.withCiphertext(new Ciphertext.Inline(Bytes.ofOwned(bytes))));
    }

    /** A message exactly as the office would send it: the first of its stream, so nothing may have gone from the office to this recipient. */
    public Outcome sendGenuine(String recipient) throws InterruptedException {
        SealedEnvelope sealed = seal(Address.parse(recipient).orBug(), "genuine");
        last = sealed;
        return offer(sealed);
    }

    /**
     * A message whose seal holds and whose slot says what cannot be: its predecessor in an order comes after it. Whoever opens the slot gives it
     * back; only who does not can sign that it was delivered.
     */
    public Outcome sendUnreadable(String recipient) throws InterruptedException {
        SlotFacts impossible = new SlotFacts(keys.incarnation(), 1, SlotFacts.NO_CORE, 2, Optional.empty());
        SealedEnvelope sealed = seal(Address.parse(recipient).orBug(), List.of(Bytes.utf8("unreadable")), impossible);
        unreadable = MerkleTree.leafHash(sealed.statement());
        return offer(sealed);
    }

    /** Kinds of the receipts about the last unreadable message that have come since the first call; the neighbour is told that all are kept. */
    public List<Receipt.Kind> receipts() throws InterruptedException {
        CompletableFuture<List<Receipt.Kind>> copy = new CompletableFuture<>();
        loop.execute(() -> {
            if (owner.receipts.isEmpty()) {
                owner.receipts = Optional.of(
                        carried -> ReceiptCodec.decode(carried.receipt().text(), view.network())
                                .map(receipt -> isAbout(receipt, unreadable) && kinds.add(receipt.kind())));
            }
            copy.complete(List.copyOf(kinds));
        });
        return await(copy, "loop");
    }

    /** In a tree of one leaf its root is the leaf. */
    private static boolean isAbout(Receipt receipt, @Nullable Hash leaf) {
        return receipt.subject() instanceof Receipt.Subject.One one
                ? one.leaf().equals(leaf)
                : receipt.subject() instanceof Receipt.Subject.Range range
                        && range.sealRoot().equals(leaf);
    }

    /** The same sealed bytes as the last genuine one, in a new offer. */
    public Outcome sendAgain() throws InterruptedException {
        SealedEnvelope again = last;
        if (again == null) {
            throw new LabFailed("nothing genuine was sent that could be sent again");
        }
        return offer(again);
    }

    private SealedEnvelope seal(Address recipient, String text) {
        SlotFacts first = new SlotFacts(keys.incarnation(), 1, SlotFacts.NO_CORE, 0, Optional.empty());
        return seal(recipient, List.of(Bytes.utf8(text)), first);
    }

    /** The envelope that follows {@code last}, with one message for each content, as the office would send it. */
    SealedEnvelope sealNext(Address recipient, List<Bytes> contents, Position last) {
        return seal(
                recipient,
                contents,
                new SlotFacts(keys.incarnation(), last.number() + 1, last.core(), 0, Optional.empty()));
    }

    private SealedEnvelope seal(Address recipient, List<Bytes> contents, SlotFacts facts) {
        Instant now = clock.now();
        Address sender = Address.of(keys.node());
        SigningKey signer = keys.signingKey(sender).orElseThrow(() -> new LabFailed("no signing key of " + sender));
        List<MessageHead> heads = new ArrayList<>();
        for (Bytes content : contents) {
            heads.add(new MessageHead(
                    MessageId.mint(now, randomness.bytes(ID_RANDOM_BYTES)),
                    Service.DOCUMENT,
                    Optional.of("from a thief"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(new MessageHead.Part("thief.txt", "text/plain", content.size()))));
        }
        Header header = new Header(
                view.network(),
                Suite.HYBRID_1.number(),
                heads.stream().map(MessageHead::id).toList(),
                sender,
                signer.certificate().hash(),
                List.of(recipient),
                Optional.empty(),
                Precedence.ROUTINE,
                SecrecyMark.NONE,
                now,
                new Lifetime(Duration.ofHours(1).toSeconds()),
                view.version(),
                List.of());
        SealPlan plan = SealPlan.of(header, heads).orBug();
        SealedPayload payload =
                sealer.payload(plan, contents.stream().map(List::of).toList()).orBug();
        return SealBatch.sign(
                        List.of(sealer.finish(plan, payload, List.of(key(recipient)), List.of(facts), key(sender))),
                        signer,
                        Optional.empty(),
                        now)
                .orBug()
                .get(0)
                .sealed();
    }

    private RecipientKey key(Address address) {
        return view.recipientKey(address, Suite.HYBRID_1, clock.now()).fold(found -> found, why -> {
            throw new LabFailed("the thief has no key to seal for " + address + ": " + why);
        });
    }

    /** The session that is open now, or the next one when the neighbour has gone and comes back. */
    LinkSession session() throws InterruptedException {
        return await(owner.ready, "session (" + dialer.status() + ")");
    }

    private Outcome offer(SealedEnvelope sealed) throws InterruptedException {
        LinkSession session = session();
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        loop.execute(() -> offer(session, sealed, answer::complete));
        return await(answer, "answer");
    }

    /** In the loop, where the session has room. */
    static void offer(LinkSession session, SealedEnvelope sealed, Consumer<Outcome> answer) {
        SealedEnvelope branch = sealed.withSlots(
                sealed.slots().stream().filter(slot -> slot.number() == 0).toList());
        session.offer(
                branch,
                Precedence.ROUTINE,
                Duration.ZERO,
                CiphertextSource.of(((Ciphertext.Inline) branch.ciphertext()).bytes()),
                new Answer(answer));
    }

    /** Passes on what the neighbour answered. */
    record Answer(Consumer<Outcome> to) implements TransferOutcome {
        @Override
        public void custody(CustodyMark mark) {
            to.accept(new Outcome.Taken());
        }

        @Override
        public void have(CustodyMark mark) {
            to.accept(new Outcome.Known());
        }

        @Override
        public void rejected(Refusal refusal, boolean advice) {
            to.accept(new Outcome.Refused(refusal));
        }

        @Override
        public void unreadable(Refusal refusal) {
            to.accept(new Outcome.Lost(refusal.toString()));
        }

        @Override
        public void lost() {
            to.accept(new Outcome.Lost("the link ended"));
        }
    }

    RealLoop loop() {
        return loop;
    }

    /** From now on, in the loop: called whenever the session may have room again. */
    void onRoom(Runnable then) {
        owner.room = then;
    }

    /** From now on, in the loop: gets every receipt that comes, for which the neighbour is told that it is kept. */
    void onReceipt(Consumer<CarriedReceipt> then) {
        owner.receipts = Optional.of(then);
    }

    @Override
    public void close() {
        CountDownLatch stopped = new CountDownLatch(1);
        loop.execute(() -> {
            dialer.stop();
            LinkSession session = owner.ready.getNow(null);
            if (session != null) {
                session.close(CloseReason.GOING_AWAY);
            }
            stopped.countDown();
        });
        try {
            boolean unused = stopped.await(BOUND_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        transport.close();
        loop.close();
        keys.close();
    }

    /** Says hello as the office; hears everything and answers nothing: what is sent to him is lost with the link and sent again. */
    private static final class Owner implements LinkOwner {
        private final NodeKeys keys;
        private final DirectoryView view;
        private final Clock clock;
        private volatile CompletableFuture<@Nullable LinkSession> ready = new CompletableFuture<>();
        private Runnable room = () -> {};
        private Optional<Consumer<CarriedReceipt>> receipts = Optional.empty();
        private long kept;

        Owner(NodeKeys keys, DirectoryView view, Clock clock) {
            this.keys = keys;
            this.view = view;
            this.clock = clock;
        }

        @Override
        public HelloDetails helloFor(LinkSession session) {
            return new HelloDetails(
                    keys.node().text(),
                    keys.incarnation(),
                    Optional.of(view.version()),
                    Hash.of(Bytes.empty()),
                    Optional.empty(),
                    clock.now(),
                    List.of());
        }

        @Override
        public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
            return Optional.empty();
        }

        @Override
        public void onReady(LinkSession session) {
            ready.complete(session);
        }

        @Override
        public void onRoom(LinkSession session) {
            room.run();
        }

        @Override
        public void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {}

        @Override
        public void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {}

        @Override
        public void onReceipts(LinkSession session, List<CarriedReceipt> came, List<CustodyReply> replies) {
            receipts.ifPresent(taker -> {
                came.forEach(taker);
                for (CustodyReply reply : replies) {
                    kept++;
                    // A mark is the issuer's alone to read: to anybody else any bytes are as good.
                    reply.custody(new CustodyMark(
                            keys.incarnation(), kept, Hash.of(Bytes.empty()).bytes()));
                }
            });
        }

        @Override
        public void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {}

        @Override
        public void onQuery(LinkSession session, Query query) {}

        @Override
        public void onKnown(LinkSession session, Known known) {}

        @Override
        public void onDirectory(LinkSession session, DirectoryMessage message) {}

        @Override
        public void onClosed(LinkSession session, LinkEnd end) {
            if (ready.isDone()) {
                ready = new CompletableFuture<>();
            }
        }
    }
}
