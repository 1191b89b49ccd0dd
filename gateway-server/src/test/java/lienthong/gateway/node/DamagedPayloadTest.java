package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.api.SendDoor;
import lienthong.gateway.api.Submission;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A payload in the spool has a root in its seal and no checksum of its own: one flipped bit here is no word about the sender's. */
class DamagedPayloadTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Caller OPERATOR = new Caller("operator", Set.of(), Set.of(), true);
    private static final int CHUNK_BYTES = 256 * 1024;

    @TempDir
    private Path folder;

    private static Bytes content(long seed) {
        byte[] bytes = new byte[3_000_000];
        new Random(seed).nextBytes(bytes);
        return Bytes.ofOwned(bytes);
    }

    private static MessageId upload(TwoNodes nodes, Address to, Bytes content) throws Exception {
        Draft draft = new Draft(
                new ClientId("large-1"),
                nodes.district.address(),
                List.of(to),
                Service.DOCUMENT,
                Optional.of("lớn"),
                Precedence.ROUTINE,
                SecrecyMark.NONE,
                Lifetime.DEFAULT,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        List<Draft.Part> parts = List.of(
                new Draft.Part("a.bin", "application/octet-stream", content.size(), Optional.of(Hash.of(content))));
        // The recipient's keys have to come over the wire first.
        SendDoor.Upload upload = await().atMost(SOON)
                .until(
                        () -> {
                            CompletableFuture<SendDoor.Opening> opening = new CompletableFuture<>();
                            nodes.district.node().send().begin(OPERATOR, draft, parts, opening::complete);
                            return opening.get(SOON.toSeconds(), TimeUnit.SECONDS) instanceof SendDoor.Opening.Open open
                                    ? Optional.of(open.upload())
                                    : Optional.<SendDoor.Upload>empty();
                        },
                        Optional::isPresent)
                .orElseThrow();
        for (int at = 0; at < content.size(); at += CHUNK_BYTES) {
            CompletableFuture<Boolean> taken = new CompletableFuture<>();
            upload.write(
                    ByteBuffer.wrap(content.slice(at, Math.min(CHUNK_BYTES, content.size() - at))
                            .toArray()),
                    taken::complete);
            assertThat(taken.get(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        CompletableFuture<Submission> end = new CompletableFuture<>();
        upload.end(end::complete);
        return ((Submission.Accepted) end.get(SOON.toSeconds(), TimeUnit.SECONDS)).id();
    }

    private static List<Path> files(TwoNodes.Office office, String folder) {
        try (Stream<Path> files = Files.list(office.data().resolve(folder))) {
            return files.filter(file ->
                            folder.equals("quarantine") || file.toString().endsWith(".spool"))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One bit of the only payload there. */
    private static void flip(TwoNodes.Office office) throws IOException {
        Path spooled = files(office, "spool").get(0);
        try (FileChannel file = FileChannel.open(spooled, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, 1_500_000);
            one.put(0, (byte) (one.get(0) ^ 4)).flip();
            file.write(one, 1_500_000);
        }
    }

    /** Takes the letter there and acknowledges it. */
    private static ReceiveDoor.Lease take(TwoNodes.Office office) throws Exception {
        LinkedBlockingQueue<ReceiveDoor.Lease> leases = new LinkedBlockingQueue<>();
        CompletableFuture<lienthong.gateway.message.Result<ReceiveDoor.Receiving>> attached = new CompletableFuture<>();
        office.node()
                .receive()
                .attach(
                        OPERATOR,
                        new ReceiveDoor.Attachment(office.address(), "văn thư", Duration.ofMinutes(1), Set.of()),
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
        ReceiveDoor.Lease lease = leases.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(lease).as("it came whole").isNotNull();
        CompletableFuture<Optional<Refusal>> taken = new CompletableFuture<>();
        receiving.acknowledge(lease.id(), taken::complete);
        assertThat(taken.get(SOON.toSeconds(), TimeUnit.SECONDS)).isEmpty();
        return lease;
    }

    private static void awaitState(TwoNodes nodes, MessageId id, String state) {
        await().atMost(SOON).until(() -> T19RestoredDiskTest.states(nodes, id).contains(state));
    }

    @Test
    void whatIsDamagedWhereItWasDeliveredIsSentOnceMoreAndReturnedForNobody() throws Exception {
        try (TwoNodes nodes = new TwoNodes(folder)) {
            Bytes content = content(1);
            MessageId id = upload(nodes, nodes.province.address(), content);
            awaitState(nodes, id, "DELIVERED");
            flip(nodes.province);
            ReceiveDoor.Lease lease = take(nodes.province);
            assertThat(lease.header().id()).isEqualTo(id);
            assertThat(lease.parts().get(0).sha256()).contains(Hash.of(content));
            assertThat(lease.redelivered()).isTrue();
            awaitState(nodes, id, "CONSUMED");
            assertThat(T19RestoredDiskTest.states(nodes, id)).doesNotContain("RETURNED");
            assertThat(files(nodes.province, "quarantine")).hasSize(1);
            assertThat(nodes.failures).isEmpty();
        }
    }

    @Test
    void soIsOneWhoseFileIsGone() throws Exception {
        try (TwoNodes nodes = new TwoNodes(folder)) {
            MessageId id = upload(nodes, nodes.province.address(), content(2));
            awaitState(nodes, id, "DELIVERED");
            Files.delete(files(nodes.province, "spool").get(0));
            assertThat(take(nodes.province).header().id()).isEqualTo(id);
            awaitState(nodes, id, "CONSUMED");
            assertThat(nodes.failures).isEmpty();
        }
    }

    @Test
    void whatIsDamagedOnTheWayIsSentOnceMore() throws Exception {
        try (TwoNodes nodes = TwoNodes.andAnother(folder)) {
            Address to = nodes.other().address();
            // Its keys are known everywhere before it goes.
            await().atMost(SOON)
                    .until(() ->
                            new RoutingSnapshot(nodes.district.view()).life(to).isPresent());
            nodes.cut();
            nodes.other().stop();
            nodes.connect();
            MessageId id = upload(nodes, to, content(3));
            await().atMost(SOON)
                    .until(() -> T19RestoredDiskTest.states(nodes, id).contains("CUSTODY"));
            await().atMost(SOON).until(() -> files(nodes.province, "spool").size() == 1);
            flip(nodes.province);
            nodes.other().start();
            nodes.connect();
            assertThat(take(nodes.other()).header().id()).isEqualTo(id);
            awaitState(nodes, id, "CONSUMED");
            assertThat(nodes.failures).isEmpty();
        }
    }
}
