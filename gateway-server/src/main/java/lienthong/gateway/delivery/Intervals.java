package lienthong.gateway.delivery;

import java.util.Arrays;
import lienthong.gateway.message.Invariant;

/**
 * An exact set of numbers from 1 up, kept as sorted, disjoint, non-adjacent intervals. Two longs for each interval, however many numbers it
 * has: a stream without gaps costs the same after a billion messages as after one.
 *
 * <p>Encoding: count, then for each interval the distance from the end of the one before (less 2, so that adjacent ones cannot be written;
 * the first: its start less 1) and its length less 1, all as unsigned LEB128.
 */
final class Intervals {
    /** A stream with more gaps than this is refused new ones: its encoding must stay well below a record. */
    static final int COUNT_MAX = 16_384;

    private long[] starts = new long[2];
    private long[] ends = new long[2];
    private int count;

    /** Whether {@code number} is in the set. */
    boolean contains(long number) {
        int i = indexOf(number);
        return i >= 0 && number <= ends[i];
    }

    /** Whether all of {@code first … last} are in the set. */
    boolean containsAll(long first, long last) {
        int i = indexOf(first);
        return i >= 0 && last <= ends[i];
    }

    /** Whether any of {@code first … last} is in the set. */
    boolean containsAny(long first, long last) {
        int i = indexOf(last);
        return i >= 0 && ends[i] >= first;
    }

    /** Adds {@code first … last}, inclusive; parts already there are allowed. */
    void add(long first, long last) {
        Invariant.check(first > 0 && first <= last, "interval %d to %d", first, last);
        // All intervals that overlap or touch [first, last] become one.
        int from = indexOf(first - 1);
        from = from >= 0 && ends[from] >= first - 1 ? from : from + 1;
        int to = indexOf(last == Long.MAX_VALUE ? last : last + 1);
        long start = from <= to ? Math.min(first, starts[from]) : first;
        long end = from <= to ? Math.max(last, ends[to]) : last;
        int removed = to - from + 1;
        if (removed == 0) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, count * 2);
                ends = Arrays.copyOf(ends, count * 2);
            }
            System.arraycopy(starts, from, starts, from + 1, count - from);
            System.arraycopy(ends, from, ends, from + 1, count - from);
        } else if (removed > 1) {
            System.arraycopy(starts, to + 1, starts, from + 1, count - to - 1);
            System.arraycopy(ends, to + 1, ends, from + 1, count - to - 1);
        }
        starts[from] = start;
        ends[from] = end;
        count += 1 - removed;
    }

    /** Takes {@code first … last} out, inclusive: their messages were damaged on our disk and may come again. */
    void remove(long first, long last) {
        Intervals rest = new Intervals();
        for (int i = 0; i < count; i++) {
            if (starts[i] < first) {
                rest.add(starts[i], Math.min(ends[i], first - 1));
            }
            if (ends[i] > last) {
                rest.add(Math.max(starts[i], last + 1), ends[i]);
            }
        }
        starts = rest.starts;
        ends = rest.ends;
        count = rest.count;
    }

    /** Whether no further gap fits: only what touches an interval is taken. */
    boolean isFull() {
        return count >= COUNT_MAX;
    }

    /** Number of intervals. */
    int count() {
        return count;
    }

    /** Lowest number above zero that is not in the set. */
    long firstMissing() {
        return count == 0 || starts[0] > 1 ? 1 : ends[0] + 1;
    }

    /** Upper bound of the encoding's size. */
    int encodedBytesMax() {
        return 10 + count * 20;
    }

    void encode(RecordWriter out) {
        out.number(count);
        long before = -1;
        for (int i = 0; i < count; i++) {
            out.number(starts[i] - before - 2).number(ends[i] - starts[i]);
            before = ends[i];
        }
    }

    static Intervals decode(RecordReader in) {
        Intervals set = new Intervals();
        int count = in.count();
        long before = -1;
        for (int i = 0; i < count; i++) {
            long start = before + 2 + in.number();
            long end = start + in.number();
            set.add(start, end);
            before = end;
        }
        Invariant.check(set.count == count, "intervals %d, decoded %d", count, set.count);
        return set;
    }

    /** Index of the last interval that starts at or below {@code number}, −1 when none does. */
    private int indexOf(long number) {
        int found = Arrays.binarySearch(starts, 0, count, number);
        return found >= 0 ? found : -found - 2;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(starts[i]);
            if (ends[i] > starts[i]) {
                text.append('-').append(ends[i]);
            }
        }
        return text.toString();
    }
}
