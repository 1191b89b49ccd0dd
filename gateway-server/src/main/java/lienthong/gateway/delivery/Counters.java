package lienthong.gateway.delivery;

import java.util.EnumMap;
import java.util.Map;
import lienthong.gateway.delivery.DeliveryStatus.Counter;

/** What happened how often since the start. */
final class Counters {
    private final Map<Counter, Long> values = new EnumMap<>(Counter.class);

    void add(Counter counter) {
        add(counter, 1);
    }

    void add(Counter counter, long count) {
        values.merge(counter, count, Long::sum);
    }

    Map<Counter, Long> values() {
        return Map.copyOf(values);
    }
}
