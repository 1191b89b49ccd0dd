package lienthong.gateway.envelope.evidence;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.PartReader;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SignedReceipt;

/**
 * What evidence is written from: what a node keeps for years, and the directories of now and of then. Ciphertext and slots are not part of it.
 *
 * @param id the message, one of the core's
 * @param core as sealed
 * @param statement as sealed
 * @param seal as received
 * @param manifest the message's manifest text, if this node may show it
 * @param parts the message's parts in order, if this node can open them; needs the manifest; read once, and closed when the zip is written
 * @param receipts about the message, oldest first
 * @param audit what this node's audit log says of the envelope
 * @param sequences where the envelope stands in its sender's sequences, texts that lines of {@code audit} name
 * @param directory in force: proves the signers as long as it can
 * @param kept proves those that the directory no longer does
 */
public record EvidenceSource(
        MessageId id,
        Bytes core,
        Bytes statement,
        Seal seal,
        Optional<Bytes> manifest,
        Optional<PartReader> parts,
        List<SignedReceipt> receipts,
        List<AuditProof> audit,
        List<Bytes> sequences,
        DirectoryView directory,
        Kept kept) {
    public EvidenceSource {
        receipts = List.copyOf(receipts);
        audit = List.copyOf(audit);
        sequences = List.copyOf(sequences);
    }
}
