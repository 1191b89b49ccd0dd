package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;

/** Delivery's figures of this moment. */
public record DeliveryStatus(
        int held,
        int waitingForApplications,
        int leased,
        int heldBack,
        int openAtOrigin,
        int late,
        int deadLetters,
        int receiptsOnTheirWay,
        List<Neighbour> neighbours,
        List<Gap> gaps,
        Map<Counter, Long> counters) {
    public DeliveryStatus {
        neighbours = List.copyOf(neighbours);
        gaps = List.copyOf(gaps);
        counters = Map.copyOf(counters);
    }

    /**
     * One neighbour's queue.
     *
     * @param bytes of ciphertext, of all that is queued or offered
     * @param awaySince when its link went down; empty: it is up, or was not since this node started
     */
    public record Neighbour(
            OrganisationId node,
            boolean up,
            int queued,
            int offered,
            int receipts,
            long bytes,
            Optional<Instant> oldest,
            Optional<Instant> awaySince) {}

    /** A number that has not come while {@code waiting} messages with its ordering key cannot go on. */
    public record Gap(Address sender, Incarnation incarnation, Address recipient, long number, int waiting) {}

    /** Counted since the start. Numbers are never reused. */
    public enum Counter {
        /** Messages accepted from own senders. */
        ACCEPTED(1),
        /** Envelopes taken over from neighbours. */
        TAKEN_OVER(2),
        /** Envelopes in custody of the next hop. */
        HANDED_ON(3),
        /** Offers of what is or was here. */
        DUPLICATES(4),
        /** Another leaf under a known id. */
        CONFLICTS(5),
        /** Offers not taken for good. */
        REJECTED(6),
        /** Offers not taken now. */
        BUSY(7),
        /** Messages acknowledged by applications. */
        CONSUMED(8),
        /** Messages returned by applications or policy. */
        RETURNED(9),
        /** Messages ended by their lifetime, here. */
        EXPIRED(10),
        /** Receipts signed here. */
        RECEIPTS_SIGNED(11),
        /** Receipts taken at their origin. */
        RECEIPTS_HOME(12),
        /** Receipts for what is not known here. */
        RECEIPTS_UNKNOWN(13),
        /** Receipts that contradict an earlier one. */
        RECEIPTS_CONFLICT(14),
        /** Questions sent after silence. */
        ASKED(15),
        /** Envelopes offered again because they were lost on the way. */
        OFFERED_AGAIN(16),
        /** Leases that ended without an answer. */
        LEASES_LAPSED(17),
        /** Envelopes settled at their origin. */
        SETTLED(18),
        /** Receipts for another recipient, signed by none. */
        RECEIPTS_FORGED(19),
        /** Envelopes that name another core before them than the one that came. */
        SEQUENCE_BREAKS(20),
        /** Slots made anew for recipients whose keys changed. */
        REWRAPPED(21),
        /** Envelopes opened by a slot that was made anew. */
        REOPENED(22),
        /** Re-wraps by another signer, of another envelope, or with another content key. */
        REWRAPS_FORGED(23);

        private final int number;

        Counter(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }
}
