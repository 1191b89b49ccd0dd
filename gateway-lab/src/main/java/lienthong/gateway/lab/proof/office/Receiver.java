package lienthong.gateway.lab.proof.office;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.channel.LocalChannel;
import lienthong.proto.gateway.v1.Acknowledge;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.Confirmed;
import lienthong.proto.gateway.v1.Credit;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.Lease;
import lienthong.proto.gateway.v1.LeaseAction;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveItem;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import org.jspecify.annotations.Nullable;

/**
 * The receiving program: hashes what it is handed, writes {@code got} or {@code redelivered}, acknowledges, and writes {@code done} when the
 * node has confirmed that. Now and then it dies between work and acknowledgement, as applications do. All its state belongs to the one
 * thread that calls {@link #run}.
 */
final class Receiver {
    private static final int CREDIT = 512;
    private static final int BEGINNING_BYTES = 256;
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path data;
    private final String address;
    private final Ledger ledger;
    private final int diesOnceIn;
    private final Random random;
    private final Tally tally;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Map<Long, Handed> handed = new HashMap<>();
    private @Nullable ManagedChannel channel;
    private @Nullable ClientCallStreamObserver<ReceiveRequest> stream;
    private int connection;
    private long connectAt = System.nanoTime();

    private interface Event {
        void happen() throws IOException;
    }

    /** A lease whose content is arriving, or that waits for its confirmation. */
    private static final class Handed {
        private final Lease lease;
        private final MessageDigest digest = ProofPayload.digest();
        private final ByteArrayOutputStream beginning = new ByteArrayOutputStream(BEGINNING_BYTES);
        private String id = "";
        private String key = "-";
        private long seq;
        private String sha256 = "";

        private Handed(Lease lease) {
            this.lease = lease;
        }

        private void take(byte[] content) {
            digest.update(content);
            beginning.write(content, 0, Math.min(content.length, BEGINNING_BYTES - beginning.size()));
        }
    }

    /** @param diesOnceIn one in so many hand-overs ends with the program's death instead of an acknowledgement; 0 for none */
    Receiver(Path data, String address, Ledger ledger, int diesOnceIn, long seed, Tally tally) {
        this.data = data;
        this.address = address;
        this.ledger = ledger;
        this.diesOnceIn = diesOnceIn;
        this.random = new Random(seed);
        this.tally = tally;
    }

    /** Works until interrupted. */
    void run() throws InterruptedException, IOException {
        while (!Thread.interrupted()) {
            Event event = events.poll(50, TimeUnit.MILLISECONDS);
            if (event != null) {
                event.happen();
            }
            if (tally.isHolding()) {
                disconnect();
                tally.held(true);
            } else {
                tally.held(false);
                if (stream == null && System.nanoTime() - connectAt >= 0) {
                    connect();
                }
            }
        }
    }

    private void connect() {
        disconnect();
        int mine = connection;
        ManagedChannel opened = LocalChannel.open(data);
        channel = opened;
        GatewayServiceGrpc.newStub(opened).receive(new ClientResponseObserver<ReceiveRequest, ReceiveResponse>() {
            @Override
            public void beforeStart(ClientCallStreamObserver<ReceiveRequest> request) {
                stream = request;
            }

            @Override
            public void onNext(ReceiveResponse response) {
                post(mine, () -> {
                    for (ReceiveItem item : response.getItemsList()) {
                        if (mine == connection) {
                            take(item);
                        }
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
        say(ReceiveAction.newBuilder().setAttach(Attach.newBuilder().setAddress(address)));
        say(credit(CREDIT));
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
        connectAt = System.nanoTime() + AGAIN_NANOS;
        tally.disconnected(cause);
    }

    private void disconnect() {
        connection++;
        stream = null;
        handed.clear();
        ManagedChannel old = channel;
        if (old != null) {
            var unused = old.shutdownNow();
            channel = null;
        }
    }

    private static ReceiveAction.Builder credit(int messages) {
        return ReceiveAction.newBuilder().setCredit(Credit.newBuilder().setMessages(messages));
    }

    private void say(ReceiveAction.Builder action) {
        ClientCallStreamObserver<ReceiveRequest> out = stream;
        if (out != null) {
            out.onNext(ReceiveRequest.newBuilder().addItems(action).build());
        }
    }

    private void take(ReceiveItem item) throws IOException {
        switch (item.getItemCase()) {
            case WHOLE -> {
                Handed one = new Handed(item.getWhole().getLease());
                item.getWhole().getContentsList().forEach(content -> one.take(content.toByteArray()));
                complete(one);
            }
            case START -> {
                Handed one = new Handed(item.getStart().getLease());
                handed.put(one.lease.getLease(), one);
            }
            case CHUNK -> {
                Handed one = handed.get(item.getChunk().getLease());
                if (one != null) {
                    one.take(item.getChunk().getContent().toByteArray());
                }
            }
            case END -> {
                Handed one = handed.get(item.getEnd().getLease());
                if (one != null) {
                    complete(one);
                }
            }
            case CONFIRMED -> confirmed(item.getConfirmed());
            case FAULT -> {
                handed.remove(item.getFault().getLease());
                tally.fault(item.getFault().getRefused().getReason());
                say(credit(1));
            }
            case ATTACHED, ITEM_NOT_SET -> {}
        }
    }

    private void complete(Handed one) throws IOException {
        String whole = HexFormat.of().formatHex(one.digest.digest());
        var payload = ProofPayload.read(one.beginning.toByteArray());
        // What is no payload of ours keeps the gateway's id: the comparison then calls it a phantom.
        one.id = payload.map(ProofPayload::id).orElse(one.lease.getHeader().getMessageId()) + "@"
                + one.lease.getHeader().getRecipient();
        one.sha256 = whole;
        one.key = payload.filter(p -> !p.key().equals("-"))
                .map(p -> one.lease.getHeader().getSender() + ">"
                        + one.lease.getHeader().getRecipient() + "/" + p.key())
                .orElse("-");
        one.seq = payload.map(ProofPayload::seq).orElse(0L);
        if (one.lease.getHeader().getService().equals("probe")) {
            say(ReceiveAction.newBuilder()
                    .setAcknowledge(Acknowledge.newBuilder().setLease(one.lease.getLease())));
            say(credit(1));
            return;
        }
        ledger.write(one.id, one.key, one.seq, one.sha256, one.lease.getRedelivered() ? "redelivered" : "got");
        tally.received();
        if (diesOnceIn > 0 && random.nextInt(diesOnceIn) == 0) {
            tally.died();
            disconnect();
            connectAt = System.nanoTime() + AGAIN_NANOS;
            return;
        }
        handed.put(one.lease.getLease(), one);
        say(ReceiveAction.newBuilder().setAcknowledge(Acknowledge.newBuilder().setLease(one.lease.getLease())));
        say(credit(1));
    }

    private void confirmed(Confirmed confirmed) throws IOException {
        Handed one = handed.remove(confirmed.getLease());
        if (one != null && confirmed.getAction() == LeaseAction.LEASE_ACTION_ACKNOWLEDGED) {
            ledger.write(one.id, one.key, one.seq, one.sha256, "done");
            tally.done();
        }
    }
}
