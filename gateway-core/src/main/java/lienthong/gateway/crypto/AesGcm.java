package lienthong.gateway.crypto;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import lienthong.gateway.message.Bug;

/** AES-GCM with a 16-byte tag through the JDK's provider (4.6 GB/s on one core against 0.09 of BouncyCastle). */
final class AesGcm {
    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;

    private AesGcm() {}

    static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new Bug("every JDK has AES-GCM", e);
        }
    }

    static SecretKeySpec key(byte[] bytes, int offset, int size) {
        return new SecretKeySpec(bytes, offset, size, "AES");
    }

    /**
     * Ciphertext ‖ tag. The room's general entry, also for published vectors: key 16, 24 or 32 bytes, nonce of any size above zero. The
     * product uses 32 and 12.
     */
    static byte[] seal(byte[] key, byte[] nonce, byte[] aad, byte[] plaintext) {
        try {
            Cipher cipher = cipher();
            cipher.init(Cipher.ENCRYPT_MODE, key(key, 0, key.length), new GCMParameterSpec(8 * TAG_BYTES, nonce));
            cipher.updateAAD(aad);
            return cipher.doFinal(plaintext);
        } catch (GeneralSecurityException e) {
            throw new Bug("AES-GCM refuses its own parameters", e);
        }
    }

    /** The reverse; empty for a wrong tag or a text shorter than one. */
    static Optional<byte[]> open(byte[] key, byte[] nonce, byte[] aad, byte[] sealed) {
        if (sealed.length < TAG_BYTES) {
            return Optional.empty();
        }
        try {
            Cipher cipher = cipher();
            cipher.init(Cipher.DECRYPT_MODE, key(key, 0, key.length), new GCMParameterSpec(8 * TAG_BYTES, nonce));
            cipher.updateAAD(aad);
            return Optional.of(cipher.doFinal(sealed));
        } catch (AEADBadTagException wrong) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new Bug("AES-GCM refuses its own parameters", e);
        }
    }
}
