package lienthong.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client's state file: what it promised is there again, what it cannot vouch for is refused. */
class StateFileTest {
    private static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");
    private static final Address ALICE = Address.parse("A08/alice").orBug();
    private static final Address BOB = Address.parse("A08/bob").orBug();
    private static final Hash HASH = Hash.of(Bytes.utf8("core"));
    private static final Change.Owner OWNER = new Change.Owner(HASH, ALICE, new Incarnation(7));
    private static final MessageId ID = MessageId.mint(NOW, new byte[10]);

    @TempDir
    Path folder;

    private Disk disk;

    @BeforeEach
    void create() throws IOException {
        disk = RealDisk.at(folder);
        ClientState.create(disk, OWNER);
    }

    private ClientState open() throws IOException {
        return ClientState.open(disk, OWNER, NOW).orBug();
    }

    private static Change.Sealed sealed(long number) {
        return new Change.Sealed(
                MessageId.mint(NOW.plusMillis(number), new byte[10]),
                Bytes.utf8("envelope " + number),
                List.of(new Change.Stream(BOB, number, HASH, Map.of("ho-so", number))),
                Optional.of(new Change.Claim(ClientId.parse("n" + number).orBug(), HASH, ID, NOW)));
    }

    private static Change.Sent slots(Change.Sealed of) {
        return new Change.Sent(
                of.id(),
                NOW.plusSeconds(60),
                List.of(new Change.Place(BOB, new SlotFacts(new Incarnation(9), 7, HASH, 3, Optional.of("ho-so")))));
    }

    private static void seal(ClientState state, Change.Sealed... envelopes) throws IOException {
        List<Change.Sealed> all = List.of(envelopes);
        state.sealed(all, all.stream().map(StateFileTest::slots).toList());
    }

    @Test
    void circularsToAThousandOfficesNeverMakeARecordThatDoesNotFit() throws IOException {
        ClientState state = open();
        for (int i = 0; i < 400; i++) {
            circular(state, i);
        }
        state.abandon();
        ClientState after = open();
        assertThat(after.sent(circularId(399))).isPresent();
        int kept = 0;
        for (int i = 0; i < 400; i++) {
            kept += after.sent(circularId(i)).isPresent() ? 1 : 0;
        }
        assertThat(kept).as("the oldest went").isEqualTo(ClientState.PLACES_MAX / 1_000);
        circular(after, 400);
        after.close();
        open().close();
    }

    private static MessageId circularId(int number) {
        return MessageId.mint(NOW.plusSeconds(number), new byte[10]);
    }

