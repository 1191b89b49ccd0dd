package lienthong.gateway.crypto;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.jspecify.annotations.Nullable;

/**
 * An X.509 certificate (RFC 5280), parsed once: version 3, DER, a public key of the closed list ({@link KeyAlgorithm}). Parsing says nothing
 * about trust: that is {@link CertificateChain}. Immutable, thread-safe; equal when the bytes are.
 */
public final class Certificate {
    private static final int SERIAL_BITS_MAX = 160;
    private static final Set<ASN1ObjectIdentifier> UNDERSTOOD = Set.of(
            Extension.basicConstraints, Extension.keyUsage, Extension.extendedKeyUsage, Extension.nameConstraints);

    private final Bytes der;
    private final Hash hash;
    private final org.bouncycastle.asn1.x509.Certificate inner;
    private final VerifyingKey key;
    private final String subject;
    private final String issuer;
    private final List<String> organisations;
    private final List<String> organisationalUnits;
    private final List<String> commonNames;
    private final Instant notBefore;
    private final Instant notAfter;
    private final BasicConstraints basicConstraints;
    private final int keyUsage;
    private final @Nullable NameConstraints nameConstraints;
    private volatile @Nullable Hash signedBy;

    private Certificate(Bytes der, org.bouncycastle.asn1.x509.Certificate inner, VerifyingKey key) {
        this.der = der;
        this.hash = Hash.of(der);
        this.inner = inner;
        this.key = key;
        // Everything is read here, under the parser's eye: nothing a caller asks later can find malformed bytes.
        this.subject = BCStyle.INSTANCE.toString(inner.getSubject());
        this.issuer = BCStyle.INSTANCE.toString(inner.getIssuer());
        this.organisations = names(inner.getSubject(), BCStyle.O);
        this.organisationalUnits = names(inner.getSubject(), BCStyle.OU);
        this.commonNames = names(inner.getSubject(), BCStyle.CN);
        this.notBefore = inner.getStartDate().getDate().toInstant();
        this.notAfter = inner.getEndDate().getDate().toInstant();
        Extensions extensions = inner.getTBSCertificate().getExtensions();
        BasicConstraints constraints = extensions == null ? null : BasicConstraints.fromExtensions(extensions);
        this.basicConstraints = constraints == null ? new BasicConstraints(false) : constraints;
        KeyUsage usage = extensions == null ? null : KeyUsage.fromExtensions(extensions);
        // No extension: no restriction (RFC 5280 §4.2.1.3).
        this.keyUsage = usage == null ? -1 : bits(usage);
        this.nameConstraints = extensions == null
                ? null
                : NameConstraints.getInstance(
                        Extensions.getExtensionParsedValue(extensions, Extension.nameConstraints));
    }

    private static int bits(KeyUsage usage) {
        int all = 0;
        for (int bit :
                new int[] {KeyUsage.digitalSignature, KeyUsage.nonRepudiation, KeyUsage.keyCertSign, KeyUsage.cRLSign
                }) {
            all |= usage.hasUsages(bit) ? bit : 0;
        }
        return all;
    }

    /**
     * From DER as received.
     *
     * @return DIRECTORY_INVALID for more than {@code Limits.CMS_BYTES_MAX} bytes, anything that is not exactly one DER certificate of
     *     version 3, a doubled extension, or a key outside the closed list
     */
    public static Result<Certificate> parse(Bytes der) {
        if (der.size() > Limits.CMS_BYTES_MAX) {
            return refuse("certificate of " + der.size() + " bytes");
        }
        try {
            byte[] encoded = der.toArray();
            var inner = org.bouncycastle.asn1.x509.Certificate.getInstance(ASN1Primitive.fromByteArray(encoded));
            if (!Arrays.equals(inner.getEncoded(ASN1Encoding.DER), encoded)) {
                return refuse("certificate is not DER");
            }
            TBSCertificate body = inner.getTBSCertificate();
            BigInteger serial = body.getSerialNumber().getValue();
            if (inner.getVersionNumber() != 3 || serial.signum() <= 0 || serial.bitLength() > SERIAL_BITS_MAX) {
                return refuse("certificate's version or serial number");
            }
            if (inner.getSignature().getPadBits() != 0) {
                return refuse("certificate's signature is not whole bytes");
            }
            // Which algorithm its issuer used matters where a chain is checked, and only algorithms of the list pass
            // there.
            if (!body.getSignature().equals(inner.getSignatureAlgorithm())) {
                return refuse("certificate names two signature algorithms");
            }
            Bytes keyInfo = Bytes.ofOwned(body.getSubjectPublicKeyInfo().getEncoded(ASN1Encoding.DER));
            return VerifyingKey.parse(keyInfo).map(key -> new Certificate(der, inner, key));
        } catch (java.io.IOException | RuntimeException malformed) {
            return refuse("certificate is malformed");
        }
    }

    /** From PEM (RFC 7468) with exactly one certificate; otherwise as {@link #parse}. */
    public static Result<Certificate> parsePem(String pem) {
        return Pem.decode("CERTIFICATE", pem).map(Certificate::parse).orElseGet(() -> refuse("no PEM certificate"));
    }

    private static Result<Certificate> refuse(String detail) {
        return Result.no(ErrorCode.DIRECTORY_INVALID, Detail.technical(detail));
    }

    /** The key kind that makes signatures of this identifier. */
    static Optional<KeyAlgorithm> signatureAlgorithm(AlgorithmIdentifier identifier) {
        return Arrays.stream(KeyAlgorithm.values())
                .filter(algorithm -> algorithm.signatureIdentifier.equals(identifier))
                .findFirst();
    }

