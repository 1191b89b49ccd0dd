package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code proof hostile} in every build: all that the thief does. */
class HostileProofIT {
    private static final int DEEDS = 5;

    @Test
    void aThiefWithADistrictsKeysForgesAndRepeatsInVain(@TempDir Path folder) throws Exception {
        Slice.onlyWhenAsked();
        assertThat(Slice.good(ProofCommand.kind("hostile").orElseThrow(), DEEDS, folder)
                        .struck())
                .isEqualTo(DEEDS);
    }
}
