package lienthong.gateway.store.view;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.Row;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.record.PrivateFile;
import lienthong.gateway.store.record.StoreIdentity;
import org.jspecify.annotations.Nullable;

/**
 * {@code view.db}: SQLite behind the log. One thread writes lines in batches, one checkpoints (an automatic checkpoint would swallow fsync errors
 * and stall a commit). The file is worth nothing: missing, damaged, of another store or another projection, it is made anew. No failure of
 * it reaches the store. Thread-safe.
 */
public final class SqliteView implements DerivedView {
    /** In the data folder. */
    public static final String FILE = "view.db";

    /** Raised with the table's form. */
    private static final int FORM = 1;

    private static final int BATCH_LINES = 2_000;
    private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CHECKPOINT_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int REBUILDS_MAX = 3;

    private final Path file;
    private final StoreIdentity identity;
    private final Projection projection;
    private final StoreEvents events;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition shown = lock.newCondition();
    private final Pending pending;
    private final List<Thread> threads = new ArrayList<>();
    private long appliedAtOpen;
    private long applied;
    private boolean hurry;
    private boolean closing;
    private volatile boolean broken;
    private volatile boolean anew;
    private int rebuilds;
    private @Nullable LogReader log;

    /** Guards use of the connection for questions. */
    private final Object reading = new Object();

    private @Nullable Connection reader;
    private @Nullable Connection writer;

    private SqliteView(Path file, StoreIdentity identity, Projection projection, StoreEvents events) {
        this.file = file;
        this.identity = identity;
        this.projection = projection;
        this.events = events;
        this.pending = new Pending(projection.kinds());
    }

    /** Opens {@code view.db} in {@code folder}, or makes it anew. Never fails: a view that cannot be made stays empty and says so. */
    public static SqliteView open(Path folder, StoreIdentity identity, Projection projection, StoreEvents events) {
        SqliteView view = new SqliteView(folder.resolve(FILE), identity, projection, events);
        String fault = Files.exists(view.file) ? view.tryOpen() : "it is missing";
        if (fault != null) {
            view.makeAnew(fault);
        }
        return view;
    }

    private String mark() {
        return mark(identity, projection);
    }

    /** What stands in a view's file that is this store's, in this form, by this projection. */
    public static String mark(StoreIdentity identity, Projection projection) {
        return identity.id().hex() + " " + identity.incarnation() + " " + FORM + " " + projection.version();
    }

    /** Why it cannot be used; {@code null} when it can. */
    private @Nullable String tryOpen() {
        try {
            connect();
            try (Statement statement = java.util.Objects.requireNonNull(writer).createStatement()) {
                try (ResultSet check = statement.executeQuery("PRAGMA quick_check(1)")) {
                    if (!check.next() || !"ok".equals(check.getString(1))) {
                        return "it is damaged";
                    }
                }
                try (ResultSet state = statement.executeQuery("SELECT mark, applied FROM state")) {
                    if (!state.next() || !mark().equals(state.getString(1))) {
                        return "it belongs to another store or version";
                    }
                    appliedAtOpen = state.getLong(2);
                    applied = appliedAtOpen;
                }
            }
            return null;
        } catch (SQLException damaged) {
            return "it is damaged: " + damaged.getMessage();
        }
    }

    private void connect() throws SQLException {
        String url = "jdbc:sqlite:" + file;
        PrivateFile.make(file);
        Connection write = DriverManager.getConnection(url);
        writer = write;
        try (Statement statement = write.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=NORMAL");
            statement.execute("PRAGMA wal_autocheckpoint=0");
            statement.execute("PRAGMA busy_timeout=5000");
        }
        Connection read = DriverManager.getConnection(url);
        reader = read;
        try (Statement statement = read.createStatement()) {
            statement.execute("PRAGMA busy_timeout=5000");
            statement.execute("PRAGMA query_only=1");
        }
    }

    private void disconnect() {
        for (Connection connection : new @Nullable Connection[] {reader, writer}) {
            if (connection != null) {
                try {
                    connection.close();
                } catch (SQLException nothingToLose) {
                    // The file is derived.
                }
            }
        }
        reader = null;
        writer = null;
    }

