package lienthong.gateway.lab.proof.office;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.channel.LocalChannel;
import lienthong.proto.gateway.v1.ClientReference;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.LiveTrack;
import lienthong.proto.gateway.v1.MessageCancel;
import lienthong.proto.gateway.v1.MessageChunk;
import lienthong.proto.gateway.v1.MessageEnd;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.MessageStart;
import lienthong.proto.gateway.v1.PartHeader;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendItem;
import lienthong.proto.gateway.v1.SendRequest;
import lienthong.proto.gateway.v1.SendResponse;
import lienthong.proto.gateway.v1.TrackEvent;
import lienthong.proto.gateway.v1.TrackRequest;
import lienthong.proto.gateway.v1.TrackResponse;
import lienthong.proto.gateway.v1.WholeMessage;
import lienthong.proto.gateway.v1.WholePart;
import org.jspecify.annotations.Nullable;

/**
 * The sending program: asks, asks again under the same id until it is answered, and follows each accepted message to the end that every
 * recipient gives it. {@code tried} stands in the ledger before the first byte leaves. All its state belongs to the one thread that calls
 * {@link #run}; gRPC's threads only post to it.
 */
final class Sender {
    private static final int BATCH_ITEMS = 64;
    private static final int UNANSWERED_MAX = 512;
    private static final int WHOLE_BYTES_MAX = 256 * 1024;
    private static final int CHUNK_BYTES = 512 * 1024;
    private static final int LOOKS_AT_ONCE = 32;
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long TURN_MILLIS = 5;

    private final Path data;
    private final String address;
    private final Load load;
    private final Ledger ledger;
    private final Ids ids;
    private final int openMax;
    private final int perSecond;
    private final Tally tally;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** Without an end, in the order they were made. */
    private final Map<String, Sent> open = new LinkedHashMap<>();

    private final Set<String> unanswered = new HashSet<>();
    private final ArrayDeque<String> toAsk = new ArrayDeque<>();
    private final Set<String> busyKeys = new HashSet<>();
    private final ArrayDeque<String> toLookAt = new ArrayDeque<>();

    private @Nullable ManagedChannel channel;
    private @Nullable ClientCallStreamObserver<SendRequest> stream;
    private int connection;
    private boolean tracking;
    private int looking;
    private long connectAt = System.nanoTime();
    private long lookAllAt = System.nanoTime();
    private long producedSince = System.nanoTime();
    private long producedCount;
    private int lastTransfer;
    private @Nullable Sent drawn;
    private @Nullable Upload upload;

    /** Something gRPC's threads saw; those of a connection that is gone are dropped. */
    private interface Event {
        void happen() throws IOException;
    }

    /** A large message part of whose chunks have left. */
    private static final class Upload {
        private final Sent sent;
        private final int transfer;
        private int at;

        private Upload(Sent sent, int transfer) {
            this.sent = sent;
            this.transfer = transfer;
        }
    }

    /**
     * @param data the node's data folder
     * @param openMax messages without an end at most; more are not made
     * @param perSecond messages made in a second at most
     */
    Sender(Path data, String address, Load load, Ledger ledger, Ids ids, int openMax, int perSecond, Tally tally) {
        this.data = data;
        this.address = address;
        this.load = load;
        this.ledger = ledger;
        this.ids = ids;
        this.openMax = openMax;
        this.perSecond = perSecond;
        this.tally = tally;
    }

    /** Works until interrupted; makes no new message once {@link Tally#isQuiet}. */
    void run() throws InterruptedException, IOException {
        while (!Thread.interrupted()) {
            Event first = events.poll(TURN_MILLIS, TimeUnit.MILLISECONDS);
            for (Event event = first; event != null; event = events.poll()) {
                event.happen();
            }
            long now = System.nanoTime();
            if (stream == null) {
                if (now - connectAt >= 0) {
                    connect();
                }
                continue;
            }
            if (!tracking && now - lookAllAt >= 0) {
                followLive();
            }
            if (now - lookAllAt >= 0) {
                lookAllAt = now + LOOK_AGAIN_NANOS;
                open.forEach((id, sent) -> {
                    if (sent.accepted && toLookAt.size() < openMax) {
                        toLookAt.add(id);
                    }
                });
            }
            look();
            ask(now);
            tally.sender(open.size(), unanswered.size(), oldestSeconds(now));
        }
    }

    private long oldestSeconds(long now) {
        return open.values().stream()
                .findFirst()
                .map(oldest -> TimeUnit.NANOSECONDS.toSeconds(now - oldest.madeAt))
                .orElse(0L);
    }

