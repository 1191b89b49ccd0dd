package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.proof.oracle.LedgerCheck;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProofRunTest {
    private static final LabTexts TEXTS = LabTexts.in(Language.ENGLISH);

    @TempDir
    Path folder;

    private List<String> otherEnds(String sent, String received) throws Exception {
        Path sender = Files.writeString(folder.resolve("s.tsv"), sent);
        Path receiver = Files.writeString(folder.resolve("r.tsv"), received);
        return ProofRun.otherEnds(
                TEXTS,
                LedgerCheck.compare(
                        List.of(sender),
                        List.of(receiver),
                        new LedgerCheck.Judgement(false, false, Set.of(), Set.of())));
    }

    private static String line(String id, String state) {
        return id + "\t-\t0\t" + "ab".repeat(32) + "\t0\t" + state + "\n";
    }

    @Test
    void aRunThatBreaksOffStandsInTheBookAsBroken() throws Exception {
        Kind dead = new Kind() {
            @Override
            public String name() {
                return "kill";
            }

            @Override
            public int cycles() {
                return 1;
            }

            @Override
            public Optional<Verdict> run(Setting setting, long seed, Limit limit) {
                throw new LabFailed("A08 does not serve");
            }
        };
        Kind.Setting setting = new Kind.Setting(TEXTS, System.err, folder, folder, folder, List.of());
        Verdict verdict = ProofCommand.run(dead, setting, 7, Limit.of(1, 0)).orElseThrow();
        assertThat(verdict.isGood()).isFalse();
        assertThat(verdict.broken()).containsExactly("A08 does not serve");
        JsonObject line = new JsonObject();
        verdict.into(line);
        assertThat(Report.breaches(line)).isEqualTo(1);
    }

    @Test
    void aRunInWhichMessagesAreOnlyDeliveredIsGood() throws Exception {
        assertThat(otherEnds(line("1", "accepted") + line("1", "delivered"), line("1", "got")))
                .isEmpty();
    }

    @Test
    void aRunInWhichNothingFlowedProvesNothing() throws Exception {
        assertThat(otherEnds("", "")).containsExactly(TEXTS.text("proof.nothing-flowed"));
        assertThat(otherEnds(line("1", "tried"), "")).hasSize(1);
    }

    @Test
    void whatNobodyGaveBackMustNotComeBack() throws Exception {
        String good = line("1", "accepted") + line("1", "delivered");
        assertThat(otherEnds(good + line("2", "returned"), line("1", "got")))
                .containsExactly(TEXTS.text("proof.other-ends", 1, 0));
        assertThat(otherEnds(good + line("2", "expired"), line("1", "got")))
                .containsExactly(TEXTS.text("proof.other-ends", 0, 1));
    }
}
