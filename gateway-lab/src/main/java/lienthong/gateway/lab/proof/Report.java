package lienthong.gateway.lab.proof;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import lienthong.gateway.lab.LabOptions;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.proof.oracle.Breach;

/**
 * {@code proof report}: the book by kind, in all and on today's code, because an old figure does not prove new code; and the table of
 * {@code docs/reliability.md}. Lines of a tree with changes do not count; failed runs do.
 */
final class Report {
    /** A change in these makes older figures say nothing of today's code. */
    private static final List<String> JUDGED = List.of(
            "gateway-server/src/main/java/lienthong/gateway/store",
            "gateway-server/src/main/java/lienthong/gateway/delivery",
            "gateway-core/src/main/java/lienthong/gateway/link");

    /** Strikes that a kind is to have stood without a breach. */
    static final Map<String, Long> TARGETS = Map.ofEntries(
            Map.entry("kill", 10_000L),
            Map.entry("power", 5_000L),
            Map.entry("tear", 1_000_000L),
            Map.entry("flip", 50_000L),
            Map.entry("ioerror", 2_000L),
            Map.entry("full", 1_000L),
            Map.entry("link", 1_500L),
            Map.entry("clock", 500L),
            Map.entry("hubloss", 200L),
            Map.entry("destloss", 200L),
            Map.entry("restore", 500L),
            Map.entry("storm", 200L),
            Map.entry("replay", 1_000_000L),
            Map.entry("simulate", 200_000L));

    /** Of one kind. */
    private static final class Sum {
        private long runs;
        private long struck;
        private long accepted;
        private long breaches;
        private long runsToday;
        private long struckToday;
        private long acceptedToday;
        private long breachesToday;
        private String first = "";
        private String last = "";
        private String commit = "";
    }

    /** Whether a commit's code of store, delivery and link is today's. */
    interface Today {
        boolean is(String commit) throws IOException, InterruptedException;
    }

    private Report() {}

    static int print(LabOptions options, PrintStream out) throws IOException, InterruptedException {
        Book book = new Book(LabOptions.home());
        List<JsonObject> lines = book.lines();
        if (options.words().size() > 1) {
            out.print(markdown(lines, lines.isEmpty() ? "" : date(lines.get(lines.size() - 1))));
            return 0;
        }
        Map<String, Sum> kinds = sums(lines, today(book));
        if (options.isJson()) {
            out.println(json(kinds));
        } else if (kinds.isEmpty()) {
            out.println(options.texts().text("proof.report.none"));
        } else {
            table(options.texts(), kinds, out);
        }
        return 0;
    }

    private static Map<String, Sum> sums(List<JsonObject> lines, Today today) throws IOException, InterruptedException {
        Map<String, Sum> kinds = new TreeMap<>();
        for (JsonObject line : lines) {
            if (line.get("dirty").getAsBoolean()) {
                continue;
            }
            Sum sum = kinds.computeIfAbsent(line.get("kind").getAsString(), kind -> new Sum());
            String commit = line.get("commit").getAsString();
            long struck = line.get("struck").getAsLong();
            long accepted = line.get("accepted").getAsLong();
            sum.runs++;
            sum.struck += struck;
            sum.accepted += accepted;
            sum.breaches += breaches(line);
            sum.first = sum.first.isEmpty() ? date(line) : sum.first;
            sum.last = date(line);
            sum.commit = commit.substring(0, Math.min(10, commit.length()));
            if (today.is(commit)) {
                sum.runsToday++;
                sum.struckToday += struck;
                sum.acceptedToday += accepted;
                sum.breachesToday += breaches(line);
            }
        }
        return kinds;
    }

    private static String date(JsonObject line) {
        return line.get("date").getAsString();
    }

