package lienthong.gateway.lab.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.LabOptions;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/** {@code bench small|trickle|large|start|queue|urgent [--messages N] [--seconds N] [--warm-up N] [--keep DIR] [--node-options TEXT] [--json]}. */
public final class BenchCommand {
    private static final String USAGE = "bench " + String.join("|", Workload.NAMES)
            + " [--messages N] [--seconds N] [--warm-up N] [--node-options TEXT] [--keep DIR] [--json]";

    /** {@code EX_UNAVAILABLE} of sysexits.h. */
    private static final int UNAVAILABLE = 69;

    private BenchCommand() {}

    /** Runs and gives the exit code: 0, 64 for wrong words, 69 when this machine cannot, 70 when a message was not verified or a promise did not hold. */
    @SuppressWarnings("SystemOut") // this is a command
    public static int run(String[] arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        Optional<LabOptions> parsed =
                LabOptions.parse(arguments, out, err, "messages", "seconds", "warm-up", "node-options", "keep");
        if (parsed.isEmpty()) {
            return ErrorCode.USAGE.exitCode();
        }
        LabOptions options = parsed.get();
        if (options.isHelp()) {
            return options.help(out, err, options.texts().text("bench.help", USAGE));
        }
        Optional<Workload> named =
                options.words().size() == 1 ? Workload.named(options.words().get(0)) : Optional.empty();
        if (named.isEmpty()) {
            return options.refuse(out, err, Refusal.of(ErrorCode.USAGE, "{0}", USAGE));
        }
        try {
            return run(asked(named.get(), options), options, out, err);
        } catch (LabFailed failed) {
            err.println("bench: " + failed.getMessage());
            return ErrorCode.INVARIANT.exitCode();
        } catch (IOException dead) {
            throw new UncheckedIOException(dead);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return ErrorCode.INVARIANT.exitCode();
        }
    }

    /** A number of messages given without a time is reached however long it takes. */
    private static Workload asked(Workload workload, LabOptions options) {
        Optional<String> messages = options.value("messages");
        int seconds = messages.isPresent() ? Workload.ANY_TIME_SECONDS : workload.seconds();
        return workload.lasting(
                messages.map(Long::parseLong).orElse(workload.messages()),
                options.number("seconds", seconds),
                options.number("warm-up", workload.warmUpSeconds()));
    }

    private static int run(Workload workload, LabOptions options, PrintStream out, PrintStream err)
            throws IOException, InterruptedException {
        Path folder = options.folder("bench");
        try {
            List<String> nodeOptions = DaemonOptions.with(options.value("node-options"));
            Path province = folder.resolve("province");
            Optional<Figures> measured = workload.isUrgent()
                    ? new Urgent(options.texts(), err, nodeOptions, LabOptions.home())
                            .run(workload, province, options.networkFile())
                    : Optional.of(new Bench(err, nodeOptions).run(workload, province, options.networkFile()));
            if (measured.isEmpty()) {
                return UNAVAILABLE; // which was said
            }
            Figures figures = measured.get();
            if (options.isJson()) {
                out.println(figures.json());
            } else {
                figures.print(out);
            }
            if (figures.verified() != figures.messages()) {
                throw new LabFailed(figures.messages() - figures.verified() + " messages were not verified");
            }
            return 0;
        } finally {
            options.tidy(folder);
        }
    }
}
