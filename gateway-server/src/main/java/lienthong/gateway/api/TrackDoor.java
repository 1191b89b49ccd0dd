package lienthong.gateway.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;

/** Where one asks what became of a message. */
public interface TrackDoor {
    /**
     * Follows a subject. For one message: what is known now, then (with {@code follow}) what comes until every recipient has an end, then
     * {@link Watcher#end}. {@code MESSAGE_UNKNOWN} when there is none the caller may see. A live subject never ends by itself.
     *
     * @return takes the watch back; any thread, more than once does no harm
     */
    Watch track(Caller caller, Subject subject, boolean follow, Watcher watcher);

    /** What to follow. */
    sealed interface Subject {
        record OfMessage(MessageId id) implements Subject {}

        record OfClientId(Address sender, ClientId clientId) implements Subject {}

        /** Everything of these senders from now on; empty = all of this node. */
        record Live(Set<Address> senders) implements Subject {
            public Live {
                senders = Set.copyOf(senders);
            }
        }
    }

    /** Gets events, on any thread, one call at a time. */
    interface Watcher {
        /** Oldest first. */
        void events(List<Event> events);

        void end();

        void refused(Refusal why);
    }

    /** A running watch. */
    @FunctionalInterface
    interface Watch {
        void cancel();
    }

    /** What happened; each is explained in gateway.proto. */
    enum State {
        ACCEPTED,
        CUSTODY,
        HELD,
        DELIVERED,
        CONSUMED,
        RETURNED,
        EXPIRED,
        SETTLED
    }

    /**
     * One thing that happened to a message.
     *
     * @param sender of the message; decides which live watchers see it
     * @param recipient whom it concerns; empty = all
     * @param at by the clock of the node that says so
     * @param node where; empty = here
     * @param reason for HELD, RETURNED, EXPIRED
     * @param signer certificate hash of a receipt's signer
     * @param reported seen or told by a neighbour, not signed by a recipient
     */
    record Event(
            MessageId id,
            Optional<ClientId> clientId,
            Address sender,
            Optional<Address> recipient,
            State state,
            Instant at,
            Optional<OrganisationId> node,
            Optional<Refusal> reason,
            Optional<Hash> signer,
            boolean reported) {}
}
