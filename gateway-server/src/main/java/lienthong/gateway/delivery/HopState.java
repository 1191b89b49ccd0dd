package lienthong.gateway.delivery;

import com.google.errorprone.annotations.CompileTimeConstant;
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

    private static final StateTable<HopState, HopEvent> TABLE =
            new StateTable<>(HopState.class, HopEvent.class, "a branch", state -> state.word);

    static {
        TABLE.row(HELD).to(HopEvent.ROUTED, WAITING).to(HopEvent.UNROUTED, HELD).to(HopEvent.ENDED, DONE);
        TABLE.row(WAITING)
                .to(HopEvent.ROUTED, WAITING)
                .to(HopEvent.UNROUTED, HELD)
                .to(HopEvent.GIVEN_OUT, OFFERED)
                .to(HopEvent.ENDED, DONE);
        TABLE.row(OFFERED)
                .to(HopEvent.CUSTODY, HANDED)
                .to(HopEvent.REFUSED, DEFERRED)
                .to(HopEvent.LOST, WAITING)
                .to(HopEvent.ENDED, DONE);
        TABLE.row(DEFERRED)
                .to(HopEvent.ROUTED, WAITING)
                .to(HopEvent.UNROUTED, HELD)
                .to(HopEvent.DUE, WAITING)
                .to(HopEvent.ENDED, DONE);
        // What is lost further on is offered again as a branch of its own.
        TABLE.row(HANDED).to(HopEvent.ENDED, DONE);
        // An envelope may end while it is with a session: whatever comes of that is too late.
        TABLE.row(DONE)
                .to(HopEvent.CUSTODY, DONE)
                .to(HopEvent.REFUSED, DONE)
                .to(HopEvent.LOST, DONE)
                .to(HopEvent.ENDED, DONE);
    }

    private final String word;

    HopState(@CompileTimeConstant String word) {
        this.word = word;
    }

    /** As shown to operators. */
    String word() {
        return word;
    }

    /** The state after {@code event}; a pair that is not in the table is a {@link Bug}. */
    HopState on(HopEvent event) {
        return TABLE.after(this, event);
    }

    /** The table as {@code docs/spec/custody.md} shows it: one line a state, events that can happen and what follows. */
    static String table() {
        return TABLE.drawing(values());
    }
}
