package lienthong.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.log.LogMessageStore;
import org.junit.jupiter.api.Test;

/** Damage at rest and under a running store is local and loud (threats B39, B40). {@code -Dstore.flips=50000} for more. */
class DamageTest {
    private static final int FLIPS = Integer.getInteger("store.flips", 400);
    private static final String SEGMENT = "log/000000000001.log";

    private final StoreBench.Simulated bench = new StoreBench.Simulated(1);

    private static Bytes value(long key) {
        byte[] bytes = new byte[100 + (int) (key % 300)];
        new SplittableRandom(key).nextBytes(bytes);
        return Bytes.ofOwned(bytes);
    }

    private LogMessageStore fill(StoreBench.Simulated at, int values) {
        LogMessageStore store = at.open();
        for (long key = 1; key <= values; key++) {
            at.commit(store, new Batch().put(Kind.BODY, key, value(key)));
        }
        return store;
    }

    /** Offset of the record of a key. */
    private static int find(byte[] log, long key) {
        for (int at = 4096; at + 32 < log.length; at += 8) {
            ByteBuffer in = ByteBuffer.wrap(log, at, 32).slice();
            if (in.get(16) == 1 && in.get(17) == Kind.BODY.number() && in.getLong(24) == key && in.getShort(18) == 0) {
                return at;
            }
        }
        throw new AssertionError("no record of key " + key);
    }

    @Test
    void B39_damagedRecordIsSetAsideCountedShownOnceAndTheRestIsRead() {
        fill(bench, 50).close();
        int at = find(bench.disk.contentOf(SEGMENT), 20);
        bench.disk.flip(SEGMENT, at + 40, 3);
        for (int start = 0; start < 2; start++) {
            LogMessageStore store = bench.open();
            assertThat(store.read(Kind.BODY, 20)).isEmpty();
            for (long key = 1; key <= 50; key++) {
                if (key != 20) {
                    assertThat(store.read(Kind.BODY, key)).contains(value(key));
                }
            }
            assertThat(store.status().quarantined()).isEqualTo(1);
            assertThat(bench.events.damages).as("told once, also over restarts").hasSize(1);
            store.close();
        }
        Damage damage = bench.events.damages.get(0);
        assertThat(damage.file()).isEqualTo(SEGMENT);
        assertThat(damage.offset()).isEqualTo(at);
        assertThat(damage.records()).isEqualTo(1);
        assertThat(damage.kind()).contains(Kind.BODY);
        assertThat(damage.claimedKey()).isEqualTo(20);
        assertThat(bench.disk.contentOf(damage.quarantineFile())).hasSize((int) damage.length());
    }

    @Test
    void B39_damagedLengthLosesOnlyItsRecord() {
        fill(bench, 50).close();
        bench.disk.flip(SEGMENT, find(bench.disk.contentOf(SEGMENT), 30) + 1, 6);
        LogMessageStore store = bench.open();
        assertThat(store.count(Kind.BODY)).isEqualTo(49);
        assertThat(store.read(Kind.BODY, 31)).contains(value(31));
    }

    @Test
    void B39_damageInTheLastGroupIsNotTakenForATornWrite() {
        fill(bench, 5);
        // The proof is written when nothing waits; the process dies without closing.
        bench.kill();
        bench.disk.flip(SEGMENT, find(bench.disk.contentOf(SEGMENT), 5) + 40, 0);
        LogMessageStore store = bench.open();
        assertThat(store.count(Kind.BODY)).isEqualTo(4);
        assertThat(bench.events.damages).hasSize(1);
    }

    @Test
    void B39_tailAfterTheLastCommitMarkIsIgnoredSilently() {
        fill(bench, 5);
        bench.kill();
        byte[] log = bench.disk.contentOf(SEGMENT);
        // A copy of a good record further on, and garbage: neither has a mark after it.
        int from = find(log, 4);
        System.arraycopy(log, from, log, 40_000, 500);
        Arrays.fill(log, 50_000, 50_100, (byte) 0x5A);
        bench.disk.replace(SEGMENT, log);
        LogMessageStore store = bench.open();
        assertThat(store.count(Kind.BODY)).isEqualTo(5);
        assertThat(bench.events.damages).isEmpty();
        byte[] cleared = bench.disk.contentOf(SEGMENT);
        for (int i = 40_000; i < 50_100; i++) {
            assertThat(cleared[i]).as("byte %d", i).isZero();
        }
        bench.commit(store, new Batch().put(Kind.BODY, 6, value(6)));
        store.close();
        assertThat(bench.open().count(Kind.BODY)).isEqualTo(6);
    }

