package lienthong.gateway.envelope;

import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;

/**
 * What a slot tells its recipient beside the content key; relays do not see it.
 *
 * @param incarnation the sender's, under which its numbers count
 * @param firstNumber number of the envelope's first message for this recipient, the others follow consecutively; 0 in the sender's own slot
 * @param previousCore hash of the core before in this stream; zeros for the first
 * @param keyPredecessor number of the last message before with the same ordering key; 0 for none
 * @param orderingKey where order is asked for
 */
public record SlotFacts(
        Incarnation incarnation,
        long firstNumber,
        Hash previousCore,
        long keyPredecessor,
        Optional<String> orderingKey) {
    /** The hash before the first core: 32 zero bytes. */
    public static final Hash NO_CORE = new Hash(Bytes.ofOwned(new byte[Hash.SIZE_BYTES]));

    /** What stands in the sender's own slot: it needs the key, its counts are elsewhere. */
    static SlotFacts own(Incarnation incarnation, Optional<String> orderingKey) {
        return new SlotFacts(incarnation, 0, NO_CORE, 0, orderingKey);
    }
}
