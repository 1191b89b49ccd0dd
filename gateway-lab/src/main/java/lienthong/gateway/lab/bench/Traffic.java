package lienthong.gateway.lab.bench;

import com.google.protobuf.ByteString;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.proto.gateway.v1.Acknowledge;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.Credit;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.MessageChunk;
import lienthong.proto.gateway.v1.MessageEnd;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.MessageStart;
import lienthong.proto.gateway.v1.PartHeader;
import lienthong.proto.gateway.v1.Precedence;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveItem;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendItem;
import lienthong.proto.gateway.v1.SendRequest;
import lienthong.proto.gateway.v1.SendResponse;
import lienthong.proto.gateway.v1.WholeMessage;
import lienthong.proto.gateway.v1.WholePart;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** Sends payloads into one node, checks what comes out of another, times both. One sending thread; gRPC's threads receive. */
final class Traffic {
    private static final String SERVICE = "document";
    private static final int BATCH_ITEMS = 64;
    private static final int WHOLE_BYTES_MAX = 256 * 1024;
    private static final int CHUNK_BYTES = 512 * 1024;
    private static final int DRAIN_SECONDS = 90;
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int RECEIVE_CREDIT = 4_096;

    /** What one phase did; latencies in nanoseconds, corrected for coordinated omission where the workload is paced. */
    record Phase(long messages, double seconds, Histogram delivery, Histogram acceptance) {}

    private final Workload workload;
    private final Payload payload;
    private final String runId;
    private final String recipient;
    private final String service;
    private final Precedence precedence;
    private final PrintStream progress;
    private final Semaphore window;
    private final Semaphore unaccepted;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final ReentrantLock seenLock = new ReentrantLock();
    private final BitSet seen = new BitSet();
    private final Recorder delivery = new Recorder(TimeUnit.HOURS.toNanos(1), 3);
    private final Recorder acceptance = new Recorder(TimeUnit.HOURS.toNanos(1), 3);
    private final Map<String, Long> handedOver = new ConcurrentHashMap<>();
    private volatile long lastReceivedNanos;
    private long sent;
    private long lastToSend;

    private @Nullable ClientCallStreamObserver<SendRequest> sending;
    private @Nullable ClientCallStreamObserver<ReceiveRequest> receiving;

    Traffic(Workload workload, Payload payload, String runId, String recipient, PrintStream progress) {
        this(workload, payload, runId, recipient, SERVICE, Precedence.PRECEDENCE_ROUTINE, progress);
    }

    /** @param service of its messages; two that share a destination have two */
    Traffic(
            Workload workload,
            Payload payload,
            String runId,
            String recipient,
            String service,
            Precedence precedence,
            PrintStream progress) {
        this.workload = workload;
        this.payload = payload;
        this.runId = runId;
        this.recipient = recipient;
        this.service = service;
        this.precedence = precedence;
        this.progress = progress;
        this.window = new Semaphore(workload.window());
        this.unaccepted = new Semaphore(workload.acceptWindow());
    }

    /** From here on messages are taken out at {@code destination}. */
    void openReceiving(GatewayServiceGrpc.GatewayServiceStub destination) {
        destination.receive(new Receiving());
    }

    /** From here on messages go in at {@code origin}. */
    void openSending(GatewayServiceGrpc.GatewayServiceStub origin) {
        origin.send(new Sending());
    }

    /** Sends so many messages and waits until the origin has accepted every one; then the stream in is ended. */
    void fill(long messages) throws InterruptedException {
        lastToSend = sent + messages;
        sendFreely(System.nanoTime() + TimeUnit.SECONDS.toNanos(workload.seconds()));
        awaitAll(accepted);
        closeSending();
    }

    /** Waits until everything sent has arrived. */
    Phase empty() throws InterruptedException {
        long from = System.nanoTime();
        awaitAll(received);
        return new Phase(
                sent,
                Math.max(0, lastReceivedNanos - from) / 1e9,
                delivery.getIntervalHistogram(),
                acceptance.getIntervalHistogram());
    }

    /** How many arrived, each once and with the right hash. */
    long verified() {
        return received.get();
    }

    /** Sends for so many seconds, at most {@code messages}, then waits until everything has arrived. */
    Phase phase(long messages, int seconds) throws InterruptedException {
        long before = sent;
        lastToSend = messages == Long.MAX_VALUE ? messages : sent + messages;
        delivery.reset();
        acceptance.reset();
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        if (workload.perSecond() > 0) {
            sendPaced(start, end);
        } else {
            sendFreely(end);
        }
        awaitAll(accepted);
        awaitAll(received);
        return new Phase(
                sent - before,
                Math.max(0, lastReceivedNanos - start) / 1e9,
                delivery.getIntervalHistogram(),
                acceptance.getIntervalHistogram());
    }

    void close() {
        closeSending();
        if (receiving != null) {
            receiving.onCompleted();
        }
    }

    private void closeSending() {
        if (sending != null) {
            sending.onCompleted();
            sending = null;
        }
    }

