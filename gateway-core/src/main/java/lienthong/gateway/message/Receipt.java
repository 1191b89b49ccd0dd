package lienthong.gateway.message;

import java.time.Instant;
import java.util.Optional;

/**
 * A recipient's statement about messages, parsed; what is signed is its text as received.
 *
 * @param network fingerprint
 * @param kind what it says
 * @param subject about which messages
 * @param recipient the address that speaks
 * @param signer SHA-256 of the certificate that signs
 * @param reason for {@code returned} and {@code expired}: the numbered reason
 * @param time claimed, whole milliseconds
 * @param directory which directory the signer saw
 * @param incarnation of the recipient's key set
 * @param deliveryCount how often the message was handed over, 0 for {@code delivered}
 */
public record Receipt(
        Hash network,
        Kind kind,
        Subject subject,
        Address recipient,
        Hash signer,
        Optional<ErrorCode> reason,
        Instant time,
        DirectoryVersion directory,
        Incarnation incarnation,
        long deliveryCount) {
    /** What is said; a higher rank replaces a lower one, two different top ranks are a conflict. */
    public enum Kind {
        /** Ended by the sender: lifetime over and no receipt held, or forbidden by its own directory or limits. */
        EXPIRED("expired", 1),
        /** Intact and durable at the node that serves the address. */
        DELIVERED("delivered", 2),
        /** Opened, all checks passed, taken by the application. */
        CONSUMED("consumed", 3),
        /** Given back by the application or the address's policy. */
        RETURNED("returned", 3);

        private final String word;
        private final int rank;

        Kind(String word, int rank) {
            this.word = word;
            this.rank = rank;
        }

        public String word() {
            return word;
        }

        /** 1 to 3; open is 0. */
        public int rank() {
            return rank;
        }
    }

    /** Which messages a receipt is about. */
    public sealed interface Subject {
        /** One message of an envelope. */
        record One(MessageId id, Hash leaf, Hash ciphertextRoot) implements Subject {}

        /** Every message of the envelopes at leaves {@code first} to {@code last} (inclusive) of one seal. */
        record Range(Hash sealRoot, int treeSize, int first, int last) implements Subject {
            public Range {
                Invariant.check(
                        first >= 0 && first <= last && last < treeSize && treeSize <= Limits.TREE_LEAVES_MAX,
                        "range of leaves");
            }
        }
    }
}
