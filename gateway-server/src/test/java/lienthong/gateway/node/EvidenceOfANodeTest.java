package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.ContentStream;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.api.SendDoor;
import lienthong.gateway.api.Submission;
import lienthong.gateway.api.TrackDoor;
import lienthong.gateway.envelope.evidence.EvidenceVerifier;
import lienthong.gateway.envelope.evidence.Report;
import lienthong.gateway.envelope.evidence.SequenceCheck;
import lienthong.gateway.envelope.evidence.Step;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence as operators get it from running nodes, checked as a stranger would: with the network's fingerprint and nothing else. */
class EvidenceOfANodeTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Caller OPERATOR = new Caller("operator", Set.of(), Set.of(), true);
    private static final int CHUNK_BYTES = 256 * 1024;
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @TempDir
    private static Path folder;

    /** One pair for all tests: making their keys is what takes time. */
    private static TwoNodes nodes;

    @BeforeAll
    static void join() throws IOException {
        nodes = new TwoNodes(folder);
    }

    @BeforeEach
    void wire() {
        nodes.connect();
    }

    @AfterAll
    static void stop() {
        nodes.close();
        assertThat(nodes.failures).isEmpty();
    }

    // ---- what an office does

    private static Draft.Whole letter(String subject, Bytes... contents) {
        List<Draft.Part> parts = new ArrayList<>();
        for (int i = 0; i < contents.length; i++) {
            parts.add(new Draft.Part(
                    "phan-" + i, "application/octet-stream", contents[i].size(), Optional.of(Hash.of(contents[i]))));
        }
        return new Draft.Whole(
                new Draft(
                        new ClientId("letter-" + NUMBERS.incrementAndGet()),
                        nodes.district.address(),
                        List.of(nodes.province.address()),
                        Service.DOCUMENT,
                        Optional.of(subject),
                        Precedence.ROUTINE,
                        SecrecyMark.NONE,
                        Lifetime.DEFAULT,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                parts,
                List.of(contents));
    }

    /** Sends from the district; waits until the province's keys have come over the wire. */
    private static List<MessageId> send(Draft.Whole... letters) {
        List<MessageId> ids = new ArrayList<>();
        await().atMost(SOON).until(() -> {
            CompletableFuture<List<Submission>> answers = new CompletableFuture<>();
            nodes.district.node().send().submit(OPERATOR, List.of(letters), answers::complete);
            ids.clear();
            for (Submission answer : answers.get(SOON.toSeconds(), TimeUnit.SECONDS)) {
                if (answer instanceof Submission.Accepted accepted) {
                    ids.add(accepted.id());
                }
            }
            return ids.size() == letters.length;
        });
        return ids;
    }

    /** Sends one letter from the district in chunks, as callers of the API do with anything that is not small. */
    private static MessageId upload(Draft.Whole letter) throws Exception {
        CompletableFuture<SendDoor.Opening> opening = new CompletableFuture<>();
        nodes.district.node().send().begin(OPERATOR, letter.draft(), letter.parts(), opening::complete);
        SendDoor.Opening opened = opening.get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(opened).isInstanceOf(SendDoor.Opening.Open.class);
        SendDoor.Upload upload = ((SendDoor.Opening.Open) opened).upload();
        for (Bytes content : letter.contents()) {
            for (int at = 0; at < content.size(); at += CHUNK_BYTES) {
                CompletableFuture<Boolean> taken = new CompletableFuture<>();
                Bytes chunk = content.slice(at, Math.min(CHUNK_BYTES, content.size() - at));
                upload.write(ByteBuffer.wrap(chunk.toArray()), taken::complete);
                assertThat(taken.get(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
        }
        CompletableFuture<Submission> end = new CompletableFuture<>();
        upload.end(end::complete);
        Submission answer = end.get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(answer).isInstanceOf(Submission.Accepted.class);
        return ((Submission.Accepted) answer).id();
    }

    /** Takes as many letters as the province has to take, acknowledging each. */
    private static void take(int count) throws Exception {
        LinkedBlockingQueue<ReceiveDoor.Lease> leases = new LinkedBlockingQueue<>();
        CompletableFuture<Result<ReceiveDoor.Receiving>> attached = new CompletableFuture<>();
        nodes.province
                .node()
                .receive()
                .attach(
                        OPERATOR,
                        new ReceiveDoor.Attachment(
                                nodes.province.address(), "văn thư", Duration.ofMinutes(1), Set.of()),
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
                        attached::complete);
        ReceiveDoor.Receiving receiving =
                attached.get(SOON.toSeconds(), TimeUnit.SECONDS).orBug();
        receiving.credit(count);
        for (int i = 0; i < count; i++) {
            ReceiveDoor.Lease lease = leases.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(lease).as("a letter came").isNotNull();
            CompletableFuture<Optional<Refusal>> taken = new CompletableFuture<>();
            receiving.acknowledge(lease.id(), taken::complete);
            assertThat(taken.get(SOON.toSeconds(), TimeUnit.SECONDS)).isEmpty();
        }
        receiving.detach();
    }

    private static void awaitState(MessageId id, TrackDoor.State state) {
        await().atMost(SOON).until(() -> {
            CompletableFuture<Boolean> seen = new CompletableFuture<>();
            List<TrackDoor.Event> all = new ArrayList<>();
            nodes.district
                    .node()
                    .track()
                    .track(OPERATOR, new TrackDoor.Subject.OfMessage(id), false, new TrackDoor.Watcher() {
                        @Override
                        public void events(List<TrackDoor.Event> events) {
                            all.addAll(events);
                        }

                        @Override
                        public void end() {
                            seen.complete(all.stream().anyMatch(event -> event.state() == state));
                        }

                        @Override
                        public void refused(Refusal why) {
                            seen.complete(false);
                        }
                    });
            return seen.get(SOON.toSeconds(), TimeUnit.SECONDS);
        });
    }

    // ---- what an operator and a stranger do

    static Result<byte[]> export(TwoNodes.Office office, MessageId id, boolean withContent) throws Exception {
        CompletableFuture<Result<ContentStream>> answer = new CompletableFuture<>();
        office.node().operator().evidence(id, withContent, answer::complete);
        Result<ContentStream> begun = answer.get(SOON.toSeconds(), TimeUnit.SECONDS);
        if (!(begun instanceof Result.Ok<ContentStream> ok)) {
            return Result.no(begun.refusal());
        }
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ContentStream stream = ok.value()) {
            while (true) {
                CompletableFuture<ContentStream.Piece> next = new CompletableFuture<>();
                stream.next(next::complete);
                ContentStream.Piece piece = next.get(SOON.toSeconds(), TimeUnit.SECONDS);
                if (piece instanceof ContentStream.Piece.Chunk chunk) {
                    assertThat(chunk.bytes().size()).isBetween(1, 256 * 1024);
                    zip.writeBytes(chunk.bytes().toArray());
                } else {
                    assertThat(piece).isInstanceOf(ContentStream.Piece.End.class);
                    return Result.ok(zip.toByteArray());
                }
            }
        }
    }

    private static Report check(byte[] zip) throws IOException {
        return EvidenceVerifier.verify(new ByteArrayInputStream(zip), Optional.of(nodes.network));
    }

    /** The report of evidence that must hold. */
    private static Report holding(TwoNodes.Office office, MessageId id, boolean withContent) throws Exception {
        Report report = check(export(office, id, withContent).orBug());
        assertThat(report.steps()).as(() -> report.firstFailure().toString()).isNotEmpty();
        assertThat(report.firstFailure()).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.id()).contains(id);
        return report;
    }

    static Map<String, byte[]> files(byte[] zip) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip));
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            files.put(entry.getName(), in.readAllBytes());
        }
        return files;
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue());
                out.closeEntry();
            }
        }
        return zip.toByteArray();
    }

    private static List<Receipt.Kind> kinds(Report report) {
        return report.receipts().stream().map(Receipt::kind).toList();
    }

    // ---- promises

    @Test
    void anIdThatNobodyHereSentOrReceivedIsUnknown() throws Exception {
        MessageId nobody = MessageId.parse("01a20a7e028c7e8db5e667de392b66cb").orBug();
        assertThat(export(nodes.district, nobody, false).refusal().reason()).isEqualTo(ErrorCode.MESSAGE_UNKNOWN);
    }

    @Test
    void aMessageStillOnItsWayIsProvenByItsSenderWithoutReceipts() throws Exception {
        MessageId first = send(letter("mở đường", Bytes.utf8("1"))).get(0);
        nodes.cut();
        Bytes content = Bytes.utf8("Kính gửi Tỉnh ủy");
        MessageId id = send(letter("chưa tới", content)).get(0);
        Report report = holding(nodes.district, id, true);
        assertThat(report.receipts()).isEmpty();
        assertThat(report.header().orElseThrow().sender()).isEqualTo(nodes.district.address());
        assertThat(files(export(nodes.district, id, true).orBug()).get("parts/0001"))
                .isEqualTo(content.toArray());
        assertThat(files(export(nodes.district, id, false).orBug())).doesNotContainKey("parts/0001");
        nodes.connect();
        take(2);
        awaitState(first, TrackDoor.State.SETTLED);
        awaitState(id, TrackDoor.State.SETTLED);
    }

    @Test
    void senderAndRecipientProveTheSameSealedMessageBeforeItSettlesAndAfter() throws Exception {
        Bytes content = Bytes.utf8("Báo cáo tháng 11");
        MessageId id = send(letter("báo cáo", content)).get(0);
        awaitState(id, TrackDoor.State.DELIVERED);
        assertThat(kinds(holding(nodes.district, id, true))).containsExactly(Receipt.Kind.DELIVERED);
        assertThat(kinds(holding(nodes.province, id, true))).containsExactly(Receipt.Kind.DELIVERED);
        Map<String, byte[]> received = files(export(nodes.province, id, true).orBug());
        assertThat(received.get("parts/0001")).isEqualTo(content.toArray());

        take(1);
        awaitState(id, TrackDoor.State.SETTLED);
        assertThat(kinds(holding(nodes.district, id, false)))
                .containsExactly(Receipt.Kind.DELIVERED, Receipt.Kind.CONSUMED);
        assertThat(kinds(holding(nodes.province, id, false)))
                .as("its own words, also the one that went home")
                .containsExactly(Receipt.Kind.DELIVERED, Receipt.Kind.CONSUMED);
        Map<String, byte[]> sent = files(export(nodes.district, id, false).orBug());
        Map<String, byte[]> kept = files(export(nodes.province, id, false).orBug());
        for (String name : List.of("core.txt", "statement.txt", "root.txt", "seal.der", "manifest.txt")) {
            assertThat(kept.get("message/" + name)).as(name).isNotNull().isEqualTo(sent.get("message/" + name));
            assertThat(received.get("message/" + name)).as(name).isEqualTo(sent.get("message/" + name));
        }
    }

    @Test
    void evidenceOfConsecutiveMessagesShowsThatNothingWasLeftOutBetweenThemAndBothEndsSayTheSame() throws Exception {
        MessageId first = send(letter("số một", Bytes.utf8("1"))).get(0);
        MessageId second = send(letter("số hai", Bytes.utf8("2"))).get(0);
        MessageId third = send(letter("số ba", Bytes.utf8("3"))).get(0);
        awaitState(third, TrackDoor.State.DELIVERED);
        Report waiting = holding(nodes.province, third, false);
        take(3);
        for (MessageId id : List.of(first, second, third)) {
            awaitState(id, TrackDoor.State.SETTLED);
        }
        List<Step> both = SequenceCheck.compare(List.of(
                holding(nodes.province, second, false),
                holding(nodes.district, first, false),
                waiting,
                holding(nodes.district, second, false)));
        assertThat(both)
                .extracting(Step::outcome)
                .containsOnly(Step.Outcome.HOLDS)
                .hasSize(3);
        List<Step> gap = SequenceCheck.compare(
                List.of(holding(nodes.province, first, false), holding(nodes.province, third, false)));
        assertThat(gap).extracting(Step::outcome).containsExactly(Step.Outcome.NOTE);

        Map<String, byte[]> changed =
                files(export(nodes.province, second, false).orBug());
        String name = "audit/0001/sequence.txt";
        assertThat(new String(changed.get(name), StandardCharsets.UTF_8))
                .contains("\nplace " + nodes.province.address() + " ");
        changed.put(name, files(export(nodes.province, third, false).orBug()).get(name));
        assertThat(check(zip(changed)).firstFailure()).map(Step::id).contains(Step.Id.SEQUENCE);
    }

    @Test
    void contentThatWasLetGoIsRefusedInsteadOfQuietlyLeftOut() throws Exception {
        MessageId id = send(letter("đã xong", Bytes.utf8("x"))).get(0);
        take(1);
        awaitState(id, TrackDoor.State.SETTLED);
        for (TwoNodes.Office office : List.of(nodes.district, nodes.province)) {
            Refusal refusal = export(office, id, true).refusal();
            assertThat(refusal.reason()).isEqualTo(ErrorCode.CONTENT_NOT_HERE);
            assertThat(refusal.detail()).isEqualTo(id.toString());
            holding(office, id, false);
        }
    }

    @Test
    void evidenceOutlivesTheProcessesThatGatheredIt() throws Exception {
        MessageId settled = send(letter("trước", Bytes.utf8("x"))).get(0);
        take(1);
        awaitState(settled, TrackDoor.State.SETTLED);
        MessageId open = send(letter("sau", Bytes.utf8("y"))).get(0);
        awaitState(open, TrackDoor.State.DELIVERED);
        nodes.district.restart();
        nodes.province.restart();
        for (TwoNodes.Office office : List.of(nodes.district, nodes.province)) {
            holding(office, settled, false);
            assertThat(files(export(office, settled, false).orBug())).containsKey("message/manifest.txt");
            holding(office, open, true);
        }
        take(1);
        awaitState(open, TrackDoor.State.SETTLED);
        assertThat(kinds(holding(nodes.district, open, false)))
                .containsExactly(Receipt.Kind.DELIVERED, Receipt.Kind.CONSUMED);
    }

    @Test
    void evidenceOfOneMessageOfABundleShowsNothingOfTheOthers() throws Exception {
        List<MessageId> ids =
                send(letter("một", Bytes.utf8("nội dung một")), letter("hai", Bytes.utf8("nội dung hai")));
        awaitState(ids.get(0), TrackDoor.State.DELIVERED);
        byte[] zip = export(nodes.district, ids.get(0), true).orBug();
        Report report = holding(nodes.district, ids.get(0), true);
        assertThat(report.header().orElseThrow().ids())
                .as("one envelope carries both")
                .isEqualTo(ids);
        for (Map.Entry<String, byte[]> file : files(zip).entrySet()) {
            assertThat(Bytes.ofOwned(file.getValue()).toString())
                    .as(file.getKey())
                    .isNotNull();
            String text = new String(file.getValue(), StandardCharsets.UTF_8);
            assertThat(text).as(file.getKey()).doesNotContain("nội dung hai").doesNotContain("subject hai");
        }
        take(2);
        for (MessageId id : ids) {
            awaitState(id, TrackDoor.State.SETTLED);
            holding(nodes.district, id, false);
            holding(nodes.province, id, false);
        }
    }

    @Test
    void contentOfManyPiecesComesWholeAndOfBoundedPieces() throws Exception {
        Random random = new Random(20);
        byte[] large = new byte[3_000_000];
        random.nextBytes(large);
        MessageId before = send(letter("mở đường", Bytes.utf8("1"))).get(0);
        MessageId id = upload(letter("nhiều phần", Bytes.copyOf(large), Bytes.utf8("phụ lục")));
        awaitState(before, TrackDoor.State.DELIVERED);
        awaitState(id, TrackDoor.State.DELIVERED);
        for (TwoNodes.Office office : List.of(nodes.district, nodes.province)) {
            Map<String, byte[]> files = files(export(office, id, true).orBug());
            assertThat(files.get("parts/0001")).isEqualTo(large);
            assertThat(files.get("parts/0002")).isEqualTo(Bytes.utf8("phụ lục").toArray());
            holding(office, id, true);
        }
        take(2);
        awaitState(id, TrackDoor.State.SETTLED);
    }

    @Test
    void anAlteredByteInAnyFileOfAnExportedZipIsFound() throws Exception {
        MessageId id = send(letter("sửa", Bytes.utf8("mười triệu đồng"))).get(0);
        awaitState(id, TrackDoor.State.DELIVERED);
        byte[] whole = export(nodes.province, id, true).orBug();
        assertThat(check(whole).holds()).isTrue();
        for (String name : files(whole).keySet()) {
            Map<String, byte[]> files = files(whole);
            byte[] content = files.get(name);
            assertThat(content).as(name).isNotNull().isNotEmpty();
            content[content.length / 2] ^= 1;
            assertThat(check(zip(files)).holds()).as(name).isFalse();
        }
        take(1);
        awaitState(id, TrackDoor.State.SETTLED);
    }

    @Test
    void evidenceCarriesTheEntryOfTheNodesOwnAuditLog() throws Exception {
        MessageId id = send(letter("nhật ký", Bytes.utf8("x"))).get(0);
        awaitState(id, TrackDoor.State.DELIVERED);
        for (TwoNodes.Office office : List.of(nodes.district, nodes.province)) {
            Map<String, byte[]> files = files(export(office, id, false).orBug());
            String kind = office == nodes.district ? "accepted" : "taken-over";
            assertThat(new String(files.get("audit/0001/entry.txt"), StandardCharsets.UTF_8))
                    .contains(" | " + kind + " | " + id + " | 0 | delivery | ");
            assertThat(new String(files.get("audit/0001/root.txt"), StandardCharsets.UTF_8))
                    .contains("node " + office.id + "\n");
            holding(office, id, false);
        }
        take(1);
        awaitState(id, TrackDoor.State.SETTLED);
    }

    @Test
    void whatManyMessagesNeedIsArchivedOnce() throws Exception {
        for (int round = 0; round < 2; round++) {
            long before = nodes.district.archiveBytes();
            for (int i = 0; i < 3; i++) {
                MessageId id = send(letter("chung", Bytes.utf8("x"))).get(0);
                take(1);
                awaitState(id, TrackDoor.State.SETTLED);
            }
            if (round > 0) {
                // An extract alone is above 5 kB.
                assertThat((nodes.district.archiveBytes() - before) / 3).isLessThan(8_000);
            }
        }
    }

    @Test
    void evidenceHoldsThreeYearsLaterWhenCertificatesHaveEnded(@TempDir Path place) throws Exception {
        try (TwoNodes old = new TwoNodes(place)) {
            TwoNodes shared = nodes;
            nodes = old;
            try {
                MessageId id = send(letter("lưu trữ", Bytes.utf8("x"))).get(0);
                take(1);
                awaitState(id, TrackDoor.State.SETTLED);
                Hash then = revocationList(files(export(old.district, id, false).orBug()));
                old.clock.move(Duration.ofDays(3 * 365));
                old.district.renew();
                old.province.renew();
                for (TwoNodes.Office office : List.of(old.district, old.province)) {
                    Report report = holding(office, id, false);
                    assertThat(kinds(report)).containsExactly(Receipt.Kind.DELIVERED, Receipt.Kind.CONSUMED);
                    assertThat(report.steps()).anyMatch(step -> step.id() == Step.Id.AUDIT);
                    office.restart();
                    holding(office, id, false);
                }
                assertThat(revocationList(files(export(old.district, id, false).orBug())))
                        .as("by the list of then")
                        .isEqualTo(then);
                assertThat(old.failures).isEmpty();
            } finally {
                nodes = shared;
            }
        }
    }

    /** One of the revocation lists, always the same. */
    private static Hash revocationList(Map<String, byte[]> files) {
        return files.entrySet().stream()
                .filter(file -> file.getKey().startsWith("certificates/crl-"))
                .map(file -> Hash.of(Bytes.copyOf(file.getValue())))
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }
}
