package lienthong.gateway.lab.proof.store;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import lienthong.gateway.message.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What a store goes through, one step after the other, all from a seed: values of 40 bytes to 20 KiB put, replaced and dropped, some with a
 * spool file of 65 to 90 KiB. After step {@code n} the store must hold exactly {@link #heldAfter}. Used by one thread.
 */
final class Life {
    private static final int VALUE_FROM = 40;
    private static final int VALUE_TO = 4_000;
    private static final int LARGE_VALUE_TO = 20_000;
    private static final int SPOOLED_EACH = 7;
    private static final int SPOOLED_AT = 3;
    private static final int SPOOL_FROM = 65_000;
    private static final int SPOOL_TO = 90_000;

    private final Random random;
    private final TreeMap<Long, Step> held = new TreeMap<>();
    private long last;

    /**
     * One change.
     *
     * @param number from 1
     * @param key of the value
     * @param length of the value; 0 when the key is dropped
     * @param spoolLength of its spool file; 0 for none
     */
    record Step(long number, long key, int length, int spoolLength) {
        boolean isDrop() {
            return length == 0;
        }

        /** The value: the step's number, its spool file (0 for none), then bytes that follow from the number. */
        Bytes value(long spoolId) {
            byte[] bytes = content(number, length);
            ByteBuffer.wrap(bytes).putLong(Long.BYTES, spoolId);
            return Bytes.copyOf(bytes);
        }

        /** The spool file's bytes. */
        byte[] spooled() {
            return content(-number, spoolLength);
        }

        private static byte[] content(long number, int length) {
            byte[] bytes = new byte[length];
            new Random(number).nextBytes(bytes);
            ByteBuffer.wrap(bytes).putLong(number);
            return bytes;
        }

        /** Whether this is the step's value, whatever spool file it names. */
        boolean isValue(Bytes found) {
            return found.size() == length && found.equals(value(spoolId(found)));
        }

        /** Which spool file a value names; 0 for none. */
        static long spoolId(Bytes value) {
            return ByteBuffer.wrap(value.toArray()).getLong(Long.BYTES);
        }

        /** Which step put a value; 0 when it is too short to be one. */
        static long numberOf(Bytes value) {
            return value.size() < VALUE_FROM
                    ? 0
                    : ByteBuffer.wrap(value.toArray()).getLong();
        }
    }

    Life(long seed) {
        random = new Random(seed);
    }

    /** The next step; the caller does to the store what it says. */
    Step next() {
        last++;
        Step step = draw();
        if (step.isDrop()) {
            held.remove(step.key());
        } else {
            held.put(step.key(), step);
        }
        return step;
    }

    private Step draw() {
        // However short the life: some steps have a spool file.
        int what = last % SPOOLED_EACH == SPOOLED_AT ? 99 : random.nextInt(100);
        @Nullable Long old = held.isEmpty() ? null : anyHeld();
        if (old != null && what < 35) {
            return new Step(last, old, 0, 0);
        }
        long key = old != null && what < 50 ? old : last;
        boolean spooled = what >= 92;
        int length = what == 91
                ? VALUE_FROM + random.nextInt(LARGE_VALUE_TO - VALUE_FROM)
                : VALUE_FROM + random.nextInt(VALUE_TO - VALUE_FROM);
        return new Step(last, key, length, spooled ? SPOOL_FROM + random.nextInt(SPOOL_TO - SPOOL_FROM) : 0);
    }

    private Long anyHeld() {
        Iterator<Long> keys = held.keySet().iterator();
        Long key = keys.next();
        for (int skip = random.nextInt(held.size()); skip > 0; skip--) {
            key = keys.next();
        }
        return key;
    }

    /** What is held now, by key: the step that put it. */
    NavigableMap<Long, Step> held() {
        return new TreeMap<>(held);
    }

    long last() {
        return last;
    }

    /** What must be held after step {@code number} of the life with this seed. */
    static NavigableMap<Long, Step> heldAfter(long seed, long number) {
        Life life = new Life(seed);
        while (life.last < number) {
            Step unused = life.next();
        }
        return life.held();
    }
}
