package lienthong.gateway.message;

/**
 * Random number of a key set's life on one disk. A restored or re-joined disk gets a new one; numbers count per (sender, incarnation,
 * recipient, ordering key).
 *
 * @param value any 64 bits but zero
 */
public record Incarnation(long value) {
    public Incarnation {
        Invariant.check(value != 0, "incarnation zero");
    }

    /** Strict: 16 lower-case digits, not all zero, else {@code null}. */
    public static @org.jspecify.annotations.Nullable Incarnation parse(CharSequence hex) {
        Bytes bytes = Bytes.parseHex(hex, 8);
        long value = bytes == null ? 0 : bytes.asBuffer().getLong();
        return value == 0 ? null : new Incarnation(value);
    }

    @Override
    public String toString() {
        return java.util.HexFormat.of().toHexDigits(value);
    }
}
