package lienthong.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.EnvelopeSealer;
import lienthong.gateway.envelope.HpkeContexts;
import lienthong.gateway.envelope.MessageHead;
import lienthong.gateway.envelope.ReceiptSigner;
import lienthong.gateway.envelope.SealBatch;
import lienthong.gateway.envelope.SealPlan;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.envelope.Unsealed;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.identity.ClientKeys;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.CiphertextSource;
import lienthong.gateway.link.ClientFrame;
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
import lienthong.gateway.link.Query;
import lienthong.gateway.link.TransferOutcome;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import lienthong.gateway.message.SignedReceipt;
import lienthong.gateway.node.Node;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * T25: a rogue client, with a valid identity of one address, the link protocol and patience, against a whole node. Also B11: a sender address that
 * is not the identity's.
 */
class T25RogueClientTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Address ALICE = new Address(ClientNode.HUB, "alice");
    private static final Address BOB = new Address(ClientNode.HUB, "bob");

    @TempDir
    private static Path folder;

    private static ClientNode node;
    private static Path aliceFolder;
    private static Path bobFolder;

    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();
    private final List<Long> custody = new CopyOnWriteArrayList<>();

    /** Both have been connected once, so that the node knows their certificates and keys. */
    @BeforeAll
    static void join() throws IOException {
        node = new ClientNode(folder);
        aliceFolder = enrol(ALICE);
        bobFolder = enrol(BOB);
        for (Path state : List.of(aliceFolder, bobFolder)) {
            try (GatewayClient client = node.open(state).orBug()) {
                await().atMost(SOON).until(() -> node.ask(Node::directoryView).hasOwnIdentity(client.address()));
            }
        }
    }

    private static Path enrol(Address address) throws IOException {
        Path state = Files.createDirectory(folder.resolve(address.mailbox()));
        NodeKeys.ClientInvited invited = node.invite(address);
        assertThat(node.enrol(state, invited, invited.code()).orBug().address()).isEqualTo(address);
        return state;
    }

    @AfterAll
    static void stop() {
        node.close();
        assertThat(node.failures).isEmpty();
    }

    @Test
    void b11AnothersSenderIsRefusedAndTheThirdEndsTheSessionWhileItsOwnMessagesMove() throws Exception {
        SealedEnvelope alices = sealedBy(aliceFolder, BOB, SecrecyMark.NONE, Precedence.ROUTINE);
        SealedEnvelope bobs = sealedBy(bobFolder, ALICE, SecrecyMark.NONE, Precedence.ROUTINE);
        try (Rogue rogue = new Rogue(BOB)) {
            rogue.offer(alices);
            await().atMost(SOON).until(() -> refusals.size() == 1);
            assertThat(refusals.get(0).reason()).isEqualTo(ErrorCode.SENDER_NOT_YOURS);
            rogue.offer(bobs);
            await().atMost(SOON).until(() -> custody.size() == 1);
            rogue.offer(alices);
            await().atMost(SOON).until(() -> refusals.size() == 2);
            rogue.offer(alices);
            await().atMost(SOON).until(() -> rogue.closed.isPresent());
            assertThat(rogue.closed.get().reason()).isEqualTo(CloseReason.IDENTITY);
            assertThat(refusals).extracting(Refusal::reason).containsOnly(ErrorCode.SENDER_NOT_YOURS);
        }
    }

    @Test
    void aClientOfAnAddressServedElsewhereSendsNothingHere() throws Exception {
        Address elsewhere = Address.of(ClientNode.ELSEWHERE);
        SealedEnvelope theirs = sealedBy(bobFolder, elsewhere, ALICE, SecrecyMark.NONE, Precedence.ROUTINE);
        try (Rogue rogue = new Rogue(elsewhere)) {
            rogue.offer(theirs);
            await().atMost(SOON).until(() -> refusals.size() == 1);
            rogue.offerLarge(theirs, bytes(theirs));
            await().atMost(SOON).until(() -> refusals.size() == 2);
        }
        assertThat(refusals).extracting(Refusal::reason).containsOnly(ErrorCode.NOT_YOUR_ADDRESS);
    }

    @Test
    void nobodyReadsAnothersMail() throws Exception {
        try (Rogue rogue = new Rogue(BOB)) {
            rogue.say(new ClientFrame.Attach(ALICE, false, 10));
            await().atMost(SOON).until(() -> rogue.closed.isPresent());
            assertThat(rogue.closed.get().reason()).isEqualTo(CloseReason.IDENTITY);
        }
    }

    @Test
    void marksAreRefusedAtTheNodeToo() throws Exception {
        try (Rogue rogue = new Rogue(BOB)) {
            rogue.offer(sealedBy(bobFolder, ALICE, SecrecyMark.SECRET, Precedence.ROUTINE));
            await().atMost(SOON).until(() -> refusals.size() == 1);
            rogue.offer(sealedBy(bobFolder, ALICE, SecrecyMark.CONFIDENTIAL, Precedence.ROUTINE));
            await().atMost(SOON).until(() -> refusals.size() == 2);
            assertThat(refusals)
                    .extracting(Refusal::reason)
                    .containsExactly(ErrorCode.SECRECY_TOO_HIGH, ErrorCode.SECRECY_NEEDS_CIPHER);
            assertThat(custody).isEmpty();
        }
    }

    @Test
    void aReceiptOfWhatWasNotLentEndsNothing() throws Exception {
        SealedEnvelope alices = sealedBy(aliceFolder, BOB, SecrecyMark.NONE, Precedence.ROUTINE);
        try (Rogue rogue = new Rogue(BOB)) {
            rogue.receipt(consumed(alices, bobFolder), ALICE);
            await().atMost(SOON).until(() -> refusals.size() == 1);
            assertThat(refusals.get(0).reason()).isEqualTo(ErrorCode.LEASE_NOT_HELD);
        }
    }

    @Test
    void aLargeOneSentAgainAndAgainLeavesOneFileAndTheNodeUp() throws Exception {
        SealedEnvelope bobs = sealedBy(bobFolder, ALICE, SecrecyMark.NONE, Precedence.ROUTINE);
        try (Rogue rogue = new Rogue(BOB)) {
            for (int i = 1; i <= 3; i++) {
                int times = i;
                rogue.offerLarge(bobs, bytes(bobs));
                await().atMost(SOON).until(() -> custody.size() == times);
            }
        }
        assertThat(refusals).isEmpty();
        await().atMost(SOON).until(() -> spoolFiles().size() == 1);
        assertThat(node.failures).isEmpty();
    }

    @Test
    void aSealThatDoesNotHoldUnderALargeOneIsRefusedEachTimeAndLeavesNothing() throws Exception {
        SealedEnvelope bobs = sealedBy(bobFolder, ALICE, SecrecyMark.NONE, Precedence.ROUTINE);
        List<String> before = spoolFiles();
        try (Rogue rogue = new Rogue(BOB)) {
            for (int i = 1; i <= 3; i++) {
                int times = i;
                rogue.offerLarge(bobs, Bytes.ofOwned(new byte[bytes(bobs).size()]));
                await().atMost(SOON).until(() -> refusals.size() == times);
            }
        }
        assertThat(refusals).extracting(Refusal::reason).containsOnly(ErrorCode.SEAL_INVALID);
        await().atMost(SOON).until(() -> spoolFiles().equals(before));
        assertThat(node.failures).isEmpty();
    }

    @Test
    void aShorterOneUnderTheCoreOfALongerOneThatWasCutStopsNobody() throws Exception {
        SealedEnvelope bobs = sealedBy(bobFolder, ALICE, SecrecyMark.NONE, Precedence.ROUTINE);
        List<String> before = spoolFiles();
        try (Rogue rogue = new Rogue(BOB)) {
            rogue.offerLarge(bobs, Bytes.ofOwned(new byte[9 * 1024 * 1024]), 8 * 1024 * 1024);
            await().atMost(SOON).until(() -> spoolBytes() > 8 * 1024 * 1024);
        }
        node.cut();
        try (Rogue rogue = new Rogue(BOB)) {
            await().atMost(SOON).until(() -> {
                int answers = custody.size() + refusals.size();
                rogue.offerLarge(bobs, bytes(bobs));
                await().atMost(SOON).until(() -> custody.size() + refusals.size() > answers);
                return !custody.isEmpty();
            });
        }
        await().atMost(SOON).until(() -> spoolFiles().size() == before.size() + 1);
        assertThat(node.failures).isEmpty();
    }

    @Test
    void aDiskThatFillsUpUnderALargeOneRefusesThatOneAndStopsNobody() throws Exception {
        SealedEnvelope bobs = sealedBy(bobFolder, ALICE, SecrecyMark.NONE, Precedence.ROUTINE);
        SealedEnvelope next = sealedBy(bobFolder, ALICE, SecrecyMark.NONE, Precedence.ROUTINE);
        try (Rogue rogue = new Rogue(BOB)) {
            node.fillsUp.set(true);
            rogue.offerLarge(bobs, Bytes.ofOwned(new byte[3 * 1024 * 1024]));
            await().atMost(SOON).until(() -> refusals.size() == 1);
            node.emptied();
            assertThat(refusals).extracting(Refusal::reason).containsExactly(ErrorCode.DISK_LOW);
            await().atMost(SOON).until(() -> {
                rogue.offer(next);
                await().atMost(SOON).until(() -> refusals.size() + custody.size() > 1);
                return !custody.isEmpty();
            });
            assertThat(rogue.closed).isEmpty();
        } finally {
            node.emptied();
        }
        assertThat(node.failures).isEmpty();
    }

    @Test
    void t19TwoLiveIncarnationsOfOneNodeAreBothNamedAndNeitherGoesOn() throws Exception {
        Peer.Node twice = new Peer.Node(ClientNode.ELSEWHERE);
        try (Rogue first = new Rogue(twice, new Incarnation(0xA1))) {
            first.session.get(30, TimeUnit.SECONDS);
            assertThat(first.closed).isEmpty();
            try (Rogue second = new Rogue(twice, new Incarnation(0xB2))) {
                await().atMost(SOON).until(() -> first.closed.isPresent() && second.closed.isPresent());
                for (Rogue one : List.of(first, second)) {
                    assertThat(one.closed.get().reason()).isEqualTo(CloseReason.IDENTITY);
                    assertThat(one.closed.get().detail())
                            .contains(
                                    "NODE_CLONED", new Incarnation(0xA1).toString(), new Incarnation(0xB2).toString());
                }
            }
        }
        try (Rogue again = new Rogue(twice, new Incarnation(0xA1))) {
            await().atMost(SOON).until(() -> again.closed.isPresent());
            assertThat(again.closed.get().reason()).isEqualTo(CloseReason.IDENTITY);
        }
        assertThat(notes()).anyMatch(note -> note.reason() == ErrorCode.NODE_CLONED);
        // The finding is on disk; a restart decides nothing.
        await().atMost(SOON).until(() -> Files.exists(folder.resolve("node/directory/findings.list")));
        node.stop();
        node.start();
        assertThat(notes())
                .anyMatch(note -> note.reason() == ErrorCode.NODE_CLONED
                        && note.detail().contains(new Incarnation(0xA1).toString())
                        && note.detail().contains(new Incarnation(0xB2).toString()));
        for (Incarnation one : List.of(new Incarnation(0xA1), new Incarnation(0xB2), new Incarnation(0xC3))) {
            try (Rogue after = new Rogue(twice, one)) {
                await().atMost(SOON).until(() -> after.closed.isPresent());
                assertThat(after.closed.get().reason()).isEqualTo(CloseReason.IDENTITY);
                assertThat(after.closed.get().detail()).contains("NODE_CLONED");
            }
        }
        // The operator of that office decides: it joins anew, and the authority's directory says so with a new CA.
        joinAnew(ClientNode.ELSEWHERE);
        assertThat(notes()).noneMatch(note -> note.reason() == ErrorCode.NODE_CLONED);
        try (Rogue anew = new Rogue(twice, new Incarnation(0xC3))) {
            anew.session.get(30, TimeUnit.SECONDS);
            assertThat(anew.closed).isEmpty();
        }
    }

    private static List<Refusal> notes() throws Exception {
        CompletableFuture<List<Refusal>> notes = new CompletableFuture<>();
        node.ask(Node::operator).status(status -> notes.complete(status.notes()));
        return notes.get(30, TimeUnit.SECONDS);
    }

    private static void joinAnew(lienthong.gateway.message.OrganisationId office) throws Exception {
        var invited =
                node.authority.invite(office, List.of(), 14, Optional.empty()).orBug();
        assertThat(invited.code()).isNotEmpty();
        CompletableFuture<Result<?>> taken = new CompletableFuture<>();
        node.ask(Node::operator)
                .importDirectory(node.authority.directory().signed().toBytes(), taken::complete);
        assertThat(taken.get(30, TimeUnit.SECONDS).isOk()).isTrue();
    }

    private static Bytes bytes(SealedEnvelope envelope) {
        return ((SealedEnvelope.Ciphertext.Inline) envelope.ciphertext()).bytes();
    }

    private static List<String> spoolFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("node/spool"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static long spoolBytes() throws IOException {
        long sum = 0;
        for (String file : spoolFiles()) {
            sum += Files.size(folder.resolve("node/spool").resolve(file));
        }
        return sum;
    }

    private interface WithKeys<T> {
        T with(ClientKeys keys, DirectoryView view);
    }

    private static <T> T withKeys(Path state, WithKeys<T> work) {
        GatewayClient.Ground ground = node.ground(state);
        ClientKeys keys = ClientKeys.open(ground.disk(), Protection.fileModes(), ground.randomness())
                .orBug();
        try {
            return work.with(keys, node.ask(Node::directoryView));
        } finally {
            keys.close();
        }
    }

    /** An envelope that this client's keys seal, whatever the client itself would refuse. */
    private static SealedEnvelope sealedBy(Path state, Address to, SecrecyMark mark, Precedence precedence) {
        return sealedBy(state, withKeys(state, (keys, view) -> keys.address()), to, mark, precedence);
    }

    private static SealedEnvelope sealedBy(
            Path state, Address from, Address to, SecrecyMark mark, Precedence precedence) {
        Randomness randomness = Randomness.real();
        Instant now = Clock.real().now().truncatedTo(ChronoUnit.MILLIS);
        return withKeys(state, (keys, view) -> {
            MessageHead head = new MessageHead(
                    MessageId.mint(now, randomness.bytes(10)),
                    Service.MAIL,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of());
            SealPlan plan = SealPlan.of(
                            new Header(
                                    view.network(),
                                    Suite.HYBRID_1.number(),
                                    List.of(head.id()),
                                    from,
                                    keys.signingKey().certificate().hash(),
                                    List.of(to),
                                    Optional.empty(),
                                    precedence,
                                    mark,
                                    now,
                                    Lifetime.DEFAULT,
                                    view.version(),
                                    List.of()),
                            List.of(head))
                    .orBug();
            EnvelopeSealer sealer = new EnvelopeSealer(randomness, new HpkeContexts(randomness, Clock.real()));
            Unsealed unsealed = sealer.finish(
                    plan,
                    sealer.payload(plan, List.of(List.of())).orBug(),
                    List.of(view.recipientKey(to, Suite.HYBRID_1, now).orBug()),
                    List.of(new SlotFacts(keys.incarnation(), 1, SlotFacts.NO_CORE, 0, Optional.empty())),
                    view.recipientKey(keys.address(), Suite.HYBRID_1, now).orBug());
            return SealBatch.sign(List.of(unsealed), keys.signingKey(), Optional.empty(), now)
                    .orBug()
                    .get(0)
                    .sealed();
        });
    }

    /** A receipt that this client's key signs for an envelope it was never lent. */
    private static SignedReceipt consumed(SealedEnvelope envelope, Path state) {
        Instant now = Clock.real().now().truncatedTo(ChronoUnit.MILLIS);
        Header header = CoreCodec.decode(envelope.core(), null).orBug();
        return withKeys(
                state,
                (keys, view) -> ReceiptSigner.sign(
                                List.of(new Receipt(
                                        view.network(),
                                        Receipt.Kind.CONSUMED,
                                        new Receipt.Subject.One(
                                                header.id(),
                                                MerkleTree.leafHash(envelope.statement()),
                                                Hash.of(envelope.core())),
                                        keys.address(),
                                        keys.signingKey().certificate().hash(),
                                        Optional.empty(),
                                        now,
                                        view.version(),
                                        keys.incarnation(),
                                        1)),
                                Suite.HYBRID_1.number(),
                                keys.signingKey(),
                                now)
                        .orBug()
                        .get(0));
    }

    /** A session with a client's certificate that says what it likes. */
    private final class Rogue implements LinkOwner, AutoCloseable {
        private final String as;
        private final Incarnation incarnation;
        private final RealLoop loop = RealLoop.start("rogue", 1, node.failures::add);
        private final CompletableFuture<LinkSession> session = new CompletableFuture<>();
        private final Connector connector;
        volatile Optional<Closing> closed = Optional.empty();

        Rogue(Address as) {
            this(new Peer.Client(as), new Incarnation(5));
        }

        Rogue(Peer as, Incarnation incarnation) {
            this.as = as.name();
            this.incarnation = incarnation;
            this.connector = node.connector(as, loop);
            loop.execute(
                    () -> connector.start(LinkSessions.start(loop, Clock.real(), this, CreditPolicy.fixed(1 << 20))));
        }

        void offer(SealedEnvelope envelope) {
            LinkSession up = session.join();
            loop.execute(() -> up.offer(
                    envelope,
                    Precedence.ROUTINE,
                    Duration.ZERO,
                    CiphertextSource.of(((SealedEnvelope.Ciphertext.Inline) envelope.ciphertext()).bytes()),
                    new Noted()));
        }

        /** As if the ciphertext were too large for a frame. */
        void offerLarge(SealedEnvelope envelope, Bytes ciphertext) {
            offerLarge(envelope, ciphertext, ciphertext.size());
        }

        /** Likewise; what is read at {@code stuckAt} or after never comes. */
        void offerLarge(SealedEnvelope envelope, Bytes ciphertext, int stuckAt) {
            LinkSession up = session.join();
            SealedEnvelope large = new SealedEnvelope(
                    envelope.core(),
                    envelope.slots(),
                    new SealedEnvelope.Ciphertext.Spooled(1, ciphertext.size()),
                    envelope.statement(),
                    envelope.seal());
            CiphertextSource source = new CiphertextSource() {
                @Override
                public long length() {
                    return ciphertext.size();
                }

                @Override
                public Result<Bytes> read(long offset, int size) throws IOException {
                    if (offset + size > stuckAt && stuckAt < ciphertext.size()) {
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException over) {
                            throw new IOException(over);
                        }
                    }
                    return Result.ok(ciphertext.slice((int) offset, size));
                }
            };
            loop.execute(() -> up.offer(large, Precedence.ROUTINE, Duration.ZERO, source, new Noted()));
        }

        void receipt(SignedReceipt receipt, Address home) {
            LinkSession up = session.join();
            loop.execute(() -> up.receipt(new CarriedReceipt(home, receipt), new Noted()));
        }

        void say(ClientFrame frame) {
            LinkSession up = session.join();
            loop.execute(() -> up.send(frame));
        }

        @Override
        public void close() {
            connector.close();
            loop.close();
        }

        @Override
        public HelloDetails helloFor(LinkSession begun) {
            return new HelloDetails(
                    as,
                    incarnation,
                    Optional.empty(),
                    Hash.of(Bytes.empty()),
                    Optional.empty(),
                    Clock.real().now(),
                    List.of());
        }

        @Override
        public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
            return Optional.empty();
        }

        @Override
        public void onReady(LinkSession ready) {
            session.complete(ready);
        }

        @Override
        public void onRoom(LinkSession session) {}

        @Override
        public void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {}

        @Override
        public void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {}

        @Override
        public void onReceipts(LinkSession session, List<CarriedReceipt> receipts, List<CustodyReply> replies) {}

        @Override
        public void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {}

        @Override
        public void onQuery(LinkSession session, Query query) {}

        @Override
        public void onKnown(LinkSession session, Known known) {}

        @Override
        public void onDirectory(LinkSession session, DirectoryMessage message) {}

        @Override
        public void onClosed(LinkSession over, LinkEnd end) {
            if (closed.isEmpty() && end instanceof LinkEnd.ClosedByPeer peer) {
                closed = Optional.of(peer.why());
            }
        }
    }

    /** Notes what became of something offered. */
    private final class Noted implements TransferOutcome {
        @Override
        public void custody(CustodyMark mark) {
            custody.add(mark.number());
        }

        @Override
        public void have(CustodyMark mark) {
            custody.add(mark.number());
        }

        @Override
        public void rejected(Refusal refusal, boolean advice) {
            refusals.add(refusal);
        }

        @Override
        public void unreadable(Refusal refusal) {
            refusals.add(refusal);
        }

        @Override
        public void lost() {
            // The session was closed meanwhile.
        }
    }
}
