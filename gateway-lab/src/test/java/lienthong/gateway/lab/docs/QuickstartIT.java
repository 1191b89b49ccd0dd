package lienthong.gateway.lab.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lienthong.gateway.lab.process.FreePort;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The quick start, typed word for word into a shell with an empty home, in both languages. What it prints must have the shape of what the page
 * shows: the same lines, but for ids, codes, times, sizes and the order in which things happened. Only the ports are other ones. The languages run
 * side by side, because half of the time a command waits.
 */
@Execution(ExecutionMode.CONCURRENT)
class QuickstartIT {
    private static final Pattern BLOCK =
            Pattern.compile("```sh\\n(.*?)```\\n(?:```text\\n(.*?)```\\n)?", Pattern.DOTALL);
    private static final Duration BLOCK_MAX = Duration.ofMinutes(4);

    @TempDir
    Path home;

    @ParameterizedTest
    @ValueSource(strings = {"quickstart.md", "quickstart.vi.md"})
    void whatThePageSaysIsWhatHappens(String name) throws Exception {
        String page = Files.readString(Shell.root().resolve("docs/operating").resolve(name));
        String typed = page;
        for (String port : List.of("7701", "7702", "7703")) {
            typed = typed.replace("127.0.0.1:" + port, "127.0.0.1:" + FreePort.take());
        }
        int blocks = 0;
        try (Shell shell = Shell.at(Shell.root(), home)) {
            Matcher block = BLOCK.matcher(typed);
            while (block.find()) {
                blocks++;
                Shell.Said said = shell.type(block.group(1), BLOCK_MAX);
                String shown = block.group(2) == null ? "" : block.group(2);
                assertThat(said.code())
                        .as("%s\n%s", block.group(1), said.text())
                        .isZero();
                assertThat(shape(said.text()))
                        .as("what was typed:\n%s\nwhat it printed:\n%s\n", block.group(1), said.text())
                        .containsExactlyInAnyOrderElementsOf(shape(shown));
            }
        }
        assertThat(blocks).as("blocks of commands in %s", name).isGreaterThan(10);
    }

    /** The lines without what differs each time. */
    private static List<String> shape(String text) {
        List<String> lines = new ArrayList<>();
        for (String line : text.strip().split("\n")) {
            lines.add(line.replaceAll("/\\S*/lienthong-", "HOME/lienthong-")
                    .replaceAll("\\b[0-9a-f]{64}\\b", "HASH")
                    .replaceAll("\\b[0-9a-f]{32}\\b", "ID")
                    .replaceAll("\\b[0-9a-f]{16}\\b", "LIFE")
                    .replaceAll("\\b\\d{40}\\b", "DIGITS")
                    .replaceAll("(\\b[a-z]{2,3}-[a-z]{2,3}\\b ?){12}", "WORDS ")
                    .replaceAll("\\b\\d{4}( \\d{4}){4}\\b", "CODE")
                    .replaceAll("\\b\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z?", "TIME")
                    .replaceAll("\\b\\d+([.,]\\d+)? (B|kB|MB|GB|TB)\\b", "SIZE")
                    .replaceAll("\\b\\d+ (ms|s|min|h|d|m)\\b", "SPAN")
                    .replaceAll("\\b\\d+ (giây|phút|giờ|ngày)", "SPAN")
                    .replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:PORT")
                    .replaceAll("\\(Java [^)]*\\)", "(Java)")
                    .replaceAll("(process|Process|tiến trình|Tiến trình) \\d+", "PROCESS")
                    .replaceAll("\\s+", " ")
                    .strip());
        }
        return lines;
    }
}
