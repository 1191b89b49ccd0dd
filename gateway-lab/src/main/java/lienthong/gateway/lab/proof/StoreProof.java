package lienthong.gateway.lab.proof;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSyntaxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.process.JavaProcess;
import lienthong.gateway.lab.proof.store.StoreFlipsMain;
import lienthong.gateway.lab.proof.store.StoreJudgeMain;
import lienthong.gateway.lab.proof.store.StoreLifeMain;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.simulate.SimulationMain;

/** Strikes the store by itself with the tools of {@code proof/tools}, which need Python and Linux on x86_64. Used by one thread. */
final class StoreProof {
    /** {@code EX_UNAVAILABLE} of sysexits.h, a tool's word for: not on this machine. */
    private static final int UNAVAILABLE = 69;

    private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
    private static final int MESSAGES_SHOWN = 20;

    private final LabTexts texts;
    private final PrintStream progress;
    private final Path home;

    /** Classes that hide the product's. */
    private final List<Path> before;

    StoreProof(LabTexts texts, PrintStream progress, Path home) {
        this(texts, progress, home, List.of());
    }

    /**
     * The same strikes on a product that may be another.
     *
     * @param before folders of classes that hide the product's
     */
    StoreProof(LabTexts texts, PrintStream progress, Path home, List<Path> before) {
        this.before = List.copyOf(before);
        this.texts = texts;
        this.progress = progress;
        this.home = home;
    }

    /** What a tool found: how often it struck, and what it said of each strike that did not end well. */
    record Outcome(long struck, long failed, List<String> said) {
        Outcome {
            said = List.copyOf(said);
        }
    }

    /**
     * Opens the store from images that a power cut may have left.
     *
     * @return empty when the tool cannot work on this machine
     */
    Optional<Outcome> tear(long seed, long images, int steps, String model) throws IOException, InterruptedException {
        return run(List.of(
                tool("tornimage"),
                "--images",
                Long.toString(images),
                "--seed",
                Long.toString(seed),
                "--model",
                model,
                "--keep-going",
                "--json",
                "--serve",
                "exec " + words(java(StoreJudgeMain.class, "--serve")),
                "--",
                "exec " + words(java(StoreLifeMain.class, Long.toString(seed), Integer.toString(steps)))));
    }

    /**
     * Strikes at every system call of a short life.
     *
     * @param action {@code kill}, an error's name, or {@code short}
     * @param first the first call that is struck; every {@code step}th from there
     * @param after whether a kill falls behind the call instead of before it
     * @return empty when the tool cannot work on this machine
     */
    Optional<Outcome> syscall(long seed, int steps, String action, boolean after, int first, int step)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(tool("syscallkill"), "--action", action, "--json", "--keep-going"));
        if (action.equals("short")) {
            // Only a write can be cut short.
            command.addAll(List.of("--calls", "write,pwrite64"));
        }
        if (after) {
            command.add("--after");
        }
        String judge = "exec " + words(java(StoreJudgeMain.class));
        command.addAll(List.of(
                "--first",
                Integer.toString(first),
                "--step",
                Integer.toString(step),
                "--check",
                judge,
                "--",
                "exec " + words(java(StoreLifeMain.class, Long.toString(seed), Integer.toString(steps)))));
        return run(command);
    }

    /**
     * Flips bits of one life's files at rest.
     *
     * @param folder new or empty
     */
    Outcome flip(long seed, long flips, Path folder) throws IOException, InterruptedException {
        return run(java(StoreFlipsMain.class, Long.toString(seed), Long.toString(flips), folder.toString()))
                .orElseThrow(() -> new LabFailed("bits cannot be flipped on this machine"));
    }

    /** Runs so many seeds of the simulation, until one breaks a promise. */
    Outcome simulate(long first, int count) throws IOException, InterruptedException {
        return run(JavaProcess.command(
                        before,
                        SimulationMain.class.getName(),
                        List.of("-XX:+UseSerialGC", "-Xmx512m"),
                        List.of(Long.toString(first), Integer.toString(count))))
                .orElseThrow(() -> new LabFailed("the simulation cannot work on this machine"));
    }

    private String tool(String name) {
        return home.resolve("proof").resolve("tools").resolve(name).toString();
    }

    private List<String> java(Class<?> main, String... arguments) {
        return JavaProcess.command(before, main.getName(), JVM, List.of(arguments));
    }

    private static String words(List<String> command) {
        List<String> quoted = new ArrayList<>();
        command.forEach(word -> quoted.add("'" + word.replace("'", "'\\''") + "'"));
        return String.join(" ", quoted);
    }

    private Optional<Outcome> run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        List<String> said = new ArrayList<>();
        Optional<JsonObject> last = Optional.empty();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                last = object(line);
                if (last.isEmpty()) {
                    progress.println(line);
                    if (said.size() < MESSAGES_SHOWN) {
                        said.add(line);
                    }
                }
            }
        }
        int code = process.waitFor();
        if (code == UNAVAILABLE) {
            progress.println(texts.text("proof.skipped", String.join(" ", said)));
            return Optional.empty();
        }
        if (last.isEmpty() || code > 1) {
            throw new LabFailed(command.get(0) + " ended with " + code + ": " + String.join(" ", said));
        }
        JsonObject result = last.get();
        return Optional.of(new Outcome(
                result.get("cycles").getAsLong(), result.get("failed").getAsLong(), said));
    }

    private static Optional<JsonObject> object(String line) {
        try {
            return line.startsWith("{")
                    ? Optional.of(JsonParser.parseString(line).getAsJsonObject())
                    : Optional.empty();
        } catch (JsonSyntaxException text) {
            return Optional.empty();
        }
    }
}
