package lienthong.gateway.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;

/**
 * What both directions of the chunked encryption share: derivation, nonces, sizes. Source: c2sp.org/chunked-encryption v1, Cobblestone-256.
 *
 * <pre>
 * key(32) ‖ base nonce(12) ‖ commitment(32) = HKDF-Expand(SHA-512, input key, label ‖ salt ‖ context)
 * file  = salt(24) ‖ commitment(32) ‖ chunk 0 ‖ chunk 1 ‖ …
 * chunk = AES-256-GCM(key, base nonce XOR number (big-endian), no AAD, up to 16 KiB) ‖ tag(16)
 * The last chunk is always shorter than 16 KiB, and empty when the length is a multiple of it.
 * </pre>
 */
final class ChunkKeys {
    static final int SALT_BYTES = 24;
    static final int COMMITMENT_BYTES = 32;
    static final int HEADER_BYTES = SALT_BYTES + COMMITMENT_BYTES;
    static final int CHUNK_BYTES = Limits.CHUNK_BYTES;
    static final int SEALED_CHUNK_BYTES = CHUNK_BYTES + AesGcm.TAG_BYTES;
    private static final byte[] LABEL =
            "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0".getBytes(StandardCharsets.US_ASCII);

    final byte[] commitment;
    private final Cipher cipher = AesGcm.cipher();
    private final int mode;
    private final SecretKeySpec key;
    private final byte[] baseNonce;
    private final byte[] nonce = new byte[AesGcm.NONCE_BYTES];
    private long number;

    ChunkKeys(int mode, SecretBytes inputKey, byte[] salt, Bytes context) {
        Invariant.check(inputKey.size() == AesGcm.KEY_BYTES, "input key of %d bytes", inputKey.size());
        byte[] info = Arrays.copyOf(LABEL, LABEL.length + SALT_BYTES + context.size());
        System.arraycopy(salt, 0, info, LABEL.length, SALT_BYTES);
        context.copyTo(info, LABEL.length + SALT_BYTES);
        int nonceEnd = AesGcm.KEY_BYTES + AesGcm.NONCE_BYTES;
        byte[] derived = Hkdf.expand(Sha2.SHA_512, inputKey.inner(), info, nonceEnd + COMMITMENT_BYTES);
        this.mode = mode;
        this.key = AesGcm.key(derived, 0, AesGcm.KEY_BYTES);
        this.baseNonce = Arrays.copyOfRange(derived, AesGcm.KEY_BYTES, nonceEnd);
        this.commitment = Arrays.copyOfRange(derived, nonceEnd, derived.length);
        Arrays.fill(derived, (byte) 0);
    }

    /** The next chunk; returns the bytes written, or throws what a wrong tag makes the cipher throw. */
    int next(byte[] in, int offset, int length, byte[] out, int outOffset) throws javax.crypto.AEADBadTagException {
        System.arraycopy(baseNonce, 0, nonce, 0, nonce.length);
        for (int i = 0; i < 8; i++) {
            nonce[nonce.length - 1 - i] ^= (byte) (number >>> 8 * i);
        }
        // The format's counter has 38 bits: 4 PiB, far above Limits.PAYLOAD_BYTES_MAX.
        Invariant.check(number < 1L << 38, "chunk %d", number);
        number++;
        try {
            cipher.init(mode, key, new GCMParameterSpec(8 * AesGcm.TAG_BYTES, nonce));
            return cipher.doFinal(in, offset, length, out, outOffset);
        } catch (javax.crypto.AEADBadTagException wrong) {
            throw wrong;
        } catch (GeneralSecurityException e) {
            throw new Bug("AES-GCM refuses its own parameters", e);
        }
    }
}
