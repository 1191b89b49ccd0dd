package lienthong.gateway.delivery;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import lienthong.gateway.message.Bug;

/**
 * A state machine as one table: for each state the events that can happen and what follows. Filled once, then only read.
 *
 * @param <S> states
 * @param <E> events
 */
final class StateTable<S extends Enum<S>, E extends Enum<E>> {
    private final Map<S, Map<E, S>> cells;
    private final Class<E> events;
    private final String subject;
    private final Function<S, String> word;

    /**
     * Empty.
     *
     * @param subject what has these states, for the text of a bug
     * @param word a state's word for operators
     */
    StateTable(Class<S> states, Class<E> events, String subject, Function<S, String> word) {
        this.subject = subject;
        this.word = word;
        this.cells = new EnumMap<>(states);
        this.events = events;
    }

    /** A state's row; one without cells is an end. */
    Row<S, E> row(S from) {
        return new Row<>(cells.computeIfAbsent(from, none -> new EnumMap<>(events)));
    }

    /** A row being filled. */
    record Row<S extends Enum<S>, E extends Enum<E>>(Map<E, S> cells) {
        Row<S, E> to(E event, S next) {
            cells.put(event, next);
            return this;
        }
    }

    /** What follows; a pair that is not in the table is a {@link Bug}. */
    S after(S state, E event) {
        S next = cells.getOrDefault(state, Map.of()).get(event);
        if (next == null) {
            throw new Bug(subject + " that is " + word.apply(state) + " cannot see " + event);
        }
        return next;
    }

    /** One line a state: events and what follows. */
    String drawing(S[] states) {
        StringBuilder text = new StringBuilder();
        for (S state : states) {
            text.append(String.format(Locale.ROOT, "%-12s", word.apply(state)));
            Map<E, S> row = cells.getOrDefault(state, Map.of());
            if (row.isEmpty()) {
                text.append(" (end)");
            }
            row.forEach((event, next) -> text.append("  ")
                    .append(event.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .append(" → ")
                    .append(word.apply(next)));
            text.append('\n');
        }
        return text.toString();
    }
}
