package lienthong.gateway.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.gateway.v1.ListMessagesRequest;
import lienthong.proto.gateway.v1.ListMessagesResponse;
import lienthong.proto.gateway.v1.LookupDirectoryRequest;
import lienthong.proto.gateway.v1.LookupDirectoryResponse;
import lienthong.proto.gateway.v1.MessageBox;
import lienthong.proto.gateway.v1.NodeStatusRequest;
import lienthong.proto.gateway.v1.NodeStatusResponse;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendOneRequest;
import lienthong.proto.gateway.v1.SendOneResponse;
import lienthong.proto.gateway.v1.SendRequest;
import lienthong.proto.gateway.v1.SendResponse;
import lienthong.proto.gateway.v1.TrackRequest;
import lienthong.proto.gateway.v1.TrackResponse;

/** The developers' API. */
final class GatewayCalls extends GatewayServiceGrpc.GatewayServiceImplBase {
    private static final int QUERY_CHARS_MAX = 200;
    private static final int PAGE = 100;
    private static final int PAGE_MAX = 1_000;
    private static final int LOOKUP = 20;
    private static final int LOOKUP_MAX = 100;

    private final Doors doors;
    private final OrganisationId node;
    private final String version;

    GatewayCalls(Doors doors, OrganisationId node, String version) {
        this.doors = doors;
        this.node = node;
        this.version = version;
    }

    @Override
    public StreamObserver<SendRequest> send(StreamObserver<SendResponse> out) {
        return new SendStream(doors, caller(), node, (ServerCallStreamObserver<SendResponse>) out).open();
    }

    @Override
    public void sendOne(SendOneRequest request, StreamObserver<SendOneResponse> out) {
        MessageReader reader = new MessageReader(caller(), node);
        Draft.Whole message = reader.whole("message.", request.getMessage());
        if (message == null) {
            fail(out, reader.fault().orElseThrow());
            return;
        }
        doors.send().submit(caller(), List.of(message), submissions -> {
            Optional<Refusal> stopped = doors.notServing();
            Submission submission = submissions.get(0);
            if (submission instanceof Submission.Accepted && stopped.isPresent()) {
                fail(out, Fault.of(stopped.get()));
                return;
            }
            if (submission instanceof Submission.Refused refused) {
                ErrorCode reason = refused.why().reason();
                Fault fault = new Fault(refused.why(), SendStream.refusedField(reason));
                if (ApiErrors.isOutcome(reason)) {
                    answer(out, SendAnswer.newBuilder().setRefused(MessageWriter.refused(fault)), message);
                } else {
                    fail(out, fault);
                }
                return;
            }
            SendAnswer.Builder builder = SendAnswer.newBuilder();
            if (submission instanceof Submission.Accepted accepted) {
                builder.setAccepted(MessageWriter.accepted(accepted));
            } else if (submission instanceof Submission.Busy busy) {
                builder.setBusy(MessageWriter.busy(busy));
            }
            answer(out, builder, message);
        });
    }

    private static void answer(StreamObserver<SendOneResponse> out, SendAnswer.Builder answer, Draft.Whole message) {
        out.onNext(SendOneResponse.newBuilder()
                .setAnswer(answer.setClientId(message.draft().clientId().text()))
                .build());
        out.onCompleted();
    }

    @Override
    public StreamObserver<ReceiveRequest> receive(StreamObserver<ReceiveResponse> out) {
        return new ReceiveStream(doors, caller(), node, (ServerCallStreamObserver<ReceiveResponse>) out).open();
    }

    @Override
    public void track(TrackRequest request, StreamObserver<TrackResponse> out) {
        MessageReader reader = new MessageReader(caller(), node);
        Optional<TrackDoor.Subject> subject = subject(reader, request);
        if (subject.isEmpty()) {
            fail(out, reader.fault().orElseThrow());
            return;
        }
        TrackStream.open(
                doors,
                caller(),
                subject.get(),
                request.getFollow(),
                (ServerCallStreamObserver<TrackResponse>) out,
                events -> TrackResponse.newBuilder().addAllEvents(events).build());
    }

