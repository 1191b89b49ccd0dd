package lienthong.gateway.lab.proof;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lienthong.gateway.lab.LabOptions;
import lienthong.gateway.lab.proof.oracle.Breach;

/** {@code proof report}: the book by kind, in all and on code that has not changed since. */
final class Report {
    /** A change in these makes older figures say nothing of today's code. */
    private static final List<String> JUDGED = List.of(
            "gateway-server/src/main/java/lienthong/gateway/store",
            "gateway-server/src/main/java/lienthong/gateway/delivery",
            "gateway-core/src/main/java/lienthong/gateway/link");

    private static final class Sum {
        private long runs;
        private long struck;
        private long accepted;
        private long breaches;
        private long struckSince;
        private long acceptedSince;
    }

    private Report() {}

    static int print(LabOptions options, PrintStream out) throws IOException, InterruptedException {
        Book book = new Book(LabOptions.home());
        Set<String> since = since(book);
        Map<String, Sum> kinds = new TreeMap<>();
        if (Files.exists(book.file())) {
            for (String text : Files.readAllLines(book.file())) {
                JsonObject line = JsonParser.parseString(text).getAsJsonObject();
                if (line.get("dirty").getAsBoolean()) {
                    continue;
                }
                Sum sum = kinds.computeIfAbsent(line.get("kind").getAsString(), kind -> new Sum());
                sum.runs++;
                sum.struck += line.get("struck").getAsLong();
                sum.accepted += line.get("accepted").getAsLong();
                sum.breaches += breaches(line);
                if (since.contains(line.get("commit").getAsString())) {
                    sum.struckSince += line.get("struck").getAsLong();
                    sum.acceptedSince += line.get("accepted").getAsLong();
                }
            }
        }
        if (options.isJson()) {
            out.println(json(kinds));
        } else if (kinds.isEmpty()) {
            out.println(options.texts().text("proof.report.none"));
        } else {
            table(options, kinds, out);
        }
        return 0;
    }

    /** Also a run that did not settle, whose evidence failed, or that broke off, has broken something. */
    static long breaches(JsonObject line) {
        long breaches = line.get("failed").getAsLong();
        for (Breach breach : Breach.values()) {
            breaches += line.get(breach.word()).getAsLong();
        }
        return line.get("ok").getAsBoolean() ? breaches : Math.max(1, breaches);
    }

    /** Commits whose code of store, delivery and link is today's. */
    private static Set<String> since(Book book) throws IOException, InterruptedException {
        List<String> last = new ArrayList<>(List.of("log", "-1", "--format=%H", "--"));
        last.addAll(JUDGED);
        List<String> changed = book.git(last.toArray(String[]::new));
        if (changed.isEmpty()) {
            return Set.of();
        }
        Set<String> commits = new HashSet<>(book.git("rev-list", changed.get(0) + "..HEAD"));
        commits.add(changed.get(0));
        return commits;
    }

    private static JsonObject json(Map<String, Sum> kinds) {
        JsonArray rows = new JsonArray();
        kinds.forEach((kind, sum) -> {
            JsonObject row = new JsonObject();
            row.addProperty("kind", kind);
            row.addProperty("runs", sum.runs);
            row.addProperty("struck", sum.struck);
            row.addProperty("accepted", sum.accepted);
            row.addProperty("breaches", sum.breaches);
            row.addProperty("struck_since_change", sum.struckSince);
            row.addProperty("accepted_since_change", sum.acceptedSince);
            rows.add(row);
        });
        JsonObject all = new JsonObject();
        all.add("kinds", rows);
        return all;
    }

    private static void table(LabOptions options, Map<String, Sum> kinds, PrintStream out) {
        var texts = options.texts();
        out.println(texts.text("proof.report.columns"));
        String row = "%-12s %6s %12s %14s %10s %12s %14s";
        out.println(String.format(
                Locale.ROOT,
                row,
                texts.text("proof.report.head"),
                texts.text("proof.report.runs"),
                texts.text("proof.report.struck"),
                texts.text("proof.report.accepted"),
                texts.text("proof.report.breaches"),
                texts.text("proof.report.struck"),
                texts.text("proof.report.accepted")));
        kinds.forEach((kind, sum) -> out.println(String.format(
                Locale.ROOT,
                "%-12s %6d %,12d %,14d %10d %,12d %,14d",
                kind,
                sum.runs,
                sum.struck,
                sum.accepted,
                sum.breaches,
                sum.struckSince,
                sum.acceptedSince)));
    }
}
