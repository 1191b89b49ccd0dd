package lienthong.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.log.LogMessageStore;
import org.junit.jupiter.api.Test;

/**
 * The power goes at any moment, on a disk that forgets all it may: after each start everything acknowledged is there, nothing else is believed,
 * and nothing is called damaged. {@code -Dstore.seeds=100000} for more.
 */
class CrashTest {
    private static final int SEEDS = Integer.getInteger("store.seeds", 150);
    private static final long FIRST_SEED = Long.getLong("store.firstSeed", 1);

    /** What delivery would do: batches in order, some durable, and the truth about them. */
    private static final class Story {
        final StoreBench.Simulated bench;
        final SplittableRandom random;
        final long seed;
        /** State after each batch since the last start; the first is the state found then. */
        final List<Map<Long, Bytes>> states = new ArrayList<>();

        int acknowledged;

        Story(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            bench = new StoreBench.Simulated(seed);
            bench.segmentBytes = random.nextInt(3) == 0 ? 32 * 1024 : 64 * 1024;
            states.add(Map.of());
        }

        /** Works until the power goes; true when it went. */
        boolean work(LogMessageStore store, int steps) {
            try {
                for (int i = 0; i < steps; i++) {
                    step(store);
                }
                return false;
            } catch (SimulatedDisk.PowerCut cut) {
                return true;
            } catch (java.util.concurrent.CompletionException sideWork) {
                assertThat(sideWork).as("seed %d", seed).hasCauseInstanceOf(SimulatedDisk.PowerCut.class);
                return true;
            }
        }

