package lienthong.gateway.delivery;

import java.util.EnumMap;
import java.util.Locale;
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
        // What is lost further on is offered again as a branch of its own.
        row(HANDED).to(HopEvent.ENDED, DONE);
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

    /** The table as {@code docs/spec/custody.md} shows it: one line a state, events that can happen and what follows. */
    static String table() {
        StringBuilder text = new StringBuilder();
        for (HopState state : values()) {
            text.append(String.format(Locale.ROOT, "%-12s", state.word));
            Map<HopEvent, HopState> cells = TABLE.getOrDefault(state, Map.of());
            if (cells.isEmpty()) {
                text.append(" (end)");
            }
            cells.forEach((event, next) -> text.append("  ")
                    .append(event.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .append(" → ")
                    .append(next.word));
            text.append('\n');
        }
        return text.toString();
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
