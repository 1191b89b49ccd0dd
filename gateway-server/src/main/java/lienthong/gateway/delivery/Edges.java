package lienthong.gateway.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.Hash;

/**
 * What a stream's hashes of previous cores say at the ends of its intervals: of the highest number the core that had it, of the lowest the core that
 * must stand before it. So every envelope is compared with both its neighbours, in whatever order they come, for two hashes an interval. Beyond
 * {@link #KEPT_MAX} of either, those of the lowest numbers are forgotten: what comes beside them is taken without comparison.
 */
final class Edges {
    static final int KEPT_MAX = 1_024;
    private static final int ENTRY_BYTES_MAX = 42;

    /** By an interval's last number: the core of the envelope that has it. Not of a number that was skipped. */
    private final TreeMap<Long, Hash> cores = new TreeMap<>();
    /** By an interval's first number, if that is not 1: the core that its envelope says has the number before. */
    private final TreeMap<Long, Hash> previous = new TreeMap<>();

    /**
     * An envelope names another core before it than the one that has that number.
     *
     * @param number that has {@code is} (zeros: below the first), though its successor names {@code named}
     */
    record Break(long number, Hash is, Hash named) {
        Detail about() {
            return number == 0
                    ? Detail.of("number 1 follows core {0}, number 0 is none", named.hex())
                    : Detail.of(
                            "number {0} follows core {1}, number {2} is core {3}",
                            number + 1, named.hex(), number, is.hex());
        }

        @Override
        public String toString() {
            return about().english();
        }
    }

    /**
     * An envelope took numbers first to last.
     *
     * @param numbers with them
     * @return where it and its neighbours contradict each other
     */
    List<Break> came(long first, long last, Hash core, Hash previousCore, Intervals numbers) {
        List<Break> breaks = new ArrayList<>();
        if (first == 1) {
            compare(0, Numbers.NO_CORE, previousCore, breaks);
        } else if (numbers.contains(first - 1)) {
            Hash before = cores.remove(first - 1);
            if (before != null) {
                compare(first - 1, before, previousCore, breaks);
            }
        } else {
            keep(previous, first, previousCore);
        }
        if (numbers.contains(last + 1)) {
            Hash named = previous.remove(last + 1);
            if (named != null) {
                compare(last, core, named, breaks);
            }
        } else {
            keep(cores, last, core);
        }
        return breaks;
    }

    private static void compare(long number, Hash is, Hash named, List<Break> into) {
        if (!is.equals(named)) {
            into.add(new Break(number, is, named));
        }
    }

    private static void keep(NavigableMap<Long, Hash> edges, long number, Hash hash) {
        edges.put(number, hash);
        if (edges.size() > KEPT_MAX) {
            edges.pollFirstEntry();
        }
    }

    /** Numbers came to nothing: no core has them, and what follows names one that never left. */
    void skipped(long first, long last) {
        cores.remove(first - 1);
        previous.remove(last + 1);
    }

    /** Numbers may come again: nothing is known beside them. */
    void forget(long first, long last) {
        cores.subMap(first, true, last, true).clear();
        previous.subMap(first, true, last, true).clear();
    }

    /** The core that has a number, where that is remembered. */
    Optional<Hash> coreOf(long number) {
        return Optional.ofNullable(cores.get(number));
    }

    int bytesMax() {
        return 10 + ENTRY_BYTES_MAX * (cores.size() + previous.size());
    }

    void encode(RecordWriter out) {
        encode(out, cores);
        encode(out, previous);
    }

    private static void encode(RecordWriter out, Map<Long, Hash> edges) {
        out.list(List.copyOf(edges.entrySet()), Edges::write);
    }

    private static void write(RecordWriter out, Map.Entry<Long, Hash> edge) {
        out.number(edge.getKey()).hash(edge.getValue());
    }

    static Edges decode(RecordReader in) {
        Edges edges = new Edges();
        read(in, edges.cores);
        read(in, edges.previous);
        return edges;
    }

    private static void read(RecordReader in, Map<Long, Hash> edges) {
        for (int count = in.count(); count > 0; count--) {
            long number = in.number();
            edges.put(number, in.hash());
        }
    }
}
