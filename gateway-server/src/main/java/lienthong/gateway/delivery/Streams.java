package lienthong.gateway.delivery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.delivery.Records.Seen;
import lienthong.gateway.delivery.Records.StreamKey;
import lienthong.gateway.message.Hash;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;

/**
 * What a destination remembers for good: for each (sender, incarnation, recipient) the exact set of numbers that came, the cores at its edges, and
 * who waits for which number.
 */
final class Streams {
    /** Intervals of skipped, and of lost, numbers that are told from others; beyond it a stream's numbers all count as both. */
    private static final int APART_MAX = 1_024;

    private final MessageStore store;
    private final Turn turn;
    private final Map<StreamKey, Stream> streams = new HashMap<>();

    Streams(MessageStore store, Turn turn) {
        this.store = store;
        this.turn = turn;
    }

    void recover(long key, Seen seen) {
        streams.put(seen.stream(), new Stream(seen, key));
    }

    Stream of(StreamKey key) {
        return streams.computeIfAbsent(
                key,
                none -> new Stream(new Seen(none, new Intervals(), new Edges(), new Intervals(), new Intervals()), 0));
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

        private final Intervals numbers;
        private final Edges edges;
        /** Of the numbers: those that a notice closed. */
        private final Intervals skipped;
        /** Came, may have been handed over, and were lost on this disk: they may come again, marked. */
        private final Intervals lost;

        private long storeKey;

        Stream(Seen seen, long storeKey) {
            this.key = seen.stream();
            this.numbers = seen.intervals();
            this.edges = seen.edges();
            this.skipped = seen.skipped();
            this.lost = seen.lost();
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

        /** The core that has a number, where that is remembered. */
        Optional<Hash> coreOf(long number) {
            return edges.coreOf(number);
        }

        /**
         * An envelope came; whoever waited for one of its numbers is given back.
         *
         * @param breaks gets where hashes of previous cores contradict each other
         */
        List<Copy> came(long first, int count, Hash core, Hash previousCore, List<Edges.Break> breaks) {
            long last = first + count - 1;
            List<Copy> released = add(first, last);
            breaks.addAll(edges.came(first, last, core, previousCore, numbers));
            return released;
        }

        /** A number never will come; whoever waited for it is given back. */
        List<Copy> skipped(long number) {
            edges.skipped(number, number);
            if (skipped.count() < APART_MAX) {
                skipped.add(number, number);
            }
            return add(number, number);
        }

        private List<Copy> add(long first, long last) {
            numbers.add(first, last);
            turn.dirty(this);
            List<Copy> released = new ArrayList<>();
            Map<Long, List<Copy>> range = waiting.subMap(first, true, last, true);
            range.values().forEach(released::addAll);
            range.clear();
            return released;
        }

        /** Whether a notice closed one of these numbers, as far as that is known: they stay closed. */
        boolean isSkipped(long first, int count) {
            return skipped.count() >= APART_MAX || skipped.containsAny(first, first + count - 1);
        }

        /** Their messages were damaged on this disk: they may come again. */
        void forget(long first, int count) {
            numbers.remove(first, first + count - 1);
            edges.forget(first, first + count - 1);
            if (lost.count() < APART_MAX) {
                lost.add(first, first + count - 1);
            }
            turn.dirty(this);
        }

        /** What comes now may have been handed over before it was lost; asked once. */
        boolean comesBack(long first, int count) {
            boolean any = lost.count() >= APART_MAX || lost.containsAny(first, first + count - 1);
            if (any && lost.count() < APART_MAX) {
                lost.remove(first, first + count - 1);
            }
            return any;
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
            return 200
                    + numbers.encodedBytesMax()
                    + edges.bytesMax()
                    + skipped.encodedBytesMax()
                    + lost.encodedBytesMax();
        }

        @Override
        public void write(Turn to) {
            if (storeKey == 0) {
                storeKey = store.newKey();
            }
            to.put(Kind.SEEN, storeKey, new Seen(key, numbers, edges, skipped, lost).encode());
        }
    }
}
