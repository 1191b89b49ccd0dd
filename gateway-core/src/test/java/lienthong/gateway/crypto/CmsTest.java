package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.BERSequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CmsTest {
    private static final Bytes CONTENT = Bytes.utf8("lienthong-root 1\n");
    private static final SigningKey KEY = Fixtures.address(KeyAlgorithm.ECDSA_P256);
    private static final Bytes CMS = KEY.signCms(CONTENT, Fixtures.NOW);

    private static void refuses(String defect, Bytes cms) {
        assertThat(CmsVerifier.verify(cms, CONTENT, KEY.certificate()))
                .as(defect)
                .hasValueSatisfying(refusal -> {
                    assertThat(refusal.reason()).isEqualTo(ErrorCode.SEAL_INVALID);
                    assertThat(refusal.detail()).isEmpty();
                });
    }

    @ParameterizedTest
    @EnumSource
    void everyKindOfKeySealsAndItsSealHolds(KeyAlgorithm algorithm) {
        SigningKey key = Fixtures.address(algorithm);
        Bytes cms = key.signCms(CONTENT, Fixtures.NOW.plusMillis(700));
        assertThat(CmsVerifier.verify(cms, CONTENT, key.certificate())).isEmpty();
        assertThat(CmsVerifier.verifyTime(cms, CONTENT, key.certificate()).orBug())
                .isEqualTo(Fixtures.NOW);
        assertThat(CmsVerifier.verify(cms, Bytes.utf8("lienthong-root 2\n"), key.certificate()))
                .isPresent();
        assertThat(CmsVerifier.verify(cms, CONTENT, KEY.certificate())).isPresent();
    }

    @Test
    void ownKeysGiveTheSameSealTwice() {
        assertThat(KEY.signCms(CONTENT, Fixtures.NOW)).isEqualTo(CMS);
        assertThat(CMS.size()).isLessThan(600);
    }

    @Test
    void sealsAfter2049Hold() {
        Instant late = Instant.parse("2051-02-03T04:05:06Z");
        assertThat(CmsVerifier.verifyTime(KEY.signCms(CONTENT, late), CONTENT, KEY.certificate())
                        .orBug())
                .isEqualTo(late);
    }

    @Test
    void refusesEveryAlteredBit() {
        for (int bit = 0; bit < 8 * CMS.size(); bit++) {
            byte[] altered = CMS.toArray();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            refuses("bit " + bit, Bytes.ofOwned(altered));
        }
    }

    @Test
    void refusesEveryCutAndBytesAfterTheEnd() {
        for (int size = 0; size < CMS.size(); size++) {
            refuses("cut at " + size, CMS.slice(0, size));
        }
        refuses("a byte more", CMS.plus(Bytes.ofHex("00")));
        refuses("two of them", CMS.plus(CMS));
        refuses("too large", CMS.plus(Bytes.ofOwned(new byte[40_000])));
    }

    /** ECDSA's other half: n − s verifies too, and would be a second seal with other bytes. */
    @Test
    void refusesTheHighS() {
        var domain = Curve.P256;
        refuses("high s", altered(info -> {
            var numbers = Curve.decode(
                            domain, DEROctetString.getInstance(info[5]).getOctets())
                    .orElseThrow();
            BigInteger high = domain.getN().subtract(numbers.s());
            info[5] = new DEROctetString(der(List.of(numbers.r(), high)));
        }));
    }

    @Test
    void refusesUnsignedAttributes() {
        refuses("unsigned attribute", altered(info -> {
            Attribute extra = new Attribute(
                    PKCSObjectIdentifiers.pkcs_9_at_challengePassword, new DERSet(new DERUTF8String("x")));
            info[6] = new DERTaggedObject(false, 1, new DERSet(extra));
        }));
    }

    @Test
    void refusesANullWhereNoParametersBelong() {
        refuses(
                "NULL parameters",
                altered(info -> info[4] = new DERSequence(new ASN1Encodable[] {
                    ASN1Sequence.getInstance(info[4]).getObjectAt(0), org.bouncycastle.asn1.DERNull.INSTANCE
                })));
    }

    @Test
    void refusesSignersOfNumberZeroAndTwo() {
        refuses("no signer", rebuilt(infos -> new DERSet()));
        refuses(
                "two signers",
                rebuilt(infos -> new DERSet(new ASN1Encodable[] {infos.getObjectAt(0), infos.getObjectAt(0)})));
        SigningKey other = Fixtures.address(KeyAlgorithm.ECDSA_P256);
        ASN1Set others = signerInfos(other.signCms(CONTENT, Fixtures.NOW));
        refuses(
                "another's beside",
                rebuilt(infos -> new DERSet(new ASN1Encodable[] {infos.getObjectAt(0), others.getObjectAt(0)})));
    }

    @Test
    void refusesIndefiniteLengths() throws Exception {
        ASN1Sequence outer = ASN1Sequence.getInstance(CMS.toArray());
        refuses("BER", Bytes.ofOwned(new BERSequence(outer.toArray()).getEncoded("BER")));
    }

    @Test
    void refusesWhatAnotherKeyOfTheSameNameSigned() {
        SigningKey other = Fixtures.address(KeyAlgorithm.ECDSA_P256);
        assertThat(other.certificate().subject()).isEqualTo(KEY.certificate().subject());
        refuses("other key", other.signCms(CONTENT, Fixtures.NOW));
    }

    @Test
    void keyAndCertificateMustBeAPair() {
        OwnKey stranger = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Fixtures.RANDOM);
        assertThatThrownBy(() -> SigningKey.of(stranger, KEY.certificate()))
                .isInstanceOf(lienthong.gateway.message.Bug.class);
        PrivateKey wrong = Fixtures.rsa(KeyAlgorithm.RSA_PKCS1, 2_048).getPrivate();
        Certificate other = Fixtures.address(Bytes.copyOf(
                Fixtures.rsa(KeyAlgorithm.RSA_PKCS1, 2_048).getPublic().getEncoded()));
        assertThat(SigningKey.of(wrong, other)
                        .trySignCms(CONTENT, Fixtures.NOW)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.TOKEN_AWAY);
    }

    /** A token's key shows no bytes; the JDK signs, with either s, and the seal is the same kind as our own. */
    @Test
    void aKeyThatShowsNoBytesSealsToo() {
        OwnKey own = OwnKey.generate(KeyAlgorithm.ECDSA_P384, Fixtures.RANDOM);
        Certificate certificate = Fixtures.address(own.publicKeyInfo());
        JdkKey hidden = new JdkKey(own.toJdk(UnsafeKeyAccess.get()), certificate.publicKey());
        for (int i = 0; i < 16; i++) {
            byte[] content = {(byte) i};
            assertThat(certificate.publicKey().verifies(Bytes.copyOf(content), Bytes.ofOwned(hidden.sign(content))))
                    .isTrue();
        }
        assertThat(SigningKey.of(own.toJdk(UnsafeKeyAccess.get()), certificate).signCms(CONTENT, Fixtures.NOW))
                .isEqualTo(SigningKey.of(own, certificate).signCms(CONTENT, Fixtures.NOW));
    }

    private interface Change {
        void to(ASN1Encodable[] signerInfo);
    }

    private interface Signers {
        ASN1Set of(ASN1Set infos);
    }

    private static ASN1Set signerInfos(Bytes cms) {
        ASN1Sequence data = data(cms);
        return ASN1Set.getInstance(data.getObjectAt(data.size() - 1));
    }

    private static ASN1Sequence data(Bytes cms) {
        ASN1Sequence outer = ASN1Sequence.getInstance(cms.toArray());
        return ASN1Sequence.getInstance(ASN1TaggedObject.getInstance(outer.getObjectAt(1)), true);
    }

    /** The seal with its one SignerInfo changed; a seventh place is free for unsigned attributes. */
    private static Bytes altered(Change change) {
        return rebuilt(infos -> {
            ASN1Encodable[] fields = java.util.Arrays.copyOf(
                    ASN1Sequence.getInstance(infos.getObjectAt(0)).toArray(), 7);
            change.to(fields);
            ASN1EncodableVector present = new ASN1EncodableVector();
            java.util.Arrays.stream(fields).filter(java.util.Objects::nonNull).forEach(present::add);
            return new DERSet(new DERSequence(present));
        });
    }

    private static Bytes rebuilt(Signers signers) {
        try {
            ASN1Encodable[] data = data(CMS).toArray();
            data[data.length - 1] = signers.of(signerInfos(CMS));
            ASN1Encodable type = ASN1Sequence.getInstance(CMS.toArray()).getObjectAt(0);
            return Bytes.ofOwned(new DERSequence(
                            new ASN1Encodable[] {type, new DERTaggedObject(true, 0, new DERSequence(data))})
                    .getEncoded("DER"));
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] der(List<BigInteger> numbers) {
        try {
            ASN1EncodableVector vector = new ASN1EncodableVector();
            numbers.forEach(number -> vector.add(new org.bouncycastle.asn1.ASN1Integer(number)));
            return new DERSequence(vector).getEncoded("DER");
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
