package lienthong.gateway.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabOptionsTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private Optional<LabOptions> parse(String... arguments) {
        return LabOptions.parse(
                arguments, System.out, new PrintStream(said, true, StandardCharsets.UTF_8), "keep", "seconds");
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--kepp=x", "--json=yes", "-x", "--keep", "--keep=", "--lang=de", "--seconds=soon", "--help=me"})
    void refusesWhatItDoesNotUnderstandInOneSentence(String argument) {
        assertThat(parse(argument, "--lang", "en")).isEmpty();
        assertThat(said().lines()).hasSize(1);
        assertThat(said()).startsWith("lienthong: LT-1101 USAGE:");
    }

    @Test
    void namesTheNearestKnownOption() {
        assertThat(parse("--kepp", "x")).isEmpty();
        assertThat(said()).contains("--keep?");
    }

    @Test
    void speaksTheLanguageAskedForEvenInARefusal() {
        assertThat(parse("--nothing", "--lang", "vi")).isEmpty();
        assertThat(said()).contains("Không hiểu");
    }

    @Test
    void understandsBothWaysToWriteAValue() {
        assertThat(parse("--seconds", "7").orElseThrow().number("seconds", 1)).isEqualTo(7);
        assertThat(parse("--seconds=8", "--json").orElseThrow().number("seconds", 1))
                .isEqualTo(8);
        assertThat(parse("small", "--lang=vi").orElseThrow().language()).isEqualTo(Language.VIETNAMESE);
        assertThat(parse("small").orElseThrow().words()).containsExactly("small");
    }

    @Test
    void aKeptFolderIsNeverOneWithSomethingInIt(@TempDir Path folder) throws IOException {
        Files.createFile(folder.resolve("mine"));
        LabOptions options = parse("--keep", folder.toString()).orElseThrow();
        assertThatThrownBy(() -> options.folder("demo"))
                .isInstanceOf(LabFailed.class)
                .hasMessageContaining("--keep");
        options.tidy(folder);
        assertThat(folder.resolve("mine")).exists();
    }

    @Test
    void aKeptFolderIsForThisUserAlone(@TempDir Path folder) throws IOException {
        Path kept =
                parse("--keep", folder.resolve("a/b").toString()).orElseThrow().folder("demo");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rwx------");
    }

    @Test
    void whatIsNotKeptIsRemovedWithAllThatIsInIt() throws IOException {
        LabOptions options = parse().orElseThrow();
        Path folder = options.folder("test");
        Files.createFile(Files.createDirectories(folder.resolve("a/b")).resolve("c"));
        options.tidy(folder);
        assertThat(folder).doesNotExist();
    }

    @Test
    void helpIsWordsAndWithJsonOneObjectOnTheLastLine() {
        for (List<String> line : List.of(List.of("--help"), List.of("--help", "--json"))) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int code = parse(line.toArray(String[]::new))
                    .orElseThrow()
                    .help(
                            new PrintStream(out, true, StandardCharsets.UTF_8),
                            new PrintStream(err, true, StandardCharsets.UTF_8),
                            "thử\nhai");
            assertThat(code).isZero();
            assertThat(out.toString(StandardCharsets.UTF_8).strip())
                    .isEqualTo(line.contains("--json") ? "{\"ok\":true,\"help\":\"thử\\nhai\"}" : "thử\nhai");
        }
    }

    @Test
    void theCommandIsFoundBehindOptionsAsTheLauncherFindsIt() {
        List<String> line = new ArrayList<>(List.of("--lang", "vi", "demo", "--json"));
        assertThat(LabMain.takeCommand(line)).isEqualTo("demo");
        assertThat(line).containsExactly("--lang", "vi", "--json");
        assertThat(LabMain.takeCommand(new ArrayList<>(List.of("--json")))).isEmpty();
    }
}
