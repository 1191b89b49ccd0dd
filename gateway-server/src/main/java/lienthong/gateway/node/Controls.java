package lienthong.gateway.node;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.evidence.AuditProof;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.MessageStore;

/** What operators ask that is the process's business, not the node's. Called in the loop. */
public interface Controls {
    /** Begins an orderly stop. */
    void stop(Duration grace);

    /**
     * An invitation for an embedded client of this office; {@code dial} empty = where this node listens. Touches the disk and takes a third of a
     * second: called outside the loop, never two at once.
     */
    Result<OperatorDoor.ClientInvitation> inviteClient(Address address, List<String> dial);

    /**
     * Certifies an enrolling client. Touches the disk: called outside the loop, never two at once.
     *
     * @param request as it came over the link
     * @return the answer for the link, or the identity room's refusal
     */
    default Result<Bytes> enrolClient(Bytes request, Instant now) {
        return Result.no(ErrorCode.NOT_YOUR_ADDRESS, "no clients are served here");
    }

    /**
     * Revokes all clients of an address. Touches the disk: called outside the loop, never two at once.
     *
     * @param view with the newest of this office's revocation lists that the network knows
     * @return what was revoked, durable, its list still to be published; {@code NOT_YOUR_ADDRESS}
     */
    default Result<NodeKeys.ClientsRevoked> revokeClients(Address address, DirectoryView view, Instant now) {
        return Result.no(ErrorCode.NOT_YOUR_ADDRESS, "no clients are served here");
    }

    /** When the first certificate in use here ends. */
    Optional<Instant> certificatesEnd();

    /** A page of the audit log. Reads the disk: called outside the loop. */
    OperatorDoor.AuditPage audit(Optional<Long> from, int count);

    /**
     * What the audit log says of an envelope that came here at about this time, under a signed checkpoint; empty where it says nothing. Reads the
     * disk: called outside the loop.
     *
     * @param envelope its first message
     */
    default List<AuditProof> auditProofs(MessageId envelope, Instant at) {
        return List.of();
    }

    /** Reads the whole audit log and compares it with its checkpoints: called outside the loop. */
    default Result<OperatorDoor.AuditCheck> verifyAudit() {
        return Result.no(ErrorCode.NO_INPUT, "no audit log is kept here");
    }

    /** The machine's clock jumped ahead while the process ran, and no neighbour has confirmed it: the node goes on by the time since. */
    default Optional<Refusal> clockInDoubt() {
        return Optional.empty();
    }

    /** What is known of this disk having been put back from a copy. */
    default Optional<RestoreState> restored() {
        return Optional.empty();
    }

    /**
     * The neighbours have spoken: the next life may begin.
     *
     * @param held custody numbers on this disk
     * @param shown higher ones that were given back
     * @param view with all records that the neighbours have
     */
    default void compared(Map<OrganisationId, Long> held, Map<OrganisationId, Long> shown, DirectoryView view) {}

    /** A copy of all that lies under the node, for a backup. Touches the disk: called outside the loop, never while keys change. */
    default Result<OperatorDoor.Snapshot> snapshot(MessageStore store) {
        return Result.no(ErrorCode.NO_INPUT, "there is no folder to be copied");
    }

    /** Looks at what lies under the node: clock, disk, modes, certificates, directory, versions. Touches the disk: called outside the loop. */
    default List<OperatorDoor.Finding> diagnose(DirectoryView view) {
        return List.of();
    }

    /** Figures of the process: syncs of the disk, memory. */
    Map<String, Long> counters();
}
