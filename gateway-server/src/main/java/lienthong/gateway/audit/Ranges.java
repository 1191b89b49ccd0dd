package lienthong.gateway.audit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import lienthong.gateway.merkle.TreeBuilder;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/**
 * Roots of the subtrees that a proof consists of, gathered in one pass over the leaves: a log of millions is never in memory.
 * Source: RFC 9162 §2.1.3.1 and §2.1.4.1.
 */
final class Ranges {
    private record Range(long from, long to) {}

    private final List<Range> inProofOrder = new ArrayList<>();
    private final TreeMap<Long, Range> byStart = new TreeMap<>();
    private final TreeMap<Range, TreeBuilder> roots = new TreeMap<>(Comparator.comparingLong(Range::from));

    private Ranges() {}

    static Ranges ofInclusion(long index, long size) {
        Ranges ranges = new Ranges();
        ranges.inclusion(index, 0, size);
        return ranges.ready();
    }

    static Ranges ofConsistency(long oldSize, long newSize) {
        Ranges ranges = new Ranges();
        ranges.consistency(oldSize, 0, newSize, true);
        return ranges.ready();
    }

    private Ranges ready() {
        for (Range range : inProofOrder) {
            byStart.put(range.from, range);
            roots.put(range, new TreeBuilder());
        }
        return this;
    }

    private static long split(long size) {
        long half = Long.highestOneBit(size);
        return half == size ? half / 2 : half;
    }

    private void inclusion(long index, long from, long to) {
        if (to - from == 1) {
            return;
        }
        long middle = from + split(to - from);
        if (index < middle) {
            inclusion(index, from, middle);
            inProofOrder.add(new Range(middle, to));
        } else {
            inclusion(index, middle, to);
            inProofOrder.add(new Range(from, middle));
        }
    }

    private void consistency(long oldSize, long from, long to, boolean whole) {
        if (oldSize == to - from) {
            if (!whole) {
                inProofOrder.add(new Range(from, to));
            }
            return;
        }
        long k = split(to - from);
        if (oldSize <= k) {
            consistency(oldSize, from, from + k, whole);
            inProofOrder.add(new Range(from + k, to));
        } else {
            consistency(oldSize - k, from + k, to, false);
            inProofOrder.add(new Range(from, from + k));
        }
    }

    void leaf(long index, Hash leaf) {
        var entry = byStart.floorEntry(index);
        if (entry != null && index < entry.getValue().to) {
            TreeBuilder builder = roots.get(entry.getValue());
            if (builder != null) {
                builder.append(leaf);
            }
        }
    }

    /**
     * In the order of an inclusion proof, when all leaves behind the entry were shown: what lies before it are the complete subtrees of the tree that
     * ends there, the smallest nearest to the entry.
     */
    List<Hash> roots(TreeBuilder before) {
        Bytes frontier = before.frontier();
        int left = (frontier.size() - Long.BYTES) / Hash.SIZE_BYTES;
        List<Hash> path = new ArrayList<>();
        for (Range range : inProofOrder) {
            if (range.to <= before.size()) {
                left--;
                path.add(new Hash(frontier.slice(Long.BYTES + left * Hash.SIZE_BYTES, Hash.SIZE_BYTES)));
            } else {
                path.add(java.util.Objects.requireNonNull(roots.get(range)).root());
            }
        }
        return path;
    }

    /** In the order of the proof, when all leaves were shown. */
    List<Hash> roots() {
        List<Hash> path = new ArrayList<>();
        for (Range range : inProofOrder) {
            TreeBuilder builder = roots.get(range);
            path.add(java.util.Objects.requireNonNull(builder).root());
        }
        return path;
    }
}
