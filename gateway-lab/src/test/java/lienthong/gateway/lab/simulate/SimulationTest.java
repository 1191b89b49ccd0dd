package lienthong.gateway.lab.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A slice of {@code proof simulate} in every build; counts decide, never the clock. More: {@code -Dlienthong.seeds=N -Dlienthong.seed=S}. */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("lienthong.seeds", 98);
    private static final int TWICE = 20;

    @BeforeAll
    static void quiet() {
        Simulation.quiet();
    }

    @Test
    void everyPromiseHoldsWhateverTheSeedHasInStore() {
        long first = Long.getLong("lienthong.seed", 1);
        long struck = 0;
        for (long seed = first; seed < first + SEEDS; seed++) {
            Simulation.Outcome outcome = Simulation.run(seed);
            struck += outcome.struck();
            if (outcome.broken().isPresent()) {
                Simulation.Outcome shortest = Simulation.shrink(outcome);
                assertThat(outcome.broken())
                        .as("seed %d: %s%n%s", seed, outcome.how(), String.join("\n", shortest.story()))
                        .isEmpty();
            }
        }
        assertThat(struck).as("a fault that never struck proves nothing").isPositive();
    }

    @Test
    void aSeedIsTheSameRunEachTime() {
        for (long seed = 1; seed <= TWICE; seed++) {
            assertThat(Simulation.run(seed).hash())
                    .as("hash over every event of seed %d", seed)
                    .isEqualTo(Simulation.run(seed).hash());
        }
    }
}