    private void sendPaced(long start, long end) throws InterruptedException {
        long interval = TimeUnit.SECONDS.toNanos(1) / workload.perSecond();
        for (long due = start; due < end && sent < lastToSend; due += interval) {
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            acquire();
            List<SendItem> item = new ArrayList<>(1);
            addWhole(item, due);
            stream(SendRequest.newBuilder().addAllItems(item).build());
        }
    }

    private void sendFreely(long end) throws InterruptedException {
        List<SendItem> items = new ArrayList<>(BATCH_ITEMS);
        long nextWord = System.nanoTime() + PROGRESS_NANOS;
        long sentAtWord = sent;
        while (end - System.nanoTime() > 0 && sent < lastToSend) {
            if (System.nanoTime() - nextWord > 0) {
                progress.println("bench: " + (sent - sentAtWord) * TimeUnit.SECONDS.toNanos(1) / PROGRESS_NANOS
                        + " messages a second");
                sentAtWord = sent;
                nextWord += PROGRESS_NANOS;
            }
            items.clear();
            if (workload.sizeBytes() > WHOLE_BYTES_MAX) {
                acquire();
                streamLarge(System.nanoTime());
                continue;
            }
            acquire();
            addWhole(items, System.nanoTime());
            while (items.size() < BATCH_ITEMS && sent < lastToSend && window.tryAcquire()) {
                if (!unaccepted.tryAcquire()) {
                    window.release();
                    break;
                }
                addWhole(items, System.nanoTime());
            }
            stream(SendRequest.newBuilder().addAllItems(items).build());
        }
    }

    private void addWhole(List<SendItem> items, long dueNanos) {
        ByteString content = payload.make(sent, dueNanos);
        items.add(SendItem.newBuilder()
                .setWhole(WholeMessage.newBuilder()
                        .setHeader(header(dueNanos))
                        .addParts(WholePart.newBuilder().setHeader(part()).setContent(content)))
                .build());
        sent++;
    }

    private void streamLarge(long dueNanos) throws InterruptedException {
        int transfer = (int) (sent % workload.window());
        ByteString content = payload.make(sent, dueNanos);
        MessageStart start = MessageStart.newBuilder()
                .setTransfer(transfer)
                .setHeader(header(dueNanos))
                .addParts(part().toBuilder().setSizeBytes(content.size()))
                .build();
        sent++;
        stream(one(SendItem.newBuilder().setStart(start)));
        for (int at = 0; at < content.size(); at += CHUNK_BYTES) {
            ByteString chunk = content.substring(at, Math.min(content.size(), at + CHUNK_BYTES));
            stream(one(SendItem.newBuilder()
                    .setChunk(MessageChunk.newBuilder().setTransfer(transfer).setContent(chunk))));
        }
        stream(one(SendItem.newBuilder().setEnd(MessageEnd.newBuilder().setTransfer(transfer))));
    }

    private static SendRequest one(SendItem.Builder item) {
        return SendRequest.newBuilder().addItems(item).build();
    }

    private MessageHeader header(long dueNanos) {
        String clientId = runId + "-" + sent;
        handedOver.put(clientId, dueNanos);
        return MessageHeader.newBuilder()
                .setClientId(clientId)
                .addRecipients(recipient)
                .setService(service)
                .setPrecedence(precedence)
                .setSubject("bench " + sent)
                .build();
    }

    private static PartHeader part() {
        return PartHeader.newBuilder()
                .setName("payload.bin")
                .setContentType("application/octet-stream")
                .build();
    }

    private void stream(SendRequest request) throws InterruptedException {
        ClientCallStreamObserver<SendRequest> stream = Objects.requireNonNull(sending);
        synchronized (this) {
            while (!stream.isReady()) {
                check();
                wait(100);
            }
        }
        stream.onNext(request);
    }

    private void acquire() throws InterruptedException {
        waitFor(window);
        waitFor(unaccepted);
        check();
    }

