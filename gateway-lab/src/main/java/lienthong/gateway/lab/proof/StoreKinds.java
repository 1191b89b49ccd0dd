package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import lienthong.gateway.lab.proof.oracle.Findings;
import lienthong.gateway.lab.proof.store.StoreFlips;
import lienthong.gateway.lab.province.LabFailed;

/** Kinds of proof that strike the store by itself. */
final class StoreKinds {
    private static final int STEPS_TORN = 300;
    private static final int STEPS_STRUCK = 12;
    private static final int IMAGES_PER_RUN = 2_000;
    private static final int FLIPS = 500;

    private StoreKinds() {}

    private interface Strike {
        /** One run of a tool with at most so many strikes; empty when this machine cannot. */
        Optional<StoreProof.Outcome> once(StoreProof tools, long seed, long round, long left)
                throws IOException, InterruptedException;
    }

    private record Repeated(String name, int cycles, Strike strike) implements Kind {
        @Override
        public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException {
            StoreProof tools = new StoreProof(setting.texts(), setting.progress(), setting.home());
            long from = System.nanoTime();
            setting.progress().println(setting.texts().text("proof.start-store", name, seed));
            long struck = 0;
            long failed = 0;
            List<String> broken = new ArrayList<>();
            for (long round = 0; !limit.isReached(struck); round++) {
                Optional<StoreProof.Outcome> outcome = strike.once(tools, seed + round, round, limit.cycles() - struck);
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
            return Optional.of(new Verdict(
                    name, seed, struck, new Findings(), 0, 0, 0, 0, (System.nanoTime() - from) / 1e9, failed, broken));
        }
    }

    /** Images that a power cut may have left: names safe only by their folder, and every other time as ext4 keeps them. */
    static Kind tear() {
        return new Repeated(
                "tear",
                IMAGES_PER_RUN,
                (tools, seed, round, left) -> tools.tear(
                        seed, Math.min(left, IMAGES_PER_RUN), STEPS_TORN, round % 2 == 0 ? "posix" : "ext4"));
    }

    /** SIGKILL before, then after, every system call of a short life; a round has one life. */
    static Kind syscall() {
        return new Repeated(
                "syscall",
                1,
                (tools, seed, round, left) ->
                        tools.syscall(seed - round % 2, STEPS_STRUCK, "kill", round % 2 == 1, 1, 1));
    }

    /** Errors of the disk at every system call, one kind of error after the other. */
    static Kind ioerror() {
        List<String> errors = List.of("EIO", "EINTR", "EMFILE", "ENOMEM", "short");
        return new Repeated(
                "ioerror",
                1,
                (tools, seed, round, left) -> tools.syscall(
                        seed - round, STEPS_STRUCK, errors.get((int) (round % errors.size())), false, 1, 1));
    }

    /** One to eight bits of a store at rest. */
    static Kind flip() {
        return new Kind() {
            @Override
            public String name() {
                return "flip";
            }

            @Override
            public int cycles() {
                return FLIPS;
            }

            @Override
            public Optional<Verdict> run(Setting setting, long seed, Limit limit)
                    throws IOException, InterruptedException {
                return Optional.of(flip(setting, seed, limit));
            }
        };
    }

    private static Verdict flip(Kind.Setting setting, long seed, Limit limit) throws IOException, InterruptedException {
        long from = System.nanoTime();
        setting.progress().println(setting.texts().text("proof.start-store", "flip", seed));
        long struck = 0;
        List<String> broken = new ArrayList<>();
        for (long round = 0; !limit.isReached(struck); round++) {
            long before = struck;
            StoreFlips.Outcome outcome;
            try {
                outcome = StoreFlips.run(
                        seed + round,
                        Math.min(FLIPS, limit.cycles() - struck),
                        setting.folder().resolve("flips-" + round),
                        count -> {});
            } catch (ExecutionException failed) {
                throw new LabFailed("the store's life failed", failed);
            }
            struck = before + outcome.struck();
            broken.addAll(outcome.said());
            setting.progress()
                    .println(setting.texts()
                            .text(
                                    "proof.progress-store",
                                    Math.round((System.nanoTime() - from) / 1e9),
                                    struck,
                                    broken.size()));
        }
        return new Verdict(
                "flip",
                seed,
                struck,
                new Findings(),
                0,
                0,
                0,
                0,
                (System.nanoTime() - from) / 1e9,
                broken.size(),
                broken);
    }

    /** A disk that is full at every system call. */
    static Kind full() {
        return new Repeated(
                "full", 1, (tools, seed, round, left) -> tools.syscall(seed, STEPS_STRUCK, "ENOSPC", false, 1, 1));
    }
}
