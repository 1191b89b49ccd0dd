package lienthong.gateway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.ErrorCode;
import lienthong.proto.gateway.v1.Acknowledge;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.Credit;
import lienthong.proto.gateway.v1.Lease;
import lienthong.proto.gateway.v1.LeaseWhole;
import lienthong.proto.gateway.v1.PartHeader;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveItem;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import lienthong.proto.gateway.v1.Release;
import lienthong.proto.gateway.v1.Return;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code receive}: takes waiting messages out into folders, and acknowledges each when it is on disk. */
@Command(name = "receive")
final class ReceiveCommand extends GatewayCommand {
    private static final int MAX = 1_000_000;
    private static final int AHEAD = 16;

    @Option(names = "--address", paramLabel = "ADDRESS", descriptionKey = "receive.address")
    private String address = "";

    @Option(names = "--out", paramLabel = "DIR", descriptionKey = "receive.out")
    private String out = ".";

    @Option(names = "--max", paramLabel = "N", descriptionKey = "receive.max")
    private int max = MAX;

    @Option(names = "--wait", paramLabel = "TIME", descriptionKey = "receive.wait")
    private @Nullable String wait;

    @Option(names = "--keep", descriptionKey = "receive.keep")
    private boolean keep;

    @Option(names = "--give-back", paramLabel = "REASON", descriptionKey = "receive.give-back")
    private @Nullable String giveBack;

    private final Map<Long, ReceivedFolder> open = new LinkedHashMap<>();
    private final Map<Long, Json> ending = new LinkedHashMap<>();
    private final List<Json> received = new ArrayList<>();
    private int taken;
    private int outstanding;

    @Override
    Json perform(Root root) throws Refused, IOException, InterruptedException {
        if (keep && giveBack != null) {
            throw new Refused(ErrorCode.USAGE, "--keep and --give-back exclude each other");
        }
        if (max < 1 || max > MAX) {
            throw new Refused(ErrorCode.USAGE, "--max 1 to {0}", MAX);
        }
        Path folder = root.path(out);
        if (!Files.isDirectory(folder) && (Files.exists(folder) || !Files.isDirectory(folder.resolveSibling("")))) {
            throw new Refused(ErrorCode.NO_INPUT, "folder {0}", folder);
        }
        long waitMillis = wait == null ? -1 : TimeUnit.SECONDS.toMillis(Words.seconds("--wait", wait));
        try (Daemon daemon = Daemon.of(root)) {
            StreamEnd<ReceiveRequest, ReceiveResponse> stream = new StreamEnd<>();
            var unused = daemon.stream().receive(stream);
            try {
                take(root, stream, folder, waitMillis);
            } finally {
                for (ReceivedFolder unfinished : open.values()) {
                    unfinished.remove();
                }
                stream.cancel();
            }
        }
        if (received.isEmpty()) {
            root.say("receive.nothing");
        }
        return Json.object().put("messages", received);
    }

    private void take(Root root, StreamEnd<ReceiveRequest, ReceiveResponse> stream, Path folder, long waitMillis)
            throws Refused, IOException, InterruptedException {
        boolean alive = stream.send(ReceiveRequest.newBuilder()
                .addItems(ReceiveAction.newBuilder()
                        .setAttach(Attach.newBuilder().setAddress(address).setConsumer("lienthong receive")))
                .build());
        long limit = 0;
        while (alive && !stream.isOver()) {
            boolean idle = open.isEmpty() && ending.isEmpty() && limit > 0;
            Optional<ReceiveResponse> response = stream.next(idle && waitMillis >= 0 ? waitMillis : 600_000);
            for (ReceiveItem item : response.map(ReceiveResponse::getItemsList).orElse(List.of())) {
                if (item.hasAttached()) {
                    // Without --wait: what waits now, and then the end.
                    limit = waitMillis >= 0
                            ? max
                            : Math.min(max, item.getAttached().getWaiting());
                    if (limit == 0) {
                        return;
                    }
                } else {
                    handle(root, stream, folder, item);
                }
            }
            if (idle && response.isEmpty() || limit > 0 && taken >= limit && open.isEmpty() && ending.isEmpty()) {
                stream.halfClose();
                return;
            }
            int more = (int) Math.min(AHEAD - outstanding, limit - taken - outstanding);
            if (more > 0) {
                outstanding += more;
                alive = stream.send(request(
                        ReceiveAction.newBuilder().setCredit(Credit.newBuilder().setMessages(more))));
            }
        }
    }

