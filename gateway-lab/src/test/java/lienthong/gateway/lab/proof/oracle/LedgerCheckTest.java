package lienthong.gateway.lab.proof.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The judge judged: each breach is found where it is, and found nowhere else. */
class LedgerCheckTest {
    private static final LedgerCheck.Judgement SETTLED = new LedgerCheck.Judgement(true, false, Set.of(), Set.of());

    @TempDir
    Path folder;

    private final StringBuilder sender = new StringBuilder();
    private final StringBuilder receiver = new StringBuilder();

    LedgerCheckTest() {
        for (int n = 1; n <= 5; n++) {
            sender.append(line(n, "tried")).append(line(n, "accepted"));
        }
    }

    private static String sha(int n) {
        return String.format("%064x", n);
    }

    private static String line(int n, String state) {
        return line(n, state, "k", sha(n));
    }

    private static String line(int n, String state, String key, String sha) {
        return "m" + n + "\t" + key + "\t" + n + "\t" + sha + "\t17.5\t" + state + "\n";
    }

    private void got(int... numbers) {
        for (int n : numbers) {
            receiver.append(line(n, "got"));
        }
    }

    private Map<Breach, Long> judge(LedgerCheck.Judgement judgement) throws Exception {
        Path sent = Files.writeString(folder.resolve("s.tsv"), sender);
        Path received = Files.writeString(folder.resolve("r.tsv"), receiver);
        Findings findings = LedgerCheck.compare(List.of(sent), List.of(received), judgement);
        Map<Breach, Long> found = new EnumMap<>(Breach.class);
        for (Breach breach : Breach.values()) {
            if (findings.count(breach) > 0) {
                found.put(breach, findings.count(breach));
                assertThat(findings.examples(breach))
                        .as("examples of " + breach)
                        .isNotEmpty();
            }
        }
        assertThat(findings.isClean()).isEqualTo(found.isEmpty());
        return found;
    }

    private Map<Breach, Long> judge() throws Exception {
        return judge(SETTLED);
    }

    @Test
    void allThatWasAcceptedAndArrivedIsClean() throws Exception {
        got(1, 2, 3, 4, 5);
        assertThat(judge()).isEmpty();
    }

    @Test
    void acceptedAndNeverSeenAgainIsLost() throws Exception {
        got(1, 2, 4, 5);
        assertThat(judge()).isEqualTo(Map.of(Breach.LOST, 1L));
    }

    @Test
    void whatTheGatewayListsAsQueuedIsNotLost() throws Exception {
        got(1, 2, 4, 5);
        assertThat(judge(new LedgerCheck.Judgement(true, false, Set.of(), Set.of("m3"))))
                .isEmpty();
        assertThat(judge(new LedgerCheck.Judgement(true, false, Set.of(), Set.of("m4"))))
                .isEqualTo(Map.of(Breach.LOST, 1L));
    }

    @Test
    void whileTheNetworkHasNotSettledNothingIsLost() throws Exception {
        got(1);
        assertThat(judge(new LedgerCheck.Judgement(false, false, Set.of(), Set.of())))
                .isEmpty();
    }

    @Test
    void expiryAndReturnAreEnds() throws Exception {
        sender.append(line(3, "expired")).append(line(4, "returned"));
        got(1, 2, 5);
        assertThat(judge()).isEmpty();
    }

    @Test
    void aSecondHandOverWithoutTheMarkIsADuplicate() throws Exception {
        got(1, 2, 3, 4, 5, 2);
        assertThat(judge()).isEqualTo(Map.of(Breach.DUPLICATED, 1L));
    }

    @Test
    void aSecondHandOverWithTheMarkIsNone() throws Exception {
        got(1, 2, 3, 4, 5);
        receiver.append(line(2, "redelivered"));
        assertThat(judge()).isEmpty();
    }

    @Test
    void whatADiskKnewThatIsLostMayComeOnceMoreWithTheMarkAndOnlyAfterTheLoss() throws Exception {
        LedgerCheck.Judgement lost = SETTLED.afterLosses(Map.of("m2", List.of(6L)));
        got(1, 2, 3, 4, 5);
        receiver.append(line(2, "done")).append(line(2, "redelivered")).append(line(2, "done"));
        assertThat(judge(lost)).isEmpty();
        receiver.append(line(2, "redelivered"));
        assertThat(judge(lost)).as("twice").isEqualTo(Map.of(Breach.DUPLICATED, 1L));
    }

    @Test
    void aLossExcusesNothingWithoutTheMarkNothingElseAndNothingBefore() throws Exception {
        got(1, 2, 3, 4, 5);
        receiver.append(line(2, "done")).append(line(2, "got"));
        assertThat(judge(SETTLED.afterLosses(Map.of("m2", List.of(6L))))).isEqualTo(Map.of(Breach.DUPLICATED, 1L));
        receiver.append(line(3, "done")).append(line(3, "redelivered"));
        assertThat(judge(SETTLED.afterLosses(Map.of("m3", List.of(9L))))).isEqualTo(Map.of(Breach.DUPLICATED, 2L));
    }

    @Test
    void evenWithTheMarkNothingComesAgainAfterItsConfirmation() throws Exception {
        got(1, 2, 3, 4, 5);
        receiver.append(line(2, "done")).append(line(2, "redelivered"));
        assertThat(judge()).isEqualTo(Map.of(Breach.DUPLICATED, 1L));
    }

    @Test
    void anEarlierNumberAfterALaterOneIsReordered() throws Exception {
        got(1, 3, 2, 4, 5);
        assertThat(judge()).isEqualTo(Map.of(Breach.REORDERED, 1L));
    }