    private void connect() {
        disconnect();
        connection++;
        int mine = connection;
        ManagedChannel opened = LocalChannel.open(data);
        channel = opened;
        GatewayServiceGrpc.newStub(opened).send(new ClientResponseObserver<SendRequest, SendResponse>() {
            @Override
            public void beforeStart(ClientCallStreamObserver<SendRequest> request) {
                stream = request;
                request.setOnReadyHandler(() -> events.add(() -> {}));
            }

            @Override
            public void onNext(SendResponse response) {
                post(mine, () -> {
                    for (SendAnswer answer : response.getAnswersList()) {
                        answered(answer);
                    }
                });
            }

            @Override
            public void onError(Throwable cause) {
                post(mine, () -> gone(cause));
            }

            @Override
            public void onCompleted() {
                post(mine, () -> gone(null));
            }
        });
        toAsk.clear();
        busyKeys.clear();
        unanswered.clear();
        upload = null;
        toLookAt.clear();
        looking = 0;
        tracking = false;
        lookAllAt = System.nanoTime();
        open.forEach((id, sent) -> {
            sent.asked = false;
            if (!sent.accepted) {
                toAsk.add(id);
            }
        });
    }

    private void post(int from, Event event) {
        events.add(() -> {
            if (from == connection) {
                event.happen();
            }
        });
    }

    private void gone(@Nullable Throwable cause) {
        disconnect();
        connection++;
        connectAt = System.nanoTime() + AGAIN_NANOS;
        tally.disconnected(cause);
    }

    private void disconnect() {
        stream = null;
        ManagedChannel old = channel;
        if (old != null) {
            var unused = old.shutdownNow();
            channel = null;
        }
    }

    /** Sends what may be sent: first what has no answer, then new messages. */
    private void ask(long now) throws IOException {
        ClientCallStreamObserver<SendRequest> out = stream;
        while (out != null && out.isReady()) {
            if (upload != null) {
                chunk(out, upload);
                continue;
            }
            List<SendItem> batch = new ArrayList<>();
            while (batch.size() < BATCH_ITEMS && unanswered.size() < UNANSWERED_MAX && upload == null) {
                Sent next = nextToAsk(now);
                if (next == null) {
                    break;
                }
                note(next, "tried");
                next.asked = true;
                unanswered.add(next.payload.id());
                if (!next.ledgerKey.equals("-")) {
                    busyKeys.add(next.ledgerKey);
                }
                if (next.payload.bytes() > WHOLE_BYTES_MAX) {
                    lastTransfer++;
                    upload = new Upload(next, lastTransfer);
                    batch.add(SendItem.newBuilder()
                            .setStart(MessageStart.newBuilder()
                                    .setTransfer(lastTransfer)
                                    .setHeader(header(next))
                                    .addParts(part().toBuilder().setSizeBytes(next.payload.bytes())))
                            .build());
                } else {
                    ByteString content = ByteString.copyFrom(next.payload.range(0, next.payload.bytes()));
                    batch.add(SendItem.newBuilder()
                            .setWhole(WholeMessage.newBuilder()
                                    .setHeader(header(next))
                                    .addParts(WholePart.newBuilder()
                                            .setHeader(part())
                                            .setContent(content)))
                            .build());
                }
            }
            if (batch.isEmpty()) {
                return;
            }
            out.onNext(SendRequest.newBuilder().addAllItems(batch).build());
        }
    }

    private @Nullable Sent nextToAsk(long now) {
        for (int left = toAsk.size(); left > 0; left--) {
            Sent again = open.get(toAsk.remove());
            if (again == null || again.accepted || again.asked) {
                continue;
            }
            if (now - again.notBefore >= 0 && !busyKeys.contains(again.ledgerKey)) {
                return again;
            }
            toAsk.add(again.payload.id());
        }
        if (tally.isQuiet() || open.size() >= openMax) {
            return null;
        }
        if (producedCount >= perSecond) {
            if (now - producedSince < TimeUnit.SECONDS.toNanos(1)) {
                return null;
            }
            producedSince = now;
            producedCount = 0;
        }
        Sent fresh = drawn == null ? load.next() : drawn;
        if (busyKeys.contains(fresh.ledgerKey) || isWaiting(fresh.ledgerKey)) {
            drawn = fresh;
            return null;
        }
        drawn = null;
        producedCount++;
        open.put(fresh.payload.id(), fresh);
        return fresh;
    }

    /** Whether an earlier message of this key has no answer: a later one would overtake it. */
    private boolean isWaiting(String ledgerKey) {
        if (ledgerKey.equals("-")) {
            return false;
        }
        for (String id : toAsk) {
            Sent waiting = open.get(id);
            if (waiting != null && waiting.ledgerKey.equals(ledgerKey)) {
                return true;
            }
        }
        return false;
    }

    private MessageHeader header(Sent sent) {
        MessageHeader.Builder header = MessageHeader.newBuilder()
                .setClientId(sent.payload.id())
                .setSender(address)
                .addAllRecipients(sent.recipients)
                .setPrecedence(sent.precedence)
                .setService("document")
                .setSubject("proof " + sent.payload.id());
        if (!sent.payload.key().equals("-")) {
            header.setOrderingKey(sent.payload.key());
        }
        return header.build();
    }

    private static PartHeader part() {
        return PartHeader.newBuilder()
                .setName("payload.bin")
                .setContentType("application/octet-stream")
                .build();
    }

