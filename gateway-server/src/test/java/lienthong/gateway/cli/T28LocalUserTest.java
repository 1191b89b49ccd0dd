package lienthong.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import lienthong.gateway.api.ApiServer;
import lienthong.gateway.api.ApiSettings;
import lienthong.gateway.api.FakeDoors;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** T28: somebody with a shell on the same machine, who is neither root nor the service's user. */
class T28LocalUserTest {
    private static final Pattern SECRET = Pattern.compile("(pass|code|pin|secret|token|key|fingerprint)");

    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    private Surroundings surroundings() {
        return new Surroundings(
                "C",
                Optional.empty(),
                folder,
                InputStream.nullInputStream(),
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                Optional.empty(),
                Clock.real(),
                Randomness.real(),
                (config, passphrase, version, ready) -> Optional.empty(),
                NoFolders.INSTANCE,
                "0.1.0");
    }

    @Test
    void noCommandTakesASecretAsAnArgument() {
        List<String> options = new ArrayList<>();
        collect(new CommandLine(new Root(surroundings())), options);
        assertThat(options).hasSizeGreaterThan(40);
        assertThat(options)
                .filteredOn(option -> SECRET.matcher(option).find())
                .isNotEmpty()
                .allMatch(option -> option.endsWith("-file"));
    }

    private static void collect(CommandLine command, List<String> options) {
        options.addAll(command.getCommandSpec().optionsMap().keySet());
        command.getSubcommands().values().forEach(sub -> collect(sub, options));
    }

    @Test
    void whatOthersCanReadIsNotUsedAsASecretAlsoBehindALink() throws Exception {
        Path real = Files.writeString(folder.resolve("pass"), "x\n");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
        Files.createSymbolicLink(folder.resolve("link"), real);
        Path network = Path.of("../samples/network/gia-lai-2025.yaml").toAbsolutePath();
        for (String file : List.of("pass", "link")) {
            int code = Cli.run(
                    new String[] {
                        "network", "init", "--from", network.toString(), "--dir", "a", "--passphrase-file", file
                    },
                    surroundings());
            assertThat(code).isEqualTo(ErrorCode.FILE_EXPOSED.exitCode());
        }
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void whatCommandsWriteIsTheOwnersAlone() throws Exception {
        Path secret = Files.writeString(folder.resolve("pass"), "x y z\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Path network = Files.writeString(
                folder.resolve("n.yaml"),
                "network: n\nroot: A\norganisations:\n  - {code: A, name: A, parent: null}\n  - {code: B, name: B, parent: A}\n");
        assertThat(Cli.run(
                        new String[] {"network", "init", "--from", "n.yaml", "--dir", "a", "--passphrase-file", "pass"},
                        surroundings()))
                .as(err.toString())
                .isZero();
        assertThat(Cli.run(
                        new String[] {
                            "invite", "B", "--dial", "h:1", "--out", "b.inv", "--dir", "a", "--passphrase-file", "pass"
                        },
                        surroundings()))
                .as(err.toString())
                .isZero();
        assertThat(mode(folder.resolve("a"))).isEqualTo("rwx------");
        assertThat(mode(folder.resolve("b.inv"))).isEqualTo("rw-------");
        try (var files = Files.list(folder.resolve("a"))) {
            assertThat(files).isNotEmpty().allMatch(file -> modeOf(file).equals("rw-------"));
        }
        assertThat(network).exists();
    }

    private static String mode(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static String modeOf(Path file) {
        try {
            return mode(file);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aLinkWhereTheSocketsFolderMustBeIsRefused() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.createSymbolicLink(data.resolve("run"), elsewhere);
        FakeDoors doors = new FakeDoors();
        var started = ApiServer.start(
                new ApiSettings(
                        FakeDoors.HERE.organisation(),
                        data,
                        data.resolve("run/api.sock"),
                        false,
                        Optional.empty(),
                        List.of(),
                        "0.1.0"),
                doors);
        assertThat(started.refusal().reason()).isEqualTo(ErrorCode.FILE_EXPOSED);
        try (var files = Files.list(elsewhere)) {
            assertThat(files).isEmpty();
        }
        doors.close();
    }
}
