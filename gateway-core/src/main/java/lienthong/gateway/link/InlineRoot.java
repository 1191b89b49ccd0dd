package lienthong.gateway.link;

import java.security.MessageDigest;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;

/** Root of the ciphertext tree (RFC 9162 §2.1.1 over blocks of 1 MiB) where the ciphertext is one block: what fits into a frame. */
final class InlineRoot {
    private InlineRoot() {}

    static Hash of(Bytes ciphertext) {
        Invariant.check(
                ciphertext.size() <= Limits.CIPHERTEXT_BLOCK_BYTES, "ciphertext of %d bytes", ciphertext.size());
        MessageDigest digest = Hash.digest();
        if (!ciphertext.isEmpty()) {
            digest.update((byte) 0);
            digest.update(ciphertext.asBuffer());
        }
        return new Hash(Bytes.ofOwned(digest.digest()));
    }
}
