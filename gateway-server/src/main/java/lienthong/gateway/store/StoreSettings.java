package lienthong.gateway.store;

import java.nio.file.Path;
import java.util.Optional;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;

/**
 * How a store is opened.
 *
 * @param threads own writer, helper, view and archive threads; without, everything runs in the loop (group commit at its end of turn) and the
 *     store is as deterministic as disk, clock and randomness are
 * @param segmentBytes size of a log segment, a multiple of 4,096
 * @param compactBelowPercent a closed segment with less than this share still needed is copied forward
 * @param processId told to others who find the folder in use
 * @param databaseFolder the disk's own folder for SQLite's view and archive index; empty: both are kept in memory
 * @param projection lines of the view
 * @param thresholds of the gate
 */
public record StoreSettings(
        boolean threads,
        int segmentBytes,
        int compactBelowPercent,
        long processId,
        Optional<Path> databaseFolder,
        Projection projection,
        DiskGate.Thresholds thresholds) {
    public StoreSettings {
        Invariant.check(
                segmentBytes >= 8 * 4096 && segmentBytes % 4096 == 0 && segmentBytes <= 1 << 28,
                "segment of %d bytes",
                segmentBytes);
        Invariant.check(
                compactBelowPercent >= 0 && compactBelowPercent <= 50, "compaction below %d %%", compactBelowPercent);
    }

    /** A server's: threads, 64 MiB segments, SQLite in {@code dataFolder}, which is the disk's root. */
    public static StoreSettings server(Path dataFolder, long processId, Projection projection) {
        return new StoreSettings(
                true,
                Limits.SEGMENT_BYTES,
                20,
                processId,
                Optional.of(dataFolder),
                projection,
                DiskGate.Thresholds.DEFAULT);
    }

    /** A simulated node's: no threads, small segments, nothing outside its disk. */
    public static StoreSettings simulated(Projection projection) {
        return new StoreSettings(
                false,
                256 * 1024,
                20,
                1,
                Optional.empty(),
                projection,
                new DiskGate.Thresholds(1 << 20, 10, 8 << 20, 5, 4 << 20, 2, 2 << 20, 60));
    }

    public StoreSettings withSegmentBytes(int value) {
        return new StoreSettings(
                threads, value, compactBelowPercent, processId, databaseFolder, projection, thresholds);
    }

    public StoreSettings withThreads(boolean value) {
        return new StoreSettings(
                value, segmentBytes, compactBelowPercent, processId, databaseFolder, projection, thresholds);
    }

    public StoreSettings withThresholds(DiskGate.Thresholds value) {
        return new StoreSettings(
                threads, segmentBytes, compactBelowPercent, processId, databaseFolder, projection, value);
    }

    public StoreSettings withProjection(Projection value) {
        return new StoreSettings(
                threads, segmentBytes, compactBelowPercent, processId, databaseFolder, value, thresholds);
    }
}
