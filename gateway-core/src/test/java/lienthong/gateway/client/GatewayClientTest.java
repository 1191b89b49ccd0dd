package lienthong.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lienthong.gateway.cipher.ProviderJar;
import lienthong.gateway.cipher.TestCipherProvider;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.SequenceText;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clients of one office: what they promise to their applications, and what their node gets to see. */
class GatewayClientTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String SECRET = "Nội dung mà nút không được đọc: kế hoạch phòng chống lũ";

    @TempDir
    Path folder;

    private Office office;
    private Path first;
    private Path second;
    private final List<GatewayClient> open = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final LinkedBlockingQueue<Received> inbox = new LinkedBlockingQueue<>();

    @BeforeEach
    void meet() throws IOException {
        office = new Office();
        first = Files.createDirectory(folder.resolve("first"));
        second = Files.createDirectory(folder.resolve("second"));
    }

    @AfterEach
    void leave() {
        open.forEach(GatewayClient::close);
    }

    private GatewayClient enrolled(Path state, String name) {
        GatewayClient client = office.client(state, name);
        open.add(client);
        return client;
    }

    private GatewayClient again(Path state) {
        GatewayClient client = office.open(state).orBug();
        open.add(client);
        return client;
    }

    private static Message draft(GatewayClient from, GatewayClient to) {
        return from.message()
                .from(from.address())
                .to(to.address())
                .service(Service.DOCUMENT)
                .subject("Báo cáo tuần");
    }

    /** Sends as soon as the other one's keys have come. */
    private MessageId send(Message message) {
        Submission[] last = new Submission[1];
        await().atMost(SOON).until(() -> {
            last[0] = message.send();
            return !(last[0] instanceof Submission.Busy busy && busy.why().reason() == ErrorCode.KEYS_ON_THEIR_WAY);
        });
        assertThat(last[0]).isInstanceOf(Submission.Accepted.class);
        return ((Submission.Accepted) last[0]).id();
    }

    private Received next() throws InterruptedException {
        Received message = inbox.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).as("a message came").isNotNull();
        return message;
    }

    /** Puts what comes into the inbox until the client is closed. */
    private void read(GatewayClient client) {
        subscriptions.add(client.receive(inbox::add));
    }

    private static byte[] secret() {
        return SECRET.getBytes(StandardCharsets.UTF_8);
    }

    // ---- the way

    @Test
    void whatOneClientSendsTheOtherReadsAndItsReceiptIsSigned() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        Subscription reading = bob.receive(inbox::add);
        MessageId id = send(draft(alice, bob)
                .correlation("so-12")
                .precedence(Precedence.URGENT)
                .part("noi-dung.txt", "text/plain", secret()));
        Received message = next();
        assertThat(message.id()).isEqualTo(id);
        assertThat(message.sender()).isEqualTo(alice.address());
        assertThat(message.subject()).contains("Báo cáo tuần");
        assertThat(message.correlation()).contains("so-12");
        assertThat(message.isRedelivered()).isFalse();
        assertThat(message.parts().get(0).bytes()).isEqualTo(Bytes.copyOf(secret()));
        assertThat(message.acknowledge()).isEmpty();
        assertThat(message.acknowledge().map(Refusal::reason))
                .as("an end is an end")
                .contains(ErrorCode.LEASE_NOT_HELD);
        await().atMost(SOON).until(() -> !office.receipts.isEmpty());
        Receipt receipt = office.receipts.get(0);
        assertThat(receipt.kind()).isEqualTo(Receipt.Kind.CONSUMED);
        assertThat(receipt.recipient()).isEqualTo(bob.address());
        assertThat(receipt.deliveryCount()).isEqualTo(1);
        await().atMost(SOON).until(() -> alice.track(id).orBug().haveAll(Tracking.State.CONSUMED));
        reading.close();
        assertThat(office.bad).isEmpty();
    }

    @Test
    void theNodeSeesNoPlaintext() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        Subscription reading = bob.receive(inbox::add);
        send(draft(alice, bob).part("noi-dung.txt", "text/plain", secret()));
        assertThat(next().acknowledge()).isEmpty();
        reading.close();
        for (Wires pair : office.wires) {
            for (Bytes frame : Stream.concat(pair.client.sent.stream(), pair.node.sent.stream())
                    .toList()) {
                String text = new String(frame.toArray(), StandardCharsets.UTF_8);
                assertThat(text).doesNotContain("phòng chống lũ").doesNotContain("Báo cáo tuần");
            }
        }
    }

    @Test
    void aLargeFilePassesAndItsPlaintextNeverLiesInAStateFolder() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        Subscription reading = bob.receive(inbox::add);
        Path file = folder.resolve("lon.bin");
        byte[] content = new byte[3 * 1024 * 1024 + 17];
        byte[] random = office.province.randomness.bytes(64 * 1024);
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (random[i % random.length] ^ i >> 8);
        }
        Files.write(file, content);
        MessageId id = send(draft(alice, bob).part("lon.bin", "application/octet-stream", file));
        Received message = next();
        assertThat(message.id()).isEqualTo(id);
        byte[] needle = java.util.Arrays.copyOf(content, 64);
        assertThat(holds(first, needle)).isFalse();
        assertThat(holds(second, needle)).isFalse();
        Path saved = folder.resolve("saved.bin");
        assertThat(message.parts().get(0).saveTo(saved)).isEmpty();
        assertThat(Files.mismatch(file, saved)).isEqualTo(-1);
        assertThat(message.parts().get(0).saveTo(saved).map(Refusal::reason)).contains(ErrorCode.OUTPUT_EXISTS);
        assertThat(message.acknowledge()).isEmpty();
        reading.close();
        assertThat(ciphertexts(first)).as("what was handed over is gone").isEmpty();
        await().atMost(SOON).until(() -> ciphertexts(second).isEmpty());
    }

    private static boolean holds(Path state, byte[] needle) throws IOException {
        String wanted = new String(needle, StandardCharsets.ISO_8859_1);
        try (Stream<Path> files = Files.walk(state)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(wanted)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<Path> ciphertexts(Path state) throws IOException {
        try (Stream<Path> files = Files.list(state.resolve("ciphertext"))) {
            return files.toList();
        }
    }

    // ---- sequences

    @Test
    void aSenderThatGoesOnFromAnOldCopyOfItsFolderIsFoundByItsOwnMessages() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        read(bob);
        send(draft(alice, bob).part("a.txt", "text/plain", secret()));
        Received one = next();
        assertThat(one.acknowledge()).isEmpty();
        alice.close();
        open.remove(alice);
        Path older = folder.resolve("older");
        copy(first, older);

        GatewayClient goesOn = again(first);
        send(draft(goesOn, bob).part("b.txt", "text/plain", secret()));
        Received two = next();
        SequenceText.Place place = two.sequence().places().get(0);
        assertThat(place.recipient()).isEqualTo(bob.address());
        assertThat(place.first()).isEqualTo(one.sequence().places().get(0).first() + 1);
        assertThat(place.previousCore()).isEqualTo(one.sequence().core());
        assertThat(two.acknowledge()).isEmpty();
        assertThat(bob.sequenceBreaks()).isEmpty();
        goesOn.close();
        open.remove(goesOn);
        bob.close();
        open.remove(bob);

        GatewayClient bobAgain = again(second);
        read(bobAgain);
        GatewayClient fork = again(older);
        send(draft(fork, bobAgain).part("c.txt", "text/plain", secret()));
        send(draft(fork, bobAgain).part("d.txt", "text/plain", secret()));
        Received three = next();
        assertThat(three.acknowledge()).as("it is whole and sealed").isEmpty();
        assertThat(bobAgain.sequenceBreaks())
                .containsExactly(new SequenceBreak(
                        fork.address(),
                        place.incarnation(),
                        place.first(),
                        two.sequence().core(),
                        three.sequence().places().get(0).previousCore()));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    // ---- crashes and cuts

    @Test
    void aCrashBetweenWorkAndAcknowledgementBringsTheSameMessageMarked() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        read(bob);
        MessageId id = send(draft(alice, bob).part("a.txt", "text/plain", secret()));
        assertThat(next().id()).isEqualTo(id);
        bob.crash();
        open.remove(bob);
        GatewayClient bobAgain = again(second);
        read(bobAgain);
        Received message = next();
        assertThat(message.id()).isEqualTo(id);
        assertThat(message.isRedelivered()).isTrue();
        assertThat(message.deliveries()).isEqualTo(2);
        assertThat(office.attached.get(office.attached.size() - 1).unclean()).isTrue();
        assertThat(message.acknowledge()).isEmpty();
    }

    @Test
    void anAcknowledgedMessageNeverComesAgainEvenIfTheNodeForgot() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        read(bob);
        send(draft(alice, bob).part("a.txt", "text/plain", secret()));
        assertThat(next().acknowledge()).isEmpty();
        await().atMost(SOON).until(() -> office.receipts.size() == 1);
        bob.crash();
        open.remove(bob);
        office.forgetEnds();
        GatewayClient bobAgain = again(second);
        read(bobAgain);
        await().atMost(SOON).until(() -> office.receipts.size() == 2);
        assertThat(office.receipts.get(1).kind()).isEqualTo(Receipt.Kind.CONSUMED);
        assertThat(inbox).isEmpty();
    }

    @Test
    void aCutBeforeTheAnswerSendsTheStoredBytesAgain() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        read(bob);
        send(draft(alice, bob).part("a.txt", "text/plain", secret()));
        assertThat(next().acknowledge()).isEmpty();
        office.cutsBeforeAnswer.set(1);
        MessageId id = send(draft(alice, bob).part("b.txt", "text/plain", secret()));
        assertThat(next().id()).isEqualTo(id);
        assertThat(office.arrived).hasSize(3);
        assertThat(EnvelopeWire.toBytes(office.arrived.get(2).envelope()))
                .isEqualTo(EnvelopeWire.toBytes(office.arrived.get(1).envelope()));
    }

    @Test
    void whatWasSealedBeforeACrashReachesTheNodeAfterIt() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        read(bob);
        send(draft(alice, bob).part("a.txt", "text/plain", secret()));
        assertThat(next().acknowledge()).isEmpty();
        office.refuse = header -> Optional.of(Refusal.of(ErrorCode.DISK_LOW));
        Message message = draft(alice, bob).part("b.txt", "text/plain", secret());
        List<Submission> answers = new CopyOnWriteArrayList<>();
        Thread sender = new Thread(() -> answers.add(message.send()));
        sender.start();
        await().atMost(SOON).until(() -> office.arrived.size() >= 2);
        alice.crash();
        open.remove(alice);
        sender.join();
        assertThat(answers.get(0)).isInstanceOf(Submission.Busy.class);
        Optional<MessageId> kept = ((Submission.Busy) answers.get(0)).kept();
        assertThat(kept).isPresent();
        office.refuse = header -> Optional.empty();
        again(first);
        assertThat(next().id()).isEqualTo(kept.get());
    }

    @Test
    void aMessageInHandSurvivesALostConnectionAndIsAcknowledgedOverTheNext() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        read(bob);
        send(draft(alice, bob).part("a.txt", "text/plain", secret()));
        Received message = next();
        office.cut(bob.address());
        await().atMost(SOON).until(() -> office.attached.size() == 2);
        assertThat(message.acknowledge()).isEmpty();
        await().atMost(SOON).until(() -> office.receipts.size() == 1);
        assertThat(inbox).as("in hand once, handed over once").isEmpty();
    }

    @Test
    void withoutItsNodeAClientSaysBusyAndKeepsNothing() {
        GatewayClient alice = enrolled(first, "alice");
        await().atMost(SOON).until(() -> alice.away().isEmpty());
        office.down = true;
        alice.close();
        open.remove(alice);
        GatewayClient lonely = again(first);
        Submission[] answer = new Submission[1];
        Thread sender = new Thread(() -> answer[0] = lonely.message()
                .from(lonely.address())
                .to(lonely.address())
                .service(Service.MAIL)
                .send());
        sender.start();
        await().atMost(SOON).until(() -> sender.getState() == Thread.State.TIMED_WAITING);
        sender.interrupt();
        await().atMost(SOON).until(() -> answer[0] != null);
        assertThat(answer[0]).isInstanceOf(Submission.Busy.class);
        assertThat(((Submission.Busy) answer[0]).kept()).isEmpty();
    }

    // ---- refusals

    @Test
    void aRefusalForGoodClosesTheNumberWithASkip() {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        send(draft(alice, bob).part("a.txt", "text/plain", secret()));
        office.refuse = header -> Optional.of(Refusal.of(ErrorCode.RECIPIENT_CLOSED, "A08/bob"));
        Submission answer = draft(alice, bob).send();
        assertThat(answer).isInstanceOf(Submission.Refused.class);
        assertThat(((Submission.Refused) answer).why().reason()).isEqualTo(ErrorCode.RECIPIENT_CLOSED);
        await().atMost(SOON).until(() -> office.notices.size() == 1);
        assertThat(EnvelopeWire.parseNotice(office.notices.get(0))
                        .orBug()
                        .text()
                        .utf8())
                .contains("number 2")
                .contains("from " + alice.address());
    }

    /** One that has enrolled and then runs beside the provider for tests, or beside none. */
    private GatewayClient beside(Path state, String name, boolean product) {
        if (!Files.exists(state.resolve("keys"))) {
            office.client(state, name).close();
        }
        GatewayClient client = office.open(state, product ? Optional.of(ProviderJar.installed()) : Optional.empty())
                .orBug();
        open.add(client);
        return client;
    }

    /** Sends as soon as the other one's keys of the suite have come. */
    private MessageId sendMat(Message message) {
        Submission[] last = new Submission[1];
        await().atMost(SOON).until(() -> {
            last[0] = message.send();
            return last[0] instanceof Submission.Accepted;
        });
        return ((Submission.Accepted) last[0]).id();
    }

    @Test
    void whatIsMarkedMatIsSealedAndOpenedByTheProductWhileTheNodeHasNone() throws Exception {
        GatewayClient alice = beside(first, "alice", true);
        GatewayClient bob = beside(second, "bob", true);
        Subscription reading = bob.receive(inbox::add);
        byte[] large = office.province.randomness.bytes(2_000_000);
        for (byte[] content : List.of(secret(), large)) {
            MessageId id = sendMat(
                    draft(alice, bob).mark(SecrecyMark.CONFIDENTIAL).part("noi-dung.bin", "text/plain", content));
            Received message = next();
            assertThat(message.id()).isEqualTo(id);
            Path saved = folder.resolve(id + ".bin");
            assertThat(message.parts().get(0).saveTo(saved)).isEmpty();
            assertThat(Files.readAllBytes(saved)).isEqualTo(content);
            assertThat(message.acknowledge()).isEmpty();
        }
        reading.close();
        assertThat(office.kept.values())
                .isNotEmpty()
                .allMatch(one -> one.verified.facts().header().suite() == TestCipherProvider.SUITE);
        assertThat(reason(draft(alice, bob).mark(SecrecyMark.SECRET).send())).isEqualTo(ErrorCode.SECRECY_TOO_HIGH);
        assertThat(office.bad).isEmpty();
    }

    @Test
    void matToAnAddressWithoutTheProductsKeysIsRefusedAndNothingLeaves() {
        GatewayClient alice = beside(first, "alice", true);
        GatewayClient bob = enrolled(second, "bob");
        send(draft(alice, bob));
        int before = office.arrived.size();
        Message mat = draft(alice, bob).mark(SecrecyMark.CONFIDENTIAL).part("a", "text/plain", secret());
        assertThat(reason(mat.send())).isEqualTo(ErrorCode.SUITE_UNKNOWN);
        assertThat(office.arrived).hasSize(before);
    }

    @Test
    void aClientThatLostTheProductOpensWhatCameOnceItIsBack() throws Exception {
        GatewayClient alice = beside(first, "alice", true);
        GatewayClient bob = beside(second, "bob", true);
        MessageId id = sendMat(draft(alice, bob).mark(SecrecyMark.CONFIDENTIAL).part("a.txt", "text/plain", secret()));
        alice.close();
        bob.close();
        GatewayClient blind = beside(second, "bob", false);
        Subscription looking = blind.receive(inbox::add);
        await().atMost(SOON).until(() -> !office.attached.isEmpty());
        looking.close();
        blind.close();
        assertThat(inbox).isEmpty();
        assertThat(office.receipts).as("no word to the sender").isEmpty();

        GatewayClient seeing = beside(second, "bob", true);
        Subscription reading = seeing.receive(inbox::add);
        Received message = next();
        assertThat(message.id()).isEqualTo(id);
        assertThat(message.acknowledge()).isEmpty();
        reading.close();
    }

    @Test
    void whatMayNotTravelIsRefusedBeforeItIsSealed() {
        GatewayClient alice = enrolled(first, "alice");
        await().atMost(SOON).until(() -> alice.away().isEmpty());
        Address hub = Address.parse("A08").orBug();
        assertThat(reason(
                        alice.message().from(hub).to(hub).service(Service.MAIL).send()))
                .isEqualTo(ErrorCode.SENDER_NOT_YOURS);
        assertThat(reason(alice.message()
                        .from(alice.address())
                        .to(hub)
                        .service(Service.MAIL)
                        .mark(SecrecyMark.SECRET)
                        .send()))
                .isEqualTo(ErrorCode.SECRECY_TOO_HIGH);
        assertThat(reason(alice.message()
                        .from(alice.address())
                        .to(hub)
                        .service(Service.MAIL)
                        .mark(SecrecyMark.CONFIDENTIAL)
                        .send()))
                .isEqualTo(ErrorCode.SECRECY_NEEDS_CIPHER);
        assertThat(reason(alice.message()
                        .from(alice.address())
                        .to(Address.parse("Z99").orBug())
                        .service(Service.MAIL)
                        .send()))
                .isEqualTo(ErrorCode.UNKNOWN_RECIPIENT);
        assertThat(reason(alice.message()
                        .from(alice.address())
                        .to(hub)
                        .service(Service.MAIL)
                        .subject("dòng một\ndòng hai")
                        .send()))
                .isEqualTo(ErrorCode.TEXT_NOT_CLEAN);
        assertThat(reason(alice.message()
                        .from(alice.address())
                        .to(hub)
                        .service(Service.MAIL)
                        .part("a", "text/plain", folder.resolve("absent"))
                        .send()))
                .isEqualTo(ErrorCode.NO_INPUT);
        assertThat(office.arrived).isEmpty();
    }

    private static ErrorCode reason(Submission answer) {
        assertThat(answer).isInstanceOf(Submission.Refused.class);
        return ((Submission.Refused) answer).why().reason();
    }

    @Test
    void aClientIdGivesTheFirstAnswerAgainAlsoAfterARestart() {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        MessageId id = send(draft(alice, bob).clientId("2026-117"));
        assertThat(send(draft(alice, bob).clientId("2026-117"))).isEqualTo(id);
        alice.close();
        open.remove(alice);
        GatewayClient later = again(first);
        assertThat(send(draft(later, bob).clientId("2026-117"))).isEqualTo(id);
        assertThat(reason(draft(later, bob).subject("Khác").clientId("2026-117").send()))
                .isEqualTo(ErrorCode.ID_REUSED);
        assertThat(office.arrived).hasSize(1);
    }

    // ---- giving back, order

    @Test
    void whatAHandlerThrowsAtComesBackAndWhatItReturnsGoesHomeSigned() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        List<Long> deliveries = new CopyOnWriteArrayList<>();
        Subscription reading = bob.receive(message -> {
            deliveries.add(message.deliveries());
            if (deliveries.size() == 1) {
                throw new IllegalStateException("not today");
            }
            assertThat(message.giveBack("nhầm nơi nhận")).isEmpty();
        });
        send(draft(alice, bob));
        await().atMost(SOON).until(() -> office.receipts.size() == 1);
        reading.close();
        assertThat(deliveries).containsExactly(1L, 2L);
        assertThat(office.receipts.get(0).kind()).isEqualTo(Receipt.Kind.RETURNED);
        assertThat(office.receipts.get(0).reason()).contains(ErrorCode.RETURNED_BY_APPLICATION);
    }

    @Test
    void aSuccessorWaitsUntilItsPredecessorHasItsEnd() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        MessageId one = send(draft(alice, bob).ordering("ho-so-7"));
        MessageId two = send(draft(alice, bob).ordering("ho-so-7"));
        MessageId free = send(draft(alice, bob));
        read(bob);
        Received first1 = next();
        Received second1 = next();
        assertThat(List.of(first1.id(), second1.id())).containsExactlyInAnyOrder(one, free);
        assertThat(inbox).isEmpty();
        assertThat(first1.acknowledge()).isEmpty();
        assertThat(second1.acknowledge()).isEmpty();
        assertThat(next().id()).isEqualTo(two);
    }

    @Test
    void aClosedSubscriptionTakesItsMessagesBack() throws Exception {
        GatewayClient alice = enrolled(first, "alice");
        GatewayClient bob = enrolled(second, "bob");
        Subscription reading = bob.receive(inbox::add);
        MessageId id = send(draft(alice, bob));
        Received held = next();
        reading.close();
        assertThat(held.acknowledge().map(Refusal::reason)).contains(ErrorCode.LEASE_NOT_HELD);
        read(bob);
        assertThat(next().id()).isEqualTo(id);
    }

    // ---- directory

    @Test
    void whatIsLookedUpIsWhatTheSignedDirectorySays() {
        GatewayClient alice = enrolled(first, "alice");
        LookedUp found = alice.lookUp("Tây Sơn").orBug();
        assertThat(found.offices()).hasSize(1);
        assertThat(found.offices().get(0).name()).isEqualTo("Huyện ủy Tây Sơn");
        assertThat(found.offices().get(0).canReceive()).isFalse();
        assertThat(alice.lookUp(" ").refusal().reason()).isEqualTo(ErrorCode.FIELD_MISSING);
    }

    // ---- enrolment and the folder

    @Test
    void refusesAWrongCodeAndAWrongFingerprintBeforeDialling() {
        NodeKeys.ClientInvited invited = office.invite(Office.mailbox("alice"));
        assertThat(office.enrol(first, invited, "0000 0000 0000 0000 0000", office.province.words())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.PASSPHRASE_WRONG);
        assertThat(office.enrol(first, invited, invited.code(), "một hai ba")
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.FINGERPRINT_REJECTED);
        assertThat(office.enrolments).isZero();
        assertThat(office.open(first).refusal().reason()).isEqualTo(ErrorCode.NO_INPUT);
    }

    @Test
    void anInvitationServesOneClient() {
        NodeKeys.ClientInvited invited = office.invite(Office.mailbox("alice"));
        Result<Enrolled> once = office.enrol(first, invited, invited.code(), office.province.words());
        assertThat(once.orBug()).isEqualTo(new Enrolled(Office.mailbox("alice"), office.keys.node()));
        assertThat(office.enrol(second, invited, invited.code(), office.province.words())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.INVITATION_USED);
        assertThat(office.enrol(first, invited, invited.code(), office.province.words())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.OUTPUT_EXISTS);
    }

    @Test
    void aStateFolderHasOneClientAtATime() {
        GatewayClient alice = enrolled(first, "alice");
        assertThat(office.open(first).refusal().reason()).isEqualTo(ErrorCode.DATA_IN_USE);
        alice.close();
        open.remove(alice);
        again(first);
    }

    @Test
    void numbersAreNotGuessedWhenTheStateFileIsGone() throws IOException {
        GatewayClient alice = enrolled(first, "alice");
        alice.close();
        open.remove(alice);
        Files.delete(first.resolve(StateFile.NAME));
        assertThat(office.open(first).refusal().reason()).isEqualTo(ErrorCode.STORE_UNREADABLE);
    }
}
