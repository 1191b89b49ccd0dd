package lienthong.gateway.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoryTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private long nanos = 5_000_000_000L;
    private final Story story =
            new Story(new PrintStream(said, true, StandardCharsets.UTF_8), LabTexts.in(Language.ENGLISH), () -> nanos);

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private void keepAllBut(Promise broken) {
        for (Promise promise : Promise.values()) {
            if (promise != broken) {
                story.promise(promise, true);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Promise.class)
    void oneBrokenPromiseIsNamedAndBreaksTheWhole(Promise broken) {
        keepAllBut(broken);
        story.promise(broken, false);
        story.summary();
        assertThat(story.allHeld()).isFalse();
        assertThat(said().strip().lines().reduce((first, last) -> last).orElseThrow())
                .contains("broken")
                .contains(broken.word());
        assertThat(story.json().get("ok").getAsBoolean()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Promise.class)
    void aPromiseThatWasNotShownDidNotHold(Promise silent) {
        keepAllBut(silent);
        story.summary();
        assertThat(story.allHeld()).isFalse();
        assertThat(said()).contains("not shown").contains(silent.word());
        assertThat(story.json().getAsJsonObject("promises").get(silent.word()).getAsBoolean())
                .isFalse();
    }

    @Test
    void whatBrokeOnceStaysBroken() {
        keepAllBut(Promise.RELAYS_CANNOT_READ);
        story.promise(Promise.RELAYS_CANNOT_READ, false);
        story.promise(Promise.RELAYS_CANNOT_READ, true);
        assertThat(story.allHeld()).isFalse();
    }

    @Test
    void theObjectForMachinesNamesEveryPromise() {
        for (Promise promise : Promise.values()) {
            story.promise(promise, true);
        }
        nanos += 41_260_000_000L;
        JsonObject json = story.json();
        assertThat(json.keySet()).containsExactly("ok", "promises", "seconds");
        assertThat(json.get("ok").getAsBoolean()).isTrue();
        assertThat(json.get("seconds").getAsDouble()).isEqualTo(41.3);
        assertThat(json.getAsJsonObject("promises").keySet())
                .containsExactly(
                        "arrived_intact",
                        "receipts_home",
                        "path_tracked",
                        "resumes_after_kill",
                        "relays_cannot_read",
                        "evidence_verifies",
                        "altered_evidence_found",
                        "too_secret_refused",
                        "forged_refused",
                        "replay_refused",
                        "ran_to_the_end");
    }

    @Test
    void saysNothingOnceItIsSilenced() {
        story.silence();
        story.say("demo.serving");
        story.summary();
        assertThat(said()).isEmpty();
    }
}
