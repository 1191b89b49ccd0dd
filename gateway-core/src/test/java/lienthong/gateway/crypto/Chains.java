package lienthong.gateway.crypto;

import java.math.BigInteger;
import java.util.Date;
import lienthong.gateway.message.Bytes;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;

/** Certificates that our issuer would never make, with the office's true key. */
final class Chains {
    static final OwnKey STRANGER_KEY = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Fixtures.RANDOM);

    private Chains() {}

    interface Additions {
        void to(X509v3CertificateBuilder builder) throws java.io.IOException;
    }

    static Certificate leafOutsideItsOffice() {
        return leaf("O=Lienthong,OU=1a2b3c4d,OU=A08.11,CN=address A08.11/eoffice", builder -> {});
    }

    /** Signed by the office's CA over any subject and further extensions; may sign documents unless the additions say otherwise. */
    static Certificate leaf(String subject, Additions additions) {
        try {
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    Fixtures.OFFICE.subjectName(),
                    BigInteger.valueOf(77),
                    Date.from(Fixtures.FROM),
                    Date.from(Fixtures.UNTIL),
                    new X500Name(subject),
                    SubjectPublicKeyInfo.getInstance(
                            STRANGER_KEY.publicKeyInfo().toArray()));
            additions.to(builder);
            if (!builder.hasExtension(Extension.basicConstraints)) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            }
            if (!builder.hasExtension(Extension.keyUsage)) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            }
            return Certificate.parse(Bytes.ofOwned(
                            builder.build(signer(Fixtures.OFFICE_KEY)).getEncoded()))
                    .orBug();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    /** An office's CA signed by the true root, with other constraints than ours have. */
    static Certificate officeCa(BasicConstraints constraints, boolean constrained) {
        try {
            X500Name office = new X500Name("O=Lienthong,OU=1a2b3c4d,OU=A08.10");
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    Fixtures.ROOT.subjectName(),
                    BigInteger.valueOf(78),
                    Date.from(Fixtures.FROM),
                    Date.from(Fixtures.UNTIL),
                    new X500Name("O=Lienthong,OU=1a2b3c4d,OU=A08.10,CN=office CA"),
                    SubjectPublicKeyInfo.getInstance(
                            STRANGER_KEY.publicKeyInfo().toArray()));
            builder.addExtension(Extension.basicConstraints, true, constraints);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            if (constrained) {
                GeneralSubtree subtree = new GeneralSubtree(new GeneralName(office));
                builder.addExtension(
                        Extension.nameConstraints, true, new NameConstraints(new GeneralSubtree[] {subtree}, null));
            }
            return Certificate.parse(Bytes.ofOwned(
                            builder.build(signer(Fixtures.ROOT_KEY)).getEncoded()))
                    .orBug();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    static ContentSigner signer(OwnKey key) {
        java.io.ByteArrayOutputStream content = new java.io.ByteArrayOutputStream();
        return new ContentSigner() {
            @Override
            public org.bouncycastle.asn1.x509.AlgorithmIdentifier getAlgorithmIdentifier() {
                return key.algorithm().signatureIdentifier;
            }

            @Override
            public java.io.OutputStream getOutputStream() {
                return content;
            }

            @Override
            public byte[] getSignature() {
                return key.sign(content.toByteArray());
            }
        };
    }
}
