package lienthong.gateway.main;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.cli.Cli;
import lienthong.gateway.cli.NodeRunner;
import lienthong.gateway.cli.Surroundings;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import org.jspecify.annotations.Nullable;

/** One command as a process: the only place that reads its environment, its terminal and its standard streams. */
public final class CommandProcess {
    private CommandProcess() {}

    /**
     * Runs one command line and gives its exit code; the caller ends the process with it.
     *
     * @param runner what {@code run} runs
     */
    public static int run(String[] arguments, NodeRunner runner) {
        NodeRunner logging = (config, passphrase, version, ready) -> {
            Logging.ofNode(config.jsonLog(), config.language().orElse("en"));
            return runner.run(config, passphrase, version, ready);
        };
        return Cli.run(arguments, surroundings(System.getenv(), logging));
    }

    private static Surroundings surroundings(Map<String, String> environment, NodeRunner runner) {
        String language = Stream.of("LIENTHONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
        return new Surroundings(
                language,
                Optional.ofNullable(environment.get("LIENTHONG_DATA")).filter(value -> !value.isEmpty()),
                Path.of("").toAbsolutePath(),
                new FileInputStream(FileDescriptor.in),
                utf8(FileDescriptor.out),
                utf8(FileDescriptor.err),
                Optional.ofNullable(System.console()).map(TerminalPrompt::new),
                Clock.real(),
                Randomness.real(),
                runner,
                new FolderDesk(Clock.real(), Randomness.real()),
                version());
    }

    /** Whatever the terminal's encoding is called: texts are UTF-8, as the launcher has arranged. */
    private static PrintWriter utf8(FileDescriptor stream) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(stream), StandardCharsets.UTF_8), false);
    }

    /** From the jar's manifest; a checkout's classes have none. */
    static String version() {
        String version = CommandProcess.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0" : version;
    }

    private record TerminalPrompt(Console console) implements Surroundings.Prompt {
        @Override
        public char[] secret(String question) {
            char[] typed = console.readPassword("%s", question);
            return typed == null ? new char[0] : typed;
        }

        @Override
        public String line(String question) {
            @Nullable String typed = console.readLine("%s", question);
            return typed == null ? "" : typed;
        }
    }
}
