package lienthong.gateway.envelope.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.SequenceText;
import org.junit.jupiter.api.Test;

/** Evidence of several messages side by side: a sequence that was cut, forked or told differently by its two ends. */
class SequenceCheckTest {
    private static final OrganisationId SENDING = new OrganisationId("A08.10");
    private static final OrganisationId TAKING = new OrganisationId("A08.11");
    private static final Address FROM = Address.of(SENDING);
    private static final Address TO = Address.of(TAKING);
    private static final Incarnation LIFE = new Incarnation(7);

    private static Hash core(String text) {
        return Hash.of(Bytes.utf8(text));
    }

    private static Report report(OrganisationId node, String core, int messages, long first, String previous) {
        return new Report(
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(new Report.Placed(
                        node, FROM, core(core), messages, new SequenceText.Place(TO, LIFE, first, core(previous)))));
    }

    private static List<Step.Outcome> outcomes(Report... reports) {
        return SequenceCheck.compare(new ArrayList<>(List.of(reports))).stream()
                .map(Step::outcome)
                .toList();
    }

    @Test
    void consecutiveMessagesThatNameEachOtherHoldInWhateverOrderTheyAreGiven() {
        Report five = report(TAKING, "five", 2, 5, "four");
        Report seven = report(TAKING, "seven", 1, 7, "five");
        assertThat(outcomes(seven, five)).containsExactly(Step.Outcome.HOLDS);
    }

    @Test
    void aMessageThatNamesAnotherCoreThanTheOneBeforeItFails() {
        assertThat(outcomes(report(TAKING, "five", 1, 5, "four"), report(TAKING, "six", 1, 6, "another five")))
                .containsExactly(Step.Outcome.FAILS);
    }

    @Test
    void aNumberGivenTwiceFails() {
        assertThat(outcomes(report(TAKING, "five", 2, 5, "four"), report(SENDING, "six", 1, 6, "five")))
                .containsExactly(Step.Outcome.FAILS);
    }

    @Test
    void bothEndsMustSayTheSameOfOneMessage() {
        Report taken = report(TAKING, "five", 1, 5, "four");
        assertThat(outcomes(taken, report(SENDING, "five", 1, 5, "four"))).containsExactly(Step.Outcome.HOLDS);
        assertThat(outcomes(taken, report(SENDING, "five", 1, 6, "four"))).containsExactly(Step.Outcome.FAILS);
        assertThat(outcomes(taken, report(SENDING, "five", 1, 5, "three"))).containsExactly(Step.Outcome.FAILS);
    }

    @Test
    void whatLiesBetweenIsNamedAndNotJudged() {
        List<Step> steps = SequenceCheck.compare(
                List.of(report(TAKING, "five", 1, 5, "four"), report(TAKING, "nine", 1, 9, "eight")));
        assertThat(steps).singleElement().extracting(Step::outcome).isEqualTo(Step.Outcome.NOTE);
        assertThat(steps.get(0).text()).contains("numbers 6 to 8");
    }

    @Test
    void anotherLifeOrRecipientIsAnotherSequence() {
        Report other = new Report(
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(new Report.Placed(
                        TAKING, FROM, core("x"), 1, new SequenceText.Place(TO, new Incarnation(8), 5, core("y")))));
        assertThat(outcomes(report(TAKING, "five", 1, 5, "four"), other)).isEmpty();
    }

    @Test
    void theTextHasOneWrittenForm() {
        Hash network = core("network");
        SequenceText text =
                new SequenceText(network, core("five"), List.of(new SequenceText.Place(TO, LIFE, 5, core("four"))));
        Bytes bytes = text.encode();
        assertThat(SequenceText.decode(bytes, network).orBug()).isEqualTo(text);
        assertThat(SequenceText.decode(bytes, core("other")).isOk()).isFalse();
        for (String wrong : List.of(
                bytes.utf8().replace(" 5 ", " 05 "),
                bytes.utf8().replace(" 5 ", " 0 "),
                bytes.utf8().replace(" 5 ", " "),
                bytes.utf8().replace("place", "Place"),
                bytes.utf8() + "place\n",
                bytes.utf8().substring(0, bytes.utf8().indexOf("place")),
                bytes.utf8().replace("0000000000000007", "0000000000000000"))) {
            assertThat(SequenceText.decode(Bytes.utf8(wrong), network).isOk())
                    .as(wrong)
                    .isFalse();
        }
    }
}
