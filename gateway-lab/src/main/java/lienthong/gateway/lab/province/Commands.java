package lienthong.gateway.lab.province;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import lienthong.gateway.lab.process.JavaProcess;
import lienthong.gateway.text.Language;

/** Runs commands of {@code lienthong} as processes of their own and reads the object on their last line. Thread-safe. */
public final class Commands {
    private static final Duration BOUND = Duration.ofMinutes(2);

    /** Commands end before a better compiler or collector would pay; as the launcher starts them. */
    private static final List<String> JVM_OPTIONS =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

    private final Path logs;
    private final Language language;
    private final AtomicInteger count = new AtomicInteger();

    /**
     * @param logs folder for what the commands print
     * @param language of their texts
     */
    public Commands(Path logs, Language language) {
        this.logs = logs;
        this.language = language;
    }

    /**
     * What a command said.
     *
     * @param exitCode of the process
     * @param json last line of standard output, empty object when there is none
     * @param error standard error
     */
    public record Answer(int exitCode, JsonObject json, String error) {
        /** A field of the answer; the words of a list are joined by blanks. */
        public String text(String name) {
            JsonElement value = json.get(name);
            if (value == null || value.isJsonNull()) {
                throw new LabFailed("the command's answer has no " + name + ": " + json);
            }
            return value.isJsonArray()
                    ? StreamSupport.stream(value.getAsJsonArray().spliterator(), false)
                            .map(JsonElement::getAsString)
                            .collect(Collectors.joining(" "))
                    : value.getAsString();
        }

        /** Whether the command ended with this numbered error, by its name. */
        public boolean isRefusedWith(String name) {
            return exitCode != 0
                    && json.has("error")
                    && json.getAsJsonObject("error").get("name").getAsString().equals(name);
        }

        /** The sentence that a refused command ends with. */
        public String sentence() {
            String said = error.strip();
            String last = said.substring(said.lastIndexOf('\n') + 1);
            return last.startsWith("lienthong: ") ? last.substring("lienthong: ".length()) : last;
        }
    }

    /** Runs a command with {@code --json}; any exit code is an answer. */
    public Answer run(String... words) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--json", "--lang", language.code()));
        Path log = logs.resolve(String.format(Locale.ROOT, "%03d-%s", count.incrementAndGet(), words[0]));
        JavaProcess process = JavaProcess.start(
                "lienthong.gateway.main.Main", JVM_OPTIONS, arguments, Map.of("LC_ALL", "C.UTF-8"), log);
        int exitCode;
        try {
            exitCode = process.await(BOUND);
        } catch (IllegalStateException runsOn) {
            process.kill();
            // What it said last, not where: the folder goes with the end of the lab.
            throw new LabFailed(
                    "lienthong " + String.join(" ", words) + " did not end within " + BOUND.toSeconds() + " s"
                            + process.standardError()
                                    .strip()
                                    .lines()
                                    .reduce((first, last) -> last)
                                    .map(": "::concat)
                                    .orElse(""),
                    runsOn);
        }
        return new Answer(exitCode, lastObject(process.standardOutput()), process.standardError());
    }

    private static JsonObject lastObject(String output) {
        String out = output.strip();
        String last = out.substring(out.lastIndexOf('\n') + 1);
        try {
            return last.startsWith("{") ? JsonParser.parseString(last).getAsJsonObject() : new JsonObject();
        } catch (JsonSyntaxException cut) {
            return new JsonObject();
        }
    }

    /** Runs a command that must succeed. */
    public Answer must(String... words) throws IOException, InterruptedException {
        Answer answer = run(words);
        if (answer.exitCode() != 0) {
            throw new LabFailed("lienthong " + String.join(" ", words) + " ended with " + answer.exitCode() + ": "
                    + answer.sentence() + " " + answer.json());
        }
        return answer;
    }
}
