package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slice of {@code proof flip} on real nodes in every build; that of the store by itself is {@code StoreFlipsTest}. */
class FlipProofIT {
    private static final int FLIPS = 8;

    @Test
    void aFlippedBitCostsAtMostItsRecordAndIsSaid(@TempDir Path folder) throws Exception {
        Slice.onlyWhenAsked();
        Verdict verdict = Slice.good(ProofCommand.kind("flip").orElseThrow(), FLIPS, folder);
        assertThat(verdict.struck()).isEqualTo(FLIPS);
        assertThat(verdict.findings().accepted()).isPositive();
    }
}
