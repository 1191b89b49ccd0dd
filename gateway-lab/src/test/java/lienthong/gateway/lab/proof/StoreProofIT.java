package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.text.Language;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The slices of {@code proof tear}, {@code syscall}, {@code ioerror} and {@code full} in every build. Counts decide, never the clock. */
class StoreProofIT {
    private static final Path ROOT =
            Path.of(System.getProperty("lienthong.root", ".")).toAbsolutePath();
    private static final int IMAGES = 600;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final StoreProof tools =
            new StoreProof(LabTexts.in(Language.ENGLISH), new PrintStream(said, true, StandardCharsets.UTF_8), ROOT);

    private StoreProof.Outcome good(long seed, Optional<StoreProof.Outcome> outcome) {
        assumeThat(outcome)
                .as("needs python3 and ptrace on x86_64: " + said.toString(StandardCharsets.UTF_8))
                .isPresent();
        assertThat(outcome.orElseThrow().failed())
                .as("seed " + seed + "\n" + said.toString(StandardCharsets.UTF_8))
                .isZero();
        return outcome.orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"posix", "ext4"})
    void whatWasAcknowledgedIsInEveryImageThatAPowerCutMayLeave(String model) throws Exception {
        long seed = Slice.seed(ROOT);
        assertThat(good(seed, tools.tear(seed, IMAGES, 200, model)).struck()).isEqualTo(IMAGES);
    }

    @ParameterizedTest
    @CsvSource({"kill, false", "kill, true", "EIO, false", "ENOSPC, false", "short, false"})
    void nothingIsLostWhicheverSystemCallIsStruck(String action, boolean after) throws Exception {
        long seed = Slice.seed(ROOT);
        int step = 5;
        int first = 1 + (int) Math.floorMod(seed, (long) step);
        assertThat(good(seed, tools.syscall(seed, 12, action, after, first, step))
                        .struck())
                .isPositive();
    }
}
