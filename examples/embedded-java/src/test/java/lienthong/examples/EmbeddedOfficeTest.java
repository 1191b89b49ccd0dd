package lienthong.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lienthong.gateway.client.GatewayClient;
import lienthong.gateway.client.Submission;
import lienthong.gateway.client.Tracking;
import lienthong.gateway.message.Address;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example against a node in a process of its own, over TLS: everything as an office would do it, by the command line. */
class EmbeddedOfficeTest {
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Address REGISTRY = Address.parse("A08/van-thu").orBug();
    private static final Address OFFICE = Address.parse("A08/mot-cua").orBug();
    private static final long START_SECONDS_MAX = 60;

    @TempDir
    Path folder;

    private Path data;
    private Path fingerprint;
    private String where = "";
    private Process node;

    @BeforeEach
    void aNodeOfOneOffice() throws Exception {
        data = folder.resolve("node");
        where = "127.0.0.1:" + freePort();
        Path authority = folder.resolve("authority");
        Path plan = Files.writeString(
                folder.resolve("network.yaml"),
                """
                network: "thu-nghiem"
                root: "A08"
                organisations:
                  - {code: "A08", name: "Tỉnh ủy thử nghiệm", tier: "tỉnh ủy", parent: null}
                """);
        Path passphrase = secret("passphrase", "một câu dài không ai đoán được");
        String made = command(
                "network", "init", "--from", plan.toString(), "--dir", authority.toString(), "--passphrase-file", passphrase.toString());
        fingerprint = secret("fingerprint", list(made, "words"));
        String invited = command(
                "invite", "A08", "--out", folder.resolve("a08.invitation").toString(), "--dir",
                authority.toString(), "--passphrase-file", passphrase.toString());
        command(
                "join", folder.resolve("a08.invitation").toString(), "--data", data.toString(), "--code-file",
                secret("code", field(invited, "code")).toString(), "--fingerprint-file", fingerprint.toString(), "--listen", where);
        start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        node.destroyForcibly();
        assertTrue(node.waitFor(60, TimeUnit.SECONDS));
    }

    @Test
    void whatOneProgramSendsAnotherTakesAlsoAfterTheNodeWasKilled() throws Exception {
        Path registry = enrol(REGISTRY);
        Path office = enrol(OFFICE);
        publish(office);
        Path document = Files.write(folder.resolve("cong-van.pdf"), "%PDF-1.4 nội dung".getBytes(StandardCharsets.UTF_8));
        Submission.Accepted first = accepted(EmbeddedOffice.send(registry, OFFICE, document));
        node.destroyForcibly().waitFor();
        start();
        Path taken = folder.resolve("taken");
        assertTrue(EmbeddedOffice.take(office, taken, Duration.ofSeconds(60)));
        Path copy = taken.resolve(first.id().toString()).resolve("cong-van.pdf");
        assertArrayEquals(Files.readAllBytes(document), Files.readAllBytes(copy));
        try (GatewayClient client = GatewayClient.open(registry)) {
            assertTrue(until(() -> client.track(first.id()).fold(where -> where.haveAll(Tracking.State.CONSUMED), no -> false)));
        }
        assertTrue(nothingReadable(data, "nội dung"), "the node's folder holds no plaintext");
    }

    /** A client is known to others once it has been connected: its keys travel by its node. */
    private static void publish(Path state) {
        try (GatewayClient client = GatewayClient.open(state)) {
            assertTrue(until(() -> client.lookUp("A08").fold(found -> !found.offices().isEmpty(), no -> false)));
        }
    }

    private Path enrol(Address address) throws Exception {
        Path invitation = folder.resolve(address.mailbox() + ".invitation");
        String invited = command(
                "client", "invite", address.toString(), "--dial", where, "--out", invitation.toString(), "--data", data.toString());
        Path state = folder.resolve(address.mailbox());
        Path code = secret(address.mailbox() + ".code", field(invited, "code"));
        assertEquals(address, EmbeddedOffice.enrol(state, invitation, code, fingerprint).orBug().address());
        return state;
    }

    private static Submission.Accepted accepted(Submission submission) {
        return assertInstanceOf(Submission.Accepted.class, submission);
    }

    private static boolean nothingReadable(Path folder, String text) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.UTF_8).contains(text)) {
                    return false;
                }
            }
            return true;
        }
    }

    private interface Question {
        boolean holds();
    }

    private static boolean until(Question question) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < end) {
            if (question.holds()) {
                return true;
            }
        }
        return false;
    }

    // ---- processes

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Path secret(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, content + "\n");
    }

    private static ProcessBuilder lienthong(List<String> arguments) {
        List<String> line = new ArrayList<>(List.of(
                JAVA.toString(), "-Dfile.encoding=UTF-8", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp",
                System.getProperty("java.class.path"), "lienthong.gateway.main.Main"));
        line.addAll(arguments);
        ProcessBuilder process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT);
        process.environment().put("LC_ALL", "C.UTF-8");
        return process;
    }

    /** Runs a command to its end; its last line. */
    private static String command(String... words) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.add("--json");
        Process process = lienthong(arguments).start();
        String last = "";
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                last = line;
            }
        }
        assertEquals(0, process.waitFor(), String.join(" ", words) + ": " + last);
        return last;
    }

    private void start() throws Exception {
        node = lienthong(List.of("run", "--data", data.toString(), "--json")).start();
        BufferedReader out = new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8));
        String ready = java.util.concurrent.CompletableFuture.supplyAsync(() -> {
                    try {
                        return String.valueOf(out.readLine());
                    } catch (IOException e) {
                        return e.toString();
                    }
                })
                .get(START_SECONDS_MAX, TimeUnit.SECONDS);
        assertTrue(ready.contains("\"ready\""), ready);
    }

    private static String field(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        assertTrue(matcher.find(), json);
        return matcher.group(1);
    }

    private static String list(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":\\[([^\\]]*)\\]").matcher(json);
        assertTrue(matcher.find(), json);
        return matcher.group(1).replace("\"", "").replace(",", " ");
    }
}
