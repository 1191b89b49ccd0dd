package lienthong.gateway.lab.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Random;
import lienthong.gateway.message.Hash;

/**
 * What is sent: sequence number (8 bytes), the moment it was due by the monotonic clock (8), SHA-256 of everything else (32), then random bytes
 * that no compression can shrink. Immutable, thread-safe.
 */
final class Payload {
    private static final int HASH_AT = 16;
    private static final int BODY_AT = 48;
    private static final int POOL_SLACK_BYTES = 1 << 20;

    private final byte[] pool;
    private final int sizeBytes;

    /** @param sizeBytes of every payload, at least 48 */
    Payload(int sizeBytes, Random random) {
        this.sizeBytes = sizeBytes;
        this.pool = new byte[sizeBytes + POOL_SLACK_BYTES];
        random.nextBytes(pool);
    }

    /** Payload {@code sequence}; another stretch of the random pool for each. */
    ByteString make(long sequence, long dueNanos) {
        byte[] bytes = new byte[sizeBytes];
        int from = (int) Math.floorMod(sequence * 0x9E3779B97F4A7C15L, (long) POOL_SLACK_BYTES);
        System.arraycopy(pool, from, bytes, BODY_AT, sizeBytes - BODY_AT);
        ByteBuffer.wrap(bytes).putLong(sequence).putLong(dueNanos).put(hash(bytes));
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    static long sequence(byte[] payload) {
        return ByteBuffer.wrap(payload).getLong(0);
    }

    static long dueNanos(byte[] payload) {
        return ByteBuffer.wrap(payload).getLong(8);
    }

    boolean isIntact(byte[] payload) {
        return payload.length == sizeBytes
                && ByteBuffer.wrap(payload, HASH_AT, BODY_AT - HASH_AT).equals(ByteBuffer.wrap(hash(payload)));
    }

    private static byte[] hash(byte[] bytes) {
        MessageDigest digest = Hash.digest();
        digest.update(bytes, 0, HASH_AT);
        digest.update(bytes, BODY_AT, bytes.length - BODY_AT);
        return digest.digest();
    }
}
