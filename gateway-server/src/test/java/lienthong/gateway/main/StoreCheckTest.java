package lienthong.gateway.main;

import static lienthong.gateway.main.ProcessProvince.DISTRICT;
import static lienthong.gateway.main.ProcessProvince.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code store check} on the folder of a node that has run: finds a flipped byte in every kind of file, and changes nothing, which is why each test can put
 * the byte back. {@code -Dstore.check.seed} for other places.
 */
class StoreCheckTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final long SEED = Long.getLong("store.check.seed", 20_261_124L);

    @TempDir
    static Path folder;

    private static ProcessProvince province;
    private static Path data;
    private static ProcessProvince.Ended whileRunning;

    @BeforeAll
    static void aHubThatHasWorked() throws Exception {
        System.out.println("store check seed " + SEED);
        province = new ProcessProvince(folder);
        data = province.data(HUB);
        Path known = Files.writeString(folder.resolve("known"), "có mặt");
        province.start(HUB);
        province.start(DISTRICT);
        await().atMost(SOON)
                .until(() -> province.run(HUB, "send", "--to", DISTRICT.text(), known.toString())
                                .code()
                        == 0);
        assertThat(province.stop(DISTRICT)).isEmpty();
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] large = new byte[1_500_000];
        random.nextBytes(large);
        Path file = Files.write(folder.resolve("large"), large);
        Path small = Files.writeString(folder.resolve("small"), "công văn");
        // To an office that is not there: these stay.
        for (int i = 0; i < 5; i++) {
            accepted("send", "--to", DISTRICT.text(), small.toString());
        }
        accepted("send", "--to", DISTRICT.text(), file.toString());
        // Too large to be sealed in memory, small for the store.
        Path middle = Files.write(folder.resolve("middle"), java.util.Arrays.copyOf(large, 300_000));
        accepted("send", "--to", DISTRICT.text(), middle.toString());
        // To itself, and taken: this one is settled and archived.
        accepted("send", "--to", HUB.text(), small.toString());
        Path in = Files.createDirectory(folder.resolve("in"));
        assertThat(province.run(HUB, "receive", "--out", in.toString(), "--max", "1", "--wait", "20s")
                        .code())
                .isZero();
        await().atMost(SOON).until(() -> !files("archive", ".log").isEmpty());
        whileRunning = province.run(HUB, "store", "check");
        assertThat(province.stop(HUB)).isEmpty();
    }

    @AfterAll
    static void end() {
        province.close();
    }

    private static void accepted(String... words) {
        ProcessProvince.Ended ended = province.run(HUB, words);
        assertThat(ended.code()).as(ended.err()).isZero();
    }

    private static List<Path> files(String below, String suffix) throws Exception {
        try (Stream<Path> walk = Files.list(data.resolve(below))) {
            return walk.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private static ProcessProvince.Ended check() {
        return province.run(HUB, "store", "check");
    }

    private static JsonObject json(ProcessProvince.Ended ended) {
        return JsonParser.parseString(ended.out().strip()).getAsJsonObject();
    }

    /** Content and times of everything in the folder. */
    private static Map<String, String> picture() throws Exception {
        Map<String, String> picture = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(data)) {
            for (Path file : walk.toList()) {
                picture.put(
                        data.relativize(file).toString(),
                        Files.getLastModifiedTime(file) + " "
                                + (Files.isRegularFile(file)
                                        ? Hash.of(lienthong.gateway.message.Bytes.ofOwned(Files.readAllBytes(file)))
                                        : "folder"));
            }
        }
        return picture;
    }

    private interface Work {
        void run() throws Exception;
    }

    /** Flips a bit, works, puts it back. */
    private static void flipped(Path file, long offset, Work work) throws Exception {
        flip(file, offset);
        try {
            work.run();
        } finally {
            flip(file, offset);
        }
    }

    private static void flip(Path file, long offset) throws Exception {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(offset);
            int value = open.read();
            open.seek(offset);
            open.write(value ^ 0x10);
        }
    }

    private static void assertFound(ErrorCode code, String part, String file) {
        ProcessProvince.Ended ended = check();
        assertThat(ended.code()).as(ended.out()).isEqualTo(code.exitCode());
        JsonObject found = json(ended);
        assertThat(found.get("ok").getAsBoolean()).isFalse();
        assertThat(found.getAsJsonObject("error").get("number").getAsInt()).isEqualTo(code.number());
        List<String> places = new ArrayList<>();
        for (JsonElement damage : found.getAsJsonArray("damages")) {
            JsonObject one = damage.getAsJsonObject();
            places.add(one.get("part").getAsString() + " " + one.get("file").getAsString());
        }
        assertThat(places).contains(part + " " + file);
    }

    @Test
    void aWholeFolderIsFoundWholeAndIsLeftAsItWas() throws Exception {
        Map<String, String> before = picture();
        ProcessProvince.Ended ended = check();
        assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
        JsonObject found = json(ended);
        assertThat(found.get("ok").getAsBoolean()).isTrue();
        assertThat(found.getAsJsonArray("damages")).isEmpty();
        assertThat(found.getAsJsonArray("unfinished")).isEmpty();
        assertThat(found.getAsJsonObject("live").get("body").getAsInt()).isGreaterThanOrEqualTo(7);
        assertThat(found.get("spool_files").getAsInt()).isPositive();
        assertThat(found.get("spool_bytes").getAsLong()).isGreaterThan(1_500_000);
        assertThat(found.getAsJsonObject("archived").get("statement").getAsInt())
                .isPositive();
        assertThat(found.get("audit_events").getAsLong()).isPositive();
        assertThat(found.getAsJsonObject("view").get("state").getAsString()).isEqualTo("agrees");
        assertThat(found.getAsJsonObject("view").get("lines").getAsLong()).isPositive();
        assertThat(picture()).isEqualTo(before);
    }

    @Test
    void aFlippedByteInTheLogIsFoundWhereItIs() throws Exception {
        Path log = files("log", ".log").get(0);
        byte[] content = Files.readAllBytes(log);
        List<Integer> records = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(content);
        // A copy was made of it: it is cut to its used length.
        for (int at = 4096; at < content.length && in.getInt(at) >= 32; at += in.getInt(at)) {
            records.add(at);
        }
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 10; i++) {
            // Not the last mark, which only proves what stands before it.
            int record = records.get(random.nextInt(records.size() - 2));
            int offset = record + random.nextInt(in.getInt(record));
            flipped(log, offset, () -> assertFound(ErrorCode.RECORD_DAMAGED, "log", "log/" + log.getFileName()));
            assertThat(data.resolve("quarantine")).isEmptyDirectory();
        }
        flipped(log, 10, () -> assertThat(check().err()).contains("LT-5003").contains("header of log/"));
    }

    @Test
    void aFlippedByteInAPayloadIsFoundByTheSealedRoot() throws Exception {
        Path spool = files("spool", ".spool").get(0);
        String name = "spool/" + spool.getFileName();
        flipped(spool, 4096 + 150_000, () -> assertFound(ErrorCode.SPOOL_MISSING, "spool", name));
        flipped(spool, 50, () -> assertFound(ErrorCode.SPOOL_MISSING, "spool", name));
        Path away = folder.resolve("away");
        Files.move(spool, away);
        try {
            assertFound(ErrorCode.SPOOL_MISSING, "spool", name);
        } finally {
            Files.move(away, spool);
        }
    }

    @Test
    void aFlippedByteInTheArchiveIsFoundAlsoInItsLastGroup() throws Exception {
        Path month = files("archive", ".log").get(0);
        String name = "archive/" + month.getFileName();
        flipped(month, 4096 + 100, () -> assertFound(ErrorCode.RECORD_DAMAGED, "archive", name));
        flipped(month, Files.size(month) - 200, () -> assertFound(ErrorCode.RECORD_DAMAGED, "archive", name));
        flipped(month, 20, () -> assertFound(ErrorCode.RECORD_DAMAGED, "archive", name));
    }

    @Test
    void aFlippedByteInTheAuditLogOrItsCheckpointsIsFound() throws Exception {
        flipped(data.resolve("audit/log-000001"), 150, () -> assertFound(ErrorCode.AUDIT_BROKEN, "audit", "audit"));
        flipped(data.resolve("audit/checkpoints"), 10, () -> assertFound(ErrorCode.AUDIT_BROKEN, "audit", "audit"));
    }

    @Test
    void aFlippedByteInTheViewOrInTheIdentityIsFound() throws Exception {
        Path view = data.resolve("view.db");
        String text = new String(Files.readAllBytes(view), java.nio.charset.StandardCharsets.ISO_8859_1);
        int place = text.indexOf(DISTRICT.text(), text.lastIndexOf("out" + HUB.text()));
        assertThat(place).isPositive();
        flipped(view, place, () -> assertFound(ErrorCode.RECORD_DAMAGED, "view", "view.db"));
        flipped(view, 1, () -> assertFound(ErrorCode.RECORD_DAMAGED, "view", "view.db"));
        flipped(data.resolve("store.txt"), 25, () -> assertFound(ErrorCode.RECORD_DAMAGED, "log", "store.txt"));
    }

    @Test
    void whatNothingNamesAndWhatWasNeverAcknowledgedIsShownAndIsNoDamage() throws Exception {
        Path orphan = Files.write(data.resolve("spool/00000000deadbeef.tmp"), new byte[100]);
        Path audit = data.resolve("audit/log-000001");
        long whole = Files.size(audit);
        Files.writeString(audit, "unfinished", StandardOpenOption.APPEND);
        try {
            ProcessProvince.Ended ended = check();
            assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
            assertThat(json(ended).getAsJsonArray("spool_orphans").toString()).contains("00000000deadbeef.tmp");
            assertThat(json(ended).getAsJsonArray("unfinished").toString()).contains("audit");
            assertThat(orphan).exists();
        } finally {
            Files.delete(orphan);
            try (RandomAccessFile open = new RandomAccessFile(audit.toFile(), "rw")) {
                open.setLength(whole);
            }
        }
        Files.move(data.resolve("view.db"), folder.resolve("view.db"));
        try {
            ProcessProvince.Ended ended = check();
            assertThat(ended.code()).isZero();
            assertThat(json(ended).getAsJsonObject("view").get("state").getAsString())
                    .isEqualTo("absent");
        } finally {
            Files.move(folder.resolve("view.db"), data.resolve("view.db"));
        }
    }

    @Test
    void aRunningNodeIsLookedAtInACopyWhichGoesAgainAndAFolderWithoutAStoreIsNoStore() throws Exception {
        assertThat(whileRunning.code()).as(whileRunning.err()).isZero();
        JsonObject running = json(whileRunning);
        assertThat(running.get("running").getAsBoolean()).isTrue();
        assertThat(running.get("spool_files").getAsInt()).isPositive();
        assertThat(running.getAsJsonObject("live").get("head").getAsInt()).isPositive();
        assertThat(running.get("audit_events").getAsLong()).isPositive();
        try (Stream<Path> left = Files.list(data)) {
            assertThat(left).noneMatch(entry -> entry.getFileName().toString().startsWith("snapshot-"));
        }
        OrganisationId nobody = new OrganisationId("A08.09");
        assertThat(province.run(nobody, "store", "check").code()).isEqualTo(66);
        Path empty = Files.createDirectory(province.data(nobody));
        assertThat(province.run(nobody, "store", "check").err())
                .contains("LT-1102")
                .contains("there is no store");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void bothLanguagesSayIt() throws Exception {
        assertThat(province.words("en", HUB, "store", "check")).contains("Everything is there and whole.");
        Path spool = files("spool", ".spool").get(0);
        flipped(
                spool,
                5_000,
                () -> assertThat(province.words("vi_VN.UTF-8", HUB, "store", "check"))
                        .contains("Hỏng: spool/")
                        .contains("LT-5005"));
    }
}
