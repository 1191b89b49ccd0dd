package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/reliability.md} says what the book says, and leaves no breach out. */
class ReliabilityTest {
    private static final Path ROOT = Path.of(System.getProperty("lienthong.root", "."));
    private static final Pattern TABLE = Pattern.compile("The book up to (\\S+):\\n\\n(\\|.*\\n)+");
    private static final Duration BEHIND_MAX = Duration.ofDays(30);
    private static final String AGAIN = "renew the table: ./lienthong proof report markdown";

    private final String page = Files.readString(ROOT.resolve("docs/reliability.md"));
    private final List<JsonObject> book = new Book(ROOT).lines();

    ReliabilityTest() throws Exception {}

    private static JsonObject line(String kind, String date, long struck, long lost, boolean dirty) {
        JsonObject line = JsonParser.parseString("{\"failed\":0,\"duplicated\":0,\"reordered\":0,\"corrupted\":0,"
                        + "\"phantom\":0,\"false_receipt\":0,\"wrong_refusal\":0,\"two_ends\":0,\"accepted\":7}")
                .getAsJsonObject();
        line.addProperty("kind", kind);
        line.addProperty("date", date);
        line.addProperty("commit", "0123456789abcdef");
        line.addProperty("struck", struck);
        line.addProperty("lost", lost);
        line.addProperty("ok", lost == 0);
        line.addProperty("dirty", dirty);
        return line;
    }

    private Matcher table() {
        Matcher table = TABLE.matcher(page);
        assertThat(table.find()).as(AGAIN).isTrue();
        return table;
    }

    @Test
    void theTableIsTheBooks() throws Exception {
        Matcher table = table();
        assertThat(table.group()).as(AGAIN).isEqualTo(Report.markdown(book, table.group(1)));
    }

    @Test
    void aBreachAfterTheTableIsNotLeftOutNorIsTheTableOld() {
        String until = table().group(1);
        for (JsonObject line : book) {
            String date = line.get("date").getAsString();
            if (!line.get("dirty").getAsBoolean() && date.compareTo(until) > 0) {
                assertThat(Report.breaches(line)).as(AGAIN + ": " + line).isZero();
                assertThat(Duration.between(Instant.parse(until), Instant.parse(date)))
                        .as(AGAIN)
                        .isLessThan(BEHIND_MAX);
            }
        }
    }

    @Test
    void countsFailedRunsAndLeavesDirtyOnesOut() throws Exception {
        List<JsonObject> lines = List.of(
                line("kill", "2026-11-01T00:00:00Z", 100, 0, false),
                line("kill", "2026-11-02T00:00:00Z", 50, 2, false),
                line("kill", "2026-11-03T00:00:00Z", 1_000, 0, true),
                line("kill", "2026-11-04T00:00:00Z", 9_000, 0, false));
        assertThat(Report.markdown(lines, "2026-11-03T00:00:00Z"))
                .startsWith("The book up to 2026-11-03T00:00:00Z:\n\n| kind |")
                .endsWith("| `kill` | 2 | 150 | 1.5 % of 10,000 | 14 | 2 | 2026-11-01 | 2026-11-02 | `0123456789` |\n");
    }
}
