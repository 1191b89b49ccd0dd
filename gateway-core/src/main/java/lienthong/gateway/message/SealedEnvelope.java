package lienthong.gateway.message;

import java.util.List;
import java.util.Optional;

/**
 * A sealed envelope as it travels and is kept: the parts exactly as received, nothing parsed, nothing opened. A relay holds this and
 * {@link EnvelopeFacts}, never more. An instance on one branch carries only the slots of that branch.
 *
 * @param core strict text, at most {@link Limits#HEADER_BYTES_MAX}
 * @param slots those that travel on this branch, ascending by number
 * @param ciphertext inline or spooled
 * @param statement strict text: core hash, ciphertext root and length, manifest hashes, the hash of every slot
 * @param seal where the statement stands under the sender's signature
 */
public record SealedEnvelope(Bytes core, List<Slot> slots, Ciphertext ciphertext, Bytes statement, Seal seal) {
    public SealedEnvelope {
        slots = List.copyOf(slots);
    }

    /**
     * One recipient's way to the content key: {@code key id ‖ enc ‖ random ‖ wrap}. Its suite alone decides how long the enc is, so that whoever
     * carries a slot finds it by these sizes without knowing suites. Source: docs/spec/envelope.md, "Slots".
     *
     * @param number position in the statement's slot lines: recipients in the core's order from 0, the sender's own slot last
     * @param bytes at most {@link Limits#SLOT_BYTES_MAX}
     */
    public record Slot(int number, Bytes bytes) {
        /** Where the enc begins: behind the key id. */
        public static final int ENC_AT = Hash.SIZE_BYTES;

        public static final int RANDOM_BYTES = 32;
        public static final int WRAP_BYTES = 304;
        /** What stands behind the enc. */
        public static final int AFTER_ENC_BYTES = RANDOM_BYTES + WRAP_BYTES;
    }

    /** The encrypted payload: small ones ride in the record, larger ones lie in a spool file. */
    public sealed interface Ciphertext {
        /** Bytes of ciphertext. */
        long length();

        /** In memory, at most {@link Limits#INLINE_CIPHERTEXT_BYTES_MAX}. */
        record Inline(Bytes bytes) implements Ciphertext {
            @Override
            public long length() {
                return bytes.size();
            }
        }

        /** In the store's spool. */
        record Spooled(long spoolId, long length) implements Ciphertext {}
    }

    /**
     * The statement's place in the tree that one signature covers.
     *
     * @param index leaf index, 0 to size − 1
     * @param size leaves in the tree, 1 to {@link Limits#TREE_LEAVES_MAX}
     * @param path RFC 9162 inclusion path, lowest sibling first
     * @param rootText strict text that names the tree's root: what is signed
     * @param cms detached CMS SignedData over {@code rootText}, DER
     * @param pqCms the second, post-quantum CMS where one is required
     */
    public record Seal(int index, int size, List<Hash> path, Bytes rootText, Bytes cms, Optional<Bytes> pqCms) {
        public Seal {
            path = List.copyOf(path);
        }
    }

    /** The same envelope with only the slots of one branch. */
    public SealedEnvelope withSlots(List<Slot> branch) {
        return new SealedEnvelope(core, branch, ciphertext, statement, seal);
    }

    /** The same envelope with its ciphertext at another place. */
    public SealedEnvelope withCiphertext(Ciphertext place) {
        return new SealedEnvelope(core, slots, place, statement, seal);
    }
}
