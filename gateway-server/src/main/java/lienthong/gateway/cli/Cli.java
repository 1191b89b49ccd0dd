package lienthong.gateway.cli;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lienthong.gateway.api.ApiErrors;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.text.Catalogue;
import lienthong.gateway.text.Nearest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * The command line. Every command ends with the exit code of its numbered error (BSD sysexits) or 0; what goes wrong is one sentence on standard
 * error, and with {@code --json} an object on standard output too. Never a stack trace: that is in the log.
 */
public final class Cli {
    private static final Logger LOG = LoggerFactory.getLogger(Cli.class);

    private Cli() {}

    /** Runs one command line and gives its exit code. */
    public static int run(String[] arguments, Surroundings surroundings) {
        Root root = new Root(surroundings);
        CommandLine line = new CommandLine(root, new Factory());
        line.setResourceBundle(Root.catalogue(arguments, surroundings).help());
        line.setOut(surroundings.out());
        line.setErr(surroundings.err());
        line.setUsageHelpWidth(100);
        line.setExecutionStrategy(parsed -> execute(root, parsed));
        line.setParameterExceptionHandler((wrong, given) -> fail(root, arguments, usage(wrong)));
        line.setExecutionExceptionHandler((failed, command, parsed) -> fail(root, arguments, refusal(failed)));
        try {
            return line.execute(arguments);
        } finally {
            surroundings.out().flush();
            surroundings.err().flush();
        }
    }

    /** A command, or what it does where {@code --help} asks; words that nobody knows are refused in both cases. */
    private static int execute(Root root, CommandLine.ParseResult parsed) {
        CommandLine.ParseResult last = parsed;
        CommandLine.ParseResult asked = null;
        for (CommandLine.ParseResult at = parsed; at != null; at = at.subcommand()) {
            last = at;
            asked = asked == null && at.isUsageHelpRequested() ? at : asked;
        }
        CommandLine command = last.commandSpec().commandLine();
        if (asked == null) {
            return new CommandLine.RunLast().execute(parsed);
        }
        if (!last.unmatched().isEmpty()) {
            throw new CommandLine.UnmatchedArgumentException(command, last.unmatched());
        }
        StringWriter text = new StringWriter();
        command.usage(new PrintWriter(text, true), CommandLine.Help.Ansi.OFF);
        HelpCommand.say(root, text.toString());
        return 0;
    }

    /** Says why a command ended, and gives its exit code. */
    private static int fail(Root root, String[] arguments, Refusal why) {
        return refuse(
                root.out(),
                root.surroundings().err(),
                root.json || List.of(arguments).contains("--json"),
                root.catalogue(arguments),
                why);
    }

    /** One sentence on {@code err}, with {@code json} the same as an object on {@code out}; gives the exit code. For commands beside these too. */
    public static int refuse(PrintWriter out, PrintWriter err, boolean json, Catalogue catalogue, Refusal why) {
        err.println("lienthong: " + catalogue.sentence(why));
        err.flush();
        if (json) {
            out.println(Json.object().put("ok", false).put("error", error(catalogue, why)));
            out.flush();
        }
        return why.reason().exitCode();
    }

    static Json error(Catalogue catalogue, Refusal why) {
        return Json.object()
                .put("number", why.reason().number())
                .put("name", why.reason().name())
                .put("detail", why.detail())
                .put("text", catalogue.what(why.reason()))
                .put("advice", catalogue.advice(why.reason()));
    }

    /** What was wrong in a line that could not be understood, with the nearest known word. */
    private static Refusal usage(CommandLine.ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        if (wrong instanceof CommandLine.UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().get(0);
            boolean option = word.startsWith("-");
            TreeSet<String> known = new TreeSet<>(
                    option
                            ? command.getCommandSpec().optionsMap().keySet()
                            : command.getSubcommands().keySet());
            Optional<String> nearest = Nearest.of(word.split("=", 2)[0], known);
            return Refusal.of(
                    ErrorCode.USAGE,
                    nearest.map(near -> Detail.of("{0}; did you mean {1}?", word, near))
                            .orElse(Detail.of("{0}; known are {1}", word, String.join(" ", known))));
        }
        if (wrong instanceof CommandLine.MissingParameterException missing) {
            return Refusal.of(
                    ErrorCode.USAGE,
                    "it lacks {0}",
                    missing.getMissing().stream().map(Cli::label).collect(Collectors.joining(" ")));
        }
        CommandLine.Model.ArgSpec argument = wrong.getArgSpec();
        if (argument != null && wrong.getValue() != null) {
            return Refusal.of(ErrorCode.USAGE, "{0} cannot be {1}", label(argument), wrong.getValue());
        }
        return Refusal.technical(ErrorCode.USAGE, firstLine(String.valueOf(wrong.getMessage())));
    }

    private static String label(CommandLine.Model.ArgSpec argument) {
        return argument instanceof CommandLine.Model.OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static Refusal refusal(Exception failed) {
        if (failed instanceof Refused refused) {
            return refused.why();
        }
        if (failed instanceof StatusRuntimeException status) {
            return ApiErrors.refusal(status);
        }
        if (failed instanceof NoSuchFileException absent) {
            return Refusal.of(ErrorCode.NO_INPUT, "{0}", String.valueOf(absent.getFile()));
        }
        if (failed instanceof AccessDeniedException denied) {
            return Refusal.of(ErrorCode.FILE_NOT_READABLE, "{0}", String.valueOf(denied.getFile()));
        }
        if (failed instanceof FileAlreadyExistsException exists) {
            return Refusal.of(ErrorCode.OUTPUT_EXISTS, "{0}", String.valueOf(exists.getFile()));
        }
        if (failed instanceof IOException broken) {
            return Refusal.technical(ErrorCode.WRITE_FAILED, firstLine(String.valueOf(broken.getMessage())));
        }
        if (failed instanceof InvalidPathException unclean) {
            // A terminal whose character set has no such letters, or a zero byte.
            return Refusal.of(
                    ErrorCode.USAGE,
                    "no file can be called that with this terminal's character set: {0}",
                    Detail.technical(String.valueOf(unclean.getReason())));
        }
        LOG.error("command failed", failed);
        return Refusal.technical(ErrorCode.UNCAUGHT, failed.getClass().getSimpleName());
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    /** Makes commands by their only constructor. */
    private static final class Factory implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            return CommandLine.defaultFactory().create(type);
        }
    }
}
