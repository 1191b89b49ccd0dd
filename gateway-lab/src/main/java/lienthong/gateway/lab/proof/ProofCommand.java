package lienthong.gateway.lab.proof;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lienthong.gateway.lab.LabOptions;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/** {@code proof KIND [--cycles N] [--minutes M] [--seed S] [--keep DIR] [--json]}, {@code proof all} and {@code proof report}. */
public final class ProofCommand {
    /** Of a soak that says something of hours. */
    private static final int SOAK_MINUTES = 60;

    private static final Map<String, Kind> KINDS = Stream.of(
                    new Kind.OnNetwork(KillFault.full(), LoadPlan.full(), 20),
                    new Kind.OnNetwork(StormFault.full(), LoadPlan.crowd(), 3),
                    new Kind.OnNetwork(PowerFault.full(), LoadPlan.transfers(), 20),
                    new Kind.OnNetwork(ClockFault.full(), LoadPlan.full(), 20),
                    new Kind.OnNetwork(LossFault.hub(), LoadPlan.loss(), 5),
                    new Kind.OnNetwork(LossFault.destination(), LoadPlan.full(), 5),
                    new Kind.OnNetwork(RestoreFault.full(), LoadPlan.full(), 5),
                    new Kind.OnNetwork(LinkFault.full(), LoadPlan.overLinks(), 10),
                    new Kind.OnNetwork(ReplayFault.full(), LoadPlan.light(), 100_000),
                    StoreKinds.tear(),
                    Flip.full(),
                    StoreKinds.syscall(),
                    StoreKinds.ioerror(),
                    StoreKinds.full(),
                    new Kind.OnNetwork(SoakFault.full(), LoadPlan.full(), 20, SOAK_MINUTES),
                    new Hostile(),
                    new Kind.OnNetwork(FillFault.full(), LoadPlan.full(), 20),
                    new Kind.OnNetwork(CallFault.syscall(1, 20), LoadPlan.few(), 60),
                    new Kind.OnNetwork(CallFault.ioerror(1, 20), LoadPlan.few(), 60),
                    new Kind.OnNetwork(CallFault.full(1, 20), LoadPlan.few(), 60),
                    new Simulate(),
                    new Mutants())
            .collect(Collectors.toMap(Kind::name, Function.identity(), (one, other) -> one, LinkedHashMap::new));
    private static final String USAGE = "proof " + String.join("|", KINDS.keySet())
            + "|all|report [--cycles N] [--minutes M] [--seed S | --seeds A..B] [--node-options TEXT] [--until-file FILE]"
            + " [--keep DIR] [--json]; proof report markdown";

    /** {@code EX_UNAVAILABLE} of sysexits.h. */
    private static final int UNAVAILABLE = 69;

    /** Of {@code proof all} without a time. */
    private static final int ALL_MINUTES = 20;

    private ProofCommand() {}

    /** Runs and gives the exit code: 0, 64 for wrong words, 69 when this machine cannot, 70 when a promise did not hold. */
    @SuppressWarnings("SystemOut") // this is a command
    public static int run(String[] arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        Optional<LabOptions> parsed = LabOptions.parse(
                arguments, out, err, "cycles", "minutes", "seed", "seeds", "node-options", "until-file", "keep");
        if (parsed.isEmpty()) {
            return ErrorCode.USAGE.exitCode();
        }
        LabOptions options = parsed.get();
        if (options.isHelp()) {
            return options.help(out, err, options.texts().text("proof.help", USAGE));
        }
        List<String> words = options.words();
        String kind = words.size() == 1 || words.equals(List.of("report", "markdown")) ? words.get(0) : "";
        Kind known = KINDS.get(kind);
        if (known == null && !kind.equals("report") && !kind.equals("all")) {
            return options.refuse(out, err, Refusal.of(ErrorCode.USAGE, "{0}", USAGE));
        }
        try {
            return kind.equals("all")
                    ? all(options, out, err)
                    : known == null ? Report.print(options, out) : strike(known, options, out, err);
        } catch (LabFailed failed) {
            err.println("proof: " + failed.getMessage());
            return ErrorCode.INVARIANT.exitCode();
        } catch (IOException dead) {
            throw new UncheckedIOException(dead);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return ErrorCode.INVARIANT.exitCode();
        }
    }

