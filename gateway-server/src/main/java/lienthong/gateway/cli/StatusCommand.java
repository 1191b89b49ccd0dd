package lienthong.gateway.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import lienthong.proto.gateway.v1.Condition;
import lienthong.proto.gateway.v1.Neighbour;
import lienthong.proto.gateway.v1.NodeStatusResponse;
import lienthong.proto.operator.v1.StatusRequest;
import lienthong.proto.operator.v1.StatusResponse;
import picocli.CommandLine.Command;

/** {@code status}: how the node is. Exit code 0 when it serves, 69 when it has stopped serving. */
@Command(name = "status")
final class StatusCommand extends GatewayCommand {
    private int exit;

    @Override
    Json perform(Root root) throws Refused {
        StatusResponse status;
        try (Daemon daemon = Daemon.of(root)) {
            status = daemon.operator().status(StatusRequest.getDefaultInstance());
        }
        exit = status.getNode().getCondition() == Condition.CONDITION_RED ? 69 : 0;
        print(root, status);
        return json(root, status);
    }

    @Override
    int exitCode() {
        return exit;
    }

    private static void print(Root root, StatusResponse status) {
        NodeStatusResponse node = status.getNode();
        String condition = root.text("condition." + node.getCondition().name().substring("CONDITION_".length()));
        root.say("status.head", node.getNode(), condition, node.getVersion(), status.getPid());
        node.getNotesList().forEach(note -> root.words().println("  ! " + Words.reason(note, root.catalogue())));
        root.say(
                "status.data",
                status.getData(),
                Words.size(status.getDiskFreeBytes()),
                Words.size(status.getDiskTotalBytes()));
        root.say(
                "status.network",
                node.getNetwork(),
                node.getDirectoryVersion(),
                Words.local(node.getDirectoryExpiresAt()));
        if (!status.getListen().isEmpty()) {
            root.say("status.listen", status.getListen());
        }
        if (status.getDialCount() > 0) {
            root.say("status.dial", String.join(", ", status.getDialList()));
        }
        if (node.hasCipher()) {
            root.say(
                    "status.cipher",
                    node.getCipher().getSuite(),
                    node.getCipher().getProduct());
        }
        root.say("status.queue", node.getQueued(), node.getWaiting());
        Table table = new Table(
                root.text("column.neighbour"),
                root.text("column.link"),
                root.text("column.since"),
                root.text("column.queued"),
                root.text("column.size"));
        for (Neighbour neighbour : node.getNeighboursList()) {
            table.row(
                    neighbour.getNode(),
                    root.text(neighbour.getConnected() ? "status.up" : "status.down"),
                    Words.duration(
                            Duration.between(
                                    Words.instant(neighbour.getSince()),
                                    root.surroundings().clock().now()),
                            root.catalogue()),
                    Long.toString(neighbour.getQueued()),
                    Words.size(neighbour.getQueuedBytes()));
        }
        if (!table.isEmpty()) {
            table.print(root);
        }
    }

    private static Json json(Root root, StatusResponse status) {
        NodeStatusResponse node = status.getNode();
        List<Json> neighbours = new ArrayList<>();
        for (Neighbour neighbour : node.getNeighboursList()) {
            neighbours.add(Json.object()
                    .put("node", neighbour.getNode())
                    .put("connected", neighbour.getConnected())
                    .put("since", Words.utc(neighbour.getSince()))
                    .put("queued", neighbour.getQueued())
                    .put("queued_bytes", neighbour.getQueuedBytes()));
        }
        List<Json> notes = new ArrayList<>();
        node.getNotesList().forEach(note -> notes.add(Cli.error(root.catalogue(), Words.refusal(note))));
        Json counters = Json.object();
        new TreeMap<>(status.getCountersMap()).forEach(counters::put);
        Json json = Json.object()
                .put("node", node.getNode())
                .put("condition", Words.name(node.getCondition(), "CONDITION_"))
                .put("notes", notes)
                .put("version", node.getVersion())
                .put("pid", status.getPid())
                .put("data", status.getData())
                .put("network", node.getNetwork())
                .put("network_fingerprint", status.getNetworkFingerprint())
                .put("directory_version", node.getDirectoryVersion())
                .put("directory_hash", status.getDirectoryHash())
                .put("directory_expires_at", Words.utc(node.getDirectoryExpiresAt()))
                .put("started_at", Words.utc(node.getStartedAt()))
                .put("addresses", Words.list(node.getAddressesList()))
                .putText("listen", status.getListen())
                .put("dial", Words.list(status.getDialList()))
                .put("queued", node.getQueued())
                .put("waiting", node.getWaiting())
                .put("neighbours", neighbours)
                .put("disk_free_bytes", status.getDiskFreeBytes())
                .put("disk_total_bytes", status.getDiskTotalBytes())
                .put("heap_used_bytes", status.getHeapUsedBytes())
                .put("counters", counters);
        if (node.hasCipher()) {
            json.put("cipher_suite", node.getCipher().getSuite())
                    .put("cipher_product", node.getCipher().getProduct());
        }
        return status.hasCertificatesEndAt()
                ? json.put("certificates_end_at", Words.utc(status.getCertificatesEndAt()))
                : json;
    }
}