    private void chunk(ClientCallStreamObserver<SendRequest> out, Upload going) {
        int to = Math.min(going.sent.payload.bytes(), going.at + CHUNK_BYTES);
        out.onNext(SendRequest.newBuilder()
                .addItems(SendItem.newBuilder()
                        .setChunk(MessageChunk.newBuilder()
                                .setTransfer(going.transfer)
                                .setContent(ByteString.copyFrom(going.sent.payload.range(going.at, to)))))
                .build());
        going.at = to;
        if (to == going.sent.payload.bytes()) {
            out.onNext(SendRequest.newBuilder()
                    .addItems(
                            SendItem.newBuilder().setEnd(MessageEnd.newBuilder().setTransfer(going.transfer)))
                    .build());
            upload = null;
        }
    }

    private void answered(SendAnswer answer) throws IOException {
        String id = answer.getClientId();
        unanswered.remove(id);
        Sent sent = open.get(id);
        if (upload != null && upload.sent == sent && stream != null) {
            stream.onNext(SendRequest.newBuilder()
                    .addItems(SendItem.newBuilder()
                            .setCancel(MessageCancel.newBuilder().setTransfer(upload.transfer)))
                    .build());
            upload = null;
        }
        if (sent == null) {
            return;
        }
        busyKeys.remove(sent.ledgerKey);
        switch (answer.getOutcomeCase()) {
            case ACCEPTED -> {
                if (!sent.accepted) {
                    note(sent, "accepted");
                    ids.write(id + "\t" + answer.getAccepted().getMessageId() + "\n");
                    tally.accepted(sent.recipients.size());
                    sent.accepted = true;
                }
                // Asked twice, its end may have been told before the second answer.
                if (sent.isOver()) {
                    open.remove(id);
                }
            }
            case REFUSED -> {
                note(sent, "refused:" + answer.getRefused().getReason());
                sent.refused = true;
                open.remove(id);
            }
            case BUSY -> {
                note(sent, "busy");
                sent.asked = false;
                sent.notBefore = System.nanoTime()
                        + TimeUnit.MILLISECONDS.toNanos(answer.getBusy().getRetryAfterMs());
                toAsk.add(id);
            }
            case OUTCOME_NOT_SET -> throw new IllegalStateException("an answer without an outcome for " + id);
        }
    }

    private void followLive() {
        ManagedChannel open = channel;
        if (open == null) {
            return;
        }
        tracking = true;
        int mine = connection;
        GatewayServiceGrpc.newStub(open)
                .track(
                        TrackRequest.newBuilder()
                                .setLive(LiveTrack.newBuilder().addSenders(address))
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(TrackResponse response) {
                                post(mine, () -> track(response));
                            }

                            @Override
                            public void onError(Throwable cause) {
                                post(mine, () -> tracking = false);
                            }

                            @Override
                            public void onCompleted() {
                                post(mine, () -> tracking = false);
                            }
                        });
    }

    /** Asks about messages whose end a live stream may have told while nobody listened. */
    private void look() {
        ManagedChannel open = channel;
        while (open != null && looking < LOOKS_AT_ONCE && !toLookAt.isEmpty()) {
            String id = toLookAt.remove();
            Sent sent = this.open.get(id);
            if (sent == null || !sent.accepted) {
                continue;
            }
            looking++;
            int mine = connection;
            GatewayServiceGrpc.newStub(open)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .track(
                            TrackRequest.newBuilder()
                                    .setClient(ClientReference.newBuilder()
                                            .setSender(address)
                                            .setClientId(id))
                                    .build(),
                            new StreamObserver<>() {
                                @Override
                                public void onNext(TrackResponse response) {
                                    post(mine, () -> track(response));
                                }

                                @Override
                                public void onError(Throwable cause) {
                                    post(mine, () -> {
                                        looking--;
                                        tally.lookFailed(id, cause);
                                    });
                                }

                                @Override
                                public void onCompleted() {
                                    post(mine, () -> looking--);
                                }
                            });
        }
    }

    private void track(TrackResponse response) throws IOException {
        for (TrackEvent event : response.getEventsList()) {
            if (event.getReported()) {
                continue;
            }
            switch (event.getState()) {
                case TRACK_STATE_CONSUMED -> end(event, "delivered");
                case TRACK_STATE_RETURNED -> end(event, "returned");
                case TRACK_STATE_EXPIRED -> end(event, "expired");
                default -> {}
            }
        }
    }

    private void end(TrackEvent event, String state) throws IOException {
        Sent sent = open.get(event.getClientId());
        if (sent == null || !sent.open.remove(event.getRecipient())) {
            return;
        }
        ledger.write(
                sent.payload.id() + "@" + event.getRecipient(), sent.ledgerKey, sent.payload.seq(), sent.sha256, state);
        tally.ended();
        if (state.equals("delivered")) {
            tally.sample(event.getMessageId());
        }
        if (sent.isOver()) {
            open.remove(sent.payload.id());
        }
    }

    private void note(Sent sent, String state) throws IOException {
        for (String recipient : sent.recipients) {
            ledger.write(sent.payload.id() + "@" + recipient, sent.ledgerKey, sent.payload.seq(), sent.sha256, state);
        }
    }
}
