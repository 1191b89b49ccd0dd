package lienthong.gateway.cli;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.proto.operator.v1.AuditCheckpoint;
import lienthong.proto.operator.v1.AuditEvent;
import lienthong.proto.operator.v1.ShowAuditRequest;
import lienthong.proto.operator.v1.ShowAuditResponse;
import lienthong.proto.operator.v1.VerifyAuditRequest;
import lienthong.proto.operator.v1.VerifyAuditResponse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code audit}: the log of events that cannot be changed unseen. */
@Command(
        name = "audit",
        subcommands = {AuditCommand.Show.class, AuditCommand.Verify.class})
final class AuditCommand extends GroupCommand {
    /** {@code audit show}. */
    @Command(name = "show")
    static final class Show extends GatewayCommand {
        @Option(names = "--from", paramLabel = "INDEX", descriptionKey = "audit.show.from")
        private @Nullable Long from;

        @Option(names = "--max", paramLabel = "N", descriptionKey = "audit.show.max")
        private int max = 100;

        @Override
        Json perform(Root root) throws Refused {
            if (max < 1 || max > 1_000) {
                throw new Refused(ErrorCode.USAGE, "--max 1 to 1000");
            }
            ShowAuditRequest.Builder request = ShowAuditRequest.newBuilder().setCount(max);
            if (from != null) {
                request.setFromIndex(from);
            }
            ShowAuditResponse page;
            try (Daemon daemon = Daemon.of(root)) {
                page = daemon.operator().showAudit(request.build());
            }
            Table table = new Table(
                    "#",
                    root.text("column.time"),
                    root.text("column.event"),
                    root.text("column.who"),
                    root.text("column.message"),
                    root.text("column.why"));
            List<Json> events = new ArrayList<>();
            for (AuditEvent event : page.getEventsList()) {
                String number = event.getNumber() == 0
                        ? ""
                        : ErrorCode.ofNumber(event.getNumber())
                                .map(ErrorCode::label)
                                .orElse("LT-" + event.getNumber());
                table.row(
                        Long.toString(event.getIndex()),
                        Words.local(event.getAt()),
                        root.catalogue().word("audit.kind", event.getKind()),
                        root.catalogue().word("audit.who", event.getWho()),
                        event.getMessageId(),
                        (number + " " + root.catalogue().detail(event.getDetail())).strip());
                events.add(Json.object()
                        .put("index", event.getIndex())
                        .put("at", Words.utc(event.getAt()))
                        .put("kind", event.getKind())
                        .putText("who", event.getWho())
                        .putText("message_id", event.getMessageId())
                        .put("number", event.getNumber())
                        .putText("detail", event.getDetail()));
            }
            table.print(root);
            root.say("audit.root", page.getSize(), page.getRoot());
            Json json = Json.object().put("size", page.getSize()).put("root", page.getRoot());
            if (page.hasCheckpoint()) {
                AuditCheckpoint signed = page.getCheckpoint();
                root.say("audit.checkpoint", signed.getSize(), Words.local(signed.getAt()));
                json.put(
                        "checkpoint",
                        Json.object()
                                .put("size", signed.getSize())
                                .put("root", signed.getRoot())
                                .put("at", Words.utc(signed.getAt()))
                                .put("signer", signed.getSigner())
                                .put("text", signed.getText())
                                .put(
                                        "signature",
                                        HexFormat.of()
                                                .formatHex(signed.getSignature().toByteArray())));
            }
            return json.put("events", events);
        }
    }

    /** {@code audit verify}. */
    @Command(name = "verify")
    static final class Verify extends GatewayCommand {
        @Override
        Json perform(Root root) throws Refused {
            VerifyAuditResponse found;
            try (Daemon daemon = Daemon.of(root)) {
                found = daemon.operatorStream().verifyAudit(VerifyAuditRequest.getDefaultInstance());
            }
            if (found.hasFirstBad()) {
                throw new Refused(
                        ErrorCode.AUDIT_BROKEN,
                        "event {0}: {1}",
                        found.getFirstBad(),
                        Detail.technical(found.getDetail()));
            }
            root.say("audit.whole", found.getSize(), found.getCheckpoints(), found.getRoot());
            return Json.object()
                    .put("size", found.getSize())
                    .put("root", found.getRoot())
                    .put("checkpoints", found.getCheckpoints());
        }
    }
}
