package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import org.junit.jupiter.api.Test;

/** What could wait for ever, go round for ever, or be promised too early: other ways, lost receipts, answers, custody numbers. */
class NothingStandsStillTest {
    private static CustodyProof proof(long number) {
        return new CustodyProof(new Incarnation(1), number, Bytes.empty());
    }

    @Test
    void anotherWayIsTakenAfterARestartAndByWhatIsSentWhileTheFirstIsAway() {
        Province province = new Province("H; D1<H; D2<H; C<D1,D2", 31);
        Province.Office commune = province.office("C");
        province.office("H").consumes();
        province.office("D1").kill();
        commune.kill();
        commune.restart();
        MessageId first = commune.send(new Province.Letter("C", "H")).get(0);
        province.settle();
        assertThat(commune.states(first)).isEqualTo("H QUEUED");
        province.advance(Duration.ofMinutes(3));
        assertThat(commune.states(first)).isEqualTo("H CONSUMED");
        MessageId second = commune.send(new Province.Letter("C", "H")).get(0);
        province.settle();
        assertThat(commune.states(second)).isEqualTo("H CONSUMED");
    }

    @Test
    void deliveredIsSignedAgainWhenTheReceiptWasLostFurtherOn() {
        Province province = new Province("H; D<H; C<D", 32);
        Province.Office district = province.office("D");
        Province.Office commune = province.office("C");
        province.cable("C", "D").cut();
        commune.delivery.neighbourReady(district.id);
        Province.Sealed letter =
                province.seal(new Province.Letter("H", "C"), Optional.empty(), commune.loop.now(), "x");
        assertThat(commune.offer(district, letter)).isInstanceOf(TakenOver.Custody.class);
        Parcel.Home first = home(commune, district);
        assertThat(first.receipt().receipt().kind()).isEqualTo(Receipt.Kind.DELIVERED);
        assertThat(commune.offer(district, letter)).isInstanceOf(TakenOver.Have.class);
        assertThat(commune.delivery.next(district.id, precedence -> true))
                .as("while the first is on its way, none is made beside it")
                .isEmpty();
        commune.delivery.handed(district.id, first.token(), proof(1));
        commune.turn();
        assertThat(commune.offer(district, letter)).isInstanceOf(TakenOver.Have.class);
        assertThat(home(commune, district).receipt().receipt().kind()).isEqualTo(Receipt.Kind.DELIVERED);
    }

    private static Parcel.Home home(Province.Office from, Province.Office to) {
        from.turn();
        return (Parcel.Home) from.delivery.next(to.id, precedence -> true).orElseThrow();
    }

    @Test
    void haveIsSaidAtOnceOnlyWithANumberThatIsOnTheDisk() {
        Province province = new Province("H; D<H; C<D", 33);
        Province.Office district = province.office("D");
        Province.Office commune = province.office("C");
        Province.Sealed letter =
                province.seal(new Province.Letter("H", "C"), Optional.empty(), commune.loop.now(), "x");
        TakenOver taken = commune.offer(district, letter);
        assertThat(taken).isEqualTo(new TakenOver.Custody(1));
        Province.Sealed next = province.seal(new Province.Letter("H", "D"), Optional.empty(), commune.loop.now(), "y");
        commune.delivery.takeOver(commune.takeOver(district, next, Duration.ZERO), answer -> {});
        Header header = letter.facts().header();
        Address recipient = Province.address("C");
        Map<Address, LocalSlot> local = commune.local(header, letter.sealed().slots());
        assertThat(commune.delivery.judge(
                        district.id,
                        header,
                        Hash.of(letter.sealed().core()),
                        List.of(recipient),
                        local,
                        1,
                        Duration.ZERO))
                .as("number 2 is not durable yet")
                .contains(new TakenOver.Have(1));
    }

    @Test
    void anAnswerNeverGoesBackWhereItCameFrom() {
        Province province = new Province("H; D<H; C<D", 34);
        Province.Office hub = province.office("H");
        Province.Office district = province.office("D");
        province.cable("H", "D").cut();
        district.delivery.neighbourReady(hub.id);
        Known known = new Known(
                MessageId.mint(district.loop.now(), new byte[10]),
                Hash.of(Bytes.empty()),
                Province.address("C"),
                Province.address("H"),
                hub.id,
                Known.State.UNKNOWN,
                Optional.empty());
        district.delivery.knownArrived(hub.id, known);
        district.turn();
        assertThat(district.delivery.next(hub.id, precedence -> true)).isEmpty();
        district.delivery.knownArrived(province.office("C").id, known);
        district.turn();
        assertThat(district.delivery.next(hub.id, precedence -> true)).isPresent();
    }
}
