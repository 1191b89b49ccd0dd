package lienthong.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.api.ApiServer;
import lienthong.gateway.api.ApiSettings;
import lienthong.gateway.api.FakeDoors;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.text.Catalogue;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands as an operator types them: what they say, what machines read, how they end. Rows B31 to B33. */
class CliTest {
    private static final Path NETWORK =
            Path.of("../samples/network/binh-dinh-2020.yaml").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private String language = "C.UTF-8";
    private InputStream in = InputStream.nullInputStream();
    private Optional<Surroundings.Prompt> prompt = Optional.empty();
    private NodeRunner runner = (config, passphrase, version, ready) ->
            Optional.of(Refusal.of(ErrorCode.DATA_IN_USE, "in use by process 4711"));

    private record Ended(int code, String out, String err) {
        JsonObject json() {
            String[] lines = out.strip().split("\n");
            return JsonParser.parseString(lines[lines.length - 1]).getAsJsonObject();
        }
    }

    private Surroundings surroundings() {
        return surroundings(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()));
    }

    private Surroundings surroundings(PrintWriter out, PrintWriter err) {
        return new Surroundings(
                language,
                Optional.empty(),
                folder.toAbsolutePath(),
                in,
                out,
                err,
                prompt,
                Clock.real(),
                Randomness.real(),
                runner,
                NoFolders.INSTANCE,
                "0.1.0");
    }

    private Ended run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Cli.run(arguments, surroundings(new PrintWriter(out), new PrintWriter(err)));
        assertThat(err.toString()).doesNotContain("\tat ").doesNotContain("Exception");
        return new Ended(code, out.toString(), err.toString());
    }

    private void assertEnds(Ended ended, int code, ErrorCode reason, String words) {
        assertThat(ended.err()).contains(reason.label()).contains(words);
        assertThat(ended.err().strip().lines()).as("one sentence").hasSize(1);
        assertThat(ended.code()).isEqualTo(code);
        assertSaidInVietnameseToo(ended.err().strip(), reason);
    }

    /** What an operator gets to read has no English left in it when it is said in Vietnamese. */
    private static void assertSaidInVietnameseToo(String sentence, ErrorCode reason) {
        Catalogue english = Catalogue.in(Language.ENGLISH);
        String before = reason.label() + ": " + english.what(reason) + " [";
        String after = "] " + english.advice(reason);
        int from = sentence.indexOf(before);
        if (from >= 0 && sentence.endsWith(after)) {
            String detail = sentence.substring(from + before.length(), sentence.length() - after.length());
            assertThat(Catalogue.in(Language.VIETNAMESE).detail(detail))
                    .as(detail)
                    .doesNotContain("chi tiết kỹ thuật");
        }
    }

    private Path secret(String name, String content) throws Exception {
        Path file = folder.resolve(name);
        Files.writeString(file, content + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    // ---- the last line for programs

    @Test
    void withJsonAlsoHelpAndALineWithoutACommandEndInOneObject() {
        List<List<String>> lines = new ArrayList<>(List.of(List.of("--json"), List.of("--json", "--help")));
        for (List<String> command : commands(List.of(), new CommandLine(new Root(surroundings())))) {
            List<String> line = new ArrayList<>(command);
            line.addAll(List.of("--help", "--json"));
            lines.add(line);
        }
        for (List<String> line : lines) {
            Ended ended = run(line.toArray(String[]::new));
            assertThat(ended.code()).as("%s", line).isZero();
            assertThat(ended.out().strip().lines()).as("%s", line).hasSize(1);
            assertThat(ended.json().get("ok").getAsBoolean()).isTrue();
            assertThat(ended.json().get("help").getAsString())
                    .isEqualTo(ended.err())
                    .contains("lienthong");
        }
    }

    @Test
    void aWordThatIsNoCommandIsRefusedAlsoBesideHelp() {
        for (List<String> line : List.of(
                List.of("sned", "--json"),
                List.of("sned", "--help", "--json"),
                List.of("status", "x", "-h", "--json"))) {
            Ended ended = run(line.toArray(String[]::new));
            assertEnds(ended, 64, ErrorCode.USAGE, line.get(0).equals("sned") ? "send?" : "x; known are");
            assertThat(ended.json().get("ok").getAsBoolean()).isFalse();
        }
    }

    // ---- B31

    @Test
    void b31UnknownOptionOrCommandNamesTheNearestKnown() {
        assertEnds(run("sned"), 64, ErrorCode.USAGE, "send?");
        assertEnds(run("send", "--too", "A08"), 64, ErrorCode.USAGE, "--to");
        assertEnds(run("status", "--jsn"), 64, ErrorCode.USAGE, "--json?");
        assertEnds(run("directory", "imprt", "x"), 64, ErrorCode.USAGE, "import?");
        assertEnds(run("network"), 64, ErrorCode.USAGE, "init");
        assertEnds(run("errors", "99"), 64, ErrorCode.USAGE, "99");
        assertEnds(run("send"), 64, ErrorCode.USAGE, "--to");
        assertEnds(run("help", "sned"), 64, ErrorCode.USAGE, "send?");
        assertEnds(run("send", "--to", "A08", "--precedence", "very", "x"), 66, ErrorCode.NO_INPUT, "x");
        assertEnds(run("queue", "--max", "abc"), 64, ErrorCode.USAGE, "--max");
        JsonObject json = run("sned", "--json").json();
        assertThat(json.get("ok").getAsBoolean()).isFalse();
        assertThat(json.getAsJsonObject("error").get("number").getAsInt()).isEqualTo(1101);
    }

    @Test
    void b31MissingAndUnreadableFilesAreNamed() throws Exception {
        assertEnds(
                run("directory", "import", "absent"),
                66,
                ErrorCode.NO_INPUT,
                folder.resolve("absent").toString());
        assertEnds(run("directory", "import", "."), 66, ErrorCode.NO_INPUT, "is a folder");
        assertEnds(run("join", "absent"), 66, ErrorCode.NO_INPUT, "absent");
        assertEnds(run("run", "--data", "absent"), 66, ErrorCode.NO_INPUT, "absent");
        Path exposed = Files.writeString(folder.resolve("pass"), "x\n");
        Files.setPosixFilePermissions(exposed, PosixFilePermissions.fromString("rw-r--r--"));
        assertEnds(
                run("network", "init", "--from", NETWORK.toString(), "--dir", "a", "--passphrase-file", "pass"),
                77,
                ErrorCode.FILE_EXPOSED,
                "chmod 600 " + exposed);
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void b31OutputThatExistsIsNotOverwritten() throws Exception {
        Path file = Files.writeString(folder.resolve("here"), "mine");
        assertEnds(run("directory", "export", "--out", "here"), 65, ErrorCode.OUTPUT_EXISTS, file.toString());
        assertEnds(run("client", "invite", "A08.01", "--out", "no/such/x"), 66, ErrorCode.NO_INPUT, "no/such");
        assertThat(file).hasContent("mine");
    }

    // ---- B32

    @Test
    void b32WrongPassphraseChangesNothing() throws Exception {
        secret("pass", "đúng rồi");
        secret("wrong", "sai rồi");
        String[] init = {
            "network", "init", "--from", NETWORK.toString(), "--dir", "authority", "--passphrase-file", "pass", "--json"
        };
        Ended made = run(init);
        assertThat(made.err()).contains("Fingerprint");
        assertThat(made.code()).isZero();
        assertThat(made.json().get("organisations").getAsInt()).isEqualTo(171);
        assertThat(made.json().getAsJsonArray("words")).hasSize(12);
        Ended shown = run("network", "show", "--dir", "authority", "--passphrase-file", "pass", "--json");
        assertThat(shown.json().getAsJsonArray("offices")).hasSize(171);
        assertThat(shown.err()).contains("binh-dinh-2020").doesNotContain("Thành ủy Quy Nhơn");
        List<Path> before = list(folder.resolve("authority"));
        assertEnds(
                run("network", "show", "--dir", "authority", "--passphrase-file", "wrong"),
                77,
                ErrorCode.PASSPHRASE_WRONG,
                "");
        assertEnds(
                run(
                        "invite",
                        "A08.01",
                        "--dial",
                        "hub:1",
                        "--out",
                        "x",
                        "--dir",
                        "authority",
                        "--passphrase-file",
                        "wrong"),
                77,
                ErrorCode.PASSPHRASE_WRONG,
                "");
        assertThat(folder.resolve("x")).doesNotExist();
        assertThat(list(folder.resolve("authority"))).isEqualTo(before);
        assertEnds(run(init), 65, ErrorCode.OUTPUT_EXISTS, "authority");
        assertEnds(
                run(
                        "invite",
                        "A99",
                        "--dial",
                        "hub:1",
                        "--out",
                        "x",
                        "--dir",
                        "authority",
                        "--passphrase-file",
                        "pass"),
                77,
                ErrorCode.UNKNOWN_RECIPIENT,
                "A99");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void anInvitationThatLetsAnOfficeCallNobodySaysSo() throws Exception {
        secret("pass", "đúng rồi");
        Ended made =
                run("network", "init", "--from", NETWORK.toString(), "--dir", "authority", "--passphrase-file", "pass");
        assertThat(made.code()).isZero();
        for (String[] office : new String[][] {{"A08.01", "--dial"}, {"A08", ""}}) {
            Ended invited = run(
                    "invite",
                    office[0],
                    "--out",
                    office[0],
                    "--dir",
                    "authority",
                    "--passphrase-file",
                    "pass",
                    "--lang",
                    "en");
            assertThat(invited.code()).isZero();
            if (office[1].isEmpty()) {
                assertThat(invited.out() + invited.err()).doesNotContain("--dial");
            } else {
                assertThat(invited.out() + invited.err()).contains("without --dial A08.01 will call nobody");
            }
        }
    }

    private static List<Path> list(Path where) throws Exception {
        try (var files = Files.list(where)) {
            return files.sorted().toList();
        }
    }

    @Test
    void anOfficeJoinsWithFileCodeAndFingerprintAndOnlyOnce() throws Exception {
        secret("pass", "đúng rồi");
        assertThat(run(
                                "network",
                                "init",
                                "--from",
                                NETWORK.toString(),
                                "--dir",
                                "authority",
                                "--passphrase-file",
                                "pass")
                        .code())
                .isZero();
        JsonObject invited = run(
                        "invite",
                        "A08.01",
                        "--dial",
                        "127.0.0.1:7878",
                        "--out",
                        "quy-nhon.moi",
                        "--dir",
                        "authority",
                        "--passphrase-file",
                        "pass",
                        "--json")
                .json();
        secret("code", invited.get("code").getAsString());
        secret("wrong-code", "1234 5678 9012 3456 7890");
        secret("words", words(invited));
        secret("wrong-words", invited.get("digits").getAsString().replace('1', '2'));
        assertEnds(
                run("join", "quy-nhon.moi", "--data", "d", "--code-file", "wrong-code", "--fingerprint-file", "words"),
                77,
                ErrorCode.PASSPHRASE_WRONG,
                "");
        assertThat(folder.resolve("d")).doesNotExist();
        assertEnds(
                run("join", "quy-nhon.moi", "--data", "d", "--code-file", "code", "--fingerprint-file", "wrong-words"),
                77,
                ErrorCode.FINGERPRINT_REJECTED,
                "");
        byte[] cut = java.util.Arrays.copyOf(Files.readAllBytes(folder.resolve("quy-nhon.moi")), 900);
        Files.write(folder.resolve("cut"), cut);
        assertEnds(
                run("join", "cut", "--data", "d", "--code-file", "code", "--fingerprint-file", "words"),
                65,
                ErrorCode.INVITATION_INVALID,
                "");
        assertThat(folder.resolve("d")).doesNotExist();
        Ended joined = run(
                "join",
                "quy-nhon.moi",
                "--data",
                "d",
                "--code-file",
                "code",
                "--fingerprint-file",
                "words",
                "--listen",
                "127.0.0.1:7879",
                "--json");
        assertThat(joined.code()).as(joined.err()).isZero();
        assertThat(joined.json().get("node").getAsString()).isEqualTo("A08.01");
        assertThat(Files.readString(folder.resolve("d/lienthong.yaml")))
                .contains("node: \"A08.01\"")
                .contains("127.0.0.1:7878")
                .contains("listen: \"127.0.0.1:7879\"");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("d"))))
                .isEqualTo("rwx------");
        assertEnds(
                run("join", "quy-nhon.moi", "--data", "d", "--code-file", "code", "--fingerprint-file", "words"),
                77,
                ErrorCode.INVITATION_USED,
                "");
    }

    private static String words(JsonObject invited) {
        List<String> words = new ArrayList<>();
        invited.getAsJsonArray("words").forEach(word -> words.add(word.getAsString()));
        return String.join(" ", words);
    }

    @Test
    void aNetworkFileWithFaultsNamesAllOfThem() throws Exception {
        secret("pass", "x");
        Files.writeString(
                folder.resolve("n.yaml"),
                "network: n\nroot: A\nrot: B\norganisations:\n  - {code: a8, name: X, parent: null}\n  - {cod: A}\n");
        Ended ended = run("network", "init", "--from", "n.yaml", "--dir", "a", "--passphrase-file", "pass");
        assertThat(ended.code()).isEqualTo(78);
        assertThat(ended.err()).contains("line 3, column 1").contains("root?").contains("line 5");
        assertThat(folder.resolve("a")).doesNotExist();
    }

    // ---- B33

    @Test
    void b33NothingRunningOrAlreadyRunningIsSaid() throws Exception {
        assertEnds(
                run("status", "--data", "none"),
                69,
                ErrorCode.NOT_RUNNING,
                folder.resolve("none").toString());
        Path data = data();
        Files.createDirectories(data.resolve("run"));
        // A socket left behind by a killed process: nobody answers.
        try (var stale = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            stale.bind(java.net.UnixDomainSocketAddress.of(data.resolve("run/api.sock")));
        }
        assertEnds(run("status", "--data", "data"), 69, ErrorCode.NOT_RUNNING, "");
        Files.writeString(data.resolve("lienthong.yaml"), "node: A08.01\n");
        assertEnds(run("run", "--data", "data"), 69, ErrorCode.DATA_IN_USE, "4711");
        runner = (config, passphrase, version, ready) -> Optional.of(Refusal.of(ErrorCode.PORT_IN_USE, "0.0.0.0:7878"));
        assertEnds(run("run", "--data", "data"), 69, ErrorCode.PORT_IN_USE, "0.0.0.0:7878");
    }

    @Test
    void b34FaultyConfigurationStartsNothingAndNamesEveryFault() throws Exception {
        Path data = data();
        runner = (config, passphrase, version, ready) -> {
            throw new AssertionError("started");
        };
        Files.writeString(data.resolve("lienthong.yaml"), "node: A08.01\nlisen: x\npassphrase: hunter2\n");
        Ended ended = run("run", "--data", "data");
        assertThat(ended.code()).isEqualTo(78);
        assertThat(ended.err())
                .contains("line 2, column 1")
                .contains("listen?")
                .contains("line 3, column 1")
                .doesNotContain("hunter2");
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(data.resolve("lienthong.yaml"), "node: A08.01\n");
        assertEnds(run("run", "--data", "data"), 77, ErrorCode.FILE_EXPOSED, "chmod 700 " + data);
    }

    @Test
    void runSaysWhenItServesAndEndsWell() throws Exception {
        data();
        Files.writeString(folder.resolve("data/lienthong.yaml"), "node: A08.01\nlisten: '127.0.0.1:0'\n");
        runner = (config, passphrase, version, ready) -> {
            ready.accept(new NodeRunner.Ready(
                    config.node(), config.socket(), Optional.of("127.0.0.1:41234"), Optional.empty()));
            return Optional.empty();
        };
        Ended ended = run("run", "--data", "data", "--json");
        assertThat(ended.code()).isZero();
        assertThat(ended.out().lines().findFirst().orElseThrow())
                .contains("\"event\":\"ready\"")
                .contains("127.0.0.1:41234");
        assertThat(ended.json().get("stopped").getAsBoolean()).isTrue();
    }

    // ---- against a node

    private Path data() throws Exception {
        return data("data");
    }

    private Path data(String name) throws Exception {
        return Files.createDirectory(
                folder.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private interface WithNode {
        void run(FakeDoors doors) throws Exception;
    }

    private void withNode(WithNode test) throws Exception {
        withNode(data(), test);
    }

    private void withNode(Path data, WithNode test) throws Exception {
        FakeDoors doors = new FakeDoors();
        ApiServer server = ApiServer.start(
                        new ApiSettings(
                                FakeDoors.HERE.organisation(),
                                data,
                                data.resolve("run/api.sock"),
                                false,
                                Optional.empty(),
                                List.of(),
                                "0.1.0"),
                        doors)
                .orBug();
        try {
            test.run(doors);
        } finally {
            server.stop(Duration.ZERO);
            doors.close();
        }
    }

    @Test
    void aDataFolderMayHaveVietnameseLettersAndBlanksInItsName() throws Exception {
        withNode(data("xã Nhơn Lý"), doors -> {
            Ended status = run("status", "--data", "xã Nhơn Lý", "--json");
            assertThat(status.code()).isZero();
            assertThat(status.json().get("ok").getAsBoolean()).isTrue();
        });
    }

    @Test
    void sendsSmallAndLargeFilesAndRefusesWhatTheNodeRefuses() throws Exception {
        withNode(doors -> {
            Files.writeString(folder.resolve("văn bản.txt"), "nội dung");
            assertEnds(
                    run("send", "--data", "data", "--to", "A08", "--subject", "a\uFFFDb", "văn bản.txt"),
                    65,
                    ErrorCode.TEXT_NOT_CLEAN,
                    "--subject is not UTF-8");
            Ended small = run(
                    "send",
                    "--data",
                    "data",
                    "--to",
                    "A08,A08.02",
                    "--subject",
                    "Kế hoạch",
                    "--precedence",
                    "khẩn",
                    "--id",
                    "k1",
                    "--json",
                    "văn bản.txt");
            assertThat(small.code()).as(small.err()).isZero();
            assertThat(small.json().get("message_id").getAsString()).hasSize(32);
            assertThat(run(
                                    "send",
                                    "--data",
                                    "data",
                                    "--to",
                                    "A08,A08.02",
                                    "--subject",
                                    "Kế hoạch",
                                    "--precedence",
                                    "1",
                                    "--id",
                                    "k1",
                                    "--json",
                                    "văn bản.txt")
                            .json()
                            .get("duplicate")
                            .getAsBoolean())
                    .isTrue();
            Files.write(folder.resolve("big.bin"), new byte[9_000_001]);
            Ended large = run("send", "--data", "data", "--to", "A08", "--json", "big.bin", "văn bản.txt");
            assertThat(large.code()).as(large.err()).isZero();
            assertThat(doors.bytesWritten()).isEqualTo(9_000_001 + 10);
            assertEnds(
                    run("send", "--data", "data", "--to", "A99", "văn bản.txt"),
                    77,
                    ErrorCode.UNKNOWN_RECIPIENT,
                    "A99");
            assertEnds(
                    run("send", "--data", "data", "--to", "A08", "--mark", "tối mật", "văn bản.txt"),
                    77,
                    ErrorCode.SECRECY_TOO_HIGH,
                    "");
            assertEnds(
                    run("send", "--data", "data", "--to", "A08", "--id", "k1", "văn bản.txt"),
                    65,
                    ErrorCode.ID_REUSED,
                    "k1");
            doors.setDiskLow(true);
            assertEnds(run("send", "--data", "data", "--to", "A08", "văn bản.txt"), 69, ErrorCode.DISK_LOW, "30000 ms");
        });
    }

    @Test
    void whatIsTypedWrongIsRefusedByTheNameOfItsOption() throws Exception {
        withNode(doors -> {
            Files.writeString(folder.resolve("a.txt"), "a");
            Files.createDirectory(folder.resolve("b"));
            Files.writeString(folder.resolve("b/a.txt"), "b");
            assertSendRefused(65, ErrorCode.FIELD_MISSING, "name a FILE or give a --subject");
            assertSendRefused(65, ErrorCode.FIELD_MISSING, "two files are called a.txt", "a.txt", "b/a.txt");
            Files.writeString(folder.resolve("a\nb.txt"), "of no name that can be signed");
            assertSendRefused(65, ErrorCode.TEXT_NOT_CLEAN, "FILE 2, position 2", "a.txt", "a\nb.txt");
            assertSendRefused(65, ErrorCode.HEADER_TOO_LARGE, "65 characters", "--id", "x".repeat(65), "a.txt");
            assertSendRefused(65, ErrorCode.FIELD_MISSING, "position 2", "--id", "a b", "a.txt");
            assertSendRefused(65, ErrorCode.TEXT_NOT_CLEAN, "--subject, position 2", "--subject", "a\u0007", "a.txt");
            assertSendRefused(65, ErrorCode.TEXT_NOT_CLEAN, "--correlation", "--correlation", "e\u0302", "a.txt");
            assertSendRefused(65, ErrorCode.HEADER_TOO_LARGE, "--subject", "--subject", "x".repeat(501), "a.txt");
            assertSendRefused(65, ErrorCode.ADDRESS_MALFORMED, "--to a8: ", "--to", "A08.02, a8", "a.txt");
            assertSendRefused(64, ErrorCode.USAGE, "did you mean document?", "--service", "documnet", "a.txt");
            assertSendRefused(64, ErrorCode.USAGE, "known are briefing bulletin", "--service", "xyz", "a.txt");
            assertThat(doors.bytesWritten()).isZero();
        });
    }

    private void assertSendRefused(int code, ErrorCode reason, String words, String... more) {
        List<String> line = new ArrayList<>(List.of("send", "--data", "data"));
        if (!List.of(more).contains("--to")) {
            line.addAll(List.of("--to", "A08"));
        }
        line.addAll(List.of(more));
        assertEnds(run(line.toArray(String[]::new)), code, reason, words);
    }

    @Test
    void aWordThatTheConfigurationListsForAnApplicationIsAServiceToo() throws Exception {
        withNode(doors -> {
            Files.writeString(folder.resolve("a.txt"), "a");
            Files.writeString(
                    folder.resolve("data/lienthong.yaml"),
                    "node: A08.01\napplications:\n  - name: land\n    uid: 1\n    addresses: all\n    services: [cadastre]\n");
            assertThat(run("send", "--data", "data", "--to", "A08, A08.02", "--service", "cadastre", "a.txt")
                            .code())
                    .isZero();
            assertSendRefused(64, ErrorCode.USAGE, "did you mean cadastre?", "--service", "cadastr", "a.txt");
        });
    }

    @Test
    void aFileNameThatIsDecomposedOnTheDiskIsComposedAndThatIsSaid() throws Exception {
        withNode(doors -> {
            Files.writeString(folder.resolve("ba\u0301o ca\u0301o.txt"), "a");
            Ended sent = run("send", "--data", "data", "--to", "A08", "ba\u0301o ca\u0301o.txt");
            assertThat(sent.out()).contains("NFC").contains("báo cáo.txt");
            assertThat(run("send", "--data", "data", "--to", "A08", "--json", "ba\u0301o ca\u0301o.txt")
                            .json()
                            .getAsJsonArray("renamed"))
                    .hasToString("[\"báo cáo.txt\"]");
            Files.writeString(folder.resolve("a.txt"), "a");
            assertThat(run("send", "--data", "data", "--to", "A08", "--json", "a.txt")
                            .json()
                            .has("renamed"))
                    .isFalse();
        });
    }

    @Test
    void receivesIntoFoldersAndAcknowledgesWhatIsOnDisk() throws Exception {
        withNode(doors -> {
            doors.offer(7, new ReceiveDoor.Content.Whole(List.of(Bytes.utf8("bảy"))), 5);
            doors.offer(8, new ReceiveDoor.Content.Large(doors.pieces(20, 100_000)), 2_000_000);
            Files.createDirectory(folder.resolve("in"));
            Ended ended = run("receive", "--data", "data", "--out", "in", "--json");
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.json().getAsJsonArray("messages")).hasSize(2);
            for (var message : ended.json().getAsJsonArray("messages")) {
                JsonObject one = message.getAsJsonObject();
                Path part = Path.of(one.get("folder").getAsString()).resolve("a.bin");
                assertThat(Files.size(part))
                        .isEqualTo(one.getAsJsonArray("parts")
                                .get(0)
                                .getAsJsonObject()
                                .get("bytes")
                                .getAsLong());
            }
            assertThat(doors.events()).contains("acknowledge 7", "acknowledge 8");
            assertThat(run("receive", "--data", "data", "--out", "in").out()).contains("Nothing waits");
            assertThat(run("receive", "--data", "data", "--out", "new").code()).isZero();
            assertEnds(run("receive", "--data", "data", "--out", "absent/in"), 66, ErrorCode.NO_INPUT, "absent");
        });
    }

    @Test
    void aFileThatIsNoTextIsNamedAndNothingIsMade() throws Exception {
        Files.write(folder.resolve("network.pdf"), new byte[] {'%', 'P', (byte) 0xff, (byte) 0xfe, 0});
        Ended ran = run("network", "init", "--from", "network.pdf", "--dir", "authority");
        assertEnds(ran, 78, ErrorCode.SYNTAX, "network.pdf is not a text in UTF-8");
        assertThat(folder.resolve("authority")).doesNotExist();
        assertEnds(run("join", "network.pdf", "--listen", "7878"), 64, ErrorCode.USAGE, "--listen 7878; host:port");
    }

    @Test
    void aNameThatNoFileCanHaveIsAMistakeOfTheCallerAndNotOurs() {
        assertEnds(run("join", "a\0b"), 64, ErrorCode.USAGE, "no file can be called that");
        assertEnds(run("status", "--data", "a\0b"), 64, ErrorCode.USAGE, "no file can be called that");
    }

    @Test
    void givesBackWithAReasonAndKeepsWhatIsToBeKept() throws Exception {
        withNode(doors -> {
            doors.offer(7, new ReceiveDoor.Content.Whole(List.of(Bytes.utf8("bảy"))), 5);
            assertThat(run("receive", "--data", "data", "--give-back", "gửi nhầm", "--json")
                            .code())
                    .isZero();
            assertThat(doors.events()).contains("return 7");
            doors.offer(9, new ReceiveDoor.Content.Whole(List.of(Bytes.utf8("chín"))), 5);
            assertThat(run("receive", "--data", "data", "--keep", "--json").code())
                    .isZero();
            assertThat(doors.events()).contains("release 9");
        });
    }

    @Test
    void statusQueueTrackAndStopSpeakBothLanguages() throws Exception {
        withNode(doors -> {
            assertThat(run("status", "--data", "data", "--lang", "vi").out()).contains("Nút A08.01: tốt");
            assertThat(run("status", "--data", "data", "--lang", "en").out()).contains("Node A08.01: well");
            language = "vi_VN.UTF-8";
            assertThat(run("queue", "--data", "data").out()).contains("Hàng đợi trống");
            assertThat(run("sned").err()).contains("Không hiểu lệnh");
            JsonObject status = run("status", "--data", "data", "--json").json();
            assertThat(status.get("condition").getAsString()).isEqualTo("green");
            assertThat(status.getAsJsonArray("neighbours")).hasSize(1);
            assertThat(run("status", "--data", "data", "--json").err()).doesNotContain("LÁNG GIỀNG");
            assertEnds(
                    run("queue", "--neighbour", "A08.2", "--data", "data"),
                    77,
                    ErrorCode.UNKNOWN_RECIPIENT,
                    "A08.2; có phải ý bạn là A08.02?");
            assertEnds(
                    run("queue", "--neighbour", "a8", "--data", "data"), 65, ErrorCode.ADDRESS_MALFORMED, "vị trí 1");
            assertThat(run("queue", "--neighbour", "local", "--data", "data").out())
                    .contains("Hàng đợi trống");
            assertEnds(run("track", "0".repeat(32), "--data", "data"), 65, ErrorCode.MESSAGE_UNKNOWN, "");
            assertThat(run("directory", "find", "zzzz", "--data", "data").out())
                    .contains("không có mã hay tên nào gần giống")
                    .doesNotContain(": \n");
            assertThat(run("status", "--data", "data").out()).containsPattern("\\d (giây|phút|giờ|ngày) ");
            assertThat(run("directory", "find", "A08.2", "--data", "data", "--json")
                            .json()
                            .get("nearest")
                            .getAsString())
                    .isEqualTo("A08.02");
            assertThat(run("stop", "--data", "data", "--grace", "5s", "--json").code())
                    .isZero();
            assertThat(doors.events()).contains("stop 5");
        });
    }

    @Test
    void evidenceIsExportedOnceAndJudgedWithItsExitCode() throws Exception {
        withNode(doors -> {
            String id = "01930000000070008000000000000000";
            Ended exported = run("evidence", "export", id, "--out", "e.zip", "--data", "data", "--json");
            assertThat(exported.code()).as(exported.err()).isZero();
            assertThat(Files.size(folder.resolve("e.zip"))).isEqualTo(3000);
            assertEnds(
                    run("evidence", "export", id, "--out", "e.zip", "--data", "data"),
                    65,
                    ErrorCode.OUTPUT_EXISTS,
                    "e.zip");
            assertEnds(
                    run("evidence", "export", "abc", "--out", "f.zip", "--data", "data"),
                    65,
                    ErrorCode.MESSAGE_UNKNOWN,
                    "32 digits");
            assertThat(folder.resolve("f.zip")).doesNotExist();
            Ended judged = run("evidence", "verify", "e.zip", "--json");
            assertThat(judged.code()).isEqualTo(65);
            assertThat(judged.err()).contains("LT-3211 EVIDENCE_INVALID");
            assertThat(judged.json().get("ok").getAsBoolean()).isFalse();
            assertThat(judged.json().get("holds").getAsBoolean()).isFalse();
            assertThat(judged.json().getAsJsonArray("steps")).isNotEmpty();
            Files.writeString(folder.resolve("heard"), "1".repeat(40));
            assertThat(run("evidence", "verify", "e.zip", "--fingerprint-file", "heard")
                            .err())
                    .as("a file that is no evidence is of no network")
                    .contains("not a zip")
                    .doesNotContain("another network");
        });
    }

    @Test
    void secretsComeFromStandardInputOrTheTerminalToo() throws Exception {
        in = new ByteArrayInputStream("một cụm mật khẩu\n".getBytes(StandardCharsets.UTF_8));
        assertThat(run("network", "init", "--from", NETWORK.toString(), "--dir", "a", "--passphrase-file", "-")
                        .code())
                .isZero();
        prompt = Optional.of(new Surroundings.Prompt() {
            @Override
            public char[] secret(String question) {
                return "một cụm mật khẩu".toCharArray();
            }

            @Override
            public String line(String question) {
                return "";
            }
        });
        assertThat(run("network", "show", "--dir", "a", "--json")
                        .json()
                        .get("organisations")
                        .getAsInt())
                .isEqualTo(171);
        prompt = Optional.empty();
        assertEnds(run("network", "show", "--dir", "a"), 64, ErrorCode.USAGE, "--passphrase-file");
    }

    /** Every command and every command below one, as it is typed. */
    private static List<List<String>> commands(List<String> above, CommandLine line) {
        List<List<String>> all = new ArrayList<>();
        line.getSubcommands().forEach((name, sub) -> {
            List<String> words = new ArrayList<>(above);
            words.add(name);
            all.add(words);
            all.addAll(commands(words, sub));
        });
        return all;
    }

    @Test
    void everyCommandHasHelpInBothLanguages() {
        for (String lang : List.of("vi", "en")) {
            String overview = run("help", "--lang", lang).out();
            for (String command : List.of(
                    "network",
                    "invite",
                    "join",
                    "run",
                    "send",
                    "receive",
                    "track",
                    "status",
                    "queue",
                    "directory",
                    "evidence",
                    "client",
                    "audit",
                    "store",
                    "stop",
                    "errors",
                    "version",
                    "help")) {
                assertThat(overview).contains("  " + command + " ");
                String help = run("help", command, "--lang", lang).out();
                assertThat(help).contains(lang.equals("vi") ? "Cách dùng: lienthong " : "Usage: lienthong ");
                assertThat(run(command, "--help", "--lang", lang).out()).isEqualTo(help);
            }
        }
        for (List<String> command : commands(List.of(), new CommandLine(new Root(surroundings())))) {
            for (String lang : List.of("vi", "en")) {
                List<String> words = new ArrayList<>(List.of("help", "--lang", lang));
                words.addAll(command);
                Ended help = run(words.toArray(String[]::new));
                assertThat(help.code()).as("help %s", command).isZero();
                String usage =
                        (lang.equals("vi") ? "Cách dùng: lienthong " : "Usage: lienthong ") + String.join(" ", command);
                assertThat(help.out()).startsWith(usage);
                if (lang.equals("vi")) {
                    assertThat(help.out()).as("%s", command).doesNotContain("Usage:", "Commands:", "Options:");
                }
                words.add("--json");
                assertThat(run(words.toArray(String[]::new)).json().get("help").getAsString())
                        .isEqualTo(help.out());
            }
        }
        assertThat(run("version", "--json").json().get("version").getAsString()).isEqualTo("0.1.0");
        assertThat(run("errors", "LT-2101", "--lang", "en").out()).contains("UNKNOWN_RECIPIENT");
        assertThat(run("errors", "--json").json().getAsJsonArray("errors")).hasSize(ErrorCode.values().length);
    }
}
