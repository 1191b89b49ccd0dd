package lienthong.gateway.crypto;

import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The closed list of signing keys. The key fixes hash, padding and encoding of its signatures; a message never chooses them. */
public enum KeyAlgorithm {
    /** ECDSA with SHA-256: the default for addresses, nodes and evidence. */
    ECDSA_P256(1, Sha2.SHA_256, new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256)),
    /** ECDSA with SHA-384: the authority. */
    ECDSA_P384(2, Sha2.SHA_384, new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384)),
    /** RSA of 2048 to 4096 bits with PKCS#1 v1.5 and SHA-256: certificates of the State's CA; never generated here. */
    RSA_PKCS1(
            3, Sha2.SHA_256, new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE)),
    /** RSA-PSS with SHA-256, MGF1 with SHA-256, salt of 32 bytes, where the certificate's key says PSS. */
    RSA_PSS(4, Sha2.SHA_256, new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS, pssParameters())),
    /** ML-DSA-65 (FIPS 204), pure, empty context, deterministic: post-quantum seals. Its CMS digest is SHA-512 (RFC 9882 §3.3). */
    ML_DSA_65(5, Sha2.SHA_512, new AlgorithmIdentifier(NISTObjectIdentifiers.id_ml_dsa_65)),
    /** ML-DSA-87: post-quantum seals, and the second signature of the authority. */
    ML_DSA_87(6, Sha2.SHA_512, new AlgorithmIdentifier(NISTObjectIdentifiers.id_ml_dsa_87));

    private final int number;
    final Sha2 digest;

    @SuppressWarnings("Immutable") // the library's class is, and does not say so
    final AlgorithmIdentifier signatureIdentifier;

    KeyAlgorithm(int number, Sha2 digest, AlgorithmIdentifier signatureIdentifier) {
        this.number = number;
        this.digest = digest;
        this.signatureIdentifier = signatureIdentifier;
    }

    /** A number of our own, for encodings of this room. */
    int number() {
        return number;
    }

    /** ECDSA on one of the two curves. */
    public boolean isElliptic() {
        return this == ECDSA_P256 || this == ECDSA_P384;
    }

    /** Signs a second, post-quantum seal and nothing else of an envelope. */
    public boolean isPostQuantum() {
        return this == ML_DSA_65 || this == ML_DSA_87;
    }

    /** Name of the curve; elliptic only. */
    String curve() {
        return this == ECDSA_P256 ? "P-256" : "P-384";
    }

    private static RSASSAPSSparams pssParameters() {
        AlgorithmIdentifier sha256 = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);
        return new RSASSAPSSparams(
                sha256,
                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, sha256),
                new org.bouncycastle.asn1.ASN1Integer(32),
                RSASSAPSSparams.DEFAULT_TRAILER_FIELD);
    }
}