    @Test
    void B39_damageUnderARunningStoreIsFoundByTheRead() {
        LogMessageStore store = fill(bench, 10);
        bench.disk.flip(SEGMENT, find(bench.disk.contentOf(SEGMENT), 7) + 35, 7);
        assertThat(store.read(Kind.BODY, 7)).isEmpty();
        assertThat(store.read(Kind.BODY, 7)).isEmpty();
        assertThat(store.count(Kind.BODY)).isEqualTo(9);
        assertThat(bench.events.damages).hasSize(1);
        // The key can be used again, and the store goes on.
        bench.commit(store, new Batch().put(Kind.BODY, 7, value(7)));
        store.close();
        assertThat(bench.open().count(Kind.BODY)).isEqualTo(10);
    }

    @Test
    void B39_unreadableSectorCostsOnlyWhatStandsInIt() {
        LogMessageStore store = fill(bench, 60);
        int at = find(bench.disk.contentOf(SEGMENT), 30);
        bench.disk.makeUnreadable(SEGMENT, at, at + 1);
        assertThat(store.read(Kind.BODY, 30)).isEmpty();
        assertThat(store.read(Kind.BODY, 29)).isPresent();
        bench.kill();
        bench.disk.makeUnreadable(SEGMENT, at, at + 1);
        store = bench.open();
        assertThat(store.count(Kind.BODY))
                .as("a block of 4,096 bytes with some 17 records")
                .isBetween(35, 59);
        store.forEach(Kind.BODY, (key, found) -> assertThat(found).isEqualTo(value(key)));
    }

    @Test
    void B39_aReadThatFailsOnceOrTwiceCostsNothing() {
        LogMessageStore store = fill(bench, 5);
        bench.disk.failReads(2);
        assertThat(store.read(Kind.BODY, 3)).contains(value(3));
        assertThat(bench.events.damages).isEmpty();
        assertThat(store.status().quarantined()).isZero();
    }