    private void handle(Root root, StreamEnd<ReceiveRequest, ReceiveResponse> stream, Path folder, ReceiveItem item)
            throws Refused, IOException, InterruptedException {
        switch (item.getItemCase()) {
            case WHOLE -> {
                LeaseWhole whole = item.getWhole();
                ReceivedFolder message = begin(whole.getLease(), folder);
                for (int i = 0; i < whole.getContentsCount(); i++) {
                    message.write(i, whole.getContents(i));
                }
                finish(root, stream, message);
            }
            case START ->
                open.put(
                        item.getStart().getLease().getLease(),
                        begin(item.getStart().getLease(), folder));
            case CHUNK -> {
                ReceivedFolder message = open.get(item.getChunk().getLease());
                if (message != null) {
                    message.write(item.getChunk().getPart(), item.getChunk().getContent());
                }
            }
            case END -> {
                ReceivedFolder message = open.remove(item.getEnd().getLease());
                if (message != null) {
                    finish(root, stream, message);
                }
            }
            case CONFIRMED -> {
                Json message = ending.remove(item.getConfirmed().getLease());
                if (message != null) {
                    received.add(message);
                }
            }
            case FAULT -> {
                ReceivedFolder broken = open.remove(item.getFault().getLease());
                ending.remove(item.getFault().getLease());
                if (broken != null) {
                    broken.remove();
                }
                throw new Refused(Words.refusal(item.getFault().getRefused()));
            }
            default -> {}
        }
    }

    private ReceivedFolder begin(Lease lease, Path folder) throws IOException {
        outstanding--;
        taken++;
        return ReceivedFolder.begin(lease, folder);
    }

    private void finish(Root root, StreamEnd<ReceiveRequest, ReceiveResponse> stream, ReceivedFolder message)
            throws IOException, InterruptedException {
        long lease = message.lease().getLease();
        ReceiveAction.Builder action = ReceiveAction.newBuilder();
        if (giveBack != null) {
            message.remove();
            action.setReturn(Return.newBuilder().setLease(lease).setReason(giveBack));
        } else {
            message.finish();
            if (keep) {
                action.setRelease(Release.newBuilder().setLease(lease));
            } else {
                action.setAcknowledge(Acknowledge.newBuilder().setLease(lease));
            }
        }
        ending.put(lease, json(message));
        root.say(
                giveBack != null ? "receive.returned" : "receive.message",
                message.lease().getHeader().getMessageId(),
                message.lease().getHeader().getSender(),
                Words.precedence(message.lease().getHeader().getPrecedence(), root.catalogue()),
                message.lease().getHeader().getSubject(),
                message.place());
        boolean unused = stream.send(request(action));
    }

    private Json json(ReceivedFolder message) {
        Lease lease = message.lease();
        List<Json> parts = new ArrayList<>();
        for (PartHeader part : lease.getPartsList()) {
            parts.add(Json.object()
                    .put("name", part.getName())
                    .put("content_type", part.getContentType())
                    .put("bytes", part.getSizeBytes())
                    .put(
                            "sha256",
                            java.util.HexFormat.of().formatHex(part.getSha256().toByteArray())));
        }
        Json json = Json.object()
                .put("message_id", lease.getHeader().getMessageId())
                .put("sender", lease.getHeader().getSender())
                .put("recipient", lease.getHeader().getRecipient())
                .put("service", lease.getHeader().getService())
                .putText("subject", lease.getHeader().getSubject())
                .put("precedence", Words.name(lease.getHeader().getPrecedence(), "PRECEDENCE_"))
                .put("mark", Words.name(lease.getHeader().getMark(), "SECRECY_MARK_"))
                .put("created_at", Words.utc(lease.getHeader().getCreatedAt()))
                .put("delivered_at", Words.utc(lease.getHeader().getDeliveredAt()))
                .putText("correlation_id", lease.getHeader().getCorrelationId())
                .put("redelivered", lease.getRedelivered())
                .put("delivery_count", lease.getDeliveryCount())
                .put("leaf", lease.getHeader().getLeaf());
        return giveBack == null
                ? json.put("folder", message.place().toString()).put("parts", parts)
                : json.put("parts", parts);
    }

    private static ReceiveRequest request(ReceiveAction.Builder action) {
        return ReceiveRequest.newBuilder().addItems(action).build();
    }
}
