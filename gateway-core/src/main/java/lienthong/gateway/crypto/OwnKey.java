package lienthong.gateway.crypto;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/**
 * A private signing key whose bytes are ours: ECDSA with deterministic nonces (RFC 6979, so that a cloned machine never repeats one) and low
 * s, or ML-DSA from its seed. RSA is never made here. With a certificate it becomes a {@link SigningKey}; bare it signs directories and
 * freshness statements. Thread-safe.
 */
public final class OwnKey implements RawSigner {
    private static final byte[] NO_RANDOMNESS = new byte[32];

    private final KeyAlgorithm algorithm;
    private final SecretBytes pkcs8;
    private final VerifyingKey publicKey;
    /** {@link ECPrivateKeyParameters} or {@link MLDSAPrivateKeyParameters}, as the algorithm says. */
    private final Object key;

    private OwnKey(KeyAlgorithm algorithm, SecretBytes pkcs8, VerifyingKey publicKey, Object key) {
        this.algorithm = algorithm;
        this.pkcs8 = pkcs8;
        this.publicKey = publicKey;
        this.key = key;
    }

    /** A fresh key; {@code algorithm} is elliptic or post-quantum. */
    public static OwnKey generate(KeyAlgorithm algorithm, Randomness randomness) {
        Invariant.check(algorithm.isElliptic() || algorithm.isPostQuantum(), "no %s keys are made here", algorithm);
        if (algorithm.isPostQuantum()) {
            return ofSeed(algorithm, randomness.bytes(MlDsa.SEED_BYTES));
        }
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(Curve.of(algorithm), randomness.secureRandom()));
        return ofScalar(
                algorithm, ((ECPrivateKeyParameters) generator.generateKeyPair().getPrivate()).getD());
    }

    /**
     * From {@link #encode()} or any PKCS#8 PrivateKeyInfo (RFC 5958) of an elliptic or ML-DSA key, the latter with its seed (RFC 9881 §6).
     *
     * @return DIRECTORY_INVALID for anything else, without a word on the key's bytes
     */
    public static Result<OwnKey> decode(SecretBytes pkcs8) {
        try {
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(pkcs8.inner());
            AlgorithmIdentifier identifier = info.getPrivateKeyAlgorithm();
            ASN1ObjectIdentifier oid = identifier.getAlgorithm();
            if (oid.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
                ASN1ObjectIdentifier curve = ASN1ObjectIdentifier.getInstance(identifier.getParameters());
                BigInteger scalar =
                        ECPrivateKey.getInstance(info.parsePrivateKey()).getKey();
                if (curve.equals(X9ObjectIdentifiers.prime256v1)) {
                    return Result.ok(ofScalar(KeyAlgorithm.ECDSA_P256, scalar));
                }
                if (curve.equals(SECObjectIdentifiers.secp384r1)) {
                    return Result.ok(ofScalar(KeyAlgorithm.ECDSA_P384, scalar));
                }
            } else if (oid.equals(NISTObjectIdentifiers.id_ml_dsa_65)) {
                return Result.ok(ofSeed(KeyAlgorithm.ML_DSA_65, seedOf(info)));
            } else if (oid.equals(NISTObjectIdentifiers.id_ml_dsa_87)) {
                return Result.ok(ofSeed(KeyAlgorithm.ML_DSA_87, seedOf(info)));
            }
            return Result.no(ErrorCode.DIRECTORY_INVALID, "private key algorithm {0}", oid);
        } catch (java.io.IOException | RuntimeException malformed) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "private key is malformed");
        }
    }

    private static byte[] seedOf(PrivateKeyInfo info) throws java.io.IOException {
        Object form = info.parsePrivateKey();
        ASN1OctetString seed = form instanceof ASN1TaggedObject tagged
                ? ASN1OctetString.getInstance(tagged, false)
                : ASN1OctetString.getInstance(ASN1Sequence.getInstance(form).getObjectAt(0));
        if (seed.getOctets().length != MlDsa.SEED_BYTES) {
            throw new IllegalArgumentException("seed size");
        }
        return seed.getOctets();
    }

    private static OwnKey ofScalar(KeyAlgorithm algorithm, BigInteger scalar) {
        var domain = Curve.of(algorithm);
        ECPrivateKeyParameters key = new ECPrivateKeyParameters(scalar, domain);
        byte[] point = new FixedPointCombMultiplier()
                .multiply(domain.getG(), key.getD())
                .normalize()
                .getEncoded(false);
        AlgorithmIdentifier identifier = new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, domain.getName());
        int bits = domain.getN().bitLength();
        return of(
                algorithm,
                () -> new PrivateKeyInfo(
                        identifier,
                        new ECPrivateKey(bits, key.getD(), new org.bouncycastle.asn1.DERBitString(point), null)),
                new SubjectPublicKeyInfo(identifier, point),
                key);
    }

    private static OwnKey ofSeed(KeyAlgorithm algorithm, byte[] seed) {
        MLDSAPrivateKeyParameters key = MlDsa.of(algorithm).keyFromSeed(seed).orElseThrow();
        AlgorithmIdentifier identifier = algorithm.signatureIdentifier;
        return of(
                algorithm,
                () -> new PrivateKeyInfo(identifier, new DERTaggedObject(false, 0, new DEROctetString(seed))),
                new SubjectPublicKeyInfo(identifier, key.getPublicKey()),
                key);
    }

    private interface Encoding {
        PrivateKeyInfo get() throws java.io.IOException;
    }

    private static OwnKey of(KeyAlgorithm algorithm, Encoding encoding, SubjectPublicKeyInfo publicKey, Object key) {
        try {
            Bytes info = Bytes.ofOwned(publicKey.getEncoded(ASN1Encoding.DER));
            SecretBytes pkcs8 = SecretBytes.ofOwned(encoding.get().getEncoded(ASN1Encoding.DER));
            return new OwnKey(algorithm, pkcs8, VerifyingKey.parse(info).orBug(), key);
        } catch (java.io.IOException e) {
            throw new Bug("a key does not encode", e);
        }
    }

    @Override
    public KeyAlgorithm algorithm() {
        return algorithm;
    }

    public VerifyingKey publicKey() {
        return publicKey;
    }

    /** DER SubjectPublicKeyInfo. */
    public Bytes publicKeyInfo() {
        return publicKey.publicKeyInfo();
    }

    /** PKCS#8, to be kept under a {@link PassphraseBox}. A copy: destroy it after use. */
    public SecretBytes encode() {
        return SecretBytes.ofOwned(pkcs8.inner().clone());
    }

    /** The key in the JDK's type, as TLS engines want it; elliptic keys only. */
    public PrivateKey toJdk(KeyAccess access) {
        Invariant.check(algorithm.isElliptic(), "%s for TLS", algorithm);
        byte[] encoded = pkcs8.copy(access);
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new Bug("every JDK has elliptic keys", e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** A signature over {@code content}: DER with low s for ECDSA, FIPS 204 with empty context for ML-DSA. Deterministic. */
    public Bytes sign(Bytes content) {
        return Bytes.ofOwned(sign(content.toArray()));
    }

    @Override
    public byte[] sign(byte[] content) {
        if (pkcs8.isDestroyed()) {
            throw new Bug("signing key used after its destruction");
        }
        if (algorithm.isPostQuantum()) {
            return MlDsa.sign((MLDSAPrivateKeyParameters) key, new byte[0], NO_RANDOMNESS, content);
        }
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(algorithm.digest.engine()));
        signer.init(true, (ECPrivateKeyParameters) key);
        BigInteger[] numbers = signer.generateSignature(algorithm.digest.of(content));
        return Curve.encodeLow(Curve.of(algorithm), numbers[0], numbers[1]);
    }

    /** Overwrites the encoded key; signing afterwards is a {@link Bug}. The library's own copy waits for the collector. */
    public void destroy() {
        pkcs8.destroy();
    }
}
