package lienthong.gateway.crypto;

import java.util.Optional;
import lienthong.gateway.message.Bug;
import org.bouncycastle.crypto.CipherParameters;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithContext;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.prng.FixedSecureRandom;
import org.bouncycastle.crypto.signers.MLDSASigner;

/**
 * ML-DSA (FIPS 204), pure form. The product uses 65 and 87 with an empty context and without added randomness (a cloned machine must not
 * matter); the rest is for published vectors.
 */
enum MlDsa {
    ML_DSA_44(MLDSAParameters.ml_dsa_44, 1_312, 2_420, 2_560),
    ML_DSA_65(MLDSAParameters.ml_dsa_65, 1_952, 3_309, 4_032),
    ML_DSA_87(MLDSAParameters.ml_dsa_87, 2_592, 4_627, 4_896);

    static final int SEED_BYTES = 32;
    static final int CONTEXT_BYTES_MAX = 255;

    @SuppressWarnings("Immutable") // the library's class is, and does not say so
    private final MLDSAParameters parameters;

    private final int publicKeyBytes;
    private final int signatureBytes;
    private final int expandedKeyBytes;

    MlDsa(MLDSAParameters parameters, int publicKeyBytes, int signatureBytes, int expandedKeyBytes) {
        this.parameters = parameters;
        this.publicKeyBytes = publicKeyBytes;
        this.signatureBytes = signatureBytes;
        this.expandedKeyBytes = expandedKeyBytes;
    }

    static MlDsa of(KeyAlgorithm algorithm) {
        return algorithm == KeyAlgorithm.ML_DSA_65 ? ML_DSA_65 : ML_DSA_87;
    }

    int signatureBytes() {
        return signatureBytes;
    }

    Optional<MLDSAPublicKeyParameters> publicKey(byte[] encoded) {
        return encoded.length == publicKeyBytes
                ? Optional.of(new MLDSAPublicKeyParameters(parameters, encoded))
                : Optional.empty();
    }

    /** ML-DSA.KeyGen_internal(ξ), FIPS 204 §6.1; empty for a seed of another size. */
    Optional<MLDSAPrivateKeyParameters> keyFromSeed(byte[] seed) {
        return seed.length == SEED_BYTES
                ? Optional.of(new MLDSAPrivateKeyParameters(parameters, seed))
                : Optional.empty();
    }

    /** The expanded form (FIPS 204 skEncode); empty for another size or one that contradicts itself. */
    Optional<MLDSAPrivateKeyParameters> keyFromExpanded(byte[] expanded) {
        if (expanded.length != expandedKeyBytes) {
            return Optional.empty();
        }
        try {
            return Optional.of(new MLDSAPrivateKeyParameters(parameters, expanded));
        } catch (RuntimeException malformed) {
            return Optional.empty();
        }
    }

    /** ML-DSA.Sign (FIPS 204 §5.2): context up to 255 bytes, {@code rnd} 32 bytes, zero for the deterministic form. */
    static byte[] sign(MLDSAPrivateKeyParameters key, byte[] context, byte[] rnd, byte[] message) {
        MLDSASigner signer = new MLDSASigner();
        signer.init(true, parameters(key, context, rnd));
        signer.update(message, 0, message.length);
        try {
            return signer.generateSignature();
        } catch (CryptoException e) {
            throw new Bug("ML-DSA does not sign", e);
        }
    }

    /** The same over a message representative μ, 64 bytes, computed elsewhere (FIPS 204 §6.2). */
    static byte[] signMu(MLDSAPrivateKeyParameters key, byte[] rnd, byte[] mu) {
        MLDSASigner signer = new MLDSASigner();
        signer.init(true, parameters(key, new byte[0], rnd));
        try {
            return signer.generateMuSignature(mu);
        } catch (CryptoException e) {
            throw new Bug("ML-DSA does not sign", e);
        }
    }

    private static CipherParameters parameters(MLDSAPrivateKeyParameters key, byte[] context, byte[] rnd) {
        CipherParameters random = new ParametersWithRandom(key, new FixedSecureRandom(rnd));
        return context.length == 0 ? random : new ParametersWithContext(random, context);
    }

    /** ML-DSA.Verify (FIPS 204 §5.3). */
    static boolean verifies(MLDSAPublicKeyParameters key, byte[] context, byte[] message, byte[] signature) {
        if (context.length > CONTEXT_BYTES_MAX) {
            return false;
        }
        MLDSASigner verifier = new MLDSASigner();
        verifier.init(false, context.length == 0 ? key : new ParametersWithContext(key, context));
        verifier.update(message, 0, message.length);
        return verifier.verifySignature(signature);
    }
}
