package lienthong.gateway.store.log;

import java.util.Arrays;
import lienthong.gateway.message.Invariant;

/**
 * Where the live value of each key stands: open addressing over flat arrays, 24 bytes a slot, because a million small values must not cost
 * a gigabyte of objects. Used under the log's lock.
 */
final class KeyIndex {
    private static final int CAPACITY_MIN = 16;
    private static final int OFFSET_BITS = 26;

    private long[] keys = new long[CAPACITY_MIN];
    /** Segment number above, offset ÷ 8 in the low 26 bits; 0 = empty slot. */
    private long[] places = new long[CAPACITY_MIN];

    private int[] lengths = new int[CAPACITY_MIN];
    /** Oldest segment in which a value of the key may still stand. */
    private int[] oldest = new int[CAPACITY_MIN];

    private int size;

    static long place(long segment, long offset) {
        return segment << OFFSET_BITS | offset >>> 3;
    }

    static long segmentOf(long place) {
        return place >>> OFFSET_BITS;
    }

    static long offsetOf(long place) {
        return (place & (1L << OFFSET_BITS) - 1) << 3;
    }

    int size() {
        return size;
    }

    /** Slot of a key, −1 when absent; valid until the next change. */
    int find(long key) {
        int mask = keys.length - 1;
        for (int slot = start(key, mask); places[slot] != 0; slot = slot + 1 & mask) {
            if (keys[slot] == key) {
                return slot;
            }
        }
        return -1;
    }

    long placeAt(int slot) {
        return places[slot];
    }

    int lengthAt(int slot) {
        return lengths[slot];
    }

    long oldestAt(int slot) {
        return oldest[slot];
    }

    void oldestAt(int slot, long segment) {
        oldest[slot] = (int) segment;
    }

    /** Sets or replaces. */
    void put(long key, long place, int length, long oldestSegment) {
        Invariant.check(oldestSegment <= Integer.MAX_VALUE, "segment %d", oldestSegment);
        if ((size + 1L) * 4 > keys.length * 3L) {
            grow();
        }
        int slot = set(key, place);
        lengths[slot] = length;
        oldest[slot] = (int) oldestSegment;
    }

    private int set(long key, long place) {
        int mask = keys.length - 1;
        int slot = start(key, mask);
        while (places[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        if (places[slot] == 0) {
            size++;
        }
        keys[slot] = key;
        places[slot] = place;
        return slot;
    }

    /** Empties a slot and moves up those that had to go around it. */
    void remove(int slot) {
        int mask = keys.length - 1;
        int hole = slot;
        for (int next = slot + 1 & mask; places[next] != 0; next = next + 1 & mask) {
            int home = start(keys[next], mask);
            if ((next - home & mask) >= (next - hole & mask)) {
                keys[hole] = keys[next];
                places[hole] = places[next];
                lengths[hole] = lengths[next];
                oldest[hole] = oldest[next];
                hole = next;
            }
        }
        places[hole] = 0;
        size--;
    }

    /** All keys, ascending as unsigned numbers. */
    long[] sortedKeys() {
        long[] all = new long[size];
        int count = 0;
        for (int slot = 0; slot < keys.length; slot++) {
            if (places[slot] != 0) {
                all[count++] = keys[slot] ^ Long.MIN_VALUE;
            }
        }
        Arrays.sort(all);
        for (int i = 0; i < all.length; i++) {
            all[i] ^= Long.MIN_VALUE;
        }
        return all;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldPlaces = places;
        int[] oldLengths = lengths;
        int[] oldOldest = oldest;
        int capacity = oldKeys.length * 2;
        keys = new long[capacity];
        places = new long[capacity];
        lengths = new int[capacity];
        oldest = new int[capacity];
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldPlaces[i] != 0) {
                int slot = set(oldKeys[i], oldPlaces[i]);
                lengths[slot] = oldLengths[i];
                oldest[slot] = oldOldest[i];
            }
        }
    }

    private static int start(long key, int mask) {
        long hash = key * 0x9E3779B97F4A7C15L;
        return (int) (hash ^ hash >>> 32) & mask;
    }
}