    private static void circular(ClientState state, int number) throws IOException {
        List<Change.Place> places = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            places.add(new Change.Place(
                    Address.parse("A08." + i + "/van-thu-den").orBug(),
                    new SlotFacts(new Incarnation(9), number + 1, HASH, 0, Optional.empty())));
        }
        Change.Sealed envelope =
                new Change.Sealed(circularId(number), Bytes.utf8("envelope"), List.of(), Optional.empty());
        state.sealed(List.of(envelope), List.of(new Change.Sent(envelope.id(), NOW.plusSeconds(3_600), places)));
        state.handed(envelope.id());
    }

    @Test
    void whatStoodInASlotIsKeptAsLongAsItMayBeMadeAnew() throws IOException {
        ClientState state = open();
        seal(state, sealed(1), sealed(2), sealed(3));
        state.handed(sealed(1).id());
        state.refused(new Change.Refused(sealed(2).id(), ErrorCode.NO_ROUTE, List.of()));
        state.abandon();
        ClientState after = open();
        assertThat(after.sent(sealed(1).id())).contains(slots(sealed(1)));
        assertThat(after.sent(sealed(2).id())).as("it went nowhere").isEmpty();
        assertThat(after.sent(sealed(3).id())).contains(slots(sealed(3)));
        after.close();
        ClientState late = ClientState.open(disk, OWNER, NOW.plusSeconds(61)).orBug();
        assertThat(late.sent(sealed(1).id())).isEmpty();
        late.close();
    }

    private static Change.Ended end(long number, boolean returned) {
        return new Change.Ended(BOB, new Incarnation(9), number, returned, Optional.empty());
    }

    /** Message {@code number}, whose core is {@code core}, says that {@code previous} stands before it. */
    private static Change.Ended linked(long number, String core, String previous) {
        return new Change.Ended(
                BOB,
                new Incarnation(9),
                number,
                false,
                Optional.of(new Chain.Link(Hash.of(Bytes.utf8(core)), Hash.of(Bytes.utf8(previous)))));
    }

    @Test
    void whatContradictsAMessageOfAnEarlierRunIsFound() throws IOException {
        ClientState state = open();
        assertThat(state.ended(linked(5, "five", "four"))).contains(List.of());
        assertThat(state.ended(linked(7, "seven", "another six"))).contains(List.of());
        state.abandon();
        ClientState rewritten = open();
        rewritten.close();
        ClientState after = open();
        Chain.Break below = new Chain.Break(6, Hash.of(Bytes.utf8("six")), Hash.of(Bytes.utf8("another six")));
        assertThat(after.ended(linked(6, "six", "five"))).contains(List.of(below));
        assertThat(after.ended(linked(4, "another four", "three")))
                .contains(
                        List.of(new Chain.Break(4, Hash.of(Bytes.utf8("another four")), Hash.of(Bytes.utf8("four")))));
        assertThat(after.ended(linked(8, "eight", "seven"))).contains(List.of());
        after.close();
    }

    @Test
    void recordsOfBeforeHashesWereKeptAreReadAndNothingIsComparedWithThem() throws IOException {
        ClientState state = open();
        assertThat(state.ended(end(5, false))).contains(List.of());
        state.abandon();
        ClientState after = open();
        assertThat(after.ended(linked(6, "six", "anything"))).contains(List.of());
        after.close();
    }

    @Test
    void whatWasSealedIsThereAfterACrash() throws IOException {
        ClientState state = open();
        seal(state, sealed(1), sealed(2));
        state.handed(sealed(1).id());
        assertThat(state.ended(end(5, false))).contains(List.of());
        assertThat(state.ended(end(6, true))).contains(List.of());
        state.abandon();
        for (int i = 0; i < 2; i++) {
            ClientState after = open();
            assertThat(after.wasUnclean()).isTrue();
            assertThat(after.unsent())
                    .extracting(Change.Sealed::id)
                    .containsExactly(sealed(2).id());
            assertThat(after.stream(BOB).orElseThrow().last()).isEqualTo(2);
            assertThat(after.stream(BOB).orElseThrow().tails()).containsEntry("ho-so", 2L);
            assertThat(after.claim(ClientId.parse("n1").orBug())).isPresent();
            assertThat(after.endOf(BOB, new Incarnation(9), 5)).contains(false);
            assertThat(after.endOf(BOB, new Incarnation(9), 6)).contains(true);
            assertThat(after.endOf(BOB, new Incarnation(8), 5)).isEmpty();
            assertThat(after.ended(end(5, true))).as("it had one").isEmpty();
            after.abandon();
        }
    }

    @Test
    void anOrderlyStopIsKnownAtTheNextStart() throws IOException {
        ClientState state = open();
        assertThat(state.wasUnclean()).isFalse();
        state.close();
        ClientState after = open();
        assertThat(after.wasUnclean()).isFalse();
        after.abandon();
        ClientState last = open();
        assertThat(last.wasUnclean()).isTrue();
        last.close();
    }

    @Test
    void aTornTailIsCutOff() throws IOException {
        ClientState state = open();
        seal(state, sealed(1));
        seal(state, sealed(2));
        state.abandon();
        Path file = folder.resolve(StateFile.NAME);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 3));
        ClientState after = open();
        assertThat(after.unsent()).hasSize(1);
        assertThat(after.stream(BOB).orElseThrow().last()).isEqualTo(1);
        after.close();
    }

    @Test
    void refusesDamageInFrontOfGoodRecords() throws IOException {
        ClientState state = open();
        seal(state, sealed(1));
        seal(state, sealed(2));
        state.abandon();
        Path file = folder.resolve(StateFile.NAME);
        byte[] clean = Files.readAllBytes(file);
        // The label, then each record but the last in turn: head and body.
        for (int at = 0; at < clean.length - 400; at += 7) {
            byte[] bytes = clean.clone();
            bytes[at] ^= 0x10;
            Files.write(file, bytes);
            Refusal refusal = ClientState.open(disk, OWNER, NOW).refusal();
            assertThat(refusal.reason())
                    .as("byte %d of %d", at, clean.length)
                    .isIn(ErrorCode.RECORD_DAMAGED, ErrorCode.STORE_UNREADABLE);
        }
    }

    @Test
    void refusesAnothersFile() throws IOException {
        Change.Owner other = new Change.Owner(HASH, ALICE, new Incarnation(8));
        assertThat(ClientState.open(disk, other, NOW).refusal().reason()).isEqualTo(ErrorCode.STORE_UNREADABLE);
    }

    @Test
    void numbersFormIntervalsWhateverTheirOrder() {
        NumberSet set = new NumberSet();
        for (long number : new long[] {5, 1, 3, 2, 4, 9}) {
            assertThat(set.add(number)).isTrue();
            assertThat(set.add(number)).isFalse();
        }
        assertThat(set.toList()).containsExactly(Map.entry(1L, 5L), Map.entry(9L, 9L));
        assertThat(set.contains(6)).isFalse();
    }
}
