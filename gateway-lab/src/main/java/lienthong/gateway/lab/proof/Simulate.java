package lienthong.gateway.lab.proof;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.proof.oracle.Findings;
import lienthong.gateway.lab.simulate.Promise;
import lienthong.gateway.lab.simulate.Seeds;
import lienthong.gateway.lab.simulate.Sights;
import lienthong.gateway.lab.simulate.Simulation;

/** {@code proof simulate}: seed after seed, each a province in one thread, on all cores. A strike is a seed in which at least one fault struck. */
final class Simulate implements Kind {
    private static final int CYCLES = 300;
    /** After so many seeds whatever was never seen is a blind spot of the simulator. */
    private static final int SEEDS_TO_SEE_ALL = 1_000;

    private static final int SHRUNK_MAX = 3;
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    @Override
    public String name() {
        return "simulate";
    }

    @Override
    public int cycles() {
        return CYCLES;
    }

    @Override
    public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws InterruptedException {
        Simulation.quiet();
        Run run = new Run(setting.texts(), setting.progress());
        long from = System.nanoTime();
        setting.progress().println(setting.texts().text("proof.simulate-start", seed));
        long told = from;
        try (Seeds<Simulation.Outcome> seeds = Seeds.onAllCores(seed, Simulation::run)) {
            while (!limit.isReached(run.seeds)) {
                run.one(seeds.next());
                if (System.nanoTime() - told > PROGRESS_NANOS) {
                    told = System.nanoTime();
                    run.progress((told - from) / 1e9);
                }
            }
        }
        double seconds = (System.nanoTime() - from) / 1e9;
        run.progress(seconds);
        return Optional.of(run.verdict(seed, seconds));
    }

    /** What has come together. */
    private static final class Run {
        private final LabTexts texts;
        private final PrintStream progress;
        private final Sights sights = Sights.none();
        private final Findings findings = new Findings();
        private final List<String> broken = new ArrayList<>();
        private final Map<Promise, Integer> shrunk = new TreeMap<>();
        private long seeds;
        private long struck;
        private long failed;

        Run(LabTexts texts, PrintStream progress) {
            this.texts = texts;
            this.progress = progress;
        }

        void one(Simulation.Outcome outcome) {
            seeds++;
            struck += outcome.struck() > 0 ? 1 : 0;
            sights.add(outcome.sights());
            findings.count(outcome.sent(), outcome.accepted(), outcome.received(), outcome.redelivered());
            outcome.broken().ifPresent(promise -> broke(outcome, promise));
        }

        private void broke(Simulation.Outcome outcome, Promise promise) {
            String what = texts.text(
                    "proof.simulate-broken",
                    outcome.seed(),
                    texts.text("proof.promise." + promise.word()),
                    outcome.how());
            if (promise.breach().isPresent()) {
                findings.add(promise.breach().get(), "seed " + outcome.seed(), outcome.how());
            } else {
                failed++;
            }
            if (broken.size() < SHRUNK_MAX * Promise.values().length) {
                broken.add(what);
            }
            progress.println(what);
            if (shrunk.merge(promise, 1, Integer::sum) <= 1 && shrunk.size() <= SHRUNK_MAX) {
                progress.println(texts.text("proof.simulate-story"));
                Simulation.shrink(outcome).story().forEach(sentence -> progress.println("  " + sentence));
            }
        }

        void progress(double seconds) {
            progress.println(texts.text(
                    "proof.simulate-progress",
                    Math.round(seconds),
                    seeds,
                    String.format(Locale.ROOT, "%.1f", seeds / Math.max(seconds, 1e-3)),
                    findings.accepted(),
                    broken.size()));
        }

        Verdict verdict(long seed, double seconds) {
            sights.counts()
                    .forEach((sight, count) ->
                            progress.println(String.format(Locale.ROOT, "   %-60s %,14d", sight, count)));
            if (seeds >= SEEDS_TO_SEE_ALL && !sights.blind().isEmpty()) {
                broken.add(texts.text("proof.simulate-blind", String.join(", ", sights.blind())));
            }
            if (struck == 0) {
                broken.add(texts.text("proof.never-struck"));
            }
            return new Verdict("simulate", seed, struck, findings, 0, 0, 0, 0, seconds, failed, broken);
        }
    }
}
