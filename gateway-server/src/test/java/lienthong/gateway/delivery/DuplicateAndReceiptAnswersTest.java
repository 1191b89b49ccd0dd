package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.routing.TestTree;
import org.junit.jupiter.api.Test;

/** Rows B1, B2, B9, B19 and B20 of the threat model, as far as delivery answers them. */
class DuplicateAndReceiptAnswersTest {
    private final Province province = new Province("H; D<H; C<D", 19);
    private final Province.Office hub = province.office("H");
    private final Province.Office district = province.office("D");
    private final Province.Office commune = province.office("C");

    private static ErrorCode reason(TakenOver answer) {
        return ((TakenOver.Rejected) answer).why().reason();
    }

    // ---- B1, B2

    @Test
    void b01AnUnknownRecipientRefusesTheWholeAndNamesTheNearest() {
        Optional<Refusal> refusal = commune.delivery.mayAccept(
                Province.address("C"),
                List.of(Province.address("H"), Province.address("D9")),
                SecrecyMark.NONE,
                Precedence.ROUTINE,
                1_000);
        assertThat(refusal).contains(Refusal.of(ErrorCode.UNKNOWN_RECIPIENT, "D9: the nearest known is D"));
    }

    @Test
    void b02MarksAreRefusedBeforeAnythingIsStored() {
        for (SecrecyMark mark : List.of(SecrecyMark.SECRET, SecrecyMark.TOP_SECRET, SecrecyMark.CONFIDENTIAL)) {
            ErrorCode expected =
                    mark == SecrecyMark.CONFIDENTIAL ? ErrorCode.SECRECY_NEEDS_CIPHER : ErrorCode.SECRECY_TOO_HIGH;
            assertThat(commune.delivery
                            .mayAccept(
                                    Province.address("C"), List.of(Province.address("H")), mark, Precedence.ROUTINE, 1)
                            .map(Refusal::reason))
                    .contains(expected);
            MessageId id =
                    commune.send(new Province.Letter("C", "H").marked(mark)).get(0);
            commune.turn();
            assertThat(commune.answers.get(id))
                    .isInstanceOfSatisfying(
                            Submission.Refused.class,
                            refused -> assertThat(refused.why().reason()).isEqualTo(expected));
            assertThat(commune.store.count(lienthong.gateway.store.Kind.HEAD)).isZero();
        }
    }

    @Test
    void b02MarksAreRefusedAtEveryNodeWhateverTheSendersSoftwareDid() {
        Province.Sealed secret = province.seal(
                new Province.Letter("C", "H").marked(SecrecyMark.SECRET), Optional.empty(), commune.loop.now(), "x");
        assertThat(reason(district.offer(commune, secret))).isEqualTo(ErrorCode.SECRECY_TOO_HIGH);
        Province.Letter mat = new Province.Letter("C", "H").marked(SecrecyMark.CONFIDENTIAL);
        assertThat(reason(district.offer(commune, province.seal(mat, Optional.empty(), commune.loop.now(), "x"))))
                .isEqualTo(ErrorCode.SECRECY_NEEDS_CIPHER);
        mat.suite = 0x80;
        assertThat(district.offer(commune, province.seal(mat, Optional.empty(), commune.loop.now(), "x")))
                .as("a provider's suite is carried unopened")
                .isInstanceOf(TakenOver.Custody.class);
    }

    // ---- B9

