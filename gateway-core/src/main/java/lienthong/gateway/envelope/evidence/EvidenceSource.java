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
 * What evidence is written from: what a node keeps for years, and the directory in force now. Ciphertext and slots are not part of it.
 *
 * @param id the message, one of the core's
 * @param core as sealed
 * @param statement as sealed
 * @param seal as received
 * @param manifest the message's manifest text, if this node may show it
 * @param parts the message's parts in order, if this node can open them; needs the manifest; read once, and closed when the zip is written
 * @param receipts about the message, oldest first
 * @param auditProof the audit log's inclusion proof, as that room writes it
 * @param directory knows the certificates of all signers
 */
public record EvidenceSource(
        MessageId id,
        Bytes core,
        Bytes statement,
        Seal seal,
        Optional<Bytes> manifest,
        Optional<PartReader> parts,
        List<SignedReceipt> receipts,
        Optional<Bytes> auditProof,
        DirectoryView directory) {
    public EvidenceSource {
        receipts = List.copyOf(receipts);
    }
}
