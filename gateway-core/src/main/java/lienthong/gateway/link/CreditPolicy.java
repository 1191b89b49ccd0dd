package lienthong.gateway.link;

import java.time.Instant;
import lienthong.gateway.message.Precedence;

/** How much a peer may send ahead: numbers in, numbers out. */
@FunctionalInterface
public interface CreditPolicy {
    /**
     * How many bytes of this precedence may be on their way or in work here at once.
     *
     * @param outstandingBytes arrived and not yet disposed of (written, or answered)
     * @return the window; 0 stops this precedence, anything else below one frame is taken as one frame
     */
    long windowBytes(Precedence precedence, long outstandingBytes, Instant now);

    /** The same window for all, whatever the disk says. */
    static CreditPolicy fixed(long windowBytes) {
        return (precedence, outstanding, now) -> windowBytes;
    }
}
