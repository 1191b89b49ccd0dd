package lienthong.gateway.api;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.proto.gateway.v1.TrackEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Track call: events go out as the transport takes them; a reader too far behind is cut off and asks again. Confined to its mailbox. */
final class TrackStream<A> implements TrackDoor.Watcher {
    static final int BEHIND_MAX = 4_096;

    private static final Logger LOG = LoggerFactory.getLogger(TrackStream.class);
    private static final int EVENTS_MAX = 256;

    private final ServerCallStreamObserver<A> out;
    private final Function<List<TrackEvent>, A> response;
    private final Mailbox mailbox = new Mailbox(this::proceed, this::uncaught);
    private final Deque<TrackEvent> waiting = new ArrayDeque<>();
    private TrackDoor.@Nullable Watch watch;
    private boolean ended;
    private boolean over;

    private TrackStream(ServerCallStreamObserver<A> out, Function<List<TrackEvent>, A> response) {
        this.out = out;
        this.response = response;
    }

    static <A> void open(
            Doors doors,
            Caller caller,
            TrackDoor.Subject subject,
            boolean follow,
            ServerCallStreamObserver<A> out,
            Function<List<TrackEvent>, A> response) {
        TrackStream<A> stream = new TrackStream<>(out, response);
        out.setOnReadyHandler(() -> stream.mailbox.execute(() -> {}));
        out.setOnCancelHandler(() -> stream.mailbox.execute(stream::stop));
        TrackDoor.Watch watch = doors.track().track(caller, subject, follow, stream);
        stream.mailbox.execute(() -> {
            stream.watch = watch;
            if (stream.over) {
                watch.cancel();
            }
        });
    }

    @Override
    public void events(List<TrackDoor.Event> events) {
        mailbox.execute(() -> {
            if (over) {
                return;
            }
            if (waiting.size() + events.size() > BEHIND_MAX) {
                fail(Refusal.of(ErrorCode.TOO_SLOW, "more than {0} events behind; ask again", BEHIND_MAX));
                return;
            }
            events.stream().map(MessageWriter::event).forEach(waiting::add);
        });
    }

    @Override
    public void end() {
        mailbox.execute(() -> ended = true);
    }

    @Override
    public void refused(Refusal why) {
        mailbox.execute(() -> fail(why));
    }

    private void proceed() {
        while (!over && !waiting.isEmpty() && out.isReady()) {
            List<TrackEvent> next = new ArrayList<>();
            while (!waiting.isEmpty() && next.size() < EVENTS_MAX) {
                next.add(waiting.remove());
            }
            out.onNext(response.apply(next));
        }
        if (ended && waiting.isEmpty() && !over) {
            over = true;
            out.onCompleted();
        }
    }

    private void fail(Refusal why) {
        if (!over) {
            stop();
            out.onError(ApiErrors.exception(why));
        }
    }

    private void stop() {
        over = true;
        waiting.clear();
        if (watch != null) {
            watch.cancel();
        }
    }

    private void uncaught(Throwable bug) {
        LOG.error("Track failed", bug);
        if (!over) {
            stop();
            out.onError(ApiErrors.uncaught());
        }
    }
}
