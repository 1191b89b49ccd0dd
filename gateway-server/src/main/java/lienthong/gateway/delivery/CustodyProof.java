package lienthong.gateway.delivery;

import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Incarnation;

/**
 * What a neighbour gave with custody, to be given back to it in the next hello, so that it notices when its disk became older.
 *
 * @param issuer the neighbour's incarnation
 * @param number its custody counter for us
 * @param mac under its own key: nobody else can make or judge it; at most 64 bytes
 */
public record CustodyProof(Incarnation issuer, long number, Bytes mac) {
    /** MACs are at most this long. */
    public static final int MAC_BYTES_MAX = 64;
}