    /** Also a run that did not settle, whose evidence failed, or that broke off, has broken something. */
    static long breaches(JsonObject line) {
        long breaches = line.get("failed").getAsLong();
        for (Breach breach : Breach.values()) {
            breaches += line.get(breach.word()).getAsLong();
        }
        return line.get("ok").getAsBoolean() ? breaches : Math.max(1, breaches);
    }

    /** Asks git for the trees, not for the order of commits: what was merged meanwhile may lie beside. */
    private static Today today(Book book) throws IOException, InterruptedException {
        List<String> now = trees(book, "HEAD");
        Map<String, Boolean> known = new HashMap<>();
        return commit -> {
            Boolean is = known.get(commit);
            if (is == null) {
                is = book.has(commit) && trees(book, commit).equals(now);
                known.put(commit, is);
            }
            return is;
        };
    }

    private static List<String> trees(Book book, String commit) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("ls-tree", "-d", commit, "--"));
        words.addAll(JUDGED);
        return book.git(words.toArray(String[]::new));
    }

    /**
     * The table of {@code docs/reliability.md}, which a test compares with the book.
     *
     * @param until date of the last line that counts
     */
    static String markdown(List<JsonObject> lines, String until) throws IOException, InterruptedException {
        List<JsonObject> counted =
                lines.stream().filter(line -> date(line).compareTo(until) <= 0).toList();
        StringBuilder out = new StringBuilder("The book up to " + until + ":\n\n");
        out.append("| kind | runs | strikes | of target | accepted | breaches | from | to | last commit |\n");
        out.append("|---|--:|--:|--:|--:|--:|---|---|---|\n");
        sums(counted, commit -> false)
                .forEach((kind, sum) -> out.append(String.format(
                        Locale.ROOT,
                        "| `%s` | %,d | %,d | %s | %,d | %,d | %s | %s | `%s` |%n",
                        kind,
                        sum.runs,
                        sum.struck,
                        share(kind, sum.struck),
                        sum.accepted,
                        sum.breaches,
                        day(sum.first),
                        day(sum.last),
                        sum.commit)));
        return out.toString();
    }

    private static String day(String date) {
        return date.substring(0, Math.min(10, date.length()));
    }

    private static String share(String kind, long struck) {
        Long target = TARGETS.get(kind);
        return target == null
                ? "-"
                : String.format(Locale.ROOT, "%.1f %% of %,d", Math.min(100.0, 100.0 * struck / target), target);
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
            row.addProperty("runs_since_change", sum.runsToday);
            row.addProperty("struck_since_change", sum.struckToday);
            row.addProperty("accepted_since_change", sum.acceptedToday);
            row.addProperty("breaches_since_change", sum.breachesToday);
            Long target = TARGETS.get(kind);
            if (target != null) {
                row.addProperty("target", target);
            }
            rows.add(row);
        });
        JsonObject all = new JsonObject();
        all.add("kinds", rows);
        return all;
    }

    private static void table(LabTexts texts, Map<String, Sum> kinds, PrintStream out) {
        out.println(texts.text("proof.report.columns"));
        String runs = texts.text("proof.report.runs");
        String struck = texts.text("proof.report.struck");
        String accepted = texts.text("proof.report.accepted");
        String breaches = texts.text("proof.report.breaches");
        out.println(String.format(
                Locale.ROOT,
                "%-10s %8s %11s %13s %9s | %8s %11s %13s %9s | %s",
                texts.text("proof.report.head"),
                runs,
                struck,
                accepted,
                breaches,
                runs,
                struck,
                accepted,
                breaches,
                texts.text("proof.report.target")));
        kinds.forEach((kind, sum) -> out.println(String.format(
                Locale.ROOT,
                "%-10s %,8d %,11d %,13d %,9d | %,8d %,11d %,13d %,9d | %s",
                kind,
                sum.runs,
                sum.struck,
                sum.accepted,
                sum.breaches,
                sum.runsToday,
                sum.struckToday,
                sum.acceptedToday,
                sum.breachesToday,
                share(kind, sum.struckToday))));
    }
}
