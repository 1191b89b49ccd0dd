package lienthong.gateway.store;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * Decides by free space who may still bring data, so that a full hub and a full district cannot block each other: receipts and what ends
 * messages pass longest. Two rules, both must agree:
 *
 * <ol>
 *   <li><b>Level</b>: free space (less a reserve of 64 MB) below 10 % of the file system but at most 2 GiB refuses bulk; below 5 %, at most
 *       1 GiB, refuses all but flash and receipts; below 2 %, at most 400 MB, all but receipts; nothing free, or no room for the log's next
 *       segment, refuses all. The caps keep a large, nearly full disk in use.
 *   <li><b>Share</b>: own, upward and downward traffic may each hold at most 60 % of what the gateway holds and could still hold. Flash and
 *       receipts are exempt.
 * </ol>
 *
 * <p>Free space is asked for at most every 200 ms. Thread-safe.
 */
public final class DiskGate {
    private static final long REFRESH_NANOS = 200_000_000L;

    private final Disk disk;
    private final Clock clock;
    private final Thresholds thresholds;
    private final Map<Traffic, Long> held = new EnumMap<>(Traffic.class);

    private long free;
    private long total;
    private long askedAt;
    private boolean asked;
    private long takenSince;
    /** Bytes of the log's next segment while there is no room for it; 0 otherwise. */
    private long segmentWanted;

    /** A gate over the whole of {@code disk}. */
    public DiskGate(Disk disk, Clock clock, Thresholds thresholds) {
        this.disk = disk;
        this.clock = clock;
        this.thresholds = thresholds;
    }

    /** Whose traffic. */
    public enum Traffic {
        /** Of this node's own applications. */
        OWN,
        /** From below, on its way up. */
        UP,
        /** From above, on its way down. */
        DOWN;

        /** How much of its share it holds, in a sentence. */
        public Detail holds(long bytes, long shareBytes) {
            long held = bytes / 1_000_000;
            long share = shareBytes / 1_000_000;
            return switch (this) {
                case OWN -> Detail.of("this node's own mail holds {0} of {1} MB", held, share);
                case UP -> Detail.of("mail on its way up holds {0} of {1} MB", held, share);
                case DOWN -> Detail.of("mail on its way down holds {0} of {1} MB", held, share);
            };
        }
    }

    /** How much it matters. */
    public enum Weight {
        /** Payloads to the spool, routine mail. */
        BULK,
        /** Anything else. */
        NORMAL,
        /** Hỏa tốc. */
        FLASH,
        /** Receipts, skips, directories: what lets others let go. */
        RECEIPT
    }

    /** What passes. */
    public enum Level {
        ALL,
        NO_BULK,
        FLASH_AND_RECEIPTS,
        RECEIPTS,
        NOTHING;

        /** Whether something of this weight is taken. */
        public boolean passes(Weight weight) {
            return switch (this) {
                case ALL -> true;
                case NO_BULK -> weight != Weight.BULK;
                case FLASH_AND_RECEIPTS -> weight == Weight.FLASH || weight == Weight.RECEIPT;
                case RECEIPTS -> weight == Weight.RECEIPT;
                case NOTHING -> false;
            };
        }
    }

    /**
     * The numbers of the two rules.
     *
     * @param reserveBytes kept free whatever happens
     */
    public record Thresholds(
            long reserveBytes,
            int bulkPercent,
            long bulkBytesMax,
            int normalPercent,
            long normalBytesMax,
            int receiptsPercent,
            long receiptsBytesMax,
            int sharePercent) {
        /** As in the class comment. */
        public static final Thresholds DEFAULT =
                new Thresholds(Limits.DISK_RESERVE_BYTES, 10, 2L << 30, 5, 1L << 30, 2, 400_000_000L, 60);

        public Thresholds {
            Invariant.check(
                    reserveBytes >= 0
                            && bulkPercent >= normalPercent
                            && normalPercent >= receiptsPercent
                            && bulkBytesMax >= normalBytesMax
                            && normalBytesMax >= receiptsBytesMax
                            && sharePercent > 0
                            && sharePercent <= 100,
                    "thresholds in the wrong order");
        }

        Level level(long freeAboveReserve, long totalBytes) {
            if (freeAboveReserve <= 0) {
                return Level.NOTHING;
            }
            if (freeAboveReserve < Math.min(totalBytes / 100 * receiptsPercent, receiptsBytesMax)) {
                return Level.RECEIPTS;
            }
            if (freeAboveReserve < Math.min(totalBytes / 100 * normalPercent, normalBytesMax)) {
                return Level.FLASH_AND_RECEIPTS;
            }
            return freeAboveReserve < Math.min(totalBytes / 100 * bulkPercent, bulkBytesMax)
                    ? Level.NO_BULK
                    : Level.ALL;
        }
    }

