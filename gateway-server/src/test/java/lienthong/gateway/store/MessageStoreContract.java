package lienthong.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.log.LogMessageStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store promises. */
abstract class MessageStoreContract {
    private StoreBench bench;
    private LogMessageStore store;

    abstract StoreBench bench();

    @BeforeEach
    void open() {
        bench = bench();
        store = bench.open();
    }

    @AfterEach
    void close() {
        store.close();
        bench.close();
    }

    private void reopen() {
        store.close();
        store = bench.open();
    }

    private static Bytes text(String text) {
        return Bytes.utf8(text);
    }

    private static Bytes random(SplittableRandom random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Bytes.ofOwned(bytes);
    }

    // ---- values

    @Test
    void acknowledgedValuesAreThereAfterReopening() {
        bench.commit(
                store,
                new Batch()
                        .put(Kind.HEAD, 1, text("one"))
                        .put(Kind.BODY, 1, text("body"))
                        .put(Kind.END, -5, Bytes.empty()));
        reopen();
        assertThat(store.read(Kind.HEAD, 1)).contains(text("one"));
        assertThat(store.read(Kind.BODY, 1)).contains(text("body"));
        assertThat(store.read(Kind.END, -5)).contains(Bytes.empty());
        assertThat(store.read(Kind.HEAD, 2)).isEmpty();
        assertThat(store.count(Kind.HEAD)).isEqualTo(1);
    }

    @Test
    void newerValueReplacesOlderAndDropEndsIt() {
        bench.commit(store, new Batch().put(Kind.HEAD, 1, text("a")).put(Kind.HEAD, 2, text("b")));
        bench.commit(
                store,
                new Batch().put(Kind.HEAD, 1, text("c")).drop(Kind.HEAD, 2).drop(Kind.HEAD, 77));
        for (int i = 0; i < 2; i++) {
            assertThat(store.read(Kind.HEAD, 1)).contains(text("c"));
            assertThat(store.read(Kind.HEAD, 2)).isEmpty();
            assertThat(store.count(Kind.HEAD)).isEqualTo(1);
            reopen();
        }
    }

    @Test
    void laterChangeOfABatchWins() {
        bench.commit(
                store,
                new Batch()
                        .put(Kind.HEAD, 1, text("a"))
                        .drop(Kind.HEAD, 1)
                        .put(Kind.HEAD, 2, text("b"))
                        .put(Kind.HEAD, 2, text("c"))
                        .drop(Kind.HEAD, 3)
                        .put(Kind.HEAD, 3, text("d")));
        for (int i = 0; i < 2; i++) {
            assertThat(store.read(Kind.HEAD, 1)).isEmpty();
            assertThat(store.read(Kind.HEAD, 2)).contains(text("c"));
            assertThat(store.read(Kind.HEAD, 3)).contains(text("d"));
            reopen();
        }
    }

