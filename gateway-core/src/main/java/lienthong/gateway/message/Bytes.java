package lienthong.gateway.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable sequence of bytes. Copies in, copies out; slices share the hidden array. Thread-safe.
 *
 * <p>For public bytes only (ciphertext, hashes, signed text): secrets live in {@code crypto.SecretBytes}, which neither prints nor compares
 * in the open.
 */
public final class Bytes implements Comparable<Bytes> {
    private static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private final byte[] array;
    private final int start;
    private final int size;

    private Bytes(byte[] array, int start, int size) {
        this.array = array;
        this.start = start;
        this.size = size;
    }

    /** The empty sequence. */
    public static Bytes empty() {
        return EMPTY;
    }

    /** A copy of all of {@code source}. */
    public static Bytes copyOf(byte[] source) {
        return source.length == 0 ? EMPTY : new Bytes(source.clone(), 0, source.length);
    }

    /** A copy of {@code size} bytes of {@code source} from {@code offset}; an impossible range is a {@link Bug}. */
    public static Bytes copyOf(byte[] source, int offset, int size) {
        Invariant.check(
                offset >= 0 && size >= 0 && offset <= source.length - size,
                "bytes range %d+%d of %d",
                offset,
                size,
                source.length);
        return size == 0 ? EMPTY : new Bytes(Arrays.copyOfRange(source, offset, offset + size), 0, size);
    }

    /** A copy of what remains in {@code source}, whose position does not move. */
    public static Bytes copyOf(ByteBuffer source) {
        byte[] copy = new byte[source.remaining()];
        source.duplicate().get(copy);
        return copy.length == 0 ? EMPTY : new Bytes(copy, 0, copy.length);
    }

    /**
     * Takes the array without a copy: the caller promises never to write to it again. For arrays just made by a codec or a cipher, where a
     * second copy would be the cost of a hot path.
     */
    public static Bytes ofOwned(byte[] owned) {
        return owned.length == 0 ? EMPTY : new Bytes(owned, 0, owned.length);
    }

    /** The UTF-8 encoding of {@code text}; unpaired surrogates are a {@link Bug} (texts are checked where they enter). */
    public static Bytes utf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                Invariant.check(
                        i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1)),
                        "unpaired surrogate at %d",
                        i);
                i++;
            }
        }
        return ofOwned(text.getBytes(StandardCharsets.UTF_8));
    }

    /** From lower- or upper-case hexadecimal of even length; anything else is a {@link Bug}: parse outside input with {@link #parseHex}. */
    public static Bytes ofHex(String hex) {
        return ofOwned(HexFormat.of().parseHex(hex));
    }

    /**
     * From strict lower-case hexadecimal of exactly {@code size} bytes.
     *
     * @return the bytes, or {@code null} when {@code hex} is anything else
     */
    public static @org.jspecify.annotations.Nullable Bytes parseHex(CharSequence hex, int size) {
        if (hex.length() != 2 * size) {
            return null;
        }
        byte[] out = new byte[size];
        for (int i = 0; i < size; i++) {
            int high = digit(hex.charAt(2 * i));
            int low = digit(hex.charAt(2 * i + 1));
            if (high < 0 || low < 0) {
                return null;
            }
            out[i] = (byte) (high << 4 | low);
        }
        return ofOwned(out);
    }

    private static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }

    /** Number of bytes. */
    public int size() {
        return size;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** The byte at {@code index}, as −128 … 127. */
    public byte get(int index) {
        if (index < 0
                || index >= size) { // not Invariant.check: its arguments would be boxed for every byte of every text
            throw new Bug("byte " + index + " of " + size);
        }
        return array[start + index];
    }

    /** A view of {@code length} bytes from {@code offset}; shares memory, costs no copy. */
    public Bytes slice(int offset, int length) {
        Invariant.check(
                offset >= 0 && length >= 0 && offset <= size - length, "slice %d+%d of %d", offset, length, size);
        return length == 0 ? EMPTY : new Bytes(array, start + offset, length);
    }

    /** A new array with all bytes. */
    public byte[] toArray() {
        return Arrays.copyOfRange(array, start, start + size);
    }

    /** A read-only buffer over the bytes, without a copy. */
    public ByteBuffer asBuffer() {
        return ByteBuffer.wrap(array, start, size).slice().asReadOnlyBuffer();
    }

    /** Copies all bytes to {@code target} from {@code offset}. */
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(array, start, target, offset, size);
    }

    /** This followed by {@code next}. */
    public Bytes plus(Bytes next) {
        byte[] joined = Arrays.copyOf(toArray(), size + next.size);
        next.copyTo(joined, size);
        return ofOwned(joined);
    }

    /** Lower-case hexadecimal. */
    public String hex() {
        return HexFormat.of().formatHex(array, start, start + size);
    }

    /** Decodes as UTF-8, malformed input replaced: for texts already checked, or to show. */
    public String utf8() {
        return new String(array, start, size, StandardCharsets.UTF_8);
    }

    /** Decodes byte by byte: for what is known to be ASCII. */
    String latin1() {
        return new String(array, start, size, StandardCharsets.ISO_8859_1);
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(array, start, start + size, other.array, other.start, other.start + other.size);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Bytes that
                && Arrays.equals(array, start, start + size, that.array, that.start, that.start + that.size);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = start; i < start + size; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    /** Short form for logs: size and the first eight bytes. */
    @Override
    public String toString() {
        return size <= 8 ? hex() : slice(0, 8).hex() + "…(" + size + ")";
    }
}
