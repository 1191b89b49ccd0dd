package lienthong.gateway.lab.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher on a machine where something is missing: it says which and how to install it, in the operator's language, and ends with 69. */
class LauncherTest {
    private static final List<String> TOOLS =
            List.of("sh", "sed", "readlink", "dirname", "find", "head", "locale", "grep", "cat", "mkdir", "mv");

    @TempDir
    Path folder;

    private Path bin;

    private record Ended(int code, String said) {}

    @BeforeEach
    void aMachineWithoutAnything() throws IOException {
        bin = Files.createDirectory(folder.resolve("bin"));
        for (String tool : TOOLS) {
            Path found = found(tool).orElseThrow(() -> new AssertionError("this machine has no " + tool));
            Files.createSymbolicLink(bin.resolve(tool), found);
        }
        Files.copy(Shell.root().resolve("lienthong"), folder.resolve("lienthong"));
    }

    private static Optional<Path> found(String tool) {
        for (String place : System.getenv("PATH").split(":", -1)) {
            Path path = Path.of(place).resolve(tool);
            if (Files.isExecutable(path)) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    private Ended run(Optional<Path> java, String language, String... words) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                bin.resolve("sh").toString(), folder.resolve("lienthong").toString());
        builder.command().addAll(List.of(words));
        builder.environment().clear();
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("LANG", language);
        java.ifPresent(home -> builder.environment().put("JAVA_HOME", home.toString()));
        Path said = folder.resolve("said.txt");
        Process process =
                builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), Files.readString(said, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }

    private static Optional<Path> thisJava() {
        return Optional.of(Path.of(System.getProperty("java.home")));
    }

    @Test
    void withoutJavaItSaysWhichAndHow() throws Exception {
        assertThat(run(Optional.empty(), "en_US.UTF-8", "demo"))
                .isEqualTo(new Ended(
                        69,
                        "lienthong: java (JDK 17+) is missing. On Debian: apt-get install openjdk-17-jdk-headless\n"));
        assertThat(run(Optional.empty(), "vi_VN.UTF-8", "demo").said()).startsWith("lienthong: thiếu java (JDK 17+).");
        assertThat(run(Optional.empty(), "en_US.UTF-8", "--lang", "vi", "status")
                        .said())
                .startsWith("lienthong: thiếu java");
    }

    @Test
    void withAJavaThatIsTooOldItSaysSo() throws Exception {
        Path old = Files.createDirectories(folder.resolve("jdk-11/bin")).getParent();
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
        Files.writeString(old.resolve("bin/java"), "#!/bin/sh\n");
        assertThat(old.resolve("bin/java").toFile().setExecutable(true)).isTrue();
        Ended ended = run(Optional.of(old), "en_US.UTF-8", "status");
        assertThat(ended.code()).isEqualTo(69);
        assertThat(ended.said()).contains("is version 11; 17 or later is needed", "openjdk-17-jdk-headless");
    }

    @Test
    void withoutMavenAndWithoutABuildItSaysWhichAndHow() throws Exception {
        assertThat(run(thisJava(), "en_US.UTF-8", "status"))
                .isEqualTo(new Ended(69, "lienthong: mvn is missing. On Debian: apt-get install maven\n"));
    }

    @Test
    void withoutOpensslTheDemonstrationDoesNotBegin() throws Exception {
        Path target = Files.createDirectories(folder.resolve("gateway-lab/target"));
        Files.writeString(target.resolve("gateway-lab-0.1.0.jar"), "no jar");
        Files.writeString(target.resolve("built"), "");
        assertThat(run(thisJava(), "en_US.UTF-8", "demo"))
                .isEqualTo(new Ended(
                        69, "lienthong: openssl (evidence check) is missing. On Debian: apt-get install openssl\n"));
    }
}
