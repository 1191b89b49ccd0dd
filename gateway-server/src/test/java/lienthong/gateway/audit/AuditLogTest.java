package lienthong.gateway.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.SimulatedDisk;
import lienthong.gateway.store.TurnLoop;
import org.junit.jupiter.api.Test;

class AuditLogTest {
    private static final Executor IN_PLACE = Runnable::run;
    private static final Hash NETWORK = Hash.of(Bytes.utf8("network"));
    private static final OrganisationId NODE = OrganisationId.parse("H40.3").orBug();

    private final SimulatedDisk disk = new SimulatedDisk();
    private final TurnLoop clock = new TurnLoop();
    private final List<Refusal> failures = new ArrayList<>();

    private static final Hash CERTIFICATE = Hash.of(Bytes.utf8("certificate"));
    /** Stands for the evidence key: anybody can check that a text was given to it. */
    private static final CheckpointSigner SIGNER = new CheckpointSigner() {
        @Override
        public Hash certificate() {
            return CERTIFICATE;
        }

        @Override
        public Bytes sign(Bytes text, Instant at) {
            return Hash.of(text).bytes();
        }
    };

    private static boolean isSigned(Bytes text, Bytes signature) {
        return signature.equals(Hash.of(text).bytes());
    }

    private AuditLog open() {
        AuditLog log = tryOpen().orBug();
        log.signWith(NETWORK, NODE, () -> SIGNER);
        return log;
    }

    private static AuditLog.SizeAndRoot stands(AuditLog log) {
        return new AuditLog.SizeAndRoot(log.size(), log.root());
    }

    private Result<AuditLog> tryOpen() {
        // Files of 2 kB: a test has many.
        return AuditLog.open(disk, clock, IN_PLACE, failures::add, 2_000);
    }

    private static AuditEvent event(int number) {
        return new AuditEvent(
                "refused",
                Optional.empty(),
                Optional.of(ErrorCode.UNKNOWN_RECIPIENT),
                "app-" + number,
                "address nobody-" + number);
    }

    private AuditLog filled(int events) {
        AuditLog log = open();
        for (int i = 0; i < events; i++) {
            log.append(event(i));
        }
        return log;
    }

    private List<String> files() {
        return disk.files().stream()
                .filter(name -> name.startsWith("audit/log-"))
                .toList();
    }

    private List<Hash> leaves(AuditLog log) {
        List<Hash> leaves = new ArrayList<>();
        for (long from = 0; from < log.size(); from += 1_000) {
            log.page(Optional.of(from), 1_000).orBug().forEach(entry -> leaves.add(entry.leafHash()));
        }
        return leaves;
    }

