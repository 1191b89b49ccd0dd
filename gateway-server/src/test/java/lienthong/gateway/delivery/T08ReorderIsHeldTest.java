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
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import org.junit.jupiter.api.Test;

/** T8: within an ordering key later ones wait for the one before; the gap is visible; only the sender's word closes it. */
class T08ReorderIsHeldTest {
    private static final Address H = Province.address("H");
    private static final Address C = Province.address("C");
    private static final Incarnation INCARNATION = new Incarnation(5);

    private final Province province = new Province("H; C<H", 8);
    private final Province.Office hub = province.office("H");
    private final Province.Office commune = province.office("C");

    private Province.Sealed numbered(long number, long predecessor, String key) {
        return numbered(number, predecessor, key, Duration.ofDays(1));
    }

    private Province.Sealed numbered(long number, long predecessor, String key, Duration lifetime) {
        Reservation numbers = new Reservation(
                H,
                INCARNATION,
                Hash.of(Bytes.utf8("core")),
                1,
                Optional.of(key),
                List.of(new Reservation.Numbered(C, number, Hash.of(Bytes.utf8("previous")), predecessor)));
        return province.seal(
                new Province.Letter("H", "C").ordered(key).lives(lifetime), Optional.of(numbers), hub.loop.now(), "x");
    }

    private static MessageId id(Province.Sealed sealed) {
        return sealed.facts().header().id();
    }

    private List<MessageId> consumed() {
        return commune.leased.stream().map(LeasedMessage::id).toList();
    }

    private static Hash core(String text) {
        return Hash.of(Bytes.utf8(text));
    }

    private static Hash previous(Reservation reservation) {
        return reservation.numbers().get(0).previousCore();
    }

    @Test
    void eachMessageNamesTheCoreBeforeItOnTheSameStreamAlsoAfterARestartAndAnAbandonedOne() {
        Hash none = new Hash(Bytes.ofOwned(new byte[Hash.SIZE_BYTES]));
        Reservation first = hub.delivery.reserve(H, INCARNATION, List.of(C), core("1"), 1, Optional.empty());
        assertThat(previous(first)).isEqualTo(none);
        Reservation givenUp = hub.delivery.reserve(H, INCARNATION, List.of(C), core("2"), 1, Optional.empty());
        assertThat(previous(givenUp)).isEqualTo(core("1"));
        hub.delivery.abandon(givenUp, ErrorCode.INVARIANT);
        Reservation second = hub.delivery.reserve(H, INCARNATION, List.of(C), core("3"), 1, Optional.empty());
        assertThat(previous(second)).isEqualTo(core("1"));
        assertThat(second.numbers().get(0).first()).isEqualTo(2);
        Reservation other =
                hub.delivery.reserve(H, new Incarnation(6), List.of(C), core("of another life"), 1, Optional.empty());
        assertThat(previous(other)).as("another stream begins anew").isEqualTo(none);

        hub.send(new Province.Letter("H", "C"), "a");
        province.settle();
        Province.Letter next = new Province.Letter("H", "C");
        Reservation before = hub.delivery.reserve(H, next.incarnation, List.of(C), core("4"), 1, Optional.empty());
        hub.delivery.abandon(before, ErrorCode.INVARIANT);
        hub.kill();
        hub.restart();
        Reservation after = hub.delivery.reserve(H, next.incarnation, List.of(C), core("5"), 1, Optional.empty());
        assertThat(previous(before)).isNotEqualTo(none);
        assertThat(previous(after)).isEqualTo(previous(before));
    }

