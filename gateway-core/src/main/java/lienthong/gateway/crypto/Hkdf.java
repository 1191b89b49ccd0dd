package lienthong.gateway.crypto;

import lienthong.gateway.message.Invariant;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/** HKDF (RFC 5869). */
final class Hkdf {
    private Hkdf() {}

    /** Whether RFC 5869 §2.3 allows an output of this size. */
    static boolean isSize(Sha2 hash, int size) {
        return size >= 0 && size <= 255 * hash.sizeBytes;
    }

    /** Extract, then expand. */
    static byte[] derive(Sha2 hash, byte[] ikm, byte[] salt, byte[] info, int size) {
        return generate(hash, new HKDFParameters(ikm, salt, info), size);
    }

    /** Expand only (§2.3): {@code key} is already uniformly random. */
    static byte[] expand(Sha2 hash, byte[] key, byte[] info, int size) {
        return generate(hash, HKDFParameters.skipExtractParameters(key, info), size);
    }

    private static byte[] generate(Sha2 hash, HKDFParameters parameters, int size) {
        Invariant.check(isSize(hash, size), "HKDF output of %d bytes", size);
        HKDFBytesGenerator generator = new HKDFBytesGenerator(hash.engine());
        generator.init(parameters);
        byte[] out = new byte[size];
        generator.generateBytes(out, 0, size);
        return out;
    }
}