    @Test
    void everyNumberThatComesLateCounts() throws Exception {
        got(3, 4, 5, 1, 2);
        assertThat(judge()).isEqualTo(Map.of(Breach.REORDERED, 2L));
    }

    @Test
    void withoutAKeyAnyOrderIsGood() throws Exception {
        String free = sender.toString().replace("\tk\t", "\t-\t");
        sender.setLength(0);
        sender.append(free);
        for (int n = 5; n > 0; n--) {
            receiver.append(line(n, "got", "-", sha(n)));
        }
        assertThat(judge()).isEmpty();
    }

    @Test
    void otherBytesAreCorrupted() throws Exception {
        got(1, 2, 3, 5);
        receiver.append(line(4, "got", "-", sha(9)));
        assertThat(judge()).isEqualTo(Map.of(Breach.CORRUPTED, 1L));
    }

    @Test
    void whatNobodySentIsAPhantom() throws Exception {
        got(1, 2, 3, 4, 5, 9);
        assertThat(judge()).isEqualTo(Map.of(Breach.PHANTOM, 1L));
    }

    @Test
    void whatWasOnlyTriedMayArriveOrNot() throws Exception {
        got(1, 2, 3, 4, 5, 6);
        sender.append(line(6, "tried")).append(line(7, "tried"));
        assertThat(judge()).isEmpty();
    }

    @Test
    void whatWasRefusedMustNotArrive() throws Exception {
        got(1, 2, 3, 4, 5, 6);
        sender.append(line(6, "refused:TOO_LARGE"));
        assertThat(judge(new LedgerCheck.Judgement(true, false, Set.of("TOO_LARGE"), Set.of())))
                .isEqualTo(Map.of(Breach.PHANTOM, 1L));
    }

    @Test
    void aRefusalThatTheRunDidNotMeanIsWrong() throws Exception {
        got(1, 2, 3, 4, 5);
        sender.append(line(6, "refused:CERT_EXPIRED"));
        assertThat(judge()).isEqualTo(Map.of(Breach.WRONG_REFUSAL, 1L));
        assertThat(judge(new LedgerCheck.Judgement(true, false, Set.of("TOO_LARGE"), Set.of())))
                .isEqualTo(Map.of(Breach.WRONG_REFUSAL, 1L));
    }

    @Test
    void aReceiptForWhatNeverArrivedIsFalse() throws Exception {
        got(1, 2, 3, 4, 5);
        sender.append(line(6, "delivered"));
        assertThat(judge()).isEqualTo(Map.of(Breach.FALSE_RECEIPT, 1L));
    }

    @Test
    void deliveredAndReturnedAreTwoEnds() throws Exception {
        got(1, 2, 3, 4, 5);
        sender.append(line(2, "delivered")).append(line(2, "returned"));
        assertThat(judge()).isEqualTo(Map.of(Breach.TWO_ENDS, 1L));
    }

    @Test
    void returnedThoughItsReceiverHadItConfirmedIsTwoEnds() throws Exception {
        got(1, 2, 3, 4, 5);
        receiver.append(line(2, "done"));
        sender.append(line(2, "returned"));
        assertThat(judge()).isEqualTo(Map.of(Breach.TWO_ENDS, 1L));
    }

    @Test
    void aReceiptAfterExpirySupersedesIt() throws Exception {
        got(1, 2, 3, 4, 5);
        sender.append(line(2, "expired")).append(line(2, "delivered"));
        assertThat(judge()).isEmpty();
    }

    @Test
    void aReceiptThatNeverCameHomeIsLostWhereReceiptsAreRequired() throws Exception {
        got(1, 2, 3, 4, 5);
        for (int n = 1; n <= 4; n++) {
            sender.append(line(n, "delivered"));
        }
        assertThat(judge(LedgerCheck.Judgement.strict())).isEqualTo(Map.of(Breach.LOST, 1L));
    }

    @Test
    void aTornLastLineIsIgnored() throws Exception {
        got(1, 2, 3, 4, 5);
        sender.append("m9\tk\t9");
        assertThat(judge()).isEmpty();
    }

    @Test
    void aDamagedLineInTheMiddleEndsTheComparison() {
        receiver.append("m1\tk\n");
        got(1);
        assertThatThrownBy(this::judge).isInstanceOf(BadLedger.class).hasMessageContaining("r.tsv line 1");
    }

    @Test
    void oneIdForTwoPayloadsEndsTheComparison() {
        sender.append(line(1, "accepted", "k", sha(8)));
        assertThatThrownBy(this::judge).isInstanceOf(BadLedger.class).hasMessageContaining("m1");
    }

    @Test
    void anUnknownStateEndsTheComparison() {
        sender.append(line(1, "forgotten"));
        assertThatThrownBy(this::judge).isInstanceOf(BadLedger.class).hasMessageContaining("forgotten");
    }

    @Test
    void aHashThatIsNoneEndsTheComparison() {
        sender.append(line(1, "accepted", "k", "abcd"));
        assertThatThrownBy(this::judge).isInstanceOf(BadLedger.class);
    }

    @Test
    void orderIsJudgedForEachReceivingProgramByItself() throws Exception {
        Path sent = Files.writeString(folder.resolve("s.tsv"), sender);
        Path one = Files.writeString(folder.resolve("a.tsv"), line(3, "got") + line(4, "got") + line(5, "got"));
        Path other = Files.writeString(folder.resolve("b.tsv"), line(1, "got") + line(2, "got"));
        assertThat(LedgerCheck.compare(List.of(sent), List.of(one, other), SETTLED)
                        .isClean())
                .isTrue();
    }
}
