package lienthong.gateway.cli;

import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.proto.gateway.v1.LookupDirectoryRequest;
import lienthong.proto.gateway.v1.LookupDirectoryResponse;
import lienthong.proto.gateway.v1.Organisation;
import lienthong.proto.operator.v1.DirectoryInForce;
import lienthong.proto.operator.v1.ExportDirectoryRequest;
import lienthong.proto.operator.v1.ExportDirectoryResponse;
import lienthong.proto.operator.v1.ImportDirectoryRequest;
import lienthong.proto.operator.v1.ImportDirectoryResponse;
import lienthong.proto.operator.v1.ShowDirectoryRequest;
import lienthong.proto.operator.v1.ShowDirectoryResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code directory}: what a running node knows about who is who. */
@Command(
        name = "directory",
        subcommands = {
            DirectoryCommand.Import.class,
            DirectoryCommand.Show.class,
            DirectoryCommand.Export.class,
            DirectoryCommand.Find.class
        })
final class DirectoryCommand extends GroupCommand {
    static Json inForce(DirectoryInForce directory) {
        return Json.object()
                .put("version", directory.getVersion())
                .put("hash", directory.getHash())
                .put("organisations", directory.getOrganisations())
                .put("issued_at", Words.utc(directory.getIssuedAt()))
                .put("expires_at", Words.utc(directory.getExpiresAt()));
    }

    static Json office(Organisation office) {
        return Json.object()
                .put("code", office.getCode())
                .put("name", office.getName())
                .putText("tier", office.getTier())
                .putText("parent", office.getParent())
                .put("aliases", Words.list(office.getAliasesList()))
                .putText("node", office.getNode())
                .put("mailboxes", Words.list(office.getMailboxesList()))
                .put("successors", Words.list(office.getSuccessorsList()));
    }

    private static void table(Root root, List<Organisation> offices) {
        Table table = new Table(
                root.text("column.code"),
                root.text("column.parent"),
                root.text("column.node"),
                root.text("column.tier"),
                root.text("column.name"));
        for (Organisation office : offices) {
            table.row(office.getCode(), office.getParent(), office.getNode(), office.getTier(), office.getName());
        }
        table.print(root);
    }

    /** {@code directory import FILE}. */
    @Command(name = "import")
    static final class Import extends GatewayCommand {
        @Parameters(paramLabel = "FILE", descriptionKey = "directory.import.file")
        private String file = "";

        @Override
        Json perform(Root root) throws Refused, IOException, InterruptedException {
            Path path = root.input(file);
            if (Files.size(path) > Limits.DIRECTORY_BYTES_MAX) {
                throw new Refused(
                        ErrorCode.DIRECTORY_INVALID,
                        "{0}: {1} bytes, at most {2}",
                        path,
                        Files.size(path),
                        Limits.DIRECTORY_BYTES_MAX);
            }
            if (Files.size(path) == 0) {
                throw new Refused(ErrorCode.DIRECTORY_INVALID, "{0} is an empty file", path);
            }
            try (Daemon daemon = Daemon.of(root);
                    InputStream in = Files.newInputStream(path)) {
                StreamEnd<ImportDirectoryRequest, ImportDirectoryResponse> stream = new StreamEnd<>();
                var unused = daemon.operatorAsync().importDirectory(stream);
                byte[] piece = in.readNBytes(Limits.API_CHUNK_BYTES_MAX);
                boolean open = true;
                while (piece.length > 0 && open) {
                    open = stream.send(ImportDirectoryRequest.newBuilder()
                            .setContent(UnsafeByteOperations.unsafeWrap(piece))
                            .build());
                    piece = in.readNBytes(Limits.API_CHUNK_BYTES_MAX);
                }
                if (open) {
                    stream.halfClose();
                }
                while (!stream.isOver()) {
                    Optional<ImportDirectoryResponse> answer = stream.next(600_000);
                    if (answer.isPresent()) {
                        return result(root, answer.get());
                    }
                }
                throw new Refused(ErrorCode.NOT_RUNNING, "the node ended the call without an answer");
            }
        }

