package lienthong.gateway.lab.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import lienthong.gateway.lab.province.LabFailed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutsideCheckTest {
    @TempDir
    Path folder;

    private Path zip(String... namesAndTexts) throws IOException {
        Path zip = folder.resolve("evidence.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                out.putNextEntry(new ZipEntry(namesAndTexts[i]));
                out.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
            }
        }
        return zip;
    }

    @Test
    void refusesANameThatLeavesTheFolder() throws IOException {
        Path zip = zip("../outside", "x");
        assertThatThrownBy(() -> OutsideCheck.run(zip, folder.resolve("a"), "f"))
                .isInstanceOf(LabFailed.class);
        assertThat(folder.resolve("outside")).doesNotExist();
    }

    @Test
    void tellsWhatTheScriptSaysAndHowItEnds() throws IOException, InterruptedException {
        OutsideCheck.Outcome outcome = OutsideCheck.run(
                zip("verify.sh", "echo \"ok $1\"; echo 'FAILED  seal'; exit 1"), folder.resolve("a"), "f00d");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.lines()).containsExactly("ok f00d", "FAILED  seal");
        assertThat(outcome.failure()).contains("FAILED  seal");
    }

    @Test
    void theAlteredCopyHasOneOtherByteAndTheOriginalStays() throws IOException, InterruptedException {
        Path good = folder.resolve("a");
        OutsideCheck.run(zip("verify.sh", "cat message/statement.txt", "message/statement.txt", "aaaa"), good, "f");
        OutsideCheck.Outcome altered = OutsideCheck.runAltered(good, folder.resolve("b"), "f");
        assertThat(altered.lines()).containsExactly("aa`a");
        assertThat(good.resolve("message/statement.txt")).hasContent("aaaa");
    }
}
