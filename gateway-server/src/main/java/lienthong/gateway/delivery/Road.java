package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import org.jspecify.annotations.Nullable;

/** A receipt or a notice on its way: what is needed to route it, not its bytes. */
final class Road {
    final long key;
    final boolean notice;
    final Address to;
    /** What is signed in it: the same text to the same address needs no second road. */
    final Hash text;

    final Instant since;
    /** Who brought it: it does not go back there. */
    Optional<OrganisationId> from;

    /** In whose queue it stands; {@code null} while no way is known. */
    @Nullable
    OrganisationId neighbour;
    /** With a session now. */
    boolean given;
    /** Copies that nothing stronger speaks for yet: a delivered receipt not yet sent and no longer needed is dropped. */
    int needed = 1;

    Road(long key, boolean notice, Address to, Hash text, Optional<OrganisationId> from, Instant since) {
        this.key = key;
        this.notice = notice;
        this.to = to;
        this.text = text;
        this.from = from;
        this.since = since;
    }
}