    @Test
    void laterOnesWaitForTheMissingOneAndThenComeInOrder() {
        commune.consumes();
        Province.Sealed one = numbered(1, 0, "case 7");
        Province.Sealed two = numbered(2, 1, "case 7");
        Province.Sealed three = numbered(3, 2, "case 7");
        commune.offer(hub, three);
        commune.offer(hub, two);
        assertThat(consumed()).isEmpty();
        assertThat(commune.delivery.status().gaps())
                .extracting(DeliveryStatus.Gap::number, DeliveryStatus.Gap::waiting)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(1L, 2));
        commune.offer(hub, one);
        assertThat(consumed()).containsExactly(id(one), id(two), id(three));
        assertThat(commune.delivery.status().gaps()).isEmpty();
    }

    @Test
    void oneThatExpiresWhileItWaitsForTheMissingOneLetsNoneBehindItPass() {
        commune.consumes();
        Province.Sealed one = numbered(1, 0, "case 7");
        Province.Sealed two = numbered(2, 1, "case 7", Duration.ofMinutes(1));
        Province.Sealed three = numbered(3, 2, "case 7");
        commune.offer(hub, two);
        province.advance(Duration.ofMinutes(2));
        commune.offer(hub, three);
        assertThat(consumed()).as("the first is still missing").isEmpty();
        commune.powerCut();
        commune.restart();
        assertThat(consumed()).isEmpty();
        commune.offer(hub, one);
        assertThat(consumed()).containsExactly(id(one), id(three));
    }

    @Test
    void anotherKeyAndUnorderedMailAreNotHeldUp() {
        commune.consumes();
        Province.Sealed waits = numbered(2, 1, "case 7");
        Province.Sealed other = numbered(3, 0, "case 8");
        commune.offer(hub, waits);
        commune.offer(hub, other);
        assertThat(consumed()).containsExactly(id(other));
    }

    @Test
    void theOrderSurvivesARestartInTheMiddle() {
        Province.Sealed one = numbered(1, 0, "case 7");
        Province.Sealed two = numbered(2, 1, "case 7");
        commune.offer(hub, two);
        commune.powerCut();
        commune.restart();
        commune.consumes();
        assertThat(consumed()).isEmpty();
        commune.offer(hub, one);
        assertThat(consumed()).containsExactly(id(one), id(two));
    }

    @Test
    void oneLeaseForEachKeyAtATime() {
        commune.behaviour = message -> false;
        commune.consumes();
        commune.offer(hub, numbered(1, 0, "case 7"));
        commune.offer(hub, numbered(2, 1, "case 7"));
        commune.offer(hub, numbered(3, 0, "case 8"));
        assertThat(commune.leased).hasSize(2);
        assertThat(commune.delivery.status().leased()).isEqualTo(2);
    }

    @Test
    void theSendersSkipClosesTheGapAndNothingElseDoes() {
        commune.consumes();
        Province.Sealed two = numbered(2, 1, "case 7");
        commune.offer(hub, two);
        List<TakenOver> answer = new ArrayList<>();
        commune.delivery.noticeArrived(hub.id, skip(H, 9), answer::add);
        commune.delivery.noticeArrived(hub.id, skip(Province.address("X"), 1), answer::add);
        commune.turn();
        assertThat(consumed()).isEmpty();
        commune.delivery.noticeArrived(hub.id, skip(H, 1), answer::add);
        commune.turn();
        assertThat(consumed()).containsExactly(id(two));
        assertThat(answer).hasSize(3).allMatch(TakenOver.Custody.class::isInstance);
        assertThat(commune.offer(hub, numbered(1, 0, "case 7")))
                .as("a skipped number does not come back")
                .isInstanceOf(TakenOver.Have.class);
    }

    private static RoutedNotice skip(Address from, long number) {
        return new RoutedNotice(new Notice.Skip(from, INCARNATION, C, number, ErrorCode.EXPIRED), Bytes.utf8("signed"));
    }

    @Test
    void beyondTheLimitOfHeldBackOnesTheCreditStopsUntilTheMissingOneComes() {
        for (int i = 2; i < 2 + Province.POLICY.heldBackMax(); i++) {
            assertThat(commune.offer(hub, numbered(i, i - 1, "case 7"))).isInstanceOf(TakenOver.Custody.class);
        }
        int next = 2 + Province.POLICY.heldBackMax();
        assertThat(commune.offer(hub, numbered(next + 1, next, "case 7"))).isInstanceOf(TakenOver.Busy.class);
        commune.consumes();
        assertThat(commune.offer(hub, numbered(1, 0, "case 7"))).isInstanceOf(TakenOver.Custody.class);
        assertThat(commune.leased).hasSize(1 + Province.POLICY.heldBackMax());
        assertThat(commune.offer(hub, numbered(next, next - 1, "case 7"))).isInstanceOf(TakenOver.Custody.class);
    }

    @Test
    void aNumberReservedAndGivenUpIsSkippedByItsOrigin() {
        commune.consumes();
        Reservation lost =
                hub.delivery.reserve(H, INCARNATION, List.of(C), Hash.of(Bytes.utf8("a")), 2, Optional.of("k"));
        Province.Letter letter = new Province.Letter("H", "C").ordered("k");
        letter.incarnation = INCARNATION;
        MessageId id = hub.send(letter).get(0);
        province.settle();
        assertThat(commune.leased).isEmpty();
        hub.delivery.abandon(lost, ErrorCode.SIZE_MISMATCH);
        hub.turn();
        province.settle();
        assertThat(commune.acknowledged).containsExactly("C " + id);
    }

    @Test
    void aNumberGivenUpBeforeAnotherWasGivenLeavesNoGap() {
        Reservation lost =
                hub.delivery.reserve(H, INCARNATION, List.of(C), Hash.of(Bytes.utf8("a")), 2, Optional.of("k"));
        hub.delivery.abandon(lost, ErrorCode.SIZE_MISMATCH);
        Reservation next =
                hub.delivery.reserve(H, INCARNATION, List.of(C), Hash.of(Bytes.utf8("b")), 1, Optional.of("k"));
        assertThat(next.numbers()).isEqualTo(lost.numbers());
    }

    @Test
    void numbersReservedWhenThePowerWentAreSkippedAtTheNextStart() {
        commune.consumes();
        Reservation lost =
                hub.delivery.reserve(H, INCARNATION, List.of(C), Hash.of(Bytes.utf8("a")), 1, Optional.of("k"));
        assertThat(lost.numbers().get(0).first()).isEqualTo(1);
        Province.Letter letter = new Province.Letter("H", "C").ordered("k");
        letter.incarnation = INCARNATION;
        MessageId id = hub.send(letter).get(0);
        province.settle();
        assertThat(commune.acknowledged).isEmpty();
        hub.powerCut();
        hub.kill();
        hub.restart();
        province.settle();
        assertThat(commune.acknowledged).containsExactly("C " + id);
    }

    @Test
    void whatItsOriginEndsUndeliveredIsSkippedForItsSuccessors() {
        commune.consumes();
        province.cable("C", "H").cut();
        Province.Letter first = new Province.Letter("H", "C").ordered("k").lives(Duration.ofDays(1));
        Province.Letter second = new Province.Letter("H", "C").ordered("k").lives(Duration.ofDays(50));
        MessageId dead = hub.send(first).get(0);
        MessageId alive = hub.send(second).get(0);
        province.advance(Duration.ofDays(16));
        assertThat(hub.states(dead)).isEqualTo("C EXPIRED");
        assertThat(hub.track(dead).settled()).isTrue();
        province.cable("C", "H").repair();
        province.settle();
        assertThat(commune.acknowledged).containsExactly("C " + alive);
    }

    // ---- the previous-core hash

    /** An envelope of H to C as H would seal it, or not. */
    private Province.Sealed sealed(long number, Hash previous) {
        Reservation numbers = new Reservation(
                H,
                INCARNATION,
                core("whatever"),
                1,
                Optional.empty(),
                List.of(new Reservation.Numbered(C, number, previous, 0)));
        return province.seal(new Province.Letter("H", "C"), Optional.of(numbers), hub.loop.now(), "x");
    }

    private static Hash coreOf(Province.Sealed sealed) {
        return Hash.of(sealed.sealed().core());
    }

    private List<String> breaks() {
        List<String> found = commune.events.stream()
                .filter(event -> event.what() == DeliveryEvent.What.SEQUENCE_BROKEN)
                .map(DeliveryEvent::detail)
                .toList();
        assertThat(commune.delivery.status().counters().getOrDefault(DeliveryStatus.Counter.SEQUENCE_BREAKS, 0L))
                .isLessThanOrEqualTo(found.size());
        return found;
    }

    @Test
    void aSenderThatNamesAnotherCoreBeforeItsMessageIsFoundAndTheMessageIsHandedOverAllTheSame() {
        commune.consumes();
        Province.Sealed one = sealed(1, Numbers.NO_CORE);
        Province.Sealed forked = sealed(2, core("of another history"));
        commune.offer(hub, one);
        assertThat(breaks()).isEmpty();
        assertThat(commune.offer(hub, forked)).isInstanceOf(TakenOver.Custody.class);
        assertThat(consumed()).containsExactly(id(one), id(forked));
        assertThat(breaks())
                .containsExactly("H to C: number 2 follows core "
                        + core("of another history").hex() + ", number 1 is core "
                        + coreOf(one).hex());
        assertThat(commune.delivery.status().counters()).containsEntry(DeliveryStatus.Counter.SEQUENCE_BREAKS, 1L);
    }

    @Test
    void itIsFoundInWhateverOrderTheyComeAndAfterARestartBetweenThem() {
        Province.Sealed one = sealed(1, Numbers.NO_CORE);
        Province.Sealed two = sealed(2, coreOf(one));
        Province.Sealed three = sealed(3, core("of another history"));
        commune.offer(hub, three);
        commune.powerCut();
        commune.restart();
        commune.offer(hub, one);
        commune.kill();
        commune.restart();
        assertThat(breaks()).isEmpty();
        commune.offer(hub, two);
        assertThat(breaks()).hasSize(1).first().asString().contains("number 3 follows");
    }

    @Test
    void theFirstOfASequenceFollowsNothing() {
        commune.offer(hub, sealed(1, core("before the beginning")));
        assertThat(breaks()).hasSize(1).first().asString().endsWith("number 0 is none");
    }

    @Test
    void anotherEnvelopeUnderTheLastNumberIsAConflictAndNotADuplicate() {
        commune.consumes();
        Province.Sealed one = sealed(1, Numbers.NO_CORE);
        commune.offer(hub, one);
        TakenOver answer = commune.offer(hub, sealed(1, Numbers.NO_CORE));
        assertThat(answer).isInstanceOf(TakenOver.Rejected.class);
        assertThat(((TakenOver.Rejected) answer).why().reason()).isEqualTo(ErrorCode.ID_CONFLICT);
        assertThat(commune.offer(hub, one)).isInstanceOf(TakenOver.Have.class);
        assertThat(consumed()).containsExactly(id(one));
    }

    @Test
    void anHonestSenderIsNeverAccusedHoweverItsMessagesOvertakeEachOtherOrComeToNothing() {
        commune.consumes();
        province.cable("C", "H").cut();
        List<MessageId> sent = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Province.Letter letter = new Province.Letter("H", "C");
            letter.bundle(1 + i % 3).urgent(i % 4 == 0 ? Precedence.FLASH : Precedence.ROUTINE);
            Reservation given =
                    hub.delivery.reserve(H, letter.incarnation, List.of(C), core("never " + i), 2, Optional.empty());
            sent.addAll(hub.send(letter, "content " + i));
            if (i % 7 == 0) {
                hub.delivery.abandon(given, ErrorCode.SIZE_MISMATCH);
            } else {
                Reservation last =
                        hub.delivery.reserve(H, letter.incarnation, List.of(C), core("last " + i), 1, Optional.empty());
                hub.delivery.abandon(last, ErrorCode.SIZE_MISMATCH);
                hub.delivery.abandon(given, ErrorCode.SIZE_MISMATCH);
            }
        }
        hub.turn();
        hub.kill();
        hub.restart();
        province.cable("C", "H").repair();
        province.settle(() -> {
            if (province.random.nextInt(60) == 0) {
                commune.powerCut();
                commune.restart();
            }
        });
        assertThat(commune.acknowledged).hasSize(sent.size());
        assertThat(breaks()).isEmpty();
    }
}
