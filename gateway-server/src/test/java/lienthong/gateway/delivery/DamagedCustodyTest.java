package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.store.Kind;
import org.junit.jupiter.api.Test;

/** A bit flips on a disk: what that costs is asked for again where another copy is, and said where none is. */
class DamagedCustodyTest {
    private final Province province = new Province("H; D<H; C<D", 39);
    private final Province.Office hub = province.office("H");
    private final Province.Office district = province.office("D");
    private final Province.Office commune = province.office("C");

    private Province.Sealed sealed(long number) {
        Reservation numbers = new Reservation(
                Province.address("H"),
                new Incarnation(5),
                Hash.of(Bytes.utf8("core")),
                1,
                Optional.empty(),
                List.of(new Reservation.Numbered(Province.address("C"), number, Hash.of(Bytes.utf8("previous")), 0)));
        return province.seal(new Province.Letter("H", "C"), Optional.of(numbers), hub.loop.now(), "content");
    }

    private static void flip(Province.Office office, Kind kind) {
        office.kill();
        assertThat(office.damage(kind)).isPositive();
        office.restart();
    }

    @Test
    void whatTheRecipientsNodeFindsDamagedIsSentOnceMoreAndMarked() {
        commune.consumes();
        commune.behaviour = message -> false;
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C DELIVERED");
        assertThat(commune.leased).hasSize(1);
        commune.behaviour = message -> true;
        flip(commune, Kind.BODY);
        province.advance(Duration.ofMinutes(1));
        assertThat(commune.quarantined()).containsExactly(ErrorCode.RECORD_DAMAGED);
        assertThat(commune.acknowledged).containsExactly("C " + id);
        assertThat(commune.leased.get(1).redelivered()).isTrue();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
        assertThat(hub.track(id).settled()).isTrue();
    }

    @Test
    void whatARelayFindsDamagedIsSentOnceMore() {
        commune.consumes();
        province.cable("C", "D").cut();
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        flip(district, Kind.BODY);
        province.cable("C", "D").repair();
        province.advance(Duration.ofMinutes(1));
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
        assertThat(commune.leased).hasSize(1);
        assertThat(commune.leased.get(0).redelivered()).isFalse();
    }

    @Test
    void whatIsGoneWithoutATraceIsAskedAfter() {
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C DELIVERED");
        flip(commune, Kind.HEAD);
        commune.consumes();
        province.advance(Duration.ofHours(2));
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
        assertThat(commune.leased).hasSize(1);
        assertThat(commune.leased.get(0).redelivered()).isTrue();
    }

    @Test
    void whatItsOriginHasLostBeforeItLeftIsEndedAndItsNumberSkipped() {
        commune.consumes();
        province.cable("H", "D").cut();
        MessageId id = hub.send(new Province.Letter("H", "C").ordered("k")).get(0);
        province.settle();
        flip(hub, Kind.BODY);
        MessageId next = hub.send(new Province.Letter("H", "C").ordered("k")).get(0);
        province.cable("H", "D").repair();
        province.advance(Duration.ofMinutes(1));
        assertThat(hub.states(id)).isEqualTo("C EXPIRED");
        assertThat(hub.track(id).recipients().get(0).why()).contains(ErrorCode.RECORD_DAMAGED);
        assertThat(hub.track(id).settled()).isTrue();
        assertThat(hub.quarantined()).containsExactly(ErrorCode.RECORD_DAMAGED);
        assertThat(hub.states(next)).isEqualTo("C CONSUMED");
        assertThat(commune.delivery.status().gaps()).isEmpty();
        assertThat(hub.delivery.status().held()).isZero();
    }

    @Test
    void whatItsOriginHasLostWhileItWasOnItsWayEndsAsItsRecipientSays() {
        province.cable("C", "D").cut();
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        flip(hub, Kind.BODY);
        province.advance(Duration.ofHours(3));
        assertThat(hub.states(id)).isEqualTo("C FORWARDED");
        commune.consumes();
        province.cable("C", "D").repair();
        province.advance(Duration.ofMinutes(1));
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
        assertThat(hub.track(id).settled()).isTrue();
    }

    @Test
    void whatIsLostBothOnItsWayAndAtItsOriginIsEndedThere() {
        province.cable("C", "D").cut();
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        flip(hub, Kind.BODY);
        district.loseDisk();
        district.restart();
        province.cable("C", "D").repair();
        province.advance(Duration.ofHours(3));
        assertThat(hub.states(id)).isEqualTo("C EXPIRED");
        assertThat(hub.track(id).settled()).isTrue();
    }

    @Test
    void whatASenderAndRecipientOfOneNodeHadIsReturned() {
        MessageId id = hub.send(new Province.Letter("H/office", "H/archive")).get(0);
        province.settle();
        flip(hub, Kind.BODY);
        hub.consumes("H/archive");
        province.settle();
        assertThat(hub.states(id)).isEqualTo("H/archive RETURNED");
        assertThat(hub.leased).isEmpty();
        assertThat(hub.delivery.status().held()).isZero();
    }

