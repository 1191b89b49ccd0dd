package lienthong.gateway.crypto;

import java.math.BigInteger;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;

/** The two curves, and ECDSA's numbers on them. */
final class Curve {
    static final ECNamedDomainParameters P256 = domain(X9ObjectIdentifiers.prime256v1);
    static final ECNamedDomainParameters P384 = domain(SECObjectIdentifiers.secp384r1);

    private Curve() {}

    /** r and s of a signature. */
    record Numbers(BigInteger r, BigInteger s) {}

    static ECNamedDomainParameters of(KeyAlgorithm algorithm) {
        return algorithm == KeyAlgorithm.ECDSA_P256 ? P256 : P384;
    }

    private static ECNamedDomainParameters domain(ASN1ObjectIdentifier oid) {
        return new ECNamedDomainParameters(oid, new ECDomainParameters(CustomNamedCurves.getByOID(oid)));
    }

    /** Strict DER (minimal integers, nothing before or after, 1 ≤ r, s &lt; n); empty for anything else. */
    static Optional<Numbers> decode(ECDomainParameters domain, byte[] signature) {
        try {
            BigInteger[] numbers = StandardDSAEncoding.INSTANCE.decode(domain.getN(), signature);
            return Optional.of(new Numbers(numbers[0], numbers[1]));
        } catch (java.io.IOException | RuntimeException malformed) {
            return Optional.empty();
        }
    }

    /** DER with s replaced by n − s where that is smaller: of the two valid forms, one. */
    static byte[] encodeLow(ECDomainParameters domain, BigInteger r, BigInteger s) {
        try {
            return StandardDSAEncoding.INSTANCE.encode(
                    domain.getN(), r, isLow(domain, s) ? s : domain.getN().subtract(s));
        } catch (java.io.IOException e) {
            throw new lienthong.gateway.message.Bug("two integers do not encode", e);
        }
    }

    static boolean isLow(ECDomainParameters domain, BigInteger s) {
        return s.compareTo(domain.getN().shiftRight(1)) <= 0;
    }
}
