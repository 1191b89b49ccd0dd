package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slice of {@code proof replay} in every build. */
class ReplayProofIT {
    private static final int REPLAYS = 20_000;

    @Test
    void whatIsSentAgainIsNeverHandedOverAgain(@TempDir Path folder) throws Exception {
        Slice.onlyWhenAsked();
        Verdict verdict = Slice.good(ProofCommand.kind("replay").orElseThrow(), REPLAYS, folder);
        assertThat(verdict.struck()).isGreaterThanOrEqualTo(REPLAYS);
    }
}
