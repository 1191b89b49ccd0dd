package lienthong.gateway.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import java.time.Instant;
import java.util.List;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SecrecyMark;
import lienthong.proto.gateway.v1.Accepted;
import lienthong.proto.gateway.v1.Busy;
import lienthong.proto.gateway.v1.CipherProvider;
import lienthong.proto.gateway.v1.Condition;
import lienthong.proto.gateway.v1.Lease;
import lienthong.proto.gateway.v1.MessageSummary;
import lienthong.proto.gateway.v1.Neighbour;
import lienthong.proto.gateway.v1.NodeStatusResponse;
import lienthong.proto.gateway.v1.Organisation;
import lienthong.proto.gateway.v1.PartHeader;
import lienthong.proto.gateway.v1.ReceivedHeader;
import lienthong.proto.gateway.v1.Refused;
import lienthong.proto.gateway.v1.TrackEvent;
import lienthong.proto.gateway.v1.TrackState;

/** Writes the node's values as the API's messages. */
final class MessageWriter {
    private MessageWriter() {}

    static Timestamp time(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    /** Without a copy: both are immutable. */
    static ByteString bytes(Bytes bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes.asBuffer());
    }

    static Refused refused(Refusal why) {
        return refused(Fault.of(why));
    }

    static Refused refused(Fault fault) {
        return Refused.newBuilder()
                .setNumber(fault.why().reason().number())
                .setReason(fault.why().reason().name())
                .setDetail(fault.why().detail())
                .setField(fault.field())
                .build();
    }

    static Accepted accepted(Submission.Accepted accepted) {
        return Accepted.newBuilder()
                .setMessageId(accepted.id().toString())
                .setAcceptedAt(time(accepted.at()))
                .setDuplicate(accepted.duplicate())
                .build();
    }

    static Busy busy(Submission.Busy busy) {
        return Busy.newBuilder()
                .setNumber(busy.why().reason().number())
                .setReason(busy.why().reason().name())
                .setDetail(busy.why().detail())
                .setRetryAfterMs(Math.max(1, busy.retryAfter().toMillis()))
                .build();
    }

    static lienthong.proto.gateway.v1.Precedence precedence(Precedence precedence) {
        return switch (precedence) {
            case ROUTINE -> lienthong.proto.gateway.v1.Precedence.PRECEDENCE_ROUTINE;
            case URGENT -> lienthong.proto.gateway.v1.Precedence.PRECEDENCE_URGENT;
            case VERY_URGENT -> lienthong.proto.gateway.v1.Precedence.PRECEDENCE_VERY_URGENT;
            case FLASH -> lienthong.proto.gateway.v1.Precedence.PRECEDENCE_FLASH;
            case FLASH_TIMED -> lienthong.proto.gateway.v1.Precedence.PRECEDENCE_FLASH_TIMED;
        };
    }

    static lienthong.proto.gateway.v1.SecrecyMark mark(SecrecyMark mark) {
        return switch (mark) {
            case NONE -> lienthong.proto.gateway.v1.SecrecyMark.SECRECY_MARK_NONE;
            case CONFIDENTIAL -> lienthong.proto.gateway.v1.SecrecyMark.SECRECY_MARK_CONFIDENTIAL;
            case SECRET -> lienthong.proto.gateway.v1.SecrecyMark.SECRECY_MARK_SECRET;
            case TOP_SECRET -> lienthong.proto.gateway.v1.SecrecyMark.SECRECY_MARK_TOP_SECRET;
        };
    }

    static TrackState state(TrackDoor.State state) {
        return switch (state) {
            case ACCEPTED -> TrackState.TRACK_STATE_ACCEPTED;
            case CUSTODY -> TrackState.TRACK_STATE_CUSTODY;
            case HELD -> TrackState.TRACK_STATE_HELD;
            case DELIVERED -> TrackState.TRACK_STATE_DELIVERED;
            case CONSUMED -> TrackState.TRACK_STATE_CONSUMED;
            case RETURNED -> TrackState.TRACK_STATE_RETURNED;
            case EXPIRED -> TrackState.TRACK_STATE_EXPIRED;
            case SETTLED -> TrackState.TRACK_STATE_SETTLED;
        };
    }

    static Lease lease(ReceiveDoor.Lease lease) {
        Lease.Builder builder = Lease.newBuilder()
                .setLease(lease.id())
                .setHeader(header(lease.header()))
                .setDeliveryCount(lease.deliveryCount())
                .setRedelivered(lease.redelivered())
                .setUntil(time(lease.until()));
        for (Draft.Part part : lease.parts()) {
            PartHeader.Builder header = PartHeader.newBuilder()
                    .setName(part.name())
                    .setContentType(part.contentType())
                    .setSizeBytes(part.size());
            part.sha256().ifPresent(hash -> header.setSha256(bytes(hash.bytes())));
            builder.addParts(header);
        }
        return builder.build();
    }

