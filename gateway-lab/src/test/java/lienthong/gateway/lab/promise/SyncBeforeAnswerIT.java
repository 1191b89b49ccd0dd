package lienthong.gateway.lab.promise;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.province.Commands;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 1, watched from outside: strace stands between the nodes and the kernel and holds every fdatasync back, so that an answer which does not
 * wait for its own is seen before it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncBeforeAnswerIT {
    private static final String HUB = "A08";
    private static final String DISTRICT = "A08.02";

    @TempDir
    private static Path folder;

    private Province province;
    private String id;

    @BeforeAll
    void sendOneMessageUnderTheTracer() throws Exception {
        Optional<String> cannot = SystemCalls.cannotTrace(folder);
        Assumptions.assumeTrue(cannot.isEmpty(), () -> "SKIPPED: needs strace: " + cannot.orElse(""));
        province = Province.create(
                folder.resolve("p"),
                Path.of(System.getProperty("lienthong.root"), "samples", "network", "binh-dinh-2020.yaml"));
        List<String> jvm = DaemonOptions.shortLived(128);
        for (LabNode node : List.of(province.join(HUB, "", jvm), province.join(DISTRICT, HUB, jvm))) {
            node.startUnder(SystemCalls.tracer(trace(node.code())));
        }
        for (LabNode node : province.nodes()) {
            node.awaitServing();
        }
        Path document = Files.writeString(folder.resolve("bao-cao.txt"), "một báo cáo");
        // Until the hub's keys have come over the link, the district cannot seal for it.
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> accepted(document));
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> event("delivered").isPresent());
    }

    @AfterAll
    void stop() {
        if (province != null) {
            province.close();
        }
    }

    @Test
    void acceptedIsSaidAfterTheSyncOfItsRecordReturned() throws Exception {
        List<SystemCalls.Call> calls = SystemCalls.read(trace(DISTRICT));
        SystemCalls.Call synced = syncOfTheRecord(calls);
        SystemCalls.Call answer = calls.stream()
                .filter(call -> !call.isSync() && call.isOn("socket:") && call.carries(id))
                .findFirst()
                .orElseThrow();
        assertThat(answer.begun())
                .as("the answer began after the sync had ended")
                .isGreaterThan(synced.ended());
    }

    @Test
    void custodyIsSaidAfterTheSyncOfItsRecordReturned() throws Exception {
        SystemCalls.Call synced = syncOfTheRecord(SystemCalls.read(trace(HUB)));
        Instant heard = Instant.parse(event("custody").orElseThrow().get("at").getAsString());
        long syncedMillis = (long) Math.floor(synced.endedAt() * 1_000);
        assertThat(heard.toEpochMilli())
                .as("custody reached the origin after the relay's sync had ended")
                .isGreaterThanOrEqualTo(syncedMillis);
    }

    private boolean accepted(Path document) throws Exception {
        Commands.Answer sent = province.commands()
                .run("send", document.toString(), "--data", data(DISTRICT), "--to", HUB, "--subject", "Báo cáo");
        if (sent.exitCode() == 0) {
            id = sent.text("message_id");
        }
        return sent.exitCode() == 0;
    }

    /** The first sync of the log that began after the message's record was written; held back, so that its end is long after its begin. */
    private SystemCalls.Call syncOfTheRecord(List<SystemCalls.Call> calls) {
        SystemCalls.Call record = calls.stream()
                .filter(call -> !call.isSync() && call.isOn("/log/") && call.carries("id " + id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no write to the log carries the message's core"));
        return calls.stream()
                .filter(call -> call.isSync() && call.isOn("/log/") && call.begun() > record.ended())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no sync of the log followed the record"));
    }

    private Optional<JsonObject> event(String state) throws Exception {
        Commands.Answer tracked = province.commands().must("track", id, "--data", data(DISTRICT));
        for (JsonElement event : tracked.json().getAsJsonArray("events")) {
            if (event.getAsJsonObject().get("state").getAsString().equals(state)) {
                return Optional.of(event.getAsJsonObject());
            }
        }
        return Optional.empty();
    }

    private static Path trace(String code) {
        return folder.resolve(code + ".trace");
    }

    private String data(String code) {
        return province.node(code).data().toString();
    }
}
