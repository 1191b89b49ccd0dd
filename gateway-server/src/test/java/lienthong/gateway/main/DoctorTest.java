package lienthong.gateway.main;

import static lienthong.gateway.main.ProcessProvince.DISTRICT;
import static lienthong.gateway.main.ProcessProvince.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import lienthong.gateway.api.OperatorDoor.Finding;
import lienthong.gateway.api.OperatorDoor.Grade;
import lienthong.gateway.api.OperatorDoor.Topic;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.text.Catalogue;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor}, with a node and without: what is wrong is found, named and comes with what to do, in both languages. */
class DoctorTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Instant NOW = Instant.parse("2026-11-24T04:00:00Z");

    @TempDir
    Path folder;

    private static JsonObject json(ProcessProvince.Ended ended) {
        return JsonParser.parseString(ended.out().strip()).getAsJsonObject();
    }

    private static List<JsonObject> findings(JsonObject answer, String topic) {
        return answer.getAsJsonArray("findings").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(one -> one.get("topic").getAsString().equals(topic))
                .toList();
    }

    private static boolean says(JsonObject answer, String topic, String grade, String words) {
        return findings(answer, topic).stream()
                .anyMatch(one -> one.get("grade").getAsString().equals(grade)
                        && one.get("detail").getAsString().contains(words));
    }

    @Test
    void aNodeThatRunsIsLookedAtThroughItsSocketAndOneThatDoesNotInItsFolder() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path data = province.data(HUB);
            Files.writeString(data.resolve("lienthong.yaml"), "node: \"A08\"\nlisten: \"127.0.0.1:1\"\n");
            province.start(HUB);
            province.start(DISTRICT);
            await().atMost(SOON)
                    .until(() -> says(json(province.run(HUB, "doctor")), "link", "good", DISTRICT.text() + ": up"));
            ProcessProvince.Ended well = province.run(HUB, "doctor");
            assertThat(well.code()).as(well.out()).isZero();
            JsonObject answer = json(well);
            assertThat(answer.get("running").getAsBoolean()).isTrue();
            assertThat(topics(answer))
                    .contains(
                            "node",
                            "clock_signed",
                            "clock_neighbour",
                            "disk_free",
                            "disk_quota",
                            "disk_sync",
                            "folder_modes",
                            "socket_modes",
                            "certificate",
                            "directory",
                            "link",
                            "store",
                            "versions");
            assertThat(says(answer, "versions", "good", "X25519MLKEM768")).isTrue();
            assertThat(province.words("vi_VN.UTF-8", HUB, "doctor")).doesNotContain("chi tiết kỹ thuật");

            assertThat(province.stop(DISTRICT)).isEmpty();
            await().atMost(SOON)
                    .until(() -> says(json(province.run(HUB, "doctor")), "link", "soon", DISTRICT.text() + ": down"));
            Files.setPosixFilePermissions(data.resolve("keys"), PosixFilePermissions.fromString("rwxr-xr-x"));
            ProcessProvince.Ended exposed = province.run(HUB, "doctor");
            assertThat(exposed.code()).isEqualTo(ErrorCode.FILE_EXPOSED.exitCode());
            assertThat(json(exposed).get("ok").getAsBoolean()).isFalse();
            assertThat(says(json(exposed), "folder_modes", "bad", "chmod 700")).isTrue();
            Files.setPosixFilePermissions(data.resolve("keys"), PosixFilePermissions.fromString("rwx------"));

            assertThat(province.stop(HUB)).isEmpty();
            ProcessProvince.Ended stopped = province.run(HUB, "doctor");
            assertThat(stopped.code()).as(stopped.out()).isZero();
            assertThat(json(stopped).get("running").getAsBoolean()).isFalse();
            assertThat(topics(json(stopped))).contains("configuration", "keys", "certificate", "directory");
            assertThat(findings(json(stopped), "node").get(0).get("name").getAsString())
                    .isEqualTo("NOT_RUNNING");
            assertThat(province.words("vi_VN.UTF-8", HUB, "doctor")).doesNotContain("chi tiết kỹ thuật");

            SignedTime.keep(RealDisk.at(data), Instant.parse("2036-01-01T00:00:00Z"));
            Files.writeString(data.resolve("lienthong.yaml"), "node: \"A08\"\nlisen: \"127.0.0.1:1\"\n");
            ProcessProvince.Ended behind = province.run(HUB, "doctor");
            assertThat(behind.code()).isEqualTo(ErrorCode.KEY_UNKNOWN.exitCode());
            assertThat(says(json(behind), "configuration", "bad", "did you mean listen"))
                    .isTrue();
            assertThat(says(json(behind), "clock_signed", "bad", "2036")).isTrue();
            assertThat(province.run(HUB, "clock", "accept").code()).isZero();
            assertThat(says(json(province.run(HUB, "doctor")), "clock_signed", "good", ""))
                    .isTrue();
        }
    }

    private static Set<String> topics(JsonObject answer) {
        Set<String> topics = new TreeSet<>();
        answer.getAsJsonArray("findings")
                .forEach(one -> topics.add(one.getAsJsonObject().get("topic").getAsString()));
        return topics;
    }

    @Test
    void aNodeThatWasKilledAndLeftItsSocketIsLookedAtInItsFolder() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            Path run = Files.createDirectory(province.data(HUB).resolve("run"));
            Files.createFile(run.resolve("api.sock"));
            assertThat(json(province.run(HUB, "doctor")).get("running").getAsBoolean())
                    .isFalse();
        }
    }

    @Test
    void certificatesAreBadAtTheirEndAndToBeSeenToAMonthBefore() {
        Map<String, Instant> ends = Map.of("tls", NOW.plus(Duration.ofDays(29)), "evidence", NOW);
        assertThat(Doctor.certificates(ends, NOW))
                .extracting(Finding::grade)
                .containsExactlyInAnyOrder(Grade.SOON, Grade.BAD);
        assertThat(Doctor.certificates(Map.of("tls", NOW.plus(Duration.ofDays(31))), NOW))
                .extracting(Finding::grade)
                .containsExactly(Grade.GOOD);
    }

    @Test
    void theClockIsBadBehindWhatWasSigned() {
        assertThat(Doctor.clock(NOW, Optional.of(NOW.plusSeconds(301))).grade()).isEqualTo(Grade.BAD);
        assertThat(Doctor.clock(NOW, Optional.of(NOW.plusSeconds(299))).grade()).isEqualTo(Grade.GOOD);
        assertThat(Doctor.clock(NOW, Optional.empty()).grade()).isEqualTo(Grade.GOOD);
    }

    @Test
    void everyTopicHasANameAndAnAdvice() {
        for (Language language : Language.values()) {
            for (Topic topic : Topic.values()) {
                assertThat(Catalogue.in(language).text("doctor." + topic)).isNotBlank();
                if (topic != Topic.NODE && topic != Topic.NOTE && topic != Topic.KEYS) {
                    assertThat(Catalogue.in(language).text("doctor.do." + topic))
                            .endsWith(".");
                }
            }
        }
    }
}
