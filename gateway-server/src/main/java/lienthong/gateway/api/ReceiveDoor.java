package lienthong.gateway.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;

/** Where applications take messages out. */
public interface ReceiveDoor {
    /**
     * Begins to receive for one address; no lease comes before {@link Receiving#credit}.
     *
     * @param receiver gets the leases
     * @param answer the handle, or why not ({@code NOT_YOUR_ADDRESS} when the address is not on this node)
     */
    void attach(Caller caller, Attachment attachment, Receiver receiver, Consumer<Result<Receiving>> answer);

    /**
     * What is asked for.
     *
     * @param address on this node
     * @param consumer name of the program, for operators
     * @param leaseFor how long a lease lasts
     * @param services only these; empty = all
     */
    record Attachment(Address address, String consumer, Duration leaseFor, Set<Service> services) {
        public Attachment {
            services = Set.copyOf(services);
        }
    }

    /** The receiving side; called on any thread, one call at a time, must return at once. */
    interface Receiver {
        /** A message; uses one credit. */
        void lease(Lease lease);

        /** A lease ended by itself (time over, address moved); it may come again. */
        void lost(long lease, Refusal why);

        /** Receiving has ended by the node; nothing comes after it. */
        void closed(Refusal why);
    }

    /** The handle of one attachment. Actions on a lease that is not held answer {@code LEASE_NOT_HELD} and harm nothing. */
    interface Receiving {
        Address address();

        /** Messages waiting for the address when it was attached. */
        long waiting();

        /** So many more leases may come. */
        void credit(int messages);

        /** Taken: answers when it is on disk; the receipt follows. */
        void acknowledge(long lease, Consumer<Optional<Refusal>> done);

        /** Given back to its sender for good, with a clean reason. */
        void giveBack(long lease, String reason, Consumer<Optional<Refusal>> done);

        /** Not now: waits again, marked redelivered. */
        void release(long lease, Consumer<Optional<Refusal>> done);

        /** More time from now. */
        void extend(long lease, Duration time, Consumer<Optional<Refusal>> done);

        /** The stream has ended: all open leases are released. */
        void detach();
    }

    /**
     * A message on loan.
     *
     * @param id number of the lease on this node
     * @param header what it is
     * @param parts with sizes and checked hashes
     * @param deliveryCount 1 is the first time
     * @param redelivered may have been handed out before
     * @param until when it ends by itself
     * @param content its bytes
     */
    record Lease(
            long id,
            Received header,
            List<Draft.Part> parts,
            int deliveryCount,
            boolean redelivered,
            Instant until,
            Content content) {
        public Lease {
            parts = List.copyOf(parts);
        }
    }

    /** A lease's bytes, all checked against the seal before the first is given. */
    sealed interface Content {
        /** Small: contents of each part. */
        record Whole(List<Bytes> contents) implements Content {
            public Whole {
                contents = List.copyOf(contents);
            }
        }

        /** Large: fetched while the application reads. Whoever got it closes it. */
        record Large(ContentStream stream) implements Content {}
    }

    /**
     * A received message's description.
     *
     * @param id of the message
     * @param sender who sealed it
     * @param recipients all, ascending
     * @param recipient on this node
     * @param createdAt the sender's clock
     * @param deliveredAt this node's clock
     * @param leaf names the sealed message in evidence
     */
    record Received(
            MessageId id,
            Address sender,
            List<Address> recipients,
            Address recipient,
            Service service,
            Optional<String> subject,
            Precedence precedence,
            SecrecyMark mark,
            Instant createdAt,
            Lifetime lifetime,
            Optional<String> contentType,
            Optional<String> correlation,
            Optional<String> ordering,
            Instant deliveredAt,
            Hash leaf) {
        public Received {
            recipients = List.copyOf(recipients);
        }
    }
}
