package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.envelope.evidence.EvidenceVerifier;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real node loses its disk after it signed "delivered" and before its application took the letter. The sender still holds it, and wraps it anew. */
class KeysLostOnANodeTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Caller OPERATOR = new Caller("operator", Set.of(), Set.of(), true);

    @TempDir
    Path folder;

    @Test
    void aDestinationThatLostItsDiskAndJoinedAgainTakesWhatWasDeliveredToTheOldOneExactlyOnce() throws Exception {
        try (TwoNodes nodes = new TwoNodes(folder)) {
            MessageId id = T19RestoredDiskTest.deliver(nodes, "một");
            nodes.province.loseDiskAndJoinAgain();
            LinkedBlockingQueue<ReceiveDoor.Lease> leases = new LinkedBlockingQueue<>();
            ReceiveDoor.Receiving receiving = attach(nodes, leases);
            ReceiveDoor.Lease lease = leases.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(lease).as("the letter came to the new disk").isNotNull();
            CompletableFuture<Optional<Refusal>> taken = new CompletableFuture<>();
            receiving.acknowledge(lease.id(), taken::complete);
            assertThat(taken.get(SOON.toSeconds(), TimeUnit.SECONDS)).isEmpty();
            await().atMost(SOON)
                    .until(() -> T19RestoredDiskTest.states(nodes, id).contains("CONSUMED"));

            nodes.province.restart();
            nodes.district.restart();
            ReceiveDoor.Receiving again = attach(nodes, leases);
            MessageId next = T19RestoredDiskTest.deliver(nodes, "hai");
            ReceiveDoor.Lease second = leases.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(second).isNotNull();
            assertThat(second.header().id())
                    .as("the next one, not the first again")
                    .isEqualTo(next);
            again.detach();
            assertThat(nodes.failures).isEmpty();
        }
    }

    @Test
    void evidenceOfAMessageThatASlotMadeAnewOpenedHasItsContent() throws Exception {
        try (TwoNodes nodes = new TwoNodes(folder)) {
            MessageId id = T19RestoredDiskTest.deliver(nodes, "nội dung");
            nodes.province.loseDiskAndJoinAgain();
            LinkedBlockingQueue<ReceiveDoor.Lease> leases = new LinkedBlockingQueue<>();
            ReceiveDoor.Receiving receiving = attach(nodes, leases);
            assertThat(leases.poll(SOON.toSeconds(), TimeUnit.SECONDS))
                    .as("it came and was opened")
                    .isNotNull();
            assertHasContent(nodes, id);

            nodes.province.restart();
            assertHasContent(nodes, id);
            receiving.detach();
            assertThat(nodes.failures).isEmpty();
        }
    }

    private static void assertHasContent(TwoNodes nodes, MessageId id) throws Exception {
        byte[] zip = EvidenceOfANodeTest.export(nodes.province, id, true).orBug();
        assertThat(EvidenceOfANodeTest.files(zip).get("parts/0001"))
                .isEqualTo("nội dung".getBytes(StandardCharsets.UTF_8));
        assertThat(EvidenceOfANodeTest.files(zip)).containsKey("message/manifest.txt");
        assertThat(EvidenceVerifier.verify(new ByteArrayInputStream(zip), Optional.of(nodes.network))
                        .holds())
                .isTrue();
    }

    private static ReceiveDoor.Receiving attach(TwoNodes nodes, LinkedBlockingQueue<ReceiveDoor.Lease> leases)
            throws Exception {
        CompletableFuture<lienthong.gateway.message.Result<ReceiveDoor.Receiving>> attached = new CompletableFuture<>();
        nodes.province
                .node()
                .receive()
                .attach(
                        OPERATOR,
                        new ReceiveDoor.Attachment(
                                nodes.province.address(), "văn thư", Duration.ofMinutes(1), Set.of()),
                        new ReceiveDoor.Receiver() {
                            @Override
                            public void lease(ReceiveDoor.Lease lease) {
                                leases.add(lease);
                            }

                            @Override
                            public void lost(long lease, Refusal why) {}

                            @Override
                            public void closed(Refusal why) {}
                        },
                        attached::complete);
        ReceiveDoor.Receiving receiving =
                attached.get(SOON.toSeconds(), TimeUnit.SECONDS).orBug();
        receiving.credit(10);
        return receiving;
    }
}
