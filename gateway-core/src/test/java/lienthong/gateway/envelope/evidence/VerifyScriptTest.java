package lienthong.gateway.envelope.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lienthong.gateway.message.Bytes;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a stranger with a shell, openssl and coreutils says of our evidence: several at a time, because each starts hundreds of small programs. */
@Execution(ExecutionMode.CONCURRENT)
class VerifyScriptTest {
    private static EvidenceKit kit;
    private static List<String> shell = List.of();

    @TempDir
    Path folder;

    @BeforeAll
    static void tools() throws Exception {
        kit = new EvidenceKit();
        for (String tool : List.of("openssl", "sha256sum", "basenc")) {
            if (!there(tool)) {
                System.err.println("SKIPPED VerifyScriptTest: this machine has no " + tool);
                Assumptions.abort("no " + tool);
            }
        }
        shell = there("dash") ? List.of("dash") : List.of("sh");
    }

    private static boolean there(String tool) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "command -v " + tool).start();
        return process.waitFor() == 0;
    }

    private record Said(int exit, String text) {}

    private Said run(Map<String, Bytes> files, String... arguments) throws Exception {
        Path place = Files.createTempDirectory(folder, "e");
        for (Map.Entry<String, Bytes> file : files.entrySet()) {
            Path path = place.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue().toArray());
        }
        List<String> command = new ArrayList<>(shell);
        command.add(place.resolve("verify.sh").toString());
        command.addAll(List.of(arguments));
        Path out = place.resolve("said");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Said(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
    }

    @Test
    void aStrangerFindsTheWholeEvidenceGood() throws Exception {
        Said said = run(kit.files, kit.network.network().hex());
        assertThat(said.exit()).as(said.text()).isZero();
        assertThat(said.text())
                .contains("sealed by A08.10")
                .contains("all 2 parts are those that were sealed")
                .contains("A08.01 says delivered")
                .contains("A08.11 says consumed")
                .contains("audit log of node A08.10: accepted at 2026-11-23T08:00:00.000Z")
                .contains("node A08.10 wrote down then: number 7 to A08.11, life 0000000000000077, after core ")
                .endsWith("The evidence holds. / Chứng cứ đúng.\n");
    }

    @Test
    void everyStepIsSaidInEnglishAndThenInVietnamese() throws Exception {
        List<String> good =
                run(kit.files, kit.network.network().hex()).text().lines().toList();
        for (int i = 0; i < good.size() - 1; i++) {
            assertThat(good.get(i)).startsWith(i % 2 == 0 ? "ok      " : "đúng    ");
        }
        assertThat(good).contains("đúng    A08.10 niêm phong, 2026-11-23T08:00:00.000Z theo đồng hồ của nơi đó");
        List<String> bad = run(kit.files, "0".repeat(64)).text().lines().toList();
        assertThat(bad)
                .containsExactly(
                        "FAILED  the network's fingerprint is "
                                + kit.network.network().hex(),
                        "SAI     vân tay của mạng là " + kit.network.network().hex(),
                        "The evidence does NOT hold. / Chứng cứ KHÔNG đúng.");
        // Those that no test provokes have their Vietnamese too: after the English sentence stands another one.
        Matcher said = Pattern.compile("\\b(?:good|fail) (\"(?:[^\"$]|\\$\\([^)]*\\)|\\$)*\")( |$)?", Pattern.MULTILINE)
                .matcher(kit.files.get("verify.sh").utf8());
        int sentences = 0;
        while (said.find()) {
            sentences++;
            assertThat(said.group(2)).as(said.group()).isEqualTo(" ");
        }
        assertThat(sentences).isGreaterThan(60);
    }

    @Test
    void anotherFingerprintIsRefused() throws Exception {
        assertThat(run(kit.files, "0".repeat(64)).exit()).isEqualTo(1);
    }

    @Test
    void aFlippedByteInAnyFileIsFound() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (Map.Entry<String, Bytes> file : kit.files.entrySet()) {
            String name = file.getKey();
            // Not of what is signed: our own instructions, and the signature that openssl 3.0 does not know.
            if (name.startsWith("V") || name.startsWith("verify") || name.endsWith("mldsa87.sig")) {
                continue;
            }
            int position = random.nextInt(file.getValue().size());
            Said said = run(
                    kit.with(name, EvidenceKit.flipped(file.getValue(), position)),
                    kit.network.network().hex());
            assertThat(said.exit())
                    .as("seed %d, %s byte %d: %s", seed, name, position, said.text())
                    .isEqualTo(1);
        }
    }

    @Test
    void everyCharacterOfAPlacesTimeCounts() throws Exception {
        // The letters and signs between the digits: tools that read dates take other ones for the same moment.
        Bytes place = kit.files.get("receipts/0001/place.txt");
        int line = place.utf8().indexOf("\nat ") + 1;
        for (int within : new int[] {2, 7, 13, 16, 22, 26, 27, 28}) {
            Said said = run(
                    kit.with("receipts/0001/place.txt", EvidenceKit.flipped(place, line + within)),
                    kit.network.network().hex());
            assertThat(said.exit()).as("byte %d: %s", within, said.text()).isEqualTo(1);
        }
    }

    @Test
    void everyLineEndOfAPlaceCounts() throws Exception {
        Bytes place = kit.files.get("directory/entry-0002.place");
        String text = place.utf8();
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
            Said said = run(
                    kit.with("directory/entry-0002.place", EvidenceKit.flipped(place, end)),
                    kit.network.network().hex());
            assertThat(said.exit()).as("byte %d: %s", end, said.text()).isEqualTo(1);
        }
    }

    @Test
    void bytesAroundTheSignedAttributesCountToo() throws Exception {
        // Versions, content type: outside the signature, and openssl itself tolerates other values.
        Bytes seal = kit.files.get("message/seal.der");
        for (int position : new int[] {25, 50, 64}) {
            Said said = run(
                    kit.with("message/seal.der", EvidenceKit.flipped(seal, position)),
                    kit.network.network().hex());
            assertThat(said.exit()).as("byte %d: %s", position, said.text()).isEqualTo(1);
        }
    }

    @Test
    void aStrangersSignatureIsFound() throws Exception {
        // Signed by another true certificate of the same network, which openssl alone would accept.
        var stranger = kit.network.signing(lienthong.gateway.envelope.TestNetwork.DISTRICT);
        Bytes forged = stranger.signCms(kit.files.get("message/root.txt"), lienthong.gateway.envelope.Kit.NOW);
        Said said =
                run(kit.with("message/seal.der", forged), kit.network.network().hex());
        assertThat(said.exit()).as(said.text()).isEqualTo(1);
    }

    @Test
    void pathsOfEverySizeVerify() throws Exception {
        // The script's own walk up the tree, for sizes around powers of two.
        Path place = Files.createTempDirectory(folder, "p");
        String script = kit.files.get("verify.sh").utf8();
        StringBuilder test = new StringBuilder();
        test.append("net=").append(kit.network.network().hex()).append("\nwork=.\n");
        test.append("fail() { echo \"FAILED $1\"; exit 1; }\n");
        test.append(script, script.indexOf("# ---- small tools"), script.indexOf("# ---- 1. the network"));
        Random random = new Random(1);
        int number = 0;
        for (int size : List.of(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 100, 1_024)) {
            List<lienthong.gateway.message.Hash> leaves = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                leaves.add(lienthong.gateway.message.Hash.of(lienthong.gateway.envelope.Kit.random(random, 8)));
            }
            for (int index : List.of(0, size / 2, size - 1)) {
                Place at = new Place(
                        kit.network.network(),
                        index,
                        size,
                        lienthong.gateway.merkle.MerkleTree.path(leaves, index),
                        java.util.Optional.empty());
                String file = "place" + number++;
                Files.write(place.resolve(file), at.encode().toArray());
                test.append("[ \"$(root_from ")
                        .append(file)
                        .append(' ')
                        .append(leaves.get(index).hex())
                        .append(")\" = ")
                        .append(lienthong.gateway.merkle.MerkleTree.root(leaves).hex())
                        .append(" ] || fail ")
                        .append(size)
                        .append('-')
                        .append(index)
                        .append('\n');
            }
        }
        Files.writeString(place.resolve("test.sh"), test);
        List<String> command = new ArrayList<>(shell);
        command.add("test.sh");
        Process process = new ProcessBuilder(command)
                .directory(place.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Test
    void theScriptNeedsNothingButItsTools() throws IOException {
        String script = kit.files.get("verify.sh").utf8();
        assertThat(script)
                .startsWith("#!/bin/sh\n")
                .doesNotContain("[[")
                .doesNotContain("python")
                .doesNotContain("java");
    }
}
