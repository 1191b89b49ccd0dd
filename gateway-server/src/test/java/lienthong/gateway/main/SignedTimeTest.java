package lienthong.gateway.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** T29: a clock that is set back, forward and back again; what was signed is never contradicted. */
class SignedTimeTest {
    private static final Instant START = Instant.parse("2026-11-24T04:00:00Z");

    @TempDir
    Path folder;

    /** A machine whose wall clock and monotonic clock are set by the test. */
    private static final class SetClock implements Clock {
        private Instant now = START;
        private long nanos = 7;

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public long nanos() {
            return nanos;
        }

        void runs(Duration time) {
            now = now.plus(time);
            nanos += time.toNanos();
        }
    }

    private final SetClock machine = new SetClock();

    private SignedTime open() throws Exception {
        return SignedTime.open(RealDisk.at(folder), machine).orBug();
    }

    @Test
    void aMachineThatStandsBeforeWhatItSignedDoesNotStart() throws Exception {
        open().keep();
        machine.now = START.minus(SignedTime.TOLERANCE).minusSeconds(1);
        assertThat(SignedTime.open(RealDisk.at(folder), machine).refusal().reason())
                .isEqualTo(ErrorCode.CLOCK_BEHIND);
        assertThat(SignedTime.open(RealDisk.at(folder), machine).refusal().detail())
                .contains("2026-11-24T04:00:00.000Z was signed here already");
    }

    @Test
    void aLittleBehindItWaitsAtTheLastSignedTime() throws Exception {
        open().keep();
        machine.now = START.minusSeconds(5);
        SignedTime again = open();
        assertThat(again.now()).isEqualTo(START);
        machine.runs(Duration.ofSeconds(7));
        assertThat(again.now()).isEqualTo(START.plusSeconds(2));
    }

    @Test
    void setBackWhileItRunsItGoesOnByTheTimeSince() throws Exception {
        SignedTime time = open();
        assertThat(time.now()).isEqualTo(START);
        machine.runs(Duration.ofSeconds(1));
        machine.now = machine.now.minus(Duration.ofDays(3_650));
        assertThat(time.now()).isEqualTo(START.plusSeconds(1));
        machine.runs(Duration.ofHours(2));
        assertThat(time.now()).isEqualTo(START.plusSeconds(7_201));
        assertThat(time.behind()).isEqualTo(Duration.ofDays(3_650));
        time.keep();
        machine.now = START.plus(Duration.ofHours(3));
        assertThat(time.now()).isEqualTo(machine.now);
        assertThat(time.behind()).isZero();
    }

    @Test
    void aJumpAheadIsNotFollowedAndLeavesNothingBehind() throws Exception {
        SignedTime time = open();
        assertThat(time.now()).isEqualTo(START);
        machine.runs(Duration.ofSeconds(1));
        machine.now = machine.now.plus(Duration.ofDays(3_650));
        assertThat(time.now()).isEqualTo(START.plusSeconds(1));
        assertThat(time.ahead()).isEqualTo(Duration.ofDays(3_650));
        machine.runs(Duration.ofHours(2));
        assertThat(time.now()).isEqualTo(START.plusSeconds(7_201));
        time.keep();
        assertThat(SignedTime.kept(RealDisk.at(folder))).contains(START.plusSeconds(7_201));
        machine.now = machine.now.minus(Duration.ofDays(3_650));
        assertThat(time.now()).isEqualTo(machine.now);
        assertThat(time.ahead()).isZero();
        assertThat(time.behind()).isZero();
    }

    @Test
    void aJumpThatNeighboursVouchForIsFollowed() throws Exception {
        SignedTime time = open();
        assertThat(time.now()).isEqualTo(START);
        machine.now = START.plus(Duration.ofHours(9)); // the machine slept
        assertThat(time.now()).isEqualTo(START);
        time.vouch(machine.now.minusSeconds(40));
        assertThat(time.now()).isEqualTo(machine.now);
        assertThat(time.ahead()).isZero();
        time.vouch(START);
        assertThat(time.vouched()).as("never back").isEqualTo(machine.now.minusSeconds(40));
    }

    @Test
    void withoutANeighbourNothingButWhatWasSignedAndTheTimeSinceIsSure() throws Exception {
        open().keep();
        machine.now = START.plus(Duration.ofDays(3_650));
        SignedTime again = open();
        assertThat(again.now()).as("who was long away follows its clock").isEqualTo(machine.now);
        assertThat(again.vouched()).as("and destroys nothing by it").isEqualTo(START);
        machine.runs(Duration.ofHours(3));
        assertThat(again.vouched()).isEqualTo(START.plus(Duration.ofHours(3)));
    }

    @Test
    void itNeverGivesATimeBeforeTheLast() throws Exception {
        SignedTime time = open();
        Instant last = time.now();
        for (int i = 0; i < 1_000; i++) {
            machine.runs(Duration.ofMillis(1));
            machine.now = machine.now.plusMillis(i % 7 == 0 ? -40 : i % 11 == 0 ? 70_000 : i % 13 == 0 ? -90_000 : 0);
            assertThat(time.now()).isAfterOrEqualTo(last);
            last = time.now();
        }
    }

    @Test
    void whatIsNoTimeCountsAsNone() throws Exception {
        Files.writeString(folder.resolve(SignedTime.FILE), "lienthong-time 1\nsigned yesterday\n");
        assertThat(open().now()).isEqualTo(START);
        Files.writeString(folder.resolve(SignedTime.FILE), "");
        assertThat(open().now()).isEqualTo(START);
    }

    @Test
    void anOperatorMaySayThatTheEarlierClockWasWrong() throws Exception {
        machine.now = START.plus(Duration.ofDays(3_650));
        open().keep();
        machine.now = START;
        assertThat(SignedTime.open(RealDisk.at(folder), machine).isOk()).isFalse();
        FolderDesk desk = new FolderDesk(machine, lienthong.gateway.environment.Randomness.real());
        assertThat(desk.acceptClock(folder).orBug()).isEqualTo(START.plus(Duration.ofDays(3_650)));
        assertThat(open().now()).isEqualTo(START);
        assertThat(desk.acceptClock(folder).orBug()).as("nothing to accept").isEqualTo(START);
    }
}
