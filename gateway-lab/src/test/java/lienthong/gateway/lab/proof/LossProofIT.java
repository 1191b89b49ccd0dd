package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slices of {@code proof hubloss}, {@code destloss} and {@code restore} in every build: one strike each. Counts decide, never the clock. */
class LossProofIT {
    @TempDir
    Path folder;

    private void strike(Fault fault) throws Exception {
        Slice.onlyWhenAsked();
        Verdict verdict = Slice.good(new Kind.OnNetwork(fault, LoadPlan.full(), 1), 1, folder);
        assertThat(verdict.struck()).isEqualTo(1);
        assertThat(verdict.findings().accepted()).isPositive();
        assertThat(verdict.atStake())
                .singleElement()
                .satisfies(count -> assertThat(count).isPositive());
    }

    @Test
    void nothingIsLostWithTheHubsDiskAndKeys() throws Exception {
        strike(LossFault.hub());
    }

    @Test
    void nothingIsLostWithADestinationsDiskBeforeItsApplicationTookIt() throws Exception {
        strike(LossFault.destination());
    }

    @Test
    void anOlderDiskIsRefusedAndWhatItMissesComesAgain() throws Exception {
        strike(RestoreFault.full());
    }
}
