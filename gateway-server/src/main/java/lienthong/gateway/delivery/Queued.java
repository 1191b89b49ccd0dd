package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;

/**
 * One line of the queue: an envelope that waits for one neighbour, or for one application.
 *
 * @param neighbour for whom; empty when there is no way or the recipient is here
 * @param state a word of {@code docs/spec/custody.md}
 * @param why reason of the last refusal, or why it is held
 * @param since when this node took it over
 * @param age on its way altogether
 * @param nextTry when a refused offer is tried again
 * @param tries how often the neighbour was offered it and did not take it
 * @param bytes of ciphertext
 */
public record Queued(
        MessageId id,
        Address sender,
        List<Address> recipients,
        Precedence precedence,
        Optional<OrganisationId> neighbour,
        String state,
        Optional<ErrorCode> why,
        Instant since,
        Duration age,
        Optional<Instant> nextTry,
        int tries,
        long bytes) {
    /** For people: the most urgent first; a stable sort leaves the oldest first among them. */
    public static final Comparator<Queued> URGENT_FIRST =
            Comparator.comparing(Queued::precedence).reversed();

    public Queued {
        recipients = List.copyOf(recipients);
    }
}
