package lienthong.gateway.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.message.Hash;

/**
 * What one sender's hashes of previous cores say at the ends of the intervals of numbers that have come: of the highest the core that had it, of the
 * lowest the core that must stand before it. So every message is compared with both its neighbours, in whatever order they come. Beyond
 * {@link #KEPT_MAX} of either, those of the lowest numbers are forgotten: what comes beside them is taken without comparison. Not thread-safe.
 */
final class Chain {
    static final int KEPT_MAX = 1_024;

    /** By an interval's last number. */
    private final TreeMap<Long, Hash> cores = new TreeMap<>();
    /** By an interval's first number, if that is not 1. */
    private final TreeMap<Long, Hash> previous = new TreeMap<>();

    /**
     * A message names another core before it than the one that has that number.
     *
     * @param number that has {@code is} (zeros: below the first), though its successor names {@code named}
     */
    record Break(long number, Hash is, Hash named) {}

    /**
     * One message's end.
     *
     * @param core of its envelope
     * @param previousCore that its slot names; for the second and later messages of an envelope that envelope's own
     */
    record Link(Hash core, Hash previousCore) {}

    /** At a start. */
    void restore(Map<Long, Hash> knownCores, Map<Long, Hash> knownPrevious) {
        cores.putAll(knownCores);
        previous.putAll(knownPrevious);
    }

    Map<Long, Hash> cores() {
        return new TreeMap<>(cores);
    }

    Map<Long, Hash> previous() {
        return new TreeMap<>(previous);
    }

    /**
     * A number has come.
     *
     * @param others those that have come before
     * @return where it and its neighbours contradict each other
     */
    List<Break> came(long number, Link link, NumberSet others) {
        List<Break> breaks = new ArrayList<>();
        if (number == 1) {
            compare(0, SlotFacts.NO_CORE, link.previousCore(), breaks);
        } else if (others.contains(number - 1)) {
            Hash before = cores.remove(number - 1);
            if (before != null) {
                compare(number - 1, before, link.previousCore(), breaks);
            }
        } else {
            keep(previous, number, link.previousCore());
        }
        if (others.contains(number + 1)) {
            Hash named = previous.remove(number + 1);
            if (named != null) {
                compare(number, link.core(), named, breaks);
            }
        } else {
            keep(cores, number, link.core());
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
}
