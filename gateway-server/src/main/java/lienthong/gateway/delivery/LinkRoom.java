package lienthong.gateway.delivery;

import lienthong.gateway.message.Precedence;

/** How much a session takes now. */
@FunctionalInterface
public interface LinkRoom {
    /** Whether there is credit and buffer for one more envelope of this precedence. Receipts, notices and queries have a window of their own. */
    boolean has(Precedence precedence);

    /** Whether one whose ciphertext is spooled has a place as well: small ones pass those that wait for it. */
    default boolean hasForLarge(Precedence precedence) {
        return has(precedence);
    }

    /** Whether a receipt, notice, query or answer is taken now. */
    default boolean hasForReceipts() {
        return true;
    }
}
