package lienthong.gateway.store.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.store.Archive;
import lienthong.gateway.store.record.PrivateFile;
import org.jspecify.annotations.Nullable;

/** {@code archive/index.db}. */
final class SqliteArchiveIndex implements ArchiveIndex {
    private static final int FORM = 1;

    private final Path file;
    private final String mark;
    private @Nullable Connection connection;

    SqliteArchiveIndex(Path file, String storeMark) {
        this.file = file;
        this.mark = storeMark + " " + FORM;
    }

    private Connection open() throws SQLException {
        if (connection != null) {
            return connection;
        }
        PrivateFile.make(file);
        Connection opened = DriverManager.getConnection("jdbc:sqlite:" + file);
        connection = opened;
        try (Statement statement = opened.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=NORMAL");
            statement.execute("CREATE TABLE IF NOT EXISTS state (mark TEXT NOT NULL)");
            try (ResultSet found = statement.executeQuery("SELECT mark FROM state")) {
                if (found.next() && !mark.equals(found.getString(1))) {
                    throw new SQLException("it belongs to another store or version");
                }
            }
            statement.execute("INSERT INTO state SELECT '" + mark + "' WHERE NOT EXISTS (SELECT 1 FROM state)");
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS month (month INTEGER PRIMARY KEY, \"end\" INTEGER NOT NULL, last INTEGER NOT NULL)");
            statement.execute("""
                    CREATE TABLE IF NOT EXISTS record (
                      id BLOB NOT NULL, time INTEGER NOT NULL, client TEXT NOT NULL, month INTEGER NOT NULL, start INTEGER NOT NULL,
                      length INTEGER NOT NULL)""");
            statement.execute("CREATE UNIQUE INDEX IF NOT EXISTS record_id ON record (id, month, start)");
            statement.execute("CREATE INDEX IF NOT EXISTS record_time ON record (time, id)");
            statement.execute("CREATE INDEX IF NOT EXISTS record_client ON record (client, id) WHERE client <> ''");
        }
        return opened;
    }

    @Override
    public void add(List<Place> places, Map<Integer, Progress> reached) throws IndexFault {
        try {
            Connection open = open();
            open.setAutoCommit(false);
            try (PreparedStatement place = open.prepareStatement("INSERT OR REPLACE INTO record VALUES (?,?,?,?,?,?)");
                    PreparedStatement month = open.prepareStatement("INSERT OR REPLACE INTO month VALUES (?,?,?)")) {
                for (Place each : places) {
                    place.setBytes(1, each.id().bytes().toArray());
                    place.setLong(2, each.time().toEpochMilli());
                    place.setString(3, each.clientId());
                    place.setInt(4, each.month());
                    place.setLong(5, each.offset());
                    place.setInt(6, each.length());
                    place.executeUpdate();
                }
                for (Map.Entry<Integer, Progress> each : reached.entrySet()) {
                    month.setInt(1, each.getKey());
                    month.setLong(2, each.getValue().end());
                    month.setLong(3, each.getValue().lastNumber());
                    month.executeUpdate();
                }
                open.commit();
            } finally {
                open.setAutoCommit(true);
            }
        } catch (SQLException fault) {
            throw new IndexFault(fault);
        }
    }

    @Override
    public Map<Integer, Progress> progress() throws IndexFault {
        try (Statement statement = open().createStatement();
                ResultSet rows = statement.executeQuery("SELECT month, \"end\", last FROM month")) {
            Map<Integer, Progress> progress = new TreeMap<>();
            while (rows.next()) {
                progress.put(rows.getInt(1), new Progress(rows.getLong(2), rows.getLong(3)));
            }
            return progress;
        } catch (SQLException fault) {
            throw new IndexFault(fault);
        }
    }

    @Override
    public List<Place> find(MessageId id) throws IndexFault {
        try (PreparedStatement statement = open().prepareStatement(
                        "SELECT id, time, client, month, start, length FROM record WHERE id = ? ORDER BY month, start")) {
            statement.setBytes(1, id.bytes().toArray());
            try (ResultSet rows = statement.executeQuery()) {
                List<Place> places = new ArrayList<>();
                while (rows.next()) {
                    places.add(new Place(
                            rows.getInt(4),
                            rows.getLong(5),
                            rows.getInt(6),
                            Instant.ofEpochMilli(rows.getLong(2)),
                            id,
                            rows.getString(3)));
                }
                return places;
            }
        } catch (SQLException fault) {
            throw new IndexFault(fault);
        }
    }

    private static MessageId id(ResultSet rows, int column) throws SQLException {
        return MessageId.ofBytes(Bytes.copyOf(rows.getBytes(column))).fold(id -> id, no -> {
            throw new lienthong.gateway.message.Bug("archive index holds an id that is none");
        });
    }

    @Override
    public List<MessageId> findByClientId(String clientId, int limit) throws IndexFault {
        try (PreparedStatement statement = open().prepareStatement(
                        "SELECT DISTINCT id FROM record WHERE client = ? AND client <> '' ORDER BY id LIMIT ?")) {
            statement.setString(1, clientId);
            statement.setInt(2, limit);
            try (ResultSet rows = statement.executeQuery()) {
                List<MessageId> ids = new ArrayList<>();
                while (rows.next()) {
                    ids.add(id(rows, 1));
                }
                return ids;
            }
        } catch (SQLException fault) {
            throw new IndexFault(fault);
        }
    }

    @Override
    public List<Archive.Entry> list(Instant from, Instant to, Archive.@Nullable Entry after, int limit)
            throws IndexFault {
        String sql = "SELECT DISTINCT time, id FROM record WHERE time >= ? AND time < ?"
                + (after == null ? "" : " AND (time, id) > (?, ?)")
                + " ORDER BY time, id LIMIT "
                + limit;
        try (PreparedStatement statement = open().prepareStatement(sql)) {
            statement.setLong(1, from.toEpochMilli());
            statement.setLong(2, to.toEpochMilli());
            if (after != null) {
                statement.setLong(3, after.time().toEpochMilli());
                statement.setBytes(4, after.id().bytes().toArray());
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<Archive.Entry> entries = new ArrayList<>();
                while (rows.next()) {
                    entries.add(new Archive.Entry(Instant.ofEpochMilli(rows.getLong(1)), id(rows, 2)));
                }
                return entries;
            }
        } catch (SQLException fault) {
            throw new IndexFault(fault);
        }
    }

    @Override
    public void clear() throws IndexFault {
        close();
        try {
            for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
            }
        } catch (IOException fault) {
            throw new IndexFault(fault);
        }
    }

    @Override
    public void close() {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException nothingToLose) {
                // The file is derived.
            }
            connection = null;
        }
    }
}
