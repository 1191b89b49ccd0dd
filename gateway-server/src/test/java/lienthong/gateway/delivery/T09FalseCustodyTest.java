package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.routing.TestTree;
import org.junit.jupiter.api.Test;

/** T9: custody alone never releases the origin's copy, and a relay's refusal is a report. */
class T09FalseCustodyTest {
    private final Province province = new Province("H; D<H; C<D", 9);
    private final Province.Office origin = province.office("C");

    private Parcel.Envelope pull() {
        origin.turn();
        return (Parcel.Envelope) origin.delivery
                .next(province.office("D").id, precedence -> true)
                .orElseThrow();
    }

    /** The neighbour is a liar: the test answers in its place. */
    private MessageId sendToALiar() {
        province.cable("C", "D").cut();
        origin.delivery.neighbourReady(province.office("D").id);
        return origin.send(new Province.Letter("C", "H")).get(0);
    }

    @Test
    void aNeighbourThatAsksForAYearsPatienceIsAskedAgainAfterFiveMinutes() {
        Province away = new Province("H; D<H", 9);
        Province.Office origin = away.office("D");
        away.cable("H", "D").roomMax = 0;
        MessageId id = origin.send(new Province.Letter("D", "H")).get(0);
        away.settle();
        Parcel parcel =
                origin.delivery.next(away.office("H").id, precedence -> true).orElseThrow();
        origin.delivery.rejected(
                away.office("H").id, parcel.token(), Refusal.of(ErrorCode.DISK_LOW), Optional.of(Duration.ofDays(365)));
        origin.turn();
        away.advance(Duration.ofMinutes(4));
        assertThat(origin.delivery.next(away.office("H").id, precedence -> true))
                .isEmpty();
        away.advance(Duration.ofMinutes(2));
        assertThat(origin.delivery.next(away.office("H").id, precedence -> true))
                .isPresent();
        assertThat(origin.states(id)).contains("H ");
    }

    @Test
    void custodyWithoutAReceiptKeepsTheOriginsCopyAndIsOfferedAgain() {
        MessageId id = sendToALiar();
        Parcel first = pull();
        origin.delivery.handed(
                province.office("D").id, first.token(), new CustodyProof(new Incarnation(1), 1, Bytes.empty()));
        origin.turn();
        assertThat(origin.states(id)).isEqualTo("H FORWARDED");
        assertThat(origin.delivery.status().held()).isEqualTo(1);
        province.advance(Duration.ofHours(4));
        assertThat(origin.count(DeliveryStatus.Counter.ASKED)).isEqualTo(2);
        assertThat(origin.states(id)).isEqualTo("H QUEUED");
        origin.delivery.next(province.office("D").id, precedence -> false);
        assertThat(origin.delivery.status().late()).isEqualTo(1);
    }

    @Test
    void aRefusalThatTheOriginsDirectoryDoesNotConfirmEndsNothing() {
        MessageId id = sendToALiar();
        for (int i = 0; i < 5; i++) {
            Parcel parcel = pull();
            origin.delivery.rejected(
                    province.office("D").id,
                    parcel.token(),
                    Refusal.of(ErrorCode.UNKNOWN_RECIPIENT, "says the relay"),
                    Optional.empty());
            origin.turn();
            assertThat(origin.states(id)).isEqualTo("H QUEUED");
            List<Queued> lines = origin.delivery.queue(0, 10);
            assertThat(lines.get(0).why()).contains(ErrorCode.UNKNOWN_RECIPIENT);
            assertThat(lines.get(0).nextTry()).isPresent();
            province.advance(Duration.ofMinutes(6));
        }
        assertThat(origin.track(id).recipients().get(0).receipts()).isEmpty();
    }

    @Test
    void aRefusalThatTheOriginsDirectoryConfirmsEndsItWithThatReason() {
        MessageId id = sendToALiar();
        Parcel parcel = pull();
        TestTree closed = TestTree.of("H; D<H; C<D").next().close("H", "");
        origin.delivery.directoryChanged(closed);
        origin.delivery.rejected(
                province.office("D").id,
                parcel.token(),
                Refusal.of(ErrorCode.RECIPIENT_CLOSED, "says the relay"),
                Optional.empty());
        origin.turn();
        province.settle();
        Tracked tracked = origin.track(id);
        assertThat(tracked.recipients().get(0).state()).isEqualTo(Tracked.State.EXPIRED);
        assertThat(tracked.recipients().get(0).why()).contains(ErrorCode.RECIPIENT_CLOSED);
        assertThat(tracked.settled()).isTrue();
    }

    @Test
    void temporaryRefusalsAreTriedAgainWithGrowingWaitsAndAHelloEndsTheWait() {
        sendToALiar();
        Duration before = Duration.ZERO;
        for (int i = 0; i < 4; i++) {
            Parcel parcel = pull();
            origin.delivery.rejected(
                    province.office("D").id, parcel.token(), Refusal.of(ErrorCode.DISK_LOW, ""), Optional.empty());
            origin.turn();
            Duration wait = Duration.between(
                    origin.loop.now(),
                    origin.delivery.queue(0, 1).get(0).nextTry().orElseThrow());
            assertThat(wait).isGreaterThan(before);
            before = wait;
            province.advance(wait.plusMillis(1));
        }
        Parcel parcel = pull();
        origin.delivery.rejected(
                province.office("D").id, parcel.token(), Refusal.of(ErrorCode.DISK_LOW, ""), Optional.empty());
        origin.delivery.neighbourLost(province.office("D").id);
        origin.delivery.neighbourReady(province.office("D").id);
        assertThat(pull()).isNotNull();
    }
}