    @Test
    void b09AcknowledgingALeaseThatIsNotHeldIsRefusedAndTheMessageComesAgainMarked() {
        commune.behaviour = message -> false;
        commune.consumes();
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        ConsumerId consumer = commune.consumers.get(Province.address("C"));
        ConsumerId other = commune.delivery.attach(Province.address("C"), Duration.ofMinutes(1));
        long lease = commune.leased.get(0).lease();
        assertThat(acknowledge(consumer, lease + 99)).contains(ErrorCode.LEASE_NOT_HELD);
        assertThat(acknowledge(other, lease)).contains(ErrorCode.LEASE_NOT_HELD);
        commune.behaviour = message -> true;
        province.advance(Duration.ofSeconds(61));
        assertThat(acknowledge(consumer, lease)).contains(ErrorCode.LEASE_NOT_HELD);
        assertThat(commune.leased).hasSize(2);
        assertThat(commune.leased.get(1).redelivered()).isTrue();
        assertThat(commune.leased.get(1).deliveryCount()).isEqualTo(2);
        assertThat(commune.acknowledged).hasSize(1);
    }

    private Optional<ErrorCode> acknowledge(ConsumerId consumer, long lease) {
        List<Optional<Refusal>> answer = new ArrayList<>();
        commune.delivery.acknowledge(consumer, lease, Optional.empty(), answer::add);
        commune.turn();
        return answer.get(0).map(Refusal::reason);
    }

    @Test
    void b09AHeartbeatKeepsALease() {
        commune.behaviour = message -> false;
        commune.consumes();
        hub.send(new Province.Letter("H", "C"));
        province.settle();
        ConsumerId consumer = commune.consumers.get(Province.address("C"));
        for (int i = 0; i < 10; i++) {
            province.advance(Duration.ofSeconds(30));
            commune.delivery.heartbeat(consumer);
            commune.turn();
        }
        assertThat(commune.leased).hasSize(1);
        assertThat(acknowledge(consumer, commune.leased.get(0).lease())).isEmpty();
    }

    // ---- B19

    @Test
    void b19ADuplicateOfWhatIsHeldIsAnsweredWithCustodyAgain() {
        province.cable("C", "D").cut();
        Province.Sealed sealed = province.seal(new Province.Letter("H", "C"), Optional.empty(), hub.loop.now(), "x");
        long first = ((TakenOver.Custody) district.offer(hub, sealed)).number();
        assertThat(district.offer(hub, sealed)).isEqualTo(new TakenOver.Have(first));
        assertThat(district.delivery.status().held()).isEqualTo(1);
    }

    @Test
    void b19ADuplicateIsAnsweredOnlyAfterTheFirstIsDurable() {
        Province.Sealed sealed = province.seal(new Province.Letter("H", "C"), Optional.empty(), hub.loop.now(), "x");
        List<String> answers = new ArrayList<>();
        TakeOver arriving = district.takeOver(hub, sealed, Duration.ZERO);
        district.delivery.takeOver(arriving, answer -> answers.add("first"));
        district.delivery.takeOver(arriving, answer -> answers.add("second " + (answer instanceof TakenOver.Have)));
        assertThat(answers).isEmpty();
        district.powerCut();
        assertThat(answers).isEmpty();
    }

    @Test
    void b19TheSameIdWithAnotherLeafIsAConflictAndKeptAsEvidence() {
        province.cable("C", "D").cut();
        Province.Sealed sealed = province.seal(new Province.Letter("H", "C"), Optional.empty(), hub.loop.now(), "x");
        Province.Sealed other = province.seal(sealed.facts().header(), Optional.empty(), "another content");
        district.offer(hub, sealed);
        assertThat(reason(district.offer(hub, other))).isEqualTo(ErrorCode.ID_CONFLICT);
        assertThat(district.quarantined()).containsExactly(ErrorCode.ID_CONFLICT);
        assertThat(district.offer(hub, sealed)).isInstanceOf(TakenOver.Have.class);
    }

