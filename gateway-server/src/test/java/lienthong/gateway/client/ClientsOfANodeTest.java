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
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Embedded clients and the node that serves them: the whole of both, with wires in memory between them. */
class ClientsOfANodeTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Address ALICE = new Address(ClientNode.HUB, "alice");
    private static final Address BOB = new Address(ClientNode.HUB, "bob");

    @TempDir
    private static Path folder;

    /** One node for all tests: making its keys is what takes time. */
    private static ClientNode node;

    private static Path aliceFolder;
    private static Path bobFolder;
    private final List<GatewayClient> open = new ArrayList<>();
    private final List<Subscription> reading = new ArrayList<>();
    private final LinkedBlockingQueue<Received> inbox = new LinkedBlockingQueue<>();

    @BeforeAll
    static void join() throws IOException {
        node = new ClientNode(folder);
        aliceFolder = enrol(ALICE);
        bobFolder = enrol(BOB);
    }

    @AfterEach
    void leave() {
        open.forEach(GatewayClient::close);
    }

    @AfterAll
    static void stop() {
        node.close();
        assertThat(node.failures).isEmpty();
    }

    private static Path enrol(Address address) throws IOException {
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
        return draft(from, to, Service.DOCUMENT);
    }

    private static Message draft(GatewayClient from, Address to, Service service) {
        return from.message().from(from.address()).to(to).service(service).subject("Báo cáo");
    }

    private static MessageId send(Message message) {
        Submission[] last = new Submission[1];
        await().atMost(SOON).until(() -> {
            last[0] = message.send();
            return !(last[0] instanceof Submission.Busy busy && busy.why().reason() == ErrorCode.KEYS_ON_THEIR_WAY);
        });
        assertThat(last[0]).isInstanceOf(Submission.Accepted.class);
        return ((Submission.Accepted) last[0]).id();
    }

    /** Sends as soon as the recipient's first keys have come. */
    private static MessageId sendOnceKnown(Message message) {
        Submission[] last = new Submission[1];
        await().atMost(SOON).until(() -> {
            last[0] = message.send();
            return last[0] instanceof Submission.Accepted;
        });
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
    void aClientThatLostItsFolderReadsWhatWasSealedForTheKeysItLost() throws Exception {
        Address carol = new Address(ClientNode.HUB, "carol");
        Path lost = enrol(carol);
        GatewayClient before = open(lost);
        await().atMost(SOON)
                .until(() -> node.ask(up -> up.directoryView().bundle(carol).isPresent()));
        before.close();
        open.remove(before);
        GatewayClient alice = open(aliceFolder);
        MessageId first = sendOnceKnown(draft(alice, carol).part("a.txt", "text/plain", text("một")));
        MessageId second = send(draft(alice, carol).ordering("k").part("b.txt", "text/plain", text("hai")));

        node.revokeClients(carol);
        Path anew = Files.createDirectory(folder.resolve("carol-again"));
        NodeKeys.ClientInvited invited = node.invite(carol);
        assertThat(node.enrol(anew, invited, invited.code()).isOk()).isTrue();
        alice.close();
        open.remove(alice);
        GatewayClient again = open(anew);
        read(again);
        await().atMost(SOON).until(() -> queueSays("KEY_NOT_HERE"));
        await().during(Duration.ofSeconds(1)).atMost(SOON).until(inbox::isEmpty);

        GatewayClient aliceAgain = open(aliceFolder);
        assertThat(aliceAgain.track(first).orBug().haveAll(Tracking.State.RETURNED))
                .as("it waits for its sender")
                .isFalse();
        next();
        next();
        aliceAgain.close();
        open.remove(aliceAgain);
        again.crash();
        open.remove(again);
        node.stop();
        node.start();
        // Whoever could make the slots anew once more is away.
        read(open(anew));
        Received one = next();
        Received two = next();
        assertThat(List.of(one.id(), two.id())).containsExactlyInAnyOrder(first, second);
        assertThat(List.of(one.parts().get(0).bytes(), two.parts().get(0).bytes()))
                .containsExactlyInAnyOrder(Bytes.utf8("một"), Bytes.utf8("hai"));
        assertThat(one.isRedelivered())
                .as("a lease without the key was one too")
                .isTrue();
        assertThat(one.acknowledge()).isEmpty();
        assertThat(two.acknowledge()).isEmpty();
        GatewayClient aliceLast = open(aliceFolder);
        await().atMost(SOON)
                .until(() -> aliceLast.track(first).orBug().haveAll(Tracking.State.CONSUMED)
                        && aliceLast.track(second).orBug().haveAll(Tracking.State.CONSUMED));
    }

    private static boolean queueSays(String reason) throws Exception {
        CompletableFuture<String> page = new CompletableFuture<>();
        node.ask(up -> {
            up.operator().queue(new OperatorDoor.QueueQuery("", 100, ""), answer -> page.complete(answer.toString()));
            return true;
        });
        return page.get(SOON.toSeconds(), TimeUnit.SECONDS).contains(reason);
    }

    // ---- applications at the node's own door

    private final LinkedBlockingQueue<ReceiveDoor.Lease> leases = new LinkedBlockingQueue<>();

    /** An application that takes what the node's office gets, and gives up each when it has it. */
    private ReceiveDoor.Receiving application(Set<Service> services) {
        CompletableFuture<ReceiveDoor.Receiving> attached = new CompletableFuture<>();
        node.ask(up -> {
            up.receive()
                    .attach(
                            new Caller("test", Set.of(), Set.of(), false),
                            new ReceiveDoor.Attachment(Address.of(ClientNode.HUB), "test", SOON, services),
                            new ReceiveDoor.Receiver() {
                                @Override
                                public void lease(ReceiveDoor.Lease lease) {
                                    leases.add(lease);
                                }

                                @Override
                                public void lost(long lease, Refusal why) {}

                                @Override
                                public void closed(Refusal why) {}
                            },
                            result -> attached.complete(result.orBug()));
            return true;
        });
        ReceiveDoor.Receiving receiving = attached.join();
        receiving.credit(2);
        return receiving;
    }

    private MessageId leased(ReceiveDoor.Receiving from) throws InterruptedException {
        ReceiveDoor.Lease lease = leases.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(lease).as("a message is leased").isNotNull();
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        from.acknowledge(lease.id(), refusal -> done.complete(refusal.isEmpty()));
        assertThat(done.join()).isTrue();
        from.credit(1);
        return lease.header().id();
    }

    @Test
    void whatNobodyAttachedAsksForDoesNotKeepTheRestFromItsReaders() throws Exception {
        GatewayClient alice = open(aliceFolder);
        Address office = Address.of(ClientNode.HUB);
        MessageId first = send(draft(alice, office).part("a.txt", "text/plain", text("một")));
        MessageId second = send(draft(alice, office).part("b.txt", "text/plain", text("hai")));
        MessageId third = send(draft(alice, office).part("c.txt", "text/plain", text("ba")));
        MessageId mail = send(draft(alice, office, Service.MAIL).part("d.txt", "text/plain", text("thư")));
        ReceiveDoor.Receiving reader = application(Set.of(Service.MAIL));
        assertThat(leased(reader)).isEqualTo(mail);
        ReceiveDoor.Receiving other = application(Set.of(Service.DOCUMENT));
        assertThat(List.of(leased(other), leased(other), leased(other))).containsExactly(first, second, third);
        reader.detach();
        other.detach();
    }

    @Test
    void aPayloadThatIsGoneFromTheDiskIsOneMessagesMisfortuneAndNotTheNodes() throws Exception {
        GatewayClient alice = open(aliceFolder);
        Address office = Address.of(ClientNode.HUB);
        byte[] content = new byte[400_000];
        new SplittableRandom(8).nextBytes(content);
        Path file = folder.resolve("mat.bin");
        Files.write(file, content);
        Path spool = folder.resolve("node/spool");
        List<Path> before = files(spool);
        MessageId damaged = send(draft(alice, office).part("mat.bin", "application/octet-stream", file));
        for (Path each : files(spool)) {
            if (!before.contains(each)) {
                Files.delete(each);
            }
        }
        MessageId whole = send(draft(alice, office).part("a.txt", "text/plain", text("còn")));
        ReceiveDoor.Receiving reader = application(Set.of());
        assertThat(leased(reader)).isEqualTo(whole);
        assertThat(alice.track(damaged).orBug().haveAll(Tracking.State.RETURNED))
                .as("a bad disk ends nothing")
                .isFalse();
        assertThat(node.failures).isEmpty();
        reader.detach();
    }

    private static List<Path> files(Path spool) throws IOException {
        try (var files = Files.list(spool)) {
            return files.toList();
        }
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
}
