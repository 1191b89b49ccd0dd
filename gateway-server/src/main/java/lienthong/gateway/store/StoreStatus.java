package lienthong.gateway.store;

import java.time.Duration;
import java.util.Optional;
import lienthong.gateway.message.ErrorCode;

/**
 * The store's figures.
 *
 * @param failed why nothing more is acknowledged, if so
 * @param stalled waits for free space to begin its next segment: nothing is acknowledged until there is room
 * @param level what the free space allows
 * @param freeBytes free space of the file system less the reserve, not below zero
 * @param totalBytes size of the file system
 * @param segments log segments on disk
 * @param logBytes bytes used in them
 * @param liveBytes bytes of records with live values
 * @param liveValues live values of all kinds
 * @param lastNumber number of the last durable record
 * @param queuedBatches submitted and not yet durable
 * @param lastSync how long the last fdatasync took
 * @param quarantined files in quarantine
 * @param spoolFiles spool files that live values name
 * @param orphansRemoved spool files nothing named, removed at this start
 * @param viewBehind records the view has not yet seen
 */
public record StoreStatus(
        Optional<ErrorCode> failed,
        boolean stalled,
        DiskGate.Level level,
        long freeBytes,
        long totalBytes,
        int segments,
        long logBytes,
        long liveBytes,
        long liveValues,
        long lastNumber,
        int queuedBatches,
        Duration lastSync,
        int quarantined,
        int spoolFiles,
        int orphansRemoved,
        long viewBehind) {}
