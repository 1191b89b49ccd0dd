package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageIdTest {
    private static final Instant TIME = Instant.parse("2026-11-23T08:00:00.123Z");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "018f0000000070008000000000000000x",
                "018f000000007000800000000000000",
                "018F0000000070008000000000000000",
                "018f0000-0000-7000-8000-000000000000",
                "018f0000000040008000000000000000",
                "018f0000000070000000000000000000",
                "018f000000007000c000000000000000",
                "018f00000000700080000000000000g0",
                " 18f0000000070008000000000000000"
            })
    void refusesAnyOtherForm(String text) {
        assertThat(MessageId.parse(text).refusal().reason()).isEqualTo(ErrorCode.MESSAGE_UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 17, 32})
    void refusesAnyOtherSize(int size) {
        assertThat(MessageId.ofBytes(Bytes.ofOwned(new byte[size])).refusal().reason())
                .isEqualTo(ErrorCode.MESSAGE_UNKNOWN);
    }

    @Test
    void refusesToBeBuiltWithWrongVersionOrVariant() {
        assertThatThrownBy(() -> new MessageId(0x4000L, 0x8000000000000000L)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> new MessageId(0x7000L, 0)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> MessageId.mint(TIME, new byte[9])).isInstanceOf(Bug.class);
    }

    @Test
    void givesBackWhatWasMinted() {
        long seed = 20201123L;
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            byte[] bytes = new byte[10];
            random.nextBytes(bytes);
            MessageId id = MessageId.mint(TIME, bytes);
            assertThat(id.mintedAt()).as("seed %d, step %d", seed, i).isEqualTo(TIME);
            assertThat(MessageId.parse(id.toString()).orBug()).isEqualTo(id);
            assertThat(MessageId.ofBytes(id.bytes()).orBug()).isEqualTo(id);
            assertThat(id.bytes().hex()).isEqualTo(id.toString());
        }
    }

    @Test
    void keepsSeventyFourRandomBits() {
        byte[] ones = new byte[10];
        java.util.Arrays.fill(ones, (byte) 0xFF);
        MessageId low = MessageId.mint(Instant.EPOCH, new byte[10]);
        MessageId high = MessageId.mint(Instant.EPOCH, ones);
        assertThat(Long.bitCount(low.high() ^ high.high()) + Long.bitCount(low.low() ^ high.low()))
                .isEqualTo(74);
    }

    @Test
    void aLaterIdIsGreaterInEveryForm() {
        byte[] ones = new byte[10];
        java.util.Arrays.fill(ones, (byte) 0xFF);
        MessageId earlier = MessageId.mint(TIME, ones);
        MessageId later = MessageId.mint(TIME.plusMillis(1), new byte[10]);
        assertThat(earlier).isLessThan(later);
        assertThat(earlier.bytes()).isLessThan(later.bytes());
        assertThat(earlier.toString()).isLessThan(later.toString());
    }
}
