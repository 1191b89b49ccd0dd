package lienthong.gateway.delivery;

import java.time.Duration;
import java.util.Map;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.SealedEnvelope;

/**
 * A complete envelope that a neighbour offers and whose seal, ciphertext root and slot hashes were verified.
 *
 * @param from the neighbour
 * @param sealed as received; its slots say for which recipients (slot number = index among the core's recipients)
 * @param facts of the verified seal
 * @param local what was found in the slots of addresses this node serves; each such recipient must be here
 * @param age as the neighbour stated it
 */
public record TakeOver(
        OrganisationId from, SealedEnvelope sealed, EnvelopeFacts facts, Map<Address, LocalSlot> local, Duration age) {
    public TakeOver {
        local = Map.copyOf(local);
    }
}
