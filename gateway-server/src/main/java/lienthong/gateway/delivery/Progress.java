package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;

/**
 * One thing that happened to a message of an own sender.
 *
 * @param clientId the application's name of it
 * @param recipient whom it concerns; empty: all
 * @param what the state reached
 * @param at by the clock of whoever says so
 * @param node where; empty: here
 * @param reason what holds it up or ended it
 * @param signer certificate hash of a receipt's signer
 * @param reported told by a neighbour, not signed by a recipient
 */
public record Progress(
        MessageId id,
        Optional<ClientId> clientId,
        Address sender,
        Optional<Address> recipient,
        What what,
        Instant at,
        Optional<OrganisationId> node,
        Optional<ErrorCode> reason,
        Optional<Hash> signer,
        boolean reported) {
    /** What happened. */
    public enum What {
        ACCEPTED,
        /** The next hop has custody. */
        CUSTODY,
        HELD,
        DELIVERED,
        CONSUMED,
        RETURNED,
        EXPIRED,
        /** Payload released, evidence archived. */
        SETTLED
    }
}
