package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lienthong.gateway.crypto.VectorRunner.UnknownFamily;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every file of published vectors runs through the façade, those of the list beside them with as many cases as it says. They are read where they
 * lie ({@code LIENTHONG_VECTORS}, or {@code shared/vectors} beside or above the repository) and never copied into it. More files may be laid there:
 * what fits a suite must hold, what fits none is said.
 */
class VectorsTest {
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)`[^|]*\\| (\\d+) \\|.*");
    private static final Pattern TOTAL = Pattern.compile("\\| (\\d+) files \\| (\\d+) \\|.*");
    private static final String FAMILIES =
            "hpke-rfc9180, hpke-pq, x-wing, cctv-ml-kem, wycheproof (AES-GCM, HKDF, ECDSA, RSA, X25519, ECDH, ML-KEM, ML-DSA)";

    /** Of these every case is a suite's: one that is called none of ours has lost its way through the façade. */
    private static final List<String> OURS_WHOLLY = List.of(
            "cctv-ml-kem/ML-KEM-768.accumulated.json",
            "cctv-ml-kem/ML-KEM-768.modulus.txt.gz",
            "cctv-ml-kem/ML-KEM-768.strcmp.txt",
            "hpke-pq/ml-kem-and-x-wing.json",
            "hpke-rfc9180/base.json",
            "wycheproof/aes_gcm_test.json",
            "wycheproof/ecdh_secp256r1_ecpoint_test.json",
            "wycheproof/ecdsa_secp256r1_sha256_test.json",
            "wycheproof/ecdsa_secp384r1_sha384_test.odd.json",
            "wycheproof/hkdf_sha256_test.json",
            "wycheproof/hkdf_sha512_test.json",
            "wycheproof/mldsa_65_sign_seed_test.json",
            "wycheproof/mlkem_768_encaps_test.json",
            "wycheproof/mlkem_768_keygen_seed_test.json",
            "wycheproof/mlkem_768_semi_expanded_decaps_test.json",
            "wycheproof/mlkem_768_test.json",
            "wycheproof/rsa_signature_2048_sha256_test.json",
            "wycheproof/x25519_test.json",
            "x-wing/x-wing.json");

    private static Optional<Path> folder() {
        String named = System.getProperty("lienthong.vectors", System.getenv("LIENTHONG_VECTORS"));
        if (named != null) {
            return Optional.of(Path.of(named)).filter(Files::isDirectory);
        }
        for (Path above = root(); above != null; above = above.getParent()) {
            Path candidate = above.resolve("shared").resolve("vectors");
            if (Files.isDirectory(candidate)) {
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
        if (!Files.isRegularFile(folder.resolve("README.md"))) {
            return files;
        }
        for (String line : Files.readAllLines(folder.resolve("README.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && row.group(1).contains("/") && Files.isRegularFile(folder.resolve(row.group(1)))) {
                files.put(row.group(1), Integer.valueOf(row.group(2)));
            }
        }
        return files;
    }

    /** All files of vectors, by their names below the folder. */
    private static List<String> present(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder, 2)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(name -> name.contains("/") && !name.startsWith("licences/"))
                    .sorted()
                    .toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyFileHoldsAndRunsAsManyCasesAsListed() throws IOException {
        Path folder = folderOrSkip();
        Map<String, Integer> listed = listed(folder);
        return present(folder).stream()
                .map(file ->
                        DynamicTest.dynamicTest(file, () -> runs(folder, file, Optional.ofNullable(listed.get(file)))));
    }

    private static void runs(Path folder, String file, Optional<Integer> cases) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        VectorRunner.Count count;
        try {
            count = VectorRunner.run(folder.resolve(file), new PrintStream(said, true, StandardCharsets.UTF_8));
        } catch (UnknownFamily none) {
            skip(file, none.getMessage());
            return;
        }
        String text = said.toString(StandardCharsets.UTF_8);
        assertThat(count.failed() - count.notOurs()).as(failures(text)).isZero();
        assertThat(text.lines()).hasSize(count.passed() + count.failed());
        cases.ifPresent(listed -> assertThat(text.lines()).hasSize(listed));
        if (count.passed() == 0) {
            skip(file, "none of its " + count.notOurs() + " cases is of a suite of ours");
        } else if (count.notOurs() > 0) {
            assertThat(OURS_WHOLLY).as(failures(text)).doesNotContain(file);
            System.err.println("VectorsTest: " + file + ": " + count.notOurs() + " cases are of no suite of ours: "
                    + text.lines()
                            .filter(line -> line.startsWith("FAIL"))
                            .findFirst()
                            .orElseThrow());
        }
    }

    private static void skip(String file, String why) {
        assertThat(OURS_WHOLLY).as(why).doesNotContain(file);
        System.err.println("VectorsTest SKIPPED " + file + ": " + why);
        Assumptions.abort(file + ": " + why);
    }

    private static String failures(String text) {
        return String.join(
                "\n",
                text.lines().filter(line -> line.startsWith("FAIL")).limit(20).toList());
    }

    @Test
    void noFileOfTheListIsMissingAndItsSumIsRight() throws IOException {
        Path folder = folderOrSkip();
        Path list = folder.resolve("README.md");
        Assumptions.assumeTrue(Files.isRegularFile(list), "no list beside the vectors");
        Optional<Matcher> total = Files.readAllLines(list).stream()
                .map(TOTAL::matcher)
                .filter(Matcher::matches)
                .findFirst();
        Assumptions.assumeTrue(total.isPresent(), "the list has no sum");
        Map<String, Integer> listed = listed(folder);
        assertThat(listed).hasSize(Integer.parseInt(total.get().group(1)));
        assertThat(listed.values().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(Integer.parseInt(total.get().group(2)));
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
        assertThat(count).isEqualTo(new VectorRunner.Count(0, 2, 2));
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("tcId 1: refused, not implemented here: hash SHA-1")
                .contains("tcId 2: refused, not implemented here: Wycheproof type Whatever");
    }
}
