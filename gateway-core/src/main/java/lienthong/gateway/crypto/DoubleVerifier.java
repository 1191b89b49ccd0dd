package lienthong.gateway.crypto;

import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;

/** The authority's two public keys: what it signs holds only when both signatures do. Immutable, thread-safe. */
public final class DoubleVerifier {
    private final VerifyingKey ecdsa;
    private final VerifyingKey mlDsa;

    private DoubleVerifier(VerifyingKey ecdsa, VerifyingKey mlDsa) {
        this.ecdsa = ecdsa;
        this.mlDsa = mlDsa;
    }

    /** From two DER SubjectPublicKeyInfos; DIRECTORY_INVALID unless they are ECDSA P-384 and ML-DSA-87, in this order. */
    public static Result<DoubleVerifier> parse(Bytes ecdsaKeyInfo, Bytes mlDsaKeyInfo) {
        return VerifyingKey.parse(ecdsaKeyInfo)
                .then(first -> VerifyingKey.parse(mlDsaKeyInfo).then(second -> of(first, second)));
    }

    private static Result<DoubleVerifier> of(VerifyingKey ecdsa, VerifyingKey mlDsa) {
        return ecdsa.algorithm() == KeyAlgorithm.ECDSA_P384 && mlDsa.algorithm() == KeyAlgorithm.ML_DSA_87
                ? Result.ok(new DoubleVerifier(ecdsa, mlDsa))
                : Result.no(ErrorCode.DIRECTORY_INVALID, "the authority's keys are not ECDSA P-384 and ML-DSA-87");
    }

    /** Both checked, always both, over the bytes as received. */
    public boolean verifies(Bytes content, DoubleSignature signature) {
        boolean first = ecdsa.verifies(content, signature.ecdsa());
        return mlDsa.verifies(content, signature.mlDsa()) && first;
    }

    public VerifyingKey ecdsa() {
        return ecdsa;
    }

    public VerifyingKey mlDsa() {
        return mlDsa;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DoubleVerifier that && ecdsa.equals(that.ecdsa) && mlDsa.equals(that.mlDsa);
    }

    @Override
    public int hashCode() {
        return ecdsa.hashCode() * 31 + mlDsa.hashCode();
    }
}
