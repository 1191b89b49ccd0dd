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
import lienthong.gateway.message.Refusal;
import lienthong.gateway.routing.TestTree;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A recipient's keys change between sealing and opening: its sender makes one slot anew, and nothing is lost, sealed again or taken twice. */
class KeysChangedTest {
    private static final Incarnation NEW_KEYS = new Incarnation(2);

    private final Province province = new Province("H; D<H; C<D", System.nanoTime());
    private final Province.Office hub = province.office("H");
    private final Province.Office district = province.office("D");
    private final Province.Office commune = province.office("C");

    private void announceNewKeys() {
        province.directory(((TestTree) province.directory).next().rekeyed("C", NEW_KEYS.value()));
    }

    private Province.Letter letter() {
        return new Province.Letter("H", "C").lives(Duration.ofDays(20));
    }

    private List<ErrorCode> queuedFor() {
        return commune.delivery.queue(0, 100).stream()
                .flatMap(one -> one.why().stream())
                .toList();
    }

    private static RoutedNotice signedBy(String words, RewrapPort.Work work, Province.Office office) {
        List<RoutedNotice> made = new ArrayList<>();
        office.wrap(work, result -> made.add(result.orBug()));
        office.turn();
        return new RoutedNotice(made.get(0).notice(), Bytes.utf8(words));
    }

    private static RewrapPort.Work work(Province.Sealed sealed) {
        return new RewrapPort.Work(
                sealed.sealed(), Province.address("C"), new Incarnation(5), 1, Numbers.NO_CORE, 0, Optional.empty());
    }

    /** Number 1 of H to C, wrapped for the keys that the directory names. */
    private Province.Sealed sealed() {
        return province.seal(letter(), Optional.of(numbers()), hub.loop.now(), "x");
    }

    private static Reservation numbers() {
        return new Reservation(
                Province.address("H"),
                new Incarnation(5),
                Hash.of(Bytes.utf8("core")),
                1,
                Optional.empty(),
                List.of(new Reservation.Numbered(Province.address("C"), 1, Numbers.NO_CORE, 0)));
    }

    private Optional<Refusal> made(Address sender, RoutedNotice notice) {
        List<Optional<Refusal>> answers = new ArrayList<>();
        hub.delivery.rewrapMade(sender, notice, answers::add);
        province.settle();
        return answers.get(0);
    }

    @Test
    void whatAnEmbeddedClientSealedItWrapsAnewItselfAndNobodyElseIsBelieved() {
        Address client = Province.address("H");
        Province.Sealed sealed = hub.sendAsClient(letter(), numbers());
        MessageId id = sealed.facts().header().id();
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C DELIVERED");
        RoutedNotice early = new RoutedNotice(
                new Notice.Rewrap(
                        id,
                        sealed.facts().leaf(),
                        Province.address("C"),
                        Hash.of(Bytes.utf8("slot")),
                        Bytes.utf8("slot")),
                Bytes.utf8("signed early"));
        assertThat(made(client, early).map(Refusal::reason))
                .as("before anybody's keys changed")
                .contains(ErrorCode.SENDER_NOT_YOURS);
        commune.loseDisk();
        commune.life = NEW_KEYS;
        commune.restart();
        commune.consumes();
        hub.clientsHere = false;
        hub.powerCut();
        hub.restart();
        announceNewKeys();
        assertThat(hub.asked).as("it is away").isEmpty();
        assertThat(hub.count(DeliveryStatus.Counter.REWRAPPED)).isZero();

        hub.clientsHere = true;
        hub.delivery.senderIsHere(Province.address("D"));
        assertThat(hub.asked).as("another's client").isEmpty();
        hub.delivery.senderIsHere(client);
        assertThat(hub.asked).containsExactly(Province.address("C"));
        RoutedNotice anew = signedBy("signed anew", work(sealed), hub);
        assertThat(made(Province.address("D"), anew).map(Refusal::reason))
                .as("another's client")
                .contains(ErrorCode.SENDER_NOT_YOURS);
        assertThat(made(client, signedBy("forged", work(sealed), hub)).map(Refusal::reason))
                .contains(ErrorCode.SEAL_INVALID);
        assertThat(commune.leased).isEmpty();
        assertThat(made(client, anew)).isEmpty();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
        assertThat(hub.count(DeliveryStatus.Counter.REWRAPPED)).isEqualTo(1);
        assertThat(made(client, anew).map(Refusal::reason)).as("once").contains(ErrorCode.SENDER_NOT_YOURS);
    }

