package lienthong.gateway.crypto;

import java.util.Optional;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;

/** ML-KEM (FIPS 203) under the suites' KEMs, on its own: to check keys, and for published vectors. */
enum MlKem {
    ML_KEM_512(MLKEMParameters.ml_kem_512, 800, 1_632, 768),
    ML_KEM_768(MLKEMParameters.ml_kem_768, 1_184, 2_400, 1_088),
    ML_KEM_1024(MLKEMParameters.ml_kem_1024, 1_568, 3_168, 1_568);

    static final int SEED_BYTES = 64;
    private static final int POLYNOMIAL_BYTES = 384;
    private static final int SEED_RHO_BYTES = 32;
    private static final int Q = 3_329;

    @SuppressWarnings("Immutable") // the library's class is, and does not say so
    private final MLKEMParameters parameters;

    private final int publicKeyBytes;
    private final int expandedKeyBytes;
    private final int ciphertextBytes;

    MlKem(MLKEMParameters parameters, int publicKeyBytes, int expandedKeyBytes, int ciphertextBytes) {
        this.parameters = parameters;
        this.publicKeyBytes = publicKeyBytes;
        this.expandedKeyBytes = expandedKeyBytes;
        this.ciphertextBytes = ciphertextBytes;
    }

    int publicKeyBytes() {
        return publicKeyBytes;
    }

    int ciphertextBytes() {
        return ciphertextBytes;
    }

    /** The encapsulation key check of FIPS 203 §7.2 on the first {@link #publicKeyBytes()} bytes: 12-bit coefficients below q. */
    boolean isPublicKey(byte[] encoded) {
        if (encoded.length < publicKeyBytes) {
            return false;
        }
        int end = publicKeyBytes - SEED_RHO_BYTES;
        for (int i = 0; i < end; i += 3) {
            int low = encoded[i] & 0xff | (encoded[i + 1] & 0x0f) << 8;
            int high = (encoded[i + 1] & 0xf0) >> 4 | (encoded[i + 2] & 0xff) << 4;
            if (low >= Q || high >= Q) {
                return false;
            }
        }
        return end % POLYNOMIAL_BYTES == 0;
    }

    /** ML-KEM.KeyGen_internal(d, z), FIPS 203 §6.1; empty for a seed of another size. */
    Optional<MLKEMPrivateKeyParameters> keyFromSeed(byte[] seed) {
        return seed.length == SEED_BYTES
                ? Optional.of(new MLKEMPrivateKeyParameters(parameters, seed))
                : Optional.empty();
    }

    /** An expanded decapsulation key with the checks of FIPS 203 §7.3 (size, hash of the public key, coefficients). */
    Optional<MLKEMPrivateKeyParameters> keyFromExpanded(byte[] expanded) {
        if (expanded.length != expandedKeyBytes) {
            return Optional.empty();
        }
        try {
            MLKEMPrivateKeyParameters key = new MLKEMPrivateKeyParameters(parameters, expanded);
            return isPublicKey(key.getPublicKey()) ? Optional.of(key) : Optional.empty();
        } catch (RuntimeException malformed) {
            return Optional.empty();
        }
    }

    /** The expanded form (FIPS 203 dk). */
    byte[] expanded(MLKEMPrivateKeyParameters key) {
        return key.withPreferredFormat(MLKEMPrivateKeyParameters.EXPANDED_KEY).getEncoded();
    }

    /** ML-KEM.Encaps with randomness m, 32 bytes; empty for a malformed key. */
    Optional<SecretWithEncapsulation> encapsulate(byte[] publicKey, byte[] m) {
        if (publicKey.length != publicKeyBytes || m.length != 32 || !isPublicKey(publicKey)) {
            return Optional.empty();
        }
        return Optional.of(
                MLKEMGenerator.internalGenerateEncapsulated(new MLKEMPublicKeyParameters(parameters, publicKey), m));
    }

    /** ML-KEM.Decaps, 32 bytes; empty for a ciphertext of another size. A foreign ciphertext gives an unrelated secret (implicit rejection). */
    Optional<byte[]> decapsulate(MLKEMPrivateKeyParameters key, byte[] ciphertext) {
        return ciphertext.length == ciphertextBytes
                ? Optional.of(new MLKEMExtractor(key).extractSecret(ciphertext))
                : Optional.empty();
    }
}
