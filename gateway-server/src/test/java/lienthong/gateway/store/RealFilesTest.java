package lienthong.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.store.log.LogMessageStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only real files, threads and SQLite show. */
class RealFilesTest {
    @TempDir
    Path folder;

    private StoreBench.Real bench;

    private StoreBench.Real bench() {
        if (bench == null) {
            bench = new StoreBench.Real(folder);
        }
        return bench;
    }

    @AfterEach
    void close() {
        if (bench != null) {
            bench.close();
        }
    }

    private LogMessageStore filled(int lines) {
        LogMessageStore store = bench().open();
        for (int from = 0; from < lines; from += 500) {
            Batch batch = new Batch();
            for (int i = from; i < Math.min(lines, from + 500); i++) {
                batch.put(Kind.HEAD, i, Bytes.utf8("out;a;b;accepted;" + i));
            }
            bench.commit(store, batch);
        }
        store.view().catchUp();
        return store;
    }

    private static void overwrite(Path file, long offset, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] garbage = new byte[length];
            java.util.Arrays.fill(garbage, (byte) 0xA5);
            channel.write(ByteBuffer.wrap(garbage), offset);
        }
    }

    @Test
    void B39_missingOrDamagedViewIsMadeAnewAndSaid() throws Exception {
        filled(3_000).close();
        Path view = folder.resolve("view.db");
        for (int kind = 0; kind < 4; kind++) {
            bench.events.rebuilt.clear();
            switch (kind) {
                case 0 -> Files.delete(view);
                case 1 -> overwrite(view, 0, 100);
                case 2 -> overwrite(view, 8_192, (int) Files.size(view) - 8_192);
                default -> Files.writeString(view, "not a database at all, but long enough to be read as one");
            }
            LogMessageStore store = bench.open();
            store.view().catchUp();
            assertThat(store.view().countByState(View.Query.ALL))
                    .as("fault %d", kind)
                    .containsEntry("accepted", 3_000L);
            assertThat(bench.events.rebuilt).as("fault %d", kind).hasSizeGreaterThanOrEqualTo(1);
            store.close();
        }
    }

    @Test
    void viewDamagedUnderARunningStoreNeverStopsIt() throws Exception {
        LogMessageStore store = filled(3_000);
        Path view = folder.resolve("view.db");
        overwrite(view, 0, (int) Files.size(view));
        for (int i = 0; i < 20; i++) {
            bench.commit(store, new Batch().put(Kind.HEAD, i, Bytes.utf8("out;a;b;forwarding;" + i)));
            store.view().catchUp();
        }
        store.close();
        store = bench.open();
        store.view().catchUp();
        assertThat(store.view().countByState(View.Query.ALL))
                .containsEntry("accepted", 2_980L)
                .containsEntry("forwarding", 20L);
        store.close();
    }

    @Test
    void databasesThatOthersCouldReadAreClosedToThemAtAStart() throws Exception {
        filled(10).close();
        List<Path> databases =
                List.of(folder.resolve("view.db"), folder.resolve("archive").resolve("index.db"));
        for (Path database : databases) {
            Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r--r--"));
        }
        bench.open().close();
        assertThat(databases)
                .allSatisfy(
                        database -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(database)))
                                .isEqualTo("rw-------"));
    }

    @Test
    void unchangedViewIsNotMadeAnewAtAStart() {
        filled(100).close();
        bench.events.rebuilt.clear();
        LogMessageStore store = bench.open();
        store.view().catchUp();
        assertThat(store.view().countByState(View.Query.ALL)).containsEntry("accepted", 100L);
        assertThat(bench.events.rebuilt).isEmpty();
        store.close();
    }

    @Test
    void archiveIndexIsMadeAnewFromItsFiles() throws Exception {
        LogMessageStore store = bench().open();
        ArchiveRecord record = new ArchiveRecord(
                Instant.parse("2026-11-01T00:00:00Z"),
                MessageId.mint(Instant.parse("2026-11-01T00:00:00Z"), new byte[10]),
                "doc",
                ArchiveKind.SEAL,
                Bytes.utf8("seal"));
        CountDownLatch done = new CountDownLatch(1);
        store.archive().append(List.of(record), done::countDown);
        StoreBench.Real.await(done);
        store.close();
        Path index = folder.resolve("archive").resolve("index.db");
        for (int kind = 0; kind < 2; kind++) {
            if (kind == 0) {
                Files.delete(index);
            } else {
                overwrite(index, 0, 4_096);
            }
            store = bench.open();
            assertThat(store.archive().find(record.id())).as("fault %d", kind).containsExactly(record);
            store.close();
        }
    }

    @Test
    void damageInTheArchivesLastGroupIsSetAsideAlsoWhenTheIndexIsLost() throws Exception {
        LogMessageStore store = bench().open();
        List<ArchiveRecord> evidence = new java.util.ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Instant time = Instant.parse("2026-11-0" + (i + 1) + "T00:00:00Z");
            evidence.add(new ArchiveRecord(
                    time, MessageId.mint(time, new byte[10]), "doc" + i, ArchiveKind.SEAL, Bytes.utf8("seal " + i)));
        }
        // Two groups; of the last one the second record is hit.
        for (List<ArchiveRecord> group : List.of(evidence.subList(0, 1), evidence.subList(1, 3))) {
            CountDownLatch done = new CountDownLatch(1);
            store.archive().append(group, done::countDown);
            StoreBench.Real.await(done);
        }
        store.close();
        Path month = folder.resolve("archive").resolve("2026-11.log");
        byte[] bytes = Files.readAllBytes(month);
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("seal 2");
        overwrite(month, at, 1);
        Files.delete(folder.resolve("archive").resolve("index.db"));

        for (int start = 0; start < 2; start++) {
            store = bench.open();
            assertThat(store.archive().find(evidence.get(0).id())).containsExactly(evidence.get(0));
            assertThat(store.archive().find(evidence.get(1).id())).containsExactly(evidence.get(1));
            assertThat(store.archive().find(evidence.get(2).id())).isEmpty();
            assertThat(bench.events.damages)
                    .as("said, once")
                    .extracting(Damage::file)
                    .containsExactly("archive/2026-11.log");
            store.close();
        }
        assertThat(Files.readAllBytes(folder.resolve(bench.events.damages.get(0).quarantineFile())))
                .hasSizeGreaterThan(32);
    }

    @Test
    void batchesOfManyThreadsShareSyncsAndAllBecomeDurable() throws Exception {
        LogMessageStore store = bench().open();
        int threads = 8;
        int each = 200;
        AtomicInteger durable = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(threads * each);
        List<Thread> senders = new java.util.ArrayList<>();
        for (int t = 0; t < threads; t++) {
            long base = t * 1_000L;
            Thread sender = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    store.submit(new Batch().put(Kind.BODY, base + i, Bytes.utf8("b" + i)), () -> {
                        durable.incrementAndGet();
                        all.countDown();
                    });
                }
            });
            senders.add(sender);
            sender.start();
        }
        for (Thread sender : senders) {
            sender.join();
        }
        StoreBench.Real.await(all);
        long marks = store.status().lastNumber() - threads * each;
        assertThat(durable).hasValue(threads * each);
        assertThat(marks).as("groups for %d batches", threads * each).isLessThan(threads * each / 2);
        store.close();
        LogMessageStore again = bench.open();
        assertThat(again.count(Kind.BODY)).isEqualTo(threads * each);
        again.close();
    }

    @Test
    void filesAreForTheOwnerOnly() throws Exception {
        LogMessageStore store = filled(1);
        try (var paths = Files.walk(folder)) {
            assertThat(paths.filter(
                            path -> path.startsWith(folder.resolve("log")) || path.startsWith(folder.resolve("spool"))))
                    .allSatisfy(path -> assertThat(java.nio.file.attribute.PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(path)))
                            .endsWith("------"));
        }
        store.close();
    }
}
