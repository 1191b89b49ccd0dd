package lienthong.gateway.store.log;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import lienthong.gateway.environment.Disk;

/** One log file and what of it is still needed. Used under the log's lock, except {@link #file}. */
final class Segment {
    final long number;
    final Disk.File file;
    /** Bytes up to the last believed record. */
    long used;

    long liveBytes;
    int readers;
    /** Its values have all ended or moved; the file goes when the log has said so durably. */
    boolean leaving;

    boolean removing;
    boolean gone;
    /** Number of its last record once it is closed; 0 while not known. */
    long lastNumber;

    /** Drops that stand here, by the newest segment whose values they end. */
    private final Map<Long, Drops> drops = new HashMap<>();

    /** Drops that end more than their record says, by offset: found so by reading the log. */
    private final Map<Long, Range> wider = new HashMap<>();

    private record Drops(long oldest, long bytes) {}

    /** Segments in which a drop ends values. */
    record Range(long oldest, long newest) {
        /** This, and what the key's value had: it stood in {@code newest} and may have older ones down to {@code oldest}. */
        Range with(long valueOldest, long valueNewest) {
            return new Range(Math.min(oldest, valueOldest), Math.max(newest, valueNewest));
        }
    }

    void widen(long offset, Range range) {
        wider.put(offset, range);
    }

    /** What a drop that stands here ends. */
    Range rangeOf(long offset, Range written) {
        return wider.getOrDefault(offset, written);
    }

    Segment(long number, Disk.File file, long used) {
        this.number = number;
        this.file = file;
        this.used = used;
    }

    static String path(long number) {
        return String.format(Locale.ROOT, "log/%012d.log", number);
    }

    String path() {
        return path(number);
    }

    void addDrop(long oldest, long newest, int bytes) {
        if (oldest < number) {
            drops.merge(
                    newest,
                    new Drops(oldest, bytes),
                    (a, b) -> new Drops(Math.min(a.oldest, b.oldest), a.bytes + b.bytes));
        }
    }

    /** Whether a drop that stands here still ends something: a segment of its range, older than this one, is still on the disk. */
    boolean needsDrop(long oldest, long newest, NavigableMap<Long, Segment> existing) {
        Long first = existing.ceilingKey(oldest);
        return first != null && first <= Math.min(newest, number - 1);
    }

    /** Bytes that cannot go with this segment. */
    long neededBytes(NavigableMap<Long, Segment> existing) {
        long needed = liveBytes;
        for (Map.Entry<Long, Drops> entry : drops.entrySet()) {
            if (needsDrop(entry.getValue().oldest, entry.getKey(), existing)) {
                needed += entry.getValue().bytes;
            }
        }
        return needed;
    }
}