    @Test
    void theEndWaitsForWhatWasAppendedAndTakesNothingAfterIt() throws Exception {
        ExecutorService worker = Executors.newSingleThreadExecutor();
        CountDownLatch diskAnswers = new CountDownLatch(1);
        worker.execute(() -> {
            try {
                diskAnswers.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        AuditLog log = AuditLog.open(disk, clock, worker, failures::add, 2_000).orBug();
        log.signWith(NETWORK, NODE, () -> SIGNER);
        for (int i = 0; i < 5; i++) {
            log.append(event(i));
        }
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        Thread ending = new Thread(() -> ended.complete(log.end(Duration.ofSeconds(60))));
        ending.start();
        await().until(() -> ending.getState() == Thread.State.TIMED_WAITING);
        log.append(event(99));
        assertThat(ended).as("nothing is on the disk yet").isNotDone();
        diskAnswers.countDown();
        assertThat(ended.get(60, TimeUnit.SECONDS)).isTrue();
        worker.shutdown();
        assertThat(worker.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        log.append(event(100));
        log.checkpoint();
        assertThat(failures).as("what comes after the end is no failure").isEmpty();
        AuditLog again = open();
        assertThat(again.size()).isEqualTo(5);
        assertThat(again.newestCheckpoint().orElseThrow().checkpoint().size()).isEqualTo(5);
    }

    @Test
    void theEndDoesNotWaitForEverForADiskThatHangs() {
        Clock running = new Clock() {
            private long asked;

            @Override
            public Instant now() {
                return clock.now();
            }

            @Override
            public long nanos() {
                return asked += Duration.ofSeconds(1).toNanos();
            }
        };
        AuditLog log =
                AuditLog.open(disk, running, never -> {}, failures::add, 2_000).orBug();
        log.append(event(1));
        assertThat(log.end(Duration.ofSeconds(3))).isFalse();
        assertThat(failures).isEmpty();
    }

    @Test
    void eventsAreStrictLinesThatCatShows() {
        AuditLog log = open();
        MessageId id = MessageId.mint(clock.now(), new byte[10]);
        log.append(new AuditEvent("accepted", Optional.of(id), Optional.empty(), "e-office", "to c@H40.3"));
        log.append(AuditEvent.of("start", ""));
        String text = new String(disk.contentOf("audit/log-000001"), StandardCharsets.UTF_8);
        assertThat(text.split("\n")[1])
                .matches("0 \\| 2026-[0-9T:.-]+Z \\| accepted \\| " + id
                        + " \\| 0 \\| e-office \\| to c@H40.3 \\| [0-9a-f]{16}");
        assertThat(text.split("\n")[2])
                .matches("1 \\| 2026-[0-9T:.-]+Z \\| start \\| - \\| 0 \\| - \\| - \\| [0-9a-f]{16}");
    }

    @Test
    void aPeersWordsCannotMakeLinesOrFields() {
        AuditLog log = open();
        log.append(new AuditEvent(
                "denied", Optional.empty(), Optional.empty(), "a | b\nc\u2028d", "x".repeat(1_000) + "\uD800"));
        AuditEntry entry = log.page(Optional.empty(), 1).orBug().get(0);
        assertThat(entry.event().who()).isEqualTo("a ? b?c?d");
        assertThat(entry.event().detail()).hasSize(300);
    }

    @Test
    void entriesAndRootAreTheSameAfterReopeningOverManyFiles() {
        AuditLog log = filled(100);
        Hash root = log.root();
        List<Hash> leaves = leaves(log);
        assertThat(root).isEqualTo(MerkleTree.root(leaves));
        assertThat(files()).hasSizeGreaterThan(3);
        log.close();
        log = open();
        assertThat(log.size()).isEqualTo(100);
        assertThat(log.root()).isEqualTo(root);
        log.append(event(100));
        assertThat(log.root()).isEqualTo(MerkleTree.root(leaves(log)));
        assertThat(log.page(Optional.empty(), 3).orBug())
                .extracting(AuditEntry::index)
                .containsExactly(98L, 99L, 100L);
        assertThat(log.page(Optional.of(50L), 2).orBug())
                .extracting(AuditEntry::event)
                .containsExactly(event(50), event(51));
    }

    @Test
    void anyEntryIsProvenUnderAnyCheckpoint() {
        AuditLog log = filled(70);
        List<Hash> leaves = leaves(log);
        for (int size : new int[] {1, 2, 3, 7, 64, 65, 70}) {
            Hash root = MerkleTree.root(leaves.subList(0, size));
            for (int index = 0; index < size; index += 3) {
                InclusionProof proof = log.inclusion(index, size).orBug();
                assertThat(proof.path()).isEqualTo(MerkleTree.path(leaves.subList(0, size), index));
                assertThat(proof.proves(root)).isTrue();
                assertThat(new InclusionProof(index, Bytes.utf8("other\n"), size, proof.path()).proves(root))
                        .isFalse();
            }
            for (int old = 1; old <= size; old += 5) {
                List<Hash> proof = log.consistency(old, size).orBug();
                assertThat(proof).isEqualTo(MerkleTree.consistencyProof(leaves.subList(0, size), old));
            }
        }
    }

    @Test
    void checkpointTextIsStrictAndComesBack() {
        AuditLog log = filled(5);
        log.checkpoint();
        Checkpoint.Signed signed = log.newestCheckpoint().orElseThrow();
        assertThat(signed.checkpoint().signer()).isEqualTo(CERTIFICATE);
        assertThat(signed.signature())
                .isEqualTo(Hash.of(signed.checkpoint().text()).bytes());
        assertThat(Checkpoint.parse(signed.checkpoint().text(), NETWORK).orBug())
                .isEqualTo(signed.checkpoint());
        assertThat(Checkpoint.parse(Bytes.utf8(signed.checkpoint().text().utf8() + " "), NETWORK)
                        .isOk())
                .isFalse();
        assertThat(Checkpoint.parse(signed.checkpoint().text(), Hash.of(Bytes.utf8("other")))
                        .isOk())
                .isFalse();
    }

    // ---- T17: edited, cut, replaced

    @Test
    void verificationNamesTheFirstEditedEntry() throws Exception {
        AuditLog log = filled(60);
        log.checkpoint();
        log.close();
        assertThat(AuditLog.verify(disk, List.of())).isInstanceOf(Verification.Intact.class);
        for (String path : files()) {
            byte[] good = disk.contentOf(path);
            String text = new String(good, StandardCharsets.UTF_8);
            int at = text.indexOf("nobody-");
            String index =
                    text.substring(text.lastIndexOf('\n', at) + 1, text.indexOf(" | ", text.lastIndexOf('\n', at) + 1));
            byte[] edited = good.clone();
            edited[text.substring(0, at).getBytes(StandardCharsets.UTF_8).length] = 'N';
            disk.replace(path, edited);
            assertThat(AuditLog.verify(disk, List.of()))
                    .isInstanceOfSatisfying(
                            Verification.Broken.class,
                            broken -> assertThat(broken.firstBad()).isEqualTo(Long.parseLong(index)));
            disk.replace(path, good);
        }
    }

    @Test
    void logRewrittenWithAllItsLinksIsFoundByACheckpointOfANeighbour() throws Exception {
        AuditLog log = filled(20);
        AuditLog.SizeAndRoot first = stands(log);
        for (int i = 20; i < 40; i++) {
            log.append(event(i));
        }
        AuditLog.SizeAndRoot second = stands(log);
        log.close();
        // The administrator writes a whole new log that leaves event 25 out and has the right form.
        SimulatedDisk forged = new SimulatedDisk();
        AuditLog other = AuditLog.open(forged, new TurnLoop(), IN_PLACE, failures::add, 2_000)
                .orBug();
        for (int i = 0; i < 41; i++) {
            if (i != 25) {
                other.append(event(i));
            }
        }
        other.close();
        List<AuditLog.SizeAndRoot> held = List.of(first, second);
        assertThat(AuditLog.verify(disk, held)).isInstanceOf(Verification.Intact.class);
        assertThat(AuditLog.verify(forged, held))
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.firstBad()).isEqualTo(20));
    }

    @Test
    void missingTailIsFoundByACheckpoint() throws Exception {
        AuditLog log = filled(40);
        AuditLog.SizeAndRoot held = stands(log);
        log.close();
        String last = files().get(files().size() - 1);
        byte[] content = disk.contentOf(last);
        String text = new String(content, StandardCharsets.UTF_8);
        int cut = text.lastIndexOf('\n', text.length() - 2) + 1;
        disk.replace(last, Arrays.copyOf(content, cut));
        assertThat(AuditLog.verify(disk, List.of(held)))
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.firstBad()).isEqualTo(39));
    }

