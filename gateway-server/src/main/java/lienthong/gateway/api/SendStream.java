package lienthong.gateway.api;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.proto.gateway.v1.MessageChunk;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendItem;
import lienthong.proto.gateway.v1.SendRequest;
import lienthong.proto.gateway.v1.SendResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Send call.
 *
 * <pre>
 * request ─▶ steps (checked as a whole) ─▶ one at a time: submit | begin | write | end ─▶ answers ─▶ response when the transport is ready
 * </pre>
 *
 * Memory is bounded: the next request is asked for only when all steps of the last are done, fewer than {@link Limits#ACCEPT_WINDOW}
 * submissions wait for their answers, and no answers pile up unread. All state is confined to the mailbox.
 */
final class SendStream implements StreamObserver<SendRequest> {
    /** Transfers open at once on one stream. */
    static final int TRANSFERS_MAX = 16;

    private static final Logger LOG = LoggerFactory.getLogger(SendStream.class);

    private final Doors doors;
    private final Caller caller;
    private final OrganisationId node;
    private final ServerCallStreamObserver<SendResponse> out;
    private final Mailbox mailbox = new Mailbox(this::proceed, this::uncaught);

    private final Deque<Step> steps = new ArrayDeque<>();
    private final Map<Integer, Transfer> transfers = new HashMap<>();
    private final Deque<SendAnswer> answers = new ArrayDeque<>();
    private int unanswered;
    private boolean occupied;
    private boolean requested;
    private boolean halfClosed;
    private boolean over;
    private @Nullable Fault fault;

    SendStream(Doors doors, Caller caller, OrganisationId node, ServerCallStreamObserver<SendResponse> out) {
        this.doors = doors;
        this.caller = caller;
        this.node = node;
        this.out = out;
    }

    /** Takes over flow control; before the service method returns. */
    SendStream open() {
        out.disableAutoRequest();
        out.setOnReadyHandler(() -> mailbox.execute(() -> {}));
        out.setOnCancelHandler(() -> mailbox.execute(this::cut));
        mailbox.execute(() -> {});
        return this;
    }

    @Override
    public void onNext(SendRequest request) {
        mailbox.execute(() -> take(request));
    }

    @Override
    public void onError(Throwable cut) {
        mailbox.execute(this::cut);
    }

    @Override
    public void onCompleted() {
        mailbox.execute(() -> halfClosed = true);
    }

    /** Checks all items of a request before any of them has an effect. */
    private void take(SendRequest request) {
        requested = false;
        if (over || fault != null) {
            return;
        }
        MessageReader reader = new MessageReader(caller, node);
        List<Step> read = new ArrayList<>(request.getItemsCount());
        if (request.getItemsCount() == 0 || request.getItemsCount() > Limits.API_ITEMS_MAX) {
            reader.fail(
                    request.getItemsCount() == 0 ? ErrorCode.FIELD_MISSING : ErrorCode.HEADER_TOO_LARGE,
                    "items",
                    "{0} items; 1 to {1}",
                    request.getItemsCount(),
                    Limits.API_ITEMS_MAX);
        }
        for (int i = 0; i < request.getItemsCount() && reader.isClean(); i++) {
            Step step = step(reader, "items[" + i + "].", request.getItems(i));
            if (step != null) {
                read.add(step);
            }
        }
        if (reader.fault().isPresent()) {
            fail(reader.fault().get());
        } else {
            steps.addAll(read);
        }
    }

    private static @Nullable Step step(MessageReader reader, String path, SendItem item) {
        switch (item.getItemCase()) {
            case WHOLE -> {
                Draft.Whole whole = reader.whole(path + "whole.", item.getWhole());
                return whole == null ? null : new Step.Whole(whole);
            }
            case START -> {
                Draft draft =
                        reader.draft(path + "start.header.", item.getStart().getHeader());
                List<Draft.Part> parts =
                        reader.declaredParts(path + "start.", item.getStart().getPartsList());
                return draft == null || parts == null
                        ? null
                        : new Step.Start(item.getStart().getTransfer(), draft, parts, path + "start.transfer");
            }
            case CHUNK -> {
                int size = item.getChunk().getContent().size();
                if (size == 0 || size > Limits.API_CHUNK_BYTES_MAX) {
                    reader.fail(
                            size == 0 ? ErrorCode.FIELD_MISSING : ErrorCode.SIZE_MISMATCH,
                            path + "chunk.content",
                            "{0} bytes; 1 to {1}",
                            size,
                            Limits.API_CHUNK_BYTES_MAX);
                }
                return new Step.Chunk(item.getChunk(), path + "chunk.");
            }
            case END -> {
                return new Step.End(item.getEnd().getTransfer(), path + "end.");
            }
            case CANCEL -> {
                return new Step.Cancel(item.getCancel().getTransfer());
            }
            case ITEM_NOT_SET -> {
                reader.fail(ErrorCode.FIELD_MISSING, path + "item", "one of whole, start, chunk, end, cancel");
                return null;
            }
        }
        return null;
    }

    /** What is possible now; runs after each turn of the mailbox. */
    private void proceed() {
        if (over) {
            return;
        }
        while (!occupied && fault == null && !steps.isEmpty() && unanswered < Limits.ACCEPT_WINDOW) {
            perform(steps.remove());
        }
        flush();
        if (over) {
            return;
        }
        boolean idle = steps.isEmpty() && !occupied;
        if (fault != null) {
            if (unanswered == 0 && answers.isEmpty() && !occupied) {
                close(fault);
            }
        } else if (halfClosed && idle) {
            if (!transfers.isEmpty()) {
                fail(Fault.of(
                        ErrorCode.SIZE_MISMATCH, "end", "the stream ended before all started messages were complete"));
                mailbox.execute(() -> {});
            } else if (unanswered == 0 && answers.isEmpty()) {
                over = true;
                out.onCompleted();
            }
        } else if (idle
                && !requested
                && !halfClosed
                && unanswered < Limits.ACCEPT_WINDOW
                && answers.size() < Limits.API_ITEMS_MAX) {
            requested = true;
            out.request(1);
        }
    }

    private void perform(Step step) {
        if (step instanceof Step.Whole first) {
            List<Draft.Whole> together = new ArrayList<>();
            together.add(first.message());
            while (steps.peek() instanceof Step.Whole next && together.size() < Limits.API_ITEMS_MAX) {
                together.add(next.message());
                steps.remove();
            }
            submit(together);
        } else if (step instanceof Step.Start start) {
            begin(start);
        } else if (step instanceof Step.Chunk chunk) {
            write(chunk);
        } else if (step instanceof Step.End end) {
            end(end);
        } else if (step instanceof Step.Cancel cancel) {
            Transfer transfer = transfers.remove(cancel.transfer());
            if (transfer != null) {
                transfer.cancel();
            }
        }
    }

    private void submit(List<Draft.Whole> messages) {
        unanswered += messages.size();
        doors.send()
                .submit(
                        caller,
                        messages,
                        submissions -> mailbox.execute(() -> {
                            for (int i = 0; i < messages.size(); i++) {
                                answer(messages.get(i).draft(), submissions.get(i));
                            }
                        }));
    }

    private void begin(Step.Start start) {
        if (transfers.containsKey(start.transfer()) || transfers.size() >= TRANSFERS_MAX) {
            fail(Fault.of(
                    ErrorCode.FIELD_MISSING,
                    start.field(),
                    transfers.size() >= TRANSFERS_MAX
                            ? Detail.of("at most {0} transfers are open at once", TRANSFERS_MAX)
                            : Detail.of("transfer {0} is open already", start.transfer())));
            return;
        }
        occupied = true;
        unanswered++;
        doors.send()
                .begin(
                        caller,
                        start.draft(),
                        start.parts(),
                        opening -> mailbox.execute(() -> {
                            occupied = false;
                            if (opening instanceof SendDoor.Opening.Open open) {
                                unanswered--;
                                Transfer transfer = new Transfer(start.draft(), start.parts(), open.upload());
                                if (over || fault != null) {
                                    transfer.cancel();
                                } else {
                                    transfers.put(start.transfer(), transfer);
                                }
                            } else if (opening instanceof SendDoor.Opening.Answered answered) {
                                if (!over) {
                                    transfers.put(start.transfer(), new Transfer(start.draft(), start.parts(), null));
                                }
                                answer(start.draft(), answered.answer());
                            }
                        }));
    }

    private void write(Step.Chunk step) {
        MessageChunk chunk = step.chunk();
        Transfer transfer = transfers.get(chunk.getTransfer());
        if (transfer == null) {
            fail(Fault.of(
                    ErrorCode.FIELD_MISSING,
                    step.path() + "transfer",
                    "transfer {0} is not open",
                    Integer.toUnsignedString(chunk.getTransfer())));
            return;
        }
        if (transfer.upload == null) {
            return;
        }
        Optional<Fault> wrong = transfer.check(chunk.getPart(), chunk.getContent(), step.path());
        if (wrong.isPresent()) {
            fail(wrong.get());
            return;
        }
        if (!transfer.wanted) {
            return;
        }
        occupied = true;
        transfer.writing = true;
        ByteBuffer bytes = chunk.getContent().asReadOnlyByteBuffer();
        transfer.upload.write(
                bytes,
                more -> mailbox.execute(() -> {
                    occupied = false;
                    transfer.writing = false;
                    transfer.wanted = more;
                    if (over || fault != null) {
                        transfer.cancel();
                    }
                }));
    }

    private void end(Step.End step) {
        Transfer transfer = transfers.remove(step.transfer());
        if (transfer == null) {
            fail(Fault.of(
                    ErrorCode.FIELD_MISSING,
                    step.path() + "transfer",
                    "transfer {0} is not open",
                    Integer.toUnsignedString(step.transfer())));
            return;
        }
        if (transfer.upload == null) {
            return;
        }
        Optional<Fault> incomplete = transfer.complete(step.path());
        if (incomplete.isPresent()) {
            transfer.cancel();
            fail(incomplete.get());
            return;
        }
        unanswered++;
        transfer.upload.end(submission -> mailbox.execute(() -> answer(transfer.draft, submission)));
    }

    private void answer(Draft draft, Submission submission) {
        unanswered--;
        SendAnswer.Builder answer =
                SendAnswer.newBuilder().setClientId(draft.clientId().text());
        if (submission instanceof Submission.Accepted accepted) {
            Optional<Refusal> stopped = doors.notServing();
            if (stopped.isPresent()) {
                fail(Fault.of(stopped.get()));
                return;
            }
            answer.setAccepted(MessageWriter.accepted(accepted));
        } else if (submission instanceof Submission.Busy busy) {
            answer.setBusy(MessageWriter.busy(busy));
        } else if (submission instanceof Submission.Refused refused) {
            if (!ApiErrors.isOutcome(refused.why().reason())) {
                fail(new Fault(refused.why(), refusedField(refused.why().reason())));
                return;
            }
            answer.setRefused(MessageWriter.refused(
                    new Fault(refused.why(), refusedField(refused.why().reason()))));
        }
        answers.add(answer.build());
    }

    /** The field a refusal of the node is about. */
    static String refusedField(ErrorCode reason) {
        return switch (reason) {
            case UNKNOWN_RECIPIENT, RECIPIENT_CLOSED, NO_ROUTE -> "recipients";
            case SECRECY_TOO_HIGH, SECRECY_NEEDS_CIPHER -> "mark";
            case PRECEDENCE_NOT_ALLOWED -> "precedence";
            case SERVICE_NOT_ALLOWED -> "service";
            case NOT_YOUR_ADDRESS, SENDER_NOT_YOURS -> "sender";
            case ID_REUSED -> "client_id";
            default -> "";
        };
    }

    /** Notes the fault; the stream ends with it when everything before it was answered. */
    private void fail(Fault first) {
        if (fault != null) {
            return;
        }
        fault = first;
        steps.clear();
        transfers.values().forEach(Transfer::cancel);
        transfers.clear();
    }

    private void flush() {
        while (!answers.isEmpty() && (out.isReady() || fault != null)) {
            SendResponse.Builder response = SendResponse.newBuilder();
            while (!answers.isEmpty() && response.getAnswersCount() < Limits.API_ITEMS_MAX) {
                response.addAnswers(answers.remove());
            }
            out.onNext(response.build());
        }
    }

    private void close(Fault why) {
        over = true;
        out.onError(ApiErrors.exception(why));
    }

    /** The caller has gone: what was not complete is dropped, what was submitted goes its way. */
    private void cut() {
        over = true;
        steps.clear();
        answers.clear();
        transfers.values().forEach(Transfer::cancel);
        transfers.clear();
    }

    private void uncaught(Throwable bug) {
        LOG.error("Send failed", bug);
        if (!over) {
            cut();
            out.onError(ApiErrors.uncaught());
        }
    }

    /** A checked item. */
    private sealed interface Step {
        record Whole(Draft.Whole message) implements Step {}

        record Start(int transfer, Draft draft, List<Draft.Part> parts, String field) implements Step {}

        record Chunk(MessageChunk chunk, String path) implements Step {}

        record End(int transfer, String path) implements Step {}

        record Cancel(int transfer) implements Step {}
    }

    /** A started message: counts its bytes and hashes those whose hash was given. */
    private static final class Transfer {
        private final Draft draft;
        private final List<Draft.Part> parts;
        private final SendDoor.@Nullable Upload upload;
        private boolean wanted = true;
        private boolean writing;
        private boolean cancelled;
        private int part;
        private long inPart;
        private @Nullable MessageDigest digest;

        /** {@code upload} null: answered already, its bytes are ignored. */
        private Transfer(Draft draft, List<Draft.Part> parts, SendDoor.@Nullable Upload upload) {
            this.draft = draft;
            this.parts = parts;
            this.upload = upload;
        }

        private Optional<Fault> check(int index, ByteString content, String path) {
            Optional<Fault> before = advanceTo(index, path);
            if (before.isPresent()) {
                return before;
            }
            Draft.Part current = parts.get(part);
            if (inPart + content.size() > current.size()) {
                return Optional.of(Fault.of(
                        ErrorCode.SIZE_MISMATCH,
                        path + "content",
                        "part {0}: {1} bytes declared, more sent",
                        part,
                        current.size()));
            }
            if (current.sha256().isPresent()) {
                if (digest == null) {
                    digest = Hash.digest();
                }
                digest.update(content.asReadOnlyByteBuffer());
            }
            inPart += content.size();
            return Optional.empty();
        }

        private Optional<Fault> complete(String path) {
            Optional<Fault> before = advanceTo(parts.size() - 1, path);
            return before.isPresent() ? before : finishPart(path);
        }

        private Optional<Fault> advanceTo(int index, String path) {
            if (index < part || index >= parts.size()) {
                return Optional.of(Fault.of(
                        ErrorCode.SIZE_MISMATCH,
                        path + "part",
                        "part {0} after part {1} of {2}",
                        Integer.toUnsignedString(index),
                        part,
                        parts.size()));
            }
            while (part < index) {
                Optional<Fault> short0 = finishPart(path);
                if (short0.isPresent()) {
                    return short0;
                }
                part++;
                inPart = 0;
                digest = null;
            }
            return Optional.empty();
        }

        private Optional<Fault> finishPart(String path) {
            Draft.Part current = parts.get(part);
            if (inPart != current.size()) {
                return Optional.of(Fault.of(
                        ErrorCode.SIZE_MISMATCH,
                        path + "part",
                        "part {0}: {1} bytes declared, {2} sent",
                        part,
                        current.size(),
                        inPart));
            }
            if (current.sha256().isPresent()) {
                MessageDigest sum = digest == null ? Hash.digest() : digest;
                Hash computed = new Hash(Bytes.ofOwned(sum.digest()));
                if (!computed.equals(current.sha256().get())) {
                    return Optional.of(Fault.of(
                            ErrorCode.HASH_MISMATCH,
                            path + "part",
                            "part {0}: its SHA-256 is not the one given",
                            part));
                }
            }
            return Optional.empty();
        }

        /** Once, and never while a write is under way: its callback cancels then. */
        private void cancel() {
            if (!cancelled && !writing && upload != null) {
                cancelled = true;
                upload.cancel();
            }
        }
    }
}
