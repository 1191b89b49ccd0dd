package lienthong.gateway.delivery;

import java.util.Optional;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;

/** What the node found in the slot of an address it serves. */
public sealed interface LocalSlot {
    /**
     * Opened.
     *
     * @param incarnation the sender's, under which the numbers count
     * @param firstNumber number of the envelope's first message for this recipient, from 1; the others follow consecutively
     * @param previousCore hash of the core before, zeros for the first
     * @param orderingKey where order is asked for
     * @param keyPredecessor number of the last message before with the same ordering key, 0 for none
     */
    record Opened(
            Incarnation incarnation,
            long firstNumber,
            Hash previousCore,
            Optional<String> orderingKey,
            long keyPredecessor)
            implements LocalSlot {
        public Opened {
            Invariant.check(firstNumber > 0 && firstNumber < Long.MAX_VALUE - 1_000_000, "number %d", firstNumber);
            Invariant.check(keyPredecessor >= 0 && keyPredecessor < firstNumber, "predecessor %d", keyPredecessor);
        }
    }

    /** An embedded client's address: only the client has the key. Duplicates are judged by id here, by number there. */
    record Opaque() implements LocalSlot {}

    /** Wrapped for a key that is not here, or no longer: its sender is asked to wrap it anew, and it waits for that as long as it lives. */
    record KeyNotHere() implements LocalSlot {}

    /** Our own key did not open it, for whatever reason: the recipient returns it. */
    record NotOpened() implements LocalSlot {}
}
