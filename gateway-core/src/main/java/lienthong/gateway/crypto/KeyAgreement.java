package lienthong.gateway.crypto;

import java.math.BigInteger;
import java.util.Optional;
import org.bouncycastle.crypto.agreement.ECDHBasicAgreement;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.util.BigIntegers;

/** The Diffie-Hellman functions under the suites' KEMs, on their own: to check keys, and for published vectors. */
final class KeyAgreement {
    private static final byte[] ANY_SCALAR = new byte[X25519.SCALAR_SIZE];

    private KeyAgreement() {}

    /**
     * X25519(k, u), RFC 7748 §5.
     *
     * @return empty for wrong sizes and for an all-zero result, which RFC 9180 §7.1.4 refuses
     */
    static Optional<byte[]> x25519(byte[] scalar, byte[] u) {
        if (scalar.length != X25519.SCALAR_SIZE || u.length != X25519.POINT_SIZE) {
            return Optional.empty();
        }
        byte[] shared = new byte[X25519.POINT_SIZE];
        return X25519.calculateAgreement(scalar, 0, u, 0, shared, 0) ? Optional.of(shared) : Optional.empty();
    }

    /** Whether the point at {@code offset} is of more than low order: clamped scalars take those, and only those, to zero. */
    static boolean isUsableX25519(byte[] encoded, int offset) {
        return X25519.calculateAgreement(ANY_SCALAR, 0, encoded, offset, new byte[X25519.POINT_SIZE], 0);
    }

    /**
     * ECDH on a named curve (SEC 1 §3.3.1).
     *
     * @param curve {@code P-256} or {@code P-384}
     * @param point X9.62, also compressed; the sizes of suites exclude that form before they come here
     * @return the shared x coordinate, as long as the field; empty for a point off the curve or at infinity, and a scalar out of range
     */
    static Optional<byte[]> ecdh(String curve, BigInteger scalar, byte[] point) {
        try {
            ECDomainParameters domain = new ECDomainParameters(CustomNamedCurves.getByName(curve));
            ECDHBasicAgreement agreement = new ECDHBasicAgreement();
            agreement.init(new ECPrivateKeyParameters(scalar, domain));
            BigInteger x = agreement.calculateAgreement(
                    new ECPublicKeyParameters(domain.getCurve().decodePoint(point), domain));
            return Optional.of(BigIntegers.asUnsignedByteArray(agreement.getFieldSize(), x));
        } catch (RuntimeException refused) {
            return Optional.empty();
        }
    }
}
