package lienthong.gateway.link;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;

/** What an embedded client and its node say to each other beside envelopes and receipts. */
public sealed interface ClientFrame {
    /** Rows in one frame. */
    int ITEMS_MAX = 1_024;

    /** Client: "give me a certificate". {@code request} is the identity room's own form, at most 64 KiB. */
    record Enrol(Bytes request) implements ClientFrame {}

    /** Node: the issued certificate (the identity room's own form, at most 64 KiB), or why not. */
    record Enrolled(Optional<Bytes> issued, Optional<Refusal> refusal) implements ClientFrame {}

    /**
     * Client: "I am the consumer of this address from now on".
     *
     * @param unclean whether the client did not stop in order last time: what it had is marked redelivered
     * @param want how many leases it can hold
     */
    record Attach(Address address, boolean unclean, int want) implements ClientFrame {}

    /**
     * Client: keeps leases alive and says how many more it can hold.
     *
     * @param extend numbers of leases still worked on
     * @param want further leases, 0 to {@link #ITEMS_MAX}
     */
    record Lease(List<Long> extend, int want) implements ClientFrame {
        public Lease {
            extend = List.copyOf(extend);
        }
    }

    /**
     * Node: the envelope with this leaf hash, which is offered in this session (usually after this frame), is leased to the client.
     *
     * @param lease number, from 1, unique for the address
     * @param ids the messages of the envelope that are leased (all, or those not ended yet)
     * @param leaf leaf hash of the envelope's statement
     * @param seconds how long, unless extended
     * @param deliveries how often it was handed over before
     * @param redelivered whether the application may have seen it
     * @param rewrap the signed re-wrap whose slot opens it instead of the sealed one, as the envelope room writes notices, at most 64 KiB
     */
    record Leased(
            long lease,
            List<MessageId> ids,
            Hash leaf,
            int seconds,
            long deliveries,
            boolean redelivered,
            Optional<Bytes> rewrap)
            implements ClientFrame {
        public Leased {
            ids = List.copyOf(ids);
        }
    }

    /** Client: the application has taken these messages of the lease; the signed receipt follows as a receipt. */
    record Acknowledge(long lease, List<MessageId> ids) implements ClientFrame {
        public Acknowledge {
            ids = List.copyOf(ids);
        }
    }

    /** Client: the application gives these messages back; {@code again}: hand them over once more, else the signed {@code returned} follows. */
    record Return(long lease, List<MessageId> ids, ErrorCode reason, String detail, boolean again)
            implements ClientFrame {
        public Return {
            ids = List.copyOf(ids);
        }
    }

    /** Client: "where is my message?" */
    record Track(long request, MessageId id) implements ClientFrame {}

    /** Node: the state per recipient, empty when the message is unknown here. */
    record Tracked(long request, MessageId id, List<Place> places) implements ClientFrame {
        public Tracked {
            places = List.copyOf(places);
        }
    }

    /**
     * One recipient's state.
     *
     * @param state word of the state: {@code accepted}, {@code forwarding}, {@code in-custody}, {@code delivered}, {@code consumed},
     *     {@code returned}, {@code expired}
     * @param at since when, claimed
     * @param reason of an end
     */
    record Place(Address recipient, String state, Instant at, Optional<ErrorCode> reason) {}

    /** Client: "who is this?" A code, alias or name, at most 200 characters. */
    record LookUp(long request, String text) implements ClientFrame {}

    /** Node: directory entries (strict text) and records that answer, or the nearest known address. */
    record Found(long request, List<Bytes> entries, List<Bytes> records, Optional<String> nearest)
            implements ClientFrame {
        public Found {
            entries = List.copyOf(entries);
            records = List.copyOf(records);
        }
    }

    /**
     * Node: the recipient's keys changed, make its slot of what the client sealed anew; the answer is a signed re-wrap, a notice.
     *
     * @param envelope the envelope room's own form without the ciphertext's bytes, at most {@link #ENVELOPE_BYTES_MAX}
     */
    record WrapAnew(Address recipient, Bytes envelope) implements ClientFrame {
        /** Far above what core, statement, seal and two slots take. */
        public static final int ENVELOPE_BYTES_MAX = 224 * 1024;
    }

    /** Client: its newest key bundle, a self-certifying record, to be published; node: one it should know. */
    record KeyBundle(Bytes record) implements ClientFrame {}
}
