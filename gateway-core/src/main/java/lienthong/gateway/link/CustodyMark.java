package lienthong.gateway.link;

import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;

/**
 * A custody number as its issuer gives it and as the neighbour gives it back in its hello: whoever holds a number above what the issuer's disk
 * holds proves that this disk is older.
 *
 * @param incarnation of the issuer when it issued the number
 * @param number the issuer's own counter, from 1, rising with each commit
 * @param mac over incarnation, number and neighbour under the issuer's own key, 32 bytes; only the issuer can check it
 */
public record CustodyMark(Incarnation incarnation, long number, Bytes mac) {
    public static final int MAC_BYTES = 32;

    public CustodyMark {
        Invariant.check(number > 0 && mac.size() == MAC_BYTES, "custody mark %d with %d bytes", number, mac.size());
    }
}
