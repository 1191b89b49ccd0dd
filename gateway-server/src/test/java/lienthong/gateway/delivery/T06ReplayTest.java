package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.store.Kind;
import org.junit.jupiter.api.Test;

/**
 * T6: a replay is dropped at the destination for good; a relay takes over again what it no longer holds. Receipts, notices and questions that come
 * again multiply nothing.
 */
class T06ReplayTest {
    private final Province province = new Province("H; D<H; C<D", 6);
    private final Province.Office hub = province.office("H");
    private final Province.Office commune = province.office("C");
    private final Province.Office district = province.office("D");

    /** Of one receipt's text, under way at a time. */
    private static final int SENDERS_MAX = 3;

    private Province.Sealed sealed(long number) {
        Province.Letter letter = new Province.Letter("H", "C");
        Reservation numbers = new Reservation(
                Province.address("H"),
                new Incarnation(5),
                Hash.of(Bytes.utf8("core")),
                1,
                Optional.empty(),
                List.of(new Reservation.Numbered(Province.address("C"), number, Hash.of(Bytes.utf8("previous")), 0)));
        return province.seal(letter, Optional.of(numbers), hub.loop.now(), "content");
    }

    @Test
    void aReplayIsNeverHandedOverAgainAtOnceAfterAMonthOrAfterARestart() {
        commune.consumes();
        Province.Sealed sealed = sealed(1);
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Custody.class);
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Have.class);
        province.advance(Duration.ofDays(31));
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Have.class);
        commune.powerCut();
        commune.restart();
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Have.class);
        assertThat(commune.leased).hasSize(1);
        assertThat(commune.count(DeliveryStatus.Counter.DUPLICATES)).isEqualTo(1);
    }

    @Test
    void theSameNumberUnderAnotherIdIsNeverHandedOverAndALoudConflictWhileTheFirstOnesCoreIsKnown() {
        commune.consumes();
        commune.offer(district, sealed(1));
        assertThat(commune.offer(district, sealed(1))).isInstanceOf(TakenOver.Rejected.class);
        commune.offer(district, sealed(2));
        assertThat(commune.offer(district, sealed(1))).isInstanceOf(TakenOver.Have.class);
        assertThat(commune.leased).hasSize(2);
        assertThat(commune.count(DeliveryStatus.Counter.CONFLICTS)).isEqualTo(1);
    }

    @Test
    void urgentMailThatOvertookIsNoReplay() {
        commune.consumes();
        Province.Sealed urgent = sealed(9);
        commune.offer(district, urgent);
        assertThat(commune.offer(district, sealed(4))).isInstanceOf(TakenOver.Custody.class);
        assertThat(commune.offer(district, urgent)).isInstanceOf(TakenOver.Have.class);
        assertThat(commune.leased).hasSize(2);
    }

    @Test
    void aRelayTakesOverAgainWhatItNoLongerHolds() {
        province.cable("C", "D").cut();
        Province.Sealed sealed = sealed(1);
        assertThat(district.offer(hub, sealed)).isInstanceOf(TakenOver.Custody.class);
        assertThat(district.offer(hub, sealed)).isInstanceOf(TakenOver.Have.class);
        province.cable("C", "D").repair();
        province.settle();
        assertThat(district.delivery.status().held()).isZero();
        assertThat(district.offer(hub, sealed)).isInstanceOf(TakenOver.Custody.class);
    }

    @Test
    void aRelayThatStillHoldsAnotherBranchTakesAHandedOneOverAgain() {
        Province tree = new Province("H; X<H; D1<H; D2<H; C1<D1; C2<D2", 61);
        tree.cable("D2", "H").cut();
        handedOnAndLostBelow(tree, "C2");
        tree.cable("D2", "H").repair();
        tree.office("C2").consumes();
        tree.settle();
        assertThat(tree.office("C2").acknowledged).hasSize(1);
        assertThat(tree.office("H").delivery.status().held()).isZero();
    }

    @Test
    void aRelayWhoseOwnApplicationsHoldACopyTakesAHandedBranchOverAgain() {
        Province tree = new Province("H; X<H; D1<H; C1<D1", 62);
        handedOnAndLostBelow(tree, "H");
        tree.office("H").consumes();
        tree.settle();
        assertThat(tree.office("H").acknowledged).hasSize(1);
        assertThat(tree.office("H").delivery.status().held()).isZero();
    }

    /** H keeps a copy for another; what it handed on to D1 is lost with D1's disk, asked after, and comes through H once more. */
    private static void handedOnAndLostBelow(Province tree, String other) {
        Province.Office relay = tree.office("H");
        tree.cable("C1", "D1").cut();
        MessageId id =
                tree.office("X").send(new Province.Letter("X", "C1", other)).get(0);
        tree.settle();
        assertThat(tree.office("D1").delivery.status().held()).isEqualTo(1);
        tree.office("D1").loseDisk();
        tree.office("D1").restart();
        tree.cable("C1", "D1").repair();
        tree.office("C1").consumes();
        tree.advance(Duration.ofHours(3));
        assertThat(tree.office("C1").acknowledged).containsExactly("C1 " + id);
        assertThat(tree.office("X").states(id)).startsWith("C1 CONSUMED");
        assertThat(relay.delivery.status().held()).as("the other branch alone").isEqualTo(1);
        assertThat(relay.count(DeliveryStatus.Counter.TAKEN_OVER)).isEqualTo(2);
        // Also over a restart: two custodies of one leaf, one of them for what is handed on.
        relay.powerCut();
        relay.restart();
        tree.settle();
        assertThat(relay.delivery.status().held()).isEqualTo(1);
        assertThat(tree.office("C1").leased).hasSize(1);
    }

    @Test
    void whereSlotsAreNotOpenedIdsAreRememberedUntilThirtyDaysAfterTheLifetime() {
        Province.Letter letter = new Province.Letter("H", "C");
        Province.Sealed sealed = province.seal(letter, Optional.empty(), hub.loop.now(), "content");
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Custody.class);
        commune.powerCut();
        commune.restart();
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Have.class);
        province.advance(Duration.ofDays(29));
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Have.class);
        Province.Sealed other = province.seal(sealed.facts().header(), Optional.empty(), "other content");
        assertThat(commune.offer(district, other))
                .isInstanceOfSatisfying(
                        TakenOver.Rejected.class,
                        rejected -> assertThat(rejected.why().reason().name()).isEqualTo("ID_CONFLICT"));
        province.advance(Duration.ofDays(4));
        assertThat(commune.offer(district, sealed))
                .as("by now its age refuses it")
                .isInstanceOf(TakenOver.Custody.class);
    }

    private List<DeliveryEvent> cameAgain() {
        return commune.events.stream()
                .filter(event -> event.what() == DeliveryEvent.What.CAME_AGAIN)
                .toList();
    }

    @Test
    void tenThousandReplaysAreTenThousandTimesNothing() {
        commune.consumes();
        for (int i = 1; i <= 100; i++) {
            commune.offer(district, sealed(i));
        }
        Province.Sealed replay = sealed(50);
        for (int i = 0; i < 10_000; i++) {
            commune.delivery.takeOver(
                    commune.takeOver(district, replay, Duration.ZERO),
                    answer -> assertThat(answer).isInstanceOf(TakenOver.Have.class));
        }
        commune.turn();
        assertThat(commune.leased).hasSize(100);
        assertThat(cameAgain()).as("the first at once, the others are counted").hasSize(1);
        assertThat(cameAgain().get(0).id()).contains(replay.facts().header().id());
        province.advance(Duration.ofHours(1).plusSeconds(1));
        assertThat(cameAgain()).hasSize(2);
        assertThat(cameAgain().get(1).detail()).contains("9999 more");
        province.advance(Duration.ofDays(1));
        assertThat(cameAgain()).as("nothing came, nothing is told").hasSize(2);
        commune.offer(district, replay);
        commune.offer(district, replay);
        commune.delivery.tellCounted();
        assertThat(cameAgain()).as("before the end, what was counted is told").hasSize(4);
        Header header = replay.facts().header();
        MessageId id = header.id();
        assertThat(commune.acknowledged).doesNotContain("C " + id);
    }

    // ---- receipts and questions

    private RoutedReceipt receipt(Province.Sealed about) {
        ReceiptPort.Signed signed = commune.sign(new ReceiptDraft(
                        Receipt.Kind.CONSUMED,
                        new Receipt.Subject.One(
                                about.facts().header().id(),
                                about.facts().leaf(),
                                about.facts().ciphertextRoot()),
                        Province.address("C"),
                        Province.address("C"),
                        Optional.empty(),
                        1))
                .orElseThrow();
        return new RoutedReceipt(Province.address("H"), signed.signed(), signed.receipt());
    }

    private List<TakenOver> replayed(RoutedReceipt receipt, int times) {
        List<TakenOver> answers = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            district.delivery.receiptArrived(commune.id, receipt, answers::add);
        }
        district.turn();
        assertThat(answers).hasSize(times);
        return answers;
    }

    @Test
    void aReceiptReplayedAThousandTimesIsStoredOnceAndAnsweredAThousandTimes() {
        province.cable("H", "D").cut();
        RoutedReceipt receipt = receipt(sealed(1));
        assertThat(replayed(receipt, 1_000)).hasOnlyElementsOfType(TakenOver.Custody.class);
        assertThat(district.store.count(Kind.RECEIPT)).isEqualTo(1);
        district.powerCut();
        district.restart();
        replayed(receipt, 10);
        assertThat(district.store.count(Kind.RECEIPT)).as("after a restart").isEqualTo(1);
        province.cable("H", "D").repair();
        province.settle();
        assertThat(district.store.count(Kind.RECEIPT)).isZero();
        assertThat(replayed(receipt, 1))
                .as("what was lost below may come again")
                .hasOnlyElementsOfType(TakenOver.Custody.class);
    }

    @Test
    void aReceiptReplayedToInventedSendersIsStoredForAFewOfThem() {
        province.cable("H", "D").cut();
        RoutedReceipt receipt = receipt(sealed(1));
        List<TakenOver> answers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            answers.addAll(replayed(
                    new RoutedReceipt(
                            new Address(new OrganisationId("H"), "m" + i), receipt.signed(), receipt.receipt()),
                    1));
        }
        assertThat(district.store.count(Kind.RECEIPT)).isEqualTo(SENDERS_MAX);
        assertThat(answers.subList(SENDERS_MAX, 1_000)).hasOnlyElementsOfType(TakenOver.Busy.class);
    }

    @Test
    void aNoticeReplayedIsStoredOnce() {
        province.cable("H", "D").cut();
        RoutedNotice notice = new RoutedNotice(
                new Notice.Skip(Province.address("C"), new Incarnation(5), Province.address("H"), 3, ErrorCode.EXPIRED),
                Bytes.utf8("a signed skip"));
        List<TakenOver> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            district.delivery.noticeArrived(commune.id, notice, answers::add);
        }
        district.turn();
        assertThat(answers).hasSize(100).hasOnlyElementsOfType(TakenOver.Custody.class);
        assertThat(district.store.count(Kind.NOTICE)).isEqualTo(1);
    }

    @Test
    void aQuestionAskedAHundredTimesPutsTheReceiptsOnTheirWayOnce() {
        commune.consumes();
        Province.Sealed sealed = sealed(1);
        commune.offer(district, sealed);
        province.settle();
        province.cable("C", "D").cut();
        Query query = new Query(
                sealed.facts().header().id(), sealed.facts().leaf(), Province.address("C"), Province.address("H"));
        for (int i = 0; i < 100; i++) {
            commune.delivery.queryArrived(district.id, query);
        }
        commune.turn();
        long once = commune.store.count(Kind.RECEIPT);
        assertThat(once).isBetween(1L, 2L);
        for (int i = 0; i < 100; i++) {
            commune.delivery.queryArrived(district.id, query);
            commune.turn();
        }
        assertThat(commune.store.count(Kind.RECEIPT)).isEqualTo(once);
    }
}
