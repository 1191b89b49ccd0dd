package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @ParameterizedTest(name = "[{0}] at {1}")
    @CsvSource({
        "A08.10/,8",
        "A08.10/Eoffice,8",
        "A08.10/.eoffice,8",
        "A08.10/-eoffice,8",
        "A08.10/_eoffice,8",
        "A08.10/e office,9",
        "A08.10/e/office,9",
        "A08.10//eoffice,8",
        "A08.10/vănthư,9",
        "A08.10/a@b,9",
        "A/a123456789012345678901234567890123,35"
    })
    void namesThePositionInTheMailbox(String text, int position) {
        Refusal refusal = Address.parse(text).refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.ADDRESS_MALFORMED);
        assertThat(refusal.detail()).startsWith("mailbox, position " + position + ":");
        String mailbox = text.substring(text.indexOf('/') + 1);
        if (!mailbox.isEmpty()) {
            assertThatThrownBy(() -> new Address(new OrganisationId("A08.10"), mailbox))
                    .isInstanceOf(Bug.class);
        }
    }

    @ParameterizedTest(name = "[{0}] at {1}")
    @CsvSource({"'',1", "/,1", "/eoffice,1", "A08..10,5", "A08..10/eoffice,5", "a08/eoffice,1", "A08.10 /eoffice,7"})
    void namesThePositionInTheOrganisation(String text, int position) {
        Refusal refusal = Address.parse(text).refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.ADDRESS_MALFORMED);
        assertThat(refusal.detail()).isEqualTo("organisation code, position " + position);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"A08.10", "A08.10/eoffice", "A/0", "A/a.b_c-d", "A/a--", "A/a1234567890123456789012345678901"})
    void givesBackWhatItParsed(String text) {
        assertThat(Address.parse(text).orBug()).hasToString(text);
    }

    @Test
    void anOfficeAndItsMailboxAreTwoAddresses() {
        Address office = Address.parse("A08").orBug();
        Address mailbox = Address.parse("A08/eoffice").orBug();
        assertThat(office).isNotEqualTo(mailbox).isEqualTo(Address.of(new OrganisationId("A08")));
        assertThat(mailbox.organisation()).isEqualTo(office.organisation());
    }

    @Test
    void ordersByOfficeAndThenByMailbox() {
        // Not the order of the written forms, where A08.10 would stand before A08/eoffice.
        List<Address> ordered = new ArrayList<>();
        for (String text : List.of("A08", "A08/a", "A08/eoffice", "A08.10", "A08.10/a", "B")) {
            ordered.add(Address.parse(text).orBug());
        }
        List<Address> shuffled = new ArrayList<>(ordered);
        Collections.reverse(shuffled);
        Collections.sort(shuffled);
        assertThat(shuffled).isEqualTo(ordered);
    }
}
