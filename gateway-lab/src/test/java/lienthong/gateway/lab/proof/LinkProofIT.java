package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slice of {@code proof link} in every build that may make network namespaces. */
class LinkProofIT {
    private static final int STRIKES = 10;

    @Test
    void nothingIsLostOrSentTwiceOverLinksThatAreCutSlowLossyAndReset(@TempDir Path folder) throws Exception {
        Slice.onlyWhenAsked();
        Verdict verdict = Slice.good(ProofCommand.kind("link").orElseThrow(), STRIKES, folder);
        assertThat(verdict.struck()).isEqualTo(STRIKES);
        assertThat(verdict.findings().accepted()).isPositive();
    }
}
