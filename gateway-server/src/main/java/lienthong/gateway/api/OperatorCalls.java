package lienthong.gateway.api;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.proto.operator.v1.AuditCheckpoint;
import lienthong.proto.operator.v1.AuditEvent;
import lienthong.proto.operator.v1.ClientInvitation;
import lienthong.proto.operator.v1.ClientsRevoked;
import lienthong.proto.operator.v1.DiagnoseRequest;
import lienthong.proto.operator.v1.DiagnoseResponse;
import lienthong.proto.operator.v1.DirectoryInForce;
import lienthong.proto.operator.v1.ExportDirectoryRequest;
import lienthong.proto.operator.v1.ExportDirectoryResponse;
import lienthong.proto.operator.v1.ExportEvidenceRequest;
import lienthong.proto.operator.v1.ExportEvidenceResponse;
import lienthong.proto.operator.v1.Finding;
import lienthong.proto.operator.v1.Grade;
import lienthong.proto.operator.v1.ImportDirectoryRequest;
import lienthong.proto.operator.v1.ImportDirectoryResponse;
import lienthong.proto.operator.v1.IssueClientInvitationRequest;
import lienthong.proto.operator.v1.IssueClientInvitationResponse;
import lienthong.proto.operator.v1.OperatorServiceGrpc;
import lienthong.proto.operator.v1.QueueLine;
import lienthong.proto.operator.v1.QueueRequest;
import lienthong.proto.operator.v1.QueueResponse;
import lienthong.proto.operator.v1.RevokeClientsRequest;
import lienthong.proto.operator.v1.RevokeClientsResponse;
import lienthong.proto.operator.v1.ShowAuditRequest;
import lienthong.proto.operator.v1.ShowAuditResponse;
import lienthong.proto.operator.v1.ShowDirectoryRequest;
import lienthong.proto.operator.v1.ShowDirectoryResponse;
import lienthong.proto.operator.v1.SnapshotRequest;
import lienthong.proto.operator.v1.SnapshotResponse;
import lienthong.proto.operator.v1.StatusRequest;
import lienthong.proto.operator.v1.StatusResponse;
import lienthong.proto.operator.v1.StopRequest;
import lienthong.proto.operator.v1.StopResponse;
import lienthong.proto.operator.v1.TrackRequest;
import lienthong.proto.operator.v1.TrackResponse;
import lienthong.proto.operator.v1.VerifyAuditRequest;
import lienthong.proto.operator.v1.VerifyAuditResponse;

/** The operators' API; the interceptor has let operators in only. */
final class OperatorCalls extends OperatorServiceGrpc.OperatorServiceImplBase {
    private static final int PAGE = 100;
    private static final int PAGE_MAX = 1_000;
    private static final long GRACE_SECONDS = 10;
    private static final long GRACE_SECONDS_MAX = 600;
    private static final int DIAL_MAX = 8;
    private static final int HOST_PORT_CHARS_MAX = 260;

    private final Doors doors;
    private final ApiSettings settings;

    OperatorCalls(Doors doors, ApiSettings settings) {
        this.doors = doors;
        this.settings = settings;
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
        Caller caller = GatewayCalls.caller();
        doors.operator().status(status -> {
            StatusResponse.Builder builder = StatusResponse.newBuilder()
                    .setNode(MessageWriter.status(status, caller, settings.version()))
                    .setPid(ProcessHandle.current().pid())
                    .setData(settings.data().toString())
                    .setListen(status.listen().orElse(""))
                    .addAllDial(status.dial())
                    .setDiskFreeBytes(status.diskFree())
                    .setDiskTotalBytes(status.diskTotal())
                    .setHeapUsedBytes(heapUsed())
                    .setNetworkFingerprint(status.networkFingerprint().hex())
                    .setDirectoryHash(status.directory().hash().hex())
                    .putAllCounters(status.counters());
            status.certificatesEnd().ifPresent(end -> builder.setCertificatesEndAt(MessageWriter.time(end)));
            answer(out, builder.build());
        });
    }

    private static long heapUsed() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Override
    public void queue(QueueRequest request, StreamObserver<QueueResponse> out) {
        MessageReader reader = reader();
        int size = GatewayCalls.pageSize(reader, "page_size", request.getPageSize(), PAGE, PAGE_MAX);
        if (!request.getNeighbour().isEmpty() && !request.getNeighbour().equals("local")) {
            OrganisationId unused =
                    reader.value("neighbour", OrganisationId.parse(request.getNeighbour()), settings.node());
        }
        if (failed(reader, out)) {
            return;
        }
        doors.operator()
                .queue(
                        new OperatorDoor.QueueQuery(request.getNeighbour(), size, request.getPageToken()),
                        result -> result.fold(
                                page -> queue(request.getNeighbour(), page, out),
                                why -> fail(out, new Fault(why, "page_token"))));
    }

