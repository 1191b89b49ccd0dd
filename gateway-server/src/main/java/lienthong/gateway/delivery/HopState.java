package lienthong.gateway.delivery;

import java.util.EnumMap;
import java.util.Map;
import lienthong.gateway.message.Bug;

/** Where a branch of an envelope stands: one table, drawn in {@code docs/spec/custody.md}. What is absent cannot happen. */
enum HopState {
    /** No neighbour is known for it. */
    HELD("held"),
    /** In a neighbour's queue. */
    WAITING("waiting"),
    /** With a session, not in custody. */
    OFFERED("offered"),
    /** Refused; waits for its time. */
    DEFERRED("deferred"),
    /** In custody of the next hop. */
    HANDED("handed"),
    /** Nothing more to do. */
    DONE("done");

    private static final Map<HopState, Map<HopEvent, HopState>> TABLE = new EnumMap<>(HopState.class);

    static {
        row(HELD).to(HopEvent.ROUTED, WAITING).to(HopEvent.UNROUTED, HELD).to(HopEvent.ENDED, DONE);
        row(WAITING)
                .to(HopEvent.ROUTED, WAITING)
                .to(HopEvent.UNROUTED, HELD)
                .to(HopEvent.GIVEN_OUT, OFFERED)
                .to(HopEvent.ENDED, DONE);
        row(OFFERED)
                .to(HopEvent.CUSTODY, HANDED)
                .to(HopEvent.REFUSED, DEFERRED)
                .to(HopEvent.LOST, WAITING)
                .to(HopEvent.ENDED, DONE);
        row(DEFERRED)
                .to(HopEvent.ROUTED, WAITING)
                .to(HopEvent.UNROUTED, HELD)
                .to(HopEvent.DUE, WAITING)
                .to(HopEvent.ENDED, DONE);
        row(HANDED).to(HopEvent.MISSING, WAITING).to(HopEvent.ENDED, DONE);
        // An envelope may end while it is with a session: whatever comes of that is too late.
        row(DONE)
                .to(HopEvent.CUSTODY, DONE)
                .to(HopEvent.REFUSED, DONE)
                .to(HopEvent.LOST, DONE)
                .to(HopEvent.ENDED, DONE);
    }

    private final String word;

    HopState(String word) {
        this.word = word;
    }

    /** As shown to operators. */
    String word() {
        return word;
    }

    /** The state after {@code event}; a pair that is not in the table is a {@link Bug}. */
    HopState on(HopEvent event) {
        HopState next = TABLE.getOrDefault(this, Map.of()).get(event);
        if (next == null) {
            throw new Bug("a branch that is " + word + " cannot see " + event);
        }
        return next;
    }

    private static Row row(HopState from) {
        return new Row(TABLE.computeIfAbsent(from, none -> new EnumMap<>(HopEvent.class)));
    }

    private record Row(Map<HopEvent, HopState> cells) {
        Row to(HopEvent event, HopState next) {
            cells.put(event, next);
            return this;
        }
    }
}
