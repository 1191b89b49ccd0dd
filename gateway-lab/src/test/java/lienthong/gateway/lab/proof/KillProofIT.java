package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slice of {@code proof kill} in every build. Counts decide, never the clock. */
class KillProofIT {
    private static final Path ROOT = Path.of(System.getProperty("lienthong.root", "."));
    private static final int KILLS = 20;

    @Test
    void nothingIsLostWhenNodesAreKilledAtAnyMoment(@TempDir Path folder) throws Exception {
        long seed = Slice.seed(ROOT);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Verdict verdict = new ProofRun(
                        LabTexts.in(Language.ENGLISH),
                        new PrintStream(said, true, StandardCharsets.UTF_8),
                        folder,
                        ROOT.resolve("samples/network/binh-dinh-2020.yaml"),
                        DaemonOptions.with(Optional.of("-Xmx128m -XX:TieredStopAtLevel=1")))
                .run(KillFault.slice(), LoadPlan.slice(), seed, Limit.of(KILLS, 0));
        verdict.print(System.out, LabTexts.in(Language.ENGLISH));
        assertThat(verdict.isGood())
                .as("seed " + seed + "\n" + said.toString(StandardCharsets.UTF_8))
                .isTrue();
        assertThat(verdict.struck()).isEqualTo(KILLS);
        assertThat(verdict.findings().accepted()).isPositive();
        assertThat(verdict.evidence()).isPositive();
    }
}
