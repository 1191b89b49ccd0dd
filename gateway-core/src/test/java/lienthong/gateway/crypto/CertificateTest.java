package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

class CertificateTest {
    private static final String UNDER_OFFICE = "O=Lienthong,OU=1a2b3c4d,OU=A08.10,CN=address A08.10/x";
    private static final Certificate LEAF = Fixtures.address(
            OwnKey.generate(KeyAlgorithm.ECDSA_P256, Fixtures.RANDOM).publicKeyInfo());

    private static ErrorCode refusal(Certificate leaf, Certificate office, Certificate root, Instant at) {
        return CertificateChain.validate(leaf, office, Optional.of(root), at)
                .refusal()
                .reason();
    }

    @Test
    void namesAreThoseOfTheDesign() {
        assertThat(Fixtures.ROOT.subject()).isEqualTo("O=Lienthong,OU=1a2b3c4d,CN=network authority");
        assertThat(Fixtures.OFFICE.subject()).isEqualTo("O=Lienthong,OU=1a2b3c4d,OU=A08.10,CN=office CA");
        assertThat(LEAF.subject()).isEqualTo("O=Lienthong,OU=1a2b3c4d,OU=A08.10,CN=address A08.10/eoffice");
        assertThat(LEAF.issuer()).isEqualTo(Fixtures.OFFICE.subject());
        assertThat(LEAF.organisation()).contains("Lienthong");
        assertThat(LEAF.organisationalUnits()).containsExactly("1a2b3c4d", "A08.10");
        assertThat(LEAF.commonName()).contains("address A08.10/eoffice");
    }

    @Test
    void comesBackFromDerAndPem() {
        assertThat(Certificate.parse(LEAF.der()).orBug()).isEqualTo(LEAF);
        assertThat(Certificate.parsePem(LEAF.pem()).orBug().hash()).isEqualTo(LEAF.hash());
        assertThat(Certificate.parsePem(LEAF.pem().replace("\n", "\r\n")).orBug())
                .isEqualTo(LEAF);
        assertThat(LEAF.toJdk().getSerialNumber()).isEqualTo(LEAF.serial());
        assertThat(LEAF.publicKeyAlgorithm()).isEqualTo(KeyAlgorithm.ECDSA_P256);
        assertThat(LEAF.notBefore()).isEqualTo(Fixtures.FROM);
        assertThat(LEAF.notAfter()).isEqualTo(Fixtures.UNTIL);
    }

    @Test
    void refusesWhatIsNoCertificate() {
        Bytes der = LEAF.der();
        for (int size = 0; size < der.size(); size++) {
            assertThat(Certificate.parse(der.slice(0, size)).isOk()).isFalse();
        }
        assertThat(Certificate.parse(der.plus(Bytes.ofHex("00"))).isOk()).isFalse();
        assertThat(Certificate.parse(Bytes.ofOwned(new byte[40_000])).isOk()).isFalse();
        assertThat(Certificate.parsePem("").isOk()).isFalse();
        assertThat(Certificate.parsePem(LEAF.pem() + LEAF.pem()).isOk()).isFalse();
        assertThat(Certificate.parsePem("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----")
                        .isOk())
                .isFalse();
    }

    @Test
    void noAlteredByteKeepsTheChain() {
        byte[] der = LEAF.der().toArray();
        for (int i = 0; i < der.length; i++) {
            byte[] altered = der.clone();
            altered[i] ^= 1;
            var parsed = Certificate.parse(Bytes.ofOwned(altered));
            assertThat(parsed.isOk() && parsed.orBug().isSignedBy(Fixtures.OFFICE))
                    .as("byte %d", i)
                    .isFalse();
        }
    }

