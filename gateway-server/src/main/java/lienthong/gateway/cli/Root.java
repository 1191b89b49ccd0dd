package lienthong.gateway.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.config.ConfigReader;
import lienthong.gateway.config.NodeConfig;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.text.Catalogue;
import lienthong.gateway.text.Language;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code lienthong} itself: the options every command has, and what they mean. */
@Command(
        name = "lienthong",
        mixinStandardHelpOptions = false,
        subcommands = {
            NetworkCommand.class,
            InviteCommand.class,
            JoinCommand.class,
            RunCommand.class,
            SendCommand.class,
            ReceiveCommand.class,
            TrackCommand.class,
            StatusCommand.class,
            QueueCommand.class,
            DoctorCommand.class,
            DirectoryCommand.class,
            EvidenceCommand.class,
            ClientCommand.class,
            AuditCommand.class,
            StoreCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            ClockCommand.class,
            StopCommand.class,
            ErrorsCommand.class,
            VersionCommand.class,
            HelpCommand.class
        })
final class Root implements Runnable {
    /** Where a package installs a node's data. */
    static final String DEFAULT_DATA = "/var/lib/lienthong";

    private final Surroundings surroundings;
    private @Nullable Catalogue catalogue;

    @Option(names = "--data", paramLabel = "DIR", descriptionKey = "option.data", scope = ScopeType.INHERIT)
    private @Nullable String data;

    @Option(names = "--json", descriptionKey = "option.json", scope = ScopeType.INHERIT)
    boolean json;

    @Option(names = "--lang", paramLabel = "vi|en", descriptionKey = "option.lang", scope = ScopeType.INHERIT)
    private @Nullable String lang;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            descriptionKey = "option.help",
            scope = ScopeType.INHERIT)
    @SuppressWarnings("UnusedVariable") // picocli looks at it: usage instead of the command.
    private boolean help;

    Root(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        StringWriter text = new StringWriter();
        PrintWriter lines = new PrintWriter(text);
        HelpCommand.print(this, lines);
        lines.flush();
        HelpCommand.say(this, text.toString());
    }

    Surroundings surroundings() {
        return surroundings;
    }

    PrintWriter out() {
        return surroundings.out();
    }

    /** Where words go that are not the result: with {@code --json} the result alone is on standard output. */
    PrintWriter words() {
        return json ? surroundings.err() : surroundings.out();
    }

    Catalogue catalogue() {
        Catalogue chosen = catalogue;
        if (chosen == null) {
            chosen = Catalogue.in(language(Optional.ofNullable(lang)));
            catalogue = chosen;
        }
        return chosen;
    }

    private Language language(Optional<String> option) {
        return Language.choose(option, surroundings.language(), configured().flatMap(NodeConfig::language));
    }

    /** The node's configuration, where it can be read and is good; a command that needs it says what is wrong with it itself. */
    Optional<NodeConfig> configured() {
        try {
            Path file = data().resolve(ConfigReader.FILE);
            if (Files.isReadable(file) && Files.size(file) <= ConfigReader.BYTES_MAX) {
                return ConfigReader.read(Files.readString(file), data()) instanceof ConfigReader.Outcome.Read read
                        ? Optional.of(read.config())
                        : Optional.empty();
            }
        } catch (IOException | InvalidPathException unreadable) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** The language for an error before options were understood: looks for {@code --lang} by itself. */
    static Catalogue catalogue(String[] arguments, Surroundings surroundings) {
        Optional<String> option = Optional.empty();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].startsWith("--lang=")) {
                option = Optional.of(arguments[i].substring("--lang=".length()));
            } else if (arguments[i].equals("--lang") && i + 1 < arguments.length) {
                option = Optional.of(arguments[i + 1]);
            }
        }
        return Catalogue.in(Language.choose(option, surroundings.language(), Optional.empty()));
    }

    /** The same for a line that could not be understood: {@code --lang} may stand where the parser did not come to. */
    Catalogue catalogue(String[] arguments) {
        Catalogue guessed = catalogue(arguments, surroundings);
        return lang == null && List.of(arguments).stream().noneMatch(word -> word.startsWith("--lang"))
                ? catalogue()
                : guessed;
    }

    /** Prints a text of the catalogue as a line for people. */
    void say(String key, Object... arguments) {
        words().println(catalogue().text(key, arguments));
        words().flush();
    }

    String text(String key, Object... arguments) {
        return catalogue().text(key, arguments);
    }

    /** The data folder: {@code --data}, else {@code LIENTHONG_DATA}, else the installed default; absolute, need not exist. */
    Path data() {
        String named = data != null ? data : surroundings.data().orElse(DEFAULT_DATA);
        return surroundings.folder().resolve(named).normalize();
    }

    /** A path of an argument. */
    Path path(String argument) {
        return surroundings.folder().resolve(argument).normalize();
    }

    /** A file to read; {@code NO_INPUT}, {@code FILE_NOT_READABLE}. */
    Path input(String argument) throws Refused {
        Path path = path(argument);
        if (!Files.exists(path)) {
            throw new Refused(ErrorCode.NO_INPUT, "{0}", path);
        }
        if (Files.isDirectory(path)) {
            throw new Refused(ErrorCode.NO_INPUT, "{0} is a folder, not a file", path);
        }
        if (!Files.isReadable(path)) {
            throw new Refused(ErrorCode.FILE_NOT_READABLE, "{0}", path);
        }
        return path;
    }

    /** The text of a file; {@code SYNTAX} when it is not UTF-8, as a file of another kind is not. */
    static String text(Path file) throws Refused, IOException {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException binary) {
            throw new Refused(ErrorCode.SYNTAX, "{0} is not a text in UTF-8", file);
        }
    }

    /** A file to write, which must not exist; {@code OUTPUT_EXISTS}, {@code NO_INPUT} when its folder is not there. */
    Path output(String argument) throws Refused {
        Path path = path(argument);
        if (Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            throw new Refused(ErrorCode.OUTPUT_EXISTS, "{0}", path);
        }
        Path folder = path.getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new Refused(ErrorCode.NO_INPUT, "folder {0}", folder);
        }
        return path;
    }
}
