package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import org.junit.jupiter.api.Test;

class LocalHandOverTest {
    private final Province province = new Province("H; C<H", 5, policy(3));
    private final Province.Office hub = province.office("H");
    private final Province.Office commune = province.office("C");

    private static DeliveryPolicy policy(int returnsMax) {
        DeliveryPolicy like = Province.POLICY;
        return new DeliveryPolicy(
                like.keepDelivered(),
                like.askAfter(),
                returnsMax,
                like.heldBackMax(),
                like.alternativeAfter(),
                like.retryFirst(),
                like.retryMax(),
                like.clientIdsKept(),
                like.cipherProvider());
    }

    private List<LeasedMessage> lease(int max) {
        List<LeasedMessage> lent =
                commune.delivery.lease(commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1)), max, 1);
        commune.turn();
        return lent;
    }

    @Test
    void urgentMailIsLentFirst() {
        hub.send(new Province.Letter("H", "C"));
        hub.send(new Province.Letter("H", "C").urgent(Precedence.FLASH));
        hub.send(new Province.Letter("H", "C").urgent(Precedence.URGENT));
        province.settle();
        commune.consumes();
        assertThat(commune.leased)
                .extracting(message -> message.facts().header().precedence())
                .containsExactly(Precedence.FLASH, Precedence.URGENT, Precedence.ROUTINE);
    }

    @Test
    void nothingIsLentBeforeTheAttachmentIsDurable() {
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        ConsumerId consumer = commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1));
        assertThat(commune.delivery.lease(consumer, 10, 1_000)).isEmpty();
        commune.turn();
        assertThat(commune.delivery.lease(consumer, 10, 1_000)).hasSize(1);
    }

    @Test
    void anAcknowledgementIsAnsweredOnlyAfterItIsDurable() {
        MessageId id = hub.send(new Province.Letter("H", "C")).get(0);
        province.settle();
        List<Optional<ErrorCode>> answers = new ArrayList<>();
        acknowledge(answers);
        assertThat(answers).as("nothing of it is on the disk yet").isEmpty();
        commune.powerCut();
        commune.restart();
        assertThat(answers).isEmpty();
        assertThat(commune.delivery.waiting(Province.address("C")))
                .as("what was not answered for is handed over again")
                .isEqualTo(1);

        acknowledge(answers);
        commune.loop.execute(() -> {});
        commune.loop.run();
        assertThat(answers).containsExactly(Optional.empty());
        commune.powerCut();
        commune.restart();
        assertThat(commune.delivery.waiting(Province.address("C")))
                .as("what was answered for survives the power cut")
                .isZero();
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
    }

    @Test
    void whatIsGivenBackIsAnsweredOnlyAfterItIsDurable() {
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        ConsumerId consumer = commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1));
        commune.turn();
        List<Optional<lienthong.gateway.message.Refusal>> answers = new ArrayList<>();
        for (GiveBack how : List.of(new GiveBack.Later(), new GiveBack.ForGood(ErrorCode.RETURNED_BY_APPLICATION))) {
            LeasedMessage message = commune.delivery.lease(consumer, 1, 1).get(0);
            answers.clear();
            commune.delivery.giveBack(consumer, message.lease(), how, Optional.empty(), answers::add);
            assertThat(answers).as("%s before its turn has ended", how).isEmpty();
            commune.turn();
            assertThat(answers).as("%s", how).containsExactly(Optional.empty());
            province.advance(Duration.ofSeconds(2));
        }
    }

    private void acknowledge(List<Optional<ErrorCode>> answers) {
        ConsumerId consumer = commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1));
        commune.turn();
        LeasedMessage message = commune.delivery.lease(consumer, 1, 1).get(0);
        commune.delivery.acknowledge(
                consumer, message.lease(), Optional.empty(), refusal -> answers.add(refusal.map(r -> r.reason())));
    }

    @Test
    void theFirstIsLentWhateverItsSizeAndOthersWhileTheyFit() {
        hub.send(new Province.Letter("H", "C"));
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        ConsumerId consumer = commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1));
        commune.turn();
        assertThat(commune.delivery.lease(consumer, 10, 1)).hasSize(1);
        assertThat(lease(0)).isEmpty();
    }

    @Test
    void afterAnUncleanStartWhatMayHaveBeenLentIsMarkedAlsoAfterFurtherStarts() {
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        commune.behaviour = message -> false;
        commune.consumes();
        assertThat(commune.leased)
                .singleElement()
                .satisfies(message -> assertThat(message.redelivered()).isFalse());
        commune.consumers.clear();
        commune.powerCut();
        commune.restart();
        // Attached and gone cleanly, without a lease; the mark must outlive this too.
        ConsumerId passing = commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1));
        commune.turn();
        commune.delivery.detach(passing);
        commune.turn();
        commune.powerCut();
        commune.restart();
        commune.behaviour = message -> true;
        commune.consumes();
        assertThat(commune.leased.get(1).redelivered()).isTrue();
    }

    @Test
    void afterACleanDetachNewMailIsNotMarked() {
        commune.consumes();
        commune.delivery.detach(commune.consumers.remove(Province.address("C")));
        commune.turn();
        commune.powerCut();
        commune.restart();
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        commune.consumes();
        assertThat(commune.leased.get(0).redelivered()).isFalse();
    }

    @Test
    void poisonIsSetAsideItsSenderHearsOfItAndItsSuccessorGoesOn() {
        commune.behaviour = message -> false;
        commune.consumes();
        MessageId poison = hub.send(new Province.Letter("H", "C").ordered("k")).get(0);
        MessageId next = hub.send(new Province.Letter("H", "C").ordered("k")).get(0);
        province.settle();
        for (int i = 0; i < 3; i++) {
            province.advance(Duration.ofSeconds(5));
            assertThat(commune.leased).hasSize(i + 1);
            giveBackLast(new GiveBack.Later());
        }
        province.settle();
        assertThat(commune.delivery.status().deadLetters()).isEqualTo(1);
        assertThat(commune.leased.get(3).id()).isEqualTo(next);
        assertThat(hub.states(poison)).as("set aside is no end").isEqualTo("C DELIVERED");
        assertThat(hub.track(poison).recipients().get(0).why()).contains(ErrorCode.RETURNED_BY_APPLICATION);
        commune.powerCut();
        commune.restart();
        assertThat(commune.delivery.status().deadLetters()).isEqualTo(1);
        commune.behaviour = message -> true;
        assertThat(commune.delivery.revive(poison, Province.address("C"))).isTrue();
        commune.turn();
        province.settle();
        assertThat(hub.states(poison)).isEqualTo("C CONSUMED");
        assertThat(commune.delivery.status().deadLetters()).isZero();
    }

    @Test
    void whatIsGivenBackComesAgainAfterAWaitThatDoubles() {
        commune.behaviour = message -> false;
        commune.consumes();
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        giveBackLast(new GiveBack.Later());
        assertThat(commune.leased).as("not at once").hasSize(1);
        assertThat(commune.delivery.waiting(Province.address("C"))).isEqualTo(1);
        province.advance(Duration.ofMillis(1_500));
        assertThat(commune.leased).as("after a second").hasSize(2);
        giveBackLast(new GiveBack.Later());
        province.advance(Duration.ofMillis(1_500));
        assertThat(commune.leased).as("not after a second again").hasSize(2);
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        assertThat(commune.leased).as("others do not wait for it").hasSize(3);
        province.advance(Duration.ofSeconds(1));
        assertThat(commune.leased).as("after two seconds").hasSize(4);
    }

    @Test
    void whatAProgramHadNotComeToWhenItWentIsNoPoisonHoweverOftenThatHappens() {
        commune.behaviour = message -> false;
        commune.consumes();
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        for (int i = 1; i <= 20; i++) {
            assertThat(commune.leased).as("it comes again at once").hasSize(i);
            giveBackLast(new GiveBack.Unread());
            province.settle();
        }
        assertThat(commune.leased.get(20).redelivered()).isTrue();
        assertThat(commune.delivery.status().deadLetters()).isZero();
    }

    @Test
    void whatRestsExpiresInTime() {
        commune.behaviour = message -> false;
        commune.consumes();
        MessageId id = hub.send(new Province.Letter("H", "C").lives(Duration.ofSeconds(2)))
                .get(0);
        province.settle();
        giveBackLast(new GiveBack.Later());
        province.advance(Duration.ofSeconds(5));
        assertThat(commune.leased).hasSizeLessThanOrEqualTo(2);
        province.advance(Duration.ofMinutes(2));
        assertThat(hub.states(id)).isEqualTo("C RETURNED");
    }

    private void giveBackLast(GiveBack why) {
        List<Optional<lienthong.gateway.message.Refusal>> answer = new ArrayList<>();
        commune.delivery.giveBack(
                commune.consumers.get(Province.address("C")),
                commune.leased.get(commune.leased.size() - 1).lease(),
                why,
                Optional.empty(),
                answer::add);
        commune.turn();
        assertThat(answer).containsExactly(Optional.empty());
    }

    @Test
    void anEmbeddedClientSignsForItself() {
        Province.Sealed sealed = province.seal(new Province.Letter("H", "C"), Optional.empty(), hub.loop.now(), "x");
        commune.offer(hub, sealed);
        ConsumerId consumer = commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1));
        commune.turn();
        LeasedMessage message = commune.delivery.lease(consumer, 1, 1).get(0);
        List<Optional<ErrorCode>> answer = new ArrayList<>();
        commune.delivery.acknowledge(
                consumer, message.lease(), Optional.empty(), refusal -> answer.add(refusal.map(r -> r.reason())));
        RoutedReceipt own = new RoutedReceipt(
                Province.address("H"),
                commune.sign(draft(message)).orElseThrow().signed(),
                commune.sign(draft(message)).orElseThrow().receipt());
        commune.delivery.acknowledge(
                consumer, message.lease(), Optional.of(own), refusal -> answer.add(refusal.map(r -> r.reason())));
        commune.turn();
        assertThat(answer).containsExactly(Optional.of(ErrorCode.FIELD_MISSING), Optional.empty());
        assertThat(commune.delivery.status().held()).isZero();
        List<Optional<Evidence>> found = new ArrayList<>();
        commune.delivery.evidence(message.id(), found::add);
        commune.turn();
        List<RoutedReceipt> receipts = found.get(0).orElseThrow().receipts();
        assertThat(receipts)
                .as("the node's own word, then the client's")
                .extracting(receipt -> receipt.receipt().kind())
                .containsExactly(Receipt.Kind.DELIVERED, Receipt.Kind.CONSUMED);
        assertThat(receipts.get(1)).isEqualTo(own);
    }

    @Test
    void theAgeThatIsToldIsTheSumOfDwellTimesWhateverTheClocksSay() {
        Province.Sealed sealed = province.seal(
                new Province.Letter("H", "C"), Optional.empty(), hub.loop.now().plus(Duration.ofDays(400)), "x");
        List<TakenOver> answer = new ArrayList<>();
        commune.delivery.takeOver(commune.takeOver(hub, sealed, Duration.ofHours(5)), answer::add);
        commune.turn();
        province.advance(Duration.ofHours(1));
        assertThat(lease(1)).isEmpty();
        ConsumerId consumer = commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1));
        commune.turn();
        assertThat(commune.delivery.lease(consumer, 1, 1).get(0).age())
                .isBetween(Duration.ofHours(6), Duration.ofHours(6).plusSeconds(1));
    }

    private static ReceiptDraft draft(LeasedMessage message) {
        return new ReceiptDraft(
                Receipt.Kind.CONSUMED,
                new Receipt.Subject.One(
                        message.id(), message.facts().leaf(), message.facts().ciphertextRoot()),
                message.address(),
                message.address(),
                Optional.empty(),
                1);
    }
}
