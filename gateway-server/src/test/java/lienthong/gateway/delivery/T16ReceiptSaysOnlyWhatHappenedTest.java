package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import org.junit.jupiter.api.Test;

/** T16: delivered and consumed are different statements, consumed only after the application's acknowledgement is durable. */
class T16ReceiptSaysOnlyWhatHappenedTest {
    private final Province province = new Province("H; C<H", 16);
    private final Province.Office hub = province.office("H");
    private final Province.Office commune = province.office("C");

    private List<Receipt.Kind> kinds(MessageId id) {
        return hub.track(id).recipients().get(0).receipts().stream()
                .map(receipt -> receipt.receipt().kind())
                .toList();
    }

    @Test
    void deliveredIsSaidWithoutAnyApplication() {
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        assertThat(kinds(id)).containsExactly(Receipt.Kind.DELIVERED);
        assertThat(hub.states(id)).isEqualTo("C DELIVERED");
    }

    @Test
    void beingLentIsNotBeingConsumed() {
        commune.behaviour = message -> false;
        commune.consumes();
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        assertThat(commune.leased).hasSize(1);
        assertThat(hub.states(id)).isEqualTo("C DELIVERED");
    }

    @Test
    void bothStandSideBySideWithTheirTimes() {
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        province.advance(Duration.ofHours(2));
        commune.consumes();
        province.settle();
        assertThat(kinds(id)).containsExactly(Receipt.Kind.DELIVERED, Receipt.Kind.CONSUMED);
        Tracked.Recipient one = hub.track(id).recipients().get(0);
        assertThat(Duration.between(
                        one.deliveredAt().orElseThrow(), one.endedAt().orElseThrow()))
                .isEqualTo(Duration.ofHours(2));
    }

    @Test
    void theStrongerReplacesTheWeakerThatHasNotLeft() {
        commune.behaviour = message -> {
            province.cable("C", "H").cut();
            return true;
        };
        commune.consumes();
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        int waiting = commune.delivery.status().receiptsOnTheirWay();
        assertThat(waiting).isEqualTo(1);
        province.cable("C", "H").repair();
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
    }

    @Test
    void aReturnCarriesItsReasonAndEndsTheMessage() {
        commune.behaviour = message -> false;
        commune.consumes();
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        commune.delivery.giveBack(
                commune.consumers.get(Province.address("C")),
                commune.leased.get(0).lease(),
                new GiveBack.ForGood(ErrorCode.RETURNED_BY_APPLICATION),
                java.util.Optional.empty(),
                refusal -> assertThat(refusal).isEmpty());
        commune.turn();
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C RETURNED");
        assertThat(hub.track(id).recipients().get(0).why()).contains(ErrorCode.RETURNED_BY_APPLICATION);
    }

    @Test
    void aMessageWhoseTimeIsOverIsReturnedByAgeAndNotHandedOver() {
        MessageId id = hub.send(new Province.Letter("H", "C").lives(Duration.ofHours(5)))
                .get(0);
        province.settle();
        province.advance(Duration.ofHours(6));
        commune.consumes();
        province.settle();
        assertThat(commune.leased).isEmpty();
        assertThat(hub.states(id)).isEqualTo("C RETURNED");
        assertThat(hub.track(id).recipients().get(0).why()).contains(ErrorCode.EXPIRED);
    }

    @Test
    void ageIsTheSumOfDwellTimesAndNotAComparisonOfClocks() {
        commune.behaviour = message -> false;
        commune.consumes();
        // Sealed by a clock three days behind: it has a lifetime of one day all the same.
        Province.Sealed sealed = province.seal(
                new Province.Letter("H", "C").lives(Duration.ofDays(1)),
                java.util.Optional.empty(),
                hub.loop.now().minus(Duration.ofDays(3)),
                "x");
        commune.delivery.takeOver(commune.takeOver(hub, sealed, Duration.ofHours(1)), answer -> {});
        commune.turn();
        assertThat(commune.leased).hasSize(1);
    }

    @Test
    void receiptsOfABundleAreOneRange() {
        commune.consumes();
        List<MessageId> ids = hub.send(new Province.Letter("H", "C").bundle(64));
        province.settle();
        assertThat(commune.count(DeliveryStatus.Counter.CONSUMED)).isEqualTo(64);
        assertThat(hub.track(ids.get(63)).recipients().get(0).receipts())
                .extracting(receipt -> receipt.receipt().subject())
                .allMatch(Receipt.Subject.Range.class::isInstance);
    }

    @Test
    void oneRangeSpeaksForBundlesOfDifferentSizesUnderOneSeal() {
        List<MessageId> large = hub.send(new Province.Letter("H", "C").bundle(3).under("round", 0, 3));
        List<MessageId> small = hub.send(new Province.Letter("H", "C").bundle(2).under("round", 1, 3));
        List<MessageId> other = hub.send(new Province.Letter("H", "C").bundle(4).under("round", 2, 3));
        province.settle();
        commune.consumes();
        province.settle();
        for (List<MessageId> bundle : List.of(large, small, other)) {
            for (MessageId id : bundle) {
                assertThat(hub.states(id)).isEqualTo("C CONSUMED");
            }
            assertThat(hub.track(bundle.get(0)).settled()).isTrue();
        }
        assertThat(commune.delivery.status().held()).isZero();
    }

    @Test
    void aBundleTakenInPartIsReceiptedInPartAfterAMoment() {
        commune.behaviour = message -> message.position() < 2;
        commune.consumes();
        List<MessageId> ids = hub.send(new Province.Letter("H", "C").bundle(3));
        province.settle();
        assertThat(hub.states(ids.get(0))).isEqualTo("C DELIVERED");
        province.advance(Duration.ofSeconds(1));
        assertThat(hub.states(ids.get(0))).isEqualTo("C CONSUMED");
        assertThat(hub.states(ids.get(2))).isEqualTo("C DELIVERED");
        commune.behaviour = message -> true;
        province.advance(Duration.ofMinutes(2));
        assertThat(hub.states(ids.get(2))).isEqualTo("C CONSUMED");
        assertThat(hub.delivery.status().held()).isZero();
    }

    @Test
    void ofABundleEachMessageIsShownItsOwnReceiptsAndNotItsNeighbours() {
        commune.behaviour = message -> message.position() < 2;
        commune.consumes();
        List<MessageId> ids = hub.send(new Province.Letter("H", "C").bundle(3));
        province.settle();
        province.advance(Duration.ofSeconds(1));
        assertThat(kinds(ids.get(0))).contains(Receipt.Kind.CONSUMED);
        assertThat(kinds(ids.get(2))).containsExactly(Receipt.Kind.DELIVERED);
    }

    @Test
    void aKeyThatIsAwayDelaysReceiptsAndLosesNone() {
        commune.keyThere = false;
        commune.consumes();
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C FORWARDED");
        commune.powerCut();
        commune.restart();
        commune.keyThere = true;
        province.advance(Duration.ofMinutes(1));
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
    }
}
