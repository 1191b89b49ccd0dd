package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.routing.TestTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Promises 1 to 4 of the product over several nodes, without and with faults. */
class ProvinceTest {
    private static final String TREE = "H; D1<H; D2<H; C1<D1; C2<D1; C3<D2";

    @Test
    void oneLetterTravelsIsConsumedAndItsReceiptComesHome() {
        Province province = new Province(TREE, 1);
        province.office("C3").consumes();
        MessageId id =
                province.office("C1").send(new Province.Letter("C1", "C3")).get(0);
        province.settle();
        assertThat(province.office("C1").isAccepted(id)).isTrue();
        assertThat(province.office("C3").acknowledged).containsExactly("C3 " + id);
        assertThat(province.office("C1").states(id)).isEqualTo("C3 CONSUMED");
        assertThat(province.office("C1").track(id).settled()).isTrue();
        assertThat(held(province)).isEqualTo("{C1=0, C2=0, C3=0, D1=0, D2=0, H=0}");
        assertThat(province.office("H").delivery.status().receiptsOnTheirWay()).isZero();
    }

    @Test
    void aSenderIsAnsweredOnlyAfterItsMessageIsDurable() {
        Province province = new Province(TREE, 22);
        Province.Office origin = province.office("C1");
        MessageId lost = origin.send(new Province.Letter("C1", "C3")).get(0);
        assertThat(origin.answers).as("nothing is on the disk yet").doesNotContainKey(lost);
        origin.powerCut();
        origin.restart();
        province.settle();
        assertThat(origin.answers).doesNotContainKey(lost);
        MessageId kept = origin.send(new Province.Letter("C1", "C3")).get(0);
        origin.turn();
        assertThat(origin.isAccepted(kept)).isTrue();
        origin.powerCut();
        origin.restart();
        assertThat(origin.track(kept).settled()).isFalse();
    }

    @Test
    void oneEnvelopeFansOutOverTheTreeOnceForEachBranch() {
        Province province = new Province(TREE, 2);
        province.offices.values().forEach(office -> office.consumes());
        MessageId id = province.office("C1")
                .send(new Province.Letter("C1", "C2", "C3", "D1", "D2", "H").bundle(3))
                .get(0);
        province.settle();
        assertThat(province.office("C1").states(id))
                .isEqualTo("C2 CONSUMED, C3 CONSUMED, D1 CONSUMED, D2 CONSUMED, H CONSUMED");
        assertThat(province.office("D1").count(DeliveryStatus.Counter.TAKEN_OVER))
                .isEqualTo(1);
        assertThat(province.office("H").count(DeliveryStatus.Counter.TAKEN_OVER))
                .isEqualTo(1);
        assertThat(province.office("C3").consumedInOrder).hasSize(3);
        assertThat(held(province)).isEqualTo("{C1=0, C2=0, C3=0, D1=0, D2=0, H=0}");
    }

    @Test
    void senderAndRecipientMayShareANode() {
        Province province = new Province("H", 3);
        province.office("H").consumes("H/archive");
        MessageId id = province.office("H")
                .send(new Province.Letter("H/office", "H/archive"))
                .get(0);
        province.settle();
        assertThat(province.office("H").states(id)).isEqualTo("H/archive CONSUMED");
        assertThat(held(province)).isEqualTo("{H=0}");
    }

    @Test
    void whatWaitsForAnAbsentNeighbourIsVisibleAndLeavesWhenItComes() {
        Province province = new Province(TREE, 4);
        province.office("C3").consumes();
        province.cable("D2", "H").cut();
        MessageId id =
                province.office("C1").send(new Province.Letter("C1", "C3")).get(0);
        province.settle();
        List<Queued> queue = province.office("H").delivery.queue(0, 10);
        assertThat(queue).singleElement().satisfies(line -> {
            assertThat(line.id()).isEqualTo(id);
            assertThat(line.state()).isEqualTo("waiting");
            assertThat(line.neighbour().orElseThrow().text()).isEqualTo("D2");
            assertThat(line.why().orElseThrow().name()).isEqualTo("NEIGHBOUR_AWAY");
            assertThat(line.tries()).isZero();
            assertThat(line.bytes()).isPositive();
        });
        DeliveryStatus.Neighbour away = neighbour(province, "D2");
        assertThat(away.up()).isFalse();
        assertThat(away.bytes()).isEqualTo(queue.get(0).bytes()).isPositive();
        assertThat(away.awaySince()).isPresent();
        assertThat(province.office("C1").states(id)).isEqualTo("C3 FORWARDED");
        province.cable("D2", "H").repair();
        province.settle();
        assertThat(province.office("C1").states(id)).isEqualTo("C3 CONSUMED");
        assertThat(neighbour(province, "D2").bytes()).isZero();
        assertThat(neighbour(province, "D2").awaySince()).isEmpty();
    }