    @Test
    void editedLastFileIsRefusedAtStartWithTheFirstBadEntry() {
        filled(30).close();
        String last = files().get(files().size() - 1);
        byte[] content = disk.contentOf(last);
        String text = new String(content, StandardCharsets.UTF_8);
        int at = text.indexOf("nobody-");
        content[at] = 'X';
        disk.replace(last, content);
        Result<AuditLog> opened = tryOpen();
        assertThat(opened.refusal().reason()).isEqualTo(ErrorCode.AUDIT_BROKEN);
        assertThat(opened.refusal().detail()).matches("entry [0-9]+ is the first bad one.*");
        AuditLog anew = AuditLog.beginAnew(disk, clock, IN_PLACE, failures::add, "operator: accepted")
                .orBug();
        assertThat(anew.page(Optional.empty(), 10).orBug())
                .extracting(entry -> entry.event().kind())
                .containsExactly("audit-begun-anew");
        assertThat(disk.files()).anyMatch(name -> name.startsWith("audit/broken-"));
    }

    @Test
    void tailBelowAKeptCheckpointIsNotTakenForATornWrite() {
        AuditLog log = filled(10);
        log.checkpoint();
        log.close();
        String last = files().get(files().size() - 1);
        disk.replace(last, Arrays.copyOf(disk.contentOf(last), (int) disk.sizeOf(last) - 5));
        assertThat(tryOpen().refusal().reason()).isEqualTo(ErrorCode.AUDIT_BROKEN);
    }

