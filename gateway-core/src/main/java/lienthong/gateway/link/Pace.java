package lienthong.gateway.link;

import lienthong.gateway.message.Limits;

/**
 * How fast the line is, and so how much may lie in front of an urgent frame: numbers in, numbers out. Measures only between moments at which
 * the wire was full, since only then what went in is what went out. A slower line is believed at once, a faster one step by step: the first
 * megabyte into an empty socket buffer says nothing about the fibre.
 */
final class Pace {
    /** A data frame takes this long. */
    private static final double FRAME_SECONDS = 0.2;

    private static final int FIRST_FRAME_BYTES = 32 * 1024;
    /** Shorter spans measure the scheduler. */
    private static final long SPAN_NANOS_MIN = 2_000_000;

    private static final double RISE = 0.4;
    /** Bytes queued in front of the network on a fast line; on a slow one a data frame. */
    private static final int QUEUE_BYTES_MAX = 1024 * 1024;

    private double bytesPerSecond;
    private boolean measuring;
    private long sinceNanos;
    private long bytes;

    /** Bytes were queued. */
    void sent(int size) {
        bytes += size;
    }

    /** At the end of a turn the wire was full. */
    void full(long nowNanos) {
        if (!measuring) {
            measuring = true;
            sinceNanos = nowNanos;
            bytes = 0;
            return;
        }
        long span = nowNanos - sinceNanos;
        if (span < SPAN_NANOS_MIN) {
            return;
        }
        double measured = bytes * 1e9 / span;
        bytesPerSecond = bytesPerSecond == 0 || measured < bytesPerSecond
                ? measured
                : bytesPerSecond + RISE * (measured - bytesPerSecond);
        sinceNanos = nowNanos;
        bytes = 0;
    }

    /** At the end of a turn there was nothing more to send. */
    void idle() {
        measuring = false;
    }

    /** Measured bytes a second; 0 before the wire was ever full for a while. */
    long bytesPerSecond() {
        return (long) bytesPerSecond;
    }

    /** Bytes of the next data frame. */
    int dataFrameBytes() {
        return bytesPerSecond == 0 ? FIRST_FRAME_BYTES : clamp(FrameShapes.DATA_BYTES_MAX);
    }

    /** Bytes that may wait in front of the network. */
    int queueBytes() {
        return bytesPerSecond == 0 ? 2 * FIRST_FRAME_BYTES : clamp(QUEUE_BYTES_MAX);
    }

    private int clamp(int max) {
        long frame = (long) (bytesPerSecond * FRAME_SECONDS);
        return (int) Math.max(Limits.DATA_FRAME_BYTES_MIN, Math.min(max, frame));
    }
}
