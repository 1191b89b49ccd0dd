package lienthong.gateway.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.ErrorCode;
import lienthong.proto.operator.v1.QueueLine;
import lienthong.proto.operator.v1.QueueRequest;
import lienthong.proto.operator.v1.QueueResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code queue}: what is queued and why it is still here, in the order of leaving. */
@Command(name = "queue")
final class QueueCommand extends GatewayCommand {
    private static final int PAGE = 1_000;
    private static final int MAX = 1_000_000;
    /** In place of a neighbour's code: it waits for an application here. */
    private static final String LOCAL = "local";

    @Option(names = "--neighbour", paramLabel = "CODE", descriptionKey = "queue.neighbour")
    private String neighbour = "";

    @Option(names = "--max", paramLabel = "N", descriptionKey = "queue.max")
    private int max = 100;

    @Override
    Json perform(Root root) throws Refused {
        if (max < 1 || max > MAX) {
            throw new Refused(ErrorCode.USAGE, "--max 1 to {0}", MAX);
        }
        List<QueueLine> lines = new ArrayList<>();
        long total;
        try (Daemon daemon = Daemon.of(root)) {
            String token = "";
            do {
                QueueResponse page = daemon.operator()
                        .queue(QueueRequest.newBuilder()
                                .setNeighbour(neighbour)
                                .setPageSize(Math.min(PAGE, max - lines.size()))
                                .setPageToken(token)
                                .build());
                lines.addAll(page.getLinesList());
                total = page.getTotal();
                token = page.getNextPageToken();
            } while (!token.isEmpty() && lines.size() < max);
        }
        print(root, lines, total);
        return Json.object()
                .put("total", total)
                .put("lines", lines.stream().map(QueueCommand::json).toList());
    }

    private static void print(Root root, List<QueueLine> lines, long total) {
        if (lines.isEmpty()) {
            root.say("queue.empty");
            return;
        }
        Table table = new Table(
                root.text("column.message"),
                root.text("column.to"),
                root.text("column.precedence"),
                root.text("column.age"),
                root.text("column.size"),
                root.text("column.sent"),
                root.text("column.why"));
        for (QueueLine line : lines) {
            table.row(
                    line.getMessageId(),
                    line.getNeighbour().equals(LOCAL) ? root.text("queue.local") : line.getNeighbour(),
                    Words.precedence(line.getPrecedence(), root.catalogue()),
                    Words.duration(
                            Duration.between(
                                    Words.instant(line.getSince()),
                                    root.surroundings().clock().now()),
                            root.catalogue()),
                    Words.size(line.getSizeBytes()),
                    Words.size(line.getSentBytes()),
                    line.hasReason() ? Words.reason(line.getReason(), root.catalogue()) : "");
        }
        table.print(root);
        if (total > lines.size()) {
            root.say("queue.more", lines.size(), total);
        }
    }

    private static Json json(QueueLine line) {
        Json json = Json.object()
                .put("message_id", line.getMessageId())
                .put("sender", line.getSender())
                .put("recipients", Words.list(line.getRecipientsList()))
                .put("neighbour", line.getNeighbour())
                .put("precedence", Words.name(line.getPrecedence(), "PRECEDENCE_"))
                .put("since", Words.utc(line.getSince()))
                .put("bytes", line.getSizeBytes())
                .put("sent_bytes", line.getSentBytes())
                .put("attempts", line.getAttempts());
        return line.hasReason()
                ? json.put("reason", line.getReason().getReason())
                        .put("number", line.getReason().getNumber())
                        .putText("detail", line.getReason().getDetail())
                : json;
    }
}
