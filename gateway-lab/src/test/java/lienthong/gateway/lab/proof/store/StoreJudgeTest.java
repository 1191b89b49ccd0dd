package lienthong.gateway.lab.proof.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store's judge judged: what is wrong is found, what is right is not. */
class StoreJudgeTest {
    private static final long SEED = 11;
    private static final int STEPS = 60;

    @TempDir
    Path folder;

    private Path data;
    private Path ledgers;
    private Path ledger;

    @BeforeEach
    void live() throws Exception {
        data = Files.createDirectory(folder.resolve("data"));
        ledgers = Files.createDirectory(folder.resolve("ledgers"));
        ledger = ledgers.resolve(StoreLifeMain.LEDGER);
        assertThat(StoreLifeMain.live(SEED, STEPS, data, ledger)).isZero();
    }

    private Optional<String> judge() {
        return StoreJudge.judge(data, ledgers);
    }

    private void say(String line) throws Exception {
        Files.writeString(ledger, line + "\n", StandardOpenOption.APPEND);
    }

    private Path any(String folderName, String ending) throws Exception {
        try (Stream<Path> files = Files.list(data.resolve(folderName))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .max(Comparator.comparing(Path::toString))
                    .orElseThrow();
        }
    }

    @Test
    void aLifeThatEndedWellIsWell() {
        assertThat(judge()).isEmpty();
    }

    @Test
    void whatWasTriedAndNeverAnsweredMayBeThereOrNot() throws Exception {
        for (int step = STEPS + 1; step < STEPS + 6; step++) {
            say("tried " + step);
        }
        assertThat(judge()).isEmpty();
    }

    @Test
    void whatWasDoneAndIsNotThereIsFound() throws Exception {
        say("tried " + (STEPS + 1));
        say("done " + (STEPS + 1));
        assertThat(judge()).hasValueSatisfying(why -> assertThat(why).contains("no step from " + (STEPS + 1)));
    }

    @Test
    void whatNobodyTriedAndIsThereIsFound() throws Exception {
        Files.writeString(ledger, "seed " + SEED + "\ntried 20\ndone 19\n");
        assertThat(judge()).isPresent();
    }

    @Test
    void aSpoolFileThatIsCutIsFound() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(any("spool", ".spool").toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }
        assertThat(judge()).hasValueSatisfying(why -> assertThat(why).contains("spool file"));
    }

    @Test
    void aSpoolFileWithOtherBytesIsFound() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(any("spool", ".spool").toFile(), "rw")) {
            file.seek(file.length() - 10);
            int last = file.read();
            file.seek(file.length() - 10);
            file.write(last ^ 1);
        }
        assertThat(judge()).hasValueSatisfying(why -> assertThat(why).contains("spool file"));
    }

    @Test
    void aLogThatDoesNotOpenIsFound() throws Exception {
        try (Stream<Path> files = Files.list(data.resolve("log"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        assertThat(judge()).hasValueSatisfying(why -> assertThat(why).contains("does not open"));
    }

    @Test
    void aCodeThatIsNoneOfTheProductsIsFound() {
        assertThat(StoreJudgeMain.ending("1", "write", "1")).isPresent();
        assertThat(StoreJudgeMain.ending("74", "fsync", "1")).isEmpty();
        assertThat(StoreJudgeMain.ending("137", "fsync", "1")).isEmpty();
        assertThat(StoreJudgeMain.ending("0", "openat", "1")).isEmpty();
        assertThat(StoreJudgeMain.ending("1", "write", "0")).as("never struck").isEmpty();
    }

    @Test
    void anFsyncErrorThatIsSwallowedIsFound() {
        assertThat(StoreJudgeMain.ending("0", "fdatasync", "1")).isPresent();
        assertThat(StoreJudgeMain.ending("0", "fsync", "1")).isPresent();
    }
}