    @Test
    void everyLeafOfTheIssuerPassesUnderItsOfficeAndRoot() {
        OwnKey key = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Fixtures.RANDOM);
        for (Certificate leaf : java.util.List.of(
                LEAF,
                Fixtures.OFFICE_ISSUER.nodeTls("tinh-1", key.publicKeyInfo(), Fixtures.FROM, Fixtures.UNTIL),
                Fixtures.OFFICE_ISSUER.nodeEvidence("tinh-1", key.publicKeyInfo(), Fixtures.FROM, Fixtures.UNTIL),
                Fixtures.address(KeyAlgorithm.ML_DSA_65).certificate())) {
            var chain = CertificateChain.validate(leaf, Fixtures.OFFICE, Optional.of(Fixtures.ROOT), Fixtures.NOW)
                    .orBug();
            assertThat(chain.leaf()).isEqualTo(leaf);
            assertThat(chain.officeCa()).isEqualTo(Fixtures.OFFICE);
            assertThat(CertificateChain.validate(leaf, Fixtures.OFFICE, Optional.empty(), Fixtures.NOW)
                            .isOk())
                    .isTrue();
        }
    }

    @Test
    void refusesDatesOutsideAndNamesThem() {
        Instant early = Fixtures.FROM.minusSeconds(1);
        Instant late = Fixtures.UNTIL.plusSeconds(1);
        assertThat(refusal(LEAF, Fixtures.OFFICE, Fixtures.ROOT, early)).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        assertThat(refusal(LEAF, Fixtures.OFFICE, Fixtures.ROOT, late)).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        Certificate brief = Fixtures.OFFICE_ISSUER.addressSigning(
                "x", Chains.STRANGER_KEY.publicKeyInfo(), Fixtures.FROM, Fixtures.NOW);
        assertThat(refusal(brief, Fixtures.OFFICE, Fixtures.ROOT, Fixtures.NOW.plusSeconds(1)))
                .isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        assertThat(CertificateChain.validate(brief, Fixtures.OFFICE, Optional.empty(), Fixtures.NOW)
                        .isOk())
                .isTrue();
    }

    @Test
    void refusesALeafOfAnotherOffice() {
        OwnKey otherKey = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Fixtures.RANDOM);
        Certificate other =
                Fixtures.AUTHORITY.officeCa("A08.11", otherKey.publicKeyInfo(), Fixtures.FROM, Fixtures.UNTIL);
        assertThat(refusal(LEAF, other, Fixtures.ROOT, Fixtures.NOW)).isEqualTo(ErrorCode.OTHER_NETWORK);
    }

    @Test
    void refusesALeafOfTheSameOfficeNameUnderAnotherKey() {
        OwnKey otherKey = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Fixtures.RANDOM);
        Certificate other =
                Fixtures.AUTHORITY.officeCa("A08.10", otherKey.publicKeyInfo(), Fixtures.FROM, Fixtures.UNTIL);
        assertThat(other.subject()).isEqualTo(Fixtures.OFFICE.subject());
        assertThat(refusal(LEAF, other, Fixtures.ROOT, Fixtures.NOW)).isEqualTo(ErrorCode.OTHER_NETWORK);
    }

    @Test
    void refusesAnOfficeCaThatMayIssueFurtherCasOrIsNotConstrained() {
        for (BasicConstraints odd :
                new BasicConstraints[] {new BasicConstraints(true), new BasicConstraints(1), new BasicConstraints(false)
                }) {
            assertThat(officeRefusal(Chains.officeCa(odd, true))).isEqualTo(ErrorCode.OTHER_NETWORK);
        }
        assertThat(officeRefusal(Chains.officeCa(new BasicConstraints(0), false)))
                .isEqualTo(ErrorCode.OTHER_NETWORK);
        Certificate good = Chains.officeCa(new BasicConstraints(0), true);
        assertThat(CertificateChain.officeCa(good, Optional.of(Fixtures.ROOT), Fixtures.NOW)
                        .isOk())
                .isTrue();
    }

    private static ErrorCode officeRefusal(Certificate officeCa) {
        return CertificateChain.officeCa(officeCa, Optional.of(Fixtures.ROOT), Fixtures.NOW)
                .refusal()
                .reason();
    }

    /** Nothing is thrown for hostile bytes, whatever is asked afterwards. */
    @Test
    void alteredBytesNeverThrow() {
        long seed = System.nanoTime();
        java.util.Random random = new java.util.Random(seed);
        Bytes list = Fixtures.list(5, new RevocationList.Entry(BigInteger.TEN, Fixtures.NOW, 1))
                .der();
        Bytes cms = Fixtures.address(KeyAlgorithm.ECDSA_P256).signCms(list, Fixtures.NOW);
        for (int i = 0; i < 6_000; i++) {
            Bytes[] sources = {LEAF.der(), Fixtures.OFFICE.der(), list, cms};
            byte[] bytes = sources[i % sources.length].toArray();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] =
                        (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(8));
            }
            Bytes altered = Bytes.ofOwned(bytes);
            assertThatCode(() -> askEverything(altered))
                    .as("seed %d, round %d, %s", seed, i, altered.hex())
                    .doesNotThrowAnyException();
        }
    }

    private static void askEverything(Bytes altered) {
        var certificate = Certificate.parse(altered);
        if (certificate.isOk()) {
            Certificate odd = certificate.orBug();
            assertThat(odd.subject() + odd.issuer() + odd.commonName() + odd.organisation() + odd.pem())
                    .isNotEmpty();
            assertThat(odd.isSignedBy(Fixtures.ROOT) && odd.isSignedBy(Fixtures.OFFICE))
                    .isFalse();
            assertThat(CertificateChain.validate(odd, Fixtures.OFFICE, Optional.of(Fixtures.ROOT), Fixtures.NOW))
                    .isNotNull();
            assertThat(CertificateChain.validate(LEAF, odd, Optional.of(Fixtures.ROOT), Fixtures.NOW))
                    .isNotNull();
            assertThat(CertificateChain.validate(LEAF, Fixtures.OFFICE, Optional.of(odd), Fixtures.NOW))
                    .isNotNull();
        }
        var list = RevocationList.parse(altered);
        assertThat(list.isOk() && list.orBug().isSignedBy(Fixtures.ROOT)).isFalse();
        assertThat(list.isOk()
                        && list.orBug().isSignedBy(Fixtures.OFFICE)
                        && list.orBug().number().signum() < 0)
                .isFalse();
        assertThat(CmsVerifier.verify(altered, LEAF.der(), LEAF)).isPresent();
    }

    @Test
    void refusesALeafWhoseNameIsOutsideItsOffice() {
        assertThat(refusal(Chains.leafOutsideItsOffice(), Fixtures.OFFICE, Fixtures.ROOT, Fixtures.NOW))
                .isEqualTo(ErrorCode.OTHER_NETWORK);
        for (String subject : new String[] {
            "O=Lienthong,OU=1a2b3c4d,OU=A08.10",
            "OU=A08.10,OU=1a2b3c4d,O=Lienthong,CN=x",
            "O=Lienthong,OU=00000000,OU=A08.10,CN=x",
            "O=Lienthong,OU=1a2b3c4d,OU=A08.100,CN=x",
            "CN=x"
        }) {
            Certificate leaf = Chains.leaf(subject, builder -> {});
            assertThat(refusal(leaf, Fixtures.OFFICE, Fixtures.ROOT, Fixtures.NOW))
                    .as(subject)
                    .isEqualTo(ErrorCode.OTHER_NETWORK);
        }
        assertThat(CertificateChain.validate(
                                Chains.leaf(UNDER_OFFICE, b -> {}), Fixtures.OFFICE, Optional.empty(), Fixtures.NOW)
                        .isOk())
                .isTrue();
    }

    @Test
    void refusesALeafThatIsACaOrMayNotSignOrHasMoreThanOursHave() {
        Certificate ca = Chains.leaf(
                UNDER_OFFICE, b -> b.addExtension(Extension.basicConstraints, true, new BasicConstraints(true)));
        Certificate mute = Chains.leaf(
                UNDER_OFFICE, b -> b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyAgreement)));
        Certificate odd = Chains.leaf(
                UNDER_OFFICE, b -> b.addExtension(new ASN1ObjectIdentifier("1.2.3.4"), true, DERNull.INSTANCE));
        Certificate second = Chains.leaf(
                UNDER_OFFICE,
                b -> b.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, "x"))));
        for (Certificate leaf : java.util.List.of(ca, mute, odd, second)) {
            assertThat(refusal(leaf, Fixtures.OFFICE, Fixtures.ROOT, Fixtures.NOW))
                    .isEqualTo(ErrorCode.OTHER_NETWORK);
        }
    }

    @Test
    void refusesAnOfficeCaOfAnotherRootOrWithoutConstraint() {
        OwnKey rootKey = OwnKey.generate(KeyAlgorithm.ECDSA_P384, Fixtures.RANDOM);
        Certificate root = CertificateIssuer.root(rootKey, "1a2b3c4d", Fixtures.FROM, Fixtures.UNTIL, Fixtures.RANDOM);
        assertThat(refusal(LEAF, Fixtures.OFFICE, root, Fixtures.NOW)).isEqualTo(ErrorCode.OTHER_NETWORK);
        assertThat(refusal(LEAF, Fixtures.OFFICE, Fixtures.OFFICE, Fixtures.NOW))
                .isEqualTo(ErrorCode.OTHER_NETWORK);
        assertThat(CertificateChain.officeCa(Fixtures.ROOT, Optional.empty(), Fixtures.NOW)
                        .isOk())
                .isFalse();
        assertThat(CertificateChain.officeCa(LEAF, Optional.empty(), Fixtures.NOW)
                        .isOk())
                .isFalse();
    }

    @Test
    void issuersKeepToTheirLevel() {
        Bytes key = Chains.STRANGER_KEY.publicKeyInfo();
        assertThatThrownBy(() -> Fixtures.OFFICE_ISSUER.officeCa("x", key, Fixtures.FROM, Fixtures.UNTIL))
                .isInstanceOf(Bug.class);
        assertThatThrownBy(() -> Fixtures.AUTHORITY.addressSigning("x", key, Fixtures.FROM, Fixtures.UNTIL))
                .isInstanceOf(Bug.class);
        assertThatThrownBy(() -> CertificateIssuer.of(
                        SigningKey.of(Chains.STRANGER_KEY, Chains.leaf(UNDER_OFFICE, b -> {})), Fixtures.RANDOM))
                .isInstanceOf(Bug.class);
        assertThatThrownBy(() -> Fixtures.OFFICE_ISSUER.addressSigning("a\nb", key, Fixtures.FROM, Fixtures.UNTIL))
                .isInstanceOf(Bug.class);
        assertThatThrownBy(() -> Fixtures.OFFICE_ISSUER.addressSigning("x", key, Fixtures.UNTIL, Fixtures.FROM))
                .isInstanceOf(Bug.class);
    }

    @Test
    void revocationListComesBackAndNamesTheRevoked() {
        RevocationList list = Fixtures.list(
                12,
                new RevocationList.Entry(LEAF.serial(), Fixtures.NOW, 1),
                new RevocationList.Entry(BigInteger.TEN, Fixtures.FROM, 0));
        RevocationList back = RevocationList.parse(list.der()).orBug();
        assertThat(back.number()).isEqualTo(BigInteger.valueOf(12));
        assertThat(back.entries()).isEqualTo(list.entries()).hasSize(2);
        assertThat(back.entryOf(LEAF)).contains(new RevocationList.Entry(LEAF.serial(), Fixtures.NOW, 1));
        assertThat(back.entryOf(Fixtures.address(KeyAlgorithm.ECDSA_P256).certificate()))
                .isEmpty();
        assertThat(back.thisUpdate()).isEqualTo(Fixtures.FROM);
        assertThat(back.nextUpdate()).isEqualTo(Fixtures.UNTIL);
        assertThat(back.isSignedBy(Fixtures.OFFICE)).isTrue();
        assertThat(back.isSignedBy(Fixtures.ROOT)).isFalse();
        assertThat(back.isSignedBy(LEAF)).isFalse();
        assertThat(Fixtures.list(1).entries()).isEmpty();
        assertThatThrownBy(() -> back.entryOf(Fixtures.ROOT)).isInstanceOf(Bug.class);
    }

    @Test
    void refusesWhatIsNoRevocationListAndTheSameSerialTwice() {
        Bytes der = Fixtures.list(3).der();
        for (int size = 0; size < der.size(); size++) {
            assertThat(RevocationList.parse(der.slice(0, size)).isOk()).isFalse();
        }
        assertThat(RevocationList.parse(LEAF.der()).isOk()).isFalse();
        RevocationList.Entry entry = new RevocationList.Entry(BigInteger.TWO, Fixtures.NOW, 4);
        assertThatThrownBy(() -> Fixtures.list(4, entry, entry)).isInstanceOf(Bug.class);
        byte[] altered = der.toArray();
        altered[altered.length - 1] ^= 1;
        assertThat(RevocationList.parse(Bytes.ofOwned(altered))
                        .map(list -> list.isSignedBy(Fixtures.OFFICE))
                        .orBug())
                .isFalse();
    }
}
