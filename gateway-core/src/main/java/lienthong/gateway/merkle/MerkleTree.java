package lienthong.gateway.merkle;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;

/**
 * Roots, paths and consistency proofs over lists of leaf hashes. Stateless, thread-safe. Source: RFC 9162 §2.1.
 *
 * <pre>
 * leaf hash = SHA-256(0x00 ‖ leaf)      node hash = SHA-256(0x01 ‖ left ‖ right)
 * A tree of n leaves splits at the largest power of two below n; the empty tree's root is SHA-256 of nothing.
 * </pre>
 */
public final class MerkleTree {
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private MerkleTree() {}

    /** SHA-256(0x00 ‖ leaf). */
    public static Hash leafHash(Bytes leaf) {
        MessageDigest digest = Hash.digest();
        digest.update(LEAF);
        digest.update(leaf.asBuffer());
        return new Hash(Bytes.ofOwned(digest.digest()));
    }

    /** A digest that has taken the leaf's prefix: feed it the leaf in pieces. */
    static MessageDigest leafDigest() {
        MessageDigest digest = Hash.digest();
        digest.update(LEAF);
        return digest;
    }

    /** SHA-256(0x01 ‖ left ‖ right). */
    public static Hash nodeHash(Hash left, Hash right) {
        MessageDigest digest = Hash.digest();
        digest.update(NODE);
        digest.update(left.bytes().asBuffer());
        digest.update(right.bytes().asBuffer());
        return new Hash(Bytes.ofOwned(digest.digest()));
    }

    /** The root over these leaf hashes; of none, SHA-256 of the empty string. */
    public static Hash root(List<Hash> leafHashes) {
        return leafHashes.isEmpty() ? Hash.of(Bytes.empty()) : subroot(leafHashes);
    }

    private static Hash subroot(List<Hash> leaves) {
        int size = leaves.size();
        if (size == 1) {
            return leaves.get(0);
        }
        int split = split(size);
        return nodeHash(subroot(leaves.subList(0, split)), subroot(leaves.subList(split, size)));
    }

    /** The largest power of two smaller than {@code size}, which is 2 or more. */
    private static int split(int size) {
        return Integer.highestOneBit(size - 1);
    }

    /** The inclusion path of one leaf, from its sibling up (RFC 9162 §2.1.3.1). For all paths of a tree use {@link #paths}. */
    public static List<Hash> path(List<Hash> leafHashes, int index) {
        Invariant.check(index >= 0 && index < leafHashes.size(), "leaf %d of %d", index, leafHashes.size());
        List<Hash> path = new ArrayList<>();
        int from = 0;
        int to = leafHashes.size();
        while (to - from > 1) {
            int middle = from + split(to - from);
            if (index < middle) {
                path.add(0, subroot(leafHashes.subList(middle, to)));
                to = middle;
            } else {
                path.add(0, subroot(leafHashes.subList(from, middle)));
                from = middle;
            }
        }
        return List.copyOf(path);
    }

    /** The paths of all leaves, in order, with every node hashed once. */
    public static List<List<Hash>> paths(List<Hash> leafHashes) {
        List<List<Hash>> paths = new ArrayList<>(leafHashes.size());
        for (int i = 0; i < leafHashes.size(); i++) {
            paths.add(new ArrayList<>());
        }
        if (!leafHashes.isEmpty()) {
            collect(leafHashes, paths);
        }
        paths.replaceAll(List::copyOf);
        return List.copyOf(paths);
    }

    private static Hash collect(List<Hash> leaves, List<List<Hash>> paths) {
        int size = leaves.size();
        if (size == 1) {
            return leaves.get(0);
        }
        int split = split(size);
        Hash left = collect(leaves.subList(0, split), paths.subList(0, split));
        Hash right = collect(leaves.subList(split, size), paths.subList(split, size));
        paths.subList(0, split).forEach(path -> path.add(right));
        paths.subList(split, size).forEach(path -> path.add(left));
        return nodeHash(left, right);
    }