    private static DeliveryStatus.Neighbour neighbour(Province province, String node) {
        return province.office("H").delivery.status().neighbours().stream()
                .filter(one -> one.node().text().equals(node))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theQueueShowsTheMostUrgentFirstAndAmongThemTheOldest() {
        Province province = new Province(TREE, 4);
        province.cable("D2", "H").cut();
        Province.Office sender = province.office("C1");
        MessageId first = sender.send(new Province.Letter("C1", "C3")).get(0);
        MessageId second = sender.send(new Province.Letter("C1", "C3")).get(0);
        MessageId flash = sender.send(new Province.Letter("C1", "C3").urgent(Precedence.FLASH))
                .get(0);
        province.settle();
        assertThat(province.office("H").delivery.queue(0, 10).stream()
                        .sorted(Queued.URGENT_FIRST)
                        .map(Queued::id))
                .containsExactly(flash, first, second);
    }

    @Test
    void theSecondParentCarriesWhenTheFirstStaysAway() {
        Province province = new Province("H; D1<H; D2<H; C<D1,D2; X<H", 5);
        province.office("X").consumes();
        province.office("D1").kill();
        MessageId id = province.office("C").send(new Province.Letter("C", "X")).get(0);
        province.settle();
        assertThat(province.office("C").states(id)).isEqualTo("X QUEUED");
        province.advance(Duration.ofMinutes(3));
        assertThat(province.office("X").acknowledged).hasSize(1);
        assertThat(province.office("C").states(id)).isEqualTo("X CONSUMED");
    }

    @Test
    void aHubThatLostItsDiskIsAskedAfterAndEverythingIsOfferedAgain() {
        Province province = new Province(TREE, 6);
        province.cable("H", "D2").cut();
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.addAll(province.office("C1").send(new Province.Letter("C1", "C3")));
        }
        province.settle();
        assertThat(province.office("H").delivery.status().held()).isEqualTo(20);
        province.office("H").loseDisk();
        province.office("H").restart();
        province.cable("H", "D2").repair();
        province.office("C3").consumes();
        province.settle();
        assertThat(province.office("C3").acknowledged).isEmpty();
        province.advance(Duration.ofHours(3));
        assertThat(province.office("C3").acknowledged).hasSize(20);
        for (MessageId id : ids) {
            assertThat(province.office("C1").states(id)).isEqualTo("C3 CONSUMED");
        }
        assertThat(province.office("C1").count(DeliveryStatus.Counter.OFFERED_AGAIN))
                .isEqualTo(20);
    }

    @Test
    void receiptsLostWithAHubAreMadeAgainFromTheArchive() {
        Province province = new Province(TREE, 7);
        MessageId id =
                province.office("C1").send(new Province.Letter("C1", "C3")).get(0);
        province.settle();
        assertThat(province.office("C1").states(id)).isEqualTo("C3 DELIVERED");
        MessageId other =
                province.office("C1").send(new Province.Letter("C1", "D2")).get(0);
        province.settle();
        province.cable("H", "D1").cut();
        province.office("D2").consumes();
        province.office("C3").consumes();
        province.settle();
        assertThat(province.office("H").delivery.status().receiptsOnTheirWay()).isPositive();
        province.office("H").loseDisk();
        province.office("H").restart();
        province.cable("H", "D1").repair();
        province.advance(Duration.ofMinutes(50));
        assertThat(province.office("C1").states(other)).isEqualTo("D2 DELIVERED");
        province.advance(Duration.ofMinutes(30));
        assertThat(province.office("C1").states(id)).as("asked after").isEqualTo("C3 CONSUMED");
        assertThat(province.office("C1").states(other)).isEqualTo("D2 CONSUMED");
        assertThat(province.office("C1").track(other).settled()).isTrue();
        assertThat(province.office("C3").leased).hasSize(1);
    }

    @Test
    void whatWasDeliveredAndNobodyTakesIsAskedAfterMoreSeldomAndSettledInTheEnd() {
        Province province = new Province(TREE, 71);
        Province.Office origin = province.office("C1");
        MessageId id = origin.send(new Province.Letter("C1", "C3").lives(Duration.ofDays(30)))
                .get(0);
        province.advance(Duration.ofDays(6));
        assertThat(origin.states(id)).isEqualTo("C3 DELIVERED");
        // After 1, 2, 4, 8 and 16 hours, then once a day.
        assertThat(origin.count(DeliveryStatus.Counter.ASKED)).isBetween(8L, 10L);
        assertThat(origin.count(DeliveryStatus.Counter.OFFERED_AGAIN)).isZero();
        assertThat(origin.delivery.status().late()).isZero();
        province.advance(Duration.ofDays(2));
        assertThat(origin.track(id).settled()).isTrue();
    }

