package lienthong.gateway.merkle;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;

/**
 * The tree over a ciphertext's blocks of 1 MiB, the last one shorter: leaf hash of each block, root over all. Feed it the bytes in any
 * pieces. A transfer that resumes continues from the block hashes already checked; one bad byte costs one block. An empty content has no
 * block. Not thread-safe.
 */
public final class BlockTree {
    public static final int BLOCK_BYTES = Limits.CIPHERTEXT_BLOCK_BYTES;

    private final List<Hash> blocks = new ArrayList<>();
    private final TreeBuilder tree = new TreeBuilder();
    private final MessageDigest digest = MerkleTree.leafDigest();
    private int blockSize;
    private long length;
    private boolean finished;

    /** An empty tree. */
    public BlockTree() {}

    /** Continues after these whole blocks; the next byte fed is at offset {@code blocks.size() × 1 MiB}. */
    public static BlockTree after(List<Hash> wholeBlocks) {
        BlockTree continued = new BlockTree();
        wholeBlocks.forEach(continued::add);
        continued.length = (long) wholeBlocks.size() * BLOCK_BYTES;
        return continued;
    }

    /** Takes the next bytes. */
    public void feed(byte[] content, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            int taken = Math.min(left, BLOCK_BYTES - blockSize);
            digest.update(content, from, taken);
            moved(taken);
            from += taken;
            left -= taken;
        }
    }

    /** The same. */
    public void feed(Bytes content) {
        feed(content.asBuffer());
    }

    /** Takes what remains in the buffer, whose position moves to its limit. */
    public void feed(java.nio.ByteBuffer content) {
        int end = content.limit();
        while (content.position() < end) {
            int taken = Math.min(end - content.position(), BLOCK_BYTES - blockSize);
            content.limit(content.position() + taken);
            digest.update(content);
            content.limit(end);
            moved(taken);
        }
    }

    private void moved(int taken) {
        Invariant.check(!finished, "block tree already finished");
        blockSize += taken;
        length += taken;
        if (blockSize == BLOCK_BYTES) {
            closeBlock();
        }
    }

    private void closeBlock() {
        add(new Hash(Bytes.ofOwned(digest.digest())));
        digest.update((byte) 0);
        blockSize = 0;
    }

    private void add(Hash block) {
        blocks.add(block);
        tree.append(block);
    }

    /** Bytes fed so far, with those of the blocks continued from. */
    public long length() {
        return length;
    }

    /** Leaf hashes of the whole blocks so far; after {@link #finish}, of all. */
    public List<Hash> blocks() {
        return List.copyOf(blocks);
    }

    /** Closes the last block and gives the root. Idempotent; nothing may be fed afterwards. */
    public Hash finish() {
        if (!finished) {
            if (blockSize > 0) {
                closeBlock();
            }
            finished = true;
        }
        return tree.root();
    }

    /** The root of content held in memory. */
    public static Hash rootOf(Bytes content) {
        BlockTree tree = new BlockTree();
        tree.feed(content);
        return tree.finish();
    }
}