    private void waitFor(Semaphore permits) throws InterruptedException {
        if (permits.tryAcquire()) {
            return;
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        while (!permits.tryAcquire(100, TimeUnit.MILLISECONDS)) {
            checkMoving(until);
        }
    }

    /** Until {@code count} has reached what was sent; fails when it stands still for too long. */
    private void awaitAll(AtomicLong count) throws InterruptedException {
        long nextWord = System.nanoTime() + PROGRESS_NANOS;
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        long before = count.get();
        long atWord = before;
        while (count.get() < sent) {
            long now = System.nanoTime();
            if (count.get() != before) {
                before = count.get();
                until = now + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
            }
            if (now - nextWord > 0) {
                progress.println("bench: " + (count.get() - atWord) * TimeUnit.SECONDS.toNanos(1) / PROGRESS_NANOS
                        + " messages a second, " + (sent - count.get()) + " left");
                atWord = count.get();
                nextWord += PROGRESS_NANOS;
            }
            checkMoving(until);
            synchronized (this) {
                wait(1);
            }
        }
    }

    private void checkMoving(long until) {
        check();
        if (System.nanoTime() - until > 0) {
            throw new LabFailed("nothing moved for " + DRAIN_SECONDS + " s: sent " + sent + ", accepted "
                    + accepted.get() + ", received " + received.get());
        }
    }

    private void check() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new LabFailed(String.valueOf(cause.getMessage()), cause);
        }
    }

    private void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
    }

    private void arrived(byte[] bytes) {
        long now = System.nanoTime();
        if (!payload.isIntact(bytes)) {
            fail(new LabFailed("a payload arrived whose hash is not its own"));
            return;
        }
        int sequence = Math.toIntExact(Payload.sequence(bytes));
        seenLock.lock();
        try {
            if (seen.get(sequence)) {
                fail(new LabFailed("payload " + sequence + " arrived twice"));
                return;
            }
            seen.set(sequence);
        } finally {
            seenLock.unlock();
        }
        long took = Math.max(1, now - Payload.dueNanos(bytes));
        delivery.recordValue(took);
        lastReceivedNanos = now;
        received.incrementAndGet();
        window.release();
    }

    /** Answers of the origin. */
    private final class Sending implements ClientResponseObserver<SendRequest, SendResponse> {
        @Override
        public void beforeStart(ClientCallStreamObserver<SendRequest> stream) {
            sending = stream;
            stream.setOnReadyHandler(() -> {
                synchronized (Traffic.this) {
                    Traffic.this.notifyAll();
                }
            });
        }

        @Override
        public void onNext(SendResponse response) {
            long now = System.nanoTime();
            for (SendAnswer answer : response.getAnswersList()) {
                if (!answer.hasAccepted()) {
                    fail(new LabFailed("not accepted: " + answer));
                    return;
                }
                Long due = handedOver.remove(answer.getClientId());
                if (due == null) {
                    fail(new LabFailed("an answer to nothing asked: " + answer.getClientId()));
                    return;
                }
                acceptance.recordValue(Math.max(1, now - due));
                accepted.incrementAndGet();
                unaccepted.release();
            }
        }

        @Override
        public void onError(Throwable cause) {
            fail(cause);
        }

        @Override
        public void onCompleted() {
            // The end of the stream: everything was answered before it.
        }
    }

    /** Leases of the destination: checked, then acknowledged in the batches they came in. */
    private final class Receiving implements ClientResponseObserver<ReceiveRequest, ReceiveResponse> {
        private final Map<Long, ByteArrayOutputStream> open = new HashMap<>();

        @Override
        public void beforeStart(ClientCallStreamObserver<ReceiveRequest> stream) {
            receiving = stream;
            stream.setOnReadyHandler(new Runnable() {
                private boolean attached;

                @Override
                public void run() {
                    if (!attached) {
                        attached = true;
                        stream.onNext(ReceiveRequest.newBuilder()
                                .addItems(ReceiveAction.newBuilder()
                                        .setAttach(Attach.newBuilder()
                                                .setAddress(recipient)
                                                .addServices(service)))
                                .addItems(ReceiveAction.newBuilder()
                                        .setCredit(Credit.newBuilder().setMessages(RECEIVE_CREDIT)))
                                .build());
                    }
                }
            });
        }

        @Override
        public void onNext(ReceiveResponse response) {
            ReceiveRequest.Builder answer = ReceiveRequest.newBuilder();
            int taken = 0;
            for (ReceiveItem item : response.getItemsList()) {
                switch (item.getItemCase()) {
                    case WHOLE -> {
                        arrived(item.getWhole().getContents(0).toByteArray());
                        acknowledge(answer, item.getWhole().getLease().getLease());
                        taken++;
                    }
                    case START ->
                        open.put(
                                item.getStart().getLease().getLease(), new ByteArrayOutputStream(workload.sizeBytes()));
                    case CHUNK ->
                        Objects.requireNonNull(open.get(item.getChunk().getLease()))
                                .writeBytes(item.getChunk().getContent().toByteArray());
                    case END -> {
                        arrived(Objects.requireNonNull(open.remove(item.getEnd().getLease()))
                                .toByteArray());
                        acknowledge(answer, item.getEnd().getLease());
                        taken++;
                    }
                    case FAULT -> fail(new LabFailed("a lease failed: " + item.getFault()));
                    default -> {}
                }
            }
            if (taken > 0) {
                answer.addItems(
                        ReceiveAction.newBuilder().setCredit(Credit.newBuilder().setMessages(taken)));
                Objects.requireNonNull(receiving).onNext(answer.build());
            }
        }

        private void acknowledge(ReceiveRequest.Builder answer, long lease) {
            answer.addItems(ReceiveAction.newBuilder()
                    .setAcknowledge(Acknowledge.newBuilder().setLease(lease)));
        }

        @Override
        public void onError(Throwable cause) {
            fail(cause);
        }

        @Override
        public void onCompleted() {
            // The node ended the stream after ours.
        }
    }
}
