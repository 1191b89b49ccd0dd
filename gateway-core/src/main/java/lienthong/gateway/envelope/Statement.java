package lienthong.gateway.envelope;

import java.util.List;
import lienthong.gateway.message.Hash;

/**
 * What the sender's seal covers: everything of an envelope, by hashes.
 *
 * @param network fingerprint
 * @param core SHA-256 of the core's bytes
 * @param ciphertextRoot RFC 9162 root over the ciphertext's blocks of 1 MiB
 * @param ciphertextLength bytes
 * @param manifests SHA-256 of each message's manifest, in the order of the core's ids
 * @param slots SHA-256 of every slot's bytes: recipients in the core's order, the sender's own last
 */
public record Statement(
        Hash network, Hash core, Hash ciphertextRoot, long ciphertextLength, List<Hash> manifests, List<Hash> slots) {
    public Statement {
        manifests = List.copyOf(manifests);
        slots = List.copyOf(slots);
    }
}
