package lienthong.gateway.lab.proof;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.province.LabFailed;

/** {@code proof/ledger.jsonl} of the checkout: one line per run, appended, never edited. Used by one thread. */
final class Book {
    private final Path home;

    Book(Path home) {
        this.home = home;
    }

    Path file() {
        return home.resolve("proof").resolve("ledger.jsonl");
    }

    /** The line of a run that took place in {@code where}. */
    JsonObject line(Verdict verdict, Path where) throws IOException, InterruptedException {
        JsonObject line = new JsonObject();
        line.addProperty("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        line.addProperty("commit", String.join("", git("rev-parse", "HEAD")));
        // The book itself grows with every run: that makes no other product of the checkout.
        line.addProperty(
                "dirty", git("status", "--porcelain").stream().anyMatch(file -> !file.endsWith(" proof/ledger.jsonl")));
        verdict.into(line);
        line.addProperty("cores", Runtime.getRuntime().availableProcessors());
        line.addProperty("kernel", System.getProperty("os.version"));
        line.addProperty("fs", Files.getFileStore(where).type());
        line.addProperty("version", "0.1.0");
        return line;
    }

    /** All lines, oldest first. */
    List<JsonObject> lines() throws IOException {
        if (!Files.exists(file())) {
            return List.of();
        }
        return Files.readAllLines(file()).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    void append(JsonObject line) throws IOException {
        Files.createDirectories(home.resolve("proof"));
        Files.writeString(
                file(), line + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Whether the checkout knows this commit; a shallow one may not. */
    boolean has(String commit) throws IOException, InterruptedException {
        return tell("cat-file", "-e", commit + "^{commit}").isPresent();
    }

    /** What git prints, a line each. */
    List<String> git(String... words) throws IOException, InterruptedException {
        return tell(words)
                .orElseThrow(() -> new LabFailed("git " + String.join(" ", words) + " says nothing of " + home
                        + ": a proof counts only for a commit"));
    }

    private Optional<List<String>> tell(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git", "-C", home.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        List<String> lines;
        try (InputStream in = process.getInputStream()) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        return process.waitFor() == 0 ? Optional.of(lines) : Optional.empty();
    }
}
