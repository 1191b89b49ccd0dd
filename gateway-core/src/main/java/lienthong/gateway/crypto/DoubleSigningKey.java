package lienthong.gateway.crypto;

import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;

/**
 * The authority's key: ECDSA P-384 and ML-DSA-87 together. What it signs names itself in its first line, so that no signature serves as
 * another; its elliptic half is also the root certificate's key, whose content begins with a DER byte and never with such a line.
 * Thread-safe.
 */
public final class DoubleSigningKey {
    private final OwnKey ecdsa;
    private final OwnKey mlDsa;

    private DoubleSigningKey(OwnKey ecdsa, OwnKey mlDsa) {
        this.ecdsa = ecdsa;
        this.mlDsa = mlDsa;
    }

    public static DoubleSigningKey generate(Randomness randomness) {
        return new DoubleSigningKey(
                OwnKey.generate(KeyAlgorithm.ECDSA_P384, randomness),
                OwnKey.generate(KeyAlgorithm.ML_DSA_87, randomness));
    }

    /** From two private keys ({@link OwnKey#encode} of each half); DIRECTORY_INVALID unless they are P-384 and ML-DSA-87. */
    public static Result<DoubleSigningKey> decode(SecretBytes ecdsa, SecretBytes mlDsa) {
        return OwnKey.decode(ecdsa).then(first -> OwnKey.decode(mlDsa).then(second -> of(first, second)));
    }

    private static Result<DoubleSigningKey> of(OwnKey ecdsa, OwnKey mlDsa) {
        return ecdsa.algorithm() == KeyAlgorithm.ECDSA_P384 && mlDsa.algorithm() == KeyAlgorithm.ML_DSA_87
                ? Result.ok(new DoubleSigningKey(ecdsa, mlDsa))
                : Result.no(ErrorCode.DIRECTORY_INVALID, "the authority's keys are not ECDSA P-384 and ML-DSA-87");
    }

    /** The elliptic half: for the root certificate. */
    public OwnKey ecdsa() {
        return ecdsa;
    }

    /** The post-quantum half. */
    public OwnKey mlDsa() {
        return mlDsa;
    }

    public DoubleVerifier verifier() {
        return DoubleVerifier.parse(ecdsa.publicKeyInfo(), mlDsa.publicKeyInfo())
                .orBug();
    }

    /** Both signatures over the same bytes; deterministic, a few ms. */
    public DoubleSignature sign(Bytes content) {
        return new DoubleSignature(ecdsa.sign(content), mlDsa.sign(content));
    }

    public void destroy() {
        ecdsa.destroy();
        mlDsa.destroy();
    }
}
