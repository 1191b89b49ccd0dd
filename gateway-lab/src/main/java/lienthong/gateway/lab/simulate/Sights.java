package lienthong.gateway.lab.simulate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How often each {@link Sight} was seen. One thread. */
public final class Sights {
    private final Map<Sight, Long> counts = new EnumMap<>(Sight.class);

    Sights() {}

    /** Nothing seen yet. */
    public static Sights none() {
        return new Sights();
    }

    void saw(Sight sight) {
        counts.merge(sight, 1L, Long::sum);
    }

    void count(Sight sight, long times) {
        counts.merge(sight, times, Long::sum);
    }

    long count(Sight sight) {
        return counts.getOrDefault(sight, 0L);
    }

    /** Adds what another run has seen. */
    public void add(Sights other) {
        other.counts.forEach((sight, count) -> counts.merge(sight, count, Long::sum));
    }

    /** Names of those never seen. */
    public List<String> blind() {
        List<String> never = new ArrayList<>();
        for (Sight sight : Sight.values()) {
            if (count(sight) == 0) {
                never.add(sight.word());
            }
        }
        return never;
    }

    /** Each name with its count, in the order of the list. */
    public Map<String, Long> counts() {
        Map<String, Long> all = new java.util.LinkedHashMap<>();
        for (Sight sight : Sight.values()) {
            all.put(sight.word(), count(sight));
        }
        return all;
    }
}