    private void makeAnew(String why) {
        events.rebuilding("view", why);
        synchronized (reading) {
            disconnect();
            try {
                for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
                    Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
                }
                connect();
                try (Statement statement =
                        java.util.Objects.requireNonNull(writer).createStatement()) {
                    statement.execute("CREATE TABLE state (mark TEXT NOT NULL, applied INTEGER NOT NULL)");
                    statement.execute("""
                            CREATE TABLE line (
                              kind INTEGER NOT NULL, key INTEGER NOT NULL, envelope INTEGER NOT NULL, message TEXT NOT NULL,
                              direction TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, service TEXT NOT NULL,
                              precedence INTEGER NOT NULL, state TEXT NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL,
                              bytes INTEGER NOT NULL, detail TEXT NOT NULL)""");
                    statement.execute("CREATE UNIQUE INDEX line_key ON line (kind, key)");
                    statement.execute("CREATE INDEX line_created ON line (created, kind, key)");
                    statement.execute("CREATE INDEX line_message ON line (message)");
                    statement.execute("CREATE INDEX line_envelope ON line (envelope)");
                    statement.execute("CREATE INDEX line_state ON line (kind, state, created)");
                    // −1: the lines of what the log holds are not in yet.
                    statement.execute("INSERT INTO state VALUES ('" + mark() + "', -1)");
                }
                anew = true;
                broken = false;
            } catch (SQLException | IOException cannot) {
                broken = true;
                events.rebuilding("view", "it cannot be made: " + cannot.getMessage());
            }
        }
    }

    @Override
    public void changed(Kind kind, long key, long number, boolean wasThere, boolean isThere) {
        if (!pending.concerns(kind)) {
            return;
        }
        lock.lock();
        try {
            boolean running = number == Long.MAX_VALUE;
            // While opening: a view made anew reads all keys later, and nobody knows whether an earlier record of a key
            // was shown.
            if (running || !anew && number > appliedAtOpen) {
                pending.add(kind, key, wasThere || !running, isThere);
                if (pending.size() == 1 || pending.size() == BATCH_LINES) {
                    changed.signalAll();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void start(LogReader reader) {
        if (applied > reader.durableNumber()) {
            makeAnew("it knows records that the log has not");
        }
        lock.lock();
        try {
            log = reader;
            applied = anew ? -1 : applied;
            threads.add(new Thread(this::writeUntilClosed, "store-view"));
            threads.add(new Thread(this::checkpoint, "store-view-checkpoint"));
            for (Thread thread : threads) {
                thread.setDaemon(true);
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A bug of the view or the projection ends the view, never the store. */
    private void writeUntilClosed() {
        try {
            write();
        } catch (RuntimeException bug) {
            events.rebuilding("view", "it stands still until the next start, by a bug: " + bug);
            lock.lock();
            try {
                broken = true;
                closing = true;
                changed.signalAll();
                shown.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void write() {
        LogReader reader = java.util.Objects.requireNonNull(log);
        while (true) {
            if (anew && !showAll(reader)) {
                return;
            }
            List<Pending.Key> batch;
            long upTo;
            lock.lock();
            try {
                await();
                if (closing) {
                    return;
                }
                hurry = hurry && pending.size() > BATCH_LINES;
                upTo = reader.durableNumber();
                batch = pending.take(BATCH_LINES);
                if (pending.size() > 0) {
                    // Lines are missing still: after a crash now, the same keys must be looked at again.
                    upTo = applied;
                }
            } finally {
                lock.unlock();
            }
            try {
                show(batch, upTo, reader);
            } catch (SQLException damaged) {
                if (!again(damaged)) {
                    return;
                }
            }
        }
    }

    /** Lines of all live values, then as of the moment it began; what changes meanwhile waits. False when the view is closing. */
    private boolean showAll(LogReader reader) {
        anew = false;
        long upTo = reader.durableNumber();
        try {
            for (Kind kind : projection.kinds()) {
                List<Pending.Key> batch = new ArrayList<>();
                for (long key : reader.keys(kind)) {
                    batch.add(new Pending.Key(kind, key));
                    if (batch.size() == BATCH_LINES) {
                        if (isClosing()) {
                            return false;
                        }
                        show(batch, -1, reader);
                        batch.clear();
                    }
                }
                show(batch, -1, reader);
            }
            show(List.of(), upTo, reader);
            return true;
        } catch (SQLException damaged) {
            return again(damaged);
        }
    }

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    private void show(List<Pending.Key> batch, long upTo, LogReader reader) throws SQLException {
        if (!broken) {
            Connection connection = java.util.Objects.requireNonNull(writer);
            connection.setAutoCommit(false);
            try (PreparedStatement put = connection.prepareStatement(
                            "INSERT OR REPLACE INTO line VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
                    PreparedStatement drop =
                            connection.prepareStatement("DELETE FROM line WHERE kind = ? AND key = ?");
                    PreparedStatement mark = connection.prepareStatement("UPDATE state SET applied = ?")) {
                for (Pending.Key place : batch) {
                    Optional<Bytes> value = reader.read(place.kind(), place.key());
                    Optional<Row> row = value.flatMap(bytes -> projection.row(place.kind(), place.key(), bytes));
                    if (row.isPresent()) {
                        fill(put, place, row.get());
                        put.executeUpdate();
                    } else {
                        drop.setInt(1, place.kind().number());
                        drop.setLong(2, place.key());
                        drop.executeUpdate();
                    }
                }
                mark.setLong(1, upTo);
                mark.executeUpdate();
                connection.commit();
            } finally {
                connection.setAutoCommit(true);
            }
        }
        lock.lock();
        try {
            applied = upTo;
            shown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static void fill(PreparedStatement put, Pending.Key place, Row row) throws SQLException {
        put.setInt(1, place.kind().number());
        put.setLong(2, place.key());
        put.setLong(3, row.envelope());
        put.setString(4, row.messageId());
        put.setString(5, row.direction());
        put.setString(6, row.sender());
        put.setString(7, row.recipients());
        put.setString(8, row.service());
        put.setInt(9, row.precedence());
        put.setString(10, row.state());
        put.setLong(11, row.createdMs());
        put.setLong(12, row.changedMs());
        put.setLong(13, row.bytes());
        put.setString(14, row.detail());
    }

    /** Made anew after damage while running; gives up after a few times, since then the disk is to blame. */
    private boolean again(SQLException damaged) {
        lock.lock();
        try {
            if (closing) {
                return false;
            }
            if (++rebuilds > REBUILDS_MAX) {
                broken = true;
                events.rebuilding("view", "given up after " + REBUILDS_MAX + " times: " + damaged.getMessage());
            } else {
                makeAnew(String.valueOf(damaged.getMessage()));
            }
            anew = true;
            applied = -1;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void await() {
        try {
            while (!closing && !hurry && pending.size() == 0) {
                changed.await();
            }
            for (long left = DELAY_NANOS; left > 0 && !closing && !hurry && pending.size() < BATCH_LINES; ) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Bug("view thread interrupted", e);
        }
    }

    private void checkpoint() {
        while (true) {
            lock.lock();
            try {
                for (long left = CHECKPOINT_NANOS; left > 0 && !closing; ) {
                    left = changed.awaitNanos(left);
                }
                if (closing) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Bug("checkpoint thread interrupted", e);
            } finally {
                lock.unlock();
            }
            try (Connection own = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement statement = own.createStatement()) {
                statement.execute("PRAGMA synchronous=NORMAL");
                statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
            } catch (SQLException later) {
                // Damage shows at the next write, which makes the view anew.
            }
        }
    }

    @Override
    public void catchUp() {
        lock.lock();
        try {
            LogReader reader = log;
            if (reader == null || closing) {
                return;
            }
            long wanted = reader.durableNumber();
            while (!closing && applied < wanted) {
                hurry = true;
                changed.signalAll();
                shown.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Bug("interrupted while waiting for the view", e);
        } finally {
            lock.unlock();
        }
    }

    private static String where(Query query, List<Object> arguments) {
        StringBuilder sql = new StringBuilder(" WHERE 1");
        add(
                sql,
                arguments,
                " AND kind = ?",
                query.kind() == null ? null : (Integer) query.kind().number());
        add(sql, arguments, " AND envelope = ?", query.envelope());
        add(sql, arguments, " AND message = ?", query.messageId());
        add(sql, arguments, " AND direction = ?", query.direction());
        add(sql, arguments, " AND sender = ?", query.sender());
        add(
                sql,
                arguments,
                " AND instr(' ' || recipients || ' ', ?) > 0",
                query.recipient() == null ? null : " " + query.recipient() + " ");
        add(sql, arguments, " AND state = ?", query.state());
        add(sql, arguments, " AND created >= ?", query.createdFromMs());
        add(sql, arguments, " AND created < ?", query.createdToMs());
        return sql.toString();
    }

    private static void add(StringBuilder sql, List<Object> arguments, String condition, @Nullable Object value) {
        if (value != null) {
            sql.append(condition);
            arguments.add(value);
        }
    }

    @Override
    public List<Line> page(Query query, @Nullable Line after, int limit) {
        Invariant.check(limit >= 1 && limit <= 1000, "page of %d", limit);
        List<Object> arguments = new ArrayList<>();
        StringBuilder sql = new StringBuilder("SELECT * FROM line").append(where(query, arguments));
        if (after != null) {
            sql.append(" AND (created, kind, key) > (?, ?, ?)");
            arguments.add(after.row().createdMs());
            arguments.add(after.kind().number());
            arguments.add(after.key());
        }
        sql.append(" ORDER BY created, kind, key LIMIT ").append(limit);
        return ask(sql.toString(), arguments, List.of(), rows -> {
            List<Line> page = new ArrayList<>();
            while (rows.next()) {
                Optional<Kind> kind = Kind.ofNumber(rows.getInt(1));
                if (kind.isPresent()) {
                    page.add(new Line(kind.get(), rows.getLong(2), row(rows)));
                }
            }
            return page;
        });
    }

    /** The line that a row of the table holds. */
    public static Row row(ResultSet rows) throws SQLException {
        return new Row(
                rows.getLong(3),
                rows.getString(4),
                rows.getString(5),
                rows.getString(6),
                rows.getString(7),
                rows.getString(8),
                rows.getInt(9),
                rows.getString(10),
                rows.getLong(11),
                rows.getLong(12),
                rows.getLong(13),
                rows.getString(14));
    }

    @Override
    public Map<String, Long> countByState(Query query) {
        List<Object> arguments = new ArrayList<>();
        String sql = "SELECT state, count(*) FROM line" + where(query, arguments) + " GROUP BY state";
        return ask(sql, arguments, Map.of(), rows -> {
            Map<String, Long> counts = new TreeMap<>();
            while (rows.next()) {
                counts.put(rows.getString(1), rows.getLong(2));
            }
            return counts;
        });
    }

    @FunctionalInterface
    private interface Answer<T> {
        T read(ResultSet rows) throws SQLException;
    }

    private <T> T ask(String sql, List<Object> arguments, T empty, Answer<T> answer) {
        synchronized (reading) {
            Connection connection = reader;
            if (connection == null || broken) {
                return empty;
            }
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < arguments.size(); i++) {
                    statement.setObject(i + 1, arguments.get(i));
                }
                try (ResultSet rows = statement.executeQuery()) {
                    return answer.read(rows);
                }
            } catch (SQLException damaged) {
                // The writer meets the same damage and makes the view anew.
                return empty;
            }
        }
    }

    @Override
    public long applied() {
        lock.lock();
        try {
            return applied;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the threads; what is not shown yet is shown after the next start. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
            shown.signalAll();
        } finally {
            lock.unlock();
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Bug("interrupted while closing the view", e);
            }
        }
        synchronized (reading) {
            disconnect();
        }
    }
}
