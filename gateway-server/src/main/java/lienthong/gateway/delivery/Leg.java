package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import org.jspecify.annotations.Nullable;

/** A branch of an envelope: the recipients that share the next hop. */
final class Leg {
    final Held held;
    /** Order among the branches of this process; decides ties within one envelope only. */
    final long order;

    final List<Copy> copies = new ArrayList<>();

    HopState state = HopState.HELD;

    @Nullable
    OrganisationId neighbour;

    List<OrganisationId> alternatives = List.of();
    int tries;

    @Nullable
    ErrorCode why;

    @Nullable
    Instant nextTry;

    Dues.@Nullable Due due;
    PrecedenceQueue.@Nullable Place place;

    Leg(Held held, long order) {
        this.held = held;
        this.order = order;
    }

    void on(HopEvent event) {
        state = state.on(event);
    }
}
