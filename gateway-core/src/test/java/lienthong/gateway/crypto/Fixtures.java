package lienthong.gateway.crypto;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.List;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;

/** A small network's keys, made once for the tests of this room. */
final class Fixtures {
    static final Randomness RANDOM = Randomness.real();
    static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    static final Instant NOW = Instant.parse("2026-06-01T10:20:30Z");
    static final Instant UNTIL = Instant.parse("2056-01-01T00:00:00Z");

    static final OwnKey ROOT_KEY = OwnKey.generate(KeyAlgorithm.ECDSA_P384, RANDOM);
    static final Certificate ROOT = CertificateIssuer.root(ROOT_KEY, "1a2b3c4d", FROM, UNTIL, RANDOM);
    static final CertificateIssuer AUTHORITY = CertificateIssuer.of(SigningKey.of(ROOT_KEY, ROOT), RANDOM);

    static final OwnKey OFFICE_KEY = OwnKey.generate(KeyAlgorithm.ECDSA_P256, RANDOM);
    static final Certificate OFFICE = AUTHORITY.officeCa("A08.10", OFFICE_KEY.publicKeyInfo(), FROM, UNTIL);
    static final CertificateIssuer OFFICE_ISSUER = CertificateIssuer.of(SigningKey.of(OFFICE_KEY, OFFICE), RANDOM);

    private Fixtures() {}

    /** A signing key of an address, of any kind. */
    static SigningKey address(KeyAlgorithm algorithm) {
        if (algorithm == KeyAlgorithm.RSA_PKCS1 || algorithm == KeyAlgorithm.RSA_PSS) {
            KeyPair pair = rsa(algorithm, 2_048);
            return SigningKey.of(
                    pair.getPrivate(), address(Bytes.copyOf(pair.getPublic().getEncoded())));
        }
        OwnKey key = OwnKey.generate(algorithm, RANDOM);
        return SigningKey.of(key, address(key.publicKeyInfo()));
    }

    static Certificate address(Bytes publicKeyInfo) {
        return OFFICE_ISSUER.addressSigning("A08.10/eoffice", publicKeyInfo, FROM, UNTIL);
    }

    static KeyPair rsa(KeyAlgorithm algorithm, int bits) {
        try {
            KeyPairGenerator generator = algorithm == KeyAlgorithm.RSA_PSS
                    ? KeyPairGenerator.getInstance("RSASSA-PSS")
                    : KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static RevocationList list(long number, RevocationList.Entry... entries) {
        return OFFICE_ISSUER.revocationList(BigInteger.valueOf(number), List.of(entries), FROM, UNTIL);
    }
}