        private void step(LogMessageStore store) {
            int batches = random.nextInt(1, 4);
            for (int b = 0; b < batches; b++) {
                Map<Long, Bytes> next = new TreeMap<>(states.get(states.size() - 1));
                Batch batch = new Batch();
                for (int n = random.nextInt(1, 5); n > 0; n--) {
                    long key = random.nextInt(3) == 0 ? random.nextInt(300) : random.nextInt(12);
                    if (random.nextInt(5) < 2) {
                        batch.drop(Kind.BODY, key);
                        next.remove(key);
                    } else {
                        byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 6_000 : 400)];
                        random.nextBytes(bytes);
                        Bytes value = Bytes.ofOwned(bytes);
                        batch.put(Kind.BODY, key, value);
                        next.put(key, value);
                    }
                }
                states.add(next);
                int number = states.size() - 1;
                store.submit(batch, () -> {
                    assertThat(number).as("seed %d: in order", seed).isEqualTo(acknowledged + 1);
                    acknowledged = number;
                });
            }
            if (random.nextInt(4) > 0) {
                bench.loop.run();
            }
        }

        /** The found state must be one that all acknowledged batches and perhaps some more, whole and in order, have made. */
        void compare(LogMessageStore store) {
            Map<Long, Bytes> found = new TreeMap<>();
            store.forEach(Kind.BODY, found::put);
            int match = -1;
            for (int i = states.size() - 1; i >= acknowledged && match < 0; i--) {
                if (states.get(i).equals(found)) {
                    match = i;
                }
            }
            assertThat(match)
                    .as(
                            "seed %d: %d of %d batches acknowledged, found %s",
                            seed, acknowledged, states.size() - 1, found.keySet())
                    .isNotNegative();
            assertThat(bench.events.damages)
                    .as("seed %d: nothing is called damaged", seed)
                    .isEmpty();
            assertThat(bench.events.segmentsMissing).as("seed %d", seed).isEmpty();
            assertThat(bench.events.failures).as("seed %d", seed).isEmpty();
            states.clear();
            states.add(found);
            acknowledged = 0;
        }
    }

    @Test
    void everythingAcknowledgedSurvivesAnyPowerCutAndNothingElseIsBelieved() {
        int cuts = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            Story story = new Story(seed);
            for (int round = 0; round < 8; round++) {
                if (story.random.nextInt(3) > 0) {
                    story.bench.disk.cutPowerAfter(story.random.nextInt(1, round % 2 == 0 ? 250 : 25));
                }
                LogMessageStore store = null;
                try {
                    store = story.bench.open();
                    story.compare(store);
                } catch (SimulatedDisk.PowerCut cut) {
                    cuts++;
                } catch (java.util.concurrent.CompletionException sideWork) {
                    cuts++;
                }
                if (store != null && story.work(store, story.random.nextInt(5, 80))) {
                    cuts++;
                }
                if (story.random.nextInt(4) == 0) {
                    story.bench.kill();
                } else {
                    story.bench.crash(seed * 31 + round);
                }
            }
            LogMessageStore last = story.bench.open();
            story.compare(last);
            last.close();
        }
        assertThat(cuts).as("a fault that never struck proves nothing").isGreaterThan(SEEDS);
    }

    @Test
    void killedProcessLosesNothingThatWasWritten() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 8; seed++) {
            Story story = new Story(seed);
            for (int round = 0; round < 5; round++) {
                LogMessageStore store = story.bench.open();
                story.compare(store);
                story.work(store, story.random.nextInt(5, 60));
                story.bench.kill();
            }
        }
    }

    @Test
    void spooledPayloadThatAValueNamesSurvivesAnyPowerCut() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 2; seed++) {
            StoreBench.Simulated bench = new StoreBench.Simulated(seed);
            SplittableRandom random = new SplittableRandom(seed);
            Map<Long, Bytes> acknowledged = new TreeMap<>();
            Map<Long, SpoolId> ids = new HashMap<>();
            bench.disk.cutPowerAfter(random.nextInt(20, 120));
            try {
                LogMessageStore store = bench.open();
                for (long key = 1; key < 100; key++) {
                    byte[] bytes = new byte[random.nextInt(1, 5_000)];
                    random.nextBytes(bytes);
                    Bytes payload = Bytes.ofOwned(bytes);
                    Spool.Writer writer = store.spool().begin().orBug();
                    writer.write(0, payload.asBuffer()).orBug();
                    SpoolId id = writer.finish().orBug();
                    long named = key;
                    store.submit(
                            new Batch().put(Kind.BODY, key, Bytes.utf8("spooled"), id),
                            () -> acknowledged.put(named, payload));
                    ids.put(key, id);
                    bench.loop.run();
                }
            } catch (SimulatedDisk.PowerCut cut) {
                // As meant.
            }
            bench.crash(seed);
            LogMessageStore store = bench.open();
            assertThat(bench.events.missing).as("seed %d", seed).isEmpty();
            acknowledged.forEach((key, payload) -> {
                assertThat(store.read(Kind.BODY, key)).isPresent();
                try (Spool.Reader reader = store.spool().open(ids.get(key)).orBug()) {
                    java.nio.ByteBuffer in = java.nio.ByteBuffer.allocate(6_000);
                    reader.read(0, in).orBug();
                    assertThat(Bytes.copyOf(in.flip())).isEqualTo(payload);
                }
            });
        }
    }

    @Test
    void offsetStatedToAPeerIsThereAfterAnyPowerCut() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 2; seed++) {
            StoreBench.Simulated bench = new StoreBench.Simulated(seed);
            SplittableRandom random = new SplittableRandom(seed);
            byte[] payload = new byte[60_000];
            random.nextBytes(payload);
            long[] stated = new long[1];
            boolean finished = false;
            for (int round = 0; round < 12 && !finished; round++) {
                bench.disk.cutPowerAfter(random.nextInt(15, 60));
                try {
                    LogMessageStore store = bench.open();
                    Spool.Partial partial = store.spool().resumable("t").orBug();
                    assertThat(partial.durableOffset()).as("seed %d", seed).isGreaterThanOrEqualTo(stated[0]);
                    checkPrefix(bench, payload, partial.durableOffset(), seed);
                    while (partial.size() < payload.length) {
                        int step = (int) Math.min(random.nextInt(1, 4_000), payload.length - partial.size());
                        partial.write(partial.size(), java.nio.ByteBuffer.wrap(payload, (int) partial.size(), step))
                                .orBug();
                        long offset = partial.size();
                        partial.syncTo(offset, () -> stated[0] = offset).orBug();
                        bench.loop.run();
                    }
                    finished = true;
                } catch (SimulatedDisk.PowerCut cut) {
                    // As meant.
                }
                bench.crash(seed * 17 + round);
            }
            assertThat(bench.events.missing).as("seed %d", seed).isEmpty();
        }
    }

    private static void checkPrefix(StoreBench.Simulated bench, byte[] payload, long offset, long seed) {
        List<String> parts = bench.disk.files().stream()
                .filter(name -> name.endsWith(".part"))
                .toList();
        if (offset > 0) {
            byte[] content = bench.disk.contentOf(parts.get(0));
            assertThat(java.util.Arrays.mismatch(content, 4096, 4096 + (int) offset, payload, 0, (int) offset))
                    .as("seed %d: first wrong byte of %d", seed, offset)
                    .isNegative();
        }
    }

    @Test
    void archivedEvidenceSurvivesAnyPowerCut() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 4; seed++) {
            StoreBench.Simulated bench = new StoreBench.Simulated(seed);
            SplittableRandom random = new SplittableRandom(seed);
            List<ArchiveRecord> acknowledged = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                bench.disk.cutPowerAfter(random.nextInt(10, 60));
                try {
                    LogMessageStore store = bench.open();
                    for (int i = 0; i < 30; i++) {
                        byte[] ten = new byte[10];
                        random.nextBytes(ten);
                        java.time.Instant time =
                                java.time.Instant.parse("2026-0" + random.nextInt(1, 4) + "-01T00:00:00Z");
                        ArchiveRecord record = new ArchiveRecord(
                                time,
                                lienthong.gateway.message.MessageId.mint(time, ten),
                                "",
                                ArchiveKind.CORE,
                                Bytes.ofOwned(new byte[random.nextInt(2_000)]));
                        store.archive().append(List.of(record), () -> acknowledged.add(record));
                        bench.loop.run();
                    }
                } catch (SimulatedDisk.PowerCut cut) {
                    // As meant.
                }
                bench.crash(seed * 13 + round);
            }
            LogMessageStore store = bench.open();
            for (ArchiveRecord record : acknowledged) {
                assertThat(store.archive().find(record.id()))
                        .as("seed %d", seed)
                        .containsExactly(record);
            }
            assertThat(bench.events.damages).as("seed %d", seed).isEmpty();
        }
    }

    // ---- a disk that fails

    @Test
    void afterAFailedSyncOrWriteNothingIsAcknowledgedAndAllThatWasIsThere() {
        int struck = 0;
        for (int n = 1; n < 160; n++) {
            for (boolean sync : new boolean[] {true, false}) {
                Story story = new Story(n);
                LogMessageStore store = story.bench.open();
                story.compare(store);
                if (sync) {
                    story.bench.disk.failSyncAfter(n);
                } else {
                    story.bench.disk.failWriteAfter(n);
                }
                story.work(store, 40);
                int acknowledgedAtFailure = story.acknowledged;
                if (!story.bench.events.failures.isEmpty()) {
                    struck++;
                    assertThat(story.bench.events.failures)
                            .as("%d. operation", n)
                            .containsExactly(sync ? ErrorCode.FSYNC_FAILED : ErrorCode.WRITE_FAILED);
                    story.work(store, 10);
                    assertThat(story.acknowledged)
                            .as("%d. operation: no answer after the failure", n)
                            .isEqualTo(acknowledgedAtFailure);
                    assertThat(store.status().failed()).isPresent();
                    assertThat(store.spool().begin().isOk()).isFalse();
                    story.bench.events.failures.clear();
                }
                story.bench.crash(n);
                LogMessageStore again = story.bench.open();
                story.compare(again);
            }
        }
        assertThat(struck).as("a fault that never struck proves nothing").isGreaterThan(100);
    }

    /** Linux shows what a failed sync has dropped as if it were clean: a new process finds it and may answer for it. */
    @Test
    void whatANewProcessFindsAfterAFailedSyncSurvivesAPowerCut() {
        int struck = 0;
        for (int n = 1; n < 80; n++) {
            Story story = new Story(n);
            LogMessageStore store = story.bench.open();
            story.compare(store);
            story.bench.disk.failSyncAfter(n);
            story.work(store, 40);
            if (!story.bench.events.failures.isEmpty()) {
                struck++;
                story.bench.events.failures.clear();
            }
            story.bench.kill();
            story.compare(story.bench.open());
            Map<Long, Bytes> found = story.states.get(0);
            story.bench.crash(n);
            Map<Long, Bytes> kept = new TreeMap<>();
            story.bench.open().forEach(Kind.BODY, kept::put);
            assertThat(kept).as("%d. sync", n).isEqualTo(found);
        }
        assertThat(struck).as("a fault that never struck proves nothing").isGreaterThan(30);
    }

    @Test
    void anArchiveMonthWhoseBeginningFailedToSyncIsBegunAgain() {
        int struck = 0;
        // The header's sync and that of the first group; between them that of the folder, whose failure ends a file
        // system.
        for (int n : new int[] {1, 3}) {
            StoreBench.Simulated bench = new StoreBench.Simulated(n);
            LogMessageStore store = bench.open();
            bench.disk.failSyncAfter(n);
            archive(bench, store, evidence(1), () -> {});
            struck += bench.events.failures.isEmpty() ? 0 : 1;
            bench.events.failures.clear();
            bench.kill();
            ArchiveRecord later = evidence(2);
            List<ArchiveRecord> acknowledged = new ArrayList<>();
            archive(bench, bench.open(), later, () -> acknowledged.add(later));
            assertThat(acknowledged).as("%d. sync", n).hasSize(1);
            bench.crash(n);
            assertThat(bench.open().archive().find(later.id()))
                    .as("%d. sync", n)
                    .containsExactly(later);
            assertThat(bench.events.damages).as("%d. sync", n).isEmpty();
        }
        assertThat(struck).as("a fault that never struck proves nothing").isEqualTo(2);
    }

    @Test
    void aFullDiskDelaysTheArchiveAndLosesNothingOfIt() {
        StoreBench.Simulated bench = new StoreBench.Simulated(1);
        LogMessageStore store = bench.open();
        archive(bench, store, evidence(1), () -> {});
        bench.disk.setCapacity(bench.disk.totalBytes() - bench.disk.freeBytes() + 1_000);
        List<Integer> acknowledged = new ArrayList<>();
        archive(bench, store, evidence(2), () -> acknowledged.add(2));
        archive(bench, store, evidence(3), () -> acknowledged.add(3));
        bench.loop.advance(java.time.Duration.ofSeconds(10).toNanos());
        assertThat(acknowledged).as("there is no room").isEmpty();
        assertThat(bench.events.failures).as("that is no reason to stop").isEmpty();
        bench.disk.setCapacity(1L << 40);
        bench.loop.advance(java.time.Duration.ofSeconds(10).toNanos());
        assertThat(acknowledged).containsExactly(2, 3);
        bench.crash(1);
        LogMessageStore again = bench.open();
        for (int i = 1; i <= 3; i++) {
            assertThat(again.archive().find(evidence(i).id())).containsExactly(evidence(i));
        }
        assertThat(bench.events.damages).isEmpty();
    }

    @Test
    void aSectorOfTheArchiveThatCannotBeReadCostsWhatStoodThereAlone() {
        StoreBench.Simulated bench = new StoreBench.Simulated(1);
        LogMessageStore store = bench.open();
        for (int i = 0; i < 20; i++) {
            archive(bench, store, evidence(i), () -> {});
        }
        bench.kill();
        // In the middle of a month of which no index knows anything.
        bench.disk.makeUnreadable("archive/2026-03.log", 4096 + 5 * 4096, 4096 + 5 * 4096 + 512);
        LogMessageStore again = bench.open();
        long there = 0;
        for (int i = 0; i < 20; i++) {
            there += again.archive().find(evidence(i).id()).isEmpty() ? 0 : 1;
        }
        assertThat(there).isBetween(17L, 19L);
        assertThat(bench.events.damages).isNotEmpty();
        ArchiveRecord more = evidence(21);
        List<ArchiveRecord> acknowledged = new ArrayList<>();
        archive(bench, again, more, () -> acknowledged.add(more));
        assertThat(acknowledged).as("the archive goes on").hasSize(1);
    }

    private static ArchiveRecord evidence(int number) {
        java.time.Instant time = java.time.Instant.parse("2026-03-01T00:00:00Z");
        byte[] ten = new byte[10];
        ten[9] = (byte) number;
        return new ArchiveRecord(
                time,
                lienthong.gateway.message.MessageId.mint(time, ten),
                "",
                ArchiveKind.CORE,
                Bytes.ofOwned(new byte[3_000]));
    }

    private static void archive(
            StoreBench.Simulated bench, LogMessageStore store, ArchiveRecord record, Runnable durable) {
        store.archive().append(List.of(record), durable);
        bench.loop.run();
    }

    @Test
    void anyFailureWhileOpeningIsAnsweredAndHarmless() {
        int struck = 0;
        for (int n = 1; n < 60; n++) {
            for (boolean sync : new boolean[] {true, false}) {
                Story story = new Story(n);
                if (n % 2 == 0) {
                    LogMessageStore store = story.bench.open();
                    story.compare(store);
                    story.work(store, 30);
                    story.bench.crash(n);
                }
                if (sync) {
                    story.bench.disk.failSyncAfter((n + 1) / 2);
                } else {
                    story.bench.disk.failWriteAfter((n + 1) / 2);
                }
                Result<LogMessageStore> opened = story.bench.tryOpen();
                if (!opened.isOk()) {
                    struck++;
                    assertThat(opened.refusal().reason())
                            .isEqualTo(sync ? ErrorCode.FSYNC_FAILED : ErrorCode.WRITE_FAILED);
                }
                story.bench.events.failures.clear();
                story.bench.crash(n + 7);
                story.compare(story.bench.open());
            }
        }
        assertThat(struck).isGreaterThan(10);
    }

    @Test
    void fullDiskStopsAnswersLosesNothingAndGoesOnWhenThereIsRoom() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 8; seed++) {
            Story story = new Story(seed);
            LogMessageStore store = story.bench.open();
            story.compare(store);
            story.bench.disk.setCapacity(400_000);
            // Nothing ends: the log fills the disk.
            for (int i = 0; i < 400; i++) {
                Map<Long, Bytes> next = new TreeMap<>(story.states.get(story.states.size() - 1));
                Bytes value = Bytes.ofOwned(new byte[1_500]);
                next.put(1_000L + i, value);
                story.states.add(next);
                int number = story.states.size() - 1;
                store.submit(new Batch().put(Kind.BODY, 1_000 + i, value), () -> story.acknowledged = number);
                story.bench.loop.run();
            }
            assertThat(store.status().stalled()).as("seed %d", seed).isTrue();
            assertThat(store.gate().level()).isEqualTo(DiskGate.Level.NOTHING);
            assertThat(story.acknowledged).isLessThan(400);
            assertThat(story.bench.events.failures).isEmpty();
            if (seed % 2 == 0) {
                story.bench.crash(seed);
                story.bench.disk.setCapacity(4_000_000);
                story.compare(story.bench.open());
            } else {
                story.bench.disk.setCapacity(4_000_000);
                story.bench.loop.advance(1_000_000_000L);
                assertThat(story.acknowledged).as("seed %d", seed).isEqualTo(story.states.size() - 1);
                assertThat(store.status().stalled()).isFalse();
                story.compare(store);
            }
        }
    }
}
