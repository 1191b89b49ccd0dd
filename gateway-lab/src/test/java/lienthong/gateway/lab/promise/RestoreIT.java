package lienthong.gateway.lab.promise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.province.Commands;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.proto.gateway.v1.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threat T19 and promise 1 with real processes: a backup under traffic, a killed node, a restored folder that first refuses and then goes on. */
class RestoreIT {
    private static final List<String> JVM = DaemonOptions.shortLived(128);
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String HUB = "A08";
    private static final String DISTRICT = "A08.02";

    @TempDir
    Path folder;

    private Path letter;
    private Province province;

    private String send(LabNode from, String to) throws Exception {
        return province.commands()
                .must(
                        "send",
                        "--to",
                        to,
                        letter.toString(),
                        "--data",
                        from.data().toString())
                .text("message_id");
    }

    /** Takes what waits, by message id: whether it was marked as perhaps handed over before. */
    private Map<String, Boolean> receive(LabNode at, String out, int max) throws Exception {
        Commands.Answer answer = province.commands()
                .must(
                        "receive",
                        "--out",
                        folder.resolve(out).toString(),
                        "--max",
                        Integer.toString(max),
                        "--wait",
                        "10s",
                        "--data",
                        at.data().toString());
        Map<String, Boolean> got = new HashMap<>();
        for (JsonElement one : answer.json().getAsJsonArray("messages")) {
            JsonObject message = one.getAsJsonObject();
            got.put(
                    message.get("message_id").getAsString(),
                    message.get("redelivered").getAsBoolean());
        }
        return got;
    }

    private static void awaitWaiting(LabNode node, int count) {
        await().atMost(SOON).until(() -> node.status().getNode().getWaiting() >= count);
    }

    @Test
    void whatWasAcknowledgedBeforeTheBackupStaysAndWhatIsMissingAfterItIsSaidAndComesAgain() throws Exception {
        try (Province made = Province.create(
                folder.resolve("p"),
                Path.of(System.getProperty("lienthong.root"), "samples", "network", "binh-dinh-2020.yaml"))) {
            province = made;
            letter = Files.writeString(folder.resolve("letter.txt"), "công văn");
            LabNode hub = province.join(HUB, "", JVM);
            LabNode district = province.join(DISTRICT, HUB, JVM);
            hub.start();
            district.start();
            hub.awaitServing();
            district.awaitServing();
            await().atMost(SOON)
                    .until(() -> district.status().getNode().getNeighbours(0).getConnected());

            Set<String> accepted = new HashSet<>();
            String first = send(district, HUB);
            accepted.add(first);
            String own = send(hub, DISTRICT);
            awaitWaiting(hub, 1);
            Path backup = folder.resolve("backup");
            ExecutorService flow = Executors.newSingleThreadExecutor();
            Future<List<String>> flowing = flow.submit(() -> {
                List<String> ids = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    ids.add(send(district, HUB));
                }
                return ids;
            });
            Commands.Answer copied = province.commands()
                    .must("backup", backup.toString(), "--data", hub.data().toString());
            assertThat(copied.json().get("running").getAsBoolean()).isTrue();
            accepted.addAll(flowing.get());
            flow.shutdown();
            // After the backup: one more comes, and the first is taken for good.
            accepted.add(send(district, HUB));
            awaitWaiting(hub, 4);
            assertThat(receive(hub, "taken", 1)).containsEntry(first, false);

            hub.kill();
            Files.move(hub.data(), folder.resolve("lost"));
            province.commands()
                    .must("restore", backup.toString(), "--data", hub.data().toString());

            Commands.Answer older =
                    province.commands().run("run", "--data", hub.data().toString());
            assertThat(older.exitCode()).as("%s", older).isEqualTo(74);
            assertThat(older.isRefusedWith("DISK_OLDER")).as("%s", older).isTrue();

            province.commands()
                    .must("restore", "--accept-loss", "--data", hub.data().toString());
            hub.start();
            hub.awaitServing();
            await().atMost(SOON).until(() -> serves(hub));
            assertThat(hub.status().getNode().getNotesList())
                    .as("what is missing is listed")
                    .anyMatch(
                            note -> note.getNumber() == 5002 && note.getDetail().contains(DISTRICT));

            awaitWaiting(hub, accepted.size());
            Map<String, Boolean> came = receive(hub, "again", accepted.size());
            assertThat(came.keySet()).as("nothing accepted is lost").containsAll(accepted);
            assertThat(came).as("what may have been handed over before says so").containsEntry(first, true);
            assertThat(receive(district, "own", 1)).as("the hub's own").containsOnlyKeys(own);
        }
    }

    private static boolean serves(LabNode node) {
        try {
            return node.status().getNode().getCondition() != Condition.CONDITION_RED;
        } catch (StatusRuntimeException between) {
            // Its next life begins: the socket is closed and opened anew.
            return false;
        }
    }
}
