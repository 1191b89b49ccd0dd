package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every file of published vectors runs through the façade, and as many cases as its list says. They are read where they lie
 * ({@code LIENTHONG_VECTORS}, or {@code shared/vectors} beside or above the repository) and never copied into it.
 */
class VectorsTest {
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)`[^|]*\\| (\\d+) \\|.*");
    private static final Pattern TOTAL = Pattern.compile("\\| (\\d+) files \\| (\\d+) \\|.*");
    private static final String FAMILIES =
            "hpke-rfc9180, hpke-pq, x-wing, cctv-ml-kem, wycheproof (AES-GCM, HKDF, ECDSA, RSA, X25519, ECDH, ML-KEM, ML-DSA)";

    private static Optional<Path> folder() {
        String named = System.getProperty("lienthong.vectors", System.getenv("LIENTHONG_VECTORS"));
        if (named != null) {
            return Optional.of(Path.of(named)).filter(Files::isDirectory);
        }
        for (Path above = root(); above != null; above = above.getParent()) {
            Path candidate = above.resolve("shared").resolve("vectors");
            if (Files.isRegularFile(candidate.resolve("README.md"))) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** The folder of the parent pom: the highest one with a pom.xml. */
    private static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (root.getParent() != null && Files.exists(root.getParent().resolve("pom.xml"))) {
            root = root.getParent();
        }
        return root;
    }

    private static Path folderOrSkip() {
        Optional<Path> folder = folder();
        if (folder.isEmpty()) {
            System.err.println(
                    "VectorsTest SKIPPED: no folder of published vectors (LIENTHONG_VECTORS); not run: " + FAMILIES);
        }
        Assumptions.assumeTrue(folder.isPresent(), "no folder of published vectors; not run: " + FAMILIES);
        return folder.orElseThrow();
    }

    /** Files and cases by the list beside them. */
    private static Map<String, Integer> listed(Path folder) throws IOException {
        Map<String, Integer> files = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve("README.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && row.group(1).contains("/") && Files.isRegularFile(folder.resolve(row.group(1)))) {
                files.put(row.group(1), Integer.valueOf(row.group(2)));
            }
        }
        return files;
    }

    @TestFactory
    Stream<DynamicTest> everyFileHoldsAndRunsAsManyCasesAsListed() throws IOException {
        Path folder = folderOrSkip();
        return listed(folder).entrySet().stream()
                .map(file -> DynamicTest.dynamicTest(file.getKey(), () -> {
                    ByteArrayOutputStream said = new ByteArrayOutputStream();
                    var count = VectorRunner.run(
                            folder.resolve(file.getKey()), new PrintStream(said, true, StandardCharsets.UTF_8));
                    String text = said.toString(StandardCharsets.UTF_8);
                    assertThat(count.failed()).as(failures(text)).isZero();
                    assertThat(count.passed()).isEqualTo(file.getValue());
                    assertThat(text.lines()).hasSize(file.getValue());
                }));
    }

    private static String failures(String text) {
        return String.join(
                "\n",
                text.lines().filter(line -> line.startsWith("FAIL")).limit(20).toList());
    }

    @Test
    void noFileIsMissingFromTheListAndTheSumIsRight() throws IOException {
        Path folder = folderOrSkip();
        Map<String, Integer> listed = listed(folder);
        try (Stream<Path> all = Files.walk(folder, 2)) {
            var present = all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(name -> name.contains("/") && !name.startsWith("licences/"))
                    .toList();
            assertThat(present).containsExactlyInAnyOrderElementsOf(listed.keySet());
        }
        Matcher total = Files.readAllLines(folder.resolve("README.md")).stream()
                .map(TOTAL::matcher)
                .filter(Matcher::matches)
                .findFirst()
                .orElseThrow();
        assertThat(listed).hasSize(Integer.parseInt(total.group(1)));
        assertThat(listed.values().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(Integer.parseInt(total.group(2)));
    }

    @Test
    void refusesFilesOfNoKnownFamilyAndFilesWithoutCases(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("vectors.json");
        for (String content : new String[] {
            "", "hello", "{}", "[]", "[{\"seed\": \"00\"}]", "{\"algorithm\": \"AES-GCM\", \"testGroups\": []}", "{"
        }) {
            Files.writeString(file, content);
            assertThatThrownBy(() -> VectorRunner.run(file, System.err))
                    .as(content)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aCaseOfUnknownParametersFailsAndSaysWhich(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("vectors.json");
        Files.writeString(file, """
                {"algorithm": "HKDF-SHA-1", "testGroups": [
                  {"type": "HkdfTest", "keySize": 8, "tests": [
                    {"tcId": 1, "ikm": "00", "salt": "", "info": "", "size": 1, "okm": "00", "result": "valid", "flags": []}]},
                  {"type": "Whatever", "tests": [{"tcId": 2, "result": "valid", "flags": []}]}]}
                """);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        var count = VectorRunner.run(file, new PrintStream(said, true, StandardCharsets.UTF_8));
        assertThat(count).isEqualTo(new VectorRunner.Count(0, 2));
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("tcId 1: refused, not implemented here: hash SHA-1")
                .contains("tcId 2: refused, not implemented here: Wycheproof type Whatever");
    }
}
