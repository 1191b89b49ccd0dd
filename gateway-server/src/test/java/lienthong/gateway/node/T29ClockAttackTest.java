package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.api.Submission;
import lienthong.gateway.api.TrackDoor;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** T29: a clock far ahead of the parent's signs nothing, says so, and what waited for it goes on when it is right. */
class T29ClockAttackTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Caller OPERATOR = new Caller("operator", Set.of(), Set.of(), true);

    @TempDir
    Path folder;

    private static Submission submit(TwoNodes.Office from, TwoNodes.Office to, String client) throws Exception {
        Bytes content = Bytes.utf8("công văn");
        CompletableFuture<List<Submission>> answers = new CompletableFuture<>();
        from.node()
                .send()
                .submit(
                        OPERATOR,
                        List.of(new Draft.Whole(
                                new Draft(
                                        new ClientId(client),
                                        from.address(),
                                        List.of(to.address()),
                                        Service.DOCUMENT,
                                        Optional.empty(),
                                        Precedence.ROUTINE,
                                        SecrecyMark.NONE,
                                        Lifetime.DEFAULT,
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()),
                                List.of(new Draft.Part("a.txt", "text/plain", content.size(), Optional.empty())),
                                List.of(content))),
                        answers::complete);
        return answers.get(SOON.toSeconds(), TimeUnit.SECONDS).get(0);
    }

    private static OperatorDoor.Status status(TwoNodes.Office office) throws Exception {
        CompletableFuture<OperatorDoor.Status> status = new CompletableFuture<>();
        office.node().operator().status(status::complete);
        return status.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static boolean isInDoubt(TwoNodes.Office office) throws Exception {
        return status(office).notes().stream().anyMatch(note -> note.reason() == ErrorCode.CLOCK_FAR_AHEAD);
    }

    private static List<String> states(TwoNodes nodes, MessageId id) throws Exception {
        List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
        CompletableFuture<List<String>> end = new CompletableFuture<>();
        nodes.province
                .node()
                .track()
                .track(OPERATOR, new TrackDoor.Subject.OfMessage(id), false, new TrackDoor.Watcher() {
                    @Override
                    public void events(List<TrackDoor.Event> events) {
                        events.forEach(event -> seen.add(event.state().name()));
                    }

                    @Override
                    public void end() {
                        end.complete(seen);
                    }

                    @Override
                    public void refused(lienthong.gateway.message.Refusal why) {
                        end.complete(List.of(why.reason().name()));
                    }
                });
        return end.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aClockFarAheadOfTheParentSignsNothingAndSaysSo() throws Exception {
        try (TwoNodes nodes = new TwoNodes(folder)) {
            await().atMost(SOON)
                    .until(() -> submit(nodes.province, nodes.district, "t29-1") instanceof Submission.Accepted);
            await().atMost(SOON).until(() -> status(nodes.district).waiting() == 1);
            assertThat(isInDoubt(nodes.district)).isFalse();

            nodes.district.clock.jump(NeighbourClocks.AHEAD_MAX.plusMinutes(1));
            await().atMost(SOON).until(() -> isInDoubt(nodes.district));
            assertThat(status(nodes.district).condition()).isEqualTo(OperatorDoor.Condition.AMBER);
            assertThat(submit(nodes.district, nodes.province, "t29-2"))
                    .isInstanceOfSatisfying(
                            Submission.Busy.class,
                            busy -> assertThat(busy.why().reason()).isEqualTo(ErrorCode.CLOCK_FAR_AHEAD));
            MessageId id = ((Submission.Accepted) submit(nodes.province, nodes.district, "t29-3")).id();
            await().atMost(SOON).until(() -> status(nodes.district).waiting() == 2);
            assertThat(states(nodes, id)).as("taken over, and no receipt").doesNotContain("DELIVERED");
            assertThat(isInDoubt(nodes.province))
                    .as("the parent's own is right")
                    .isFalse();

            nodes.district.clock.jump(NeighbourClocks.AHEAD_MAX.plusMinutes(1).negated());
            await().atMost(SOON).until(() -> states(nodes, id).contains("DELIVERED"));
            assertThat(isInDoubt(nodes.district)).isFalse();
            assertThat(submit(nodes.district, nodes.province, "t29-2")).isInstanceOf(Submission.Accepted.class);
            assertThat(nodes.failures).isEmpty();
        }
    }
}
