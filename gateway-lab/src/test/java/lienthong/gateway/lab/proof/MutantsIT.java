package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proof of the proof: the mutants of the day, drawn by the seed, must be found; and every patch must still fit the sources. */
class MutantsIT {
    private static final Path ROOT =
            Path.of(System.getProperty("lienthong.root", ".")).toAbsolutePath();
    private static final int OF_THE_DAY = 2;

    @Test
    void deliberateBugsOfTheStoreAreFound(@TempDir Path folder) throws Exception {
        long seed = Slice.seed(ROOT);
        Kind.Setting setting = new Kind.Setting(
                LabTexts.in(Language.ENGLISH),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                ROOT,
                folder,
                ROOT,
                List.of());
        List<Mutant> drawn = new ArrayList<>(Mutant.all(ROOT));
        Collections.shuffle(drawn, new Random(seed));
        for (Mutant mutant : drawn.subList(0, OF_THE_DAY)) {
            Optional<StoreProof.Outcome> outcome = Mutants.check(setting, mutant, seed);
            assumeThat(outcome).as("needs python3 and ptrace on x86_64").isPresent();
            assertThat(outcome.orElseThrow().failed())
                    .as(mutant.name() + " (" + mutant.bug() + ") lives; seed " + seed)
                    .isPositive();
        }
    }

    @Test
    void everyMutantStillFitsTheSources(@TempDir Path folder) throws Exception {
        for (Mutant mutant : Mutant.all(ROOT)) {
            assertThat(mutant.build(ROOT, folder.resolve(mutant.name()))).isNotEmptyDirectory();
        }
    }
}