    /** What a request asks about; empty after a fault. */
    static Optional<TrackDoor.Subject> subject(MessageReader reader, TrackRequest request) {
        Optional<TrackDoor.Subject> subject = Optional.empty();
        switch (request.getSubjectCase()) {
            case MESSAGE_ID -> {
                Result<MessageId> id = MessageId.parse(request.getMessageId());
                if (id instanceof Result.Ok<MessageId> ok) {
                    subject = Optional.of(new TrackDoor.Subject.OfMessage(ok.value()));
                } else {
                    reader.fail(
                            id.refusal().reason(), "message_id", id.refusal().about());
                }
            }
            case CLIENT -> {
                Address sender =
                        reader.ownAddress("client.sender", request.getClient().getSender());
                subject = Optional.of(new TrackDoor.Subject.OfClientId(
                        sender,
                        reader.clientId("client.client_id", request.getClient().getClientId())));
            }
            case LIVE -> {
                Set<Address> senders =
                        reader.ownAddresses("live.senders", request.getLive().getSendersList());
                subject = Optional.of(new TrackDoor.Subject.Live(senders));
            }
            case SUBJECT_NOT_SET -> reader.fail(ErrorCode.FIELD_MISSING, "subject", "one of message_id, client, live");
        }
        return reader.isClean() ? subject : Optional.empty();
    }

    @Override
    public void listMessages(ListMessagesRequest request, StreamObserver<ListMessagesResponse> out) {
        MessageReader reader = new MessageReader(caller(), node);
        Set<Address> addresses = reader.ownAddresses("addresses", request.getAddressesList());
        int size = pageSize(reader, "page_size", request.getPageSize(), PAGE, PAGE_MAX);
        if (request.getBox() == MessageBox.UNRECOGNIZED) {
            reader.fail(ErrorCode.FIELD_MISSING, "box", "no such box");
        }
        if (reader.fault().isPresent()) {
            fail(out, reader.fault().get());
            return;
        }
        ListDoor.Box box =
                request.getBox() == MessageBox.MESSAGE_BOX_WAITING ? ListDoor.Box.WAITING : ListDoor.Box.SENT;
        doors.list()
                .list(
                        caller(),
                        new ListDoor.Query(box, addresses, request.getOpenOnly(), size, request.getPageToken()),
                        page -> {
                            if (page instanceof Result.Ok<ListDoor.Page<ListDoor.Summary>> ok) {
                                out.onNext(ListMessagesResponse.newBuilder()
                                        .addAllMessages(ok.value().items().stream()
                                                .map(MessageWriter::summary)
                                                .toList())
                                        .setNextPageToken(ok.value().next().orElse(""))
                                        .build());
                                out.onCompleted();
                            } else {
                                fail(out, new Fault(page.refusal(), "page_token"));
                            }
                        });
    }

    @Override
    public void lookupDirectory(LookupDirectoryRequest request, StreamObserver<LookupDirectoryResponse> out) {
        MessageReader reader = new MessageReader(caller(), node);
        Optional<String> query = reader.line("query", request.getQuery(), QUERY_CHARS_MAX);
        if (query.isEmpty()) {
            reader.fail(ErrorCode.FIELD_MISSING, "query", "a code or a part of a name");
        }
        int limit = pageSize(reader, "limit", request.getLimit(), LOOKUP, LOOKUP_MAX);
        if (reader.fault().isPresent()) {
            fail(out, reader.fault().get());
            return;
        }
        doors.directory().lookup(query.orElseThrow(), limit, found -> {
            out.onNext(LookupDirectoryResponse.newBuilder()
                    .addAllOrganisations(
                            found.offices().stream().map(MessageWriter::office).toList())
                    .setNearest(found.nearest().orElse(""))
                    .setDirectoryVersion(found.version())
                    .build());
            out.onCompleted();
        });
    }

    @Override
    public void nodeStatus(NodeStatusRequest request, StreamObserver<NodeStatusResponse> out) {
        Caller caller = caller();
        doors.operator().status(status -> {
            out.onNext(MessageWriter.status(status, caller, version));
            out.onCompleted();
        });
    }

    /** A page size from 1 to {@code max}; 0 means {@code usual}. */
    static int pageSize(MessageReader reader, String field, int asked, int usual, int max) {
        if (asked < 0 || asked > max) {
            reader.fail(ErrorCode.FIELD_MISSING, field, "1 to {0}, not {1}", max, Integer.toUnsignedString(asked));
            return usual;
        }
        return asked == 0 ? usual : asked;
    }

    static void fail(StreamObserver<?> out, Fault fault) {
        out.onError(ApiErrors.exception(fault));
    }

    /** The interceptor has put it there. */
    static Caller caller() {
        return java.util.Objects.requireNonNull(DoorInterceptor.CALLER.get());
    }
}