    private static ReceivedHeader header(ReceiveDoor.Received received) {
        return ReceivedHeader.newBuilder()
                .setMessageId(received.id().toString())
                .setSender(received.sender().toString())
                .addAllRecipients(texts(received.recipients()))
                .setRecipient(received.recipient().toString())
                .setService(received.service().word())
                .setSubject(received.subject().orElse(""))
                .setPrecedence(precedence(received.precedence()))
                .setMark(mark(received.mark()))
                .setCreatedAt(time(received.createdAt()))
                .setLifetimeSeconds(received.lifetime().seconds())
                .setContentType(received.contentType().orElse(""))
                .setCorrelationId(received.correlation().orElse(""))
                .setOrderingKey(received.ordering().orElse(""))
                .setDeliveredAt(time(received.deliveredAt()))
                .setLeaf(received.leaf().hex())
                .build();
    }

    static TrackEvent event(TrackDoor.Event event) {
        TrackEvent.Builder builder = TrackEvent.newBuilder()
                .setMessageId(event.id().toString())
                .setClientId(event.clientId().map(Object::toString).orElse(""))
                .setRecipient(event.recipient().map(Object::toString).orElse(""))
                .setState(state(event.state()))
                .setAt(time(event.at()))
                .setNode(event.node().map(Object::toString).orElse(""))
                .setSigner(event.signer().map(Object::toString).orElse(""))
                .setReported(event.reported());
        event.reason().ifPresent(why -> builder.setReason(refused(why)));
        return builder.build();
    }

    static MessageSummary summary(ListDoor.Summary summary) {
        return MessageSummary.newBuilder()
                .setMessageId(summary.id().toString())
                .setClientId(summary.clientId().map(Object::toString).orElse(""))
                .setSender(summary.sender().toString())
                .addAllRecipients(texts(summary.recipients()))
                .setPrecedence(precedence(summary.precedence()))
                .setMark(mark(summary.mark()))
                .setAt(time(summary.at()))
                .setSizeBytes(summary.size())
                .addAllStates(
                        summary.states().stream().map(MessageWriter::state).toList())
                .build();
    }

    static Organisation office(DirectoryDoor.Office office) {
        return Organisation.newBuilder()
                .setCode(office.code().text())
                .setName(office.name())
                .setTier(office.tier())
                .setParent(office.parent().map(OrganisationId::text).orElse(""))
                .addAllAliases(office.aliases())
                .setNode(office.node().map(OrganisationId::text).orElse(""))
                .addAllMailboxes(office.mailboxes())
                .addAllSuccessors(
                        office.successors().stream().map(OrganisationId::text).toList())
                .build();
    }

    static NodeStatusResponse status(OperatorDoor.Status status, Caller caller, String version) {
        NodeStatusResponse.Builder builder = NodeStatusResponse.newBuilder()
                .setNode(status.node().text())
                .setVersion(version)
                .setCondition(
                        switch (status.condition()) {
                            case GREEN -> Condition.CONDITION_GREEN;
                            case AMBER -> Condition.CONDITION_AMBER;
                            case RED -> Condition.CONDITION_RED;
                        })
                .setNetwork(status.network())
                .setDirectoryVersion(status.directory().number())
                .setDirectoryExpiresAt(time(status.directoryExpires()))
                .setStartedAt(time(status.startedAt()))
                .setQueued(status.queued())
                .setWaiting(status.waiting());
        status.addresses().stream()
                .filter(caller::mayUse)
                .map(Address::toString)
                .forEach(builder::addAddresses);
        status.notes().stream().map(MessageWriter::refused).forEach(builder::addNotes);
        for (OperatorDoor.Neighbour neighbour : status.neighbours()) {
            builder.addNeighbours(Neighbour.newBuilder()
                    .setNode(neighbour.node().text())
                    .setConnected(neighbour.connected())
                    .setSince(time(neighbour.since()))
                    .setQueued(neighbour.queued())
                    .setQueuedBytes(neighbour.queuedBytes()));
        }
        status.cipher()
                .ifPresent(cipher -> builder.setCipher(
                        CipherProvider.newBuilder().setSuite(cipher.suite()).setProduct(cipher.product())));
        return builder.build();
    }

    static List<String> texts(List<Address> addresses) {
        return addresses.stream().map(Address::toString).toList();
    }
}