    @Test
    void aSenderWhoseCountIsLostUsesNoNumberTwice() {
        commune.consumes();
        hub.send(new Province.Letter("H", "C"));
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        flip(hub, Kind.NUMBERS);
        MessageId third = hub.send(new Province.Letter("H", "C").ordered("k")).get(0);
        MessageId fourth = hub.send(new Province.Letter("H", "C").ordered("k")).get(0);
        province.settle();
        assertThat(commune.acknowledged).hasSize(4).contains("C " + third, "C " + fourth);
        assertThat(hub.states(fourth)).isEqualTo("C CONSUMED");
        assertThat(commune.quarantined()).isEmpty();
    }

    @Test
    void whereTheRecordOfAnApplicationIsLostWhatItMayHaveSeenIsMarked() {
        commune.consumes();
        commune.behaviour = message -> false;
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        assertThat(commune.leased).hasSize(1);
        assertThat(commune.leased.get(0).redelivered()).isFalse();
        flip(commune, Kind.CONSUMER);
        province.settle();
        assertThat(commune.leased).hasSize(2);
        assertThat(commune.leased.get(1).redelivered()).isTrue();
    }

    @Test
    void whereTheRecordOfWhatCameIsLostWhatCameBeforeIsMarked() {
        Province.Sealed sealed = sealed(1);
        commune.offer(district, sealed);
        flip(commune, Kind.SEEN);
        assertThat(commune.damage(Kind.HEAD)).isPositive();
        commune.kill();
        commune.restart();
        commune.offer(district, sealed);
        commune.consumes();
        province.settle();
        assertThat(commune.leased).hasSize(1);
        assertThat(commune.leased.get(0).redelivered()).isTrue();
    }

    @Test
    void aCountOfCustodyThatIsLostGoesOnAboveTheMarkThatANeighbourShows() {
        assertThat(commune.delivery.custodyRecordLost(district.id, 7))
                .as("on a whole disk it is an older disk")
                .isFalse();
        commune.offer(district, sealed(1));
        flip(commune, Kind.CUSTODY);
        assertThat(commune.delivery.custodyHeld(district.id)).isZero();
        assertThat(commune.delivery.custodyRecordLost(district.id, 7)).isTrue();
        commune.turn();
        assertThat(commune.delivery.custodyHeld(district.id)).isEqualTo(7);
        assertThat(commune.delivery.custodyRecordLost(district.id, 8))
                .as("with a record it is")
                .isFalse();
        assertThat(commune.offer(district, sealed(2))).isEqualTo(new TakenOver.Custody(8));
    }

    @Test
    void whatCameAndIsNeitherHereNorEndedIsTakenOverAgainMarked() {
        Province.Sealed sealed = sealed(1);
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Custody.class);
        flip(commune, Kind.HEAD);
        assertThat(commune.delivery.status().held()).isZero();
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Custody.class);
        commune.consumes();
        province.settle();
        assertThat(commune.leased).hasSize(1);
        assertThat(commune.leased.get(0).redelivered()).isTrue();
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Have.class);
        assertThat(commune.leased).hasSize(1);
    }

    @Test
    void soIsWhatOnlyItsEmbeddedClientCanOpen() {
        Province.Sealed sealed =
                province.seal(new Province.Letter("H", "C"), Optional.empty(), hub.loop.now(), "content");
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Custody.class);
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Have.class);
        flip(commune, Kind.HEAD);
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Custody.class);
        commune.consumers.put(
                Province.address("C"), commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1)));
        commune.behaviour = message -> false;
        province.settle();
        assertThat(commune.leased).hasSize(1);
        assertThat(commune.leased.get(0).redelivered()).isTrue();
    }

    @Test
    void anotherMessageUnderANumberThatWasUsedPassesForNoneOnAWholeDisk() {
        commune.consumes();
        commune.offer(district, sealed(1));
        commune.offer(district, sealed(2));
        assertThat(commune.offer(district, sealed(1))).isInstanceOf(TakenOver.Have.class);
        assertThat(commune.leased).hasSize(2);
    }

    @Test
    void aNumberThatANoticeClosedStaysClosed() {
        commune.consumes();
        Notice.Skip skip =
                new Notice.Skip(Province.address("H"), new Incarnation(5), Province.address("C"), 1, ErrorCode.EXPIRED);
        commune.delivery.noticeArrived(district.id, new RoutedNotice(skip, Bytes.utf8("signed " + skip)), answer -> {});
        commune.turn();
        assertThat(commune.offer(district, sealed(1))).isInstanceOf(TakenOver.Have.class);
        commune.offer(district, sealed(2));
        province.settle();
        flip(commune, Kind.BODY);
        assertThat(commune.store.status().quarantined()).isPositive();
        assertThat(commune.offer(district, sealed(1))).isInstanceOf(TakenOver.Have.class);
        assertThat(commune.leased).hasSize(1);
    }
}
