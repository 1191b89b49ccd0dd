package lienthong.gateway.delivery;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.SealedEnvelope;

/**
 * An envelope of an own sender, sealed and ready to be kept.
 *
 * @param sealed with all slots, the sender's own too
 * @param clients one for each message, in order, or empty where the application gave no id
 * @param reservation whose numbers stand in the slots; empty when an embedded client sealed it with its own numbers
 * @param local slots of recipients that this very node serves
 * @param manifests enciphered to the owner, for the archive; opaque here
 */
public record AcceptedEnvelope(
        SealedEnvelope sealed,
        EnvelopeFacts facts,
        List<Optional<ClientRequest>> clients,
        Optional<Reservation> reservation,
        Map<Address, LocalSlot> local,
        Bytes manifests) {
    public AcceptedEnvelope {
        clients = List.copyOf(clients);
        local = Map.copyOf(local);
        Invariant.check(clients.size() == facts.header().ids().size(), "a client id place for each message");
    }
}