    @Test
    void theReceiptOfACopyThatIsKeptForAnotherBranchIsSentAgainWhenAskedFor() {
        Province province = new Province("H; X<H; D<H; C<D", 72);
        Province.Office origin = province.office("X");
        province.cable("C", "D").cut();
        MessageId id = origin.send(new Province.Letter("X", "D", "C")).get(0);
        province.settle();
        province.cable("X", "H").cut();
        province.office("D").consumes();
        province.settle();
        province.office("H").loseDisk();
        province.office("H").restart();
        province.cable("X", "H").repair();
        province.advance(Duration.ofHours(2));
        assertThat(origin.states(id)).isEqualTo("C FORWARDED, D CONSUMED");
        assertThat(province.office("D").leased).hasSize(1);
    }

    @Test
    void aRelayForgetsABranchAtItsEndAlsoWhereItsOwnApplicationsHadACopy() {
        Province province = new Province("H; X<H; C<H", 73);
        Province.Office relay = province.office("H");
        relay.consumes();
        province.cable("C", "H").cut();
        MessageId id =
                province.office("X").send(new Province.Letter("X", "C", "H")).get(0);
        province.settle();
        assertThat(relay.acknowledged).hasSize(1);
        assertThat(relay.delivery.status().held()).isEqualTo(1);
        province.advance(Duration.ofDays(16));
        assertThat(province.office("X").states(id)).isEqualTo("C EXPIRED, H CONSUMED");
        assertThat(relay.delivery.status().held()).isZero();
        List<Optional<Evidence>> kept = new ArrayList<>();
        relay.delivery.evidence(id, kept::add);
        relay.turn();
        assertThat(kept.get(0)).as("of its own copy").isPresent();
    }

    private static void announceNewKeys(Province province, String office) {
        // The new CA comes with a directory, the new keys afterwards with a record.
        province.directory(((TestTree) province.directory).next().withoutKeys(office));
        province.directory(((TestTree) province.directory).next().rekeyed(office, 2));
    }

