package lienthong.gateway.node;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.audit.AuditEntry;
import lienthong.gateway.audit.AuditLog;
import lienthong.gateway.audit.Checkpoint;
import lienthong.gateway.audit.CheckpointSigner;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.envelope.evidence.AuditProof;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;

/** Where the audit log meets the evidence key: what evidence carries of the log, and who signs its checkpoints. */
public final class AuditProofs {
    /** How an envelope's coming is recorded: by its sender's node, and by any other. */
    private static final Set<String> KINDS = Set.of("accepted", "taken-over");

    private AuditProofs() {}

    /** Signs checkpoints with an evidence key. */
    public static CheckpointSigner signer(SigningKey evidenceKey) {
        return new CheckpointSigner() {
            @Override
            public Hash certificate() {
                return evidenceKey.certificate().hash();
            }

            @Override
            public Bytes sign(Bytes text, Instant at) {
                return evidenceKey.signCms(text, at);
            }
        };
    }

    /**
     * What the log says of an envelope that came at about this time. Blocks; signs a checkpoint where none covers the entry yet.
     *
     * @param envelope its first message
     * @return one proof; none where the log says nothing of it or is damaged there
     */
    public static List<AuditProof> of(AuditLog log, MessageId envelope, Instant at) {
        return log
                .find(envelope, KINDS, at)
                .fold(found -> found, no -> Optional.<AuditEntry>empty())
                .flatMap(entry -> log.checkpointCovering(entry.index()).flatMap(signed -> proof(log, entry, signed)))
                .stream()
                .toList();
    }

    private static Optional<AuditProof> proof(AuditLog log, AuditEntry entry, Checkpoint.Signed signed) {
        return log.inclusion(entry.index(), signed.checkpoint().size())
                .fold(
                        found -> Optional.of(new AuditProof(
                                found.line(),
                                found.index(),
                                found.path(),
                                signed.checkpoint().text(),
                                signed.signature())),
                        no -> Optional.<AuditProof>empty());
    }
}
