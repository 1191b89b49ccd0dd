package lienthong.gateway.delivery;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.SealedEnvelope;

/**
 * What this node can prove of a message, from custody or from the archive.
 *
 * @param id the message
 * @param envelope first message of its envelope
 * @param core strict text as signed
 * @param statement strict text as signed
 * @param receipts of all recipients, in the order they came
 * @param manifests as given with {@link AcceptedEnvelope} or {@link Delivery#found}; empty where there were none
 * @param sequences its place in its sender's sequences, as written when it came; one, or as many as custodies of it ended here
 * @param proofs as {@link ProofPort} gave them, in the order archived; empty before
 * @param held the whole envelope while it is in custody here
 * @param rewraps the signed notices whose slots open it for recipients here whose keys changed
 * @param tracked ends of all recipients
 */
public record Evidence(
        MessageId id,
        MessageId envelope,
        Bytes core,
        Bytes statement,
        SealedEnvelope.Seal seal,
        List<RoutedReceipt> receipts,
        Bytes manifests,
        List<Bytes> sequences,
        List<Bytes> proofs,
        Optional<SealedEnvelope> held,
        List<Bytes> rewraps,
        Tracked tracked) {
    public Evidence {
        receipts = List.copyOf(receipts);
        sequences = List.copyOf(sequences);
        proofs = List.copyOf(proofs);
        rewraps = List.copyOf(rewraps);
    }
}
