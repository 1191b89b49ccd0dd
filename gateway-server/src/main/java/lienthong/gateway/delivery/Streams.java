package lienthong.gateway.delivery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lienthong.gateway.delivery.Records.Seen;
import lienthong.gateway.delivery.Records.StreamKey;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;

/**
 * What a destination remembers for good: for each (sender, incarnation, recipient) the exact set of numbers that came, and who waits for
 * which number.
 */
final class Streams {
    private final MessageStore store;
    private final Turn turn;
    private final Map<StreamKey, Stream> streams = new HashMap<>();

    Streams(MessageStore store, Turn turn) {
        this.store = store;
        this.turn = turn;
    }

    void recover(long key, Seen seen) {
        streams.put(seen.stream(), new Stream(seen.stream(), seen.intervals(), key));
    }

    Stream of(StreamKey key) {
        return streams.computeIfAbsent(key, none -> new Stream(none, new Intervals(), 0));
    }

    /** Streams in which somebody waits for a number. */
    List<Stream> withGaps() {
        List<Stream> found = new ArrayList<>();
        for (Stream stream : streams.values()) {
            if (!stream.waiting.isEmpty()) {
                found.add(stream);
            }
        }
        return found;
    }

    /** One sender's numbers for one recipient. */
    final class Stream implements Turn.Dirty {
        final StreamKey key;
        /** By the number they wait for. */
        final TreeMap<Long, List<Copy>> waiting = new TreeMap<>();
        /** By ordering key. */
        final Map<String, OrderLane> lanes = new HashMap<>();

        private Intervals numbers;
        private long storeKey;

        Stream(StreamKey key, Intervals numbers, long storeKey) {
            this.key = key;
            this.numbers = numbers;
            this.storeKey = storeKey;
        }

        boolean hasAll(long first, int count) {
            return numbers.containsAll(first, first + count - 1);
        }

        boolean hasAny(long first, int count) {
            return numbers.containsAny(first, first + count - 1);
        }

        boolean has(long number) {
            return numbers.contains(number);
        }

        /** So many gaps that one more number is refused, unless it touches what is there. */
        boolean refusesGap(long first) {
            return numbers.isFull() && !numbers.contains(first - 1);
        }

        /** These came, or never will; whoever waited for one of them is given back. */
        List<Copy> add(long first, int count) {
            numbers.add(first, first + count - 1);
            turn.dirty(this);
            List<Copy> released = new ArrayList<>();
            Map<Long, List<Copy>> range = waiting.subMap(first, true, first + count - 1, true);
            range.values().forEach(released::addAll);
            range.clear();
            return released;
        }

        /** Their messages were damaged on this disk: they may come again. */
        void forget(long first, int count) {
            numbers.remove(first, first + count - 1);
            turn.dirty(this);
        }

        void await(long number, Copy copy) {
            waiting.computeIfAbsent(number, none -> new ArrayList<>()).add(copy);
        }

        void giveUp(long number, Copy copy) {
            List<Copy> those = waiting.get(number);
            if (those != null && those.remove(copy) && those.isEmpty()) {
                waiting.remove(number);
            }
        }

        /** How many with this ordering key wait for a missing number, if {@code number} would wait with them; 0 when it is what they wait for. */
        int heldBack(String orderingKey, long number) {
            OrderLane lane = lanes.get(orderingKey);
            Copy first = lane == null ? null : lane.first();
            if (lane == null || first == null || !isWaiting(first) || number < lane.copies.firstKey()) {
                return 0;
            }
            return lane.copies.size();
        }

        private static boolean isWaiting(Copy copy) {
            for (Copy.Unit unit : copy.units) {
                if (unit.state == CopyState.HELD_BACK) {
                    return true;
                }
            }
            return false;
        }

        /** Messages that cannot go on before {@code number} has come. */
        int behind(long number) {
            int count = 0;
            for (Copy copy : waiting.getOrDefault(number, List.of())) {
                count += copy.lane == null ? 1 : copy.lane.copies.size();
            }
            return count;
        }

        @Override
        public int bytesMax() {
            return 200 + numbers.encodedBytesMax();
        }

        @Override
        public void write(Turn to) {
            if (storeKey == 0) {
                storeKey = store.newKey();
            }
            to.put(Kind.SEEN, storeKey, new Seen(key, numbers).encode());
        }
    }
}
