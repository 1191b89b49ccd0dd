package lienthong.gateway.store.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import lienthong.gateway.message.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of one file and decides which to believe.
 *
 * <p>A group is written after the group before it was synced, so a good mark proves all that stands before its group. Its own group it proves
 * only when every record of it is there. From that follows: what is proven and has a wrong checksum is damage, set aside and read on; a last
 * group that is not whole is a torn write nobody was told of, dropped without a word.
 */
public final class RecordScanner {
    /** Gets what is believed, in the order of offsets. */
    public interface Sink {
        /** A good record. */
        void record(Records.Found found);

        /** A place that was good once. */
        void damage(Hole hole);
    }

    /**
     * Damage.
     *
     * @param records how many record numbers are missing; 0 when only bytes between records are wrong
     * @param kind what the damaged header claims, 0 when it is not plausible
     */
    public record Hole(long offset, long length, long records, int kind, long key) {}

    /**
     * How far the file is believed.
     *
     * @param end offset after the last believed record
     * @param lastNumber its number; one less than the file's first when there is none
     * @param tail bytes from {@code end} that are not zero
     */
    public record Scan(long end, long lastNumber, boolean tail) {}

    private sealed interface Item {}

    private record Good(Records.Found found) implements Item {}

    private record Bad(Hole hole) implements Item {}

    private final Window window;
    private final Checksum checksum;
    private final Sink sink;
    private final boolean bodies;
    private final List<Item> pending = new ArrayList<>();
    private long end;
    private long believedNumber;

    /** @param bodies whether {@link Records.Found#body} is wanted for PUT records too */
    public RecordScanner(Window window, Checksum checksum, boolean bodies, Sink sink) {
        this.window = window;
        this.checksum = checksum;
        this.bodies = bodies;
        this.sink = sink;
    }

    /**
     * Reads from {@code start}, where a record begins, to the end.
     *
     * @param firstNumber number that the record there must have
     * @param proven whether a later file of the same log proves all of this one
     */
    public Scan scan(long start, long firstNumber, boolean proven) {
        long at = start;
        long last = firstNumber - 1;
        end = at;
        believedNumber = last;
        while (true) {
            Records.Found found = recordAt(at, last + 1, last + 1);
            if (found == null) {
                long next = resynchronise(at, last);
                if (next < 0) {
                    break;
                }
                found = recordAt(next, last + 1, Long.MAX_VALUE);
                if (found == null) {
                    break;
                }
                pending.add(new Bad(holeAt(at, next - at, found.number() - last - 1)));
                at = next;
            }
            pending.add(new Good(found));
            at += found.length();
            last = found.number();
            if (found.type() == Records.MARK) {
                settle(found);
            }
        }
        if (proven) {
            believe(pending.size());
        }
        pending.clear();
        return new Scan(end, believedNumber, !isZero(end));
    }

    private void settle(Records.Found mark) {
        long groupStart = mark.key();
        int first = 0;
        while (first < pending.size() && offsetOf(pending.get(first)) < groupStart) {
            first++;
        }
        believe(first);
        CRC32C sums = new CRC32C();
        byte[] four = new byte[4];
        for (Item item : pending.subList(0, pending.size() - 1)) {
            if (!(item instanceof Good good)) {
                return;
            }
            ByteBuffer.wrap(four).putInt(good.found.checksum());
            sums.update(four);
        }
        ByteBuffer body = mark.body().asBuffer();
        long firstNumber = body.getLong();
        int groupSum = body.getInt();
        boolean whole = firstNumber == mark.number() - (pending.size() - 1L) && groupSum == (int) sums.getValue();
        if (whole) {
            believe(pending.size());
        }
    }

    private static long offsetOf(Item item) {
        return item instanceof Good good ? good.found.offset() : ((Bad) item).hole.offset();
    }

    private void believe(int count) {
        for (int i = 0; i < count; i++) {
            Item item = pending.get(i);
            if (item instanceof Good good) {
                sink.record(good.found);
                end = good.found.offset() + good.found.length();
                believedNumber = good.found.number();
            } else {
                Hole hole = ((Bad) item).hole;
                sink.damage(hole);
                end = hole.offset() + hole.length();
                believedNumber += hole.records();
            }
        }
        pending.subList(0, count).clear();
    }

    private Records.@Nullable Found recordAt(long at, long numberMin, long numberMax) {
        long remaining = window.end() - at;
        if (remaining < Records.HEADER_BYTES) {
            return null;
        }
        int start = window.at(at, Records.HEADER_BYTES);
        ByteBuffer in = window.buffer();
        if (!Records.isPlausible(in, start, remaining)) {
            return null;
        }
        int length = in.getInt(start);
        long number = in.getLong(start + 8);
        if (number < numberMin || number > numberMax) {
            return null;
        }
        start = window.at(at, length);
        in = window.buffer();
        int sum = in.getInt(start + 4);
        if (sum != checksum.of(in, start, length)) {
            return null;
        }
        int type = in.get(start + 16) & 0xFF;
        int valueLength = in.getInt(start + 20);
        int kept = type == Records.PUT && !bodies
                ? 0
                : type == Records.PUT_SPOOLED && !bodies ? Math.min(16, valueLength) : valueLength;
        byte[] body = new byte[kept];
        in.get(start + Records.HEADER_BYTES, body);
        boolean formed = switch (type) {
            case Records.DROP, Records.PUT_SPOOLED -> kept >= 16;
            case Records.MARK, Records.STATE -> kept >= 12;
            default -> true;
        };
        return formed
                ? new Records.Found(
                        at,
                        length,
                        number,
                        type,
                        in.get(start + 17) & 0xFF,
                        in.getLong(start + 24),
                        sum,
                        Bytes.ofOwned(body))
                : null;
    }

    /** Next place with a good record of a later number, first where the damaged one says it ends, then anywhere; −1 when there is none. */
    private long resynchronise(long at, long last) {
        if (window.end() - at >= Records.HEADER_BYTES) {
            int start = window.at(at, Records.HEADER_BYTES);
            if (Records.isPlausible(window.buffer(), start, window.end() - at)) {
                long next = at + window.buffer().getInt(start);
                if (recordAt(next, last + 2, last + 2) != null) {
                    return next;
                }
            }
        }
        for (long next = at + 8; window.end() - next >= Records.HEADER_BYTES; next += 8) {
            int start = window.at(next, Records.HEADER_BYTES);
            if (window.buffer().getLong(start) != 0
                    && recordAt(next, last + 1, last + 1 + (next - at) / Records.HEADER_BYTES) != null) {
                return next;
            }
        }
        return -1;
    }

    private Hole holeAt(long at, long length, long records) {
        int kind = 0;
        long key = 0;
        if (window.end() - at >= Records.HEADER_BYTES) {
            int start = window.at(at, Records.HEADER_BYTES);
            ByteBuffer in = window.buffer();
            int type = in.get(start + 16) & 0xFF;
            if (type >= Records.PUT && type <= Records.DROP && in.getShort(start + 18) == 0) {
                kind = in.get(start + 17) & 0xFF;
                key = in.getLong(start + 24);
            }
        }
        return new Hole(at, length, records, kind, key);
    }

    private boolean isZero(long from) {
        for (long at = from; at < window.end(); ) {
            int step = (int) Math.min(64 * 1024, window.end() - at);
            int start = window.at(at, step);
            for (int i = 0; i < step; i++) {
                if (window.buffer().get(start + i) != 0) {
                    return false;
                }
            }
            at += step;
        }
        return true;
    }
}