    /** An empty queue of a code that nobody has is a mistyped code, not an empty queue. */
    private boolean queue(String neighbour, OperatorDoor.QueuePage page, StreamObserver<QueueResponse> out) {
        if (page.total() > 0 || neighbour.isEmpty() || neighbour.equals("local")) {
            return answer(out, queue(page));
        }
        doors.directory().lookup(neighbour, 1, found -> {
            if (found.offices().stream().anyMatch(office -> office.code().text().equals(neighbour))) {
                answer(out, queue(page));
            } else {
                Detail unknown = found.offices().stream()
                        .map(office -> office.code().text())
                        .findFirst()
                        .or(found::nearest)
                        .map(near -> Detail.of("{0}; did you mean {1}?", neighbour, near))
                        .orElse(Detail.of("{0}", neighbour));
                fail(out, Fault.of(ErrorCode.UNKNOWN_RECIPIENT, "neighbour", unknown));
            }
        });
        return true;
    }

    private static QueueResponse queue(OperatorDoor.QueuePage page) {
        QueueResponse.Builder builder = QueueResponse.newBuilder()
                .setTotal(page.total())
                .setNextPageToken(page.page().next().orElse(""));
        for (OperatorDoor.QueueLine line : page.page().items()) {
            QueueLine.Builder one = QueueLine.newBuilder()
                    .setMessageId(line.id().toString())
                    .setSender(line.sender().toString())
                    .addAllRecipients(MessageWriter.texts(line.recipients()))
                    .setNeighbour(line.neighbour())
                    .setPrecedence(MessageWriter.precedence(line.precedence()))
                    .setSince(MessageWriter.time(line.since()))
                    .setSizeBytes(line.size())
                    .setSentBytes(line.sent())
                    .setAttempts(line.attempts());
            line.reason().ifPresent(why -> one.setReason(MessageWriter.refused(why)));
            builder.addLines(one);
        }
        return builder.build();
    }

    @Override
    public void track(TrackRequest request, StreamObserver<TrackResponse> out) {
        MessageReader reader = reader();
        Optional<TrackDoor.Subject> subject = GatewayCalls.subject(reader, request.getTrack());
        if (subject.isEmpty()) {
            GatewayCalls.fail(out, reader.fault().orElseThrow());
            return;
        }
        TrackStream.open(
                doors,
                GatewayCalls.caller(),
                subject.get(),
                request.getTrack().getFollow(),
                (ServerCallStreamObserver<TrackResponse>) out,
                events -> TrackResponse.newBuilder().addAllEvents(events).build());
    }

    @Override
    public void exportEvidence(ExportEvidenceRequest request, StreamObserver<ExportEvidenceResponse> out) {
        Result<MessageId> id = MessageId.parse(request.getMessageId());
        if (id instanceof Result.Ok<MessageId> ok) {
            Download<ExportEvidenceResponse> download = new Download<>(
                    (ServerCallStreamObserver<ExportEvidenceResponse>) out,
                    bytes -> ExportEvidenceResponse.newBuilder()
                            .setContent(bytes)
                            .build());
            doors.operator().evidence(ok.value(), request.getWithContent(), download::begin);
        } else {
            GatewayCalls.fail(out, new Fault(id.refusal(), "message_id"));
        }
    }

    @Override
    public void stop(StopRequest request, StreamObserver<StopResponse> out) {
        long seconds = request.hasGraceSeconds() ? request.getGraceSeconds() : GRACE_SECONDS;
        MessageReader reader = reader();
        if (seconds < 0 || seconds > GRACE_SECONDS_MAX) {
            reader.fail(
                    ErrorCode.LIFETIME_OUT_OF_RANGE, "grace_seconds", "0 to {0}, not {1}", GRACE_SECONDS_MAX, seconds);
        }
        if (failed(reader, out)) {
            return;
        }
        doors.operator()
                .stop(
                        Duration.ofSeconds(seconds),
                        () -> answer(
                                out,
                                StopResponse.newBuilder()
                                        .setPid(ProcessHandle.current().pid())
                                        .build()));
    }

