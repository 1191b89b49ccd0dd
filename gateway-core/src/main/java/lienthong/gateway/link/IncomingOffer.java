package lienthong.gateway.link;

import java.time.Duration;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.SealedEnvelope;

/**
 * A large envelope that the peer would send.
 *
 * @param core as received, unchecked; 1 byte to {@code Limits.HEADER_BYTES_MAX}
 * @param slots all slots of this branch, ascending by number, unchecked
 * @param ciphertextLength bytes, 0 to {@code Limits.PAYLOAD_BYTES_MAX}
 * @param precedence claimed; the core has the word that counts
 * @param age how long it has been on its way, as the peer states it: dwell times of all hops, no comparison of clocks
 * @param directory number of the directory in force at the peer; 0 when it has none
 */
public record IncomingOffer(
        Bytes core,
        List<SealedEnvelope.Slot> slots,
        long ciphertextLength,
        Precedence precedence,
        Duration age,
        long directory) {
    public IncomingOffer {
        slots = List.copyOf(slots);
    }
}
