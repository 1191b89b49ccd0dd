package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.config.ConfigFault;
import lienthong.gateway.config.ConfigReader;
import lienthong.gateway.config.NodeConfig;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code run}: runs the node in this process until it is stopped. */
@Command(name = "run")
final class RunCommand extends GatewayCommand {
    @Option(names = "--passphrase-file", paramLabel = "FILE", descriptionKey = "run.passphrase-file")
    private @Nullable String passphraseFile;

    @Override
    Json perform(Root root) throws Refused, IOException {
        Path data = root.data();
        if (!Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) {
            throw new Refused(ErrorCode.NO_INPUT, "folder {0}", data);
        }
        NodeConfig config = read(root, data);
        checkFolder(data, config.socketForGroup());
        String file = passphraseFile != null
                ? passphraseFile
                : config.keyPassphraseFile().map(Path::toString).orElse(null);
        Optional<char[]> passphrase = file == null
                ? Optional.empty()
                : Optional.of(SecretInput.read(root, file, "--passphrase-file", "ask.keys"));
        Optional<Refusal> ended;
        try {
            ended = root.surroundings()
                    .runner()
                    .run(
                            config.speaking(root.catalogue().language().code()),
                            passphrase,
                            root.surroundings().version(),
                            ready -> ready(root, ready));
        } finally {
            passphrase.ifPresent(secret -> Arrays.fill(secret, '\0'));
        }
        if (ended.isPresent()) {
            throw new Refused(ended.get());
        }
        root.say("run.stopped", config.node());
        return Json.object().put("node", config.node().text()).put("stopped", true);
    }

    private static void ready(Root root, NodeRunner.Ready ready) {
        long pid = ProcessHandle.current().pid();
        root.say("run.ready", ready.node(), pid, ready.listen().orElse("-"), ready.socket());
        if (root.json) {
            Json line = Json.object()
                    .put("event", "ready")
                    .put("node", ready.node().text())
                    .put("pid", pid)
                    .put("socket", ready.socket().toString());
            ready.listen().ifPresent(place -> line.put("listen", place));
            ready.apiListen().ifPresent(place -> line.put("api_listen", place));
            root.out().println(line);
            root.out().flush();
        }
    }

    private static NodeConfig read(Root root, Path data) throws Refused, IOException {
        Path file = data.resolve(ConfigReader.FILE);
        if (!Files.exists(file)) {
            throw new Refused(ErrorCode.NO_INPUT, "{0}; lienthong join makes it", file);
        }
        if (Files.size(file) > ConfigReader.BYTES_MAX) {
            throw new Refused(ErrorCode.SYNTAX, "{0}: more than {1} bytes", file, ConfigReader.BYTES_MAX);
        }
        ConfigReader.Outcome outcome = ConfigReader.read(Root.text(file), data);
        if (outcome instanceof ConfigReader.Outcome.Read read) {
            return read.config();
        }
        ConfigReader.Outcome.Faulty faulty = (ConfigReader.Outcome.Faulty) outcome;
        // All of them at once: whoever mends a file wants to do it in one go.
        for (ConfigFault fault : faulty.faults().subList(1, faulty.faults().size())) {
            root.surroundings()
                    .err()
                    .println("lienthong: "
                            + root.catalogue().labelled(Refusal.of(fault.reason(), NetworkFile.placed(file, fault))));
        }
        ConfigFault first = faulty.faults().get(0);
        ErrorCode reason = first.reason().exitCode() == 78 ? first.reason() : ErrorCode.TYPE;
        throw new Refused(reason, NetworkFile.placed(file, first));
    }

    /** T28: nobody else reads what lies here. */
    private static void checkFolder(Path data, boolean forGroup) throws Refused, IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(data, LinkOption.NOFOLLOW_LINKS);
        boolean others = mode.contains(PosixFilePermission.OTHERS_READ)
                || mode.contains(PosixFilePermission.OTHERS_WRITE)
                || mode.contains(PosixFilePermission.OTHERS_EXECUTE)
                || mode.contains(PosixFilePermission.GROUP_WRITE);
        boolean group =
                mode.contains(PosixFilePermission.GROUP_READ) || mode.contains(PosixFilePermission.GROUP_EXECUTE);
        if (others || group && !forGroup) {
            throw new Refused(ErrorCode.FILE_EXPOSED, "chmod {0} {1}", forGroup ? "750" : "700", data);
        }
    }
}
