package lienthong.gateway.audit;

import java.util.List;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/**
 * That a line stands in the log of this size.
 *
 * @param line with its line feed
 * @param path RFC 9162 §2.1.3, lowest sibling first
 */
public record InclusionProof(long index, Bytes line, long size, List<Hash> path) {
    public InclusionProof {
        path = List.copyOf(path);
    }

    /** Whether it proves the line under {@code root}, for instance a checkpoint's. */
    public boolean proves(Hash root) {
        return MerkleTree.verifies(MerkleTree.leafHash(line), index, size, path, root);
    }
}
