package lienthong.gateway.main;

import static lienthong.gateway.main.ProcessProvince.DISTRICT;
import static lienthong.gateway.main.ProcessProvince.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.node.RestoreState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code restore}: nothing is written over, nothing half is there, and nothing is answered before the neighbours have spoken. */
class RestoreTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final FolderDesk desk = new FolderDesk(Clock.real(), Randomness.real());

    private static JsonObject json(ProcessProvince.Ended ended) {
        return JsonParser.parseString(ended.out().strip()).getAsJsonObject();
    }

    private Path exchanged(ProcessProvince province) throws Exception {
        Path letter = Files.writeString(folder.resolve("letter"), "công văn");
        province.start(HUB);
        province.start(DISTRICT);
        await().atMost(SOON)
                .until(() -> province.run(HUB, "send", "--to", DISTRICT.text(), letter.toString())
                                .code()
                        == 0);
        await().atMost(SOON)
                .until(() ->
                        json(province.run(DISTRICT, "status")).get("waiting").getAsLong() == 1);
        return letter;
    }

    @Test
    void aCopyThatHasEverythingGoesOnUnderANewLifeAndMarksWhatMayHaveBeenHandedOver() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path letter = exchanged(province);
            assertThat(province.stop(DISTRICT)).isEmpty();
            Path backup = folder.resolve("backup");
            assertThat(province.run(DISTRICT, "backup", backup.toString()).code())
                    .isZero();
            Incarnation before = province.keys(DISTRICT).incarnation();
            assertThat(province.run(DISTRICT, "restore", backup.toString()).code())
                    .as("nothing is written over")
                    .isEqualTo(ErrorCode.OUTPUT_EXISTS.exitCode());
            Files.move(province.data(DISTRICT), folder.resolve("lost"));
            ProcessProvince.Ended restored = province.run(DISTRICT, "restore", backup.toString());
            assertThat(restored.code()).as(restored.out() + restored.err()).isZero();

            province.start(DISTRICT);
            await().atMost(SOON)
                    .until(() -> province.run(DISTRICT, "status").code() == 0
                            && province.run(DISTRICT, "send", "--to", HUB.text(), letter.toString())
                                            .code()
                                    == 0);
            assertThat(province.run(DISTRICT, "status").out()).doesNotContain("DISK_OLDER", "DIRECTORY_FORK");
            assertThat(province.run(HUB, "status").out()).doesNotContain("DIRECTORY_FORK");
            RestoreState state = RestoredFile.read(RealDisk.at(province.data(DISTRICT)))
                    .orBug()
                    .orElseThrow();
            assertThat(state.comparing()).isFalse();
            assertThat(state.former()).contains(before);
            assertThat(state.held()).containsKey(HUB);
            Path in = Files.createDirectory(folder.resolve("in"));
            JsonObject got = json(province.run(DISTRICT, "receive", "--out", in.toString(), "--max", "1"));
            assertThat(got.getAsJsonArray("messages")).hasSize(1);
            assertThat(got.getAsJsonArray("messages")
                            .get(0)
                            .getAsJsonObject()
                            .get("redelivered")
                            .getAsBoolean())
                    .isTrue();
            assertThat(province.command(DISTRICT, "audit", "show")).contains("restored");

            // The same copy once more: the network knows the life that began on the first one.
            assertThat(province.stop(DISTRICT)).isEmpty();
            Files.move(province.data(DISTRICT), folder.resolve("first"));
            assertThat(province.run(DISTRICT, "restore", backup.toString()).code())
                    .isZero();
            province.start(DISTRICT);
            assertThat(province.ended(DISTRICT).orElseThrow().reason()).isEqualTo(ErrorCode.DISK_OLDER);
            assertThat(province.run(DISTRICT, "restore", "--accept-loss").code())
                    .isZero();
            province.start(DISTRICT);
            await().atMost(SOON)
                    .until(() -> province.run(DISTRICT, "send", "--to", HUB.text(), letter.toString())
                                    .code()
                            == 0);
            await().atMost(SOON)
                    .until(() ->
                            json(province.run(HUB, "status")).get("waiting").getAsLong() >= 2);
            assertThat(province.run(HUB, "status").out()).doesNotContain("DIRECTORY_FORK");
            assertThat(province.run(DISTRICT, "status").out()).doesNotContain("DIRECTORY_FORK");
        }
    }

    @Test
    void beforeTheNeighboursHaveSpokenNothingIsAnswered() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path letter = exchanged(province);
            assertThat(province.stop(DISTRICT)).isEmpty();
            assertThat(province.stop(HUB)).isEmpty();
            Path backup = folder.resolve("backup");
            assertThat(province.run(HUB, "backup", backup.toString()).code()).isZero();
            Files.move(province.data(HUB), folder.resolve("lost"));
            assertThat(province.run(HUB, "restore", backup.toString()).code()).isZero();
            province.start(HUB);
            assertThat(province.run(HUB, "status").code()).isEqualTo(69);
            ProcessProvince.Ended refused = province.run(HUB, "send", "--to", DISTRICT.text(), letter.toString());
            assertThat(refused.err()).contains("LT-4014").contains(DISTRICT.text());
            assertThat(refused.code()).isEqualTo(ErrorCode.COMPARING.exitCode());
            assertThat(province.words("vi_VN.UTF-8", HUB, "status"))
                    .contains("được phục hồi từ bản sao")
                    .doesNotContain("chi tiết kỹ thuật");
        }
    }

    @Test
    void aNodeThatNeverExchangedCustodyBeginsAnewAtOnce() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            assertThat(province.stop(HUB)).isEmpty();
            Path backup = folder.resolve("backup");
            assertThat(province.run(HUB, "backup", backup.toString()).code()).isZero();
            Incarnation before = province.keys(HUB).incarnation();
            Files.move(province.data(HUB), folder.resolve("lost"));
            assertThat(province.run(HUB, "restore", backup.toString()).code()).isZero();
            province.start(HUB);
            await().atMost(SOON).until(() -> province.run(HUB, "status").code() == 0);
            RestoreState state =
                    RestoredFile.read(RealDisk.at(province.data(HUB))).orBug().orElseThrow();
            assertThat(state.comparing()).isFalse();
            assertThat(state.former()).contains(before);
        }
    }

    @Test
    void whatWasPublishedAfterTheCopyIsNeverContradicted() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            exchanged(province);
            assertThat(province.stop(DISTRICT)).isEmpty();
            Path backup = folder.resolve("backup");
            assertThat(province.run(DISTRICT, "backup", backup.toString()).code())
                    .isZero();
            // The next week: a bundle more, which the hub keeps.
            province.clock.move(Duration.ofDays(8));
            province.start(DISTRICT);
            await().atMost(SOON)
                    .until(() -> province.bundle(HUB, DISTRICT)
                            .filter(number -> number == 2)
                            .isPresent());
            assertThat(province.stop(DISTRICT)).isEmpty();
            Files.move(province.data(DISTRICT), folder.resolve("lost"));
            assertThat(province.run(DISTRICT, "restore", "--accept-loss", backup.toString())
                            .code())
                    .isZero();
            province.start(DISTRICT);
            await().atMost(SOON)
                    .until(() -> province.bundle(HUB, DISTRICT)
                            .filter(number -> number > 2)
                            .isPresent());
            await().atMost(SOON).until(() -> province.run(DISTRICT, "status").code() == 0);
            assertThat(province.run(HUB, "status").out()).doesNotContain("DIRECTORY_FORK");
            assertThat(province.run(DISTRICT, "status").out()).doesNotContain("DIRECTORY_FORK");
        }
    }

    @Test
    void whatWasConsumedAfterTheCopyIsLentOnceMoreAndNotReturnedByAge() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path letter = Files.writeString(folder.resolve("letter"), "công văn");
            province.start(HUB);
            province.start(DISTRICT);
            String[] send = {"send", "--to", DISTRICT.text(), "--lifetime", "1h", letter.toString()};
            ProcessProvince.Ended sent =
                    await().atMost(SOON).until(() -> province.run(HUB, send), one -> one.code() == 0);
            String id = json(sent).get("message_id").getAsString();
            await().atMost(SOON)
                    .until(() -> json(province.run(DISTRICT, "status"))
                                    .get("waiting")
                                    .getAsLong()
                            == 1);
            assertThat(province.stop(DISTRICT)).isEmpty();
            Path backup = folder.resolve("backup");
            assertThat(province.run(DISTRICT, "backup", backup.toString()).code())
                    .isZero();
            province.start(DISTRICT);
            assertThat(province.run(
                                    DISTRICT,
                                    "receive",
                                    "--out",
                                    folder.resolve("taken").toString(),
                                    "--max",
                                    "1",
                                    "--wait",
                                    "10s")
                            .code())
                    .isZero();
            await().atMost(SOON)
                    .until(() -> province.run(HUB, "track", id).out().contains("consumed"));
            assertThat(province.stop(DISTRICT)).isEmpty();
            Files.move(province.data(DISTRICT), folder.resolve("lost"));
            assertThat(province.run(DISTRICT, "restore", "--accept-loss", backup.toString())
                            .code())
                    .isZero();
            // Its lifetime is over, and the day of grace after it.
            province.clock.move(Duration.ofDays(3));
            province.start(DISTRICT);
            await().atMost(SOON).until(() -> province.run(DISTRICT, "status").code() == 0);
            JsonObject got = json(province.run(
                    DISTRICT, "receive", "--out", folder.resolve("again").toString(), "--max", "1", "--wait", "10s"));
            assertThat(got.getAsJsonArray("messages")).hasSize(1);
            assertThat(got.getAsJsonArray("messages")
                            .get(0)
                            .getAsJsonObject()
                            .get("redelivered")
                            .getAsBoolean())
                    .isTrue();
            assertThat(province.run(HUB, "status").out()).doesNotContain("RECEIPT_CONFLICT");
            assertThat(province.command(HUB, "audit", "show")).doesNotContain("\"number\":3106");
        }
    }

    @Test
    void aMachineWhoseClockIsBehindDoesNotForgetWhatMayHaveBeenHandedOver() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            assertThat(province.stop(HUB)).isEmpty();
            Path backup = folder.resolve("backup");
            assertThat(desk.backup(province.data(HUB), province.data(HUB), backup)
                            .isOk())
                    .isTrue();
            Instant made = BackupDesk.list(backup).orBug().at();
            Clock behind = new Clock() {
                @Override
                public Instant now() {
                    return Instant.parse("2020-01-01T00:00:00Z");
                }

                @Override
                public long nanos() {
                    return 0;
                }
            };
            FolderDesk onIt = new FolderDesk(behind, Randomness.real());
            Path to = folder.resolve("to");
            assertThat(onIt.restore(backup, to, false).isOk()).isTrue();
            assertThat(RestoredFile.read(RealDisk.at(to)).orBug().orElseThrow().at())
                    .isAfterOrEqualTo(made);
            assertThat(onIt.acceptLoss(to).orBug()).isAfterOrEqualTo(made);
            Instant later = made.plusSeconds(9);
            assertThat(BackupDesk.toBeCompared(made, false).after(later).at())
                    .as("the comparison ends")
                    .isEqualTo(later);
            assertThat(BackupDesk.toBeCompared(later, false).after(made).at()).isEqualTo(later);
        }
    }

    @Test
    void aProcessThatEndedBetweenTheNewLifeAndTheWordOfItDoesNotCompareByTheNewOne() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            exchanged(province);
            assertThat(province.stop(DISTRICT)).isEmpty();
            assertThat(province.stop(HUB)).isEmpty();
            Incarnation former = new Incarnation(77);
            RestoredFile.write(
                    RealDisk.at(province.data(HUB)),
                    new RestoreState(
                            Instant.parse("2026-11-24T05:00:00Z"),
                            true,
                            true,
                            Optional.of(former),
                            Map.of(DISTRICT, 12L),
                            Map.of(DISTRICT, 17L)));
            province.start(HUB);
            assertThat(province.run(HUB, "status").out())
                    .contains("DISK_OLDER")
                    .contains("missing of what was taken over: A08.02 5 (13-17)");
            assertThat(province.run(HUB, "status").code()).as("it serves").isZero();
            assertThat(province.words("vi_VN.UTF-8", HUB, "status"))
                    .contains("thiếu trong những gì đã nhận giữ: A08.02 5 (13-17)");
        }
    }

    @Test
    void aDamagedBackupIsNotPutBackAndAnEmptyFolderIsNone() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path backup = folder.resolve("backup");
            province.start(HUB);
            assertThat(province.stop(HUB)).isEmpty();
            assertThat(desk.backup(province.data(HUB), province.data(HUB), backup)
                            .isOk())
                    .isTrue();
            Path to = folder.resolve("to");
            Path custody = backup.resolve("keys/custody.key");
            byte[] content = Files.readAllBytes(custody);
            content[50] ^= 4;
            Files.write(custody, content);
            assertThat(desk.restore(backup, to, false).refusal().reason()).isEqualTo(ErrorCode.RECORD_DAMAGED);
            assertThat(to).doesNotExist();
            content[50] ^= 4;
            Files.write(custody, content);
            Object folderItself = Files.readAttributes(Files.createDirectory(to), "unix:ino");
            Files.createDirectories(to.resolve(".unfinished/log"));
            assertThat(desk.restore(backup, to, false).isOk()).isTrue();
            assertThat(Files.readAttributes(to, "unix:ino"))
                    .as("an empty folder is filled where it is: it may be a mount point")
                    .isEqualTo(folderItself);
            assertThat(to.resolve(".unfinished")).doesNotExist();
            assertThat(desk.check(to).isOk()).isTrue();
            assertThat(desk.restore(backup, to, true).refusal().reason()).isEqualTo(ErrorCode.OUTPUT_EXISTS);
            assertThat(desk.restore(folder.resolve("authority"), folder.resolve("other"), false)
                            .refusal()
                            .reason())
                    .isEqualTo(ErrorCode.NO_INPUT);
            assertThat(desk.acceptLoss(to).isOk()).isTrue();
            assertThat(RestoredFile.read(RealDisk.at(to)).orBug().orElseThrow().acceptLoss())
                    .isTrue();
            assertThat(desk.acceptLoss(folder.resolve("nowhere")).refusal().reason())
                    .isEqualTo(ErrorCode.NO_INPUT);
        }
    }

    @Test
    void whatIsKnownOfARestoreIsReadBackAsItWasWritten() throws Exception {
        RealDisk disk = RealDisk.at(folder);
        assertThat(RestoredFile.read(disk).orBug()).isEmpty();
        RestoreState state = new RestoreState(
                Instant.parse("2026-11-24T05:00:00Z"),
                false,
                true,
                Optional.of(new Incarnation(77)),
                Map.of(DISTRICT, 12L),
                Map.of(DISTRICT, 17L, HUB, 3L));
        RestoredFile.write(disk, state);
        assertThat(RestoredFile.read(disk).orBug()).contains(state);
        RestoredFile.write(disk, BackupDesk.toBeCompared(state.at(), false));
        assertThat(RestoredFile.read(disk).orBug()).contains(BackupDesk.toBeCompared(state.at(), false));
        Path file = folder.resolve(RestoredFile.FILE);
        Files.writeString(file, Files.readString(file).replace("comparing", "compared"));
        assertThat(RestoredFile.read(disk).refusal().reason()).isEqualTo(ErrorCode.RECORD_DAMAGED);
    }
}
