package lienthong.gateway.crypto;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.jspecify.annotations.Nullable;

/**
 * A public key that checks signatures of its one kind ({@link KeyAlgorithm}). Parsed once, checked once, then fast. Immutable, thread-safe;
 * equal when the encoded keys are.
 *
 * <p>ECDSA is checked by BouncyCastle, because SunEC of JDK 17 accepts a signature with a zero byte missing and refuses four valid ones
 * (Wycheproof); RSA by the JDK.
 */
public final class VerifyingKey {
    private static final int RSA_BITS_MIN = 2_048;
    private static final int RSA_BITS_MAX = 4_096;
    private static final int RSA_EXPONENT_BITS_MAX = 64;
    private static final int PSS_SALT_BYTES = 32;

    private final KeyAlgorithm algorithm;
    private final Bytes encoded;
    /** {@link ECPublicKeyParameters}, {@link PublicKey} or {@link MLDSAPublicKeyParameters}, as the algorithm says. */
    private final Object key;

    private VerifyingKey(KeyAlgorithm algorithm, Bytes encoded, Object key) {
        this.algorithm = algorithm;
        this.encoded = encoded;
        this.key = key;
    }

    /**
     * From a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
     *
     * @return DIRECTORY_INVALID for an algorithm outside the list, RSA outside 2048 to 4096 bits, a point off its curve or compressed, or an
     *     encoding that is not DER
     */
    public static Result<VerifyingKey> parse(Bytes publicKeyInfo) {
        try {
            byte[] der = publicKeyInfo.toArray();
            SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(ASN1Primitive.fromByteArray(der));
            if (!java.util.Arrays.equals(info.getEncoded(ASN1Encoding.DER), der)) {
                return refuse("public key is not DER");
            }
            return parse(info, publicKeyInfo);
        } catch (java.io.IOException | RuntimeException malformed) {
            return refuse("public key is malformed");
        }
    }

    private static Result<VerifyingKey> parse(SubjectPublicKeyInfo info, Bytes encoded) throws java.io.IOException {
        AlgorithmIdentifier identifier = info.getAlgorithm();
        ASN1ObjectIdentifier oid = identifier.getAlgorithm();
        if (oid.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            return ellipticKey(info, encoded);
        }
        if (oid.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return rsaKey(KeyAlgorithm.RSA_PKCS1, info, encoded);
        }
        if (oid.equals(PKCSObjectIdentifiers.id_RSASSA_PSS) && allowsOurPss(identifier)) {
            return rsaKey(KeyAlgorithm.RSA_PSS, info, encoded);
        }
        boolean bare = identifier.getParameters() == null;
        if (bare && oid.equals(NISTObjectIdentifiers.id_ml_dsa_65)) {
            return latticeKey(KeyAlgorithm.ML_DSA_65, info, encoded);
        }
        if (bare && oid.equals(NISTObjectIdentifiers.id_ml_dsa_87)) {
            return latticeKey(KeyAlgorithm.ML_DSA_87, info, encoded);
        }
        return refuse("public key algorithm " + oid);
    }

    private static Result<VerifyingKey> ellipticKey(SubjectPublicKeyInfo info, Bytes encoded) {
        ASN1ObjectIdentifier curve =
                ASN1ObjectIdentifier.getInstance(info.getAlgorithm().getParameters());
        KeyAlgorithm algorithm;
        if (curve.equals(X9ObjectIdentifiers.prime256v1)) {
            algorithm = KeyAlgorithm.ECDSA_P256;
        } else if (curve.equals(SECObjectIdentifiers.secp384r1)) {
            algorithm = KeyAlgorithm.ECDSA_P384;
        } else {
            return refuse("curve " + curve);
        }
        byte[] point = info.getPublicKeyData().getOctets();
        if (point.length == 0 || point[0] != 4) {
            return refuse("compressed point");
        }
        var domain = Curve.of(algorithm);
        return Result.ok(new VerifyingKey(
                algorithm, encoded, new ECPublicKeyParameters(domain.getCurve().decodePoint(point), domain)));
    }

    private static Result<VerifyingKey> rsaKey(KeyAlgorithm algorithm, SubjectPublicKeyInfo info, Bytes encoded)
            throws java.io.IOException {
        RSAPublicKey numbers = RSAPublicKey.getInstance(info.parsePublicKey());
        BigInteger modulus = numbers.getModulus();
        BigInteger exponent = numbers.getPublicExponent();
        int bits = modulus.bitLength();
        if (modulus.signum() <= 0 || bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || !modulus.testBit(0)) {
            return refuse("RSA key of " + bits + " bits");
        }
        if (exponent.compareTo(BigInteger.TWO) <= 0
                || !exponent.testBit(0)
                || exponent.bitLength() > RSA_EXPONENT_BITS_MAX) {
            return refuse("RSA exponent");
        }
        try {
            PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
            return Result.ok(new VerifyingKey(algorithm, encoded, key));
        } catch (GeneralSecurityException refused) {
            return refuse("RSA key");
        }
    }

