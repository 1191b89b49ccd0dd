package lienthong.gateway.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;

/** One thing that a client's state file remembers. */
sealed interface Change {
    /** Whose file it is: the first change of every file. */
    record Owner(Hash network, Address address, Incarnation incarnation) implements Change {}

    /** The client runs; without a {@link Stopped} behind it, it did not stop in order. */
    record Running() implements Change {}

    record Stopped() implements Change {}

    /**
     * An envelope was sealed, its numbers are used, it must reach the node.
     *
     * @param envelope as {@code EnvelopeWire} writes it; a large ciphertext lies in a file of its own
     * @param streams what was said last in each recipient's stream, this envelope included
     */
    record Sealed(MessageId id, Bytes envelope, List<Stream> streams, Optional<Claim> claim) implements Change {
        public Sealed {
            streams = List.copyOf(streams);
        }
    }

    /**
     * A recipient's stream.
     *
     * @param last number used last
     * @param previousCore hash of the core with that number
     * @param tails last number of each ordering key; the least recently used first
     */
    record Stream(Address recipient, long last, Hash previousCore, Map<String, Long> tails) implements Change {}

    /** The application's own name of a message, so that a second send gives the first answer. */
    record Claim(ClientId name, Hash request, MessageId id, Instant at) implements Change {}

    /**
     * What stands in the slots of an envelope that was sealed, for as long as one of them may have to be made anew.
     *
     * @param until nobody needs it then
     */
    record Sent(MessageId id, Instant until, List<Place> places) implements Change {
        public Sent {
            places = List.copyOf(places);
        }
    }

    /** One recipient's slot. */
    record Place(Address recipient, SlotFacts facts) {}

    /** The node has custody: the sealed bytes may go. */
    record Handed(MessageId id) implements Change {}

    /** The node refused for good; its numbers must be closed by skips. */
    record Refused(MessageId id, ErrorCode reason, List<Gap> gaps) implements Change {
        public Refused {
            gaps = List.copyOf(gaps);
        }
    }

    /** A number that comes to nothing. */
    record Gap(Address recipient, long number) {}

    /** The node has the skips. */
    record Closed(MessageId id) implements Change {}

    /**
     * A received message has its end: acknowledged, or returned for good.
     *
     * @param link absent in what was written before it was kept
     */
    record Ended(Address sender, Incarnation incarnation, long number, boolean returned, Optional<Chain.Link> link)
            implements Change {}

    /** All ends of one sender's life, when the file is written anew. */
    record Ends(
            Address sender,
            Incarnation incarnation,
            List<Long> ended,
            List<Long> returned,
            Map<Long, Hash> cores,
            Map<Long, Hash> previous)
            implements Change {
        public Ends {
            ended = List.copyOf(ended);
            returned = List.copyOf(returned);
            cores = Map.copyOf(cores);
            previous = Map.copyOf(previous);
        }
    }
}
