package lienthong.gateway.store;

import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Bytes;

/** How a live value shows in the view. Pure; called from the view's thread. */
public interface Projection {
    /** A view without lines. */
    Projection NONE = new Projection() {
        @Override
        public Set<Kind> kinds() {
            return Set.of();
        }

        @Override
        public int version() {
            return 0;
        }

        @Override
        public Optional<Row> row(Kind kind, long key, Bytes value) {
            return Optional.empty();
        }
    };

    /** Kinds that can have a line; others never touch the view. */
    Set<Kind> kinds();

    /** Raised whenever {@link #row} gives other lines for the same values: the view is then made anew. */
    int version();

    /** The line of a value; empty when it has none. */
    Optional<Row> row(Kind kind, long key, Bytes value);
}
