package lienthong.gateway.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;

/** Where messages are listed. */
public interface ListDoor {
    /** One page, newest first. {@code FIELD_MISSING} with field page_token when the token is none of ours. */
    void list(Caller caller, Query query, Consumer<Result<Page<Summary>>> answer);

    /** Which list. */
    enum Box {
        SENT,
        WAITING
    }

    /**
     * What is asked for.
     *
     * @param addresses senders (SENT) or recipients (WAITING); empty = all of this node
     * @param openOnly without an end for every recipient
     * @param size 1 to 1,000
     * @param token of the page before; empty = first page
     */
    record Query(Box box, Set<Address> addresses, boolean openOnly, int size, String token) {
        public Query {
            addresses = Set.copyOf(addresses);
        }
    }

    /**
     * A page.
     *
     * @param items in their order
     * @param next token of the next page, at most 200 printable ASCII characters; empty = there is none
     */
    record Page<T>(List<T> items, Optional<String> next) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /**
     * A message in a list.
     *
     * @param at accepted or taken over
     * @param size bytes of ciphertext
     * @param states of each recipient, in their order
     */
    record Summary(
            MessageId id,
            Optional<ClientId> clientId,
            Address sender,
            List<Address> recipients,
            Precedence precedence,
            SecrecyMark mark,
            Instant at,
            long size,
            List<TrackDoor.State> states) {
        public Summary {
            recipients = List.copyOf(recipients);
            states = List.copyOf(states);
        }
    }
}
