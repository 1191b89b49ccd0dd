package lienthong.gateway.link.netty;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.Function;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerJudge;
import lienthong.gateway.link.TlsIdentity;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A CA for nodes of one network, and the judge that knows it: certificates with {@code CN=code} become that node. */
final class TestCa {
    private final KeyPair key = keyPair();
    private final X509Certificate certificate;

    TestCa(String name) {
        certificate = issue("CN=" + name, "CN=" + name, key, key, true, Duration.ofDays(1));
    }

    static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static X509Certificate issue(
            String issuer, String subject, KeyPair signer, KeyPair holder, boolean ca, Duration valid) {
        try {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name(issuer),
                    new BigInteger(100, new SecureRandom()).add(BigInteger.ONE),
                    Date.from(now.minusSeconds(3_600)),
                    Date.from(now.plus(valid)),
                    new X500Name(subject),
                    holder.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
            byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))
                    .getEncoded();
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    TlsIdentity identity(String code) {
        KeyPair holder = keyPair();
        X509Certificate leaf = issue(
                certificate.getSubjectX500Principal().getName(), "CN=" + code, key, holder, false, Duration.ofHours(1));
        return new TlsIdentity(holder.getPrivate(), List.of(der(leaf), der(certificate)));
    }

    private static Bytes der(X509Certificate certificate) {
        try {
            return Bytes.copyOf(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static List<X509Certificate> certificates(TlsIdentity identity) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> list = new java.util.ArrayList<>();
            for (Bytes der : identity.chain()) {
                list.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der.toArray())));
            }
            return list;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    PeerJudge judge() {
        return judge(code -> new PeerJudge.Verdict.Admit(new Peer.Node(new OrganisationId(code))));
    }

    /** Judges chains of this CA by the code in them; all others are strangers. */
    PeerJudge judge(Function<String, PeerJudge.Verdict> byCode) {
        return chain -> {
            try {
                CertificateFactory factory = CertificateFactory.getInstance("X.509");
                X509Certificate leaf = (X509Certificate) factory.generateCertificate(
                        new ByteArrayInputStream(chain.get(0).toArray()));
                leaf.verify(key.getPublic());
                leaf.checkValidity();
                return byCode.apply(leaf.getSubjectX500Principal().getName().substring("CN=".length()));
            } catch (GeneralSecurityException e) {
                return new PeerJudge.Verdict.Alert(Refusal.of(ErrorCode.OTHER_NETWORK));
            }
        };
    }
}
