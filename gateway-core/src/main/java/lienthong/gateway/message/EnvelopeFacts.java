package lienthong.gateway.message;

import java.util.List;

/**
 * What any hop knows of an envelope once its seal has been checked: nothing here needed a decryption key.
 *
 * @param header the parsed core
 * @param leaf leaf hash of the statement: <em>the</em> identity of a sealed envelope in receipts, duplicates, evidence
 * @param sealRoot root of the sender's tree
 * @param index leaf index in that tree
 * @param treeSize leaves of that tree
 * @param ciphertextRoot RFC 9162 root over blocks of 1 MiB
 * @param ciphertextLength bytes
 * @param manifests SHA-256 of each message's manifest, in the order of the header's ids
 * @param slotHashes SHA-256 of every slot, recipients in the header's order, the sender's own last
 */
public record EnvelopeFacts(
        Header header,
        Hash leaf,
        Hash sealRoot,
        int index,
        int treeSize,
        Hash ciphertextRoot,
        long ciphertextLength,
        List<Hash> manifests,
        List<Hash> slotHashes) {
    public EnvelopeFacts {
        manifests = List.copyOf(manifests);
        slotHashes = List.copyOf(slotHashes);
    }
}
