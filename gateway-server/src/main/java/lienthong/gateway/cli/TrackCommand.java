package lienthong.gateway.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.ErrorCode;
import lienthong.proto.gateway.v1.ClientReference;
import lienthong.proto.gateway.v1.LiveTrack;
import lienthong.proto.gateway.v1.TrackEvent;
import lienthong.proto.gateway.v1.TrackRequest;
import lienthong.proto.operator.v1.OperatorServiceGrpc;
import lienthong.proto.operator.v1.TrackResponse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code track}: what became of a message, with times. */
@Command(name = "track")
final class TrackCommand extends GatewayCommand {
    @Parameters(paramLabel = "ID", arity = "0..1", descriptionKey = "track.id")
    private @Nullable String messageId;

    @Option(names = "--client-id", paramLabel = "ID", descriptionKey = "track.client-id")
    private @Nullable String clientId;

    @Option(names = "--from", paramLabel = "ADDRESS", descriptionKey = "track.from")
    private String from = "";

    @Option(names = "--follow", descriptionKey = "track.follow")
    private boolean follow;

    @Option(names = "--live", descriptionKey = "track.live")
    private boolean live;

    @Option(names = "--timeout", paramLabel = "TIME", descriptionKey = "track.timeout")
    private @Nullable String timeout;

    @Override
    Json perform(Root root) throws Refused {
        TrackRequest.Builder request = TrackRequest.newBuilder().setFollow(follow);
        int subjects = (messageId == null ? 0 : 1) + (clientId == null ? 0 : 1) + (live ? 1 : 0);
        if (subjects != 1) {
            throw new Refused(ErrorCode.USAGE, "one of ID, --client-id, --live");
        }
        if (messageId != null) {
            request.setMessageId(messageId);
        } else if (clientId != null) {
            request.setClient(ClientReference.newBuilder().setSender(from).setClientId(clientId));
        } else {
            request.setLive(LiveTrack.getDefaultInstance());
        }
        List<Json> events = new ArrayList<>();
        String id = "";
        try (Daemon daemon = Daemon.of(root)) {
            OperatorServiceGrpc.OperatorServiceBlockingStub stub = daemon.operatorStream();
            if (timeout != null) {
                stub = stub.withDeadlineAfter(Words.seconds("--timeout", timeout), TimeUnit.SECONDS);
            } else if (!follow && !live) {
                stub = stub.withDeadlineAfter(60, TimeUnit.SECONDS);
            }
            Iterator<TrackResponse> responses = stub.track(lienthong.proto.operator.v1.TrackRequest.newBuilder()
                    .setTrack(request)
                    .build());
            boolean headed = false;
            while (hasNext(responses)) {
                for (TrackEvent event : responses.next().getEventsList()) {
                    id = event.getMessageId();
                    if (!headed && !live) {
                        root.say("track.message", id);
                        headed = true;
                    }
                    events.add(Words.json(event));
                    print(root, event);
                }
            }
        }
        return Json.object().putText("message_id", live ? "" : id).put("events", events);
    }

    /** The end of the time asked for ends the list, it is no error. */
    private boolean hasNext(Iterator<TrackResponse> responses) {
        try {
            return responses.hasNext();
        } catch (io.grpc.StatusRuntimeException error) {
            if (timeout != null && error.getStatus().getCode() == io.grpc.Status.Code.DEADLINE_EXCEEDED) {
                return false;
            }
            throw error;
        }
    }

    private void print(Root root, TrackEvent event) {
        StringBuilder line = new StringBuilder("  ").append(Words.local(event.getAt()));
        line.append("  ").append(Words.state(event.getState(), root.catalogue()));
        if (!event.getRecipient().isEmpty()) {
            line.append("  ").append(event.getRecipient());
        }
        if (!event.getNode().isEmpty()) {
            line.append("  ").append(root.text("track.at", event.getNode()));
        }
        if (live) {
            line.append("  ").append(event.getMessageId());
        }
        if (event.hasReason()) {
            line.append("  ").append(Words.reason(event.getReason(), root.catalogue()));
        }
        root.words().println(line);
        root.words().flush();
    }
}