    public Bytes der() {
        return der;
    }

    /** SHA-256 of the DER: how certificates are named everywhere. */
    public Hash hash() {
        return hash;
    }

    /** RFC 7468 text. */
    public String pem() {
        return Pem.encode("CERTIFICATE", der);
    }

    /** Parsed once, checks signatures at once. */
    public VerifyingKey publicKey() {
        return key;
    }

    public KeyAlgorithm publicKeyAlgorithm() {
        return key.algorithm();
    }

    public BigInteger serial() {
        return inner.getSerialNumber().getValue();
    }

    public Instant notBefore() {
        return notBefore;
    }

    public Instant notAfter() {
        return notAfter;
    }

    /** Both ends included (RFC 5280 §4.1.2.5). */
    public boolean isValidAt(Instant now) {
        return !now.isBefore(notBefore) && !now.isAfter(notAfter);
    }

    /** The whole subject, to show, for instance {@code O=Lienthong,OU=1234,OU=A08.10,CN=office CA}. */
    public String subject() {
        return subject;
    }

    /** The whole issuer, to show. */
    public String issuer() {
        return issuer;
    }

    /** The subject's O, if there is exactly one. */
    public Optional<String> organisation() {
        return only(organisations);
    }

    /** The subject's OUs, in order: in our certificates the network's short fingerprint, then the office's code. */
    public List<String> organisationalUnits() {
        return organisationalUnits;
    }

    /** The subject's CN, if there is exactly one. */
    public Optional<String> commonName() {
        return only(commonNames);
    }

    private static Optional<String> only(List<String> values) {
        return values.size() == 1 ? Optional.of(values.get(0)) : Optional.empty();
    }

    private static List<String> names(X500Name name, ASN1ObjectIdentifier type) {
        return Arrays.stream(name.getRDNs(type))
                .map(rdn -> rdn.getFirst().getValue())
                .map(value ->
                        value instanceof org.bouncycastle.asn1.ASN1String text ? text.getString() : value.toString())
                .toList();
    }

    /** May sign certificates: CA flag, and the usage where one is given. */
    public boolean isCa() {
        return basicConstraints.isCA() && (keyUsage & KeyUsage.keyCertSign) != 0;
    }

    /** May sign documents: not a CA, and digitalSignature or nonRepudiation where usages are given. */
    public boolean maySign() {
        return !basicConstraints.isCA() && (keyUsage & (KeyUsage.digitalSignature | KeyUsage.nonRepudiation)) != 0;
    }

    /** May sign revocation lists. */
    boolean maySignLists() {
        return isCa() && (keyUsage & KeyUsage.cRLSign) != 0;
    }

    /** Whether {@code ca}'s key signed this one and is named as issuer; says nothing about dates or rights. */
    public boolean isSignedBy(Certificate ca) {
        // Signer and issuer are judged anew for each message; the arithmetic between two certificates never changes.
        Hash known = signedBy;
        if (known != null && known.equals(ca.hash())) {
            return true;
        }
        boolean signed = verifiesUnder(ca);
        if (signed) {
            signedBy = ca.hash();
        }
        return signed;
    }

    private boolean verifiesUnder(Certificate ca) {
        if (!Arrays.equals(nameBytes(inner.getIssuer()), nameBytes(ca.inner.getSubject()))
                || signatureAlgorithm(inner.getSignatureAlgorithm())
                        .filter(ca.publicKeyAlgorithm()::equals)
                        .isEmpty()) {
            return false;
        }
        try {
            byte[] body = inner.getTBSCertificate().getEncoded(ASN1Encoding.DER);
            return ca.key.verifies(body, inner.getSignature().getOctets());
        } catch (java.io.IOException e) {
            throw new Bug("a parsed certificate does not encode", e);
        }
    }

    /** The JDK's form, as TLS engines want it: for certificates of our own issuing; what the JDK cannot read is a {@link Bug}. */
    public X509Certificate toJdk() {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der.toArray()));
        } catch (GeneralSecurityException e) {
            throw new Bug("a parsed certificate is none to the JDK", e);
        }
    }

    /** Longest chain of further CAs below, if limited. */
    Optional<BigInteger> pathLength() {
        return Optional.ofNullable(basicConstraints.getPathLenConstraint());
    }

    Optional<NameConstraints> nameConstraints() {
        return Optional.ofNullable(nameConstraints);
    }

    X500Name subjectName() {
        return inner.getSubject();
    }

    X500Name issuerName() {
        return inner.getIssuer();
    }

    org.bouncycastle.asn1.x509.Certificate inner() {
        return inner;
    }

    /** Critical extensions that nobody here understands: a reason to refuse (RFC 5280 §4.2). */
    boolean hasUnknownCriticalExtension() {
        Extensions extensions = inner.getTBSCertificate().getExtensions();
        return extensions != null
                && !new HashSet<ASN1ObjectIdentifier>(UNDERSTOOD)
                        .containsAll(Arrays.asList(extensions.getCriticalExtensionOIDs()));
    }

    /** A parsed extension's value, or null. */
    @Nullable
    ASN1Encodable extension(ASN1ObjectIdentifier type) {
        Extensions extensions = inner.getTBSCertificate().getExtensions();
        return extensions == null ? null : Extensions.getExtensionParsedValue(extensions, type);
    }

    static byte[] nameBytes(X500Name name) {
        try {
            return name.getEncoded(ASN1Encoding.DER);
        } catch (java.io.IOException e) {
            throw new Bug("a parsed name does not encode", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Certificate that && der.equals(that.der);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return subject() + " (" + hash.hex().substring(0, 16) + ")";
    }
}
