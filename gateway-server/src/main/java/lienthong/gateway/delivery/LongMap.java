package lienthong.gateway.delivery;

import lienthong.gateway.message.Invariant;

/** From non-zero longs to non-zero longs, 16 to 32 bytes an entry: ids are remembered for weeks, and a map of objects would cost ten times as much. */
final class LongMap {
    private long[] keys = new long[16];
    private long[] values = new long[16];
    private int size;

    /** The value, or 0. */
    long get(long key) {
        for (int i = slot(key); keys[i] != 0; i = i + 1 & keys.length - 1) {
            if (keys[i] == key) {
                return values[i];
            }
        }
        return 0;
    }

    void put(long key, long value) {
        Invariant.check(key != 0 && value != 0, "zero in a map of non-zero numbers");
        if (size * 3 >= keys.length * 2) {
            grow();
        }
        int i = slot(key);
        while (keys[i] != 0 && keys[i] != key) {
            i = i + 1 & keys.length - 1;
        }
        if (keys[i] == 0) {
            size++;
        }
        keys[i] = key;
        values[i] = value;
    }

    /** Removes it and closes the gap, so that no entry behind it is lost from sight. */
    void remove(long key) {
        int mask = keys.length - 1;
        int gap = slot(key);
        while (keys[gap] != key) {
            if (keys[gap] == 0) {
                return;
            }
            gap = gap + 1 & mask;
        }
        size--;
        for (int i = gap + 1 & mask; keys[i] != 0; i = i + 1 & mask) {
            int home = slot(keys[i]);
            if ((i - home & mask) >= (i - gap & mask)) {
                keys[gap] = keys[i];
                values[gap] = values[i];
                gap = i;
            }
        }
        keys[gap] = 0;
        values[gap] = 0;
    }

    int size() {
        return size;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new long[oldKeys.length * 2];
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                put(oldKeys[i], oldValues[i]);
            }
        }
    }

    private int slot(long key) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & keys.length - 1;
    }
}
