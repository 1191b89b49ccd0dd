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

    private record Drops(long oldest, long bytes) {}

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
