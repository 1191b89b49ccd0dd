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
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proof of the proof: the mutants of the day, drawn by the seed, must be found, with {@code -Dlienthong.proofs=true} one of them in real nodes; and every patch must still fit the sources. */
class MutantsIT {
    private static final Path ROOT =
            Path.of(System.getProperty("lienthong.root", ".")).toAbsolutePath();
    private static final int OF_THE_DAY = 2;

    @Test
    void deliberateBugsAreFound(@TempDir Path folder) throws Exception {
        long seed = Slice.seed(ROOT);
        Kind.Setting setting = new Kind.Setting(
                LabTexts.in(Language.ENGLISH),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                ROOT,
                folder,
                ROOT.resolve("samples/network/binh-dinh-2020.yaml"),
                DaemonOptions.shortLived(128));
        List<Mutant> drawn = new ArrayList<>(Mutant.all(ROOT));
        Collections.shuffle(drawn, new Random(seed));
        List<Mutant> ofTheDay = new ArrayList<>(drawn.stream()
                .filter(one -> !one.needsNodes())
                .limit(OF_THE_DAY)
                .toList());
        drawn.stream()
                .filter(one -> Slice.isAsked() && one.needsNodes())
                .findFirst()
                .ifPresent(ofTheDay::add);
        for (Mutant mutant : ofTheDay) {
            Optional<Mutants.Found> found = Mutants.check(setting, mutant, seed);
            assumeThat(found).as("needs python3 and ptrace on x86_64").isPresent();
            assertThat(found.orElseThrow().isCaught())
                    .as(mutant.name() + " (" + mutant.bug() + ") lives; seed " + seed + "; seen: "
                            + found.orElseThrow().said())
                    .isTrue();
        }
    }

    @Test
    void everyMutantStillFitsTheSources(@TempDir Path folder) throws Exception {
        for (Mutant mutant : Mutant.all(ROOT)) {
            assertThat(mutant.build(ROOT, folder.resolve(mutant.name()))).isNotEmptyDirectory();
        }
    }
}
