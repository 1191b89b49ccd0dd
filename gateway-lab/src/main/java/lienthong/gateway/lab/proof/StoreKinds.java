package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Kinds of proof that strike the store by itself. */
final class StoreKinds {
    private static final int STEPS_TORN = 300;
    private static final int STEPS_STRUCK = 12;
    private static final int IMAGES_PER_ROUND = 2_000;
    private static final int FLIPS_PER_ROUND = 500;
    private static final List<String> ERRORS = List.of("EIO", "EINTR", "EMFILE", "ENOMEM", "short");

    private StoreKinds() {}

    private interface Strike {
        /**
         * One round.
         *
         * @param seed of the run
         * @param round from 0
         * @param left strikes wanted still
         * @return empty when this machine cannot
         */
        Optional<StoreProof.Outcome> once(Kind.Setting setting, long seed, long round, long left)
                throws IOException, InterruptedException;
    }

    /**
     * Round after round.
     *
     * @param variants rounds that belong together, such as before and after a call: none is left out unless the time is up
     */
    private record Repeated(String name, int cycles, int variants, Strike strike) implements Kind {
        @Override
        public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException {
            long from = System.nanoTime();
            setting.progress().println(setting.texts().text("proof.start-store", name, seed));
            long struck = 0;
            long failed = 0;
            List<String> broken = new ArrayList<>();
            for (long round = 0; !limit.isReached(struck) || round % variants != 0 && !limit.isTimeUp(); round++) {
                Optional<StoreProof.Outcome> outcome = strike.once(setting, seed, round, limit.cycles() - struck);
                if (outcome.isEmpty()) {
                    return Optional.empty();
                }
                struck += outcome.get().struck();
                failed += outcome.get().failed();
                if (outcome.get().failed() > 0) {
                    broken.addAll(outcome.get().said());
                }
                setting.progress()
                        .println(setting.texts()
                                .text(
                                        "proof.progress-store",
                                        Math.round((System.nanoTime() - from) / 1e9),
                                        struck,
                                        failed));
                if (outcome.get().struck() == 0) {
                    broken.add(setting.texts().text("proof.never-struck"));
                    break;
                }
            }
            return Optional.of(Verdict.ofStore(name, seed, struck, failed, (System.nanoTime() - from) / 1e9, broken));
        }
    }

    /** Images that a power cut may have left: names safe only by their folder, and every other time as ext4 keeps them. */
    static Kind tear() {
        return new Repeated(
                "tear",
                IMAGES_PER_ROUND,
                1,
                (setting, seed, round, left) -> tools(setting)
                        .tear(
                                seed + round,
                                Math.min(left, IMAGES_PER_ROUND),
                                STEPS_TORN,
                                round % 2 == 0 ? "posix" : "ext4"));
    }

    /** SIGKILL before, then after, every system call of one life. */
    static Kind syscall() {
        return new Repeated(
                "syscall",
                1,
                2,
                (setting, seed, round, left) ->
                        tools(setting).syscall(seed + round / 2, STEPS_STRUCK, "kill", round % 2 == 1, 1, 1));
    }

    /** Errors of the disk at every system call of one life, one kind of error after the other. */
    static Kind ioerror() {
        return new Repeated(
                "ioerror",
                1,
                ERRORS.size(),
                (setting, seed, round, left) -> tools(setting)
                        .syscall(
                                seed + round / ERRORS.size(),
                                STEPS_STRUCK,
                                ERRORS.get((int) (round % ERRORS.size())),
                                false,
                                1,
                                1));
    }

    /** A disk that is full at every system call. */
    static Kind full() {
        return new Repeated(
                "full",
                1,
                1,
                (setting, seed, round, left) ->
                        tools(setting).syscall(seed + round, STEPS_STRUCK, "ENOSPC", false, 1, 1));
    }

    /** One to eight bits of a store at rest. */
    static Kind flip() {
        return new Repeated(
                "flip",
                FLIPS_PER_ROUND,
                1,
                (setting, seed, round, left) -> Optional.of(tools(setting)
                        .flip(
                                seed + round,
                                Math.min(FLIPS_PER_ROUND, left),
                                setting.folder().resolve("flips-" + round))));
    }

    private static StoreProof tools(Kind.Setting setting) {
        return new StoreProof(setting.texts(), setting.progress(), setting.home(), setting.before());
    }
}
