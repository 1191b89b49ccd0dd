package lienthong.gateway.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.process.JavaProcess;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.gateway.lab.province.Readiness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.proto.gateway.v1.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A payload far larger than the heap passes sender, hub and destination. Memory is bounded by the JVM itself: a node that held the payload would
 * end with an OutOfMemoryError. With {@code -Plarge} also 2 GB.
 */
class LargePayloadIT {
    private static final long MEGABYTE = 1_000_000;
    private static final long MEBIBYTE = 1L << 20;
    private static final Duration BOUND = Duration.ofMinutes(30);
    private static final Path NETWORK =
            Path.of(System.getProperty("lienthong.root", "."), "samples", "network", "binh-dinh-2020.yaml");

    @Test
    void twoHundredMegabytesPassThreeNodesWithNinetySixMebibytesOfHeapEach(@TempDir Path folder) throws Exception {
        passes(200 * MEGABYTE, folder, DaemonOptions.withMemory(96));
    }

    /** Bounded at what an idle node needs after a collection, and 64 MiB. */
    @Test
    @EnabledIfSystemProperty(named = "lienthong.large", matches = "true")
    void twoGigabytesPassWithSixtyFourMebibytesAboveIdle(@TempDir Path folder) throws Exception {
        long idle = idleHeapBytes(folder.resolve("idle"));
        long boundMebibytes = (idle + 64 * MEBIBYTE) / MEBIBYTE;
        System.getLogger("large").log(System.Logger.Level.INFO, "idle {0} bytes, bound -Xmx{1}m", idle, boundMebibytes);
        passes(2_000 * MEGABYTE, folder.resolve("loaded"), DaemonOptions.withMemory(boundMebibytes));
    }

    private static long idleHeapBytes(Path folder) throws Exception {
        try (Province province = Province.create(folder, NETWORK)) {
            LabNode node = province.join(Bench.PROVINCE, "", DaemonOptions.withMemory(128));
            node.start();
            node.awaitServing();
            Process collect = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(node.pid()),
                            "GC.run")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertThat(collect.waitFor()).isZero();
            return node.status().getHeapUsedBytes();
        }
    }

    private static void passes(long bytes, Path folder, List<String> nodeOptions) throws Exception {
        Files.createDirectories(folder);
        Path document = folder.resolve("document.bin");
        Hash sent = write(document, bytes, 2020);
        try (Province province = Province.create(folder.resolve("province"), NETWORK)) {
            List<LabNode> chain = List.of(
                    province.join(Bench.PROVINCE, "", nodeOptions),
                    province.join(Bench.DISTRICT, Bench.PROVINCE, nodeOptions),
                    province.join(Bench.COMMUNE, Bench.DISTRICT, nodeOptions));
            for (LabNode node : chain) {
                node.start();
                node.awaitServing();
            }
            Readiness.awaitKeys(chain.get(2), Bench.PROVINCE);
            JsonObject accepted = command(
                    folder.resolve("send"),
                    "send",
                    "--data",
                    chain.get(2).data().toString(),
                    "--to",
                    Bench.PROVINCE,
                    document.toString());
            assertThat(accepted.get("bytes").getAsLong()).isEqualTo(bytes);
            Files.delete(document);
            JsonObject received =
                    receive(chain.get(0), folder, accepted.get("message_id").getAsString());
            JsonObject part = received.getAsJsonArray("parts").get(0).getAsJsonObject();
            assertThat(part.get("bytes").getAsLong()).isEqualTo(bytes);
            assertThat(hash(Path.of(received.get("folder").getAsString())
                            .resolve(part.get("name").getAsString())))
                    .isEqualTo(sent);
            for (LabNode node : chain) {
                assertThat(node.log()).doesNotContain("OutOfMemoryError");
                assertThat(node.status().getNode().getCondition()).isEqualTo(Condition.CONDITION_GREEN);
            }
        }
    }

    /** Takes messages out until this one comes; what asked for the network's keys before may lie in front of it. */
    private static JsonObject receive(LabNode node, Path folder, String id) throws Exception {
        while (true) {
            JsonObject taken = command(
                    folder.resolve("receive"),
                    "receive",
                    "--data",
                    node.data().toString(),
                    "--out",
                    folder.resolve("received").toString(),
                    "--max",
                    "1",
                    "--wait",
                    "20m");
            JsonObject message = taken.getAsJsonArray("messages").get(0).getAsJsonObject();
            if (message.get("message_id").getAsString().equals(id)) {
                return message;
            }
        }
    }

    private static JsonObject command(Path log, String... words) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.add("--json");
        try (JavaProcess process = JavaProcess.start(
                "lienthong.gateway.main.Main",
                DaemonOptions.withMemory(96),
                arguments,
                Map.of("LC_ALL", "C.UTF-8"),
                log)) {
            assertThat(process.await(BOUND)).as(process.standardError()).isZero();
            String out = process.standardOutput().strip();
            return JsonParser.parseString(out.substring(out.lastIndexOf('\n') + 1))
                    .getAsJsonObject();
        }
    }

    /** Random bytes of a seed: nothing a compressor could shrink. */
    private static Hash write(Path file, long bytes, long seed) throws IOException {
        Random random = new Random(seed);
        MessageDigest digest = Hash.digest();
        byte[] block = new byte[(int) MEGABYTE];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= block.length) {
                random.nextBytes(block);
                int size = (int) Math.min(block.length, left);
                out.write(block, 0, size);
                digest.update(block, 0, size);
            }
        }
        return new Hash(Bytes.ofOwned(digest.digest()));
    }

    private static Hash hash(Path file) throws IOException {
        MessageDigest digest = Hash.digest();
        byte[] block = new byte[(int) MEGABYTE];
        try (InputStream in = Files.newInputStream(file)) {
            for (int size = in.read(block); size >= 0; size = in.read(block)) {
                digest.update(block, 0, size);
            }
        }
        return new Hash(Bytes.ofOwned(digest.digest()));
    }
}
