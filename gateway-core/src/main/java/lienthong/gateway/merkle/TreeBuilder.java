package lienthong.gateway.merkle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/**
 * A tree that grows by one leaf at a time and keeps only its frontier: the roots of the complete subtrees, one for each bit set in the size,
 * at most 63 hashes. Not thread-safe.
 */
public final class TreeBuilder {
    private static final int SIZE_FIELD_BYTES = 8;

    private final List<Hash> frontier = new ArrayList<>();
    private long size;

    /** Adds a leaf by its leaf hash. */
    public void append(Hash leafHash) {
        Hash hash = leafHash;
        for (long bits = size; (bits & 1) == 1; bits >>= 1) {
            hash = MerkleTree.nodeHash(frontier.remove(frontier.size() - 1), hash);
        }
        frontier.add(hash);
        size = Math.addExact(size, 1);
    }

    /** Number of leaves. */
    public long size() {
        return size;
    }

    /** The root now; more leaves may follow. */
    public Hash root() {
        if (frontier.isEmpty()) {
            return MerkleTree.root(List.of());
        }
        Hash root = frontier.get(frontier.size() - 1);
        for (int i = frontier.size() - 2; i >= 0; i--) {
            root = MerkleTree.nodeHash(frontier.get(i), root);
        }
        return root;
    }

    /** What {@link #ofFrontier} continues from: the size, 8 bytes big-endian, then the subtree roots from the largest, 32 bytes each. */
    public Bytes frontier() {
        byte[] out = new byte[SIZE_FIELD_BYTES + frontier.size() * Hash.SIZE_BYTES];
        java.nio.ByteBuffer.wrap(out).putLong(size);
        for (int i = 0; i < frontier.size(); i++) {
            frontier.get(i).bytes().copyTo(out, SIZE_FIELD_BYTES + i * Hash.SIZE_BYTES);
        }
        return Bytes.ofOwned(out);
    }

    /** Continues a tree from its frontier; empty when the bytes are none. */
    public static Optional<TreeBuilder> ofFrontier(Bytes encoded) {
        if (encoded.size() < SIZE_FIELD_BYTES) {
            return Optional.empty();
        }
        long size = encoded.asBuffer().getLong();
        int hashes = Long.bitCount(size);
        if (size < 0 || encoded.size() != SIZE_FIELD_BYTES + hashes * Hash.SIZE_BYTES) {
            return Optional.empty();
        }
        TreeBuilder builder = new TreeBuilder();
        builder.size = size;
        for (int i = 0; i < hashes; i++) {
            builder.frontier.add(new Hash(encoded.slice(SIZE_FIELD_BYTES + i * Hash.SIZE_BYTES, Hash.SIZE_BYTES)));
        }
        return Optional.of(builder);
    }
}
