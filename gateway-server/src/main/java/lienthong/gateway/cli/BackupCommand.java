package lienthong.gateway.cli;

import java.nio.file.Path;
import java.util.Optional;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.StrictText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code backup}: everything a node needs, as a folder, with the node running or stopped; read back and checked before it is there. */
@Command(name = "backup")
final class BackupCommand extends GatewayCommand {
    @Parameters(paramLabel = "FOLDER", descriptionKey = "backup.folder")
    @SuppressWarnings("NullAway.Init")
    private String folder;

    private int exit;

    @Override
    Json perform(Root root) throws Refused {
        Path to = root.output(folder);
        if (to.startsWith(root.data())) {
            throw new Refused(
                    ErrorCode.USAGE, "{0} lies inside the data folder: what takes that takes the backup too", to);
        }
        DataFolders.BackupReport made;
        Optional<Snapshot> running = Snapshot.of(root);
        if (running.isPresent()) {
            try (Snapshot snapshot = running.get()) {
                made = Refused.unless(root.surroundings().folders().backup(root.data(), snapshot.folder(), to));
            }
        } else {
            made = Refused.unless(root.surroundings().folders().backup(root.data(), root.data(), to));
        }
        root.say("backup.made", made.folder(), made.files(), Words.size(made.bytes()));
        Json json = Json.object()
                .put("folder", made.folder().toString())
                .put("at", StrictText.time(made.at()))
                .put("running", running.isPresent())
                .put("files", made.files())
                .put("bytes", made.bytes())
                .put("last_number", made.store().lastNumber())
                .put("damages", made.store().damages().size());
        if (made.store().gravest().isEmpty()) {
            return json;
        }
        Refusal why = made.store().gravest().get();
        exit = why.reason().exitCode();
        root.surroundings().err().println("lienthong: " + root.catalogue().sentence(why));
        return json.put("ok", false).put("error", Cli.error(root.catalogue(), why));
    }

    @Override
    int exitCode() {
        return exit;
    }
}
