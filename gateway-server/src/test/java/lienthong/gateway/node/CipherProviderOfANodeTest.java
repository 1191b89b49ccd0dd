package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.ContentStream;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.api.SendDoor;
import lienthong.gateway.api.Submission;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is marked mật, from a district over the province, whose node has no product of the State cipher service, to another district. The product is
 * gateway-core's provider for tests, which lies beside the nodes as a jar would.
 */
class CipherProviderOfANodeTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Caller OPERATOR = new Caller("operator", Set.of(), Set.of(), true);
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    /** Of the provider for tests. */
    private static final int SUITE = 240;

    @TempDir
    private static Path folder;

    private static TwoNodes nodes;
    private static InstalledCipher product;

    @BeforeAll
    static void join() throws IOException {
        product = InstalledCipher.load(beside()).orBug().orElseThrow();
        nodes = TwoNodes.andAnother(folder);
    }

    private static ClassLoader beside() throws MalformedURLException {
        URL classes =
                Path.of("..", "gateway-core", "target", "test-classes").toUri().toURL();
        URL services = Path.of("..", "gateway-core", "target", "test-classes", "cipher-provider")
                .toUri()
                .toURL();
        return new URLClassLoader(new URL[] {classes, services}, CipherProviderOfANodeTest.class.getClassLoader());
    }

    @BeforeEach
    void install() {
        nodes.district.startBeside(Optional.of(product));
        nodes.other().startBeside(Optional.of(product));
        nodes.province.startBeside(Optional.empty());
        nodes.connect();
        await().atMost(SOON)
                .until(() -> nodes.district
                        .view()
                        .bundle(nodes.other().address())
                        .filter(bundle -> bundle.keys().stream()
                                .anyMatch(key -> key.key().suite().number() == SUITE))
                        .isPresent());
    }

    @AfterAll
    static void stop() {
        nodes.close();
        assertThat(nodes.failures).isEmpty();
    }

    // ---- what an office does

    private static Draft.Whole letter(SecrecyMark mark, Address to, Bytes content) {
        return new Draft.Whole(
                new Draft(
                        new ClientId("letter-" + NUMBERS.incrementAndGet()),
                        nodes.district.address(),
                        List.of(to),
                        Service.DOCUMENT,
                        Optional.of("kế hoạch"),
                        Precedence.ROUTINE,
                        mark,
                        Lifetime.DEFAULT,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                List.of(new Draft.Part("phan-1", "application/pdf", content.size(), Optional.of(Hash.of(content)))),
                List.of(content));
    }

    private static Submission submit(TwoNodes.Office from, Draft.Whole letter) {
        CompletableFuture<List<Submission>> answers = new CompletableFuture<>();
        from.node().send().submit(OPERATOR, List.of(letter), answers::complete);
        return answers.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join().get(0);
    }

    /** Sends from the district as soon as the other district's keys of the suite have come over the province. */
    private static MessageId send(Draft.Whole letter) {
        MessageId[] id = {null};
        await().atMost(SOON).until(() -> {
            if (submit(nodes.district, letter) instanceof Submission.Accepted accepted) {
                id[0] = accepted.id();
            }
            return id[0] != null;
        });
        return id[0];
    }

    private static Optional<SendDoor.Upload> begin(Draft.Whole letter) {
        CompletableFuture<SendDoor.Opening> opening = new CompletableFuture<>();
        nodes.district.node().send().begin(OPERATOR, letter.draft(), letter.parts(), opening::complete);
        return opening.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join() instanceof SendDoor.Opening.Open open
                ? Optional.of(open.upload())
                : Optional.empty();
    }

    private static ErrorCode reason(Submission answer) {
        assertThat(answer).isInstanceOf(Submission.Refused.class);
        return ((Submission.Refused) answer).why().reason();
    }

    /** Whoever takes letters out at the other district. */
    private static final class Consumer implements ReceiveDoor.Receiver {
        private final LinkedBlockingQueue<ReceiveDoor.Lease> leases = new LinkedBlockingQueue<>();
        private final ReceiveDoor.Receiving receiving;

        Consumer() {
            CompletableFuture<Result<ReceiveDoor.Receiving>> attached = new CompletableFuture<>();
            nodes.other()
                    .node()
                    .receive()
                    .attach(
                            OPERATOR,
                            new ReceiveDoor.Attachment(
                                    nodes.other().address(), "văn thư", Duration.ofMinutes(1), Set.of()),
                            this,
                            attached::complete);
            receiving = attached.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                    .join()
                    .orBug();
            receiving.credit(10);
        }

        /** The next letter's only part, and takes it. */
        Bytes take(SecrecyMark mark) throws Exception {
            ReceiveDoor.Lease lease = leases.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(lease).as("a letter came").isNotNull();
            assertThat(lease.header().mark()).isEqualTo(mark);
            Bytes content = content(lease);
            CompletableFuture<Optional<Refusal>> taken = new CompletableFuture<>();
            receiving.acknowledge(lease.id(), taken::complete);
            assertThat(taken.get(SOON.toSeconds(), TimeUnit.SECONDS)).isEmpty();
            return content;
        }

        @Override
        public void lease(ReceiveDoor.Lease lease) {
            leases.add(lease);
        }

        @Override
        public void lost(long lease, Refusal why) {}

        @Override
        public void closed(Refusal why) {}
    }

    private static Bytes content(ReceiveDoor.Lease lease) throws Exception {
        if (lease.content() instanceof ReceiveDoor.Content.Whole whole) {
            return whole.contents().get(0);
        }
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        try (ContentStream stream = ((ReceiveDoor.Content.Large) lease.content()).stream()) {
            while (true) {
                CompletableFuture<ContentStream.Piece> piece = new CompletableFuture<>();
                stream.next(piece::complete);
                ContentStream.Piece next = piece.get(SOON.toSeconds(), TimeUnit.SECONDS);
                if (!(next instanceof ContentStream.Piece.Chunk chunk)) {
                    assertThat(next).isInstanceOf(ContentStream.Piece.End.class);
                    return Bytes.ofOwned(out.toByteArray());
                }
                out.writeBytes(chunk.bytes().toArray());
            }
        }
    }

    private static List<OperatorDoor.QueueLine> queue(TwoNodes.Office office) {
        CompletableFuture<Result<OperatorDoor.QueuePage>> page = new CompletableFuture<>();
        office.node().operator().queue(new OperatorDoor.QueueQuery("", 100, ""), page::complete);
        return page.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                .join()
                .orBug()
                .page()
                .items();
    }

    private static OperatorDoor.Status status(TwoNodes.Office office) {
        CompletableFuture<OperatorDoor.Status> status = new CompletableFuture<>();
        office.node().operator().status(status::complete);
        return status.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    }

    // ---- promises

    @Test
    void matTravelsSealedByTheProductOverARelayWithoutIt() throws Exception {
        Bytes small = Bytes.utf8("số liệu mật");
        send(letter(SecrecyMark.CONFIDENTIAL, nodes.other().address(), small));
        Consumer consumer = new Consumer();
        assertThat(consumer.take(SecrecyMark.CONFIDENTIAL)).isEqualTo(small);

        byte[] random = new byte[3_000_000];
        new Random(2002).nextBytes(random);
        Bytes large = Bytes.ofOwned(random);
        Draft.Whole letter = letter(SecrecyMark.CONFIDENTIAL, nodes.other().address(), large);
        SendDoor.Upload upload = begin(letter).orElseThrow();
        for (int at = 0; at < large.size(); at += 500_000) {
            CompletableFuture<Boolean> taken = new CompletableFuture<>();
            upload.write(ByteBuffer.wrap(large.slice(at, 500_000).toArray()), taken::complete);
            assertThat(taken.get(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        CompletableFuture<Submission> end = new CompletableFuture<>();
        upload.end(end::complete);
        assertThat(end.get(SOON.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Submission.Accepted.class);
        assertThat(consumer.take(SecrecyMark.CONFIDENTIAL)).isEqualTo(large);

        send(letter(SecrecyMark.NONE, nodes.other().address(), small));
        assertThat(consumer.take(SecrecyMark.NONE)).isEqualTo(small);
        assertThat(status(nodes.district).cipher())
                .contains(new OperatorDoor.Cipher(SUITE, "provider for tests, not for use"));
        assertThat(status(nodes.province).cipher()).isEmpty();
    }

    @Test
    void withoutAProviderMatIsRefusedBeforeItsPayload() {
        nodes.district.startBeside(Optional.empty());
        nodes.connect();
        Draft.Whole letter = letter(SecrecyMark.CONFIDENTIAL, nodes.other().address(), Bytes.utf8("x"));
        assertThat(reason(submit(nodes.district, letter))).isEqualTo(ErrorCode.SECRECY_NEEDS_CIPHER);
        assertThat(begin(letter)).isEmpty();
    }

    @Test
    void toiMatAndTuyetMatAreRefusedEvenWithAProvider() {
        for (SecrecyMark mark : List.of(SecrecyMark.SECRET, SecrecyMark.TOP_SECRET)) {
            Draft.Whole letter = letter(mark, nodes.other().address(), Bytes.utf8("x"));
            assertThat(reason(submit(nodes.district, letter))).isEqualTo(ErrorCode.SECRECY_TOO_HIGH);
            assertThat(begin(letter)).isEmpty();
        }
    }

    @Test
    void aRecipientWithoutAKeyOfTheSuiteIsRefusedAndNothingIsQueued() {
        send(letter(SecrecyMark.NONE, nodes.province.address(), Bytes.utf8("thường")));
        Draft.Whole letter = letter(SecrecyMark.CONFIDENTIAL, nodes.province.address(), Bytes.utf8("mật"));
        await().atMost(SOON).until(() -> queue(nodes.district).isEmpty());
        assertThat(reason(submit(nodes.district, letter))).isEqualTo(ErrorCode.SUITE_UNKNOWN);
        assertThat(begin(letter)).isEmpty();
        assertThat(queue(nodes.district)).isEmpty();
    }

    @Test
    void whatCannotBeOpenedWhereItIsGoingStaysBeforeItWithItsReason() throws Exception {
        Bytes content = Bytes.utf8("chờ sản phẩm");
        // The keys of the suite must have come before the product is taken away.
        send(letter(SecrecyMark.CONFIDENTIAL, nodes.other().address(), Bytes.utf8("trước")));
        assertThat(new Consumer().take(SecrecyMark.CONFIDENTIAL)).isEqualTo(Bytes.utf8("trước"));
        nodes.other().stop();
        nodes.connect();
        MessageId id = send(letter(SecrecyMark.CONFIDENTIAL, nodes.other().address(), content));
        nodes.other().startBeside(Optional.empty());
        nodes.connect();
        await().atMost(SOON)
                .until(() -> queue(nodes.province).stream()
                        .anyMatch(line -> line.id().equals(id)
                                && line.reason()
                                        .filter(why -> why.reason() == ErrorCode.SUITE_UNKNOWN)
                                        .isPresent()));

        nodes.other().startBeside(Optional.of(product));
        nodes.connect();
        assertThat(new Consumer().take(SecrecyMark.CONFIDENTIAL)).isEqualTo(content);
    }

    @Test
    void whatCameBeforeTheProductWentIsHandedOverWhenItIsBack() throws Exception {
        Bytes content = Bytes.utf8("đã đến nơi");
        send(letter(SecrecyMark.CONFIDENTIAL, nodes.other().address(), content));
        await().atMost(SOON).until(() -> status(nodes.other()).waiting() == 1);
        nodes.other().startBeside(Optional.empty());
        Consumer blind = new Consumer();
        await().atMost(SOON).until(() -> status(nodes.other()).counters().getOrDefault("bad_input_open", 0L) > 0);
        assertThat(blind.leases).isEmpty();
        assertThat(status(nodes.other()).waiting()).isOne();

        nodes.other().startBeside(Optional.of(product));
        Consumer seeing = new Consumer();
        assertThat(seeing.take(SecrecyMark.CONFIDENTIAL)).isEqualTo(content);
    }
}
