package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;

import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import org.junit.jupiter.api.Test;

class CustodyMarksTest {
    private static final OrganisationId DISTRICT = new OrganisationId("A08.10");

    private final CustodyMarks marks = new CustodyMarks(SecretBytes.random(32, Randomness.real()), new Incarnation(7));

    @Test
    void ownMarkIsKnownOnlyWhenItsNeighbourGivesItBack() {
        assertThat(marks.isOurs(marks.issue(DISTRICT, 5), DISTRICT)).isTrue();
        assertThat(marks.isOurs(marks.issue(DISTRICT, 5), new OrganisationId("A08.11")))
                .isFalse();
    }

    @Test
    void whatAClientCollectsNeverStopsTheNodeWhenItsOfficeGivesItBack() {
        assertThat(marks.isOurs(marks.issueToClient(Address.of(DISTRICT), 1_000_000), DISTRICT))
                .isFalse();
    }
}
