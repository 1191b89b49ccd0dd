package lienthong.gateway.main;

import static lienthong.gateway.main.ProcessProvince.DISTRICT;
import static lienthong.gateway.main.ProcessProvince.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code backup}: whole, checked, taken while messages flow; there or not there, never half. */
class BackupTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private static JsonObject json(ProcessProvince.Ended ended) {
        return JsonParser.parseString(ended.out().strip()).getAsJsonObject();
    }

    @Test
    void whatARunningNodeHadAcceptedIsInItsBackupAndTheBackupIsAWholeStore() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path data = province.data(HUB);
            Files.writeString(data.resolve("lienthong.yaml"), "node: \"A08\"\n");
            province.start(HUB);
            province.start(DISTRICT);
            Path small = Files.writeString(folder.resolve("small"), "công văn");
            byte[] bytes = new byte[900_000];
            new SplittableRandom(11).nextBytes(bytes);
            Path large = Files.write(folder.resolve("large"), bytes);
            await().atMost(SOON)
                    .until(() -> province.run(HUB, "send", "--to", DISTRICT.text(), small.toString())
                                    .code()
                            == 0);
            assertThat(province.stop(DISTRICT)).isEmpty();
            assertThat(province.run(HUB, "send", "--to", DISTRICT.text(), large.toString())
                            .code())
                    .isZero();
            AtomicBoolean over = new AtomicBoolean();
            Thread flow = new Thread(() -> {
                while (!over.get()) {
                    province.run(HUB, "send", "--to", DISTRICT.text(), small.toString());
                    province.run(HUB, "send", "--to", HUB.text(), large.toString());
                }
            });
            flow.start();
            for (int i = 0; i < 3; i++) {
                Path to = folder.resolve("backup-" + i);
                ProcessProvince.Ended made = province.run(HUB, "backup", to.toString());
                assertThat(made.code()).as(made.out() + made.err()).isZero();
                assertThat(json(made).get("running").getAsBoolean()).isTrue();
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(to)))
                        .isEqualTo("rwx------");
            }
            over.set(true);
            flow.join();
            Path last = folder.resolve("backup-2");
            for (String file :
                    List.of("store.txt", "keys/identity.txt", "keys/master.key", "lienthong.yaml", "time.txt")) {
                assertThat(last.resolve(file)).exists();
            }
            assertThat(last.resolve("spool")).isNotEmptyDirectory();
            assertThat(last.resolve("audit")).isNotEmptyDirectory();
            assertThat(last.resolve("directory")).isNotEmptyDirectory();
            assertThat(province.run(HUB, "backup", last.toString()).code())
                    .as("nothing is written over")
                    .isEqualTo(ErrorCode.OUTPUT_EXISTS.exitCode());
            try (Stream<Path> left = Files.list(data)) {
                assertThat(left)
                        .noneMatch(entry -> entry.getFileName().toString().startsWith("snapshot-"));
            }
            try (Stream<Path> all = Files.walk(data)) {
                assertThat(all.filter(file -> Files.isRegularFile(file) && !file.endsWith("lienthong.yaml")))
                        .allSatisfy(
                                file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            }
            assertThat(province.stop(HUB)).isEmpty();
            ProcessProvince.Ended stopped =
                    province.run(HUB, "backup", folder.resolve("stopped").toString());
            assertThat(stopped.code()).as(stopped.out() + stopped.err()).isZero();
            assertThat(json(stopped).get("running").getAsBoolean()).isFalse();
            assertThat(json(stopped).get("last_number").getAsLong())
                    .isGreaterThanOrEqualTo(json(province.run(HUB, "store", "check"))
                            .get("last_number")
                            .getAsLong());
        }
    }

    @Test
    void whatAnInterruptedBackupLeftIsNoBackupAndDoesNotHinderTheNext() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            Path left = Files.createDirectories(folder.resolve("b.unfinished").resolve("log"));
            Files.writeString(left.resolve("000000000001.log"), "torn");
            Path snapshot = Files.createDirectories(
                    province.data(HUB).resolve("snapshot-0000000000000001").resolve("log"));
            Files.writeString(snapshot.resolve("x"), "x");
            assertThat(province.run(HUB, "backup", folder.resolve("b").toString())
                            .code())
                    .isZero();
            assertThat(folder.resolve("b.unfinished")).doesNotExist();
            assertThat(snapshot).doesNotExist();
            assertThat(BackupDesk.list(folder.resolve("b")).isOk()).isTrue();
        }
    }

    @Test
    void refusesAFolderInsideTheOneThatItSaves() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path inside = province.data(HUB).resolve("copy");
            assertThat(province.run(HUB, "backup", inside.toString()).code()).isEqualTo(64);
            assertThat(inside).doesNotExist();
        }
    }

    @Test
    void aFileThatIsNotWhatWasWrittenIsFoundByTheList() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            assertThat(province.stop(HUB)).isEmpty();
            Path to = folder.resolve("b");
            FolderDesk desk = new FolderDesk(Clock.real(), Randomness.real());
            assertThat(desk.backup(province.data(HUB), province.data(HUB), to).isOk())
                    .isTrue();
            BackupDesk.Listed listed = BackupDesk.list(to).orBug();
            assertThat(BackupDesk.compare(to, listed.files())).isEmpty();
            Path key = to.resolve("keys/custody.key");
            byte[] content = Files.readAllBytes(key);
            content[40] ^= 1;
            Files.write(key, content);
            assertThat(BackupDesk.compare(to, listed.files()).orElseThrow().english())
                    .contains("custody.key");
            Files.delete(key);
            assertThat(BackupDesk.compare(to, listed.files()).orElseThrow().english())
                    .contains("missing");
            Path list = to.resolve(BackupDesk.LIST);
            Files.writeString(list, Files.readString(list).replaceFirst("file ", "File "));
            assertThat(BackupDesk.list(to).refusal().reason()).isEqualTo(ErrorCode.RECORD_DAMAGED);
            assertThat(BackupDesk.list(folder).refusal().reason()).isEqualTo(ErrorCode.NO_INPUT);
        }
    }
}
