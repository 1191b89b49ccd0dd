package lienthong.gateway.crypto;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;

/**
 * Issues the network's certificates (RFC 5280 profile). One issuer for the root and for an office's CA; dates come from the caller.
 *
 * <pre>
 * root        O=Lienthong, OU=NETWORK, CN=network authority          CA
 * office CA   O=Lienthong, OU=NETWORK, OU=OFFICE, CN=office CA       CA, path length 0, permitted subtree O, OU, OU (critical)
 * leaf        O=Lienthong, OU=NETWORK, OU=OFFICE, CN=PURPOSE NAME    address · node TLS · node evidence · client TLS · enrolment TLS
 * </pre>
 */
public final class CertificateIssuer {
    /** First relative name of all subjects. */
    public static final String ORGANISATION = "Lienthong";

    private static final ExtendedKeyUsage CLIENT_ONLY = new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth);

    private static final int SERIAL_BYTES = 16;
    private static final int NAME_CHARS_MAX = 128;

    private final SigningKey ca;
    private final Randomness randomness;

    private CertificateIssuer(SigningKey ca, Randomness randomness) {
        this.ca = ca;
        this.randomness = randomness;
    }

    /** Issues with this CA's key; its certificate must be one of a CA. */
    public static CertificateIssuer of(SigningKey ca, Randomness randomness) {
        Invariant.check(
                ca.certificate().isCa(), "not a CA: %s", ca.certificate().subject());
        return new CertificateIssuer(ca, randomness);
    }

    /**
     * The authority's self-signed certificate.
     *
     * @param networkShort the network's short fingerprint, as in all subjects
     */
    public static Certificate root(
            OwnKey key, String networkShort, Instant from, Instant until, Randomness randomness) {
        X500Name name = name(List.of(networkShort), "network authority");
        SubjectPublicKeyInfo publicKey =
                SubjectPublicKeyInfo.getInstance(key.publicKeyInfo().toArray());
        X509v3CertificateBuilder builder = builder(name, name, publicKey, from, until, randomness);
        return sign(new Signer(key.algorithm(), content -> key.sign(content)), builder, extensions -> {
            extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            extensions.addExtension(Extension.subjectKeyIdentifier, false, keyIdentifier(publicKey));
        });
    }

    /** The small CA of one office; this issuer must be the root's. {@code publicKeyInfo}: DER of the office CA's own key. */
    public Certificate officeCa(String office, Bytes publicKeyInfo, Instant from, Instant until) {
        List<String> units = ca.certificate().organisationalUnits();
        Invariant.check(
                units.size() == 1,
                "an office's CA is issued by the root, not by %s",
                ca.certificate().subject());
        List<String> prefix = List.of(units.get(0), office);
        GeneralSubtree subtree = new GeneralSubtree(new GeneralName(name(prefix, null)));
        return issue(name(prefix, "office CA"), publicKeyInfo, from, until, extensions -> {
            extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            extensions.addExtension(
                    Extension.nameConstraints, true, new NameConstraints(new GeneralSubtree[] {subtree}, null));
        });
    }

    /** For the key that signs seals and receipts of one address; {@code name} as written, for instance {@code A08.10/eoffice}. */
    public Certificate addressSigning(String name, Bytes publicKeyInfo, Instant from, Instant until) {
        return leaf("address " + name, publicKeyInfo, from, until, null);
    }

    /** For a node's TLS key, both ends of a link; the key must be ECDSA P-256, as TLS engines want it. */
    public Certificate nodeTls(String name, Bytes publicKeyInfo, Instant from, Instant until) {
        return leaf("node TLS " + name, publicKeyInfo, from, until, new ExtendedKeyUsage(new KeyPurposeId[] {
            KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
        }));
    }

    /** For the TLS key of an embedded client, its side of the link to its node; ECDSA P-256. */
    public Certificate clientTls(String name, Bytes publicKeyInfo, Instant from, Instant until) {
        return leaf("client TLS " + name, publicKeyInfo, from, until, CLIENT_ONLY);
    }

    /** For the one session in which a client asks for certificates of its own; ECDSA P-256, short-lived. */
    public Certificate enrolmentTls(String name, Bytes publicKeyInfo, Instant from, Instant until) {
        return leaf("enrolment TLS " + name, publicKeyInfo, from, until, CLIENT_ONLY);
    }

    /** For the key with which a node signs "delivered" for the addresses it serves. */
    public Certificate nodeEvidence(String name, Bytes publicKeyInfo, Instant from, Instant until) {
        return leaf("node evidence " + name, publicKeyInfo, from, until, null);
    }

    private Certificate leaf(
            String commonName,
            Bytes publicKeyInfo,
            Instant from,
            Instant until,
            @org.jspecify.annotations.Nullable ExtendedKeyUsage purpose) {
        List<String> units = ca.certificate().organisationalUnits();
        Invariant.check(
                units.size() == 2,
                "leaves are issued by an office's CA, not by %s",
                ca.certificate().subject());
        return issue(name(units, commonName), publicKeyInfo, from, until, extensions -> {
            extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            int usage =
                    purpose == null ? KeyUsage.digitalSignature | KeyUsage.nonRepudiation : KeyUsage.digitalSignature;
            extensions.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            if (purpose != null) {
                extensions.addExtension(Extension.extendedKeyUsage, false, purpose);
            }
        });
    }

    /** This CA's revocation list; numbers only rise. */
    public RevocationList revocationList(
            BigInteger number, List<RevocationList.Entry> entries, Instant thisUpdate, Instant nextUpdate) {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(ca.certificate().subjectName(), time(thisUpdate));
        builder.setNextUpdate(time(nextUpdate));
        for (RevocationList.Entry entry : entries) {
            builder.addCRLEntry(entry.serial(), Date.from(entry.at().truncatedTo(ChronoUnit.SECONDS)), entry.reason());
        }
        try {
            builder.addExtension(Extension.authorityKeyIdentifier, false, authority());
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(number));
            byte[] der = builder.build(new Signer(ca.algorithm(), ca::sign))
                    .toASN1Structure()
                    .getEncoded(ASN1Encoding.DER);
            return RevocationList.parse(Bytes.ofOwned(der)).orBug();
        } catch (IOException e) {
            throw new Bug("our own revocation list does not encode", e);
        }
    }

    private AuthorityKeyIdentifier authority() {
        SubjectPublicKeyInfo key = SubjectPublicKeyInfo.getInstance(
                ca.certificate().publicKey().publicKeyInfo().toArray());
        return new AuthorityKeyIdentifier(keyIdentifier(key).getKeyIdentifier());
    }

    private interface Additions {
        void to(X509v3CertificateBuilder builder) throws IOException;
    }

    private Certificate issue(X500Name subject, Bytes publicKeyInfo, Instant from, Instant until, Additions additions) {
        VerifyingKey key = VerifyingKey.parse(publicKeyInfo).orBug();
        SubjectPublicKeyInfo info =
                SubjectPublicKeyInfo.getInstance(key.publicKeyInfo().toArray());
        X509v3CertificateBuilder builder =
                builder(ca.certificate().subjectName(), subject, info, from, until, randomness);
        return sign(new Signer(ca.algorithm(), ca::sign), builder, extensions -> {
            additions.to(extensions);
            extensions.addExtension(Extension.subjectKeyIdentifier, false, keyIdentifier(info));
            extensions.addExtension(Extension.authorityKeyIdentifier, false, authority());
        });
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer,
            X500Name subject,
            SubjectPublicKeyInfo key,
            Instant from,
            Instant until,
            Randomness randomness) {
        Invariant.check(from.isBefore(until), "certificate from %s until %s", from, until);
        byte[] serial = randomness.bytes(SERIAL_BYTES);
        // Positive and of full length: 126 random bits.
        serial[0] = (byte) (serial[0] & 0x3f | 0x40);
        return new X509v3CertificateBuilder(issuer, new BigInteger(1, serial), time(from), time(until), subject, key);
    }

    /** UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5), whole seconds. */
    private static Time time(Instant instant) {
        return new Time(Date.from(instant.truncatedTo(ChronoUnit.SECONDS)));
    }

    private static Certificate sign(Signer signer, X509v3CertificateBuilder builder, Additions additions) {
        try {
            additions.to(builder);
            byte[] der = builder.build(signer).toASN1Structure().getEncoded(ASN1Encoding.DER);
            return Certificate.parse(Bytes.ofOwned(der)).orBug();
        } catch (IOException e) {
            throw new Bug("our own certificate does not encode", e);
        }
    }

    private static X500Name name(List<String> units, @org.jspecify.annotations.Nullable String commonName) {
        X500NameBuilder builder = new X500NameBuilder(BCStyle.INSTANCE);
        builder.addRDN(BCStyle.O, text(ORGANISATION));
        units.forEach(unit -> builder.addRDN(BCStyle.OU, text(unit)));
        if (commonName != null) {
            builder.addRDN(BCStyle.CN, text(commonName));
        }
        return builder.build();
    }

    private static org.bouncycastle.asn1.DERUTF8String text(String value) {
        Invariant.check(
                !value.isEmpty()
                        && value.length() <= NAME_CHARS_MAX
                        && value.chars().noneMatch(Character::isISOControl),
                "name of %d characters",
                value.length());
        return new org.bouncycastle.asn1.DERUTF8String(value);
    }

    /** SHA-1 of the key bits (RFC 5280 §4.2.1.2 (1)): a name to find a key by, nothing is protected by it. */
    private static SubjectKeyIdentifier keyIdentifier(SubjectPublicKeyInfo key) {
        org.bouncycastle.crypto.digests.SHA1Digest digest = new org.bouncycastle.crypto.digests.SHA1Digest();
        byte[] bits = key.getPublicKeyData().getBytes();
        digest.update(bits, 0, bits.length);
        byte[] out = new byte[digest.getDigestSize()];
        digest.doFinal(out, 0);
        return new SubjectKeyIdentifier(out);
    }

    /** Gathers what the builder writes and signs it. */
    private static final class Signer implements ContentSigner {
        private final KeyAlgorithm algorithm;
        private final java.util.function.UnaryOperator<Bytes> signer;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();

        Signer(KeyAlgorithm algorithm, java.util.function.UnaryOperator<Bytes> signer) {
            this.algorithm = algorithm;
            this.signer = signer;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return algorithm.signatureIdentifier;
        }

        @Override
        public OutputStream getOutputStream() {
            return content;
        }

        @Override
        public byte[] getSignature() {
            return signer.apply(Bytes.ofOwned(content.toByteArray())).toArray();
        }
    }
}
