package lienthong.gateway.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration as a real process, as the launcher starts it. */
class DemoIT {
    private static final long BOUND_SECONDS = 360;

    /** For what the process says. */
    @TempDir
    Path folder;

    /** Where the process makes its folder: directly below /tmp, for the path of a socket must stay short. */
    private Path place = Path.of("");

    @BeforeEach
    void makePlace() throws IOException {
        place = Files.createTempDirectory(Path.of("/tmp"), "lt-");
    }

    @AfterEach
    void removePlace() throws IOException {
        try (Stream<Path> tree = Files.walk(place)) {
            for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private Process demo(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfile.encoding=UTF-8",
                "-Dlienthong.home=" + System.getProperty("lienthong.root"),
                "-Djava.io.tmpdir=" + place,
                "-cp",
                System.getProperty("java.class.path"),
                "lienthong.gateway.lab.LabMain",
                "demo"));
        command.addAll(List.of(options));
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private String text(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    }

    private long filesLeft() throws IOException {
        try (Stream<Path> left = Files.list(place)) {
            return left.filter(path -> String.valueOf(path.getFileName()).startsWith("lienthong-"))
                    .count();
        }
    }

    @Test
    void everyPromiseHoldsAndNothingStaysBehind() throws IOException, InterruptedException {
        Assumptions.assumeTrue(
                hasOpenssl(),
                "SKIPPED, NOT SHOWN: there is no openssl on this machine, so the evidence cannot be checked outside the product");
        Process demo = demo("--json", "--lang", "en");
        try {
            assertThat(demo.waitFor(BOUND_SECONDS, TimeUnit.SECONDS))
                    .as("ended within %d s; it said:%n%s", BOUND_SECONDS, text("err"))
                    .isTrue();
        } finally {
            demo.destroy();
        }
        String out = text("out").strip();
        JsonObject json =
                JsonParser.parseString(out.substring(out.lastIndexOf('\n') + 1)).getAsJsonObject();
        JsonObject promises = json.getAsJsonObject("promises");
        assertThat(promises.keySet())
                .as("%s", text("err"))
                .hasSize(Promise.values().length)
                .allSatisfy(name ->
                        assertThat(promises.get(name).getAsBoolean()).as(name).isTrue());
        assertThat(json.get("ok").getAsBoolean()).isTrue();
        assertThat(demo.exitValue()).isZero();
        assertThat(filesLeft()).as("folders left behind").isZero();
    }

    private static boolean hasOpenssl() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "openssl")));
    }

    @Test
    void brokenOffItLeavesNoProcessAndNoFile() throws IOException, InterruptedException {
        Process demo = demo("--lang", "en");
        List<ProcessHandle> children = new ArrayList<>();
        try {
            // Somewhere while offices join: a node or two run, a command is at work.
            Awaitility.await()
                    .atMost(120, TimeUnit.SECONDS)
                    .until(() -> text("out").contains("runs as process"));
            demo.descendants().forEach(children::add);
            assertThat(children).isNotEmpty();
            demo.destroy();
            assertThat(demo.waitFor(90, TimeUnit.SECONDS)).as("ended").isTrue();
        } finally {
            demo.destroyForcibly();
        }
        assertThat(demo.exitValue()).isNotZero();
        assertThat(children).noneMatch(ProcessHandle::isAlive);
        assertThat(filesLeft()).as("folders left behind").isZero();
        assertThat(text("err")).contains("stopped; every process has ended");
    }

    @Test
    void refusesAFolderThatIsNotEmptyWithOneSentence() throws IOException, InterruptedException {
        Path full = Files.createDirectory(folder.resolve("full"));
        Files.createFile(full.resolve("mine"));
        Process demo = demo("--keep", full.toString(), "--lang", "en");
        assertThat(demo.waitFor(90, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).isEqualTo(65);
        assertThat(text("err").strip().lines()).hasSize(1);
        assertThat(text("err")).startsWith("lienthong: LT-1103").contains("--keep");
        assertThat(full.resolve("mine")).exists();
    }
}
