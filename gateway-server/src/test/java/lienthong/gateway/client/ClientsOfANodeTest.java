package lienthong.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.environment.Clock;
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
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.Service;
import lienthong.gateway.node.Node;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Embedded clients and the node that serves them: the whole of both, with wires in memory between them. */
class ClientsOfANodeTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Address ALICE = new Address(ClientNode.HUB, "alice");
    private static final Address BOB = new Address(ClientNode.HUB, "bob");

    @TempDir
    Path folder;

    private ClientNode node;
    private Path aliceFolder;
    private Path bobFolder;
    private final List<GatewayClient> open = new ArrayList<>();
    private final List<Subscription> reading = new ArrayList<>();
    private final LinkedBlockingQueue<Received> inbox = new LinkedBlockingQueue<>();

    @BeforeEach
    void join() throws IOException {
        node = new ClientNode(folder);
        aliceFolder = enrol(ALICE);
        bobFolder = enrol(BOB);
    }

    @AfterEach
    void leave() {
        open.forEach(GatewayClient::close);
        node.close();
        assertThat(node.failures).isEmpty();
    }

    private Path enrol(Address address) throws IOException {
        Path state = Files.createDirectory(folder.resolve(address.mailbox()));
        NodeKeys.ClientInvited invited = node.invite(address);
        assertThat(node.enrol(state, invited, invited.code()).orBug().address()).isEqualTo(address);
        return state;
    }

    private GatewayClient open(Path state) {
        GatewayClient client = node.open(state).orBug();
        open.add(client);
        return client;
    }

    private void read(GatewayClient client) {
        reading.add(client.receive(inbox::add));
    }

    private Received next() throws InterruptedException {
        Received message = inbox.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).as("a message came").isNotNull();
        return message;
    }

    private static Message draft(GatewayClient from, Address to) {
        return from.message()
                .from(from.address())
                .to(to)
                .service(Service.DOCUMENT)
                .subject("Báo cáo");
    }

    private static MessageId send(Message message) {
        Submission[] last = new Submission[1];
        await().atMost(SOON).until(() -> {
            last[0] = message.send();
            return !(last[0] instanceof Submission.Refused no && no.why().reason() == ErrorCode.UNKNOWN_RECIPIENT);
        });
        assertThat(last[0]).isInstanceOf(Submission.Accepted.class);
        return ((Submission.Accepted) last[0]).id();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aMessageGoesFromClientToClientAndItsEndComesHome() throws Exception {
        GatewayClient alice = open(aliceFolder);
        GatewayClient bob = open(bobFolder);
        read(bob);
        MessageId id = send(draft(alice, BOB).part("a.txt", "text/plain", text("xin chào")));
        Received message = next();
        assertThat(message.id()).isEqualTo(id);
        assertThat(message.parts().get(0).bytes()).isEqualTo(Bytes.utf8("xin chào"));
        assertThat(message.acknowledge()).isEmpty();
        await().atMost(SOON).until(() -> alice.track(id).orBug().haveAll(Tracking.State.CONSUMED));
        assertThat(bob.track(id).refusal().reason())
                .as("others' messages are unknown ones")
                .isEqualTo(ErrorCode.MESSAGE_UNKNOWN);
        assertThat(alice.lookUp("tinh uy").orBug().offices())
                .extracting(LookedUp.Office::name)
                .containsExactly("Tỉnh ủy");
    }

    @Test
    void aLargeMessageGoesThroughTheSpoolAndTheNodeCannotReadIt() throws Exception {
        GatewayClient alice = open(aliceFolder);
        GatewayClient bob = open(bobFolder);
        read(bob);
        byte[] content = text("dòng không được đọc ở nút\n".repeat(80_000));
        Path file = folder.resolve("lon.txt");
        Files.write(file, content);
        send(draft(alice, BOB).part("lon.txt", "text/plain", file));
        Received message = next();
        Path saved = folder.resolve("saved.txt");
        assertThat(message.parts().get(0).saveTo(saved)).isEmpty();
        assertThat(Files.mismatch(file, saved)).isEqualTo(-1);
        try (var files = Files.walk(folder.resolve("node"))) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(one), StandardCharsets.UTF_8))
                        .as(one.toString())
                        .doesNotContain("không được đọc");
            }
        }
        assertThat(message.acknowledge()).isEmpty();
    }

    @Test
    void aCrashBetweenWorkAndAcknowledgementBringsTheSameMessageMarked() throws Exception {
        GatewayClient alice = open(aliceFolder);
        GatewayClient bob = open(bobFolder);
        read(bob);
        MessageId id = send(draft(alice, BOB));
        assertThat(next().isRedelivered()).isFalse();
        bob.crash();
        open.remove(bob);
        node.cut();
        read(open(bobFolder));
        Received message = next();
        assertThat(message.id()).isEqualTo(id);
        assertThat(message.isRedelivered()).isTrue();
        assertThat(message.acknowledge()).isEmpty();
        await().atMost(SOON).until(() -> alice.track(id).orBug().haveAll(Tracking.State.CONSUMED));
    }

    @Test
    void aNodeThatStartsAgainHasWhatItAnsweredFor() throws Exception {
        GatewayClient alice = open(aliceFolder);
        GatewayClient bob = open(bobFolder);
        await().atMost(SOON).until(() -> bob.away().isEmpty());
        MessageId id = send(draft(alice, BOB));
        node.stop();
        node.start();
        read(bob);
        Received message = next();
        assertThat(message.id()).isEqualTo(id);
        assertThat(message.acknowledge()).isEmpty();
        await().atMost(SOON)
                .until(() ->
                        alice.track(id).fold(tracking -> tracking.haveAll(Tracking.State.CONSUMED), refusal -> false));
    }

    @Test
    void whatAClientReturnsIsReturnedWithItsOwnSignature() throws Exception {
        GatewayClient alice = open(aliceFolder);
        GatewayClient bob = open(bobFolder);
        read(bob);
        MessageId id = send(draft(alice, BOB));
        assertThat(next().giveBack("nhầm nơi nhận")).isEmpty();
        await().atMost(SOON).until(() -> alice.track(id).orBug().haveAll(Tracking.State.RETURNED));
        assertThat(alice.track(id).orBug().places().get(0).reason()).contains(ErrorCode.RETURNED_BY_APPLICATION);
    }

    @Test
    void aWrongCodeAndAUsedInvitationEnrolNobody() throws IOException {
        Path eve = Files.createDirectory(folder.resolve("eve"));
        NodeKeys.ClientInvited invited = node.invite(new Address(ClientNode.HUB, "eve"));
        assertThat(node.enrol(eve, invited, "1234 1234 1234 1234 1234")
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.PASSPHRASE_WRONG);
        assertThat(node.enrol(eve, invited, invited.code()).isOk()).isTrue();
        Path second = Files.createDirectory(folder.resolve("second"));
        assertThat(node.enrol(second, invited, invited.code()).refusal().reason())
                .isEqualTo(ErrorCode.INVITATION_USED);
    }

    /** B11, and its part of T25. */
    @Test
    void refusesAnothersSenderAndEndsTheSessionAtTheThirdWhileItsOwnMessagesMove() throws Exception {
        GatewayClient alice = open(aliceFolder);
        GatewayClient bob = open(bobFolder);
        await().atMost(SOON).until(() -> bob.away().isEmpty());
        send(draft(alice, BOB));
        alice.close();
        bob.close();
        open.clear();
        SealedEnvelope alices = sealedBy(aliceFolder, ALICE, BOB);
        SealedEnvelope bobs = sealedBy(bobFolder, BOB, ALICE);
        Rogue rogue = new Rogue(BOB);
        List<Refusal> refusals = new CopyOnWriteArrayList<>();
        List<Long> custody = new CopyOnWriteArrayList<>();
        rogue.offer(alices, refusals, custody);
        await().atMost(SOON).until(() -> refusals.size() == 1);
        assertThat(refusals.get(0).reason()).isEqualTo(ErrorCode.SENDER_NOT_YOURS);
        rogue.offer(bobs, refusals, custody);
        await().atMost(SOON).until(() -> custody.size() == 1);
        rogue.offer(alices, refusals, custody);
        rogue.offer(alices, refusals, custody);
        await().atMost(SOON).until(() -> rogue.closed.isPresent());
        assertThat(rogue.closed.get().reason()).isEqualTo(CloseReason.IDENTITY);
        assertThat(refusals).extracting(Refusal::reason).containsOnly(ErrorCode.SENDER_NOT_YOURS);
        rogue.close();
    }

    /** T25: attaching for another's address. */
    @Test
    void nobodyReadsAnothersMail() throws Exception {
        Rogue rogue = new Rogue(BOB);
        rogue.say(new ClientFrame.Attach(ALICE, false, 10));
        await().atMost(SOON).until(() -> rogue.closed.isPresent());
        assertThat(rogue.closed.get().reason()).isEqualTo(CloseReason.IDENTITY);
        rogue.close();
    }

    /** An envelope as this client would seal it, never offered. */
    private SealedEnvelope sealedBy(Path state, Address from, Address to) throws IOException {
        GatewayClient.Ground ground = node.ground(state);
        ClientKeys keys = ClientKeys.open(ground.disk(), Protection.fileModes(), ground.randomness())
                .orBug();
        try (ClientState numbers = ClientState.open(
                        ground.disk(),
                        new Change.Owner(keys.root().fingerprint(), keys.address(), keys.incarnation()),
                        ground.clock().now())
                .orBug()) {
            DirectoryView view = node.ask(Node::directoryView);
            Sealing sealing = new Sealing(
                    keys,
                    numbers,
                    CiphertextFolder.open(ground.disk()),
                    () -> view,
                    ground.clock(),
                    ground.randomness());
            Message message = new Message.Begun(unsent -> new Submission.Refused(Refusal.of(ErrorCode.STOPPING)))
                    .from(from)
                    .to(to)
                    .service(Service.MAIL);
            Sealing.Outcome outcome =
                    sealing.seal(List.of(sealing.prepare(message).orBug())).get(0);
            return ((Sealing.Outcome.Ready) outcome).envelope();
        } finally {
            keys.close();
        }
    }

    /** A session with a client's certificate that says what it likes. */
    private final class Rogue implements LinkOwner, AutoCloseable {
        private final Address as;
        private final RealLoop loop = RealLoop.start("rogue", 1, node.failures::add);
        private final CompletableFuture<LinkSession> session = new CompletableFuture<>();
        private final Connector connector;
        volatile Optional<Closing> closed = Optional.empty();

        Rogue(Address as) {
            this.as = as;
            this.connector = node.connector(new Peer.Client(as), loop);
            loop.execute(
                    () -> connector.start(LinkSessions.start(loop, Clock.real(), this, CreditPolicy.fixed(1 << 20))));
        }

        void offer(SealedEnvelope envelope, List<Refusal> refusals, List<Long> custody) {
            LinkSession up = session.join();
            loop.execute(() -> up.offer(
                    envelope,
                    Precedence.ROUTINE,
                    Duration.ZERO,
                    CiphertextSource.of(((SealedEnvelope.Ciphertext.Inline) envelope.ciphertext()).bytes()),
                    new TransferOutcome() {
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
                    }));
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
                    as.toString(),
                    new Incarnation(5),
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
}