    @Test
    void whatAHubHadInCustodyIsOfferedAgainAtOnceWhenItsKeysBeginAnew() {
        Province province = new Province(TREE, 31);
        province.cable("H", "D2").cut();
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 2 * Doubts.ASKED_AT_ONCE + 5; i++) {
            ids.addAll(province.office("C1").send(new Province.Letter("C1", "C3")));
            province.settle();
        }
        assertThat(province.office("H").delivery.status().held()).isEqualTo(ids.size());
        province.office("H").loseDisk();
        province.office("H").restart();
        province.office("C3").consumes();
        announceNewKeys(province, "H");
        assertThat(province.office("C1").count(DeliveryStatus.Counter.ASKED)).isEqualTo(ids.size());
        province.advance(Duration.ofSeconds(2));
        assertThat(province.office("C1").count(DeliveryStatus.Counter.ASKED))
                .as("again: the hub's next hop was away")
                .isEqualTo(2L * ids.size());
        assertThat(province.office("C3").acknowledged).isEmpty();
        province.cable("H", "D2").repair();
        province.advance(Duration.ofMinutes(6));
        assertThat(province.office("C3").acknowledged).hasSize(ids.size());
        for (MessageId id : ids) {
            assertThat(province.office("C1").states(id)).isEqualTo("C3 CONSUMED");
        }
        assertThat(province.office("C1").count(DeliveryStatus.Counter.OFFERED_AGAIN))
                .isEqualTo(ids.size());
    }

    @Test
    void receiptsLostWithAHubComeHomeAtOnceWhenItsKeysBeginAnew() {
        Province province = new Province(TREE, 32);
        MessageId id =
                province.office("C1").send(new Province.Letter("C1", "C3")).get(0);
        province.settle();
        assertThat(province.office("C1").states(id)).isEqualTo("C3 DELIVERED");
        province.cable("H", "D1").cut();
        province.office("C3").consumes();
        province.settle();
        assertThat(province.office("H").delivery.status().receiptsOnTheirWay()).isPositive();
        province.office("H").loseDisk();
        province.office("H").restart();
        province.cable("H", "D1").repair();
        announceNewKeys(province, "H");
        assertThat(province.office("C1").states(id)).isEqualTo("C3 CONSUMED");
        assertThat(province.office("C3").leased).hasSize(1);
    }

    @Test
    void anOfficeThatIsOnNobodysWayCausesNoQuestions() {
        Province province = new Province(TREE, 33);
        province.cable("H", "D2").cut();
        MessageId id =
                province.office("C1").send(new Province.Letter("C1", "C3")).get(0);
        province.settle();
        announceNewKeys(province, "C2");
        assertThat(province.office("C1").states(id)).isEqualTo("C3 FORWARDED");
        assertThat(province.office("C1").count(DeliveryStatus.Counter.ASKED)).isZero();
    }

    private static Map<String, Integer> heldMap(Province province) {
        Map<String, Integer> held = new TreeMap<>();
        province.offices.forEach(
                (name, office) -> held.put(name, office.delivery.status().held()));
        return held;
    }

    private static String held(Province province) {
        return heldMap(province).toString();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
    void everyAcceptedMessageEndsOnceWhateverBreaks(long seed) {
        run(seed);
    }

    static void run(long seed) {
        Province province = new Province(TREE, seed);
        province.offices.values().forEach(office -> {
            office.consumes();
            office.behaviour = message -> province.random.nextInt(12) > 0;
        });
        List<String> names = List.copyOf(province.offices.keySet());
        Map<MessageId, String> sent = new TreeMap<>();
        for (int round = 0; round < 60; round++) {
            Province.Office from = province.office(names.get(province.random.nextInt(names.size())));
            if (from.alive) {
                List<String> to = new ArrayList<>(names);
                java.util.Collections.shuffle(to, province.random);
                Province.Letter letter = new Province.Letter(
                                from.name,
                                to.subList(0, 1 + province.random.nextInt(3)).toArray(String[]::new))
                        .urgent(Precedence.of(province.random.nextInt(5)).orBug())
                        .bundle(1 + province.random.nextInt(3))
                        .lives(Duration.ofDays(30));
                if (province.random.nextInt(3) == 0) {
                    letter.ordered("key" + province.random.nextInt(2));
                }
                for (MessageId id : from.send(letter)) {
                    sent.put(id, from.name);
                }
            }
            province.settle(() -> breakSomething(province, names));
            if (province.random.nextInt(4) == 0) {
                province.offices.values().forEach(office -> {
                    if (!office.alive) {
                        office.restart();
                    }
                });
                province.cables.forEach(Province.Cable::repair);
            }
            province.advance(Duration.ofSeconds(province.random.nextInt(90)));
        }
        province.offices.values().forEach(office -> {
            office.behaviour = message -> true;
            if (!office.alive) {
                office.restart();
            }
        });
        province.cables.forEach(Province.Cable::repair);
        province.advance(Duration.ofHours(6));
        check(province, sent, seed);
    }

    private static void breakSomething(Province province, List<String> names) {
        int dice = province.random.nextInt(300);
        Province.Office office = province.office(names.get(province.random.nextInt(names.size())));
        if (dice == 0 && office.alive) {
            office.powerCut();
        } else if (dice == 1 && office.alive) {
            office.kill();
        } else if (dice <= 4) {
            Province.Cable cable = province.cables.get(province.random.nextInt(province.cables.size()));
            if (cable.up) {
                cable.cut();
            } else {
                cable.repair();
            }
        } else if (dice == 5 && !office.alive) {
            office.restart();
        }
    }

    private static void check(Province province, Map<MessageId, String> sent, long seed) {
        int accepted = 0;
        for (Map.Entry<MessageId, String> entry : sent.entrySet()) {
            Province.Office origin = province.office(entry.getValue());
            List<java.util.Optional<Tracked>> answer = new ArrayList<>();
            origin.delivery.track(entry.getKey(), answer::add);
            origin.turn();
            if (answer.get(0).isEmpty()) {
                assertThat(origin.answers.values().stream()
                                .filter(Submission.Accepted.class::isInstance)
                                .map(Submission.Accepted.class::cast)
                                .anyMatch(yes -> yes.ids().contains(entry.getKey())))
                        .as("seed %d: accepted and forgotten: %s", seed, entry)
                        .isFalse();
                continue;
            }
            accepted++;
            for (Tracked.Recipient one : answer.get(0).get().recipients()) {
                assertThat(one.state())
                        .as("seed %d: %s of %s to %s", seed, entry.getKey(), entry.getValue(), one)
                        .isEqualTo(Tracked.State.CONSUMED);
                assertThat(province.office(one.address().toString()).worked)
                        .as("seed %d", seed)
                        .contains(one.address() + " " + entry.getKey());
            }
        }
        assertThat(accepted).as("seed %d", seed).isGreaterThan(20);
        assertThat(heldMap(province))
                .as("seed %d", seed)
                .allSatisfy((name, count) ->
                        assertThat(count).as("seed %d: held at %s", seed, name).isZero());
        province.offices.values().forEach(office -> {
            assertThat(office.quarantined())
                    .as("seed %d at %s", seed, office.name)
                    .isEmpty();
            assertThat(office.delivery.status().receiptsOnTheirWay())
                    .as("seed %d", seed)
                    .isZero();
            assertThat(office.delivery.status().gaps()).as("seed %d", seed).isEmpty();
        });
    }
}
