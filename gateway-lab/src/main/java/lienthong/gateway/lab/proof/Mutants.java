package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.province.LabFailed;

/** {@code proof mutants}: the proof of the proof. A mutant that lives is a hole in the proof, not in the mutant. */
final class Mutants implements Kind {
    private static final int STEPS_TORN = 150;
    private static final int IMAGES = 1_500;
    private static final int STEPS_STRUCK = 12;
    private static final int FLIPS = 500;
    private static final int SEEDS_MAX = 600;

    /** Of a kind of proof whose mutant names no number. */
    private static final int STRIKES = 20;

    @Override
    public String name() {
        return "mutants";
    }

    @Override
    public int cycles() {
        return Integer.MAX_VALUE;
    }

    @Override
    public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException {
        long from = System.nanoTime();
        long caught = 0;
        long alive = 0;
        List<String> broken = new ArrayList<>();
        for (Mutant mutant : Mutant.all(setting.home())) {
            if (limit.isReached(caught + alive)) {
                break;
            }
            Optional<Found> found = check(setting, mutant, seed);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            if (found.get().isCaught()) {
                caught++;
                setting.progress()
                        .println(setting.texts()
                                .text(
                                        "proof.mutant-caught",
                                        mutant.name(),
                                        mutant.bug(),
                                        mutant.check(),
                                        found.get().said()));
            } else {
                alive++;
                String sentence = setting.texts()
                        .text(
                                "proof.mutant-lives",
                                mutant.name(),
                                mutant.bug(),
                                mutant.check(),
                                found.get().said());
                setting.progress().println(sentence);
                broken.add(sentence);
            }
        }
        if (caught + alive == 0) {
            broken.add(setting.texts().text("proof.never-struck"));
        }
        return Optional.of(
                Verdict.ofStore(name(), seed, caught + alive, alive, (System.nanoTime() - from) / 1e9, broken));
    }

    /**
     * What became of a mutant.
     *
     * @param said by the last check that ran: what shows the bug, or what the check saw instead
     */
    record Found(boolean isCaught, String said) {}

    /** Runs the checks each of which must find the mutant, to the first that does not; empty when this machine cannot. */
    static Optional<Found> check(Kind.Setting setting, Mutant mutant, long seed)
            throws IOException, InterruptedException {
        Path folder = setting.folder().resolve(mutant.name());
        Kind.Setting bad = new Kind.Setting(
                setting.texts(),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                setting.home(),
                folder,
                setting.networkFile(),
                setting.nodeOptions(),
                List.of(mutant.build(setting.home(), folder)));
        Optional<Found> found = Optional.empty();
        int n = 0;
        for (String check : mutant.check().split("; ", -1)) {
            n++;
            found = check(bad.in(Files.createDirectories(folder.resolve("check-" + n))), mutant, check, seed);
            if (found.isEmpty() || !found.get().isCaught()) {
                return found;
            }
        }
        return found;
    }

    private static Optional<Found> check(Kind.Setting setting, Mutant mutant, String check, long seed)
            throws IOException, InterruptedException {
        StoreProof tools = new StoreProof(setting.texts(), setting.progress(), setting.home(), setting.before());
        String[] words = check.split(" ", -1);
        boolean alone = words.length > 1 && !words[1].matches("[0-9]+");
        if (words[0].equals("simulate")) {
            // Always the same seeds: whether they find it must not depend on the day.
            return Optional.of(found(tools.simulate(1, SEEDS_MAX)));
        }
        if (words[0].equals("tear")) {
            return tools.tear(seed, IMAGES, STEPS_TORN, words[1]).map(Mutants::found);
        }
        if (words[0].equals("flip") && alone) {
            return Optional.of(found(tools.flip(seed, FLIPS, setting.folder().resolve("flips"))));
        }
        if (words[0].equals("syscall") && alone) {
            boolean after = words.length > 2 && words[2].equals("after");
            return tools.syscall(seed, STEPS_STRUCK, words[1], after, 1, 1).map(Mutants::found);
        }
        Kind kind = ProofCommand.kind(words[0])
                .orElseThrow(
                        () -> new LabFailed(mutant.name() + " is to be caught by " + words[0] + ", which is no kind"));
        int strikes = words.length > 1 ? Integer.parseInt(words[1]) : STRIKES;
        return ProofCommand.run(kind.brief(), setting, seed, Limit.of(strikes, 0))
                .map(verdict -> found(mutant, verdict, setting));
    }

    private static Found found(StoreProof.Outcome outcome) {
        String said = outcome.said().isEmpty()
                ? ""
                : outcome.said().get(outcome.said().size() > 1 ? 1 : 0);
        return new Found(outcome.failed() > 0, said);
    }

    private static Found found(Mutant mutant, Verdict verdict, Kind.Setting setting) {
        Optional<String> shown = mutant.shownBy(verdict, setting.texts());
        return new Found(shown.isPresent(), shown.orElse(String.join(" ", verdict.broken())));
    }
}
