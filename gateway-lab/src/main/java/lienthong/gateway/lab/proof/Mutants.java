package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code proof mutants}: the proof of the proof. A mutant that lives is a hole in the proof, not in the mutant. */
final class Mutants implements Kind {
    private static final int STEPS_TORN = 150;
    private static final int IMAGES = 1_500;
    private static final int STEPS_STRUCK = 12;
    private static final int SEEDS_MAX = 600;

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
            Optional<StoreProof.Outcome> found = check(setting, mutant, seed);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            if (found.get().failed() > 0) {
                caught++;
                setting.progress()
                        .println(setting.texts()
                                .text(
                                        "proof.mutant-caught",
                                        mutant.name(),
                                        mutant.bug(),
                                        mutant.check(),
                                        first(found.get())));
            } else {
                alive++;
                String sentence =
                        setting.texts().text("proof.mutant-lives", mutant.name(), mutant.bug(), mutant.check());
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

    /** Runs the checks each of which must find the mutant, to the first that does not; empty when this machine cannot. */
    static Optional<StoreProof.Outcome> check(Setting setting, Mutant mutant, long seed)
            throws IOException, InterruptedException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        StoreProof tools = new StoreProof(setting.texts(), nowhere, setting.home())
                .of(mutant.build(setting.home(), setting.folder().resolve(mutant.name())));
        Optional<StoreProof.Outcome> found = Optional.empty();
        for (String check : mutant.check().split("; ", -1)) {
            found = check(tools, check, seed);
            if (found.isEmpty() || found.get().failed() == 0) {
                return found;
            }
        }
        return found;
    }

    private static Optional<StoreProof.Outcome> check(StoreProof tools, String check, long seed)
            throws IOException, InterruptedException {
        String[] words = check.split(" ", -1);
        return switch (words[0]) {
            case "tear" -> tools.tear(seed, IMAGES, STEPS_TORN, words[1]);
            // Always the same seeds: whether they find it must not depend on the day.
            case "simulate" -> Optional.of(tools.simulate(1, SEEDS_MAX));
            default -> tools.syscall(seed, STEPS_STRUCK, words[1], words.length > 2 && words[2].equals("after"), 1, 1);
        };
    }

    private static String first(StoreProof.Outcome outcome) {
        return outcome.said().isEmpty() ? "" : outcome.said().get(outcome.said().size() > 1 ? 1 : 0);
    }
}