    @Override
    public StreamObserver<ImportDirectoryRequest> importDirectory(StreamObserver<ImportDirectoryResponse> out) {
        return new StreamObserver<>() {
            private final ByteArrayOutputStream file = new ByteArrayOutputStream();
            private boolean over;

            @Override
            public void onNext(ImportDirectoryRequest request) {
                if (over) {
                    return;
                }
                if (file.size() + request.getContent().size() > Limits.DIRECTORY_BYTES_MAX) {
                    over = true;
                    GatewayCalls.fail(
                            out,
                            Fault.of(
                                    ErrorCode.DIRECTORY_INVALID,
                                    "content",
                                    "more than {0} bytes",
                                    Limits.DIRECTORY_BYTES_MAX));
                    return;
                }
                try {
                    request.getContent().writeTo(file);
                } catch (IOException impossible) {
                    throw new UncheckedIOException(impossible);
                }
            }

            @Override
            public void onError(Throwable cut) {
                over = true;
            }

            @Override
            public void onCompleted() {
                if (!over) {
                    over = true;
                    doors.operator().importDirectory(Bytes.ofOwned(file.toByteArray()), result -> {
                        ImportDirectoryResponse.Builder builder = ImportDirectoryResponse.newBuilder();
                        if (result instanceof Result.Ok<OperatorDoor.DirectoryFacts> ok) {
                            builder.setInForce(inForce(ok.value()));
                        } else {
                            builder.setRefused(MessageWriter.refused(result.refusal()));
                        }
                        answer(out, builder.build());
                    });
                }
            }
        };
    }

    private static DirectoryInForce inForce(OperatorDoor.DirectoryFacts facts) {
        return DirectoryInForce.newBuilder()
                .setVersion(facts.version().number())
                .setHash(facts.version().hash().hex())
                .setIsNew(facts.isNew())
                .setOrganisations(facts.organisations())
                .setIssuedAt(MessageWriter.time(facts.issued()))
                .setExpiresAt(MessageWriter.time(facts.expires()))
                .build();
    }

    @Override
    public void showDirectory(ShowDirectoryRequest request, StreamObserver<ShowDirectoryResponse> out) {
        MessageReader reader = reader();
        int size = GatewayCalls.pageSize(reader, "page_size", request.getPageSize(), PAGE, PAGE_MAX);
        if (failed(reader, out)) {
            return;
        }
        doors.operator()
                .showDirectory(
                        size,
                        request.getPageToken(),
                        result -> result.fold(
                                page -> answer(
                                        out,
                                        ShowDirectoryResponse.newBuilder()
                                                .setDirectory(inForce(page.facts()))
                                                .setNetwork(page.network())
                                                .addAllWords(page.words())
                                                .setDigits(page.digits())
                                                .addAllOrganisations(page.page().items().stream()
                                                        .map(MessageWriter::office)
                                                        .toList())
                                                .setNextPageToken(
                                                        page.page().next().orElse(""))
                                                .build()),
                                why -> fail(out, new Fault(why, "page_token"))));
    }

    @Override
    public void exportDirectory(ExportDirectoryRequest request, StreamObserver<ExportDirectoryResponse> out) {
        Download<ExportDirectoryResponse> download = new Download<>(
                (ServerCallStreamObserver<ExportDirectoryResponse>) out,
                bytes -> ExportDirectoryResponse.newBuilder().setContent(bytes).build());
        doors.operator().exportDirectory(download::begin);
    }

    @Override
    public void issueClientInvitation(
            IssueClientInvitationRequest request, StreamObserver<IssueClientInvitationResponse> out) {
        MessageReader reader = reader();
        if (request.getAddress().isEmpty()) {
            reader.fail(ErrorCode.FIELD_MISSING, "address", "for which address");
        }
        Address address = reader.ownAddress("address", request.getAddress());
        List<String> dial = request.getDialList();
        if (dial.size() > DIAL_MAX) {
            reader.fail(ErrorCode.FIELD_MISSING, "dial", "{0} places, at most {1}", dial.size(), DIAL_MAX);
        }
        for (int i = 0; i < dial.size() && reader.isClean(); i++) {
            Optional<String> unused = reader.line("dial[" + i + "]", dial.get(i), HOST_PORT_CHARS_MAX);
        }
        if (failed(reader, out)) {
            return;
        }
        doors.operator().inviteClient(address, dial, result -> {
            IssueClientInvitationResponse.Builder builder = IssueClientInvitationResponse.newBuilder();
            if (result instanceof Result.Ok<OperatorDoor.ClientInvitation> ok) {
                builder.setInvitation(ClientInvitation.newBuilder()
                        .setFile(MessageWriter.bytes(ok.value().file()))
                        .setCode(ok.value().code())
                        .setExpiresAt(MessageWriter.time(ok.value().expires())));
            } else {
                builder.setRefused(MessageWriter.refused(result.refusal()));
            }
            answer(out, builder.build());
        });
    }

