package lienthong.gateway.main;

import static lienthong.gateway.main.ProcessProvince.DISTRICT;
import static lienthong.gateway.main.ProcessProvince.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.stream.Stream;
import lienthong.gateway.audit.AuditLog;
import lienthong.gateway.audit.Verification;
import lienthong.gateway.client.Enrolled;
import lienthong.gateway.client.GatewayClient;
import lienthong.gateway.directory.RevocationEntry;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.ClientKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with its sockets and files, from start to stop. */
class NodeProcessTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private static JsonObject json(String line) {
        return JsonParser.parseString(line).getAsJsonObject();
    }

    private static boolean isConnected(ProcessProvince province, OrganisationId at, OrganisationId neighbour) {
        for (JsonElement one : json(province.command(at, "status")).getAsJsonArray("neighbours")) {
            if (one.getAsJsonObject().get("node").getAsString().equals(neighbour.text())) {
                return one.getAsJsonObject().get("connected").getAsBoolean();
            }
        }
        return false;
    }

    private static JsonArray events(ProcessProvince province, OrganisationId at) {
        return json(province.command(at, "audit", "show", "--max", "1000")).getAsJsonArray("events");
    }

    private static boolean hasEvent(ProcessProvince province, OrganisationId at, String kind, String words) {
        for (JsonElement event : events(province, at)) {
            if (event.getAsJsonObject().get("kind").getAsString().equals(kind)
                    && event.toString().contains(words)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void anOrderlyStopLeavesNoThreadAndAWholeAuditLog() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            assertThat(threads("audit")).as("begins with the first event").isLessThanOrEqualTo(1);
            Path notSigned = Files.write(folder.resolve("nonsense"), new byte[100]);
            // Each is refused and recorded.
            for (int i = 0; i < 20; i++) {
                province.command(HUB, "directory", "import", notSigned.toString());
            }
            assertThat(province.stop(HUB)).isEmpty();
            await().atMost(SOON).until(() -> threads("audit") == 0);
        }
        assertThat(AuditLog.verify(RealDisk.at(folder.resolve("A08")), java.util.List.of()))
                .isInstanceOf(Verification.Intact.class);
    }

    @Test
    void anEmbeddedClientWhoseCertificateIsRevokedIsCutOffInMidSession() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            Path invitation = folder.resolve("invitation");
            String code = json(province.command(HUB, "client", "invite", "A08/van-thu", "--out", invitation.toString()))
                    .get("code")
                    .getAsString();
            Path state = folder.resolve("client");
            Result<Enrolled> enrolled = GatewayClient.enrol(
                    state,
                    invitation,
                    code.toCharArray(),
                    String.join(" ", province.authority.root().words()));
            assertThat(enrolled.isOk()).as("%s", enrolled).isTrue();
            ClientKeys keys = ClientKeys.open(RealDisk.at(state), Protection.fileModes(), Randomness.real())
                    .orBug();
            Hash tls = Hash.of(keys.tls().chain().get(0));
            keys.close();
            try (GatewayClient client = GatewayClient.open(state)) {
                await().atMost(SOON).until(() -> client.away().isEmpty());
                revoke(province, tls, HUB);
                await().atMost(SOON).until(() -> client.away().isPresent());
                await().atMost(SOON).until(() -> hasEvent(province, HUB, "revoked", "A08/van-thu"));
                await().during(Duration.ofSeconds(2))
                        .atMost(SOON)
                        .until(() -> client.away().isPresent());
            }
        }
    }

    private Result<Enrolled> enrol(ProcessProvince province, String state, Path invitation, String code)
            throws Exception {
        return GatewayClient.enrol(
                folder.resolve(state),
                invitation,
                code.toCharArray(),
                String.join(" ", province.authority.root().words()));
    }

    private String invite(ProcessProvince province, Path invitation) {
        return json(province.command(HUB, "client", "invite", "A08/van-thu", "--out", invitation.toString()))
                .get("code")
                .getAsString();
    }

    @Test
    void anOfficeRevokesItsClientsByCommandAndNoneOfThemIsLetInAgain() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            ProcessProvince.Ended nobody = province.run(HUB, "client", "revoke", "A08/van-thu");
            assertThat(nobody.code()).isEqualTo(77);
            assertThat(nobody.out()).contains("NOT_YOUR_ADDRESS", "no client of A08/van-thu was invited here");
            assertThat(province.run(HUB, "client", "revoke", "A08.02/van-thu").code())
                    .as("an office of another node")
                    .isEqualTo(77);

            String code = invite(province, folder.resolve("first"));
            assertThat(enrol(province, "client", folder.resolve("first"), code).isOk())
                    .isTrue();
            String unused = invite(province, folder.resolve("unused"));
            try (GatewayClient client = GatewayClient.open(folder.resolve("client"))) {
                await().atMost(SOON).until(() -> client.away().isEmpty());
                JsonObject revoked = json(province.command(HUB, "client", "revoke", "A08/van-thu"));
                assertThat(revoked.toString())
                        .isEqualTo("{\"ok\":true,\"address\":\"A08/van-thu\",\"certificates\":2,\"invitations\":1}");
                await().atMost(SOON).until(() -> client.away().isPresent());
                await().atMost(SOON).until(() -> hasEvent(province, HUB, "revoked", "A08/van-thu"));
                assertThat(hasEvent(province, HUB, "clients-revoked", "A08/van-thu"))
                        .isTrue();
                await().during(Duration.ofSeconds(2))
                        .atMost(SOON)
                        .until(() -> client.away().isPresent());
            }
            assertThat(enrol(province, "late", folder.resolve("unused"), unused)
                            .refusal()
                            .reason())
                    .isEqualTo(ErrorCode.INVITATION_INVALID);
            assertThat(province.command(HUB, "client", "revoke", "A08/van-thu"))
                    .as("there is nothing more to revoke")
                    .contains("\"certificates\":0,\"invitations\":0");
            assertThat(province.words("vi_VN.UTF-8", HUB, "client", "revoke", "A08/van-thu"))
                    .contains("đã thu hồi 0 chứng thư");

            province.stop(HUB);
            province.start(HUB);
            Files.writeString(folder.resolve("client/dial.txt"), listen(province) + "\n");
            String again = invite(province, folder.resolve("again"));
            assertThat(enrol(province, "new", folder.resolve("again"), again).isOk())
                    .as("the address goes on with another client")
                    .isTrue();
            try (GatewayClient lost = GatewayClient.open(folder.resolve("client"));
                    GatewayClient found = GatewayClient.open(folder.resolve("new"))) {
                await().atMost(SOON).until(() -> found.away().isEmpty());
                await().during(Duration.ofSeconds(2))
                        .atMost(SOON)
                        .until(() -> lost.away().isPresent());
            }
        }
    }

    private static String listen(ProcessProvince province) {
        return json(province.command(HUB, "status")).get("listen").getAsString();
    }

    private void revoke(ProcessProvince province, Hash certificate, OrganisationId holder) throws Exception {
        SignedDirectory signed = province.authority
                .revoke(RevocationEntry.What.CERTIFICATE, certificate, holder, RevocationEntry.Reason.KEY_COMPROMISE)
                .orBug();
        Path file = Files.write(folder.resolve("newer"), signed.toBytes().toArray());
        province.command(HUB, "directory", "import", file.toString());
    }

    private static boolean statusSays(ProcessProvince province, OrganisationId at, String reason, String detail) {
        return json(province.command(at, "status")).getAsJsonArray("notes").asList().stream()
                .map(JsonElement::toString)
                .anyMatch(note -> note.contains(reason) && note.contains(detail));
    }

    @Test
    void bothHalvesOfAForkAreKeptToldOnceAndShownAfterARestart() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            SignedDirectory inForce = province.authority.directory().signed();
            // The same root key on a copy of the authority's disk: what a stolen one would sign.
            copy(folder.resolve("authority"), folder.resolve("stolen"));
            SignedDirectory other;
            SignedDirectory newer =
                    province.authority.sign(province.authority.draft()).orBug();
            try (Authority stolen = Authority.open(
                            ProcessProvince.PASSPHRASE.clone(),
                            RealDisk.at(folder.resolve("stolen")),
                            Randomness.real(),
                            Clock.real())
                    .orBug()) {
                assertThat(stolen.directory().signed()).isEqualTo(inForce);
                other = stolen.revoke(
                                RevocationEntry.What.CERTIFICATE,
                                Hash.of(Bytes.utf8("any")),
                                DISTRICT,
                                RevocationEntry.Reason.UNSPECIFIED)
                        .orBug();
            }
            Path first = Files.write(folder.resolve("first"), newer.toBytes().toArray());
            Path second = Files.write(folder.resolve("second"), other.toBytes().toArray());
            province.start(HUB);
            province.command(HUB, "directory", "import", first.toString());
            for (int i = 0; i < 3; i++) {
                assertThat(province.command(HUB, "directory", "import", second.toString()))
                        .contains("DIRECTORY_FORK");
            }
            assertForkIsShownAndKept(province, newer, other);
            assertThat(province.stop(HUB)).isEmpty();
            province.start(HUB);
            assertForkIsShownAndKept(province, newer, other);
            assertThat(province.words("vi_VN.UTF-8", HUB, "status"))
                    .contains("LT-3204", "cả hai được giữ làm chứng cứ");
            assertThat(province.words("C.UTF-8", HUB, "status")).contains("LT-3204", "both are kept as evidence");
            province.command(HUB, "directory", "import", second.toString());
            assertThat(count(province, "directory-fork"))
                    .as("recorded once, also over a restart")
                    .isEqualTo(1);
        }
    }

    private static void assertForkIsShownAndKept(ProcessProvince province, SignedDirectory one, SignedDirectory other)
            throws Exception {
        assertThat(statusSays(province, HUB, "DIRECTORY_FORK", "with another hash"))
                .as("%s", province.command(HUB, "status"))
                .isTrue();
        Path file = province.data(HUB)
                .resolve("directory/fork-" + Hash.of(other.toBytes()).hex().substring(0, 16) + ".evidence");
        await().atMost(SOON).until(() -> Files.exists(file));
        assertThat(Bytes.ofOwned(Files.readAllBytes(file)).hex())
                .contains(one.toBytes().hex())
                .contains(other.toBytes().hex());
    }

    private static long count(ProcessProvince province, String kind) {
        return events(province, HUB).asList().stream()
                .filter(event ->
                        event.getAsJsonObject().get("kind").getAsString().equals(kind))
                .count();
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path one : files.skip(1).toList()) {
                Files.copy(one, to.resolve(from.relativize(one)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }

    @Test
    void aNodeWhoseCertificateIsRevokedIsCutOffInMidSession() throws Exception {
        try (ProcessProvince province = new ProcessProvince(folder)) {
            province.start(HUB);
            province.start(DISTRICT);
            await().atMost(SOON).until(() -> isConnected(province, HUB, DISTRICT));

            Hash tls = Hash.of(province.keys(DISTRICT).tls().chain().get(0));
            revoke(province, tls, DISTRICT);

            await().atMost(SOON).until(() -> !isConnected(province, HUB, DISTRICT));
            assertThat(hasEvent(province, HUB, "revoked", "revoked by the authority"))
                    .as("%s", events(province, HUB))
                    .isTrue();
            assertThat(json(province.command(HUB, "status"))
                            .getAsJsonObject("counters")
                            .get("sessions_revoked")
                            .getAsLong())
                    .isEqualTo(1);
            await().during(Duration.ofSeconds(2)).atMost(SOON).until(() -> !isConnected(province, HUB, DISTRICT));
        }
    }
}
