package lienthong.gateway.client;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lienthong.gateway.message.Invariant;

/**
 * Exact set of message numbers, as intervals: numbers arrive nearly in order, so that few intervals hold millions. Not thread-safe.
 */
final class NumberSet {
    /** First to last, both inclusive; never touching one another. */
    private final TreeMap<Long, Long> intervals = new TreeMap<>();

    boolean contains(long number) {
        Map.Entry<Long, Long> below = intervals.floorEntry(number);
        return below != null && below.getValue() >= number;
    }

    /** Adds; false when it was there. */
    boolean add(long number) {
        Invariant.check(number > 0 && number < Long.MAX_VALUE, "number %d", number);
        if (contains(number)) {
            return false;
        }
        addAll(number, number);
        return true;
    }

    /** Adds an interval that overlaps nothing but may touch. */
    void addAll(long first, long last) {
        Invariant.check(first > 0 && first <= last && !contains(first), "interval %d to %d", first, last);
        long from = first;
        long to = last;
        Map.Entry<Long, Long> below = intervals.lowerEntry(first);
        if (below != null && below.getValue() == first - 1) {
            from = below.getKey();
        }
        Long above = intervals.remove(last + 1);
        if (above != null) {
            to = above;
        }
        intervals.put(from, to);
    }

    int intervals() {
        return intervals.size();
    }

    /** First to last of each interval, ascending; a copy. */
    List<Map.Entry<Long, Long>> toList() {
        return List.copyOf(intervals.entrySet());
    }
}
