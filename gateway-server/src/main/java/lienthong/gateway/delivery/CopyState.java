package lienthong.gateway.delivery;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import lienthong.gateway.message.Bug;

/** Where one message stands on its way to a local application: one table, drawn in {@code docs/spec/custody.md}. Numbers stand in records. */
enum CopyState {
    /** Waits for a predecessor with the same ordering key. */
    HELD_BACK(0, "held back"),
    /** Waits for the application. */
    WAITING(1, "waiting"),
    LEASED(2, "leased"),
    /** Taken by the application; the receipt may not be signed yet. */
    CONSUMED(3, "consumed"),
    /** Given back for good; the receipt may not be signed yet. */
    RETURNED(4, "returned"),
    /** Set aside for the operator. */
    DEAD_LETTER(5, "dead letter");

    private static final Map<CopyState, Map<CopyEvent, CopyState>> TABLE = new EnumMap<>(CopyState.class);

    static {
        row(HELD_BACK).to(CopyEvent.RELEASED, WAITING).to(CopyEvent.RETURNED, RETURNED);
        row(WAITING)
                .to(CopyEvent.RELEASED, WAITING)
                .to(CopyEvent.LEASED, LEASED)
                .to(CopyEvent.RETURNED, RETURNED);
        row(LEASED)
                .to(CopyEvent.GIVEN_BACK, WAITING)
                .to(CopyEvent.ACKNOWLEDGED, CONSUMED)
                .to(CopyEvent.RETURNED, RETURNED)
                .to(CopyEvent.POISONED, DEAD_LETTER);
        row(DEAD_LETTER).to(CopyEvent.REVIVED, WAITING).to(CopyEvent.RETURNED, RETURNED);
        row(CONSUMED);
        row(RETURNED);
    }

    private final int number;
    private final String word;

    CopyState(int number, String word) {
        this.number = number;
        this.word = word;
    }

    int number() {
        return number;
    }

    String word() {
        return word;
    }

    /** Taken or given back for good. */
    boolean isEnd() {
        return this == CONSUMED || this == RETURNED;
    }

    static CopyState ofNumber(int number) {
        for (CopyState state : values()) {
            if (state.number == number) {
                return state;
            }
        }
        throw new Bug("state " + number + " in a record");
    }

    /** The state after {@code event}; a pair that is not in the table is a {@link Bug}. */
    CopyState on(CopyEvent event) {
        CopyState next = TABLE.getOrDefault(this, Map.of()).get(event);
        if (next == null) {
            throw new Bug("a message that is " + word + " cannot see " + event);
        }
        return next;
    }

    /** The table as {@code docs/spec/custody.md} shows it: one line a state, events that can happen and what follows. */
    static String table() {
        StringBuilder text = new StringBuilder();
        for (CopyState state : values()) {
            text.append(String.format(Locale.ROOT, "%-12s", state.word));
            Map<CopyEvent, CopyState> cells = TABLE.getOrDefault(state, Map.of());
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

    private static Row row(CopyState from) {
        return new Row(TABLE.computeIfAbsent(from, none -> new EnumMap<>(CopyEvent.class)));
    }

    private record Row(Map<CopyEvent, CopyState> cells) {
        Row to(CopyEvent event, CopyState next) {
            cells.put(event, next);
            return this;
        }
    }
}
