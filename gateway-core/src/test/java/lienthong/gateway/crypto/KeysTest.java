package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeysTest {
    private static final Bytes CONTENT = Bytes.utf8("lienthong-freshness 1\n");
    private static final char[] WORDS = "bốn con gà".toCharArray();

    @ParameterizedTest
    @EnumSource(names = {"ECDSA_P256", "ECDSA_P384", "ML_DSA_65", "ML_DSA_87"})
    void signsTheSameAfterComingBackFromItsEncoding(KeyAlgorithm algorithm) {
        OwnKey key = OwnKey.generate(algorithm, Fixtures.RANDOM);
        OwnKey back = OwnKey.decode(key.encode()).orBug();
        assertThat(back.algorithm()).isEqualTo(algorithm);
        assertThat(back.publicKey()).isEqualTo(key.publicKey());
        assertThat(back.sign(CONTENT)).isEqualTo(key.sign(CONTENT));
        assertThat(VerifyingKey.parse(key.publicKeyInfo()).orBug().verifies(CONTENT, back.sign(CONTENT)))
                .isTrue();
        assertThat(key.publicKey().verifies(Bytes.utf8("other"), key.sign(CONTENT)))
                .isFalse();
        assertThat(OwnKey.generate(algorithm, Fixtures.RANDOM).publicKey().verifies(CONTENT, key.sign(CONTENT)))
                .isFalse();
        key.destroy();
        assertThatThrownBy(() -> key.sign(CONTENT)).isInstanceOf(Bug.class);
        assertThatThrownBy(key::encode).isInstanceOf(Bug.class);
    }

    /** RFC 6979 A.2.5, message "sample" with SHA-256; the published s is the high one, ours is n − s. */
    @Test
    void nonceIsTheOneOfRfc6979() {
        byte[] scalar = Bytes.ofHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
                .toArray();
        Bytes pkcs8 = Bytes.ofHex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420")
                .plus(Bytes.copyOf(scalar));
        OwnKey key = OwnKey.decode(SecretBytes.copyOf(pkcs8.toArray(), UnsafeKeyAccess.get()))
                .orBug();
        var numbers = Curve.decode(Curve.P256, key.sign(Bytes.utf8("sample")).toArray())
                .orElseThrow();
        assertThat(numbers.r().toString(16))
                .isEqualTo("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
        assertThat(Curve.P256.getN().subtract(numbers.s()).toString(16))
                .isEqualTo("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    }

    @Test
    void refusesKeysOutsideTheList() {
        Bytes small = Bytes.copyOf(
                Fixtures.rsa(KeyAlgorithm.RSA_PKCS1, 1_024).getPublic().getEncoded());
        assertThat(VerifyingKey.parse(small).refusal().reason()).isEqualTo(ErrorCode.DIRECTORY_INVALID);
        Bytes good = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Fixtures.RANDOM).publicKeyInfo();
        for (int size = 0; size < good.size(); size++) {
            assertThat(VerifyingKey.parse(good.slice(0, size)).isOk()).isFalse();
        }
        assertThat(VerifyingKey.parse(good.plus(Bytes.ofHex("00"))).isOk()).isFalse();
        byte[] offCurve = good.toArray();
        offCurve[offCurve.length - 1] ^= 1;
        assertThat(VerifyingKey.parse(Bytes.ofOwned(offCurve)).isOk()).isFalse();
        assertThat(OwnKey.decode(SecretBytes.random(50, Fixtures.RANDOM)).isOk())
                .isFalse();
        Bytes rsa = Bytes.copyOf(
                Fixtures.rsa(KeyAlgorithm.RSA_PKCS1, 2_048).getPrivate().getEncoded());
        assertThat(OwnKey.decode(SecretBytes.copyOf(rsa.toArray(), UnsafeKeyAccess.get()))
                        .isOk())
                .isFalse();
        assertThatThrownBy(() -> OwnKey.generate(KeyAlgorithm.RSA_PKCS1, Fixtures.RANDOM))
                .isInstanceOf(Bug.class);
    }

    @Test
    void refusesMalformedSignaturesWithoutAWord() {
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            VerifyingKey key = Fixtures.address(algorithm).certificate().publicKey();
            for (int size : new int[] {0, 1, 8, 64, 256, 3_309, 4_627, 5_000}) {
                assertThat(key.verifies(CONTENT, Bytes.ofOwned(new byte[size])))
                        .as("%s %d", algorithm, size)
                        .isFalse();
            }
        }
    }

    @Test
    void authoritysWordNeedsBothSignatures() {
        DoubleSigningKey key = DoubleSigningKey.generate(Fixtures.RANDOM);
        DoubleSigningKey back = DoubleSigningKey.decode(
                        key.ecdsa().encode(), key.mlDsa().encode())
                .orBug();
        DoubleVerifier verifier = DoubleVerifier.parse(
                        key.ecdsa().publicKeyInfo(), key.mlDsa().publicKeyInfo())
                .orBug();
        DoubleSignature good = back.sign(CONTENT);
        DoubleSignature other = DoubleSigningKey.generate(Fixtures.RANDOM).sign(CONTENT);

        assertThat(good).isEqualTo(key.sign(CONTENT));
        assertThat(verifier).isEqualTo(key.verifier());
        assertThat(verifier.verifies(CONTENT, good)).isTrue();
        assertThat(verifier.verifies(Bytes.utf8("x"), good)).isFalse();
        assertThat(verifier.verifies(CONTENT, new DoubleSignature(good.ecdsa(), other.mlDsa())))
                .isFalse();
        assertThat(verifier.verifies(CONTENT, new DoubleSignature(other.ecdsa(), good.mlDsa())))
                .isFalse();
        assertThat(verifier.verifies(CONTENT, new DoubleSignature(good.ecdsa(), Bytes.empty())))
                .isFalse();
        assertThat(verifier.verifies(CONTENT, new DoubleSignature(Bytes.empty(), good.mlDsa())))
                .isFalse();
    }

    @Test
    void authoritysKeysKeepTheirOrderAndKinds() {
        DoubleSigningKey key = DoubleSigningKey.generate(Fixtures.RANDOM);
        OwnKey p256 = OwnKey.generate(KeyAlgorithm.ECDSA_P256, Fixtures.RANDOM);
        assertThat(DoubleVerifier.parse(key.mlDsa().publicKeyInfo(), key.ecdsa().publicKeyInfo())
                        .isOk())
                .isFalse();
        assertThat(DoubleVerifier.parse(p256.publicKeyInfo(), key.mlDsa().publicKeyInfo())
                        .isOk())
                .isFalse();
        assertThat(DoubleSigningKey.decode(key.mlDsa().encode(), key.ecdsa().encode())
                        .isOk())
                .isFalse();
        assertThat(DoubleSigningKey.decode(p256.encode(), key.mlDsa().encode()).isOk())
                .isFalse();
    }

    @Test
    void boxOpensWithItsPassphraseAndPurposeOnly() {
        SecretBytes content = SecretBytes.random(100, Fixtures.RANDOM);
        Bytes box = PassphraseBox.seal("epoch keys", content, WORDS, PassphraseBox.Cost.FOR_TESTS, Fixtures.RANDOM);
        assertThat(PassphraseBox.open("epoch keys", box, WORDS).orBug().sameAs(content))
                .isTrue();
        assertThat(PassphraseBox.open("epoch key", box, WORDS).refusal().reason())
                .isEqualTo(ErrorCode.PASSPHRASE_WRONG);
        assertThat(PassphraseBox.open("epoch keys", box, "bon con ga".toCharArray())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.PASSPHRASE_WRONG);
        assertThat(PassphraseBox.open("epoch keys", box, new char[0]).isOk()).isFalse();
        assertThat(PassphraseBox.seal("epoch keys", content, WORDS, PassphraseBox.Cost.FOR_TESTS, Fixtures.RANDOM))
                .isNotEqualTo(box);
    }

    @Test
    void passphraseTypedInPartsOfLettersIsTheSame() {
        SecretBytes content = SecretBytes.random(9, Fixtures.RANDOM);
        Bytes box = PassphraseBox.seal("k", content, WORDS, PassphraseBox.Cost.FOR_TESTS, Fixtures.RANDOM);
        char[] apart = java.text.Normalizer.normalize("bốn con gà", java.text.Normalizer.Form.NFD)
                .toCharArray();
        assertThat(apart).isNotEqualTo(WORDS);
        assertThat(PassphraseBox.open("k", box, apart).isOk()).isTrue();
    }

    @Test
    void alteredBoxHasOneFaceAndTakesNoMoreMemoryThanAllowed() {
        Bytes box = PassphraseBox.seal(
                "k", SecretBytes.random(9, Fixtures.RANDOM), WORDS, PassphraseBox.Cost.FOR_TESTS, Fixtures.RANDOM);
        for (int i = 22; i < box.size(); i++) {
            byte[] altered = box.toArray();
            altered[i] ^= 1;
            assertThat(PassphraseBox.open("k", Bytes.ofOwned(altered), WORDS)
                            .refusal()
                            .toString())
                    .isEqualTo("LT-3010 PASSPHRASE_WRONG");
        }
        byte[] greedy = box.toArray();
        greedy[16] = 0x7f;
        assertThat(PassphraseBox.open("k", Bytes.ofOwned(greedy), WORDS)
                        .refusal()
                        .toString())
                .isEqualTo("LT-3010 PASSPHRASE_WRONG");
        assertThat(PassphraseBox.open("k", box.slice(0, 30), WORDS).refusal().toString())
                .isEqualTo("LT-3010 PASSPHRASE_WRONG");
    }

    @Test
    void standardCostOpens() {
        SecretBytes content = SecretBytes.random(32, Fixtures.RANDOM);
        Bytes box = PassphraseBox.seal("k", content, WORDS, PassphraseBox.Cost.STANDARD, Fixtures.RANDOM);
        assertThat(PassphraseBox.open("k", box, WORDS).orBug().sameAs(content)).isTrue();
        assertThatThrownBy(() -> new PassphraseBox.Cost(1_000_000, 3, 1)).isInstanceOf(Bug.class);
    }
}
