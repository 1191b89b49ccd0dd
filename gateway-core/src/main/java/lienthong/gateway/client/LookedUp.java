package lienthong.gateway.client;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.OrganisationId;

/**
 * What the directory says, verified here.
 *
 * @param offices that answer, the best first
 * @param nearest when none does: the nearest known code
 */
public record LookedUp(List<Office> offices, Optional<String> nearest) {
    public LookedUp {
        offices = List.copyOf(offices);
    }

    /**
     * One office.
     *
     * @param id its code
     * @param name as the authority wrote it
     * @param parent the office above
     * @param mailboxes its further addresses
     * @param canReceive whether keys to write to it are known here
     */
    public record Office(
            OrganisationId id,
            String name,
            Optional<OrganisationId> parent,
            List<Address> mailboxes,
            boolean canReceive) {
        public Office {
            mailboxes = List.copyOf(mailboxes);
        }

        /** The office's own address. */
        public Address address() {
            return Address.of(id);
        }
    }
}