        private static Json result(Root root, ImportDirectoryResponse answer) throws Refused {
            if (answer.hasRefused()) {
                throw new Refused(Words.refusal(answer.getRefused()));
            }
            DirectoryInForce directory = answer.getInForce();
            root.say(
                    directory.getIsNew() ? "directory.imported" : "directory.same",
                    directory.getVersion(),
                    directory.getOrganisations(),
                    Words.local(directory.getExpiresAt()));
            return inForce(directory).put("new", directory.getIsNew());
        }
    }

    /** {@code directory show}. */
    @Command(name = "show")
    static final class Show extends GatewayCommand {
        @Option(names = "--max", paramLabel = "N", descriptionKey = "directory.show.max")
        private int max = 1_000_000;

        @Override
        Json perform(Root root) throws Refused {
            List<Organisation> offices = new ArrayList<>();
            ShowDirectoryResponse first = ShowDirectoryResponse.getDefaultInstance();
            try (Daemon daemon = Daemon.of(root)) {
                String token = "";
                do {
                    ShowDirectoryResponse page = daemon.operator()
                            .showDirectory(ShowDirectoryRequest.newBuilder()
                                    .setPageSize(1_000)
                                    .setPageToken(token)
                                    .build());
                    first = token.isEmpty() ? page : first;
                    offices.addAll(page.getOrganisationsList());
                    token = page.getNextPageToken();
                } while (!token.isEmpty() && offices.size() < max);
            }
            List<Organisation> shown = offices.size() > max ? offices.subList(0, max) : offices;
            DirectoryInForce directory = first.getDirectory();
            root.say(
                    "directory.head",
                    first.getNetwork(),
                    directory.getVersion(),
                    directory.getOrganisations(),
                    Words.local(directory.getIssuedAt()),
                    Words.local(directory.getExpiresAt()));
            root.say("directory.fingerprint", String.join(" ", first.getWordsList()), first.getDigits());
            table(root, shown);
            return inForce(directory)
                    .put("network", first.getNetwork())
                    .put("words", Words.list(first.getWordsList()))
                    .put("digits", first.getDigits())
                    .put("offices", shown.stream().map(DirectoryCommand::office).toList());
        }
    }

    /** {@code directory export --out FILE}. */
    @Command(name = "export")
    static final class Export extends GatewayCommand {
        @Option(names = "--out", paramLabel = "FILE", required = true, descriptionKey = "directory.export.out")
        private String out = "";

        @Override
        Json perform(Root root) throws Refused, IOException {
            Path path = root.output(out);
            long bytes = 0;
            try (Daemon daemon = Daemon.of(root)) {
                Iterator<ExportDirectoryResponse> pieces =
                        daemon.operator().exportDirectory(ExportDirectoryRequest.getDefaultInstance());
                try (NewFile file = NewFile.create(path)) {
                    while (pieces.hasNext()) {
                        bytes += file.write(pieces.next().getContent());
                    }
                    file.commit();
                }
            }
            root.say("file.written", path, Words.size(bytes));
            return Json.object().put("file", path.toString()).put("bytes", bytes);
        }
    }

    /** {@code directory find TEXT}. */
    @Command(name = "find")
    static final class Find extends GatewayCommand {
        @Parameters(paramLabel = "TEXT", descriptionKey = "directory.find.text")
        private String query = "";

        @Override
        Json perform(Root root) throws Refused {
            try (Daemon daemon = Daemon.of(root)) {
                LookupDirectoryResponse found = daemon.gateway()
                        .lookupDirectory(LookupDirectoryRequest.newBuilder()
                                .setQuery(query)
                                .setLimit(100)
                                .build());
                if (found.getOrganisationsCount() == 0) {
                    if (found.getNearest().isEmpty()) {
                        root.say("directory.nothing", query);
                    } else {
                        root.say("directory.none", query, found.getNearest());
                    }
                } else {
                    table(root, found.getOrganisationsList());
                }
                return Json.object()
                        .put("version", found.getDirectoryVersion())
                        .put(
                                "offices",
                                found.getOrganisationsList().stream()
                                        .map(DirectoryCommand::office)
                                        .toList())
                        .putText("nearest", found.getNearest());
            }
        }
    }
}
