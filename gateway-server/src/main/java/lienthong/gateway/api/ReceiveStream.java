package lienthong.gateway.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.CleanText;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.Service;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.Attached;
import lienthong.proto.gateway.v1.Confirmed;
import lienthong.proto.gateway.v1.LeaseAction;
import lienthong.proto.gateway.v1.LeaseChunk;
import lienthong.proto.gateway.v1.LeaseEnd;
import lienthong.proto.gateway.v1.LeaseFault;
import lienthong.proto.gateway.v1.LeaseStart;
import lienthong.proto.gateway.v1.LeaseWhole;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveItem;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Receive call. The caller's credit is passed on to the node in small steps, so that at most {@link #AHEAD} messages lie here unread; large
 * ones are fetched a piece at a time while the transport is ready, one after the other, and small ones overtake them. All state is confined to
 * the mailbox.
 */
final class ReceiveStream implements StreamObserver<ReceiveRequest> {
    /** Messages taken from the node and not yet given to the transport. */
    static final int AHEAD = 128;
    /** Credit a caller may have outstanding, and leases he may hold. */
    static final int CREDIT_MAX = 4_096;

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveStream.class);
    private static final int LEASE_SECONDS = 300;
    private static final int LEASE_SECONDS_MAX = 86_400;
    private static final int CONSUMER_CHARS_MAX = 64;
    private static final int REASON_CHARS_MAX = 200;
    private static final int RESPONSE_BYTES = 1024 * 1024;

    private final Doors doors;
    private final Caller caller;
    private final OrganisationId node;
    private final ServerCallStreamObserver<ReceiveResponse> out;
    private final Mailbox mailbox = new Mailbox(this::proceed, this::uncaught);

    private final Deque<ReceiveAction> actions = new ArrayDeque<>();
    private final Deque<ReceiveItem> items = new ArrayDeque<>();
    /** Leases open at the caller; false while their content is on its way. */
    private final Map<Long, Boolean> leases = new HashMap<>();

    private final Deque<Sending> large = new ArrayDeque<>();
    private ReceiveDoor.@Nullable Receiving receiving;
    private boolean attaching;
    private boolean attached;
    private boolean fetching;
    private boolean requested;
    private boolean halfClosed;
    private boolean detached;
    private boolean over;
    /** Given by the caller, not yet to the node. */
    private int credit;
    /** Given to the node, not yet used. */
    private int granted;
    /** Leases in {@link #items} or {@link #large}. */
    private int unread;

    private int unconfirmed;
    private @Nullable Fault fault;

    ReceiveStream(Doors doors, Caller caller, OrganisationId node, ServerCallStreamObserver<ReceiveResponse> out) {
        this.doors = doors;
        this.caller = caller;
        this.node = node;
        this.out = out;
    }

    /** Takes over flow control; before the service method returns. */
    ReceiveStream open() {
        out.disableAutoRequest();
        out.setOnReadyHandler(() -> mailbox.execute(() -> {}));
        out.setOnCancelHandler(() -> mailbox.execute(this::cut));
        mailbox.execute(() -> {});
        return this;
    }

    @Override
    public void onNext(ReceiveRequest request) {
        mailbox.execute(() -> {
            requested = false;
            if (request.getItemsCount() == 0 || request.getItemsCount() > Limits.API_ITEMS_MAX) {
                fail(Fault.of(
                        request.getItemsCount() == 0 ? ErrorCode.FIELD_MISSING : ErrorCode.HEADER_TOO_LARGE,
                        "items",
                        "{0} items; 1 to {1}",
                        request.getItemsCount(),
                        Limits.API_ITEMS_MAX));
            } else if (!over && fault == null) {
                actions.addAll(request.getItemsList());
            }
        });
    }

    @Override
    public void onError(Throwable cut) {
        mailbox.execute(this::cut);
    }

    @Override
    public void onCompleted() {
        mailbox.execute(() -> halfClosed = true);
    }

    private void proceed() {
        if (over) {
            return;
        }
        while (!actions.isEmpty() && !attaching && fault == null && unconfirmed < CREDIT_MAX) {
            perform(actions.remove());
        }
        if (halfClosed && actions.isEmpty() && !attaching) {
            detach();
        }
        grant();
        flush();
        fetch();
        if (fault != null && unconfirmed == 0) {
            over = true;
            detach();
            out.onError(ApiErrors.exception(fault));
        } else if (detached && fault == null && unconfirmed == 0 && items.isEmpty()) {
            over = true;
            out.onCompleted();
        } else if (actions.isEmpty() && !attaching && !requested && !halfClosed && fault == null) {
            requested = true;
            out.request(1);
        }
    }

    private void perform(ReceiveAction action) {
        if (!attached && action.getActionCase() != ReceiveAction.ActionCase.ATTACH) {
            fail(Fault.of(ErrorCode.FIELD_MISSING, "items[0].attach", "the first item of a stream is attach"));
            return;
        }
        switch (action.getActionCase()) {
            case ATTACH -> attach(action.getAttach());
            case CREDIT -> {
                int more = action.getCredit().getMessages();
                if (more < 1 || more > CREDIT_MAX - credit - granted) {
                    fail(Fault.of(
                            ErrorCode.CREDIT,
                            "credit.messages",
                            "{0}; at least 1 and at most {1} outstanding",
                            Integer.toUnsignedString(more),
                            CREDIT_MAX));
                } else {
                    credit += more;
                }
            }
            case ACKNOWLEDGE ->
                act(
                        action.getAcknowledge().getLease(),
                        LeaseAction.LEASE_ACTION_ACKNOWLEDGED,
                        true,
                        (door, done) -> door.acknowledge(action.getAcknowledge().getLease(), done));
            case RETURN -> {
                String reason = action.getReturn().getReason();
                Result<String> clean = reason.isEmpty()
                        ? Result.no(ErrorCode.FIELD_MISSING, "why it is returned")
                        : CleanText.line("reason", reason, REASON_CHARS_MAX);
                if (clean instanceof Result.No<String> no) {
                    fail(new Fault(no.refusal(), "return.reason"));
                } else {
                    act(
                            action.getReturn().getLease(),
                            LeaseAction.LEASE_ACTION_RETURNED,
                            true,
                            (door, done) -> door.giveBack(action.getReturn().getLease(), reason, done));
                }
            }
            case RELEASE ->
                act(
                        action.getRelease().getLease(),
                        LeaseAction.LEASE_ACTION_RELEASED,
                        true,
                        (door, done) -> door.release(action.getRelease().getLease(), done));
            case EXTEND -> {
                long seconds = action.getExtend().getSeconds();
                if (seconds < 1 || seconds > LEASE_SECONDS_MAX) {
                    fail(Fault.of(
                            ErrorCode.LIFETIME_OUT_OF_RANGE,
                            "extend.seconds",
                            "1 to {0}, not {1}",
                            LEASE_SECONDS_MAX,
                            seconds));
                } else {
                    act(
                            action.getExtend().getLease(),
                            LeaseAction.LEASE_ACTION_EXTENDED,
                            false,
                            (door, done) ->
                                    door.extend(action.getExtend().getLease(), Duration.ofSeconds(seconds), done));
                }
            }
            case ACTION_NOT_SET ->
                fail(Fault.of(
                        ErrorCode.FIELD_MISSING,
                        "items.action",
                        "one of attach, credit, acknowledge, return, release, extend"));
        }
    }

    private void attach(Attach attach) {
        if (attached) {
            fail(Fault.of(ErrorCode.FIELD_MISSING, "items.attach", "a stream is attached once"));
            return;
        }
        MessageReader reader = new MessageReader(caller, node);
        Address address = reader.ownAddress("attach.address", attach.getAddress());
        String consumer = reader.line("attach.consumer", attach.getConsumer(), CONSUMER_CHARS_MAX)
                .orElse(caller.name());
        Set<Service> services = reader.services("attach.services", attach.getServicesList());
        long seconds = attach.hasLeaseSeconds() ? attach.getLeaseSeconds() : LEASE_SECONDS;
        if (seconds < 1 || seconds > LEASE_SECONDS_MAX) {
            reader.fail(
                    ErrorCode.LIFETIME_OUT_OF_RANGE,
                    "attach.lease_seconds",
                    "1 to {0}, not {1}",
                    LEASE_SECONDS_MAX,
                    seconds);
        }
        if (reader.fault().isPresent()) {
            fail(reader.fault().get());
            return;
        }
        attached = true;
        attaching = true;
        ReceiveDoor.Attachment wish =
                new ReceiveDoor.Attachment(address, consumer, Duration.ofSeconds(seconds), services);
        doors.receive()
                .attach(
                        caller,
                        wish,
                        new Incoming(),
                        answer -> mailbox.execute(() -> {
                            attaching = false;
                            if (answer instanceof Result.Ok<ReceiveDoor.Receiving> ok) {
                                receiving = ok.value();
                                items.add(ReceiveItem.newBuilder()
                                        .setAttached(Attached.newBuilder()
                                                .setAddress(receiving.address().toString())
                                                .setWaiting(receiving.waiting()))
                                        .build());
                                if (over) {
                                    detach();
                                }
                            } else {
                                fail(new Fault(answer.refusal(), "attach.address"));
                            }
                        }));
    }

    /** Does an action on a lease this stream holds, and confirms it. */
    private void act(long lease, LeaseAction action, boolean ends, Act act) {
        Boolean complete = leases.get(lease);
        ReceiveDoor.Receiving door = receiving;
        if (complete == null || door == null || !complete && action != LeaseAction.LEASE_ACTION_EXTENDED) {
            leaseFault(
                    lease,
                    Refusal.of(
                            ErrorCode.LEASE_NOT_HELD,
                            complete == null
                                    ? Detail.of("this stream holds no lease {0}", Long.toUnsignedString(lease))
                                    : Detail.of("its content is still on its way")));
            return;
        }
        if (ends) {
            leases.remove(lease);
        }
        unconfirmed++;
        act.on(
                door,
                refusal -> mailbox.execute(() -> {
                    unconfirmed--;
                    if (refusal.isPresent()) {
                        leaseFault(lease, refusal.get());
                    } else if (doors.notServing().isPresent()) {
                        fail(Fault.of(doors.notServing().get()));
                    } else {
                        items.add(ReceiveItem.newBuilder()
                                .setConfirmed(
                                        Confirmed.newBuilder().setLease(lease).setAction(action))
                                .build());
                    }
                }));
    }

    private void leaseFault(long lease, Refusal why) {
        items.add(ReceiveItem.newBuilder()
                .setFault(LeaseFault.newBuilder().setLease(lease).setRefused(MessageWriter.refused(why)))
                .build());
    }

    private void grant() {
        ReceiveDoor.Receiving door = receiving;
        if (door == null || detached || fault != null) {
            return;
        }
        int room = Math.min(credit, Math.min(AHEAD - granted - unread, CREDIT_MAX - granted - leases.size()));
        if (room > 0) {
            credit -= room;
            granted += room;
            door.credit(room);
        }
    }

    private void arrived(ReceiveDoor.Lease lease) {
        granted--;
        if (over || detached) {
            if (lease.content() instanceof ReceiveDoor.Content.Large big) {
                big.stream().close();
            }
            return;
        }
        unread++;
        if (lease.content() instanceof ReceiveDoor.Content.Whole whole) {
            leases.put(lease.id(), true);
            LeaseWhole.Builder builder = LeaseWhole.newBuilder().setLease(MessageWriter.lease(lease));
            whole.contents().forEach(bytes -> builder.addContents(MessageWriter.bytes(bytes)));
            items.add(ReceiveItem.newBuilder().setWhole(builder).build());
        } else if (lease.content() instanceof ReceiveDoor.Content.Large big) {
            leases.put(lease.id(), false);
            large.add(new Sending(lease, big.stream()));
        }
    }

    private void flush() {
        while (!items.isEmpty() && (out.isReady() || fault != null)) {
            ReceiveResponse.Builder response = ReceiveResponse.newBuilder();
            int size = 0;
            while (!items.isEmpty() && size < RESPONSE_BYTES && response.getItemsCount() < Limits.API_ITEMS_MAX) {
                ReceiveItem item = items.remove();
                if (item.hasWhole()) {
                    unread--;
                }
                size += item.getSerializedSize();
                response.addItems(item);
            }
            out.onNext(response.build());
            grant();
        }
    }

    /** The next piece of the first large message, when nothing smaller waits and the caller reads. */
    private void fetch() {
        Sending first = large.peek();
        if (first == null || fetching || detached || fault != null || !items.isEmpty() || !out.isReady()) {
            return;
        }
        if (!first.started) {
            first.started = true;
            send(ReceiveItem.newBuilder()
                    .setStart(LeaseStart.newBuilder().setLease(MessageWriter.lease(first.lease)))
                    .build());
        }
        fetching = true;
        first.stream.next(piece -> mailbox.execute(() -> {
            fetching = false;
            if (over || detached) {
                first.stream.close();
                return;
            }
            fetched(first, piece);
        }));
    }

    private void fetched(Sending sending, ContentStream.Piece piece) {
        long lease = sending.lease.id();
        if (!leases.containsKey(lease)) {
            // Lost while it was on its way: the fault was sent already.
            finished(sending);
            sending.stream.close();
        } else if (piece instanceof ContentStream.Piece.Chunk chunk) {
            send(ReceiveItem.newBuilder()
                    .setChunk(LeaseChunk.newBuilder()
                            .setLease(lease)
                            .setPart(chunk.part())
                            .setContent(MessageWriter.bytes(chunk.bytes())))
                    .build());
        } else if (piece instanceof ContentStream.Piece.Failed failed) {
            leases.remove(lease);
            finished(sending);
            leaseFault(lease, failed.why());
        } else {
            leases.put(lease, true);
            finished(sending);
            items.add(ReceiveItem.newBuilder()
                    .setEnd(LeaseEnd.newBuilder().setLease(lease))
                    .build());
        }
    }

    private void finished(Sending sending) {
        large.remove(sending);
        unread--;
    }

    private void send(ReceiveItem item) {
        out.onNext(ReceiveResponse.newBuilder().addItems(item).build());
    }

    private void fail(Fault first) {
        if (fault == null) {
            fault = first;
            actions.clear();
        }
    }

    private void detach() {
        ReceiveDoor.Receiving door = receiving;
        if (detached) {
            return;
        }
        detached = true;
        for (Sending sending : large) {
            if (!fetching || sending != large.peek()) {
                sending.stream.close();
            }
        }
        large.clear();
        if (door != null) {
            door.detach();
        }
    }

    private void cut() {
        if (!over) {
            over = true;
            actions.clear();
            items.clear();
            if (!attaching) {
                detach();
            }
        }
    }

    private void uncaught(Throwable bug) {
        LOG.error("Receive failed", bug);
        if (!over) {
            cut();
            out.onError(ApiErrors.uncaught());
        }
    }

    private interface Act {
        void on(ReceiveDoor.Receiving door, Consumer<Optional<Refusal>> done);
    }

    private final class Incoming implements ReceiveDoor.Receiver {
        @Override
        public void lease(ReceiveDoor.Lease lease) {
            mailbox.execute(() -> arrived(lease));
        }

        @Override
        public void lost(long lease, Refusal why) {
            mailbox.execute(() -> {
                if (leases.remove(lease) != null) {
                    leaseFault(lease, why);
                }
            });
        }

        @Override
        public void closed(Refusal why) {
            mailbox.execute(() -> fail(Fault.of(why)));
        }
    }

    private static final class Sending {
        private final ReceiveDoor.Lease lease;
        private final ContentStream stream;
        private boolean started;

        private Sending(ReceiveDoor.Lease lease, ContentStream stream) {
            this.lease = lease;
            this.stream = stream;
        }
    }
}
