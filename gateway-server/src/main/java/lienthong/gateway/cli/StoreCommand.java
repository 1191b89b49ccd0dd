package lienthong.gateway.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.message.Refusal;
import picocli.CommandLine.Command;

/** {@code store}: what lies in the data folder: of a running node in a copy that it makes, else in the folder itself. */
@Command(
        name = "store",
        subcommands = {StoreCommand.Check.class})
final class StoreCommand extends GroupCommand {
    /** {@code store check}. */
    @Command(name = "check")
    static final class Check extends GatewayCommand {
        private int exit;

        @Override
        Json perform(Root root) throws Refused {
            Optional<Snapshot> running = Snapshot.of(root);
            DataFolders.StoreReport found;
            if (running.isPresent()) {
                try (Snapshot snapshot = running.get()) {
                    found = Refused.unless(root.surroundings().folders().check(snapshot.folder()));
                }
            } else {
                found = Refused.unless(root.surroundings().folders().check(root.data()));
            }
            print(root, found, running.isPresent());
            Json json = json(found, running.isPresent());
            if (found.gravest().isPresent()) {
                Refusal why = found.gravest().get();
                exit = why.reason().exitCode();
                root.surroundings()
                        .err()
                        .println("lienthong: " + root.catalogue().sentence(why));
                json.put("ok", false).put("error", Cli.error(root.catalogue(), why));
            } else {
                root.say("store.whole");
            }
            return json;
        }

        @Override
        int exitCode() {
            return exit;
        }

        private static void print(Root root, DataFolders.StoreReport found, boolean running) {
            root.say("store.log", found.segments(), found.lastNumber(), counts(found.live()));
            root.say(
                    "store.spool",
                    found.spoolFiles(),
                    Words.size(found.spoolBytes()),
                    found.orphans().size());
            root.say("store.archive", found.archiveFiles(), counts(found.archived()));
            DataFolders.View view = found.view();
            switch (view.state()) {
                case "agrees" -> root.say("store.view.agrees", view.lines(), view.behind());
                case "absent" -> root.say(running ? "store.view.running" : "store.view.absent");
                case "damaged" -> root.say("store.view.damaged");
                default -> root.say("store.view.differs", view.wrong(), view.lines());
            }
            root.say("store.audit", found.auditEvents(), found.auditCheckpoints());
            for (String file : found.unfinished()) {
                root.say("store.unfinished", file);
            }
            for (DataFolders.Damaged damage : found.damages()) {
                String place = damage.file() + (damage.offset() > 0 ? " @" + damage.offset() : "");
                root.say(
                        damage.known() ? "store.damage.known" : "store.damage.new",
                        place,
                        Words.size(damage.bytes()),
                        damage.records(),
                        root.catalogue().detail(damage.detail()));
            }
        }

        private static String counts(Map<String, ? extends Number> counts) {
            List<String> words = new ArrayList<>();
            new TreeMap<>(counts).forEach((kind, count) -> words.add(kind + " " + count));
            return words.isEmpty() ? "-" : String.join(", ", words);
        }

        private static Json json(DataFolders.StoreReport found, boolean running) {
            List<Json> damages = new ArrayList<>();
            for (DataFolders.Damaged damage : found.damages()) {
                damages.add(Json.object()
                        .put("part", Words.name(damage.part(), ""))
                        .put("file", damage.file())
                        .put("offset", damage.offset())
                        .put("bytes", damage.bytes())
                        .put("records", damage.records())
                        .putText("detail", damage.detail().english())
                        .put("known", damage.known()));
            }
            Json live = Json.object();
            new TreeMap<>(found.live()).forEach(live::put);
            Json archived = Json.object();
            new TreeMap<>(found.archived()).forEach(archived::put);
            return Json.object()
                    .put("running", running)
                    .put("segments", found.segments())
                    .put("last_number", found.lastNumber())
                    .put("live", live)
                    .put("archive_files", found.archiveFiles())
                    .put("archived", archived)
                    .put("spool_files", found.spoolFiles())
                    .put("spool_bytes", found.spoolBytes())
                    .put("spool_orphans", found.orphans())
                    .put("unfinished", found.unfinished())
                    .put(
                            "view",
                            Json.object()
                                    .put("state", found.view().state())
                                    .put("lines", found.view().lines())
                                    .put("behind", found.view().behind())
                                    .put("wrong", found.view().wrong()))
                    .put("audit_events", found.auditEvents())
                    .put("audit_checkpoints", found.auditCheckpoints())
                    .put("damages", damages);
        }
    }
}
