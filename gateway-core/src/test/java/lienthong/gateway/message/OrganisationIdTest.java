package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrganisationIdTest {
    @ParameterizedTest(name = "[{0}] at {1}")
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'',1",
                "'.',1",
                "'.A08',1",
                "'A08.',5",
                "'A08..10',5",
                "'a08',1",
                "'A08.x',5",
                "'A08-10',4",
                "'A08 ',4",
                "' A08',1",
                "'A08/x',4",
                "'ABCDEFGHI',9",
                "'A.ABCDEFGHI',11",
                "'Đ08',1",
                "'A０8',2",
                "'A08\n',4",
                "'A08\u0000',4",
                "'12345678.12345678.12345678.12345678',0",
                "'12345678.12345678.12345678.12345678.',36",
                "'12345678.12345678.12345678.1234567.1',36"
            })
    void namesThePositionOfTheFirstFault(String text, int position) {
        Result<OrganisationId> parsed = OrganisationId.parse(text);
        if (position == 0) {
            assertThat(parsed.orBug().text()).isEqualTo(text);
            return;
        }
        assertThat(parsed.refusal().reason()).isEqualTo(ErrorCode.ADDRESS_MALFORMED);
        assertThat(parsed.refusal().detail()).isEqualTo("organisation code, position " + position);
        assertThatThrownBy(() -> new OrganisationId(text)).isInstanceOf(Bug.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "A",
                "0",
                "A08",
                "A08.10",
                "A08.10.02",
                "12345678",
                "A.B.C.D.E",
                "12345678.12345678.12345678.12345678"
            })
    void givesBackWhatItParsed(String text) {
        assertThat(OrganisationId.parse(text).orBug()).hasToString(text);
    }

    @Test
    void aRefusalNeverRepeatsWhatAStrangerWrote() {
        String hostile = "\u001B[2J" + "x".repeat(10_000);
        assertThat(OrganisationId.parse(hostile).refusal().detail()).isEqualTo("organisation code, position 1");
    }

    @Test
    void ordersByCode() {
        assertThat(OrganisationId.parse("A08.10").orBug())
                .isGreaterThan(OrganisationId.parse("A08").orBug())
                .isLessThan(OrganisationId.parse("A08.9").orBug());
    }
}
