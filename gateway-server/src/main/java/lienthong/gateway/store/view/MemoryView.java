package lienthong.gateway.store.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.Row;
import org.jspecify.annotations.Nullable;

/** A view in memory, brought up to date when asked: for simulated nodes and for small ones without a database. Thread-safe. */
public final class MemoryView implements DerivedView {
    private static final Comparator<Line> ORDER = Comparator.comparingLong(
                    (Line line) -> line.row().createdMs())
            .thenComparing(Line::kind)
            .thenComparing(Line::key, Long::compareUnsigned);

    private final Projection projection;
    private final Pending pending;
    private final TreeMap<Line, Line> ordered = new TreeMap<>(ORDER);
    private final Map<Pending.Key, Line> lines = new java.util.HashMap<>();
    private @Nullable LogReader log;
    private long applied;

    public MemoryView(Projection projection) {
        this.projection = projection;
        this.pending = new Pending(projection.kinds());
    }

    @Override
    public synchronized void changed(Kind kind, long key, long number, boolean wasThere, boolean isThere) {
        if (pending.concerns(kind)) {
            pending.add(kind, key, wasThere, isThere);
        }
    }

    @Override
    public synchronized void start(LogReader reader) {
        log = reader;
    }

    @Override
    public synchronized void catchUp() {
        LogReader reader = log;
        if (reader == null) {
            return;
        }
        applied = reader.durableNumber();
        for (Pending.Key place : pending.take(Integer.MAX_VALUE)) {
            Line before = lines.remove(place);
            if (before != null) {
                ordered.remove(before);
            }
            Optional<Bytes> value = reader.read(place.kind(), place.key());
            Optional<Row> row = value.flatMap(bytes -> projection.row(place.kind(), place.key(), bytes));
            if (row.isPresent()) {
                Line line = new Line(place.kind(), place.key(), row.get());
                lines.put(place, line);
                ordered.put(line, line);
            }
        }
    }

    @Override
    public synchronized List<Line> page(Query query, @Nullable Line after, int limit) {
        Invariant.check(limit >= 1 && limit <= 1000, "page of %d", limit);
        catchUp();
        List<Line> page = new ArrayList<>();
        for (Line line : (after == null ? ordered : ordered.tailMap(after, false)).keySet()) {
            if (matches(query, line)) {
                page.add(line);
                if (page.size() == limit) {
                    break;
                }
            }
        }
        return page;
    }

    @Override
    public synchronized Map<String, Long> countByState(Query query) {
        catchUp();
        Map<String, Long> counts = new TreeMap<>();
        for (Line line : ordered.keySet()) {
            if (matches(query, line)) {
                counts.merge(line.row().state(), 1L, Long::sum);
            }
        }
        return counts;
    }

    private static boolean matches(Query query, Line line) {
        Row row = line.row();
        return allows(query.kind(), line.kind())
                && allows(query.envelope(), row.envelope())
                && allows(query.messageId(), row.messageId())
                && allows(query.direction(), row.direction())
                && allows(query.sender(), row.sender())
                && allows(query.state(), row.state())
                && (query.recipient() == null
                        || List.of(row.recipients().split(" ")).contains(query.recipient()))
                && (query.createdFromMs() == null || row.createdMs() >= query.createdFromMs())
                && (query.createdToMs() == null || row.createdMs() < query.createdToMs());
    }

    private static boolean allows(@Nullable Object wanted, Object is) {
        return wanted == null || Objects.equals(wanted, is);
    }

    @Override
    public synchronized long applied() {
        return applied;
    }

    @Override
    public void close() {}
}
