package lienthong.gateway.main;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import lienthong.gateway.cli.DataFolders.BackupReport;
import lienthong.gateway.cli.DataFolders.StoreReport;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import lienthong.gateway.node.RestoreState;

/**
 * Writes backups: a folder with the files of a data folder and {@code backup.txt}, which has size and SHA-256 of each. It is written under another name,
 * read back, checked as a store, and only then renamed: a folder of the wanted name is a whole backup.
 */
final class BackupDesk {
    static final String LIST = "backup.txt";
    private static final String TITLE = "lienthong-backup 1";
    private static final String UNFINISHED = ".unfinished";

    private final Clock clock;
    private final StoreInspection stores;

    BackupDesk(Clock clock, StoreInspection stores) {
        this.clock = clock;
        this.stores = stores;
    }

    /** What a backup's list says. */
    record Listed(Instant at, Map<Path, Folders.Sum> files) {}

    /**
     * @param from a data folder that nobody uses, or a snapshot of one
     * @param to absent; its folder is there. What an interrupted attempt left beside it is removed
     */
    Result<BackupReport> write(Path from, Path to) {
        Path unfinished = to.resolveSibling(to.getFileName() + UNFINISHED);
        Instant at = clock.now();
        try {
            Snapshots.remove(unfinished);
            Files.createDirectory(unfinished, Folders.FOLDER_MODE);
            Map<Path, Folders.Sum> sums = Folders.copy(from, Folders.files(from), unfinished);
            Optional<Detail> fault = compare(unfinished, sums);
            if (fault.isPresent()) {
                return Result.no(ErrorCode.WRITE_FAILED, fault.get());
            }
            write(unfinished.resolve(LIST), text(at, sums));
            Folders.sync(unfinished);
            Result<StoreReport> looked = stores.look(unfinished);
            if (!(looked instanceof Result.Ok<StoreReport> report)) {
                Snapshots.remove(unfinished);
                return Result.no(looked.refusal());
            }
            Files.move(unfinished, to, StandardCopyOption.ATOMIC_MOVE);
            Folders.sync(Objects.requireNonNull(to.toAbsolutePath().getParent()));
            return Result.ok(new BackupReport(
                    to,
                    at,
                    sums.size(),
                    sums.values().stream().mapToLong(Folders.Sum::bytes).sum(),
                    report.value()));
        } catch (IOException cannot) {
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(cannot));
        }
    }

    /**
     * Puts a backup back.
     *
     * @param data absent, its folder there; or an empty folder, which is filled where it is, as it may be a mount point. What an interrupted attempt left
     *     in it is removed
     */
    Result<BackupReport> restore(Path backup, Path data, boolean acceptLoss) {
        boolean inPlace = Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS);
        Path unfinished = inPlace ? data.resolve(UNFINISHED) : data.resolveSibling(data.getFileName() + UNFINISHED);
        try {
            Result<Listed> list = list(backup);
            if (!(list instanceof Result.Ok<Listed> listed)) {
                return Result.no(list.refusal());
            }
            if (Files.exists(data, LinkOption.NOFOLLOW_LINKS) && !isEmptyFolder(data, unfinished)) {
                return Result.no(ErrorCode.OUTPUT_EXISTS, "{0}", data);
            }
            Map<Path, Folders.Sum> sums = listed.value().files();
            Optional<Detail> fault = compare(backup, sums);
            if (fault.isPresent()) {
                return Result.no(ErrorCode.RECORD_DAMAGED, fault.get());
            }
            Snapshots.remove(unfinished);
            Files.createDirectory(unfinished, Folders.FOLDER_MODE);
            Map<Path, Folders.Sum> copied = Folders.copy(backup, List.copyOf(sums.keySet()), unfinished);
            if (!copied.equals(sums)) {
                return Result.no(ErrorCode.WRITE_FAILED, "{0} is not what was written", unfinished);
            }
            Disk disk = RealDisk.at(unfinished);
            Instant at = latest(clock.now(), listed.value().at(), SignedTime.kept(disk));
            RestoredFile.write(disk, toBeCompared(at, acceptLoss));
            Result<StoreReport> looked = stores.look(unfinished);
            if (!(looked instanceof Result.Ok<StoreReport> report)) {
                Snapshots.remove(unfinished);
                return Result.no(looked.refusal());
            }
            if (inPlace) {
                unpack(unfinished, data);
            } else {
                Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
                Folders.sync(Objects.requireNonNull(data.toAbsolutePath().getParent()));
            }
            return Result.ok(new BackupReport(
                    data,
                    listed.value().at(),
                    sums.size(),
                    sums.values().stream().mapToLong(Folders.Sum::bytes).sum(),
                    report.value()));
        } catch (IOException cannot) {
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(cannot));
        }
    }

    private static boolean isEmptyFolder(Path folder, Path butFor) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.allMatch(butFor::equals);
        }
    }

    /** The keys last: without them nothing starts in the folder, however far this came. */
    private static void unpack(Path unfinished, Path data) throws IOException {
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        List<Path> entries;
        try (Stream<Path> all = Files.list(unfinished)) {
            entries = all.filter(entry -> !entry.endsWith(NodeKeys.FOLDER)).toList();
        }
        for (Path entry : entries) {
            Files.move(entry, data.resolve(entry.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
        Folders.sync(data);
        Files.move(unfinished.resolve(NodeKeys.FOLDER), data.resolve(NodeKeys.FOLDER), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(unfinished);
        Folders.sync(data);
    }

    /** No machine's clock alone says when a folder was put back: what was signed in it was signed before. */
    static Instant latest(Instant now, Instant known, Optional<Instant> signed) {
        return Stream.of(now, known, signed.orElse(known))
                .max(Instant::compareTo)
                .orElseThrow();
    }

    /** Of a folder that was put back now. */
    static RestoreState toBeCompared(Instant now, boolean acceptLoss) {
        return new RestoreState(now, true, acceptLoss, Optional.empty(), Map.of(), Map.of());
    }

    /** Reads every file; the first that is not what it was. */
    static Optional<Detail> compare(Path folder, Map<Path, Folders.Sum> sums) throws IOException {
        for (Map.Entry<Path, Folders.Sum> file : sums.entrySet()) {
            Path place = folder.resolve(file.getKey());
            if (!Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.of(Detail.of("{0} is missing", place));
            }
            if (!Folders.sum(place).equals(file.getValue())) {
                return Optional.of(Detail.of("{0} is not what was written", place));
            }
        }
        return Optional.empty();
    }

    private static String text(Instant at, Map<Path, Folders.Sum> sums) {
        StringBuilder text = new StringBuilder(TITLE + "\nat " + StrictText.time(at) + "\n");
        sums.forEach((path, sum) -> text.append("file ")
                .append(sum.bytes())
                .append(' ')
                .append(sum.hash().hex())
                .append(' ')
                .append(path)
                .append('\n'));
        return text + "check " + Hash.of(Bytes.utf8(text.toString())).hex() + "\n";
    }

    private static void write(Path file, String text) throws IOException {
        Files.createFile(file, Folders.FILE_MODE);
        Files.writeString(file, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
    }

    /** {@code NO_INPUT} when the folder is no backup, {@code RECORD_DAMAGED} when its list is not what was written. */
    static Result<Listed> list(Path backup) throws IOException {
        Path file = backup.resolve(LIST);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Result.no(ErrorCode.NO_INPUT, "{0} is no backup: it has no {1}", backup, LIST);
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int check = text.lastIndexOf("check ");
        if (!text.startsWith(TITLE + "\nat ")
                || check < 0
                || !text.substring(check)
                        .equals("check "
                                + Hash.of(Bytes.utf8(text.substring(0, check))).hex() + "\n")) {
            return Result.no(ErrorCode.RECORD_DAMAGED, "{0} is not what was written", file);
        }
        Map<Path, Folders.Sum> files = new TreeMap<>();
        String[] lines = text.substring(0, check).split("\n");
        for (int i = 2; i < lines.length; i++) {
            String[] fields = lines[i].split(" ", 4);
            Hash hash = fields.length == 4 ? Hash.parse(fields[2]) : null;
            if (hash == null || fields[3].contains("..") || fields[3].startsWith("/")) {
                return Result.no(ErrorCode.RECORD_DAMAGED, "{0} is not what was written", file);
            }
            files.put(Path.of(fields[3]), new Folders.Sum(Long.parseLong(fields[1]), hash));
        }
        return Result.ok(new Listed(Instant.parse(lines[1].substring("at ".length())), files));
    }
}
