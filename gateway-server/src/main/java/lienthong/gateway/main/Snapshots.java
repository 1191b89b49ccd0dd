package lienthong.gateway.main;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.api.OperatorDoor.Snapshot;
import lienthong.gateway.audit.AuditLog;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.MessageStore;

/**
 * Copies of all that a node needs, in DATA/snapshot-*, made while it runs: log, spool and archive as links at one moment; then keys and directory, which
 * may be newer than that moment and never older; last the audit log, its checkpoints before its events. What will never change is linked: a copy
 * of years of events would take their room again. At most one at a time.
 */
final class Snapshots {
    private static final String PREFIX = "snapshot-";
    private static final List<String> LOOSE = List.of("lienthong.yaml", SignedTime.FILE);

    private final Path data;
    private final Disk disk;

    Snapshots(Path data, Disk disk) {
        this.data = data;
        this.disk = disk;
    }

    /** Never while keys are made or destroyed. Blocks. */
    Result<Snapshot> make(MessageStore store, Optional<AuditLog> audit, Randomness randomness) {
        String name = String.format(Locale.ROOT, "%s%016x", PREFIX, randomness.nonZeroLong());
        try {
            removeAll();
            disk.makeFolder(name);
            long bytes = store.backup(name);
            if (bytes == 0) {
                remove(data.resolve(name));
                return Result.no(ErrorCode.DISK_LOW, "the log cannot be closed and linked now");
            }
            bytes += copy(NodeKeys.FOLDER, name);
            bytes += copy("directory", name);
            bytes += copy("quarantine", name);
            for (String loose : LOOSE) {
                bytes += copyFile(Path.of(loose), data.resolve(name).resolve(loose));
            }
            audit.ifPresent(AuditLog::settle);
            bytes += audit(name);
            return Result.ok(new Snapshot(name, bytes));
        } catch (IOException cannot) {
            try {
                remove(data.resolve(name));
            } catch (IOException later) {
                // The next start removes it.
                cannot.addSuppressed(later);
            }
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(cannot));
        }
    }

    private long audit(String to) throws IOException {
        disk.makeFolder(to + "/audit");
        long bytes = copyFile(Path.of("audit", "checkpoints"), data.resolve(to).resolve("audit/checkpoints"));
        List<String> files = disk.list("audit").stream().sorted().toList();
        String written = files.stream().filter(file -> file.startsWith("log-")).reduce("", (one, later) -> later);
        for (String file : files) {
            if (file.equals(written)) {
                bytes += copyFile(
                        Path.of("audit", file),
                        data.resolve(to).resolve("audit").resolve(file));
            } else if (!file.equals("checkpoints")) {
                disk.link("audit/" + file, to + "/audit/" + file);
                bytes += Files.size(data.resolve("audit").resolve(file));
            }
        }
        return bytes;
    }

    private long copy(String folder, String to) throws IOException {
        disk.makeFolder(to + "/" + folder);
        long bytes = 0;
        for (String file : disk.list(folder)) {
            bytes += copyFile(
                    Path.of(folder, file), data.resolve(to).resolve(folder).resolve(file));
        }
        return bytes;
    }

    /** Of what others may still write: as it is now. Absent, it stays absent. */
    private long copyFile(Path from, Path to) throws IOException {
        try {
            try (InputStream content = Files.newInputStream(data.resolve(from))) {
                Files.createFile(to, Folders.FILE_MODE);
                try (OutputStream copy = Files.newOutputStream(to, StandardOpenOption.WRITE)) {
                    return content.transferTo(copy);
                }
            }
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }

    /** What an earlier one left: links that hold the disk's room. */
    void removeAll() throws IOException {
        List<Path> all;
        try (Stream<Path> entries = Files.list(data)) {
            all = entries.filter(entry -> String.valueOf(entry.getFileName()).startsWith(PREFIX))
                    .toList();
        }
        for (Path one : all) {
            remove(one);
        }
    }

    /** A folder with all that is in it; links are not followed. */
    static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        } catch (NoSuchFileException gone) {
            return;
        } catch (UncheckedIOException vanishing) {
            throw vanishing.getCause();
        }
    }
}