    @Test
    void checkpointsAreSignedByThemselvesAndAtTheEnd() {
        AuditLog log = filled(4_095);
        assertThat(log.newestCheckpoint()).isEmpty();
        log.append(event(4_095));
        assertThat(log.newestCheckpoint().orElseThrow().checkpoint().size()).isEqualTo(4_096);
        log.append(event(4_096));
        assertThat(log.newestCheckpoint().orElseThrow().checkpoint().size()).isEqualTo(4_096);
        clock.advance(java.time.Duration.ofHours(1).toNanos());
        log.append(event(4_097));
        assertThat(log.newestCheckpoint().orElseThrow().checkpoint().size()).isEqualTo(4_098);
        log.append(event(4_098));
        Hash root = log.root();
        log.close();
        Checkpoint last = open().newestCheckpoint().orElseThrow().checkpoint();
        assertThat(last.size()).isEqualTo(4_099);
        assertThat(last.root()).isEqualTo(root);
    }

    @Test
    void theFirstCheckpointBehindAnEntryProvesItAndIsMadeWhereThereIsNone() {
        AuditLog log = filled(30);
        log.checkpoint();
        for (int i = 30; i < 50; i++) {
            log.append(event(i));
        }
        for (int index : new int[] {0, 29, 30, 49}) {
            Checkpoint checkpoint = log.checkpointCovering(index).orElseThrow().checkpoint();
            assertThat(checkpoint.size()).isEqualTo(index < 30 ? 30 : 50);
            assertThat(log.inclusion(index, checkpoint.size()).orBug().proves(checkpoint.root()))
                    .isTrue();
        }
    }

    @Test
    void theEntryOfAMessageIsFoundByItsTime() {
        AuditLog log = filled(40);
        List<MessageId> ids = new ArrayList<>();
        List<Instant> times = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            clock.advance(java.time.Duration.ofMinutes(50).toNanos());
            ids.add(MessageId.mint(clock.now(), new byte[] {(byte) i, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
            times.add(clock.now());
            log.append(new AuditEvent("refused", Optional.of(ids.get(i)), Optional.empty(), "", ""));
            log.append(new AuditEvent("accepted", Optional.of(ids.get(i)), Optional.empty(), "", "number " + i));
        }
        assertThat(files()).hasSizeGreaterThan(4);
        for (int i = 0; i < 30; i++) {
            AuditEntry found = log.find(ids.get(i), java.util.Set.of("accepted"), times.get(i))
                    .orBug()
                    .orElseThrow();
            assertThat(found.event().detail()).isEqualTo("number " + i);
        }
        assertThat(log.find(ids.get(3), java.util.Set.of("accepted"), times.get(20))
                        .orBug())
                .isEmpty();
        assertThat(log.find(ids.get(3), java.util.Set.of("settled"), times.get(3))
                        .orBug())
                .isEmpty();
    }

    @Test
    void aLastFileWrittenAnewWithAllItsLinksIsRefusedAtStart() {
        AuditLog log = filled(10);
        log.checkpoint();
        log.close();
        byte[] checkpoints = disk.contentOf("audit/checkpoints");
        SimulatedDisk forged = new SimulatedDisk();
        AuditLog other =
                AuditLog.open(forged, clock, IN_PLACE, failures::add, 2_000).orBug();
        for (int i = 5; i < 17; i++) {
            other.append(event(i));
        }
        other.close();
        forged.replace("audit/checkpoints", checkpoints);
        Result<AuditLog> opened = AuditLog.open(forged, clock, IN_PLACE, failures::add, 2_000);
        assertThat(opened.refusal().reason()).isEqualTo(ErrorCode.AUDIT_BROKEN);
    }

    @Test
    void aRunningLogIsVerifiedWithTheSignaturesOfItsCheckpoints() {
        AuditLog log = filled(30);
        log.checkpoint();
        log.append(event(30));
        assertThat(log.verify(AuditLogTest::isSigned).orBug()).isEqualTo(new Verification.Intact(31, log.root(), 1));
        assertThat(log.verify((text, signature) -> false).orBug()).isInstanceOf(Verification.Broken.class);
        byte[] content = disk.contentOf("audit/log-000001");
        content[new String(content, StandardCharsets.UTF_8).indexOf("nobody-3")] = 'N';
        disk.replace("audit/log-000001", content);
        assertThat(log.verify(AuditLogTest::isSigned).orBug())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.firstBad()).isEqualTo(3));
    }

