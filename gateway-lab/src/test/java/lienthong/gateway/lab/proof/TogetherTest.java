package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.proof.oracle.Breach;
import lienthong.gateway.lab.proof.oracle.Findings;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TogetherTest {
    private static final LabTexts TEXTS = LabTexts.in(Language.ENGLISH);

    @TempDir
    Path folder;

    private interface Run {
        Optional<Verdict> once(Kind.Setting setting, long seed, Limit limit) throws IOException;
    }

    private record One(String name, int share, int minutesMin, Run run) implements Kind {
        @Override
        public int cycles() {
            return 1;
        }

        @Override
        public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException {
            return run.once(setting, seed, limit);
        }
    }

    private static One good(String name) {
        return new One(name, 1, 0, (setting, seed, limit) -> {
            long struck = 0;
            while (!limit.isReached(struck)) {
                struck++;
            }
            return Optional.of(Verdict.ofStore(name, seed, struck, 0, 1, List.of()));
        });
    }

    private List<Together.Row> run(List<Kind> kinds, Optional<Path> stop) throws Exception {
        Kind.Setting setting = new Kind.Setting(
                TEXTS,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                folder,
                folder,
                folder,
                List.of());
        return new Together(kinds, setting).run(7, 3, 20, stop, (verdict, own) -> {
            assertThat(own).isDirectory().isNotEqualTo(folder);
            JsonObject line = new JsonObject();
            verdict.into(line);
            return line;
        });
    }

    private static String table(List<Together.Row> rows) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Together.print(rows, new PrintStream(out, true, StandardCharsets.UTF_8), TEXTS);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everyKindHasItsRowAlsoTheOneThatCannotAndTheOneThatBreaksOff() throws Exception {
        One cannot = new One("power", 1, 0, (setting, seed, limit) -> {
            setting.progress().println(TEXTS.text("proof.skipped", "a loop device"));
            return Optional.empty();
        });
        One dies = new One("link", 1, 0, (setting, seed, limit) -> {
            throw new LabFailed("A08 does not serve");
        });
        List<Together.Row> rows = run(List.of(good("tear"), cannot, dies, good("kill")), Optional.empty());
        assertThat(rows).extracting(Together.Row::kind).containsExactly("tear", "power", "link", "kill");
        assertThat(rows.get(0).line().orElseThrow().get("struck").getAsLong()).isEqualTo(3);
        assertThat(rows.get(1).skipped()).isEqualTo(TEXTS.text("proof.skipped", "a loop device"));
        assertThat(Together.isGood(rows)).isFalse();
        assertThat(table(rows).lines().toList())
                .hasSize(5)
                .anyMatch(line -> line.startsWith("power") && line.contains("SKIPPED") && line.contains("loop"))
                .anyMatch(line -> line.startsWith("link") && line.endsWith("NOT HELD"))
                .anyMatch(line -> line.startsWith("kill") && line.endsWith("held"));
        JsonObject json = Together.json(rows, 7);
        assertThat(json.get("ok").getAsBoolean()).isFalse();
        assertThat(json.getAsJsonArray("kinds")).hasSize(3);
        assertThat(json.getAsJsonArray("skipped")).hasSize(1);
    }

    @Test
    void aBreachBreaksTheWholeAndStandsInItsColumn() throws Exception {
        One loses = new One("kill", 1, 0, (setting, seed, limit) -> {
            Findings findings = new Findings();
            findings.add(Breach.LOST, "1@A08", "accepted, no end");
            return Optional.of(new Verdict("kill", seed, 1, findings, 0, 0, 0, 0, 1, 0, List.of()));
        });
        List<Together.Row> rows = run(List.of(good("tear"), loses), Optional.empty());
        assertThat(Together.isGood(rows)).isFalse();
        assertThat(table(rows).lines().toList().get(2)).matches("kill +1 +0 +1 +0 .*");
        assertThat(Together.isGood(run(List.of(good("tear"), good("kill")), Optional.empty())))
                .isTrue();
    }

    @Test
    void aKindWhoseShareIsTooShortToProveAnythingSaysWhatItNeeds() throws Exception {
        One soak = new One("soak", 1, 30, (setting, seed, limit) -> {
            throw new LabFailed("must not run");
        });
        List<Together.Row> rows = run(List.of(good("tear"), soak), Optional.empty());
        assertThat(rows.get(1).line()).isEmpty();
        assertThat(rows.get(1).skipped()).startsWith("SKIPPED: needs 30 minutes");
        assertThat(Together.isGood(rows)).isTrue();
    }

    @Test
    void aFileEndsItBetweenTwoKinds() throws Exception {
        Path stop = folder.resolve("stop");
        One asked = new One("tear", 1, 0, (setting, seed, limit) -> {
            assertThat(limit.isReached(1)).isFalse();
            Files.writeString(stop, "");
            assertThat(limit.isReached(0)).as("before the first strike").isFalse();
            assertThat(limit.isReached(1)).isTrue();
            return Optional.of(Verdict.ofStore("tear", seed, 1, 0, 1, List.of()));
        });
        List<Together.Row> rows = run(List.of(asked, good("kill")), Optional.of(stop));
        assertThat(rows.get(0).line()).isPresent();
        assertThat(rows.get(1).line()).isEmpty();
        assertThat(rows.get(1).skipped()).isEqualTo(TEXTS.text("proof.all.stopped"));
    }

    @Test
    void timeAloneEndsNoRunThatHasNotStruckYet() {
        Limit over = Limit.lasting(10, -1);
        assertThat(over.isTimeUp()).isTrue();
        assertThat(over.isReached(0)).isFalse();
        assertThat(over.isReached(1)).isTrue();
        List<Long> struck = new ArrayList<>();
        for (long n = 0; !Limit.of(3, 0).isReached(n); n++) {
            struck.add(n);
        }
        assertThat(struck).hasSize(3);
    }
}
