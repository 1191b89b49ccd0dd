package lienthong.gateway.message;

/**
 * A SHA-256 value, 32 bytes. A type of its own so that a hash never stands where other bytes are meant.
 *
 * @param bytes 32 bytes
 */
public record Hash(Bytes bytes) implements Comparable<Hash> {
    public static final int SIZE_BYTES = 32;

    public Hash {
        Invariant.check(bytes.size() == SIZE_BYTES, "hash of %d bytes", bytes.size());
    }

    /** SHA-256 of {@code content} (FIPS 180-4), by the JDK's provider. */
    public static Hash of(Bytes content) {
        return of(content.asBuffer());
    }

    /** SHA-256 of what remains in {@code content}; moves its position. */
    public static Hash of(java.nio.ByteBuffer content) {
        java.security.MessageDigest digest = digest();
        digest.update(content);
        return new Hash(Bytes.ofOwned(digest.digest()));
    }

    /** A fresh SHA-256 for content that comes in pieces. */
    public static java.security.MessageDigest digest() {
        try {
            return java.security.MessageDigest.getInstance("SHA-256");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new Bug("every JDK has SHA-256", e);
        }
    }

    /** Strict: 64 lower-case digits, else {@code null}. */
    public static @org.jspecify.annotations.Nullable Hash parse(CharSequence hex) {
        Bytes bytes = Bytes.parseHex(hex, SIZE_BYTES);
        return bytes == null ? null : new Hash(bytes);
    }

    public String hex() {
        return bytes.hex();
    }

    @Override
    public int compareTo(Hash other) {
        return bytes.compareTo(other.bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
