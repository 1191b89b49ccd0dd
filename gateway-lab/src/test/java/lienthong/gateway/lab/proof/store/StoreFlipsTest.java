package lienthong.gateway.lab.proof.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slice of {@code proof flip} in every build. */
class StoreFlipsTest {
    private static final int FLIPS = 300;

    @Test
    void damageIsLocalAndSaid(@TempDir Path folder) throws Exception {
        long seed = Long.getLong("lienthong.seed", 5);
        System.out.println("seed " + seed);
        StoreFlips.Outcome outcome = StoreFlips.run(seed, FLIPS, folder);
        assertThat(outcome.said()).as("seed " + seed).isEmpty();
        assertThat(outcome.struck()).isEqualTo(FLIPS);
    }
}
