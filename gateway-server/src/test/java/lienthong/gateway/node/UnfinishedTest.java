package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.DiskGate.Traffic;
import lienthong.gateway.store.DiskGate.Weight;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreBench;
import lienthong.gateway.store.log.LogMessageStore;
import org.junit.jupiter.api.Test;

/** T27: nobody fills a disk with envelopes that never become whole. */
class UnfinishedTest {
    private static final long MEGABYTE = 1_000_000;

    private final StoreBench.Simulated bench = new StoreBench.Simulated(27);
    private final LogMessageStore store = open();
    private final List<String> removed = new ArrayList<>();
    private final Instant now = bench.loop.now();
    private Unfinished unfinished = over(List.of());

    private LogMessageStore open() {
        bench.disk.setCapacity(1_000 * MEGABYTE);
        return bench.open();
    }

    private Unfinished over(List<Spool.Known> found) {
        return new Unfinished(store.gate(), found, owner -> Traffic.UP, removed::add);
    }

    private Optional<ErrorCode> begin(String name, String owner, long megabytes) {
        return unfinished
                .begin(name, owner, Traffic.UP, Weight.BULK, megabytes * MEGABYTE, now)
                .map(Refusal::reason);
    }

    @Test
    void whatIsOfferedCountsFromItsAcceptanceWhetherItComesOrNot() {
        assertThat(begin("a", "node D1", 200)).isEmpty();
        assertThat(begin("b", "node D1", 200)).contains(ErrorCode.QUOTA);
        assertThat(begin("c", "node D2", 200)).as("another's quota is its own").isEmpty();
        assertThat(store.gate().held(Traffic.UP)).isEqualTo(400 * MEGABYTE);
        unfinished.ended("a");
        assertThat(begin("b", "node D1", 200)).isEmpty();
    }

    @Test
    void oneAloneMayTakeWhatItsTrafficMay() {
        assertThat(begin("a", "node D1", 500)).isEmpty();
        assertThat(begin("b", "node D2", 200)).contains(ErrorCode.QUOTA);
    }

    @Test
    void itsOwnOldestBeginningsGoFirstAndWhatIsOpenStays() {
        for (String name : List.of("a", "b", "c")) {
            assertThat(begin(name, "node D1", 70)).isEmpty();
        }
        unfinished.suspended("b", 60 * MEGABYTE, now);
        unfinished.suspended("a", 60 * MEGABYTE, now);
        assertThat(begin("d", "node D1", 100)).isEmpty();
        assertThat(removed).containsExactly("b");
        assertThat(unfinished.held("node D1")).isEqualTo(230 * MEGABYTE);
        assertThat(begin("e", "node D1", 100)).as("all else is open").contains(ErrorCode.QUOTA);
        assertThat(removed).containsExactly("b", "a");
    }

    @Test
    void whenRoomIsShortTheOldestOfAllGo() {
        assertThat(begin("a", "node D1", 200)).isEmpty();
        unfinished.suspended("a", 200 * MEGABYTE, now);
        assertThat(begin("b", "node D2", 200)).isEmpty();
        unfinished.suspended("b", 200 * MEGABYTE, now);
        assertThat(begin("c", "node D3", 200)).contains(ErrorCode.QUOTA);
        assertThat(removed).containsExactly("a");
        assertThat(begin("c", "node D3", 200)).isEmpty();
    }

    @Test
    void goingOnTakesRoomForTheRestAlone() {
        assertThat(begin("a", "node D1", 500)).isEmpty();
        unfinished.suspended("a", 400 * MEGABYTE, now);
        assertThat(store.gate().held(Traffic.UP)).isEqualTo(400 * MEGABYTE);
        assertThat(begin("a", "node D1", 500)).isEmpty();
        assertThat(store.gate().held(Traffic.UP)).isEqualTo(500 * MEGABYTE);
        unfinished.kept("a");
        assertThat(store.gate().held(Traffic.UP)).isZero();
        unfinished.suspended("a", 0, now);
        assertThat(unfinished.isEmpty()).isTrue();
    }

