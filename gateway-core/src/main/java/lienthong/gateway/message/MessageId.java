package lienthong.gateway.message;

import java.time.Instant;

/**
 * 128-bit identifier of a message, time-ordered (RFC 9562 §5.7 layout, version 7), minted by whoever seals. Written as 32 lower-case
 * hexadecimal digits. Network duplicates are judged by (sender, message id).
 *
 * @param high milliseconds since 1970 (48 bit), version 7, 12 random bits
 * @param low variant, 62 random bits
 */
public record MessageId(long high, long low) implements Comparable<MessageId> {
    public static final int SIZE_BYTES = 16;

    public MessageId {
        Invariant.check(
                (high & 0xF000L) == 0x7000L && (low & 0xC000000000000000L) == 0x8000000000000000L, "message id form");
    }

    /** From the claimed time and 10 random bytes of which 74 bits are used. */
    public static MessageId mint(Instant now, byte[] random10) {
        Invariant.check(random10.length == 10, "random bytes %d", random10.length);
        long a = (random10[0] & 0xFFL) << 8 | random10[1] & 0xFFL;
        long b = 0;
        for (int i = 2; i < 10; i++) {
            b = b << 8 | random10[i] & 0xFFL;
        }
        return new MessageId(
                now.toEpochMilli() << 16 | 0x7000L | a & 0x0FFFL, 0x8000000000000000L | b & 0x3FFFFFFFFFFFFFFFL);
    }

    /** Parses 32 lower-case hexadecimal digits; {@code MESSAGE_UNKNOWN} for anything else, since no message can have such an id. */
    public static Result<MessageId> parse(String text) {
        Bytes bytes = Bytes.parseHex(text, SIZE_BYTES);
        return bytes == null ? Result.no(ErrorCode.MESSAGE_UNKNOWN, "an id has 32 digits 0-9 a-f") : ofBytes(bytes);
    }

    /** From 16 bytes as they stand in a frame or record; {@code MESSAGE_UNKNOWN} when version or variant bits are wrong. */
    public static Result<MessageId> ofBytes(Bytes bytes) {
        if (bytes.size() != SIZE_BYTES) {
            return Result.no(ErrorCode.MESSAGE_UNKNOWN, "an id has 16 bytes, not {0}", bytes.size());
        }
        long high = bytes.asBuffer().getLong(0);
        long low = bytes.asBuffer().getLong(8);
        if ((high & 0xF000L) != 0x7000L || (low & 0xC000000000000000L) != 0x8000000000000000L) {
            return Result.no(ErrorCode.MESSAGE_UNKNOWN, "version or variant bits of the id are wrong");
        }
        return Result.ok(new MessageId(high, low));
    }

    /** 16 bytes, big-endian. */
    public Bytes bytes() {
        return Bytes.ofOwned(java.nio.ByteBuffer.allocate(SIZE_BYTES)
                .putLong(high)
                .putLong(low)
                .array());
    }

    /** The time its minter claimed. */
    public Instant mintedAt() {
        return Instant.ofEpochMilli(high >>> 16);
    }

    @Override
    public int compareTo(MessageId other) {
        int first = Long.compareUnsigned(high, other.high);
        return first != 0 ? first : Long.compareUnsigned(low, other.low);
    }

    @Override
    public String toString() {
        java.util.HexFormat hex = java.util.HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }
}
