package lienthong.gateway.link;

import java.time.Instant;
import java.util.function.LongSupplier;
import lienthong.gateway.message.Limits;
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

    /**
     * By free disk: below 10 % no routine mail, below 5 % nothing but flash, below 2 % or within the reserve nothing at all (receipts have
     * a window of their own). Otherwise {@code windowBytes}, or a quarter of what is free above the reserve if that is less.
     */
    static CreditPolicy byDisk(long windowBytes, LongSupplier freeBytes, LongSupplier totalBytes) {
        return (precedence, outstanding, now) -> {
            long free = freeBytes.getAsLong();
            long total = Math.max(1, totalBytes.getAsLong());
            double share = (double) free / total;
            boolean flash = precedence.number() >= Precedence.FLASH.number();
            if (share < 0.02 || free <= Limits.DISK_RESERVE_BYTES || share < 0.05 && !flash) {
                return 0;
            }
            if (share < 0.10 && precedence == Precedence.ROUTINE) {
                return 0;
            }
            return Math.min(windowBytes, (free - Limits.DISK_RESERVE_BYTES) / 4);
        };
    }
}
