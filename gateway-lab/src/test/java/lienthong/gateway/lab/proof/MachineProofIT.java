package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The slices in every build of the kinds that strike the machine below whole nodes, where the machine lets them. Counts decide, never the clock. */
class MachineProofIT {
    @ParameterizedTest
    @CsvSource({"power, 10", "clock, 5", "syscall-node, 6", "fill, 3"})
    void nothingIsLostWhateverTheMachineDoes(String kind, int strikes, @TempDir Path folder) throws Exception {
        Slice.onlyWhenAsked();
        Verdict verdict = Slice.good(ProofCommand.kind(kind).orElseThrow(), strikes, folder);
        assertThat(verdict.struck()).isEqualTo(strikes);
        assertThat(verdict.findings().accepted()).isPositive();
    }
}