    @Test
    void b19AnotherBranchOfTheSameEnvelopeIsNoDuplicate() {
        Province two = new Province("H; D<H; C1<D; C2<D", 19);
        two.cable("C1", "D").cut();
        two.cable("C2", "D").cut();
        Province.Sealed sealed = two.seal(
                new Province.Letter("H", "C1", "C2"),
                Optional.empty(),
                two.office("H").loop.now(),
                "x");
        Province.Sealed first = new Province.Sealed(
                sealed.sealed().withSlots(sealed.sealed().slots().subList(0, 1)), sealed.facts());
        assertThat(two.office("D").offer(two.office("H"), first)).isInstanceOf(TakenOver.Custody.class);
        assertThat(two.office("D").offer(two.office("H"), sealed)).isInstanceOf(TakenOver.Custody.class);
        assertThat(two.office("D").offer(two.office("H"), sealed)).isInstanceOf(TakenOver.Have.class);
        two.cable("C1", "D").repair();
        two.cable("C2", "D").repair();
        two.settle();
        assertThat(two.office("C1").count(DeliveryStatus.Counter.TAKEN_OVER)).isEqualTo(1);
        assertThat(two.office("C2").count(DeliveryStatus.Counter.TAKEN_OVER)).isEqualTo(1);
    }

    // ---- B20

    private RoutedReceipt receipt(Province.Office by, Receipt.Kind kind, Receipt.Subject subject, String recipient) {
        return new RoutedReceipt(
                Province.address("C"),
                by.sign(new ReceiptDraft(
                                kind,
                                subject,
                                Province.address(recipient),
                                Province.address(recipient),
                                Optional.empty(),
                                1))
                        .orElseThrow()
                        .signed(),
                by.sign(new ReceiptDraft(
                                kind,
                                subject,
                                Province.address(recipient),
                                Province.address(recipient),
                                Optional.empty(),
                                1))
                        .orElseThrow()
                        .receipt());
    }

    private TakenOver give(RoutedReceipt receipt) {
        List<TakenOver> answer = new ArrayList<>();
        commune.delivery.receiptArrived(district.id, receipt, answer::add);
        commune.turn();
        return answer.get(0);
    }

    private Receipt.Subject.One about(MessageId id) {
        List<Optional<Evidence>> found = new ArrayList<>();
        commune.delivery.evidence(id, found::add);
        commune.turn();
        Evidence evidence = found.get(0).orElseThrow();
        return new Receipt.Subject.One(
                id,
                Hash.of(evidence.statement()),
                Hash.of(((lienthong.gateway.message.SealedEnvelope.Ciphertext.Inline)
                                evidence.held().orElseThrow().ciphertext())
                        .bytes()));
    }

    private MessageId sent() {
        province.cable("C", "D").cut();
        MessageId id = commune.send(new Province.Letter("C", "H")).get(0);
        commune.turn();
        return id;
    }

    @Test
    void b20AReceiptForAnUnknownMessageIsRefusedAndSettlesNothing() {
        MessageId id = sent();
        Receipt.Subject.One one = about(id);
        Receipt.Subject other = new Receipt.Subject.One(id, Hash.of(Bytes.utf8("other leaf")), one.ciphertextRoot());
        assertThat(reason(give(receipt(hub, Receipt.Kind.CONSUMED, other, "H"))))
                .isEqualTo(ErrorCode.RECEIPT_UNKNOWN);
        Receipt.Subject range = new Receipt.Subject.Range(Hash.of(Bytes.utf8("other root")), 8, 0, 7);
        assertThat(reason(give(receipt(hub, Receipt.Kind.CONSUMED, range, "H"))))
                .isEqualTo(ErrorCode.RECEIPT_UNKNOWN);
        assertThat(commune.states(id)).isEqualTo("H QUEUED");
        assertThat(commune.quarantined()).hasSize(2);
    }

    @Test
    void b20AReceiptOfNoRecipientOrAboutAnotherCiphertextIsForged() {
        MessageId id = sent();
        Receipt.Subject.One one = about(id);
        assertThat(reason(give(receipt(district, Receipt.Kind.CONSUMED, one, "D"))))
                .isEqualTo(ErrorCode.RECEIPT_FORGED);
        Receipt.Subject other = new Receipt.Subject.One(id, one.leaf(), Hash.of(Bytes.utf8("other ciphertext")));
        assertThat(reason(give(receipt(hub, Receipt.Kind.CONSUMED, other, "H"))))
                .isEqualTo(ErrorCode.RECEIPT_FORGED);
        assertThat(reason(give(receipt(hub, Receipt.Kind.EXPIRED, one, "H"))))
                .as("only the sender states expired")
                .isEqualTo(ErrorCode.RECEIPT_FORGED);
        assertThat(commune.states(id)).isEqualTo("H QUEUED");
    }