    /** Number of hashes in the path of leaf {@code index} of {@code size}; a path of another length is refused before any hashing. */
    public static int pathLength(long index, long size) {
        Invariant.check(index >= 0 && index < size, "leaf %d of %d", index, size);
        int length = 0;
        for (long node = index, last = size - 1; last > 0; node >>= 1, last >>= 1) {
            if ((node & 1) == 1 || node < last) {
                length++;
            }
        }
        return length;
    }

    /**
     * The root that a path leads to (RFC 9162 §2.1.3.2).
     *
     * @return empty when index, size and path's length do not belong together
     */
    public static Optional<Hash> rootFromPath(Hash leafHash, long index, long size, List<Hash> path) {
        if (index < 0 || index >= size || path.size() != pathLength(index, size)) {
            return Optional.empty();
        }
        Hash hash = leafHash;
        int next = 0;
        for (long node = index, last = size - 1; last > 0; node >>= 1, last >>= 1) {
            if ((node & 1) == 1) {
                hash = nodeHash(path.get(next++), hash);
            } else if (node < last) {
                hash = nodeHash(hash, path.get(next++));
            }
        }
        return Optional.of(hash);
    }

    /** Whether the leaf stands at {@code index} in the tree of {@code size} leaves with this root. */
    public static boolean verifies(Hash leafHash, long index, long size, List<Hash> path, Hash root) {
        return rootFromPath(leafHash, index, size, path).filter(root::equals).isPresent();
    }

    /** The proof that the tree of the first {@code oldSize} leaves is a beginning of this one (RFC 9162 §2.1.4.1); 1 ≤ oldSize ≤ size. */
    public static List<Hash> consistencyProof(List<Hash> leafHashes, int oldSize) {
        Invariant.check(oldSize >= 1 && oldSize <= leafHashes.size(), "old size %d of %d", oldSize, leafHashes.size());
        List<Hash> proof = new ArrayList<>();
        List<Hash> leaves = leafHashes;
        int old = oldSize;
        // Whether the subtree at hand is the old tree itself, whose root the verifier knows.
        boolean known = true;
        while (old < leaves.size()) {
            int split = split(leaves.size());
            if (old <= split) {
                proof.add(0, subroot(leaves.subList(split, leaves.size())));
                leaves = leaves.subList(0, split);
            } else {
                proof.add(0, subroot(leaves.subList(0, split)));
                leaves = leaves.subList(split, leaves.size());
                old -= split;
                known = false;
            }
        }
        if (!known) {
            proof.add(0, subroot(leaves));
        }
        return List.copyOf(proof);
    }

    /** Whether the old tree is a beginning of the new one (RFC 9162 §2.1.4.2). Sizes from outside may be anything. */
    public static boolean isConsistent(long oldSize, Hash oldRoot, long newSize, Hash newRoot, List<Hash> proof) {
        if (oldSize < 1 || oldSize > newSize) {
            return false;
        }
        if (oldSize == newSize) {
            return proof.isEmpty() && oldRoot.equals(newRoot);
        }
        int next = 0;
        long node = oldSize - 1;
        long last = newSize - 1;
        while ((node & 1) == 1) {
            node >>= 1;
            last >>= 1;
        }
        Hash first;
        if (node == 0) {
            first = oldRoot;
        } else if (proof.isEmpty()) {
            return false;
        } else {
            first = proof.get(next++);
        }
        Hash oldHash = first;
        Hash newHash = first;
        for (; last > 0; node >>= 1, last >>= 1) {
            boolean right = (node & 1) == 1;
            if (!right && node >= last) {
                continue;
            }
            if (next == proof.size()) {
                return false;
            }
            Hash sibling = proof.get(next++);
            if (right) {
                oldHash = nodeHash(sibling, oldHash);
                newHash = nodeHash(sibling, newHash);
            } else {
                newHash = nodeHash(newHash, sibling);
            }
        }
        return next == proof.size() && oldHash.equals(oldRoot) && newHash.equals(newRoot);
    }
}
