package lienthong.gateway.main;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.api.OperatorDoor.Finding;
import lienthong.gateway.api.OperatorDoor.Topic;
import lienthong.gateway.cli.DataFolders;
import lienthong.gateway.config.ConfigFault;
import lienthong.gateway.config.ConfigReader;
import lienthong.gateway.config.NodeConfig;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.node.RestoreState;

/** Looks into data folders that no node uses, for commands. */
public final class FolderDesk implements DataFolders {
    private static final String LOCK = "lock";
    private static final int ROOT_BYTES_MAX = 1 << 20;

    private final Clock clock;
    private final Randomness randomness;
    private final StoreInspection stores;

    public FolderDesk(Clock clock, Randomness randomness) {
        this(clock, randomness, new StoreInspection(clock, randomness));
    }

    FolderDesk(Clock clock, Randomness randomness, StoreInspection stores) {
        this.clock = clock;
        this.randomness = randomness;
        this.stores = stores;
    }

    @Override
    public Result<StoreReport> check(Path data) {
        if (!Files.isDirectory(data)) {
            return Result.no(ErrorCode.NO_INPUT, "folder {0}", data);
        }
        // A copy that no node ever ran on has no lock, and none is made: nothing is written here.
        try (Held held = Held.of(RealDisk.at(data))) {
            return held.isFree
                    ? stores.look(data)
                    : Result.no(
                            ErrorCode.DATA_IN_USE, "{0} is checked while its node is stopped: lienthong stop", data);
        } catch (IOException unreadable) {
            return Result.no(ErrorCode.STORE_UNREADABLE, "{0}: {1}", data, Detail.technical(unreadable));
        }
    }

    // ---- backup