    /** PSS keys may fix their parameters (RFC 4055 §3.1); ours must be among what they allow. */
    private static boolean allowsOurPss(AlgorithmIdentifier identifier) {
        if (identifier.getParameters() == null) {
            return true;
        }
        RSASSAPSSparams fixed = RSASSAPSSparams.getInstance(identifier.getParameters());
        return fixed.getHashAlgorithm().getAlgorithm().equals(NISTObjectIdentifiers.id_sha256)
                && fixed.getMaskGenAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.id_mgf1)
                && AlgorithmIdentifier.getInstance(fixed.getMaskGenAlgorithm().getParameters())
                        .getAlgorithm()
                        .equals(NISTObjectIdentifiers.id_sha256)
                && fixed.getSaltLength().intValueExact() <= PSS_SALT_BYTES;
    }

    private static Result<VerifyingKey> latticeKey(KeyAlgorithm algorithm, SubjectPublicKeyInfo info, Bytes encoded) {
        MlDsa parameters = MlDsa.of(algorithm);
        byte[] key = info.getPublicKeyData().getOctets();
        return parameters
                .publicKey(key)
                .<Result<VerifyingKey>>map(parsed -> Result.ok(new VerifyingKey(algorithm, encoded, parsed)))
                .orElseGet(() -> refuse("ML-DSA key of " + key.length + " bytes"));
    }

    private static Result<VerifyingKey> refuse(String detail) {
        return Result.no(ErrorCode.DIRECTORY_INVALID, Detail.technical(detail));
    }

    public KeyAlgorithm algorithm() {
        return algorithm;
    }

    /** DER SubjectPublicKeyInfo, as parsed. */
    public Bytes publicKeyInfo() {
        return encoded;
    }

    /**
     * Whether {@code signature} is this key's over {@code content}. ECDSA: strict DER and the lower of the two s, so that a signature has one
     * form. Nothing is thrown for hostile input.
     */
    public boolean verifies(Bytes content, Bytes signature) {
        return verifies(content.toArray(), signature.toArray());
    }

    boolean verifies(byte[] content, byte[] signature) {
        return algorithm.isElliptic()
                ? ecdsa(content, signature, algorithm.digest, true)
                : verifies(content, signature, algorithm.digest);
    }

    /**
     * For published vectors, which pair keys with other hashes too and know nothing of low s: ECDSA and PKCS#1 with the hash given, both
     * forms of s.
     */
    boolean verifies(byte[] content, byte[] signature, Sha2 hash) {
        return switch (algorithm) {
            case ECDSA_P256, ECDSA_P384 -> ecdsa(content, signature, hash, false);
            case RSA_PKCS1 -> jca(hash.signaturePrefix + "RSA", null, content, signature);
            case RSA_PSS -> pss(content, signature, hash, hash, PSS_SALT_BYTES);
            case ML_DSA_65, ML_DSA_87 -> lattice(content, signature);
        };
    }

    /** RSA-PSS with the parameters given, for published vectors; whatever the key says of itself. */
    boolean pss(byte[] content, byte[] signature, Sha2 hash, Sha2 mask, int saltBytes) {
        return jca(
                "RSASSA-PSS",
                new PSSParameterSpec(hash.label, "MGF1", new MGF1ParameterSpec(mask.label), saltBytes, 1),
                content,
                signature);
    }

    private boolean ecdsa(byte[] content, byte[] signature, Sha2 hash, boolean lowOnly) {
        ECPublicKeyParameters point = (ECPublicKeyParameters) key;
        var domain = point.getParameters();
        return Curve.decode(domain, signature)
                .filter(numbers -> !lowOnly || Curve.isLow(domain, numbers.s()))
                .filter(numbers -> {
                    ECDSASigner verifier = new ECDSASigner();
                    verifier.init(false, point);
                    return verifier.verifySignature(hash.of(content), numbers.r(), numbers.s());
                })
                .isPresent();
    }

    private boolean jca(String name, @Nullable PSSParameterSpec parameters, byte[] content, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(name);
            if (parameters != null) {
                verifier.setParameter(parameters);
            }
            verifier.initVerify((PublicKey) key);
            verifier.update(content);
            return verifier.verify(signature);
        } catch (SignatureException wrongLength) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new Bug("every JDK has " + name, e);
        }
    }

    private boolean lattice(byte[] content, byte[] signature) {
        MLDSASigner verifier = new MLDSASigner();
        verifier.init(false, (MLDSAPublicKeyParameters) key);
        verifier.update(content, 0, content.length);
        return verifier.verifySignature(signature);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VerifyingKey that && encoded.equals(that.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }
}
