package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodeTest {
    @Test
    void noNumberIsUsedTwice() {
        Set<Integer> numbers = new HashSet<>();
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(numbers.add(code.number())).as(code.name()).isTrue();
        }
    }

    @Test
    void numbersRiseInTheListSoThatAPersonFindsThem() {
        int previous = 0;
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(code.number()).as(code.name()).isGreaterThan(previous);
            previous = code.number();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFirstDigitSaysWhoseFaultItIs(ErrorCode code) {
        switch (code.number() / 1_000) {
            case 1 -> {
                assertThat(code.exitCode()).isIn(64, 65, 66, 78);
                assertThat(code.retry()).isEqualTo(ErrorCode.Retry.NEVER);
            }
            case 2 -> {
                assertThat(code.exitCode()).isEqualTo(77);
                assertThat(code.status()).isEqualTo(ErrorCode.Status.PERMISSION_DENIED);
                assertThat(code.retry()).isEqualTo(ErrorCode.Retry.NEVER);
            }
            case 3 -> {
                assertThat(code.exitCode()).isIn(65, 77);
                assertThat(code.status()).isIn(ErrorCode.Status.UNAUTHENTICATED, ErrorCode.Status.FAILED_PRECONDITION);
                assertThat(code.retry()).isEqualTo(ErrorCode.Retry.NEVER);
            }
            case 4 -> {
                assertThat(code.exitCode()).isEqualTo(69);
                assertThat(code.status()).isIn(ErrorCode.Status.UNAVAILABLE, ErrorCode.Status.RESOURCE_EXHAUSTED);
            }
            case 5 -> {
                assertThat(code.exitCode()).isIn(74, 78);
                assertThat(code.status()).isIn(ErrorCode.Status.UNAVAILABLE, ErrorCode.Status.DATA_LOSS);
                assertThat(code.retry()).isEqualTo(ErrorCode.Retry.NEVER);
            }
            case 6 -> {
                assertThat(code.exitCode()).isEqualTo(70);
                assertThat(code.status()).isEqualTo(ErrorCode.Status.INTERNAL);
                assertThat(code.retry()).isEqualTo(ErrorCode.Retry.UNSAFE);
            }
            default -> throw new AssertionError(code + " has no class");
        }
    }

    /** Spot checks against docs/operating/errors.md by hand: numbers that other programs already rely on. */
    @ParameterizedTest
    @CsvSource({
        "1002,TEXT_NOT_CLEAN,65",
        "1011,ADDRESS_MALFORMED,65",
        "1101,USAGE,64",
        "1102,NO_INPUT,66",
        "1201,KEY_UNKNOWN,78",
        "2001,SECRECY_TOO_HIGH,77",
        "2101,UNKNOWN_RECIPIENT,77",
        "3005,OTHER_NETWORK,65",
        "3010,PASSPHRASE_WRONG,77",
        "3101,SEAL_INVALID,65",
        "3201,DIRECTORY_INVALID,65",
        "4002,DATA_IN_USE,69",
        "4010,CLOCK_BEHIND,69",
        "5001,FSYNC_FAILED,74",
        "5002,DISK_OLDER,74",
        "5007,STORE_NEWER,78",
        "6001,INVARIANT,70"
    })
    void keepsItsPromisedNumbers(int number, String name, int exitCode) {
        ErrorCode code = ErrorCode.ofNumber(number).orElseThrow();
        assertThat(code).hasToString(name);
        assertThat(code.exitCode()).isEqualTo(exitCode);
        assertThat(code.label()).isEqualTo("LT-" + number + " " + name);
        assertThat(code.shortLabel()).isEqualTo("LT-" + number);
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByItsNumber(ErrorCode code) {
        assertThat(ErrorCode.ofNumber(code.number())).contains(code);
    }

    @Test
    void anUnknownNumberIsNobody() {
        for (int number : new int[] {0, -1, 999, 1000, 1099, 7001, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThat(ErrorCode.ofNumber(number)).as("%d", number).isEmpty();
        }
    }

    @Test
    void aRefusalIsCutNotRefused() {
        assertThat(Refusal.technical(ErrorCode.USAGE, "x".repeat(301)).detail())
                .hasSize(300)
                .endsWith("…");
        assertThat(Refusal.technical(ErrorCode.USAGE, "x".repeat(300)).detail())
                .hasSize(300)
                .doesNotContain("…");
        assertThat(Refusal.of(ErrorCode.USAGE)).hasToString("LT-1101 USAGE");
        assertThat(Refusal.of(ErrorCode.USAGE, "word 2")).hasToString("LT-1101 USAGE: word 2");
    }
}
