package lienthong.gateway.delivery;

import com.google.errorprone.annotations.CompileTimeConstant;
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

    private static final StateTable<CopyState, CopyEvent> TABLE =
            new StateTable<>(CopyState.class, CopyEvent.class, "a message", state -> state.word);

    static {
        TABLE.row(HELD_BACK).to(CopyEvent.RELEASED, WAITING).to(CopyEvent.RETURNED, RETURNED);
        TABLE.row(WAITING)
                .to(CopyEvent.RELEASED, WAITING)
                .to(CopyEvent.LEASED, LEASED)
                .to(CopyEvent.RETURNED, RETURNED);
        TABLE.row(LEASED)
                .to(CopyEvent.GIVEN_BACK, WAITING)
                .to(CopyEvent.ACKNOWLEDGED, CONSUMED)
                .to(CopyEvent.RETURNED, RETURNED)
                .to(CopyEvent.POISONED, DEAD_LETTER);
        TABLE.row(DEAD_LETTER).to(CopyEvent.REVIVED, WAITING).to(CopyEvent.RETURNED, RETURNED);
        TABLE.row(CONSUMED);
        TABLE.row(RETURNED);
    }

    private final int number;
    private final String word;

    CopyState(int number, @CompileTimeConstant String word) {
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
        return TABLE.after(this, event);
    }

    /** The table as {@code docs/spec/custody.md} shows it: one line a state, events that can happen and what follows. */
    static String table() {
        return TABLE.drawing(values());
    }
}
