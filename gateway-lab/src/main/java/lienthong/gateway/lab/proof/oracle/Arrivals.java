package lienthong.gateway.lab.proof.oracle;

import java.util.Map;
import java.util.TreeMap;

/** First arrivals within one key, as disjoint intervals: small however many messages, as long as few are missing. */
final class Arrivals {
    /** First number of an interval to its last. */
    private final TreeMap<Long, Long> intervals = new TreeMap<>();

    /** Notes a hand-over; true when {@code number} comes for the first time after a larger one. */
    boolean isLate(long number) {
        Map.Entry<Long, Long> before = intervals.floorEntry(number);
        if (before != null && number <= before.getValue()) {
            return false;
        }
        boolean late = intervals.higherKey(number) != null;
        long from = number;
        long to = number;
        if (before != null && before.getValue() == number - 1) {
            from = before.getKey();
        }
        Long joined = intervals.remove(number + 1);
        if (joined != null) {
            to = joined;
        }
        intervals.put(from, to);
        return late;
    }
}
