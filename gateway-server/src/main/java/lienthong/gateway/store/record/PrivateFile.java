package lienthong.gateway.store.record;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Set;

/** A database's file that its owner alone reads: SQLite would let others, and gives what it writes beside a file the mode of the file. */
public final class PrivateFile {
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private PrivateFile() {}

    /** Makes the file where there is none, and closes one that is open to others. */
    public static void make(Path file) throws SQLException {
        try {
            try {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER));
            } catch (FileAlreadyExistsException there) {
                Files.setPosixFilePermissions(file, OWNER);
            }
        } catch (IOException cannot) {
            throw new SQLException(cannot.toString(), cannot);
        }
    }
}
