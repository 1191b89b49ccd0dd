package lienthong.gateway.routing;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;

/** What routing asks of the directory: an immutable snapshot, so that all decisions of a turn agree. A node is named by its organisation. */
public interface RoutingView {
    /** Which directory this is. */
    DirectoryVersion version();

    /** What the directory says of an address at {@code now} (validity dates are the directory's). */
    Standing standing(Address address, Instant now);

    /** The nodes above a node, the preferred one first; empty for the top and for unknown nodes. */
    List<OrganisationId> parents(OrganisationId node);

    /** Whether the directory knows this node. */
    boolean isNode(OrganisationId node);

    /** The life of the key set that an address publishes now; empty where none is known. */
    Optional<Incarnation> life(Address address);

    /** An address in the directory. */
    sealed interface Standing {
        /** In force, served by {@code node}. */
        record Open(OrganisationId node) implements Standing {}

        /** In force, but no node serves it yet. */
        record Unserved() implements Standing {}

        /** No longer in force: abolished, merged or revoked; {@code successor} receives instead where the directory names one. */
        record Closed(Optional<Address> successor) implements Standing {}

        /** Not in this directory; {@code nearest} is a known address that looks alike, for the person who typed it. */
        record Unknown(Optional<String> nearest) implements Standing {}
    }
}
