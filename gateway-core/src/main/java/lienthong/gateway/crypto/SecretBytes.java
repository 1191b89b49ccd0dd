package lienthong.gateway.crypto;

import java.security.MessageDigest;
import java.util.Arrays;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bug;

/**
 * Bytes nobody may see by accident: no {@code toString}, no {@code equals}, no serialisation; copied in, copied out. Thread-safe. Using it
 * after {@link #destroy()} is a {@link Bug}.
 */
public final class SecretBytes {
    private final byte[] bytes;
    private volatile boolean destroyed;

    private SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy of {@code source}; the caller still owns, and should overwrite, the array. */
    public static SecretBytes copyOf(byte[] source, KeyAccess access) {
        java.util.Objects.requireNonNull(access, "key access");
        return new SecretBytes(source.clone());
    }

    /** {@code size} fresh bytes nobody can guess. */
    public static SecretBytes random(int size, Randomness randomness) {
        return new SecretBytes(randomness.bytes(size));
    }

    /** Takes the array without a copy; it must not be touched again. */
    static SecretBytes ofOwned(byte[] owned) {
        return new SecretBytes(owned);
    }

    /** Number of bytes; also after destruction. */
    public int size() {
        return bytes.length;
    }

    /** A new array with the bytes; overwrite it after use. */
    public byte[] copy(KeyAccess access) {
        java.util.Objects.requireNonNull(access, "key access");
        return inner().clone();
    }

    /** Whether the other holds the same bytes, in time that depends only on the sizes. */
    public boolean sameAs(SecretBytes other) {
        return MessageDigest.isEqual(inner(), other.inner());
    }

    /** Overwrites the bytes. Copies already made, by us or by the virtual machine, are out of reach. Idempotent. */
    public void destroy() {
        destroyed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    public boolean isDestroyed() {
        return destroyed;
    }

    /** The array itself, for this room only: read, never kept, never written. */
    byte[] inner() {
        if (destroyed) {
            throw new Bug("secret used after its destruction");
        }
        return bytes;
    }
}