    /** A node that never serves again, or an office's program that dies, is how the worst runs end: they belong in the book like any other. */
    static Optional<Verdict> run(Kind kind, Kind.Setting setting, long seed, Limit limit)
            throws IOException, InterruptedException {
        long from = System.nanoTime();
        try {
            return kind.run(setting, seed, limit);
        } catch (LabFailed failed) {
            return Optional.of(Verdict.brokenOff(kind.name(), seed, (System.nanoTime() - from) / 1e9, failed));
        }
    }

    /** A kind by its name. */
    static Optional<Kind> kind(String name) {
        return Optional.ofNullable(KINDS.get(name));
    }

    private static int all(LabOptions options, PrintStream out, PrintStream err)
            throws IOException, InterruptedException {
        long seed = options.value("seed").map(Long::parseLong).orElseGet(ProofCommand::drawn);
        long cycles = options.value("cycles").map(Long::parseLong).orElse((long) Integer.MAX_VALUE);
        Book book = new Book(LabOptions.home());
        Path folder = options.folder("proof");
        boolean good = false;
        try {
            List<Together.Row> rows = new Together(
                            KINDS.values(),
                            new Kind.Setting(
                                    options.texts(),
                                    err,
                                    LabOptions.home(),
                                    folder,
                                    options.networkFile(),
                                    DaemonOptions.with(options.value("node-options"))))
                    .run(
                            seed,
                            cycles,
                            options.number("minutes", ALL_MINUTES),
                            options.value("until-file").map(Path::of),
                            (verdict, own) -> {
                                JsonObject line = book.line(verdict, own);
                                book.append(line);
                                if (!options.isJson()) {
                                    verdict.print(out, options.texts());
                                }
                                if (verdict.isGood() && !options.isKept()) {
                                    options.tidy(own);
                                }
                                return line;
                            });
            good = Together.isGood(rows);
            if (options.isJson()) {
                out.println(Together.json(rows, seed));
            } else {
                Together.print(rows, out, options.texts());
            }
            return !good ? ErrorCode.INVARIANT.exitCode() : Together.isAny(rows) ? 0 : UNAVAILABLE;
        } finally {
            if (good) {
                options.tidy(folder);
            } else if (!options.isKept()) {
                err.println("proof: " + folder);
            }
        }
    }

    private static long drawn() {
        return System.nanoTime() & 0xffff_ffffL;
    }

    private static int strike(Kind kind, LabOptions options, PrintStream out, PrintStream err)
            throws IOException, InterruptedException {
        Optional<long[]> seeds = options.value("seeds")
                .map(text -> Stream.of(text.split("\\.\\.", -1))
                        .mapToLong(Long::parseLong)
                        .toArray());
        if (seeds.isPresent() && (!kind.name().equals("simulate") || seeds.get()[1] < seeds.get()[0])) {
            return options.refuse(out, err, Refusal.of(ErrorCode.USAGE, "{0}", "proof simulate --seeds A..B"));
        }
        long seed = seeds.map(range -> range[0])
                .or(() -> options.value("seed").map(Long::parseLong))
                .orElseGet(ProofCommand::drawn);
        int minutes = options.number("minutes", 0);
        // A time given without a number is used up; a single seed is one.
        long usual = minutes > 0
                ? Integer.MAX_VALUE
                : kind.name().equals("simulate") && options.value("seed").isPresent() ? 1 : kind.cycles();
        long cycles = seeds.map(range -> range[1] - range[0] + 1)
                .orElseGet(() -> options.value("cycles").map(Long::parseLong).orElse(usual));
        Book book = new Book(LabOptions.home());
        Path folder = options.folder("proof");
        boolean good = false;
        try {
            List<String> nodeOptions = DaemonOptions.with(options.value("node-options"));
            Optional<Verdict> ended = run(
                    kind,
                    new Kind.Setting(
                            options.texts(), err, LabOptions.home(), folder, options.networkFile(), nodeOptions),
                    seed,
                    Limit.of(cycles, minutes)
                            .stoppedBy(options.value("until-file").map(Path::of)));
            if (ended.isEmpty()) {
                // Not possible on this machine, which was said: neither good nor a breach.
                good = true;
                return UNAVAILABLE;
            }
            Verdict verdict = ended.get();
            good = verdict.isGood();
            JsonObject line = book.line(verdict, folder);
            book.append(line);
            if (options.isJson()) {
                verdict.broken().forEach(sentence -> err.println("proof: " + sentence));
                out.println(line);
            } else {
                verdict.print(out, options.texts());
            }
            return good ? 0 : ErrorCode.INVARIANT.exitCode();
        } finally {
            if (good) {
                options.tidy(folder);
            } else if (!options.isKept()) {
                err.println("proof: " + folder);
            }
        }
    }
}
