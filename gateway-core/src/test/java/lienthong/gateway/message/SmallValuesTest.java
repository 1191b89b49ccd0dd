package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of one line each: what they refuse, and that their written form reads back. */
class SmallValuesTest {
    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Limits.LIFETIME_SECONDS_MAX + 1, Long.MAX_VALUE})
    void refusesALifetimeOutOfRangeWithLimitAndValue(long seconds) {
        Refusal refusal = Lifetime.ofSeconds(seconds).refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.LIFETIME_OUT_OF_RANGE);
        assertThat(refusal.detail()).isEqualTo("1 to 5184000 seconds, not " + seconds);
        assertThatThrownBy(() -> new Lifetime(seconds)).isInstanceOf(Bug.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a\n", "é", "\u007F", "x ", " x"})
    void refusesAClientIdThatIsNotPrintableAscii(String text) {
        Refusal refusal = ClientId.parse(text).refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.FIELD_MISSING);
        assertThat(refusal.detail()).matches("client_id, position [12]: .*");
    }

    @Test
    void refusesAnAbsentAndATooLongClientId() {
        assertThat(ClientId.parse("").refusal().reason()).isEqualTo(ErrorCode.FIELD_MISSING);
        assertThat(ClientId.parse("x".repeat(64)).isOk()).isTrue();
        assertThat(ClientId.parse("x".repeat(65)).refusal())
                .isEqualTo(Refusal.of(ErrorCode.HEADER_TOO_LARGE, "client_id: 65 characters, at most 64"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Document", "1x", "-x", "a b", "a_b", "đ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void refusesAServiceOfAnotherForm(String word) {
        assertThat(Service.parse(word).isOk()).isFalse();
        assertThatThrownBy(() -> new Service(word)).isInstanceOf(Bug.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesAPrecedenceThatIsNone(int number) {
        assertThat(Precedence.of(number).isOk()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void precedenceReadsBackByItsNumber(Precedence precedence) {
        assertThat(Precedence.of(precedence.number()).orBug()).isEqualTo(precedence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "None", "mật", "toi mat", "secret"})
    void refusesASecrecyMarkThatIsNone(String word) {
        assertThat(SecrecyMark.ofWord(word).isOk()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aSecrecyMarkReadsBackByItsWord(SecrecyMark mark) {
        assertThat(SecrecyMark.ofWord(mark.word()).orBug()).isEqualTo(mark);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0000000000000000", "000000000000001", "00000000000000001", "000000000000000A"})
    void refusesAnIncarnationOfAnotherForm(String hex) {
        assertThat(Incarnation.parse(hex)).isNull();
    }

    @Test
    void anIncarnationReadsBack() {
        for (long value : new long[] {1, -1, Long.MIN_VALUE, 0x0123456789ABCDEFL}) {
            assertThat(Incarnation.parse(new Incarnation(value).toString())).isEqualTo(new Incarnation(value));
        }
    }

    @Test
    void aRangeOfLeavesLiesInItsTree() {
        Hash root = Hash.of(Bytes.empty());
        assertThat(new Receipt.Subject.Range(root, 8, 0, 7).last()).isEqualTo(7);
        assertThatThrownBy(() -> new Receipt.Subject.Range(root, 8, -1, 7)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> new Receipt.Subject.Range(root, 8, 0, 8)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> new Receipt.Subject.Range(root, 8, 5, 4)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> new Receipt.Subject.Range(root, Limits.TREE_LEAVES_MAX + 1, 0, 0))
                .isInstanceOf(Bug.class);
    }

    @Test
    void aResultAsksForBothCases() {
        Result<Integer> yes = Result.ok(1);
        Result<Integer> no = Result.no(ErrorCode.USAGE, "word 2");
        assertThat(yes.<String>fold(value -> "ok " + value, Refusal::toString)).isEqualTo("ok 1");
        assertThat(no.<String>fold(value -> "ok " + value, Refusal::toString)).isEqualTo("LT-1101 USAGE: word 2");
        assertThat(no.map(value -> value + 1).refusal()).isEqualTo(no.refusal());
        assertThat(no.then(value -> Result.ok("x")).refusal()).isEqualTo(no.refusal());
        assertThatThrownBy(no::orBug).isInstanceOf(Bug.class);
        assertThatThrownBy(yes::refusal).isInstanceOf(Bug.class);
    }
}
