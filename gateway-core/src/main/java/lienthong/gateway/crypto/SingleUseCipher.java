package lienthong.gateway.crypto;

import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;

/**
 * AES-256-GCM with an all-zero nonce, for keys that encrypt exactly once. Two texts under one key would show each other and let anyone forge:
 * the key must come from an export or derivation whose context holds fresh random bytes. Stateless, thread-safe. Source: RFC 5116 §5.2.
 */
public final class SingleUseCipher {
    /** What sealing adds. */
    public static final int OVERHEAD_BYTES = AesGcm.TAG_BYTES;

    private static final byte[] ZERO_NONCE = new byte[AesGcm.NONCE_BYTES];

    private SingleUseCipher() {}

    /** Ciphertext ‖ tag, 16 bytes longer than the text. {@code key}: 32 bytes, never used before. */
    public static Bytes seal(SecretBytes key, Bytes aad, SecretBytes plaintext) {
        return seal(key, aad, plaintext.inner());
    }

    /** The same for bytes the caller holds as an array. */
    public static Bytes seal(SecretBytes key, Bytes aad, byte[] plaintext) {
        Invariant.check(key.size() == AesGcm.KEY_BYTES, "key of %d bytes", key.size());
        return Bytes.ofOwned(AesGcm.seal(key.inner(), ZERO_NONCE, aad.toArray(), plaintext));
    }

    /** The text; empty for a wrong key, AAD, tag or size alike. */
    public static Optional<byte[]> open(SecretBytes key, Bytes aad, Bytes sealed) {
        Invariant.check(key.size() == AesGcm.KEY_BYTES, "key of %d bytes", key.size());
        return AesGcm.open(key.inner(), ZERO_NONCE, aad.toArray(), sealed.toArray());
    }

    /** The same for a text that is a secret itself. */
    public static Optional<SecretBytes> openSecret(SecretBytes key, Bytes aad, Bytes sealed) {
        return open(key, aad, sealed).map(SecretBytes::ofOwned);
    }
}
