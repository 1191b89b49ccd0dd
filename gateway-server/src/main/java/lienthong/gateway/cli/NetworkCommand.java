package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.StrictText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code network}: the network authority, off line. */
@Command(
        name = "network",
        subcommands = {
            NetworkCommand.Init.class,
            NetworkCommand.Show.class,
            NetworkCommand.Sign.class,
            NetworkCommand.Export.class
        })
final class NetworkCommand extends GroupCommand {
    static Json json(Authority authority) {
        Directory directory = authority.directory();
        return Json.object()
                .put("network", authority.root().name())
                .put("fingerprint", authority.root().fingerprint().hex())
                .put("words", authority.root().words())
                .put("digits", authority.root().digits())
                .put("directory_version", directory.version().number())
                .put("directory_hash", directory.version().hash().hex())
                .put("issued_at", StrictText.time(directory.head().issued()))
                .put("expires_at", StrictText.time(directory.head().expires()))
                .put("organisations", directory.organisations().size());
    }

    static void sayFingerprint(Root root, Authority authority) {
        root.say(
                "invite.fingerprint",
                String.join(" ", authority.root().words()),
                authority.root().digits());
    }

    /** {@code network init --from FILE --dir DIR}. */
    @Command(name = "init")
    static final class Init extends GatewayCommand {
        @Option(names = "--from", paramLabel = "FILE", required = true, descriptionKey = "network.from")
        private String from = "";

        @Mixin
        private final AuthorityFolder folder = new AuthorityFolder();

        @Override
        Json perform(Root root) throws Refused, IOException {
            NetworkFile network = NetworkFile.read(root, root.input(from));
            Path place = folder.path(root);
            boolean made = !Files.exists(place);
            if (!made && !isEmptyFolder(place)) {
                throw new Refused(ErrorCode.OUTPUT_EXISTS, "{0} is not an empty folder", place);
            }
            char[] passphrase =
                    SecretInput.choose(root, folder.passphraseFile(), "--passphrase-file", "ask.passphrase");
            boolean done = false;
            try {
                if (made) {
                    Files.createDirectories(
                            place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                }
                Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx------"));
                try (Authority authority = Refused.unless(Authority.create(
                        network.name(),
                        network.plan(),
                        passphrase,
                        RealDisk.at(place),
                        root.surroundings().randomness(),
                        root.surroundings().clock()))) {
                    done = true;
                    root.say(
                            "network.made",
                            network.name(),
                            network.plan().offices().size(),
                            authority.directory().version().number(),
                            place);
                    sayFingerprint(root, authority);
                    return json(authority).put("dir", place.toString());
                }
            } finally {
                Arrays.fill(passphrase, '\0');
                if (!done && made && isEmptyFolder(place)) {
                    Files.delete(place);
                }
            }
        }

        private static boolean isEmptyFolder(Path place) throws IOException {
            if (!Files.isDirectory(place)) {
                return false;
            }
            try (Stream<Path> inside = Files.list(place)) {
                return inside.findAny().isEmpty();
            }
        }
    }

    /** {@code network show}. */
    @Command(name = "show")
    static final class Show extends GatewayCommand {
        @Mixin
        private final AuthorityFolder folder = new AuthorityFolder();

        @Override
        Json perform(Root root) throws Refused, IOException {
            try (Authority authority = folder.open(root)) {
                Directory directory = authority.directory();
                root.say(
                        "network.head",
                        authority.root().name(),
                        directory.version().number(),
                        directory.organisations().size(),
                        Words.local(directory.head().expires()));
                sayFingerprint(root, authority);
                Table table = new Table(
                        root.text("column.code"),
                        root.text("column.parent"),
                        root.text("column.node"),
                        root.text("column.tier"),
                        root.text("column.name"));
                List<Json> offices = new ArrayList<>();
                for (OrganisationEntry office : directory.organisations()) {
                    String parent = office.parent().map(OrganisationId::text).orElse("");
                    table.row(
                            office.id().text(),
                            parent,
                            office.node().text(),
                            office.tier().orElse(""),
                            office.name());
                    offices.add(Json.object()
                            .put("code", office.id().text())
                            .put("name", office.name())
                            .putText("tier", office.tier().orElse(""))
                            .putText("parent", parent)
                            .put("node", office.node().text())
                            .put("invited", office.ca().isPresent())
                            .put("aliases", office.aliases())
                            .put("mailboxes", office.mailboxes())
                            .put(
                                    "successors",
                                    office.successors().stream()
                                            .map(OrganisationId::text)
                                            .toList()));
                }
                table.print(root);
                return json(authority).put("offices", offices);
            }
        }
    }

    /** {@code network sign}: the same directory anew, with a later end. */
    @Command(name = "sign")
    static final class Sign extends GatewayCommand {
        @Mixin
        private final AuthorityFolder folder = new AuthorityFolder();

        @Override
        Json perform(Root root) throws Refused, IOException {
            try (Authority authority = folder.open(root)) {
                SignedDirectory unused = Refused.unless(authority.sign(authority.draft()));
                root.say(
                        "network.signed",
                        authority.directory().version().number(),
                        Words.local(authority.directory().head().expires()));
                return json(authority);
            }
        }
    }

    /** {@code network export --out FILE}. */
    @Command(name = "export")
    static final class Export extends GatewayCommand {
        @Mixin
        private final AuthorityFolder folder = new AuthorityFolder();

        @Option(names = "--out", paramLabel = "FILE", required = true, descriptionKey = "network.out")
        private String out = "";

        @Override
        Json perform(Root root) throws Refused, IOException {
            Path path = root.output(out);
            try (Authority authority = folder.open(root)) {
                Bytes bytes = authority.directory().signed().toBytes();
                try (NewFile file = NewFile.create(path)) {
                    ByteBuffer buffer = bytes.asBuffer();
                    file.write(buffer);
                    file.commit();
                }
                root.say("file.written", path, Words.size(bytes.size()));
                return json(authority).put("file", path.toString()).put("bytes", bytes.size());
            }
        }
    }
}