    @Test
    void durablesRunInOrderOfSubmission() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int number = i;
            store.submit(new Batch().put(Kind.HEAD, i, text("v" + i)), () -> order.add(number));
        }
        bench.settle(store);
        assertThat(order).hasSize(500).isSorted();
    }

    @Test
    void visitsValuesAscendingByUnsignedKey() {
        bench.commit(
                store,
                new Batch()
                        .put(Kind.HEAD, -1, text("d"))
                        .put(Kind.HEAD, 7, text("b"))
                        .put(Kind.HEAD, 3, text("a")));
        bench.commit(
                store, new Batch().put(Kind.HEAD, Long.MIN_VALUE, text("c")).put(Kind.BODY, 4, text("x")));
        List<String> seen = new ArrayList<>();
        store.forEach(Kind.HEAD, (key, value) -> seen.add(value.utf8()));
        assertThat(seen).containsExactly("a", "b", "c", "d");
    }

    @Test
    void keysAreNeverGivenTwiceAlsoAfterReopening() {
        Set<Long> keys = new HashSet<>();
        for (int start = 0; start < 4; start++) {
            for (int i = 0; i < 100; i++) {
                long key = store.newKey();
                assertThat(key).isPositive();
                assertThat(keys.add(key)).as("key %d new", key).isTrue();
                bench.commit(store, new Batch().put(Kind.HEAD, key, text("x")));
                bench.commit(store, new Batch().drop(Kind.HEAD, key));
            }
            reopen();
        }
    }

    @Test
    void refusesValueAboveTheLimitAndBatchSubmittedTwice() {
        Bytes large = Bytes.ofOwned(new byte[lienthong.gateway.message.Limits.RECORD_BYTES_MAX + 1]);
        assertThatThrownBy(() -> new Batch().put(Kind.BODY, 1, large)).isInstanceOf(Bug.class);
        Batch batch = new Batch().put(Kind.HEAD, 1, text("a"));
        bench.commit(store, batch);
        assertThatThrownBy(() -> store.submit(batch, () -> {})).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> batch.put(Kind.HEAD, 2, text("b"))).isInstanceOf(Bug.class);
    }

    @Test
    void valuesOfAllSizesComeBackWhole() {
        SplittableRandom random = new SplittableRandom(7);
        Map<Long, Bytes> written = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            Bytes value = random(random, i < 10 ? i : random.nextInt(40_000));
            written.put((long) i, value);
            bench.commit(store, new Batch().put(Kind.BODY, i, value));
        }
        reopen();
        written.forEach((key, value) -> assertThat(store.read(Kind.BODY, key)).contains(value));
    }

    @Test
    void submittingAfterTheEndIsNeverAnswered() {
        store.close();
        List<String> answers = new ArrayList<>();
        store.submit(new Batch().put(Kind.HEAD, 1, text("late")), () -> answers.add("durable"));
        store = bench.open();
        bench.settle(store);
        assertThat(answers).isEmpty();
        assertThat(store.read(Kind.HEAD, 1)).isEmpty();
    }

    @Test
    void whatWaitsAtTheEndIsMadeDurable() {
        List<String> answers = new ArrayList<>();
        store.submit(new Batch().put(Kind.HEAD, 1, text("last")), () -> answers.add("durable"));
        reopen();
        bench.settle(store);
        assertThat(store.read(Kind.HEAD, 1)).contains(text("last"));
        assertThat(answers).containsExactly("durable");
    }

    // ---- bounded

    @Test
    void segmentsLeaveWhenTheirValuesHaveEnded() {
        Bytes value = Bytes.ofOwned(new byte[2_000]);
        for (int i = 0; i < 3_000; i++) {
            Batch batch = new Batch().put(Kind.BODY, i, value).put(Kind.HEAD, i, text("h"));
            if (i >= 5) {
                batch.drop(Kind.BODY, i - 5).drop(Kind.HEAD, i - 5);
            }
            if (i % 50 == 0) {
                bench.commit(store, batch);
            } else {
                store.submit(batch, () -> {});
            }
        }
        bench.settle(store);
        settleSideWork(6);
        assertThat(store.status().segments()).as("of 100 written").isLessThanOrEqualTo(6);
        reopen();
        assertThat(store.count(Kind.BODY)).isEqualTo(5);
    }

    @Test
    void fewLiveValuesAreCopiedForward() {
        Bytes value = Bytes.ofOwned(new byte[1_000]);
        // One value in fifty lives for good.
        for (int i = 0; i < 3_000; i++) {
            Batch batch = new Batch().put(Kind.BODY, i, value);
            if (i % 50 != 0) {
                batch.drop(Kind.BODY, i);
            }
            store.submit(batch, () -> {});
            if (i % 40 == 0) {
                bench.settle(store);
            }
        }
        bench.settle(store);
        settleSideWork(8);
        assertThat(store.status().segments()).as("of 50 written, 60 kB live").isLessThanOrEqualTo(8);
        reopen();
        assertThat(store.count(Kind.BODY)).isEqualTo(60);
        for (int i = 0; i < 3_000; i += 50) {
            assertThat(store.read(Kind.BODY, i)).contains(value);
        }
    }

    /** Removal and copying run beside the commits. */
    private void settleSideWork(int segments) {
        for (int i = 0; i < 2_000 && store.status().segments() > segments; i++) {
            bench.commit(store, new Batch().put(Kind.NODE, 1, text("tick")));
        }
    }

    @Test
    void anyHistoryOfChangesGivesTheSameValuesAfterEveryReopening() {
        for (long seed = 1; seed <= 3; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<Long, Bytes> model = new HashMap<>();
            store.forEach(Kind.BODY, model::put);
            for (int round = 0; round < 8; round++) {
                for (int i = 0; i < 120; i++) {
                    Batch batch = new Batch();
                    for (int n = random.nextInt(1, 6); n > 0; n--) {
                        // A few keys for long, many for short: drops and old values end up far apart.
                        long key = random.nextInt(4) == 0 ? random.nextInt(2_000) : random.nextInt(40);
                        if (random.nextInt(5) < 2) {
                            batch.drop(Kind.BODY, key);
                            model.remove(key);
                        } else {
                            Bytes value = random(random, random.nextInt(1_500));
                            batch.put(Kind.BODY, key, value);
                            model.put(key, value);
                        }
                    }
                    store.submit(batch, () -> {});
                    if (i % 10 == 0) {
                        bench.settle(store);
                    }
                }
                bench.settle(store);
                reopen();
                Map<Long, Bytes> found = new HashMap<>();
                store.forEach(Kind.BODY, found::put);
                assertThat(found).as("seed %d round %d", seed, round).isEqualTo(model);
            }
        }
    }

    // ---- one process, backup, status

    @Test
    void secondOpeningIsRefusedWithTheProcessThatHoldsIt() {
        Result<LogMessageStore> second = bench.tryOpen();
        assertThat(second.refusal().reason()).isEqualTo(ErrorCode.DATA_IN_USE);
        assertThat(second.refusal().detail()).containsPattern("process [0-9]+");
    }

    @Test
    void statusCounts() {
        bench.commit(store, new Batch().put(Kind.HEAD, 1, text("a")).put(Kind.HEAD, 2, text("b")));
        StoreStatus status = store.status();
        assertThat(status.liveValues()).isEqualTo(2);
        assertThat(status.failed()).isEmpty();
        assertThat(status.segments()).isEqualTo(1);
        assertThat(status.quarantined()).isZero();
        assertThat(status.lastNumber()).isPositive();
        assertThat(status.level()).isEqualTo(DiskGate.Level.ALL);
    }

    // ---- spool

    private SpoolId spooled(Bytes content) {
        Spool.Writer writer = store.spool().begin().orBug();
        int half = content.size() / 2;
        assertThat(writer.write(0, content.slice(0, half).asBuffer()).orBug()).isEqualTo(half);
        writer.write(half, content.slice(half, content.size() - half).asBuffer())
                .orBug();
        assertThat(writer.size()).isEqualTo(content.size());
        return writer.finish().orBug();
    }

    private Bytes content(SpoolId id) {
        try (Spool.Reader reader = store.spool().open(id).orBug()) {
            ByteBuffer in = ByteBuffer.allocate((int) reader.size() + 10);
            assertThat(reader.read(0, in).orBug()).isEqualTo((int) reader.size());
            assertThat(reader.read(reader.size(), in).orBug()).isZero();
            return Bytes.copyOf(in.flip());
        }
    }

    @Test
    void spooledPayloadLivesAsLongAsAnyValueNamesIt() {
        Bytes payload = random(new SplittableRandom(3), 200_000);
        SpoolId id = spooled(payload);
        bench.commit(store, new Batch().put(Kind.BODY, 1, text("for a"), id).put(Kind.BODY, 2, text("for b"), id));
        bench.commit(store, new Batch().drop(Kind.BODY, 1));
        reopen();
        assertThat(store.read(Kind.BODY, 2)).contains(text("for b"));
        assertThat(content(id)).isEqualTo(payload);
        // Replaced by a value that does not name it.
        bench.commit(store, new Batch().put(Kind.BODY, 2, text("plain")));
        reopen();
        assertThat(store.spool().open(id).refusal().reason()).isEqualTo(ErrorCode.SPOOL_MISSING);
        assertThat(store.status().spoolFiles()).isZero();
        assertThat(bench.events.missing).isEmpty();
        assertThat(bench.events.orphans).isEmpty();
    }

    @Test
    void spoolFileThatNothingNamesIsGoneAfterTheNextStartAndCounted() {
        SpoolId id = spooled(text("nobody's"));
        Spool.Writer unfinished = store.spool().begin().orBug();
        unfinished.write(0, text("half").asBuffer()).orBug();
        reopen();
        assertThat(store.spool().open(id).isOk()).isFalse();
        assertThat(bench.events.orphans).containsExactly(2);
        assertThat(store.status().orphansRemoved()).isEqualTo(2);
    }

    @Test
    void discardedPayloadLeavesNothing() {
        store.spool().discard(spooled(text("refused")));
        Spool.Writer writer = store.spool().begin().orBug();
        writer.write(0, text("half").asBuffer()).orBug();
        writer.close();
        reopen();
        assertThat(bench.events.orphans).isEmpty();
    }

    @Test
    void transferIsTakenUpWhereItsDurableBytesEnd() {
        Bytes payload = random(new SplittableRandom(4), 150_000);
        Spool.Partial partial = store.spool().resumable("from-hub-17").orBug();
        partial.write(0, payload.slice(0, 100_000).asBuffer()).orBug();
        assertThat(partial.durableOffset()).isZero();
        List<String> stated = new ArrayList<>();
        partial.syncTo(60_000, () -> stated.add("durable")).orBug();
        bench.settle(store);
        assertThat(stated).containsExactly("durable");
        assertThat(partial.durableOffset()).isEqualTo(60_000);
        partial.close();
        reopen();
        assertThat(store.spool().partials()).extracting(Spool.Known::name).containsExactly("from-hub-17");
        Spool.Partial again = store.spool().resumable("from-hub-17").orBug();
        assertThat(again.durableOffset()).isEqualTo(60_000);
        assertThat(again.size()).isEqualTo(60_000);
        again.write(60_000, payload.slice(60_000, 90_000).asBuffer()).orBug();
        SpoolId id = again.finish().orBug();
        bench.commit(store, new Batch().put(Kind.BODY, 9, text("whole"), id));
        reopen();
        assertThat(content(id)).isEqualTo(payload);
        assertThat(store.spool().partials()).isEmpty();
        assertThat(store.count(Kind.PARTIAL)).isZero();
        assertThat(bench.events.orphans).isEmpty();
    }

    @Test
    void transferWhoseFileABackupLeftOutBeginsAgainAndIsNoDamage() throws Exception {
        Spool.Partial partial = store.spool().resumable("t3").orBug();
        partial.write(0, text("0123456789").asBuffer()).orBug();
        partial.syncTo(10, () -> {}).orBug();
        bench.settle(store);
        partial.close();
        for (String name : bench.disk().list("spool")) {
            bench.disk().delete("spool/" + name);
        }
        bench.disk().syncFolder("spool");
        reopen();
        assertThat(bench.events.missing).isEmpty();
        assertThat(store.spool().resumable("t3").orBug().durableOffset()).isZero();
    }

    @Test
    void transferFinishedAndNotNamedIsTakenUpAgainAtItsEndInTheSameProcess() {
        Spool.Partial partial = store.spool().resumable("t0").orBug();
        partial.write(0, text("0123456789").asBuffer()).orBug();
        partial.finish().orBug();
        Spool.Partial again = store.spool().resumable("t0").orBug();
        assertThat(again.size()).isEqualTo(10);
        SpoolId id = again.finish().orBug();
        bench.commit(store, new Batch().put(Kind.BODY, 9, text("whole"), id));
        reopen();
        assertThat(content(id)).isEqualTo(text("0123456789"));
    }

    @Test
    void transferFinishedButNotNamedIsTakenUpAgain() {
        Spool.Partial partial = store.spool().resumable("t1").orBug();
        partial.write(0, text("0123456789").asBuffer()).orBug();
        partial.syncTo(10, () -> {}).orBug();
        bench.settle(store);
        partial.finish().orBug();
        reopen();
        Spool.Partial again = store.spool().resumable("t1").orBug();
        assertThat(again.durableOffset()).isEqualTo(10);
        SpoolId id = again.finish().orBug();
        assertThat(content(id)).isEqualTo(text("0123456789"));
    }

    @Test
    void discardedTransferIsForgotten() {
        Spool.Partial partial = store.spool().resumable("t2").orBug();
        partial.write(0, text("0123456789").asBuffer()).orBug();
        partial.syncTo(10, () -> {}).orBug();
        bench.settle(store);
        partial.discard();
        bench.settle(store);
        reopen();
        assertThat(store.spool().partials()).isEmpty();
        assertThat(store.spool().resumable("t2").orBug().durableOffset()).isZero();
    }

    @Test
    void refusesAHoleInAPayload() {
        Spool.Writer writer = store.spool().begin().orBug();
        assertThatThrownBy(() -> writer.write(1, text("x").asBuffer())).isInstanceOf(Bug.class);
        writer.close();
    }

    // ---- archive

    private static ArchiveRecord evidence(String time, int number, String client, ArchiveKind kind, String value) {
        Instant at = Instant.parse(time);
        byte[] ten = ByteBuffer.allocate(10).putInt(6, number).array();
        return new ArchiveRecord(at, MessageId.mint(at, ten), client, kind, text(value));
    }

    private void archive(ArchiveRecord... records) {
        List<String> done = new ArrayList<>();
        store.archive().append(List.of(records), () -> done.add("durable"));
        for (int i = 0; i < 1_000 && done.isEmpty(); i++) {
            bench.commit(store, new Batch().put(Kind.NODE, 1, text("tick")));
        }
        assertThat(done).containsExactly("durable");
    }

    @Test
    void archivedEvidenceIsFoundById() {
        ArchiveRecord core = evidence("2026-11-30T23:59:59.999Z", 1, "doc-7", ArchiveKind.CORE, "core");
        ArchiveRecord seal = evidence("2026-11-30T23:59:59.999Z", 1, "doc-7", ArchiveKind.SEAL, "seal");
        ArchiveRecord other = evidence("2026-12-01T00:00:00Z", 2, "", ArchiveKind.CORE, "other");
        archive(core, seal, other);
        archive(core);
        for (int i = 0; i < 2; i++) {
            assertThat(store.archive().find(core.id()))
                    .as("twice archived shows once")
                    .containsExactly(core, seal);
            assertThat(store.archive().find(other.id())).containsExactly(other);
            assertThat(store.archive().findByClientId("doc-7")).containsExactly(core.id());
            assertThat(store.archive().findByClientId("")).isEmpty();
            reopen();
        }
        assertThat(bench.disk())
                .satisfies(disk -> assertThat(disk.list("archive")).contains("2026-11.log", "2026-12.log"));
    }

    @Test
    void archiveIsListedByClaimedTimeInPages() {
        List<MessageId> expected = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            ArchiveRecord record = evidence("2026-0" + (i + 1) + "-15T00:00:00Z", i, "c" + i, ArchiveKind.SETTLED, "v");
            expected.add(record.id());
            archive(record);
        }
        Instant from = Instant.parse("2026-02-01T00:00:00Z");
        Instant to = Instant.parse("2026-07-01T00:00:00Z");
        List<Archive.Entry> first = store.archive().list(from, to, null, 3);
        List<Archive.Entry> second = store.archive().list(from, to, first.get(2), 3);
        assertThat(first).extracting(Archive.Entry::id).containsExactlyElementsOf(expected.subList(1, 4));
        assertThat(second).extracting(Archive.Entry::id).containsExactlyElementsOf(expected.subList(4, 6));
    }

    @Test
    void claimedTimesOfNonsenseDoNotMakeFilesWithoutEnd() throws Exception {
        archive(
                evidence("1970-01-01T00:00:00Z", 1, "", ArchiveKind.CORE, "past"),
                evidence("9999-06-01T00:00:00Z", 2, "", ArchiveKind.CORE, "future"));
        assertThat(bench.disk().list("archive")).contains("2020-01.log", "2199-12.log");
    }

    // ---- view

    private static Bytes line(String direction, String sender, String recipients, String state, long created) {
        return text(direction + ";" + sender + ";" + recipients + ";" + state + ";" + created);
    }

    @Test
    void viewFollowsTheValues() {
        bench.commit(
                store,
                new Batch()
                        .put(Kind.HEAD, 1, line("out", "a", "b c", "forwarding", 30))
                        .put(Kind.HEAD, 2, line("out", "a", "c", "accepted", 10))
                        .put(Kind.HEAD, 3, line("in", "x", "a", "waiting", 20))
                        .put(Kind.BODY, 1, text("no line")));
        bench.commit(
                store,
                new Batch()
                        .put(Kind.HEAD, 2, line("out", "a", "c", "forwarding", 10))
                        .drop(Kind.HEAD, 3));
        for (int i = 0; i < 2; i++) {
            store.view().catchUp();
            assertThat(store.view().page(View.Query.ALL, null, 100))
                    .extracting(View.Line::key)
                    .containsExactly(2L, 1L);
            assertThat(store.view().countByState(View.Query.ALL)).containsExactly(Map.entry("forwarding", 2L));
            assertThat(store.view().page(View.Query.ALL.withRecipient("b"), null, 100))
                    .extracting(View.Line::key)
                    .containsExactly(1L);
            assertThat(store.view().page(View.Query.ALL.withDirection("in"), null, 100))
                    .isEmpty();
            assertThat(store.view()
                            .page(
                                    View.Query.ofKind(Kind.HEAD)
                                            .withCreated(5, 15)
                                            .withMessageId("id2"),
                                    null,
                                    100))
                    .hasSize(1);
            reopen();
        }
    }

    @Test
    void viewGivesPagesWithoutGapOrRepetition() {
        Batch batch = new Batch();
        for (int i = 0; i < 250; i++) {
            batch.put(Kind.HEAD, i, line("out", "a", "b", "accepted", i / 3));
        }
        bench.commit(store, batch);
        store.view().catchUp();
        List<Long> seen = new ArrayList<>();
        View.Line last = null;
        while (true) {
            List<View.Line> page = store.view().page(View.Query.ALL.withState("accepted"), last, 40);
            page.forEach(found -> seen.add(found.key()));
            if (page.size() < 40) {
                break;
            }
            last = page.get(39);
        }
        assertThat(seen).hasSize(250).isSorted().doesNotHaveDuplicates();
    }

    // ---- backup

    @Test
    void backupTakenWhileRunningOpensAsTheSameStore() throws Exception {
        Bytes payload = random(new SplittableRandom(5), 100_000);
        SpoolId id = spooled(payload);
        bench.commit(store, new Batch().put(Kind.HEAD, 1, text("a")).put(Kind.BODY, 1, text("b"), id));
        assertThat(store.backup("backup/one")).isPositive();
        bench.commit(store, new Batch().put(Kind.HEAD, 1, text("later")).drop(Kind.BODY, 1));
        store.close();
        // Put back: what the backup holds instead of what is there.
        for (String part : List.of("log", "spool", "archive")) {
            for (String name : bench.disk().list(part)) {
                bench.disk().delete(part + "/" + name);
            }
            for (String name : bench.disk().list("backup/one/" + part)) {
                bench.disk().rename("backup/one/" + part + "/" + name, part + "/" + name);
            }
            bench.disk().syncFolder(part);
        }
        store = bench.open();
        assertThat(store.read(Kind.HEAD, 1)).contains(text("a"));
        assertThat(content(id)).isEqualTo(payload);
        store.view().catchUp();
        assertThat(store.view().page(View.Query.ALL, null, 10)).isEmpty();
    }
}