    @Test
    void b20AHigherRankReplacesALowerOneAndOnlyTwoDifferentTopRanksConflict() {
        MessageId id =
                commune.send(new Province.Letter("C", "D", "H").bundle(1)).get(0);
        province.cable("D", "H").cut();
        province.settle();
        Receipt.Subject.One one = about(id);
        assertThat(give(receipt(hub, Receipt.Kind.DELIVERED, one, "H"))).isInstanceOf(TakenOver.Custody.class);
        assertThat(commune.states(id)).isEqualTo("D DELIVERED, H DELIVERED");
        assertThat(give(receipt(hub, Receipt.Kind.CONSUMED, one, "H"))).isInstanceOf(TakenOver.Custody.class);
        assertThat(give(receipt(hub, Receipt.Kind.DELIVERED, one, "H"))).isInstanceOf(TakenOver.Custody.class);
        assertThat(commune.states(id)).isEqualTo("D DELIVERED, H CONSUMED");
        assertThat(reason(give(receipt(hub, Receipt.Kind.RETURNED, one, "H")))).isEqualTo(ErrorCode.RECEIPT_CONFLICT);
        assertThat(commune.states(id)).isEqualTo("D DELIVERED, H CONSUMED");
        assertThat(commune.track(id).recipients().get(1).receipts())
                .as("both are kept as evidence")
                .extracting(receipt -> receipt.receipt().kind())
                .containsExactly(Receipt.Kind.DELIVERED, Receipt.Kind.CONSUMED, Receipt.Kind.RETURNED);
    }

    @Test
    void b20ARecipientsWordSupersedesWhatTheSenderAssumedEvenAfterItWasSettled() {
        MessageId id = sent();
        Receipt.Subject.One one = about(id);
        province.advance(Duration.ofDays(16));
        assertThat(commune.states(id)).isEqualTo("H EXPIRED");
        assertThat(give(receipt(hub, Receipt.Kind.CONSUMED, one, "H"))).isInstanceOf(TakenOver.Custody.class);
        assertThat(commune.track(id).recipients().get(0).receipts())
                .extracting(receipt -> receipt.receipt().kind())
                .containsExactly(Receipt.Kind.EXPIRED, Receipt.Kind.CONSUMED);
    }

    // ---- T24

    @Test
    void t24AFormerOfficesMailCountsAsOfWhenItWasSent() {
        TestTree merged = TestTree.of("H; D<H; C<D").next().close("C", "D").closesFrom(hub.loop.now());
        province.directory(merged);
        province.advance(Duration.ofHours(5));
        Province.Sealed before = province.seal(
                new Province.Letter("C", "H"), Optional.empty(), hub.loop.now().minus(Duration.ofHours(8)), "x");
        List<TakenOver> answers = new ArrayList<>();
        district.delivery.takeOver(district.takeOver(commune, before, Duration.ofHours(8)), answers::add);
        Province.Sealed after = province.seal(new Province.Letter("C", "H"), Optional.empty(), hub.loop.now(), "x");
        district.delivery.takeOver(district.takeOver(commune, after, Duration.ZERO), answers::add);
        district.turn();
        assertThat(answers).anyMatch(TakenOver.Custody.class::isInstance);
        assertThat(answers)
                .filteredOn(TakenOver.Rejected.class::isInstance)
                .singleElement()
                .satisfies(answer -> assertThat(reason(answer)).isEqualTo(ErrorCode.REVOKED));
    }
}
