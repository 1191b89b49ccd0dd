package lienthong.gateway.store.record;

import java.nio.ByteBuffer;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Limits;

/**
 * One record.
 *
 * <pre>
 *  0  4  length of the whole record, a multiple of 8
 *  4  4  CRC-32C of store id, file number, bytes 0 to 3 and 8 to the end
 *  8  8  record number: one more than the record before, over all segments
 * 16  1  type
 * 17  1  kind; 0 where the type has none
 * 18  2  zero
 * 20  4  length of the value
 * 24  8  key
 * 32     value, then 0 to 7 zeros
 * </pre>
 *
 * <p>Types: {@link #PUT} value · {@link #PUT_SPOOLED} spool id (8), payload bytes (8), value · {@link #DROP} oldest (8) and newest (8) segment
 * in which a value of the key may stand · {@link #MARK} ends a group: key = offset of the group's first byte, value = number of its first
 * record (8) and the CRC-32C of its records' checksums in order (4) · {@link #STATE} the log about itself.
 */
public final class Records {
    public static final int HEADER_BYTES = 32;
    public static final int PUT = 1;
    public static final int PUT_SPOOLED = 2;
    public static final int DROP = 3;
    public static final int MARK = 4;
    public static final int STATE = 5;
    public static final int MARK_BYTES = HEADER_BYTES + 16;
    public static final int DROP_BYTES = HEADER_BYTES + 16;
    /** Room for what a type adds to the largest value. */
    public static final int RECORD_BYTES_MAX = HEADER_BYTES + 64 + 512 + Limits.RECORD_BYTES_MAX;

    private Records() {}

    /** Bytes of a record with a value of this length. */
    public static int sizeOf(int valueLength) {
        return HEADER_BYTES + (valueLength + 7 & ~7);
    }

    /**
     * Writes a record at the buffer's position and moves it.
     *
     * @param prefix what the type puts before the value, maybe empty
     * @return the record's checksum
     */
    public static int write(
            ByteBuffer out,
            Checksum checksum,
            long number,
            int type,
            int kind,
            long key,
            byte[] prefix,
            ByteBuffer value) {
        int start = out.position();
        int valueLength = prefix.length + value.remaining();
        int length = sizeOf(valueLength);
        out.putInt(length)
                .putInt(0)
                .putLong(number)
                .put((byte) type)
                .put((byte) kind)
                .putShort((short) 0);
        out.putInt(valueLength).putLong(key).put(prefix).put(value);
        while (out.position() < start + length) {
            out.put((byte) 0);
        }
        int sum = checksum.of(out, start, length);
        out.putInt(start + 4, sum);
        return sum;
    }

    /** Whether a header could be one, by its fixed fields and its length. */
    public static boolean isPlausible(ByteBuffer in, int at, long remaining) {
        int length = in.getInt(at);
        int type = in.get(at + 16) & 0xFF;
        int valueLength = in.getInt(at + 20);
        return length >= HEADER_BYTES
                && length <= RECORD_BYTES_MAX
                && length % 8 == 0
                && length <= remaining
                && type >= PUT
                && type <= STATE
                && in.getShort(at + 18) == 0
                && valueLength >= 0
                && valueLength <= length - HEADER_BYTES
                && sizeOf(valueLength) == length;
    }

    /** A record found good. {@code body} has the value for small types that the reader acts on (all but PUT), else it is empty. */
    public record Found(long offset, int length, long number, int type, int kind, long key, int checksum, Bytes body) {}
}
