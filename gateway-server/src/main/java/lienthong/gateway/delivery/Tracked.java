package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.SecrecyMark;

/**
 * Where a message of an own sender is.
 *
 * @param bytes of ciphertext
 * @param settled its payload was released and its evidence archived
 */
public record Tracked(
        MessageId id,
        Optional<ClientId> clientId,
        Address sender,
        Precedence precedence,
        SecrecyMark mark,
        Instant acceptedAt,
        long bytes,
        boolean settled,
        List<Recipient> recipients) {
    public Tracked {
        recipients = List.copyOf(recipients);
    }

    /**
     * One recipient.
     *
     * @param handedTo neighbour that has custody, and when it said so
     * @param why what holds it up or what ended it
     * @param receipts all that came, oldest first
     */
    public record Recipient(
            Address address,
            State state,
            Optional<OrganisationId> handedTo,
            Optional<Instant> handedAt,
            Optional<Instant> deliveredAt,
            Optional<Instant> endedAt,
            Optional<ErrorCode> why,
            List<RoutedReceipt> receipts) {
        public Recipient {
            receipts = List.copyOf(receipts);
        }
    }

    /** Per recipient. Numbers stand in records. */
    public enum State {
        /** Held here for want of a way or of a directory. */
        HELD(1),
        /** Waits here for its neighbour. */
        QUEUED(2),
        /** In custody of the next hop. */
        FORWARDED(3),
        /** At the recipient's node. */
        DELIVERED(4),
        CONSUMED(5),
        RETURNED(6),
        EXPIRED(7);

        private final int number;

        State(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        static State ofNumber(int number) {
            for (State state : values()) {
                if (state.number == number) {
                    return state;
                }
            }
            throw new Bug("state " + number + " in a record");
        }
    }
}
