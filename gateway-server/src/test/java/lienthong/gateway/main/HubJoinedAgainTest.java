package lienthong.gateway.main;

import static lienthong.gateway.main.ProcessProvince.DISTRICT;
import static lienthong.gateway.main.ProcessProvince.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub that has lost disk and keys and joined again is met by who dials it, though no directory there names its new keys yet. */
class HubJoinedAgainTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void whoDialsAHubThatHasJoinedAgainLearnsItsNewKeysFromItself() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path letter = Files.writeString(folder.resolve("letter"), "công văn");
            province.start(HUB);
            province.start(DISTRICT);
            await().atMost(SOON)
                    .until(() -> province.run(DISTRICT, "send", "--to", HUB.text(), letter.toString())
                                    .code()
                            == 0);
            assertThat(province.stop(DISTRICT)).isEmpty();
            assertThat(province.stop(HUB)).isEmpty();
            province.loseDiskAndJoinAgain(HUB);

            province.start(HUB);
            province.start(DISTRICT);
            await().atMost(SOON)
                    .until(() -> JsonParser.parseString(
                                            province.run(HUB, "status").out().strip())
                                    .getAsJsonObject()
                                    .get("waiting")
                                    .getAsLong()
                            == 1);
        }
    }
}
