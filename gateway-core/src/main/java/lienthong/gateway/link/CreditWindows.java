package lienthong.gateway.link;

import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.Invariant;

/**
 * The six windows of one direction: five precedences and control. Sums since the session began, so that no grant can be lost or counted twice.
 * One instance counts what we may send, another what the peer may. Confined to the loop.
 */
final class CreditWindows {
    static final int CONTROL = 5;
    static final int WINDOWS = 6;
    /** What an item costs beside its bytes: the memory that keeps track of it. */
    static final int ITEM_COST = 256;
    /** The largest thing that cannot be cut, an envelope that rides whole, and a little: less could stop a window for good. */
    static final long WINDOW_BYTES_MIN = 160 * 1024;

    static final long CONTROL_WINDOW_BYTES = 1024 * 1024;
    /** One full frame and its cost. */
    static final long CONTROL_BYTES_MIN = 264 * 1024;

    private final long[] granted = new long[WINDOWS];
    private final long[] used = new long[WINDOWS];
    private final long[] disposed = new long[WINDOWS];

    /** Whether {@code cost} more may be sent. */
    boolean allows(int window, long cost) {
        return used[window] + cost <= granted[window];
    }

    long left(int window) {
        return granted[window] - used[window];
    }

    /** Counts what is sent or has arrived; false when it was not granted. */
    boolean use(int window, long cost) {
        if (!allows(window, cost)) {
            return false;
        }
        used[window] += cost;
        return true;
    }

    /** The peer raised a window. Falling is a breach. */
    void raise(int window, long total) throws Breach {
        if (total < granted[window]) {
            throw new Breach(CloseReason.PROTOCOL, "credit of window " + window + " falls");
        }
        granted[window] = total;
    }

    /** What arrived is written, answered or dropped: its place is free. */
    void dispose(int window, long cost) {
        disposed[window] += cost;
        Invariant.check(disposed[window] <= used[window], "disposed of more than arrived in window %d", window);
    }

    /** Arrived and not yet disposed of. */
    long outstanding(int window) {
        return used[window] - disposed[window];
    }

    /** Grants that are worth a frame: a quarter of a window more than the peer knows of, or the peer is about to stop. */
    List<Frame.Grant> due(long[] windowBytes) {
        List<Frame.Grant> grants = new ArrayList<>(WINDOWS);
        for (int window = 0; window < WINDOWS; window++) {
            long size = windowBytes[window] == 0 ? 0 : Math.max(WINDOW_BYTES_MIN, windowBytes[window]);
            long target = disposed[window] + size;
            long more = size == 0 ? 0 : target - granted[window];
            if (more >= size / 4 && more > 0 || more > 0 && left(window) < size / 4) {
                granted[window] = target;
                grants.add(new Frame.Grant(window, target));
            }
        }
        return grants;
    }
}