    @Test
    void aBeginningIsForgottenSevenDaysAfterItsLastByte() {
        assertThat(begin("a", "node D1", 10)).isEmpty();
        assertThat(begin("b", "node D1", 10)).isEmpty();
        unfinished.suspended("a", MEGABYTE, now);
        unfinished.sweep(now.plus(Duration.ofDays(7)));
        assertThat(removed).isEmpty();
        unfinished.sweep(now.plus(Duration.ofDays(7)).plusSeconds(1));
        assertThat(removed).as("what is open is not touched").containsExactly("a");
        assertThat(unfinished.held("node D1")).isEqualTo(10 * MEGABYTE);
    }

    @Test
    void whoseItIsAndSinceWhenOutlivesARestart() {
        Spool.Partial partial = store.spool().resumable("t1", "node D1").orBug();
        assertThat(partial.write(0, ByteBuffer.allocate(5_000)).isOk()).isTrue();
        assertThat(partial.syncTo(5_000, () -> {}).isOk()).isTrue();
        bench.loop.run();
        bench.crash(1);
        try (LogMessageStore again = bench.open()) {
            assertThat(again.spool().partials()).containsExactly(new Spool.Known("t1", "node D1", 5_000, now));
            Unfinished after =
                    new Unfinished(again.gate(), again.spool().partials(), owner -> Traffic.UP, removed::add);
            assertThat(after.held("node D1")).isEqualTo(5_000);
            assertThat(again.gate().held(Traffic.UP)).isEqualTo(5_000);
        }
    }

    private final List<String> heard = new ArrayList<>();

    /** Takes up what is durable of a transfer. */
    private ArrivingCiphertext takenUp() {
        Spool.Partial file = store.spool().resumable("large", "node D1").orBug();
        return new ArrivingCiphertext("large", file, file.size(), new ArrivingCiphertext.Ends() {
            @Override
            public void arrived(long bytes) {}

            @Override
            public void whole(SpoolId id) {
                heard.add("whole");
            }

            @Override
            public void over(long bytes, boolean whole) {
                heard.add("over " + bytes);
            }

            @Override
            public void unreadable(Refusal why) {
                heard.add("unreadable " + why.reason());
            }
        });
    }

    private static final Bytes HALF = Bytes.ofOwned(new byte[1_000]);

    private void halfOfOneCame() throws IOException {
        ArrivingCiphertext first = takenUp();
        assertThat(first.write(0, HALF)).isEmpty();
        first.suspend();
        bench.settle(store);
        assertThat(store.spool().partials())
                .extracting(Spool.Known::durableOffset)
                .containsExactly(1_000L);
        heard.clear();
    }

    @Test
    void whatCannotBeReadBackIsGivenUpAndBegunAnew() throws IOException {
        halfOfOneCame();
        ArrivingCiphertext second = takenUp();
        bench.disk.failReads(2);
        assertThat(second.write(1_000, HALF)).map(Refusal::reason).contains(ErrorCode.SPOOL_MISSING);
        second.suspend();
        assertThat(heard).containsExactly("unreadable SPOOL_MISSING", "over 0");
        bench.settle(store);
        ArrivingCiphertext third = takenUp();
        assertThat(third.write(0, HALF)).as("from the beginning").isEmpty();
        assertThat(third.finish().isOk()).isTrue();
    }

    @Test
    void aReadThatFailsOnceCostsNothing() throws IOException {
        halfOfOneCame();
        ArrivingCiphertext second = takenUp();
        bench.disk.failReads(1);
        assertThat(second.write(1_000, HALF)).isEmpty();
        BlockTree all = new BlockTree();
        all.feed(HALF);
        all.feed(HALF);
        assertThat(second.finish().map(received -> received.root())).isEqualTo(Result.ok(all.finish()));
        assertThat(heard).containsExactly("whole");
    }
}
