package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slice of {@code proof kill} in every build. */
class KillProofIT {
    private static final int KILLS = 20;

    @Test
    void nothingIsLostWhenNodesAreKilledAtAnyMoment(@TempDir Path folder) throws Exception {
        Verdict verdict = Slice.good(ProofCommand.kind("kill").orElseThrow(), KILLS, folder);
        assertThat(verdict.struck()).isEqualTo(KILLS);
        assertThat(verdict.findings().accepted()).isPositive();
        assertThat(verdict.evidence()).isPositive();
    }
}
