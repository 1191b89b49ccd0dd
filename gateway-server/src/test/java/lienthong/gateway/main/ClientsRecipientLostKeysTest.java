package lienthong.gateway.main;

import static lienthong.gateway.main.ProcessProvince.DISTRICT;
import static lienthong.gateway.main.ProcessProvince.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import lienthong.gateway.client.GatewayClient;
import lienthong.gateway.client.Submission;
import lienthong.gateway.client.Tracking;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An embedded client sealed it, so that no node can make a slot anew; the recipient's node loses its disk before its application took the letter. */
class ClientsRecipientLostKeysTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private GatewayClient enrolled(ProcessProvince province) {
        Path invitation = folder.resolve("invitation");
        String code = json(province.command(HUB, "client", "invite", "A08/van-thu", "--out", invitation.toString()))
                .get("code")
                .getAsString();
        assertThat(GatewayClient.enrol(
                                folder.resolve("client"),
                                invitation,
                                code.toCharArray(),
                                String.join(" ", province.authority.root().words()))
                        .isOk())
                .isTrue();
        return GatewayClient.open(folder.resolve("client"));
    }

    private static JsonObject json(String line) {
        return JsonParser.parseString(line).getAsJsonObject();
    }

    private static MessageId send(GatewayClient client, String text) {
        Submission[] last = new Submission[1];
        await().atMost(SOON).until(() -> {
            last[0] = client.message()
                    .from(client.address())
                    .to(Address.of(DISTRICT))
                    .service(Service.DOCUMENT)
                    .ordering("ho-so-7")
                    .part("a.txt", "text/plain", text.getBytes(StandardCharsets.UTF_8))
                    .send();
            return last[0] instanceof Submission.Accepted;
        });
        return ((Submission.Accepted) last[0]).id();
    }

    private static void assertReceives(ProcessProvince province, MessageId id, String text) throws Exception {
        Path out = Files.createDirectory(province.folder.resolve("out-" + id));
        JsonObject received =
                json(province.command(DISTRICT, "receive", "--out", out.toString(), "--max", "1", "--wait", "50s"));
        assertThat(received.toString()).contains(id.toString());
        assertThat(Files.readString(out.resolve(id.toString()).resolve("a.txt")))
                .isEqualTo(text);
    }

    @Test
    void theClientMakesTheSlotAnewWhenItIsThereAndTheLetterIsReadOnce() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            province.start(DISTRICT);
            MessageId first;
            MessageId second;
            try (GatewayClient client = enrolled(province)) {
                first = send(client, "một");
                second = send(client, "hai");
                await().atMost(SOON)
                        .until(() -> client.track(first).orBug().haveAll(Tracking.State.DELIVERED)
                                && client.track(second).orBug().haveAll(Tracking.State.DELIVERED));
            }
            assertThat(province.stop(DISTRICT)).isEmpty();
            province.loseDiskAndJoinAgain(DISTRICT);
            province.start(DISTRICT);
            // The office that has the keys is away, and its node has been started again since.
            province.stop(DISTRICT);
            province.stop(HUB);
            province.start(HUB);
            province.start(DISTRICT);
            Files.writeString(
                    folder.resolve("client/dial.txt"),
                    json(province.command(HUB, "status")).get("listen").getAsString() + "\n");
            try (GatewayClient client = GatewayClient.open(folder.resolve("client"))) {
                assertReceives(province, first, "một");
                assertReceives(province, second, "hai");
                await().atMost(SOON)
                        .until(() -> client.track(first).orBug().haveAll(Tracking.State.CONSUMED)
                                && client.track(second).orBug().haveAll(Tracking.State.CONSUMED));
                MessageId third = send(client, "ba");
                assertReceives(province, third, "ba");
                assertThat(province.command(DISTRICT, "audit", "show", "--max", "1000"))
                        .as("numbers and previous cores are the old ones")
                        .doesNotContain("sequence-broken");
            }
        }
    }
}
