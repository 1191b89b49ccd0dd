package lienthong.gateway.store;

import lienthong.gateway.message.Invariant;

/**
 * Names one finished spool file of this store.
 *
 * @param value above zero, never reused in a store
 */
public record SpoolId(long value) {
    public SpoolId {
        Invariant.check(value > 0, "spool id %d", value);
    }
}