    // ---- crashes

    @Test
    void whatWasDurableSurvivesAnyPowerCut() throws Exception {
        for (long seed = 1; seed <= 100; seed++) {
            SimulatedDisk crashing = new SimulatedDisk();
            SplittableRandom random = new SplittableRandom(seed);
            Hash root = null;
            long size = 0;
            for (int round = 0; round < 5; round++) {
                crashing.cutPowerAfter(random.nextInt(3, 40));
                try {
                    AuditLog log = AuditLog.open(crashing, clock, IN_PLACE, failures::add, 1_000)
                            .orBug();
                    log.signWith(NETWORK, NODE, () -> SIGNER);
                    assertThat(log.size()).as("seed %d", seed).isGreaterThanOrEqualTo(size);
                    if (root != null) {
                        List<Hash> leaves = leaves(log).subList(0, (int) size);
                        assertThat(MerkleTree.root(leaves)).as("seed %d", seed).isEqualTo(root);
                    }
                    for (int i = 0; i < 20; i++) {
                        log.append(event(i));
                        size = log.size();
                        root = log.root();
                        if (random.nextInt(8) == 0) {
                            log.checkpoint();
                        }
                    }
                } catch (SimulatedDisk.PowerCut cut) {
                    // As meant.
                }
                crashing.crash(seed * 7 + round);
            }
            AuditLog.open(crashing, clock, IN_PLACE, failures::add, 1_000)
                    .orBug()
                    .close();
            assertThat(AuditLog.verify(crashing, List.of()))
                    .as("seed %d", seed)
                    .isInstanceOf(Verification.Intact.class);
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void aFullDiskDelaysTheLogAndLosesNothingOfIt() throws Exception {
        ExecutorService worker = Executors.newSingleThreadExecutor();
        AuditLog log =
                AuditLog.open(disk, Clock.real(), worker, failures::add, 2_000).orBug();
        log.append(event(0));
        log.settle();
        disk.setCapacity(disk.totalBytes() - disk.freeBytes());
        for (int i = 1; i <= 5; i++) {
            log.append(event(i));
        }
        // Tried once at least: the worker waits for room.
        await().until(() -> disk.refusedForRoom() > 0);
        assertThat(log.size()).isEqualTo(1);
        disk.setCapacity(1L << 40);
        log.settle();
        worker.shutdown();
        assertThat(failures).as("that is no reason to stop").isEmpty();
        assertThat(log.page(Optional.of(0L), 10).orBug()).hasSize(6);
        assertThat(open().size()).as("whole lines, one after the other").isEqualTo(6);
    }

    @Test
    void afterADiskFailureNothingIsRecordedAndItIsSaidOnce() {
        AuditLog log = filled(3);
        disk.failSyncAfter(1);
        log.append(event(3));
        log.append(event(4));
        assertThat(failures).hasSize(1);
        assertThat(log.size()).isEqualTo(3);
    }
}