    /**
     * Asks for room and, when granted, counts it as held until {@link #release}.
     *
     * @param bytes what will be stored
     * @return the bytes; {@code DISK_LOW} when the level forbids it, {@code QUOTA} when this traffic holds its share. Both: try later.
     */
    public synchronized Result<Long> take(Traffic traffic, Weight weight, long bytes) {
        refresh();
        Level level = thresholds.level(freeNow() - (weight == Weight.RECEIPT ? 0 : bytes), total);
        if (segmentWanted > 0) {
            level = Level.NOTHING;
        }
        if (!level.passes(weight)) {
            return Result.no(Refusal.of(ErrorCode.DISK_LOW, "{0} MB free above the reserve", freeNow() / 1_000_000));
        }
        if (weight == Weight.BULK || weight == Weight.NORMAL) {
            if (held(traffic) + bytes > share()) {
                return Result.no(Refusal.of(ErrorCode.QUOTA, traffic.holds(held(traffic), share())));
            }
        }
        hold(traffic, bytes);
        takenSince += bytes;
        return Result.ok(bytes);
    }

    /** Counts what is held without asking: at start, from the values found. */
    public synchronized void hold(Traffic traffic, long bytes) {
        held.merge(traffic, bytes, Long::sum);
    }

    /** Gives back what was taken or held. */
    public synchronized void release(Traffic traffic, long bytes) {
        held.merge(traffic, -bytes, Long::sum);
        Invariant.check(held(traffic) >= 0, "more released than held: %d", held(traffic));
    }

    /** Bytes this traffic holds. */
    public synchronized long held(Traffic traffic) {
        return held.getOrDefault(traffic, 0L);
    }

    /** Bytes that one traffic may hold: its share of what is held and could still be held. */
    public synchronized long share() {
        refresh();
        return Math.max(0, held(Traffic.OWN) + held(Traffic.UP) + held(Traffic.DOWN) + freeNow())
                / 100
                * thresholds.sharePercent();
    }

    /** What passes now. */
    public synchronized Level level() {
        refresh();
        return segmentWanted > 0 ? Level.NOTHING : thresholds.level(freeNow(), total);
    }

    /** Free bytes above the reserve, not below zero. */
    public synchronized long freeBytes() {
        refresh();
        return Math.max(0, freeNow());
    }

    /** Size of the file system. */
    public synchronized long totalBytes() {
        refresh();
        return total;
    }

    /**
     * The log has no room for its next segment. Forgotten by itself once so much is free: the log asks for a segment only when something is written, and
     * nothing is while this holds.
     *
     * @param bytes of that segment; 0: it has one
     */
    public synchronized void noSegment(long bytes) {
        segmentWanted = bytes;
    }

    private long freeNow() {
        return free - thresholds.reserveBytes() - takenSince;
    }

    private void refresh() {
        long now = clock.nanos();
        if (asked && now - askedAt < REFRESH_NANOS) {
            return;
        }
        try {
            free = disk.freeBytes();
            total = disk.totalBytes();
            if (free >= segmentWanted) {
                segmentWanted = 0;
            }
        } catch (IOException unknown) {
            free = 0;
        }
        asked = true;
        askedAt = now;
        takenSince = 0;
    }
}
