package lienthong.gateway.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code restore}: puts a backup back, or has the node of a folder that is older than its neighbours remember go on. */
@Command(name = "restore")
final class RestoreCommand extends GatewayCommand {
    @Parameters(paramLabel = "BACKUP", descriptionKey = "restore.backup", arity = "0..1")
    private @Nullable String backup;

    @Option(names = "--accept-loss", descriptionKey = "restore.accept-loss")
    private boolean acceptLoss;

    private int exit;

    @Override
    Json perform(Root root) throws Refused {
        if (backup == null) {
            if (!acceptLoss) {
                throw new Refused(ErrorCode.USAGE, "it lacks {0}", "BACKUP");
            }
            Instant at = Refused.unless(root.surroundings().folders().acceptLoss(root.data()));
            root.say("restore.accepted", root.data());
            return Json.object().put("data", root.data().toString()).put("at", StrictText.time(at));
        }
        Path from = root.path(backup);
        Path folder = root.data().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new Refused(ErrorCode.NO_INPUT, "folder {0}", String.valueOf(folder));
        }
        DataFolders.BackupReport made =
                Refused.unless(root.surroundings().folders().restore(from, root.data(), acceptLoss));
        root.say("restore.made", made.folder(), Words.local(made.at()));
        root.say(acceptLoss ? "restore.loss" : "restore.compares");
        Json json = Json.object()
                .put("data", made.folder().toString())
                .put("backup_at", StrictText.time(made.at()))
                .put("accept_loss", acceptLoss)
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
