package lienthong.gateway.api;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.message.OrganisationId;

/** Where offices are looked up. */
public interface DirectoryDoor {
    /**
     * Finds offices by code, alias, address or part of the name, best first.
     *
     * @param query 1 to 200 clean characters
     * @param limit 1 to 100
     */
    void lookup(String query, int limit, Consumer<Found> answer);

    /**
     * What was found.
     *
     * @param nearest known code when nothing was found
     * @param version of the directory asked
     */
    record Found(List<Office> offices, Optional<String> nearest, long version) {
        public Found {
            offices = List.copyOf(offices);
        }
    }

    /**
     * An office.
     *
     * @param tier empty when not said
     * @param node that serves it
     * @param successors that took its place
     */
    record Office(
            OrganisationId code,
            String name,
            String tier,
            Optional<OrganisationId> parent,
            List<String> aliases,
            Optional<OrganisationId> node,
            List<String> mailboxes,
            List<OrganisationId> successors) {
        public Office {
            aliases = List.copyOf(aliases);
            mailboxes = List.copyOf(mailboxes);
            successors = List.copyOf(successors);
        }
    }
}
