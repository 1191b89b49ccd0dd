package lienthong.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Set;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.store.DiskGate.Level;
import lienthong.gateway.store.DiskGate.Thresholds;
import lienthong.gateway.store.DiskGate.Traffic;
import lienthong.gateway.store.DiskGate.Weight;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskGateTest {
    private static final long GIB = 1L << 30;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final TurnLoop clock = new TurnLoop();

    private DiskGate gate(long capacity) {
        disk.setCapacity(capacity);
        return new DiskGate(disk, clock, Thresholds.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource({
        // free above the reserve in MB, size in GB, level: percentages rule small disks
        "1100, 10, ALL",
        "900, 10, NO_BULK",
        "450, 10, FLASH_AND_RECEIPTS",
        "150, 10, RECEIPTS",
        "0, 10, NOTHING",
        "-5, 10, NOTHING",
        // caps rule large ones: a disk 98 % full with 5 GB free is in use
        "5000, 250, ALL",
        "2000, 250, NO_BULK",
        "1000, 250, FLASH_AND_RECEIPTS",
        "350, 250, RECEIPTS"
    })
    void levelsFollowPercentageAndCap(long freeMb, long sizeGb, Level expected) {
        assertThat(Thresholds.DEFAULT.level(freeMb * 1_000_000, sizeGb * 1_000_000_000))
                .isEqualTo(expected);
    }

    @Test
    void lowerLevelsLetPassWhatEndsMessages() {
        assertThat(Level.NO_BULK.passes(Weight.BULK)).isFalse();
        assertThat(Level.NO_BULK.passes(Weight.NORMAL)).isTrue();
        assertThat(Level.FLASH_AND_RECEIPTS.passes(Weight.NORMAL)).isFalse();
        assertThat(Level.FLASH_AND_RECEIPTS.passes(Weight.FLASH)).isTrue();
        assertThat(Level.RECEIPTS.passes(Weight.FLASH)).isFalse();
        assertThat(Level.RECEIPTS.passes(Weight.RECEIPT)).isTrue();
        for (Weight weight : Set.of(Weight.BULK, Weight.NORMAL, Weight.FLASH, Weight.RECEIPT)) {
            assertThat(Level.NOTHING.passes(weight)).isFalse();
        }
    }

    @Test
    void whatIsTakenCountsBeforeItIsOnTheDisk() {
        DiskGate gate = gate(3 * GIB);
        assertThat(gate.take(Traffic.OWN, Weight.BULK, GIB).isOk()).isTrue();
        assertThat(gate.take(Traffic.UP, Weight.BULK, GIB).isOk()).isTrue();
        assertThat(gate.take(Traffic.DOWN, Weight.BULK, GIB).refusal().reason()).isEqualTo(ErrorCode.DISK_LOW);
        assertThat(gate.take(Traffic.DOWN, Weight.RECEIPT, 1_000).isOk()).isTrue();
    }

    @Test
    void oneTrafficCannotTakeTheShareOfTheOthers() {
        DiskGate gate = gate(100 * GIB);
        assertThat(gate.take(Traffic.UP, Weight.NORMAL, 59 * GIB).isOk()).isTrue();
        assertThat(gate.take(Traffic.UP, Weight.NORMAL, 5 * GIB).refusal().reason())
                .isEqualTo(ErrorCode.QUOTA);
        assertThat(gate.take(Traffic.UP, Weight.FLASH, 5 * GIB).isOk())
                .as("flash is exempt")
                .isTrue();
        assertThat(gate.take(Traffic.DOWN, Weight.NORMAL, 20 * GIB).isOk()).isTrue();
        gate.release(Traffic.UP, 30 * GIB);
        assertThat(gate.held(Traffic.UP)).isEqualTo(34 * GIB);
        assertThat(gate.take(Traffic.UP, Weight.NORMAL, 5 * GIB).isOk()).isTrue();
    }

    @Test
    void withoutRoomForTheNextSegmentNothingPasses() {
        DiskGate gate = gate(100 * GIB);
        gate.noSegment(200 * GIB);
        assertThat(gate.take(Traffic.OWN, Weight.RECEIPT, 1).refusal().reason()).isEqualTo(ErrorCode.DISK_LOW);
        gate.noSegment(0);
        assertThat(gate.level()).isEqualTo(Level.ALL);
    }

    @Test
    void roomForTheNextSegmentIsSeenWithoutAnybodyWriting() {
        DiskGate gate = gate(100 * GIB);
        gate.noSegment(200 * GIB);
        clock.advance(250_000_000L);
        assertThat(gate.level()).isEqualTo(Level.NOTHING);
        disk.setCapacity(300 * GIB);
        clock.advance(250_000_000L);
        assertThat(gate.level()).isEqualTo(Level.ALL);
    }

    @Test
    void freeSpaceIsAskedForAgainAfterAMoment() throws IOException {
        DiskGate gate = gate(100 * GIB);
        assertThat(gate.level()).isEqualTo(Level.ALL);
        disk.setCapacity(GIB / 100);
        assertThat(gate.level()).isEqualTo(Level.ALL);
        clock.advance(250_000_000L);
        assertThat(gate.level()).isEqualTo(Level.NOTHING);
    }

    @Test
    void releasingMoreThanIsHeldIsABug() {
        DiskGate gate = gate(100 * GIB);
        gate.hold(Traffic.OWN, 10);
        assertThatThrownBy(() -> gate.release(Traffic.OWN, 11)).isInstanceOf(Bug.class);
    }
}
