package lienthong.gateway.delivery;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;

/**
 * Numbers for one envelope, to be written into its slots. Ends in {@link Delivery#accepted} or {@link Delivery#abandon}.
 *
 * @param count messages in the envelope
 * @param numbers one for each recipient, in the core's order
 */
public record Reservation(
        Address sender,
        Incarnation incarnation,
        Hash core,
        int count,
        Optional<String> orderingKey,
        List<Numbered> numbers) {
    public Reservation {
        numbers = List.copyOf(numbers);
    }

    /**
     * One recipient's numbers.
     *
     * @param first number of the first message, from 1
     * @param previousCore hash of the core before in this stream, zeros for the first
     * @param keyPredecessor last number with the same ordering key that has no end yet, 0 for none
     */
    public record Numbered(Address recipient, long first, Hash previousCore, long keyPredecessor) {}
}