    @Override
    public Result<BackupReport> backup(Path data, Path from, Path to) {
        BackupDesk desk = new BackupDesk(clock, stores);
        if (!from.equals(data)) {
            return desk.write(from, to);
        }
        if (!Files.isDirectory(data)) {
            return Result.no(ErrorCode.NO_INPUT, "folder {0}", data);
        }
        try (Held held = Held.of(RealDisk.at(data))) {
            return held.isFree
                    ? desk.write(data, to)
                    : Result.no(ErrorCode.DATA_IN_USE, "a process has {0} and does not answer at its socket", data);
        } catch (IOException cannot) {
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(cannot));
        }
    }

    @Override
    public Result<BackupReport> restore(Path backup, Path data, boolean acceptLoss) {
        return new BackupDesk(clock, stores).restore(backup, data, acceptLoss);
    }

    @Override
    public Result<Instant> acceptLoss(Path data) {
        if (!Files.isDirectory(data.resolve(NodeKeys.FOLDER))) {
            return Result.no(ErrorCode.NO_INPUT, "folder {0}", data.resolve(NodeKeys.FOLDER));
        }
        Disk disk = RealDisk.at(data);
        try (Held held = Held.of(disk)) {
            if (!held.isFree) {
                return Result.no(ErrorCode.DATA_IN_USE, "{0}: stop the node first", data);
            }
            Instant now = clock.now();
            Instant before = RestoredFile.read(disk)
                    .fold(known -> known.map(RestoreState::at), damaged -> Optional.<Instant>empty())
                    .orElse(now);
            RestoreState state = BackupDesk.toBeCompared(BackupDesk.latest(now, before, SignedTime.kept(disk)), true);
            RestoredFile.write(disk, state);
            return Result.ok(state.at());
        } catch (IOException cannot) {
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(cannot));
        }
    }

    @Override
    public void removeSnapshot(Path snapshot) {
        try {
            Snapshots.remove(snapshot);
        } catch (IOException stays) {
            // Its node removes it at its next start or snapshot.
            return;
        }
    }

    // ---- diagnosis

    @Override
    public Result<List<Finding>> diagnose(Path data, String version) {
        if (!Files.isDirectory(data)) {
            return Result.no(ErrorCode.NO_INPUT, "folder {0}", data);
        }
        Disk disk = RealDisk.at(data);
        List<Finding> all = new ArrayList<>();
        try (Held held = Held.of(disk)) {
            all.add(
                    held.isFree
                            ? Finding.soon(Topic.NODE, ErrorCode.NOT_RUNNING, Detail.of("{0}", data))
                            : Finding.bad(
                                    Topic.NODE,
                                    ErrorCode.DATA_IN_USE,
                                    Detail.of("a process has {0} and does not answer at its socket", data)));
            Optional<NodeConfig> config = configuration(data, all);
            all.add(Doctor.clock(clock.now(), SignedTime.kept(disk)));
            all.addAll(new Doctor(data, disk, clock)
                    .ground(config.map(NodeConfig::socketForGroup).orElse(false), version));
            if (held.isFree) {
                keys(disk, config, all);
            }
        } catch (IOException | UncheckedIOException unreadable) {
            all.add(Finding.bad(Topic.NODE, ErrorCode.STORE_UNREADABLE, Detail.technical(unreadable.toString())));
        }
        return Result.ok(List.copyOf(all));
    }

    private static Optional<NodeConfig> configuration(Path data, List<Finding> all) throws IOException {
        Path file = data.resolve(ConfigReader.FILE);
        if (!Files.isRegularFile(file) || Files.size(file) > ConfigReader.BYTES_MAX) {
            all.add(Finding.bad(
                    Topic.CONFIGURATION, ErrorCode.NO_INPUT, Detail.of("{0}; lienthong join makes it", file)));
            return Optional.empty();
        }
        if (ConfigReader.read(Files.readString(file), data) instanceof ConfigReader.Outcome.Faulty faulty) {
            for (ConfigFault fault : faulty.faults()) {
                all.add(Finding.bad(
                        Topic.CONFIGURATION,
                        fault.reason(),
                        Detail.of(
                                "{0}, line {1}, column {2}: {3}", file, fault.line(), fault.column(), fault.about())));
            }
            return Optional.empty();
        }
        all.add(Finding.good(Topic.CONFIGURATION, Detail.of("{0}", file)));
        return ConfigReader.read(Files.readString(file), data) instanceof ConfigReader.Outcome.Read read
                ? Optional.of(read.config())
                : Optional.empty();
    }

    /** What keys and directory show without a node; keys under a passphrase that nobody wrote down stay closed. */
    private void keys(Disk disk, Optional<NodeConfig> config, List<Finding> all) throws IOException {
        Instant now = clock.now();
        Optional<char[]> passphrase = passphrase(config);
        Result<NodeKeys> opened = NodeKeys.open(
                disk, passphrase.map(Protection::passphrase).orElseGet(Protection::fileModes), randomness);
        passphrase.ifPresent(secret -> Arrays.fill(secret, ' '));
        if (opened instanceof Result.Ok<NodeKeys> keys) {
            all.add(Finding.good(
                    Topic.KEYS,
                    keys.value().hasPassphrase()
                            ? Detail.of(
                                    "those of {0}, under a passphrase",
                                    keys.value().node())
                            : Detail.of(
                                    "those of {0}, under file modes alone",
                                    keys.value().node())));
            all.addAll(Doctor.certificates(keys.value().certificateEnds(), now));
            directory(disk, keys.value().root(), Optional.of(keys.value()), now, all);
            keys.value().close();
        } else if (opened.refusal().reason() == ErrorCode.PASSPHRASE_WRONG && passphrase.isEmpty()) {
            all.add(Finding.good(Topic.KEYS, Detail.of("under a passphrase; certificates were not looked at")));
            root(disk).ifPresent(known -> directory(disk, known, Optional.empty(), now, all));
        } else {
            all.add(Finding.bad(
                    Topic.KEYS, opened.refusal().reason(), opened.refusal().about()));
        }
    }

    private static void directory(
            Disk disk, NetworkRoot root, Optional<NodeKeys> keys, Instant now, List<Finding> all) {
        DirectoryFolder.Loaded loaded = DirectoryFolder.of(disk).load(root, now);
        loaded.faults().forEach(fault -> all.add(Finding.soon(Topic.DIRECTORY, fault.reason(), fault.about())));
        if (loaded.book().directory().isEmpty()) {
            all.add(Finding.bad(
                    Topic.DIRECTORY,
                    ErrorCode.DIRECTORY_INVALID,
                    Detail.of("no usable directory in the folder: lienthong directory import FILE")));
        } else if (keys.isPresent()) {
            all.addAll(Doctor.directory(loaded.book().view(), keys.get().node(), now));
        }
    }

    /** Readable without the passphrase: it is no secret. */
    private static Optional<NetworkRoot> root(Disk disk) throws IOException {
        Optional<Disk.File> found = disk.openExisting(NodeKeys.FOLDER + "/root.txt");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Disk.File file = found.get()) {
            ByteBuffer text = ByteBuffer.allocate((int) Math.min(ROOT_BYTES_MAX, file.size()));
            file.read(0, text);
            return NetworkRoot.parse(Bytes.copyOf(text.flip())).fold(Optional::of, no -> Optional.<NetworkRoot>empty());
        }
    }

    private static Optional<char[]> passphrase(Optional<NodeConfig> config) throws IOException {
        Optional<Path> file = config.flatMap(NodeConfig::keyPassphraseFile).filter(Files::isReadable);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(file.get());
        CharBuffer secret = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes));
        Arrays.fill(bytes, (byte) 0);
        int end = secret.limit();
        while (end > 0 && (secret.get(end - 1) == '\n' || secret.get(end - 1) == '\r')) {
            end--;
        }
        return Optional.of(Arrays.copyOf(secret.array(), end));
    }

    // ---- clock

    @Override
    public Result<Instant> acceptClock(Path data) {
        if (!Files.isDirectory(data)) {
            return Result.no(ErrorCode.NO_INPUT, "folder {0}", data);
        }
        Disk disk = RealDisk.at(data);
        try (Held held = Held.of(disk)) {
            if (!held.isFree) {
                return Result.no(ErrorCode.DATA_IN_USE, "{0}: stop the node first", data);
            }
            Instant now = clock.now();
            Optional<Instant> later = SignedTime.kept(disk).filter(now::isBefore);
            if (later.isPresent()) {
                SignedTime.keep(disk, now);
            }
            return Result.ok(later.orElse(now));
        } catch (IOException cannot) {
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(cannot));
        }
    }

    /** The folder's lock, where there is one. */
    private static final class Held implements AutoCloseable {
        final boolean isFree;
        private final Optional<AutoCloseable> lock;

        private Held(boolean isFree, Optional<AutoCloseable> lock) {
            this.isFree = isFree;
            this.lock = lock;
        }

        static Held of(Disk disk) throws IOException {
            boolean locked = disk.exists(LOCK);
            Optional<AutoCloseable> lock = locked ? disk.lock(LOCK) : Optional.empty();
            return new Held(!locked || lock.isPresent(), lock);
        }

        @Override
        public void close() {
            if (lock.isPresent()) {
                try {
                    lock.get().close();
                } catch (Exception cannot) {
                    throw new Bug("folder lock", cannot);
                }
            }
        }
    }
}
