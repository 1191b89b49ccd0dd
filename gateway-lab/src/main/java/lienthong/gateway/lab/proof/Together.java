package lienthong.gateway.lab.proof;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.proof.oracle.Breach;

/** {@code proof all}: every kind for its share of the time, one after the other, and one table at the end. Used by one thread. */
final class Together {
    /** Kind, strikes, accepted; the ways to break a promise and strikes that did not end well; seconds, result. */
    private static final String ROW = "%-9s %9s %11s" + " %6s".repeat(Breach.values().length + 1) + " %7s  %s";

    private final Collection<Kind> kinds;
    private final Kind.Setting setting;
    private final Heard heard;

    Together(Collection<Kind> kinds, Kind.Setting setting) {
        this.kinds = List.copyOf(kinds);
        this.heard = new Heard(setting.progress(), setting.texts());
        this.setting = setting;
    }

    /** Told of each kind that has come to its end; the folder is the kind's own. */
    interface Ended {
        /** Gives the kind's line of the book. */
        JsonObject verdict(Verdict verdict, Path folder) throws IOException, InterruptedException;
    }

    /**
     * A row of the table.
     *
     * @param line of the book; empty when the kind did not run
     * @param skipped why it did not
     */
    record Row(String kind, Optional<JsonObject> line, String skipped) {}

    /**
     * Runs them all. What one leaves of its share, and what it takes beyond, is shared by those that follow; each strikes at least once.
     *
     * @param cycles of each kind at most
     * @param minutes for all together, about: a kind whose share is over still settles and is judged
     */
    List<Row> run(long seed, long cycles, int minutes, Optional<Path> stop, Ended ended)
            throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
        long total = kinds.stream().mapToLong(Kind::share).sum();
        long weight = kinds.stream()
                .filter(kind -> !tooShort(kind, minutes, total))
                .mapToLong(Kind::share)
                .sum();
        List<Row> rows = new ArrayList<>();
        for (Kind kind : kinds) {
            if (stop.isPresent() && Files.exists(stop.get())) {
                rows.add(new Row(kind.name(), Optional.empty(), setting.texts().text("proof.all.stopped")));
                continue;
            }
            if (tooShort(kind, minutes, total)) {
                rows.add(new Row(
                        kind.name(),
                        Optional.empty(),
                        setting.texts().text("proof.all.too-short", kind.name(), kind.minutesMin())));
                continue;
            }
            long share = Math.max(0, until - System.nanoTime()) * kind.share() / weight;
            weight -= kind.share();
            Path folder = Files.createDirectories(setting.folder().resolve(kind.name()));
            heard.skipped = "";
            Optional<Verdict> verdict = ProofCommand.run(
                    kind,
                    setting.in(folder).telling(heard.out()),
                    seed,
                    Limit.lasting(cycles, share).stoppedBy(stop));
            rows.add(
                    verdict.isPresent()
                            ? new Row(kind.name(), Optional.of(ended.verdict(verdict.get(), folder)), "")
                            : new Row(kind.name(), Optional.empty(), heard.skipped));
        }
        return rows;
    }

    private static boolean tooShort(Kind kind, int minutes, long total) {
        return (long) minutes * kind.share() / total < kind.minutesMin();
    }

    static boolean isGood(List<Row> rows) {
        return rows.stream()
                .flatMap(row -> row.line().stream())
                .allMatch(line -> line.get("ok").getAsBoolean());
    }

    /** Whether anything ran at all. */
    static boolean isAny(List<Row> rows) {
        return rows.stream().anyMatch(row -> row.line().isPresent());
    }

    /** The object of {@code --json}. */
    static JsonObject json(List<Row> rows, long seed) {
        JsonArray ran = new JsonArray();
        JsonArray skipped = new JsonArray();
        for (Row row : rows) {
            if (row.line().isPresent()) {
                ran.add(row.line().get());
            } else {
                JsonObject one = new JsonObject();
                one.addProperty("kind", row.kind());
                one.addProperty("why", row.skipped());
                skipped.add(one);
            }
        }
        JsonObject all = new JsonObject();
        all.addProperty("seed", seed);
        all.addProperty("ok", isGood(rows));
        all.add("kinds", ran);
        all.add("skipped", skipped);
        return all;
    }

    /** The table for people. */
    static void print(List<Row> rows, PrintStream out, LabTexts texts) {
        List<String> head = List.of(texts.text("proof.all.columns").split("\\|", -1));
        out.println(String.format(Locale.ROOT, ROW, head.toArray()));
        for (Row row : rows) {
            if (row.line().isEmpty()) {
                out.println(String.format(Locale.ROOT, "%-9s %s", row.kind(), row.skipped()));
                continue;
            }
            JsonObject line = row.line().get();
            List<Object> cells = new ArrayList<>();
            cells.add(row.kind());
            cells.add(number(line, "struck"));
            cells.add(number(line, "accepted"));
            for (Breach breach : Breach.values()) {
                cells.add(number(line, breach.word()));
            }
            cells.add(number(line, "failed"));
            cells.add(number(line, "seconds"));
            cells.add(texts.text(line.get("ok").getAsBoolean() ? "proof.all.held" : "proof.all.broken"));
            out.println(String.format(Locale.ROOT, ROW, cells.toArray()));
        }
    }

    private static String number(JsonObject line, String name) {
        return String.format(Locale.ROOT, "%,d", line.get(name).getAsLong());
    }

    /** Passes on what a kind says, and keeps the sentence with which it says that this machine cannot. */
    private static final class Heard extends OutputStream {
        private final PrintStream progress;
        private final LabTexts texts;
        private final StringBuilder line = new StringBuilder();
        private String skipped = "";

        Heard(PrintStream progress, LabTexts texts) {
            this.progress = progress;
            this.texts = texts;
        }

        PrintStream out() {
            return new PrintStream(this, true, StandardCharsets.UTF_8);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            progress.write(bytes, from, length);
            line.append(new String(bytes, from, length, StandardCharsets.UTF_8));
            for (int end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
                String sentence = line.substring(0, end);
                if (texts.isText("proof.skipped", sentence) || texts.isText("proof.needs", sentence)) {
                    skipped = sentence;
                }
                line.delete(0, end + 1);
            }
        }

        @Override
        public void flush() {
            progress.flush();
        }
    }
}
