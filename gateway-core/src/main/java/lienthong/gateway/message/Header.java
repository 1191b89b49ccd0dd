package lienthong.gateway.message;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What relays see of a message: the parsed core of an envelope. A closed list; no sizes, no subject. The bytes that are hashed and signed
 * are the core's bytes as received, never a re-encoding of this.
 *
 * @param network fingerprint of the network the envelope belongs to
 * @param suite number of the suite, 1 to 255
 * @param ids the messages in this envelope, in order; 1 to {@link Limits#BUNDLE_MESSAGES_MAX}
 * @param sender the sender's address
 * @param signer SHA-256 of the sender's signing certificate (DER)
 * @param recipients 1 to {@link Limits#RECIPIENTS_MAX} addresses, ascending, no duplicates
 * @param service present only where the network's policy shows it to relays
 * @param precedence which queue
 * @param mark the secrecy mark
 * @param created the sender's claim of time, whole milliseconds
 * @param lifetime how long it may travel
 * @param directory version and hash of the directory the sender saw
 * @param flags see {@link Flag}; ascending, no duplicates
 */
public record Header(
        Hash network,
        int suite,
        List<MessageId> ids,
        Address sender,
        Hash signer,
        List<Address> recipients,
        Optional<Service> service,
        Precedence precedence,
        SecrecyMark mark,
        Instant created,
        Lifetime lifetime,
        DirectoryVersion directory,
        List<Flag> flags) {
    /** A word in the core that changes how the envelope is treated. */
    public enum Flag {
        /** Some message inside asks for order within its ordering key. */
        ORDERED("ordered"),
        /** A second, post-quantum seal must be present. */
        PQ_REQUIRED("pq-required");

        private final String word;

        Flag(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public Header {
        ids = List.copyOf(ids);
        recipients = List.copyOf(recipients);
        flags = List.copyOf(flags);
        Invariant.check(!ids.isEmpty() && ids.size() <= Limits.BUNDLE_MESSAGES_MAX, "ids %d", ids.size());
        Invariant.check(
                !recipients.isEmpty() && recipients.size() <= Limits.RECIPIENTS_MAX,
                "recipients %d",
                recipients.size());
    }

    /** The first message's id: names the envelope in queues and logs. */
    public MessageId id() {
        return ids.get(0);
    }
}