    @Test
    void aClientIsAskedForAFewSlotsAtATimeHoweverManyItMustMakeAnew() {
        Address client = Province.address("H");
        commune.powerCut();
        List<Province.Sealed> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            all.add(hub.sendAsClient(letter(), numbers()));
        }
        province.settle();
        commune.loseDisk();
        commune.life = NEW_KEYS;
        commune.restart();
        commune.consumes();
        announceNewKeys();
        assertThat(hub.asked).hasSize(ClientAsks.OPEN_MAX);
        assertThat(made(client, signedBy("signed anew", work(all.get(0)), hub))).isEmpty();
        assertThat(hub.asked).as("the next when one is answered").hasSize(ClientAsks.OPEN_MAX + 1);
        province.advance(Duration.ofSeconds(61));
        assertThat(hub.asked).as("or after a minute").hasSize(2 * ClientAsks.OPEN_MAX + 1);
        province.advance(Duration.ofSeconds(61));
        assertThat(hub.asked).hasSize(40);
        hub.delivery.senderIsHere(client);
        assertThat(hub.asked).as("who comes again is asked again").hasSize(40 + ClientAsks.OPEN_MAX);
    }

    @Test
    void aDestinationThatLosesItsDiskBetweenDeliveredAndConsumedGetsItWrappedAnewAndTakesItOnce() {
        MessageId first = hub.send(letter().ordered("case")).get(0);
        MessageId second = hub.send(letter().ordered("case")).get(0);
        province.settle();
        assertThat(hub.states(second)).isEqualTo("C DELIVERED");
        commune.loseDisk();
        commune.life = NEW_KEYS;
        commune.restart();
        commune.consumes();
        province.settle();
        assertThat(commune.acknowledged).isEmpty();
        announceNewKeys();
        assertThat(commune.consumedInOrder).containsExactly("C " + first, "C " + second);
        assertThat(hub.states(second)).isEqualTo("C CONSUMED");
        assertThat(hub.count(DeliveryStatus.Counter.REWRAPPED)).isEqualTo(2);
        assertThat(commune.events)
                .extracting(DeliveryEvent::what)
                .doesNotContain(DeliveryEvent.What.SEQUENCE_BROKEN, DeliveryEvent.What.QUARANTINED);
        province.advance(Duration.ofDays(30));
        assertThat(commune.acknowledged).hasSize(2);
        assertThat(hub.delivery.status().held()).isZero();
        assertThat(commune.delivery.status().held()).isZero();
    }

    @Test
    void aRecipientThatBeginsANewLifeWithTheKeysItHadGetsOnceMoreWhatItsLostDiskHad() {
        MessageId first = hub.send(letter().ordered("case")).get(0);
        MessageId second = hub.send(letter().ordered("case")).get(0);
        province.settle();
        assertThat(hub.states(second)).isEqualTo("C DELIVERED");
        commune.loseDisk();
        commune.restart();
        commune.consumes();
        province.settle();
        assertThat(commune.acknowledged).isEmpty();
        // As after a restored copy: no newer keys are known, the slots are still good.
        hub.keyThere = false;
        announceNewKeys();
        assertThat(commune.consumedInOrder).containsExactly("C " + first, "C " + second);
        assertThat(hub.states(second)).isEqualTo("C CONSUMED");
        assertThat(hub.count(DeliveryStatus.Counter.REWRAPPED)).isZero();
    }

    @Test
    void whatAnEarlierLifeMayHaveHandedOverComesMarkedAlsoAfterARestart() {
        hub.send(letter());
        province.settle();
        commune.loseDisk();
        commune.life = NEW_KEYS;
        commune.restart();
        announceNewKeys();
        commune.powerCut();
        commune.restart();
        commune.consumes();
        hub.send(letter());
        province.settle();
        assertThat(commune.leased).extracting(LeasedMessage::redelivered).containsExactly(true, false);
    }

    @Test
    void aPredecessorThatTheLostLifeHadTakenHoldsNothingBack() {
        MessageId first = hub.send(letter().ordered("case")).get(0);
        MessageId second = hub.send(letter().ordered("case")).get(0);
        province.settle();
        commune.behaviour = message -> message.id().equals(first);
        commune.consumes();
        province.settle();
        assertThat(hub.states(first)).isEqualTo("C CONSUMED");
        commune.loseDisk();
        commune.life = NEW_KEYS;
        commune.behaviour = message -> true;
        commune.restart();
        announceNewKeys();
        assertThat(hub.states(second)).isEqualTo("C CONSUMED");
        assertThat(commune.delivery.status().gaps()).isEmpty();
    }

    @Test
    void aReceiptOfTheLostLifeThatComesHomeLateLetsGoWhatWaitsForItsMessage() {
        MessageId first = hub.send(letter().ordered("case")).get(0);
        province.settle();
        province.cable("H", "D").cut();
        commune.consumes();
        province.settle();
        assertThat(hub.states(first)).isEqualTo("C DELIVERED");
        commune.loseDisk();
        commune.life = NEW_KEYS;
        commune.restart();
        // Its slot cannot be made anew now, so that it does not go there once more before the receipt has come.
        hub.keyThere = false;
        announceNewKeys();
        hub.keyThere = true;
        MessageId second = hub.send(letter().ordered("case")).get(0);
        province.settle();
        province.cable("H", "D").repair();
        province.settle();
        assertThat(hub.states(first)).isEqualTo("C CONSUMED");
        assertThat(hub.states(second)).isEqualTo("C CONSUMED");
        assertThat(commune.delivery.status().gaps()).isEmpty();
    }

    @Test
    void whatCannotBeOpenedForLackOfItsKeyWaitsAndBothEndsSayWhy() {
        commune.consumes();
        commune.life = NEW_KEYS;
        MessageId id = hub.send(letter()).get(0);
        province.settle();
        assertThat(commune.leased).isEmpty();
        assertThat(queuedFor()).containsExactly(ErrorCode.KEY_NOT_HERE);
        assertThat(commune.delivery.status().waitingForApplications()).isEqualTo(1);
        assertThat(hub.states(id)).as("not delivered before it can be opened").isEqualTo("C FORWARDED");
        assertThat(hub.track(id).recipients().get(0).why()).contains(ErrorCode.KEY_NOT_HERE);
        assertThat(hub.progress).anyMatch(step -> step.what() == Progress.What.HELD);

        commune.powerCut();
        commune.restart();
        province.settle();
        assertThat(queuedFor()).containsExactly(ErrorCode.KEY_NOT_HERE);
        announceNewKeys();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
        assertThat(commune.leased)
                .hasSize(1)
                .allMatch(message -> message.rewrap().isPresent());
    }

    @Test
    void whereTheSenderAlreadyKnewTheNewKeysTheReportAloneBringsTheNewSlot() {
        commune.consumes();
        Province.Letter letter = letter();
        province.cable("C", "D").cut();
        MessageId id = hub.send(letter).get(0);
        province.settle();
        // As after a crash between the directory's coming and the re-wrap: only the report of the recipient's node is
        // left.
        hub.keyThere = false;
        announceNewKeys();
        hub.keyThere = true;
        commune.life = NEW_KEYS;
        assertThat(hub.count(DeliveryStatus.Counter.REWRAPPED)).isZero();
        province.cable("C", "D").repair();
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
        assertThat(hub.count(DeliveryStatus.Counter.REWRAPPED)).isEqualTo(1);
    }

    @Test
    void withoutAReWrapItIsReturnedWhenItsLifetimeIsOver() {
        commune.life = NEW_KEYS;
        MessageId id = hub.send(letter().lives(Duration.ofDays(2))).get(0);
        province.settle();
        province.advance(Duration.ofDays(3));
        assertThat(hub.track(id).recipients().get(0).why()).contains(ErrorCode.EXPIRED);
        assertThat(hub.states(id)).isEqualTo("C RETURNED");
        assertThat(commune.delivery.status().held()).isZero();
    }

    @Test
    void aReWrapThatComesBeforeItsEnvelopeWaitsForItThroughARestart() {
        commune.consumes();
        Province.Sealed sealed = sealed();
        announceNewKeys();
        commune.life = NEW_KEYS;
        List<TakenOver> answers = new ArrayList<>();
        commune.delivery.noticeArrived(district.id, signedBy("signed H", work(sealed), hub), answers::add);
        commune.turn();
        assertThat(answers).singleElement().isInstanceOf(TakenOver.Custody.class);
        commune.powerCut();
        commune.restart();
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Custody.class);
        province.settle();
        assertThat(commune.acknowledged)
                .containsExactly("C " + sealed.facts().header().id());
        assertThat(commune.offer(district, sealed)).as("again").isInstanceOf(TakenOver.Have.class);
    }

    @Test
    void aForgedReWrapIsRefusedAndDoesNotStandInTheWayOfTheTrueOne() {
        commune.consumes();
        Province.Sealed sealed = sealed();
        announceNewKeys();
        commune.life = NEW_KEYS;
        List<TakenOver> answers = new ArrayList<>();
        RoutedNotice forged = signedBy("by a stranger", work(sealed), hub);
        commune.delivery.noticeArrived(district.id, forged, answers::add);
        commune.turn();
        commune.offer(district, sealed);
        commune.delivery.noticeArrived(district.id, forged, answers::add);
        commune.turn();
        assertThat(answers).hasSize(2).last().isInstanceOf(TakenOver.Rejected.class);
        assertThat(commune.leased).isEmpty();
        assertThat(commune.count(DeliveryStatus.Counter.REWRAPS_FORGED)).isEqualTo(2);
        assertThat(commune.quarantined()).containsOnly(ErrorCode.SEAL_INVALID);
        commune.delivery.noticeArrived(district.id, signedBy("signed H", work(sealed), hub), answers::add);
        province.settle();
        assertThat(commune.acknowledged).hasSize(1);
    }

    @Test
    void aNoticeAboutAnEnvelopeThatOpenedWithoutItIsNotTakenForItsSlotAfterARestart() {
        Province.Sealed sealed = sealed();
        announceNewKeys();
        commune.delivery.noticeArrived(district.id, signedBy("by a stranger", work(sealed), hub), answer -> {});
        commune.turn();
        assertThat(commune.offer(district, sealed)).isInstanceOf(TakenOver.Custody.class);
        commune.powerCut();
        commune.restart();
        commune.consumes();
        province.settle();
        assertThat(commune.leased)
                .singleElement()
                .satisfies(message -> assertThat(message.rewrap()).isEmpty());
        assertThat(commune.acknowledged).hasSize(1);
    }

    @Test
    void amongSeveralNoticesTheOneThatOpenedItIsStillItsSlotAfterARestart() {
        Province.Sealed sealed = sealed();
        announceNewKeys();
        commune.life = NEW_KEYS;
        RoutedNotice good = signedBy("signed H", work(sealed), hub);
        commune.delivery.noticeArrived(district.id, good, answer -> {});
        commune.delivery.noticeArrived(district.id, signedBy("by a stranger", work(sealed), hub), answer -> {});
        commune.turn();
        commune.offer(district, sealed);
        commune.turn();
        commune.powerCut();
        commune.restart();
        commune.consumes();
        province.settle();
        assertThat(commune.leased)
                .singleElement()
                .satisfies(message -> assertThat(message.rewrap()).contains(good.signed()));
    }

    /** A message on its way to C, and the report that C has no key for it. */
    private Known keyNotHere() {
        province.cable("C", "D").cut();
        MessageId id = hub.send(letter()).get(0);
        province.settle();
        List<Evidence> evidence = new ArrayList<>();
        hub.delivery.evidence(id, found -> found.ifPresent(evidence::add));
        province.settle();
        Hash leaf = Hash.of(evidence.get(0).held().orElseThrow().statement());
        return new Known(
                id,
                leaf,
                Province.address("C"),
                Province.address("H"),
                district.id,
                Known.State.HELD,
                Optional.of(ErrorCode.KEY_NOT_HERE));
    }

    @Test
    void keysThatComeWhileASlotIsMadeWithThoseOfBeforeAreNotMissed() {
        hub.delivery.knownArrived(district.id, keyNotHere());
        assertThat(hub.wraps).as("under way, with the keys of before").isEqualTo(1);
        announceNewKeys();
        assertThat(hub.wraps).isEqualTo(2);
        assertThat(hub.count(DeliveryStatus.Counter.REWRAPPED)).isEqualTo(1);
    }

    @Test
    void reportsOfAMissingKeyCauseOneAttemptAMinuteAlsoWhenItComesToNothing() {
        Known report = keyNotHere();
        for (int i = 0; i < 100; i++) {
            hub.delivery.knownArrived(district.id, report);
            hub.turn();
        }
        assertThat(hub.wraps).isEqualTo(1);
    }

    @Test
    void newKeysOfAnOfficeMakeAtMostAFewSlotsAnewAtATime() {
        province.cable("C", "D").cut();
        for (int i = 0; i < 50; i++) {
            hub.send(letter());
        }
        province.settle();
        announceNewKeys();
        assertThat(hub.count(DeliveryStatus.Counter.REWRAPPED)).isEqualTo(50);
        assertThat(hub.wrappingMax).isBetween(2, Rewraps.MADE_AT_ONCE);
    }

    @Test
    void whoeverFillsTheWaitingPlaceWithNonsenseDelaysNothingForGood() {
        commune.consumes();
        commune.life = NEW_KEYS;
        for (int i = 0; i < Rewraps.WAITING_MAX + 50; i++) {
            Bytes slot = Bytes.utf8("slot " + i);
            commune.delivery.noticeArrived(
                    district.id,
                    new RoutedNotice(
                            new Notice.Rewrap(
                                    MessageId.mint(hub.loop.now(), new byte[10]),
                                    Hash.of(Bytes.utf8("leaf " + i)),
                                    Province.address("C"),
                                    Hash.of(slot),
                                    slot),
                            Bytes.utf8("nonsense " + i)),
                    answer -> {});
        }
        commune.turn();
        MessageId id = hub.send(letter()).get(0);
        province.settle();
        announceNewKeys();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
    }

    @RepeatedTest(10)
    void whateverBreaksMeanwhileEachIsTakenOnceAndItsReceiptComesHome() {
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ids.addAll(hub.send(i % 2 == 0 ? letter().ordered("case") : letter()));
        }
        province.settle(() -> breakSomething(30));
        commune.loseDisk();
        commune.life = NEW_KEYS;
        commune.restart();
        commune.consumes();
        province.settle(() -> breakSomething(30));
        announceNewKeys();
        province.settle(() -> breakSomething(20));
        for (int hour = 0; hour < 48; hour++) {
            province.advance(Duration.ofMinutes(30));
        }
        assertThat(ids)
                .as("seed %d", province.seed)
                .allSatisfy(id -> assertThat(commune.acknowledged).contains("C " + id));
        assertThat(hub.delivery.status().held()).as("seed %d", province.seed).isZero();
        assertThat(commune.delivery.status().held())
                .as("seed %d", province.seed)
                .isZero();
    }

    private void breakSomething(int odds) {
        if (province.random.nextInt(odds) == 0) {
            Province.Office office = List.of(hub, district, commune).get(province.random.nextInt(3));
            office.powerCut();
            office.restart();
        }
    }
}
