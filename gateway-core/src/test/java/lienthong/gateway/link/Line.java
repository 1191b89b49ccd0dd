package lienthong.gateway.link;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.message.Bytes;

/**
 * Two wires in memory. May: carry so many bytes a second in each direction, delay, break after so many bytes of the first direction (frames cut
 * in the middle never arrive). Never: reorders, alters, drops.
 */
final class Line {
    final End a;
    final End b;
    private final TestLoop loop;
    private final long bytesPerSecond;
    private final long latencyNanos;
    private boolean broken;
    /** Break when so many bytes have left {@link #a}. */
    long breakAfterBytes = Long.MAX_VALUE;
    /** Break when so many frames have left {@link #a}. */
    long breakAfterFrames = Long.MAX_VALUE;

    Line(TestLoop loop, long bytesPerSecond, long latencyNanos) {
        this.loop = loop;
        this.bytesPerSecond = bytesPerSecond;
        this.latencyNanos = latencyNanos;
        this.a = new End();
        this.b = new End();
        a.other = b;
        b.other = a;
    }

    void cut() {
        if (!broken) {
            broken = true;
            loop.execute(() -> a.session.cut());
            loop.execute(() -> b.session.cut());
        }
    }

    /** One side. Queued bytes count until they have left. */
    final class End implements Wire {
        LinkSession session;
        private End other;
        final List<Bytes> sent = new ArrayList<>();
        private final ArrayDeque<Bytes> unflushed = new ArrayDeque<>();
        private final ArrayDeque<Bytes> queue = new ArrayDeque<>();
        private long queued;
        private int mark = 256 * 1024;
        private boolean full;
        private boolean moving;
        private boolean closing;
        long bytesOut;
        long framesOut;
        int flushes;
        boolean keepFrames = true;

        @Override
        public void send(Bytes frame) {
            if (keepFrames) {
                sent.add(frame);
            }
            unflushed.add(frame);
            queued += frame.size() + 4L;
            full |= queued >= mark;
        }

        @Override
        public void flush() {
            flushes++;
            queue.addAll(unflushed);
            unflushed.clear();
            if (!moving) {
                moving = true;
                next();
            }
        }

        private void next() {
            Bytes frame = queue.poll();
            if (frame == null) {
                moving = false;
                if (closing) {
                    loop.schedule(latencyNanos + 1, Line.this::cut);
                }
                return;
            }
            long nanos = bytesPerSecond == 0 ? 0 : (frame.size() + 4L) * 1_000_000_000L / bytesPerSecond;
            Runnable left = () -> {
                if (broken) {
                    return;
                }
                bytesOut += frame.size() + 4L;
                framesOut++;
                queued -= frame.size() + 4L;
                if (this == a && (bytesOut > breakAfterBytes || framesOut > breakAfterFrames)) {
                    cut();
                    return;
                }
                loop.schedule(latencyNanos, () -> {
                    if (!broken) {
                        other.session.received(frame);
                    }
                });
                if (full && queued < mark / 2) {
                    full = false;
                    session.writable();
                }
                next();
            };
            if (nanos == 0) {
                loop.execute(left);
            } else {
                loop.schedule(nanos, left);
            }
        }

        @Override
        public boolean isWritable() {
            return !full;
        }

        @Override
        public void queueAtMost(int bytes) {
            mark = bytes;
        }

        @Override
        public void close() {
            closing = true;
            flush();
        }
    }
}