    @Override
    public void revokeClients(RevokeClientsRequest request, StreamObserver<RevokeClientsResponse> out) {
        MessageReader reader = reader();
        if (request.getAddress().isEmpty()) {
            reader.fail(ErrorCode.FIELD_MISSING, "address", "for which address");
        }
        Address address = reader.ownAddress("address", request.getAddress());
        if (failed(reader, out)) {
            return;
        }
        doors.operator()
                .revokeClients(
                        address,
                        result -> answer(
                                out,
                                result.fold(
                                        revoked -> RevokeClientsResponse.newBuilder()
                                                .setRevoked(ClientsRevoked.newBuilder()
                                                        .setCertificates(revoked.certificates())
                                                        .setInvitations(revoked.invitations()))
                                                .build(),
                                        why -> RevokeClientsResponse.newBuilder()
                                                .setRefused(MessageWriter.refused(why))
                                                .build())));
    }

    @Override
    public void showAudit(ShowAuditRequest request, StreamObserver<ShowAuditResponse> out) {
        MessageReader reader = reader();
        int count = GatewayCalls.pageSize(reader, "count", request.getCount(), PAGE, PAGE_MAX);
        if (request.hasFromIndex() && request.getFromIndex() < 0) {
            reader.fail(ErrorCode.FIELD_MISSING, "from_index", "not negative");
        }
        if (failed(reader, out)) {
            return;
        }
        Optional<Long> from = request.hasFromIndex() ? Optional.of(request.getFromIndex()) : Optional.empty();
        doors.operator().audit(from, count, page -> answer(out, audit(page)));
    }

    private static ShowAuditResponse audit(OperatorDoor.AuditPage page) {
        ShowAuditResponse.Builder builder = ShowAuditResponse.newBuilder()
                .setSize(page.size())
                .setRoot(page.root().hex());
        page.checkpoint()
                .ifPresent(signed -> builder.setCheckpoint(AuditCheckpoint.newBuilder()
                        .setSize(signed.size())
                        .setRoot(signed.root().hex())
                        .setAt(MessageWriter.time(signed.at()))
                        .setSigner(signed.signer().hex())
                        .setText(signed.text().utf8())
                        .setSignature(ByteString.copyFrom(signed.signature().asBuffer()))));
        for (OperatorDoor.AuditEvent event : page.events()) {
            builder.addEvents(AuditEvent.newBuilder()
                    .setIndex(event.index())
                    .setAt(MessageWriter.time(event.at()))
                    .setKind(event.kind())
                    .setWho(event.who())
                    .setMessageId(event.message().map(MessageId::toString).orElse(""))
                    .setNumber(event.number())
                    .setDetail(event.detail()));
        }
        return builder.build();
    }

    @Override
    public void verifyAudit(VerifyAuditRequest request, StreamObserver<VerifyAuditResponse> out) {
        doors.operator()
                .verifyAudit(checked -> checked.fold(
                        found -> {
                            VerifyAuditResponse.Builder builder = VerifyAuditResponse.newBuilder()
                                    .setSize(found.size())
                                    .setRoot(found.root().hex())
                                    .setCheckpoints(found.checkpoints())
                                    .setDetail(found.detail());
                            found.firstBad().ifPresent(builder::setFirstBad);
                            return answer(out, builder.build());
                        },
                        refusal -> {
                            GatewayCalls.fail(out, Fault.of(refusal));
                            return false;
                        }));
    }

    @Override
    public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> out) {
        doors.operator()
                .snapshot(made -> made.fold(
                        copy -> answer(
                                out,
                                SnapshotResponse.newBuilder()
                                        .setFolder(copy.folder())
                                        .setBytes(copy.bytes())
                                        .build()),
                        why -> fail(out, Fault.of(why))));
    }

    @Override
    public void diagnose(DiagnoseRequest request, StreamObserver<DiagnoseResponse> out) {
        doors.operator().diagnose(findings -> {
            DiagnoseResponse.Builder builder = DiagnoseResponse.newBuilder();
            findings.forEach(finding -> builder.addFindings(Finding.newBuilder()
                    .setTopic(finding.topic().name().toLowerCase(Locale.ROOT))
                    .setGrade(Grade.valueOf("GRADE_" + finding.grade()))
                    .setNumber(finding.code().map(ErrorCode::number).orElse(0))
                    .setDetail(finding.about().english())));
            answer(out, builder.build());
        });
    }

    private MessageReader reader() {
        return new MessageReader(GatewayCalls.caller(), settings.node());
    }

    private static boolean failed(MessageReader reader, StreamObserver<?> out) {
        reader.fault().ifPresent(fault -> GatewayCalls.fail(out, fault));
        return reader.fault().isPresent();
    }

    private static <A> boolean answer(StreamObserver<A> out, A response) {
        out.onNext(response);
        out.onCompleted();
        return true;
    }

    private static boolean fail(StreamObserver<?> out, Fault fault) {
        GatewayCalls.fail(out, fault);
        return false;
    }
}
