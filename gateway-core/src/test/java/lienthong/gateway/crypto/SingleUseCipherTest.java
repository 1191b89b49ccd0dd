package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import org.junit.jupiter.api.Test;

class SingleUseCipherTest {
    private static final SecretBytes KEY = SecretBytes.random(32, Fixtures.RANDOM);
    private static final Bytes AAD = Bytes.utf8("aad");
    private static final SecretBytes TEXT = SecretBytes.random(77, Fixtures.RANDOM);

    @Test
    void opensOnlyWithTheSameKeyAndAadAndEveryBitInPlace() {
        Bytes sealed = SingleUseCipher.seal(KEY, AAD, TEXT);
        assertThat(sealed.size()).isEqualTo(TEXT.size() + SingleUseCipher.OVERHEAD_BYTES);
        assertThat(SingleUseCipher.openSecret(KEY, AAD, sealed).orElseThrow().sameAs(TEXT))
                .isTrue();
        assertThat(SingleUseCipher.open(SecretBytes.random(32, Fixtures.RANDOM), AAD, sealed))
                .isEmpty();
        assertThat(SingleUseCipher.open(KEY, Bytes.utf8("aae"), sealed)).isEmpty();
        for (int bit = 0; bit < 8 * sealed.size(); bit++) {
            byte[] altered = sealed.toArray();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(SingleUseCipher.open(KEY, AAD, Bytes.ofOwned(altered))).isEmpty();
        }
    }

    @Test
    void doesNotOpenWhatIsCutOrLonger() {
        Bytes sealed = SingleUseCipher.seal(KEY, AAD, TEXT);
        for (int size = 0; size < sealed.size(); size++) {
            assertThat(SingleUseCipher.open(KEY, AAD, sealed.slice(0, size))).isEmpty();
        }
        assertThat(SingleUseCipher.open(KEY, AAD, sealed.plus(Bytes.ofHex("00"))))
                .isEmpty();
    }

    @Test
    void takesKeysOf32BytesOnly() {
        for (int size : new int[] {0, 16, 31, 33}) {
            SecretBytes key = SecretBytes.random(size, Fixtures.RANDOM);
            assertThatThrownBy(() -> SingleUseCipher.seal(key, AAD, TEXT)).isInstanceOf(Bug.class);
            assertThatThrownBy(() -> SingleUseCipher.open(key, AAD, Bytes.empty()))
                    .isInstanceOf(Bug.class);
        }
    }
}
