package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.config.ConfigReader;
import lienthong.gateway.config.HostPort;
import lienthong.gateway.directory.SpokenFingerprint;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.Invitation;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code join}: makes all keys of this node from an invitation, its code, and the fingerprint as it was heard. */
@Command(name = "join")
final class JoinCommand extends GatewayCommand {
    @Parameters(paramLabel = "FILE", descriptionKey = "join.file")
    private String file = "";

    @Option(names = "--code-file", paramLabel = "FILE", descriptionKey = "join.code-file")
    private @Nullable String codeFile;

    @Option(names = "--fingerprint-file", paramLabel = "FILE", descriptionKey = "join.fingerprint-file")
    private @Nullable String fingerprintFile;

    @Option(names = "--passphrase-file", paramLabel = "FILE", descriptionKey = "join.passphrase-file")
    private @Nullable String passphraseFile;

    @Option(names = "--listen", paramLabel = "HOST:PORT", descriptionKey = "join.listen")
    private @Nullable String listen;

    @Override
    Json perform(Root root) throws Refused, IOException {
        Path path = root.input(file);
        if (Files.size(path) > Limits.INVITATION_BYTES_MAX) {
            throw new Refused(ErrorCode.INVITATION_INVALID, "{0} is too large to be one", path);
        }
        Optional<HostPort> place = listen == null ? Optional.empty() : Optional.of(place(listen));
        Bytes bytes = Bytes.ofOwned(Files.readAllBytes(path));
        if (bytes.isEmpty()) {
            throw new Refused(ErrorCode.INVITATION_INVALID, "{0} is an empty file", path);
        }
        Result<Invitation> read = Invitation.read(bytes);
        if (!read.isOk()) {
            throw new Refused(
                    read.refusal().reason(),
                    Detail.of("{0}: {1}", path, read.refusal().about()));
        }
        Invitation invitation = Refused.unless(read);
        OrganisationId node = invitation.facts().node();
        root.say(
                "join.read",
                node,
                invitation.root().name(),
                Words.local(invitation.facts().expires()));
        char[] fingerprint = SecretInput.heard(root, fingerprintFile, "--fingerprint-file", "ask.fingerprint");
        char[] code = SecretInput.read(root, codeFile, "--code-file", "ask.code");
        char[] passphrase = passphraseFile == null
                ? new char[0]
                : SecretInput.choose(root, passphraseFile, "--passphrase-file", "ask.keys");
        Path data = root.data();
        boolean made = makeFolder(data);
        boolean done = false;
        try {
            RealDisk disk = RealDisk.at(data);
            Join.Joined joined = Refused.unless(Join.join(
                    Join.Request.of(
                            bytes,
                            String.valueOf(code),
                            String.valueOf(fingerprint),
                            passphrase.length == 0 ? Protection.fileModes() : Protection.passphrase(passphrase)),
                    disk,
                    root.surroundings().randomness(),
                    root.surroundings().clock()));
            done = true;
            DirectoryFolder.of(disk).save(Optional.of(joined.directory()), joined.records());
            // The topmost office's invitation may name the very place where its own node listens.
            List<DialAddress> dial = joined.dial().stream()
                    .filter(one -> place.isEmpty()
                            || !one.toString().equals(place.get().toString()))
                    .toList();
            writeConfig(root, data, node, dial, place);
            SpokenFingerprint own = joined.keys().fingerprint();
            root.say("join.done", node, data);
            root.say("join.own", String.join(" ", own.words()), own.digits());
            root.say("join.next", data);
            return Json.object()
                    .put("node", node.text())
                    .put("network", invitation.root().name())
                    .put("data", data.toString())
                    .put("config", data.resolve(ConfigReader.FILE).toString())
                    .put("dial", dial.stream().map(DialAddress::toString).toList())
                    .put("words", own.words())
                    .put("digits", own.digits());
        } finally {
            Arrays.fill(code, '\0');
            Arrays.fill(passphrase, '\0');
            if (!done && made) {
                Files.delete(data);
            }
        }
    }

    /** In a file it would be {@code TYPE}, with its line; here it is an argument. */
    private static HostPort place(String text) throws Refused {
        if (HostPort.parse(text) instanceof Result.Ok<HostPort> ok) {
            return ok.value();
        }
        throw new Refused(ErrorCode.USAGE, "--listen {0}; host:port, for instance hub.example:7878", text);
    }

    /** Whether the folder was made; its modes are set either way. */
    private static boolean makeFolder(Path data) throws IOException {
        boolean absent = !Files.exists(data);
        if (absent) {
            Files.createDirectories(
                    data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        return absent;
    }

    /** Writes the configuration unless there is one: what an operator has written stays. */
    private void writeConfig(
            Root root, Path data, OrganisationId node, List<DialAddress> dial, Optional<HostPort> place)
            throws IOException {
        Path path = data.resolve(ConfigReader.FILE);
        if (Files.exists(path)) {
            return;
        }
        StringBuilder text = new StringBuilder("# docs/operating/quickstart.md\n");
        text.append("node: \"").append(node).append("\"\n");
        if (!dial.isEmpty()) {
            text.append("dial:\n");
            dial.forEach(one -> text.append("  - \"").append(one).append("\"\n"));
        }
        place.ifPresent(one -> text.append("listen: \"").append(one).append("\"\n"));
        if (passphraseFile != null && !passphraseFile.equals("-")) {
            text.append("key_passphrase_file: \"")
                    .append(root.path(passphraseFile))
                    .append("\"\n");
        }
        try (NewFile config = NewFile.create(path)) {
            config.write(Bytes.utf8(text.toString()).asBuffer());
            config.commit();
        }
    }
}
