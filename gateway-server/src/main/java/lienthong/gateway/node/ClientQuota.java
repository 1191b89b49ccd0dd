package lienthong.gateway.node;

import java.time.Duration;
import java.util.Optional;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;

/**
 * What one embedded client may send in a time: its identity is one address's, and one address must not take the office's line or disk from the
 * others, or shout "hỏa tốc" all day. Buckets that fill evenly; a message may overdraw one, the next then waits. Confined to the loop.
 */
final class ClientQuota {
    /** Flash messages in an hour: a province's storm warning goes to all in one message. */
    static final int FLASH_PER_HOUR = 60;

    static final int MESSAGES_PER_MINUTE = 30_000;
    /** About what a line of 40 Mbit/s carries. */
    static final long BYTES_PER_HOUR = 16L * 1024 * 1024 * 1024;

    private final Bucket flash = new Bucket(FLASH_PER_HOUR, Duration.ofHours(1));
    private final Bucket messages = new Bucket(MESSAGES_PER_MINUTE, Duration.ofMinutes(1));
    private final Bucket bytes = new Bucket(BYTES_PER_HOUR, Duration.ofHours(1));

    /** Takes from the buckets, or says which one is empty; nothing is taken then. */
    Optional<Refusal> take(Precedence precedence, int count, long size, long nowNanos) {
        boolean urgent = precedence.number() >= Precedence.FLASH.number();
        if (urgent && flash.isEmpty(nowNanos)) {
            return Optional.of(
                    Refusal.of(ErrorCode.QUOTA, "a client may send {0} messages hỏa tốc in an hour", FLASH_PER_HOUR));
        }
        if (messages.isEmpty(nowNanos)) {
            return Optional.of(
                    Refusal.of(ErrorCode.QUOTA, "a client may send {0} messages in a minute", MESSAGES_PER_MINUTE));
        }
        if (bytes.isEmpty(nowNanos)) {
            return Optional.of(
                    Refusal.of(ErrorCode.QUOTA, "a client may send {0} GiB in an hour", BYTES_PER_HOUR >> 30));
        }
        if (urgent) {
            flash.take(count);
        }
        messages.take(count);
        bytes.take(size);
        return Optional.empty();
    }

    /** Amounts for a time, refilled evenly. */
    private static final class Bucket {
        private final long size;
        private final double perNano;
        private double left;
        private long atNanos;
        private boolean begun;

        Bucket(long size, Duration time) {
            this.size = size;
            this.perNano = (double) size / time.toNanos();
            this.left = (double) size;
        }

        boolean isEmpty(long nowNanos) {
            if (begun) {
                left = Math.min((double) size, left + (nowNanos - atNanos) * perNano);
            }
            begun = true;
            atNanos = nowNanos;
            return left < 1;
        }

        void take(long amount) {
            left -= (double) amount;
        }
    }
}
