package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.text.Language;

/** A build's slice of a proof. Its seed is another one for every commit, the same one for the same commit. Counts decide, never the clock. */
final class Slice {
    static final Path ROOT = Path.of(System.getProperty("lienthong.root", ".")).toAbsolutePath();

    private Slice() {}

    /**
     * Strikes so often under the small load, prints the verdict, and fails with the seed when a promise did not hold; skipped, with what it
     * needs, where the machine cannot.
     */
    static Verdict good(Kind kind, int strikes, Path folder) throws Exception {
        long seed = seed(ROOT);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Kind.Setting setting = new Kind.Setting(
                LabTexts.in(Language.ENGLISH),
                new PrintStream(said, true, StandardCharsets.UTF_8),
                ROOT,
                folder,
                ROOT.resolve("samples/network/binh-dinh-2020.yaml"),
                DaemonOptions.with(Optional.of("-Xmx128m -XX:TieredStopAtLevel=1")));
        Optional<Verdict> verdict = kind.brief().run(setting, seed, Limit.of(strikes, 0));
        assumeThat(verdict).as(said.toString(StandardCharsets.UTF_8)).isPresent();
        verdict.orElseThrow().print(System.out, LabTexts.in(Language.ENGLISH));
        assertThat(verdict.orElseThrow().isGood())
                .as(kind.name() + ", seed " + seed + "\n" + said.toString(StandardCharsets.UTF_8))
                .isTrue();
        return verdict.orElseThrow();
    }

    /**
     * Skips, aloud, what a build without {@code -Dlienthong.proofs=true} leaves out: slices that strike real nodes for minutes, and that have not yet run
     * often enough on quiet machines to decide about a build.
     */
    static void onlyWhenAsked() {
        assumeThat(isAsked())
                .as("needs -Dlienthong.proofs=true: it strikes real nodes for minutes")
                .isTrue();
    }

    static boolean isAsked() {
        return Boolean.getBoolean("lienthong.proofs");
    }

    /** From {@code -Dlienthong.seed}, else from the commit's hash; 1 where there is no commit. Printed. */
    static long seed(Path root) throws Exception {
        Long given = Long.getLong("lienthong.seed");
        long seed = given == null ? ofCommit(root) : given;
        System.out.println("seed " + seed + " (again with -Dlienthong.seed=" + seed + ")");
        return seed;
    }

    private static long ofCommit(Path root) throws Exception {
        Process git = new ProcessBuilder("git", "-C", root.toString(), "rev-parse", "HEAD")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream out = git.getInputStream()) {
            String hash = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 && hash.length() >= 8 ? Long.parseLong(hash.substring(0, 8), 16) : 1;
        }
    }
}
