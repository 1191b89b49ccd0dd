package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytesTest {
    private static final Bytes ABC = Bytes.utf8("abc");

    @ParameterizedTest
    @ValueSource(strings = {"-1 1", "0 -1", "0 4", "3 1", "4 0", "2147483647 1", "1 2147483647"})
    void refusesARangeOutside(String range) {
        int offset = Integer.parseInt(range.substring(0, range.indexOf(' ')));
        int size = Integer.parseInt(range.substring(range.indexOf(' ') + 1));
        assertThatThrownBy(() -> ABC.slice(offset, size)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> Bytes.copyOf(new byte[3], offset, size)).isInstanceOf(Bug.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesAnIndexOutsideOfASliceAlthoughTheArrayGoesOn(int index) {
        Bytes slice = Bytes.utf8("xxabcxx").slice(2, 3);
        assertThatThrownBy(() -> slice.get(index)).isInstanceOf(Bug.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0g", "0G", "AB", "0x", "ab ", " ab", "abcd", "áb", "a\u0661"})
    void parsesOnlyLowerCaseHexadecimalOfTheGivenSize(String hex) {
        assertThat(Bytes.parseHex(hex, 1)).isNull();
    }

    @Test
    void parsesAndWritesEveryByteValue() {
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        Bytes bytes = Bytes.copyOf(all);
        assertThat(Bytes.parseHex(bytes.hex(), 256)).isEqualTo(bytes);
        assertThat(Bytes.ofHex(bytes.hex())).isEqualTo(bytes);
    }

    @Test
    void doesNotChangeWhenTheSourceDoes() {
        byte[] source = {1, 2, 3};
        Bytes fromArray = Bytes.copyOf(source);
        Bytes fromRange = Bytes.copyOf(source, 1, 2);
        Bytes fromBuffer = Bytes.copyOf(ByteBuffer.wrap(source));
        source[1] = 9;
        assertThat(fromArray.hex()).isEqualTo("010203");
        assertThat(fromRange.hex()).isEqualTo("0203");
        assertThat(fromBuffer.hex()).isEqualTo("010203");
    }

    @Test
    void doesNotChangeWhenACopyDoes() {
        Bytes bytes = Bytes.copyOf(new byte[] {1, 2, 3});
        bytes.toArray()[0] = 9;
        assertThat(bytes.hex()).isEqualTo("010203");
        assertThatThrownBy(() -> bytes.asBuffer().put(0, (byte) 9)).isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void aBufferOverASliceBeginsAtTheSlice() {
        ByteBuffer buffer = Bytes.utf8("xxabcxx").slice(2, 3).asBuffer();
        assertThat(buffer.remaining()).isEqualTo(3);
        assertThat(buffer.get(0)).isEqualTo((byte) 'a');
    }

    @Test
    void copyingABufferDoesNotMoveIt() {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3}).position(1);
        assertThat(Bytes.copyOf(buffer).hex()).isEqualTo("0203");
        assertThat(buffer.position()).isEqualTo(1);
    }

    @Test
    void equalContentIsEqualWhateverArrayItLiesIn() {
        Bytes slice = Bytes.utf8("xxabcxx").slice(2, 3);
        assertThat(slice).isEqualTo(ABC).hasSameHashCodeAs(ABC);
        assertThat(slice.compareTo(ABC)).isZero();
        assertThat(ABC).isNotEqualTo(Bytes.utf8("abd")).isNotEqualTo(Bytes.utf8("ab"));
        assertThat(slice.slice(0, 0)).isEqualTo(Bytes.empty());
    }

    @Test
    void comparesAsUnsignedAndShorterFirst() {
        assertThat(Bytes.ofHex("7f")).isLessThan(Bytes.ofHex("80"));
        assertThat(Bytes.ofHex("ff")).isGreaterThan(Bytes.ofHex("00ff"));
        assertThat(Bytes.ofHex("ab")).isLessThan(Bytes.ofHex("ab00"));
    }

    @Test
    void joinsAndCopies() {
        byte[] target = new byte[5];
        ABC.copyTo(target, 1);
        assertThat(Bytes.ofOwned(target).hex()).isEqualTo("0061626300");
        assertThat(ABC.plus(Bytes.utf8("de"))).isEqualTo(Bytes.utf8("abcde"));
        assertThat(ABC.slice(1, 1).plus(ABC.slice(0, 1))).isEqualTo(Bytes.utf8("ba"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD800", "a\uDC00", "\uDC00\uD800", "\uD83D", "ok\uD83Dno"})
    void aLoneSurrogateIsNeverWrittenAsAQuestionMark(String text) {
        assertThatThrownBy(() -> Bytes.utf8(text)).isInstanceOf(Bug.class);
    }

    @Test
    void writesAndReadsVietnameseAndSupplementaryCharacters() {
        String text = "Tỉnh ủy Bình Định \uD83D\uDCEF";
        assertThat(Bytes.utf8(text).utf8()).isEqualTo(text);
    }

    @Test
    void showsAtMostEightBytes() {
        assertThat(Bytes.utf8("12345678")).hasToString("3132333435363738");
        assertThat(Bytes.utf8("123456789")).hasToString("3132333435363738…(9)");
    }

    @Test
    void aHashHasThirtyTwoBytesAndLowerCaseDigits() {
        assertThatThrownBy(() -> new Hash(Bytes.ofOwned(new byte[31]))).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> new Hash(Bytes.ofOwned(new byte[33]))).isInstanceOf(Bug.class);
        String empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assertThat(Hash.of(Bytes.empty())).hasToString(empty);
        assertThat(Hash.parse(empty)).isEqualTo(Hash.of(Bytes.empty()));
        assertThat(Hash.parse(empty.toUpperCase(java.util.Locale.ROOT))).isNull();
        assertThat(Hash.parse(empty.substring(1))).isNull();
    }
}
