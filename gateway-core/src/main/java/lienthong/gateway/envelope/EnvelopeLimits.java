package lienthong.gateway.envelope;

import lienthong.gateway.message.Limits;

/** Sizes that follow from the format and from {@link Limits}. */
final class EnvelopeLimits {
    private EnvelopeLimits() {}

    /** Twice the largest payload: records, padding (at most 12 %) and tags stay far below. */
    static final long CIPHERTEXT_BYTES_MAX = 2 * Limits.PAYLOAD_BYTES_MAX;

    /** A path in a tree of {@link Limits#TREE_LEAVES_MAX} leaves. */
    static final int PATH_HASHES_MAX = 10;
}
