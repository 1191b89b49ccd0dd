package lienthong.gateway.store.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A SQLite file of the store, read as it lies there. SQLite itself would write beside it, even to read: so a file without a log of its own is opened as
 * one that never changes, and one with a log is copied first, to the system's folder for temporary files.
 */
final class KeptDatabase implements AutoCloseable {
    private final Connection connection;
    private final @Nullable Path copy;

    private KeptDatabase(Connection connection, @Nullable Path copy) {
        this.connection = connection;
        this.copy = copy;
    }

    /** Opens it; empty when there is none. */
    static Optional<KeptDatabase> open(Path file) throws SQLException, IOException {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        boolean alone = !Files.isRegularFile(log) || Files.size(log) == 0;
        Path copy = null;
        try {
            Path place = file;
            if (!alone) {
                copy = Files.createTempDirectory("lienthong-check-");
                place = copy.resolve("copy.db");
                Files.copy(file, place);
                Files.copy(log, copy.resolve("copy.db-wal"));
            }
            String url = "jdbc:sqlite:file:" + place.toUri().getRawPath() + (alone ? "?immutable=1&mode=ro" : "");
            return Optional.of(new KeptDatabase(DriverManager.getConnection(url), copy));
        } catch (SQLException | IOException cannot) {
            remove(copy);
            throw cannot;
        }
    }

    Connection connection() {
        return connection;
    }

    boolean isWhole() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet check = statement.executeQuery("PRAGMA integrity_check(1)")) {
            return check.next() && "ok".equals(check.getString(1));
        }
    }

    /** Where the archive's index knows each month's file to end; empty when there is no index, or it cannot be read: it is made anew then. */
    static Map<Integer, Long> archiveEnds(Path index) throws IOException {
        Map<Integer, Long> ends = new TreeMap<>();
        try (KeptDatabase database = open(index).orElse(null)) {
            if (database != null && database.isWhole()) {
                try (Statement statement = database.connection.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT month, \"end\" FROM month")) {
                    while (rows.next()) {
                        ends.put(rows.getInt(1), rows.getLong(2));
                    }
                }
            }
        } catch (SQLException damaged) {
            ends.clear();
        }
        return ends;
    }

    private static void remove(@Nullable Path folder) throws IOException {
        if (folder != null) {
            for (String name : new String[] {"copy.db", "copy.db-wal", "copy.db-shm"}) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.deleteIfExists(folder);
        }
    }

    @Override
    public void close() throws SQLException, IOException {
        try {
            connection.close();
        } finally {
            remove(copy);
        }
    }
}
