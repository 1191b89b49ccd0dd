package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.proof.oracle.Breach;
import lienthong.gateway.lab.proof.oracle.Findings;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;

class MutantTest {
    private static final LabTexts TEXTS = LabTexts.in(Language.VIETNAMESE);

    private static Mutant mutant(String check, String... finds) {
        return new Mutant("M00", "a bug", check, List.of(finds), Path.of("M00.patch"));
    }

    private static Verdict network(Findings findings, String... broken) {
        return new Verdict("kill", 1, 1, findings, 0, 0, 0, 0, 1, 0, List.of(broken));
    }

    private static Findings with(Breach breach) {
        Findings findings = new Findings();
        findings.add(breach, "1@A08", "accepted, no end");
        return findings;
    }

    @Test
    void aNodeThatDoesNotStartHasCaughtNothing() {
        Verdict broken = Verdict.brokenOff("kill", 1, 1, new LabFailed("A08 ended with 70: NullPointerException"));
        assertThat(broken.isGood()).isFalse();
        assertThat(mutant("kill").shownBy(broken, TEXTS)).isEmpty();
        assertThat(mutant("kill", "lost", "not-settled").shownBy(broken, TEXTS)).isEmpty();
    }

    @Test
    void anyBreachAndAnyFailedStrikeShowTheBugOfWhoeverNamesNoFinding() {
        assertThat(mutant("kill").shownBy(network(with(Breach.LOST)), TEXTS))
                .contains("lost: 1@A08 (accepted, no end)");
        assertThat(mutant("hostile").shownBy(Verdict.ofStore("hostile", 1, 5, 1, 1, List.of("not refused")), TEXTS))
                .contains("not refused");
        assertThat(mutant("kill").shownBy(network(new Findings()), TEXTS)).isEmpty();
    }

    @Test
    void whoeverNamesAFindingIsCaughtByThatAlone() {
        Mutant mutant = mutant("kill", "lost", "not-settled");
        assertThat(mutant.shownBy(network(with(Breach.REORDERED)), TEXTS)).isEmpty();
        assertThat(mutant.shownBy(network(with(Breach.LOST)), TEXTS)).isPresent();
        String sentence = TEXTS.text("proof.not-settled", 300, 4, 0);
        assertThat(mutant.shownBy(network(new Findings(), TEXTS.text("proof.faults", 2), sentence), TEXTS))
                .isEqualTo(Optional.of(sentence));
        assertThat(mutant.shownBy(network(new Findings(), TEXTS.text("proof.faults", 2)), TEXTS))
                .isEmpty();
    }

    @Test
    void knowsWhichChecksStartNodes() {
        assertThat(List.of("tear posix", "syscall kill before; simulate", "syscall EIO", "flip store", "simulate"))
                .noneMatch(check -> mutant(check).needsNodes());
        assertThat(List.of("kill", "kill 40", "flip", "flip 5", "hostile", "syscall", "simulate; hubloss 1"))
                .allMatch(check -> mutant(check).needsNodes());
    }
}