    @Test
    void B39_spoolFileMissingShortOrForeignIsReportedAndTheValueKept() {
        LogMessageStore store = bench.open();
        List<SpoolId> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Spool.Writer writer = store.spool().begin().orBug();
            writer.write(0, ByteBuffer.wrap(new byte[5_000 + i])).orBug();
            SpoolId id = writer.finish().orBug();
            ids.add(id);
            bench.commit(store, new Batch().put(Kind.BODY, i, Bytes.utf8("v"), id));
        }
        store.close();
        List<String> files = bench.disk.files().stream()
                .filter(name -> name.endsWith(".spool"))
                .toList();
        bench.disk.lose(files.get(0));
        bench.disk.replace(files.get(1), Arrays.copyOf(bench.disk.contentOf(files.get(1)), 6_000));
        bench.disk.replace(files.get(2), bench.disk.contentOf(files.get(3)));
        bench.disk.replace("spool/00000000000000ff.spool", new byte[10]);
        store = bench.open();
        assertThat(bench.events.missing).containsExactlyElementsOf(ids.subList(0, 3));
        assertThat(bench.events.orphans).containsExactly(1);
        assertThat(store.count(Kind.BODY)).isEqualTo(5);
        assertThat(store.spool().open(ids.get(1)).refusal().reason()).isEqualTo(ErrorCode.SPOOL_MISSING);
        assertThat(store.spool().open(ids.get(4)).isOk()).isTrue();
    }

    @Test
    void missingSegmentIsReported() {
        LogMessageStore store = fill(bench, 1_500);
        assertThat(store.status().segments()).isGreaterThan(3);
        store.close();
        bench.disk.lose("log/000000000002.log");
        store = bench.open();
        assertThat(bench.events.segmentsMissing).containsExactly(2L);
        assertThat(store.read(Kind.BODY, 1)).isPresent();
        assertThat(store.read(Kind.BODY, 1_500)).isPresent();
    }

    @Test
    void segmentCutShortIsDamage() {
        LogMessageStore store = fill(bench, 1_500);
        store.close();
        String second = "log/000000000002.log";
        byte[] content = bench.disk.contentOf(second);
        bench.disk.replace(second, Arrays.copyOf(content, content.length - 3_000));
        store = bench.open();
        assertThat(bench.events.damages).isNotEmpty();
        assertThat(store.count(Kind.BODY)).isBetween(1_470, 1_499);
    }

    @Test
    void anyFlippedBitsInTheLogAreFoundAndCostOnlyTheirRecords() {
        int struck = 0;
        for (int seed = 1; seed <= FLIPS; seed++) {
            StoreBench.Simulated at = new StoreBench.Simulated(seed);
            SplittableRandom random = new SplittableRandom(seed);
            LogMessageStore store = fill(at, 300);
            // A second value of some keys: damage may bring the older back, never anything else.
            Map<Long, Bytes> second = new HashMap<>();
            for (long key = 1; key <= 300; key += 10) {
                second.put(key, value(key + 1_000));
                at.commit(store, new Batch().put(Kind.BODY, key, value(key + 1_000)));
            }
            if (seed % 2 == 0) {
                store.close();
            } else {
                at.kill();
            }
            List<String> logs = at.disk.files().stream()
                    .filter(name -> name.startsWith("log/"))
                    .toList();
            String path = logs.get(random.nextInt(logs.size()));
            int flips = random.nextInt(1, 9);
            for (int i = 0; i < flips; i++) {
                at.disk.flip(path, random.nextLong(4096, Math.max(4097, at.disk.sizeOf(path))), random.nextInt(8));
            }
            store = at.open();
            long wrong = 0;
            for (long key = 1; key <= 300; key++) {
                Bytes expected = second.getOrDefault(key, value(key));
                Bytes found = store.read(Kind.BODY, key).orElse(Bytes.empty());
                if (!found.equals(expected)) {
                    wrong++;
                    assertThat(found.isEmpty() || found.equals(value(key)))
                            .as("seed %d key %d", seed, key)
                            .isTrue();
                }
            }
            long told = at.events.damages.stream().mapToLong(Damage::records).sum();
            assertThat(wrong).as("seed %d: each loss is told", seed).isLessThanOrEqualTo(told);
            assertThat(told).as("seed %d: at most one record a flip", seed).isLessThanOrEqualTo(flips);
            struck += told > 0 ? 1 : 0;
        }
        assertThat(struck).as("flips that hit a record").isGreaterThan(FLIPS / 3);
    }

    @Test
    void damageFoundWhileCopyingForwardIsSetAside() {
        LogMessageStore store = fill(bench, 700);
        bench.disk.flip(SEGMENT, find(bench.disk.contentOf(SEGMENT), 3) + 50, 1);
        for (long key = 10; key <= 700; key++) {
            bench.commit(store, new Batch().drop(Kind.BODY, key));
        }
        assertThat(bench.events.damages).hasSize(1);
        assertThat(store.count(Kind.BODY)).isEqualTo(8);
        assertThat(store.status().segments()).isLessThanOrEqualTo(2);
    }

    @Test
    void bytesOfAPayloadNeverPassForARecordEvenInDamage() {
        // A peer sends a payload that looks like records with good plain checksums.
        ByteBuffer forged = ByteBuffer.allocate(40 * 64);
        for (int i = 0; i < 40; i++) {
            ByteBuffer one = ByteBuffer.allocate(64)
                    .putInt(64)
                    .putInt(0)
                    .putLong(i)
                    .put((byte) 1)
                    .put((byte) Kind.BODY.number());
            one.putShort((short) 0).putInt(32).putLong(99).position(0);
            CRC32C crc = new CRC32C();
            crc.update(one.slice(0, 4));
            crc.update(one.slice(8, 56));
            one.putInt(4, (int) crc.getValue());
            forged.put(one);
        }
        LogMessageStore store = bench.open();
        bench.commit(store, new Batch().put(Kind.BODY, 1, Bytes.copyOf(forged.flip())));
        bench.commit(store, new Batch().put(Kind.BODY, 2, value(2)));
        store.close();
        int at = find(bench.disk.contentOf(SEGMENT), 1);
        bench.disk.flip(SEGMENT, at, 4);
        store = bench.open();
        assertThat(store.read(Kind.BODY, 99)).isEmpty();
        assertThat(store.count(Kind.BODY)).isEqualTo(1);
    }

    @Test
    void B40_segmentHeaderGoneOrForeignStoreIsRefusedAndNothingWritten() {
        fill(bench, 700).close();
        StoreBench.Simulated other = new StoreBench.Simulated(2);
        fill(other, 10).close();
        byte[] good = bench.disk.contentOf(SEGMENT);
        byte[] zeroed = good.clone();
        Arrays.fill(zeroed, 0, 4096, (byte) 0);
        byte[] flipped = good.clone();
        flipped[42] ^= 1;
        for (byte[] bad : List.of(zeroed, flipped, new byte[0], other.disk.contentOf(SEGMENT))) {
            bench.disk.replace(SEGMENT, bad);
            long before = bench.disk.operations();
            Result<LogMessageStore> opened = bench.tryOpen();
            assertThat(opened.refusal().reason()).isEqualTo(ErrorCode.STORE_UNREADABLE);
            assertThat(opened.refusal().detail()).contains("log/");
            assertThat(bench.disk.operations()).as("nothing written").isEqualTo(before);
        }
        bench.disk.replace(SEGMENT, good);
        assertThat(bench.open().count(Kind.BODY)).isEqualTo(700);
    }

    @Test
    void aTornHeaderWithNothingBehindItIsThatOfASegmentNeverUsed() {
        // What a power cut during the very first start may leave: no identity file yet, a header of which a sector is
        // garbage.
        bench.open().close();
        byte[] torn = new byte[bench.disk.contentOf(SEGMENT).length];
        Arrays.fill(torn, 0, 512, (byte) 0x5a);
        bench.disk.replace(SEGMENT, torn);
        bench.disk.lose("store.txt");
        LogMessageStore store = bench.open();
        bench.commit(store, new Batch().put(Kind.BODY, 1, value(1)));
        store.close();
        assertThat(bench.open().count(Kind.BODY)).isEqualTo(1);
    }

    @Test
    void B40_lastSegmentWhoseHeaderAndRecordsAreAllDamagedIsNotTakenForOneNeverUsed() throws Exception {
        fill(bench, 700).close();
        List<String> logs = bench.disk.list("log").stream()
                .filter(name -> name.endsWith(".log"))
                .map(name -> "log/" + name)
                .sorted()
                .toList();
        List<String> used = logs.stream()
                .filter(name ->
                        bench.disk.contentOf(name).length > 0 && bench.disk.contentOf(name)[0] != 0)
                .toList();
        assertThat(used).hasSizeGreaterThan(1);
        logs.stream().filter(name -> !used.contains(name)).forEach(bench.disk::lose);
        String last = used.get(used.size() - 1);
        byte[] good = bench.disk.contentOf(last);
        byte[] damaged = good.clone();
        for (int i = 0; i < damaged.length; i++) {
            damaged[i] ^= i < 4096 ? (byte) 0 : damaged[i] == 0 ? (byte) 0 : (byte) 0x80;
        }
        damaged[42] ^= 1;
        bench.disk.replace(last, damaged);
        assertThat(bench.tryOpen().refusal().reason()).isEqualTo(ErrorCode.STORE_UNREADABLE);

        bench.disk.replace(last, good);
        bench.disk.makeUnreadable(last, 0, good.length);
        assertThat(bench.tryOpen().isOk())
                .as("what cannot be read may hold records")
                .isFalse();
    }

    @Test
    void B40_logThatIsGoneIsNotTakenForANewStore() {
        fill(bench, 10).close();
        byte[] zeroed = bench.disk.contentOf(SEGMENT);
        bench.disk.lose(SEGMENT);
        assertThat(bench.tryOpen().refusal().reason()).isEqualTo(ErrorCode.STORE_UNREADABLE);
        // The only segment with its header wiped is no empty store either.
        Arrays.fill(zeroed, 0, 4096, (byte) 0);
        bench.disk.replace(SEGMENT, zeroed);
        assertThat(bench.tryOpen().refusal().reason()).isEqualTo(ErrorCode.STORE_UNREADABLE);
    }

    @Test
    void B40_newerFormatIsRefusedAndNothingWritten() {
        fill(bench, 10).close();
        byte[] log = bench.disk.contentOf(SEGMENT);
        ByteBuffer.wrap(log).putInt(8, 2);
        CRC32C crc = new CRC32C();
        crc.update(log, 0, 68);
        ByteBuffer.wrap(log).putInt(68, (int) crc.getValue());
        bench.disk.replace(SEGMENT, log);
        long before = bench.disk.operations();
        Result<LogMessageStore> opened = bench.tryOpen();
        assertThat(opened.refusal().reason()).isEqualTo(ErrorCode.STORE_NEWER);
        assertThat(opened.refusal().reason().exitCode()).isEqualTo(78);
        assertThat(bench.disk.operations()).as("nothing written").isEqualTo(before);
    }

    @Test
    void damagedIdentityFileIsMadeAnewFromTheSegments() {
        fill(bench, 10).close();
        bench.disk.flip("store.txt", 25, 1);
        bench.open().close();
        assertThat(bench.events.rebuilt).hasSize(1);
        assertThat(bench.open().count(Kind.BODY)).isEqualTo(10);
        assertThat(bench.events.rebuilt).hasSize(1);
    }

    @Test
    void damagedPreparedSegmentIsMadeAnew() {
        fill(bench, 200).close();
        String last = bench.disk.files().stream()
                .filter(name -> name.startsWith("log/"))
                .reduce((a, b) -> b)
                .orElseThrow();
        assertThat(bench.disk.contentOf(last)).as("prepared, not begun").containsOnly(0);
        bench.disk.flip(last, 9_000, 2);
        LogMessageStore store = bench.open();
        for (long key = 201; key <= 600; key++) {
            bench.commit(store, new Batch().put(Kind.BODY, key, value(key)));
        }
        store.close();
        assertThat(bench.open().count(Kind.BODY)).isEqualTo(600);
        assertThat(bench.events.damages).isEmpty();
    }
}
