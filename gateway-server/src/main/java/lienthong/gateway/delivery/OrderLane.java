package lienthong.gateway.delivery;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The envelopes with one ordering key that an application has not yet taken, by number: only the first is lent. */
final class OrderLane {
    final TreeMap<Long, Copy> copies = new TreeMap<>();

    @Nullable
    Copy first() {
        return copies.isEmpty() ? null : copies.firstEntry().getValue();
    }
}
