package lienthong.gateway.store.check;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.Row;
import lienthong.gateway.store.check.StoreFindings.ViewState;
import lienthong.gateway.store.check.StoreFindings.ViewVerdict;
import lienthong.gateway.store.view.LogReader;
import lienthong.gateway.store.view.SqliteView;
import org.jspecify.annotations.Nullable;

/** Makes every line of the view anew from the log and compares it with what {@code view.db} shows. Used by one thread, in the order of its methods. */
public final class ViewCheck implements AutoCloseable {
    private final Projection projection;
    private final @Nullable KeptDatabase database;
    private final Set<Place> behind = new HashSet<>();
    private ViewVerdict verdict;
    private Detail detail = Detail.none();
    private long applied = -1;

    private record Place(Kind kind, long key) {}

    private ViewCheck(Projection projection, @Nullable KeptDatabase database, ViewVerdict verdict) {
        this.projection = projection;
        this.database = database;
        this.verdict = verdict;
    }

    /** Opens {@code view.db} in {@code folder}; empty {@code folder}: there is none. */
    public static ViewCheck open(Optional<Path> folder, String mark, Projection projection) throws IOException {
        try {
            Optional<KeptDatabase> found =
                    folder.isPresent() ? KeptDatabase.open(folder.get().resolve(SqliteView.FILE)) : Optional.empty();
            if (found.isEmpty()) {
                return new ViewCheck(projection, null, ViewVerdict.ABSENT);
            }
            ViewCheck check = new ViewCheck(projection, found.get(), ViewVerdict.AGREES);
            check.begin(found.get(), mark);
            return check;
        } catch (SQLException damaged) {
            ViewCheck check = new ViewCheck(projection, null, ViewVerdict.DAMAGED);
            check.detail = Detail.technical(damaged);
            return check;
        }
    }

    private void begin(KeptDatabase kept, String mark) {
        try {
            if (!kept.isWhole()) {
                verdict = ViewVerdict.DAMAGED;
                return;
            }
            try (Statement statement = kept.connection().createStatement();
                    ResultSet state = statement.executeQuery("SELECT mark, applied FROM state")) {
                if (!state.next() || !mark.equals(state.getString(1)) || state.getLong(2) < 0) {
                    verdict = ViewVerdict.ABSENT;
                    return;
                }
                applied = state.getLong(2);
            }
        } catch (SQLException damaged) {
            verdict = ViewVerdict.DAMAGED;
            detail = Detail.technical(damaged);
        }
    }

    /** A value changed in a record of this number, while the log is read: later than the view knows, it says nothing about it. */
    public void changed(Kind kind, long key, long number) {
        if (number > applied && projection.kinds().contains(kind)) {
            behind.add(new Place(kind, key));
        }
    }

    /** Compares all lines with the log, which is read to its end. */
    public ViewState compare(LogReader log) {
        KeptDatabase kept = database;
        if (verdict != ViewVerdict.AGREES || kept == null) {
            return new ViewState(verdict, 0, 0, 0, detail);
        }
        if (applied > log.durableNumber()) {
            return new ViewState(
                    ViewVerdict.DIFFERS,
                    0,
                    0,
                    0,
                    Detail.of("it has seen record {0}, the log ends with {1}", applied, log.durableNumber()));
        }
        try {
            long[] found = new long[2];
            Map<Kind, long[]> keys = new HashMap<>();
            for (Kind kind : projection.kinds()) {
                keys.put(kind, log.keys(kind));
            }
            compareValues(kept, log, keys, found);
            compareSurplus(kept, keys, found);
            return new ViewState(
                    found[1] == 0 ? ViewVerdict.AGREES : ViewVerdict.DIFFERS,
                    found[0],
                    behind.size(),
                    found[1],
                    detail);
        } catch (SQLException damaged) {
            return new ViewState(ViewVerdict.DAMAGED, 0, 0, 0, Detail.technical(damaged));
        }
    }

    private void wrong(long[] found, Detail what) {
        if (found[1]++ == 0) {
            detail = what;
        }
    }

    private void compareValues(KeptDatabase kept, LogReader log, Map<Kind, long[]> keys, long[] found)
            throws SQLException {
        try (PreparedStatement line =
                kept.connection().prepareStatement("SELECT * FROM line WHERE kind = ? AND key = ?")) {
            for (Map.Entry<Kind, long[]> entry : keys.entrySet()) {
                for (long key : entry.getValue()) {
                    Kind kind = entry.getKey();
                    if (behind.contains(new Place(kind, key))) {
                        continue;
                    }
                    Optional<Row> expected = row(log, kind, key);
                    line.setInt(1, kind.number());
                    line.setLong(2, key);
                    try (ResultSet rows = line.executeQuery()) {
                        Optional<Row> shown = rows.next() ? Optional.of(SqliteView.row(rows)) : Optional.empty();
                        found[0]++;
                        if (!shown.equals(expected)) {
                            wrong(
                                    found,
                                    shown.isEmpty()
                                            ? Detail.of("the line of {0} {1} is missing", kind, key)
                                            : Detail.of("the line of {0} {1} says something else", kind, key));
                        }
                    }
                }
            }
        }
    }

    private Optional<Row> row(LogReader log, Kind kind, long key) {
        try {
            Optional<Bytes> value = log.read(kind, key);
            return value.flatMap(bytes -> projection.row(kind, key, bytes));
        } catch (Bug unreadable) {
            // Its record is whole, so it was written like that: the view has no line of it either.
            return Optional.empty();
        }
    }

    /** Lines of values that the log does not have. */
    private void compareSurplus(KeptDatabase kept, Map<Kind, long[]> keys, long[] found) throws SQLException {
        Map<Kind, Set<Long>> there = new HashMap<>();
        keys.forEach((kind, all) -> {
            Set<Long> set = new HashSet<>(all.length * 2);
            Arrays.stream(all).forEach(set::add);
            there.put(kind, set);
        });
        try (Statement statement = kept.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT kind, key FROM line")) {
            while (rows.next()) {
                Optional<Kind> kind = Kind.ofNumber(rows.getInt(1));
                long key = rows.getLong(2);
                if (kind.isPresent()
                        && !behind.contains(new Place(kind.get(), key))
                        && !there.getOrDefault(kind.get(), Set.of()).contains(key)) {
                    wrong(found, Detail.of("there is a line of {0} {1}, which has ended", kind.get(), key));
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (database != null) {
            try {
                database.close();
            } catch (SQLException nothingToLose) {
                // Only read from.
            }
        }
    }
}
