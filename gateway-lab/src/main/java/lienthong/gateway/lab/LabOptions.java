package lienthong.gateway.lab;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.cli.Cli;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.text.Catalogue;
import lienthong.gateway.text.Language;
import lienthong.gateway.text.Nearest;

/** Words and options of a lab command: {@code WORD… --name VALUE… --json --lang vi|en --help}. Immutable. */
public final class LabOptions {
    private final List<String> words;
    private final Map<String, String> values;
    private final boolean json;
    private final boolean help;
    private final Language language;

    private LabOptions(List<String> words, Map<String, String> values, boolean json, boolean help, Language language) {
        this.words = List.copyOf(words);
        this.values = Map.copyOf(values);
        this.json = json;
        this.help = help;
        this.language = language;
    }

    /**
     * Reads a command line; empty, with one sentence on {@code err} (and with {@code --json} an object on {@code out}), when it has a fault: the command then ends with the exit code of
     * {@link ErrorCode#USAGE}.
     *
     * @param names options with a value that the command has beside the common ones, without their dashes
     */
    public static Optional<LabOptions> parse(String[] arguments, PrintStream out, PrintStream err, String... names) {
        Language language = Language.choose(after(arguments, "--lang"), environmentLanguage(), Optional.empty());
        List<String> known = new ArrayList<>(List.of("--json", "--lang", "--help"));
        for (String name : names) {
            known.add("--" + name);
        }
        List<String> words = new ArrayList<>();
        Map<String, String> values = new HashMap<>();
        boolean json = false;
        boolean help = false;
        for (int i = 0; i < arguments.length; i++) {
            String[] split = arguments[i].split("=", 2);
            String option = split[0];
            if (!option.startsWith("-")) {
                words.add(arguments[i]);
            } else if (arguments[i].equals("--json")) {
                json = true;
            } else if (arguments[i].equals("--help") || arguments[i].equals("-h")) {
                help = true;
            } else if (!known.contains(option) || option.equals("--json") || option.equals("--help")) {
                String near = Nearest.of(option, known).orElse(String.join(" ", known));
                return wrong(arguments, out, err, language, option + "; " + near + "?");
            } else if (split.length == 1 && i + 1 == arguments.length) {
                return wrong(arguments, out, err, language, option + " VALUE");
            } else {
                String value = split.length == 2 ? split[1] : arguments[++i];
                Optional<String> fault = fault(option, value);
                if (fault.isPresent()) {
                    return wrong(arguments, out, err, language, fault.get());
                }
                values.put(option.substring(2), value);
            }
        }
        return Optional.of(new LabOptions(words, values, json, help, language));
    }

    private static Optional<LabOptions> wrong(
            String[] arguments, PrintStream out, PrintStream err, Language language, String detail) {
        boolean json = List.of(arguments).contains("--json");
        int unused = refuse(out, err, json, language, Refusal.of(ErrorCode.USAGE, "{0}", detail));
        return Optional.empty();
    }

    private static int refuse(PrintStream out, PrintStream err, boolean json, Language language, Refusal why) {
        return Cli.refuse(
                new PrintWriter(out, true, StandardCharsets.UTF_8),
                new PrintWriter(err, true, StandardCharsets.UTF_8),
                json,
                Catalogue.in(language),
                why);
    }

    /** Says why the command ends, as every command of the product does; gives the exit code. */
    public int refuse(PrintStream out, PrintStream err, Refusal why) {
        return refuse(out, err, json, language, why);
    }

    /** What the command does: in words, with {@code --json} also as the object on the last line; exit code 0. */
    public int help(PrintStream out, PrintStream err, String text) {
        (json ? err : out).println(text);
        if (json) {
            JsonObject object = new JsonObject();
            object.addProperty("ok", true);
            object.addProperty("help", text);
            out.println(object);
        }
        return 0;
    }

    private static Optional<String> fault(String option, String value) {
        if (option.equals("--lang") && Language.of(value).isEmpty()) {
            return Optional.of("--lang vi|en: " + value);
        }
        if ((option.equals("--seconds") || option.equals("--warm-up")) && !value.matches("[0-9]{1,5}")) {
            return Optional.of(option + " SECONDS: " + value);
        }
        if (option.equals("--minutes") && !value.matches("[1-9][0-9]{0,5}")) {
            return Optional.of(option + " MINUTES: " + value);
        }
        if (option.equals("--seeds") && !value.matches("[0-9]{1,17}\\.\\.[0-9]{1,17}")) {
            return Optional.of(option + " A..B: " + value);
        }
        if (option.equals("--seed") && !value.matches("-?[0-9]{1,18}")) {
            return Optional.of(option + " N: " + value);
        }
        if ((option.equals("--messages") || option.equals("--cycles")) && !value.matches("[1-9][0-9]{0,11}")) {
            return Optional.of(option + " N: " + value);
        }
        if (value.isEmpty() || value.startsWith("--")) {
            return Optional.of(option + " VALUE");
        }
        return Optional.empty();
    }

    private static Optional<String> after(String[] arguments, String option) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].startsWith(option + "=")) {
                return Optional.of(arguments[i].substring(option.length() + 1));
            }
            if (arguments[i].equals(option) && i + 1 < arguments.length) {
                return Optional.of(arguments[i + 1]);
            }
        }
        return Optional.empty();
    }

    private static String environmentLanguage() {
        return Stream.of("LC_ALL", "LC_MESSAGES", "LANG")
                .map(name -> System.getenv().getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
    }

    public List<String> words() {
        return words;
    }

    public boolean isJson() {
        return json;
    }

    /** Whether the command is only asked what it does. */
    public boolean isHelp() {
        return help;
    }

    public Language language() {
        return language;
    }

    /** What the lab's commands say, in the language asked for. */
    public LabTexts texts() {
        return LabTexts.in(language);
    }

    /** An option's value as given. */
    public Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    public int number(String name, int otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    /** The checkout the launcher was called from. */
    public static Path home() {
        String home = System.getProperty("lienthong.home", "");
        if (home.isEmpty()) {
            throw new LabFailed("start this through ./lienthong: it says where the checkout is");
        }
        return Path.of(home);
    }

    /** The reference network of 2020. */
    public Path networkFile() {
        return home().resolve("samples").resolve("network").resolve("binh-dinh-2020.yaml");
    }

    /** Whether what the run leaves behind is kept. */
    public boolean isKept() {
        return values.containsKey("keep");
    }

    /**
     * A folder for the run, readable by this user alone: {@code --keep DIR}, which must be new or empty, or one that {@link #tidy} removes.
     */
    public Path folder(String name) throws IOException {
        String keep = values.get("keep");
        if (keep == null) {
            return Files.createTempDirectory("lienthong-" + name + "-");
        }
        Path folder = Path.of(keep).toAbsolutePath().normalize();
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new LabFailed(texts().text("options.keep-file", folder));
        }
        if (!Files.exists(folder)) {
            Path parent = folder.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        try (Stream<Path> inside = Files.list(folder)) {
            if (inside.findAny().isPresent()) {
                throw new LabFailed(texts().text("options.keep-full", folder));
            }
        }
        return folder;
    }

    /** Removes the folder of a run that is not kept. */
    public void tidy(Path folder) throws IOException {
        if (isKept() || !Files.exists(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> tree = Files.walk(folder)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path one : all) {
            Files.deleteIfExists(one);
        }
    }
}
