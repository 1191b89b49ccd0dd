package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.ListDoor;
import lienthong.gateway.api.Submission;
import lienthong.gateway.api.TrackDoor;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** T19: a node comes back on an older copy of its disk. Its neighbour remembers what it answered for; it must not answer again as if it had not. */
class T19RestoredDiskTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Caller OPERATOR = new Caller("operator", Set.of(), Set.of(), true);

    @TempDir
    Path folder;

    @Test
    void anOlderDiskStopsTheNodeAsSoonAsANeighbourGivesItsNumberBack() throws Exception {
        try (TwoNodes nodes = new TwoNodes(folder)) {
            deliver(nodes, "một");
            nodes.cut();
            nodes.province.stop();
            Path older = folder.resolve("older");
            copy(folder.resolve("province"), older);
            nodes.province.start();
            nodes.connect();
            MessageId second = deliver(nodes, "hai");
            assertThat(nodes.province.node().notServing())
                    .as("a plain restart is no reason to stop")
                    .isEmpty();
            assertOthersMessagesAreUnknown(nodes, second);

            nodes.cut();
            nodes.province.stop();
            Files.move(folder.resolve("province"), folder.resolve("newer"));
            copy(older, folder.resolve("province"));
            nodes.province.start();
            nodes.connect();
            await().atMost(SOON).until(() -> nodes.province.node().notServing().isPresent());
            Refusal why = nodes.province.node().notServing().orElseThrow();
            assertThat(why.reason()).isEqualTo(ErrorCode.DISK_OLDER);
            assertThat(why.detail()).contains("A08.01 holds our custody number");
            assertThat(nodes.failures).isEmpty();
        }
    }

    /** What an application that may not speak for the sender learns of its messages: nothing, not even that they exist (T15). */
    private static void assertOthersMessagesAreUnknown(TwoNodes nodes, MessageId id) throws Exception {
        Caller other = new Caller("other", Set.of(Address.parse("A08.01/khac").orBug()), Set.of(), false);
        assertThat(track(nodes, other, id)).contains(ErrorCode.MESSAGE_UNKNOWN.name());
        CompletableFuture<Result<ListDoor.Page<ListDoor.Summary>>> page = new CompletableFuture<>();
        nodes.district
                .node()
                .list()
                .list(other, new ListDoor.Query(ListDoor.Box.SENT, Set.of(), false, 10, ""), page::complete);
        assertThat(page.get(SOON.toSeconds(), TimeUnit.SECONDS).orBug().items()).isEmpty();
    }

    /** Sends from the district to the province, and waits for the province's receipt. */
    static MessageId deliver(TwoNodes nodes, String text) {
        MessageId id = send(nodes, text);
        await().atMost(SOON).until(() -> track(nodes, OPERATOR, id).contains(TrackDoor.State.DELIVERED.name()));
        return id;
    }

    static List<String> states(TwoNodes nodes, MessageId id) throws Exception {
        return track(nodes, OPERATOR, id);
    }

    private static MessageId send(TwoNodes nodes, String text) {
        Bytes content = Bytes.utf8(text);
        Draft.Whole letter = new Draft.Whole(
                new Draft(
                        new ClientId("t19-" + Hash.of(content).hex().substring(0, 8)),
                        nodes.district.address(),
                        List.of(nodes.province.address()),
                        Service.DOCUMENT,
                        Optional.empty(),
                        Precedence.ROUTINE,
                        SecrecyMark.NONE,
                        Lifetime.DEFAULT,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                List.of(new Draft.Part("a.txt", "text/plain", content.size(), Optional.empty())),
                List.of(content));
        // The province's keys have to come over the wire first.
        return await().atMost(SOON)
                .until(
                        () -> {
                            CompletableFuture<List<Submission>> answers = new CompletableFuture<>();
                            nodes.district.node().send().submit(OPERATOR, List.of(letter), answers::complete);
                            Submission answer = answers.get(SOON.toSeconds(), TimeUnit.SECONDS)
                                    .get(0);
                            return answer instanceof Submission.Accepted accepted
                                    ? Optional.of(accepted.id())
                                    : Optional.<MessageId>empty();
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    /** States seen so far, or the reason of a refusal, as words. */
    private static List<String> track(TwoNodes nodes, Caller caller, MessageId id) throws Exception {
        CompletableFuture<List<String>> end = new CompletableFuture<>();
        List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
        nodes.district
                .node()
                .track()
                .track(caller, new TrackDoor.Subject.OfMessage(id), false, new TrackDoor.Watcher() {
                    @Override
                    public void events(List<TrackDoor.Event> events) {
                        events.forEach(event -> seen.add(event.state().name()));
                    }

                    @Override
                    public void end() {
                        end.complete(seen);
                    }

                    @Override
                    public void refused(Refusal why) {
                        end.complete(List.of(why.reason().name()));
                    }
                });
        return end.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path one, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(one)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path one, BasicFileAttributes attributes) throws IOException {
                Files.copy(one, to.resolve(from.relativize(one)), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
