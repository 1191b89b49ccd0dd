package lienthong.gateway.main;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.api.OperatorDoor.Finding;
import lienthong.gateway.api.OperatorDoor.Topic;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.link.netty.LinkTls;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.StrictText;
import lienthong.gateway.store.DiskGate;

/**
 * Looks at what lies under a node: the same whether it runs or not. Reads the folder, writes and removes one small file; blocks for the disk. Each
 * finding has its figures; what to do stands in the catalogue under the finding's topic.
 */
final class Doctor {
    private static final String PROBE = "doctor.new";
    private static final int PROBE_BYTES = 4096;
    private static final Duration SLOW_SYNC = Duration.ofSeconds(1);
    /** Certificates are renewed 60 days before their end: one that still ends sooner was not renewed. */
    private static final Duration CERTIFICATE_SOON = Duration.ofDays(30);

    private static final Duration DIRECTORY_SOON = Duration.ofDays(60);
    private static final List<String> SECRET_FOLDERS =
            List.of(NodeKeys.FOLDER, "log", "spool", "archive", "audit", "directory", "quarantine");

    private final Path data;
    private final Disk disk;
    private final Clock clock;

    Doctor(Path data, Disk disk, Clock clock) {
        this.data = data;
        this.disk = disk;
        this.clock = clock;
    }

    /** Disk, modes, what is in quarantine, versions. */
    List<Finding> ground(boolean socketForGroup, String version) {
        List<Finding> all = new ArrayList<>();
        all.add(free());
        all.add(sync());
        all.addAll(modes(socketForGroup));
        all.add(quarantine());
        all.addAll(versions(version));
        return all;
    }

    private Finding free() {
        DiskGate gate = new DiskGate(disk, clock, DiskGate.Thresholds.DEFAULT);
        Detail about = Detail.of(
                "{0} MB of {1} MB free above the reserve", megabytes(gate.freeBytes()), megabytes(gate.totalBytes()));
        return switch (gate.level()) {
            case ALL -> Finding.good(Topic.DISK_FREE, about);
            case NO_BULK -> Finding.soon(Topic.DISK_FREE, ErrorCode.DISK_LOW, about);
            default -> Finding.bad(Topic.DISK_FREE, ErrorCode.DISK_LOW, about);
        };
    }

    private static long megabytes(long bytes) {
        return bytes / 1_000_000;
    }

    /** Writes, syncs and removes a file, with its name in the folder. */
    private Finding sync() {
        long begun = clock.nanos();
        try {
            try (Disk.File file = disk.open(PROBE)) {
                file.write(0, ByteBuffer.allocate(PROBE_BYTES));
                file.sync();
            }
            disk.syncFolder("");
            Duration took = Duration.ofNanos(clock.nanos() - begun);
            disk.delete(PROBE);
            Detail about = Detail.of("a block was written and synced in {0} ms", took.toMillis());
            return took.compareTo(SLOW_SYNC) > 0
                    ? Finding.soon(Topic.DISK_SYNC, ErrorCode.TOO_SLOW, about)
                    : Finding.good(Topic.DISK_SYNC, about);
        } catch (IOException cannot) {
            return Finding.bad(Topic.DISK_SYNC, ErrorCode.WRITE_FAILED, Detail.technical(cannot));
        }
    }

    // ---- modes

    private List<Finding> modes(boolean group) {
        List<Finding> all = new ArrayList<>();
        List<Detail> exposed = new ArrayList<>();
        try {
            open(data, group ? "rwxr-x---" : "rwx------").ifPresent(exposed::add);
            for (String folder : SECRET_FOLDERS) {
                disk.exposure(folder).ifPresent(exposed::add);
            }
            for (String name : disk.list(NodeKeys.FOLDER)) {
                disk.exposure(NodeKeys.FOLDER + "/" + name).ifPresent(exposed::add);
            }
        } catch (IOException unreadable) {
            exposed.add(Detail.technical(unreadable));
        }
        exposed.forEach(about -> all.add(Finding.bad(Topic.FOLDER_MODES, ErrorCode.FILE_EXPOSED, about)));
        if (exposed.isEmpty()) {
            all.add(Finding.good(Topic.FOLDER_MODES, Detail.of("nobody else reads {0}", data)));
        }
        socket(group).ifPresent(all::add);
        return all;
    }

    private Optional<Finding> socket(boolean group) {
        Path socket = data.resolve("run").resolve("api.sock");
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            Optional<Detail> exposed = open(socket, group ? "rw-rw----" : "rw-------");
            if (exposed.isEmpty()) {
                exposed = open(data.resolve("run"), group ? "rwxr-x---" : "rwx------");
            }
            return Optional.of(exposed.map(about -> Finding.bad(Topic.SOCKET_MODES, ErrorCode.FILE_EXPOSED, about))
                    .orElseGet(() -> Finding.good(
                            Topic.SOCKET_MODES,
                            group
                                    ? Detail.of("only this user and its group may call {0}", socket)
                                    : Detail.of("only this user may call {0}", socket))));
        } catch (IOException unreadable) {
            return Optional.of(
                    Finding.bad(Topic.SOCKET_MODES, ErrorCode.FILE_NOT_READABLE, Detail.technical(unreadable)));
        }
    }

    /** What is open beyond the mode allowed, with the command that mends it. */
    private static Optional<Detail> open(Path place, String mode) throws IOException {
        PosixFileAttributes attributes;
        try {
            attributes = Files.readAttributes(place, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
        Set<PosixFilePermission> allowed = PosixFilePermissions.fromString(mode);
        return allowed.containsAll(attributes.permissions())
                ? Optional.empty()
                : Optional.of(Detail.of("{0} is open to others: chmod {1} {0}", place, octal(allowed)));
    }

    /** What {@code chmod} calls it. */
    private static String octal(Set<PosixFilePermission> permissions) {
        StringBuilder digits = new StringBuilder();
        String text = PosixFilePermissions.toString(permissions);
        for (int i = 0; i < text.length(); i += 3) {
            int digit = 0;
            for (int bit = 0; bit < 3; bit++) {
                digit = digit * 2 + (text.charAt(i + bit) == '-' ? 0 : 1);
            }
            digits.append(digit);
        }
        return digits.toString();
    }

    // ---- store, versions

    private Finding quarantine() {
        try {
            List<String> kept = disk.list("quarantine");
            return kept.isEmpty()
                    ? Finding.good(Topic.STORE, Detail.of("nothing was ever set aside"))
                    : Finding.soon(
                            Topic.STORE,
                            ErrorCode.RECORD_DAMAGED,
                            Detail.of("{0} set aside in quarantine/", kept.size()));
        } catch (IOException unreadable) {
            return Finding.bad(Topic.STORE, ErrorCode.STORE_UNREADABLE, Detail.technical(unreadable));
        }
    }

    private static List<Finding> versions(String version) {
        List<Finding> all = new ArrayList<>();
        all.add(Finding.good(
                Topic.VERSIONS, Detail.of("lienthong {0}, store format {1}, Java {2}", version, 1, Runtime.version())));
        Optional<String> engine = LinkTls.engine();
        all.add(
                engine.isPresent() && LinkTls.speaksHybrid()
                        ? Finding.good(
                                Topic.VERSIONS,
                                Detail.of("TLS engine {0} with {1}", engine.get(), LinkTls.HYBRID_GROUP))
                        : Finding.bad(
                                Topic.VERSIONS,
                                ErrorCode.VERSION,
                                Detail.of(
                                        "the TLS engine, {0}, does not know {1}: no link can be made",
                                        engine.orElse("none"), LinkTls.HYBRID_GROUP)));
        return all;
    }

    // ---- clock

    /** Against what was signed here. */
    static Finding clock(Instant now, Optional<Instant> signed) {
        if (signed.isEmpty()) {
            return Finding.good(Topic.CLOCK_SIGNED, Detail.of("{0}; nothing was signed yet", StrictText.time(now)));
        }
        Detail about = Detail.of(
                "the clock says {0}, and {1} was signed here already",
                StrictText.time(now), StrictText.time(signed.get()));
        return now.isBefore(signed.get().minus(SignedTime.TOLERANCE))
                ? Finding.bad(Topic.CLOCK_SIGNED, ErrorCode.CLOCK_BEHIND, about)
                : Finding.good(Topic.CLOCK_SIGNED, about);
    }

    // ---- keys and directory

    /** What ends next, and whatever ends soon. */
    static List<Finding> certificates(Map<String, Instant> ends, Instant now) {
        List<Finding> all = new ArrayList<>();
        ends.forEach((name, end) -> {
            Detail about = Detail.of("{0} in keys/ ends {1}", name, StrictText.time(end));
            if (!now.isBefore(end)) {
                all.add(Finding.bad(Topic.CERTIFICATE, ErrorCode.CERTIFICATE_EXPIRED, about));
            } else if (now.isAfter(end.minus(CERTIFICATE_SOON))) {
                all.add(Finding.soon(Topic.CERTIFICATE, ErrorCode.CERTIFICATE_EXPIRED, about));
            }
        });
        if (all.isEmpty()) {
            ends.entrySet().stream()
                    .min(Map.Entry.comparingByValue())
                    .ifPresent(first -> all.add(Finding.good(
                            Topic.CERTIFICATE,
                            Detail.of(
                                    "{0} certificates; the first to end is {1}, {2}",
                                    ends.size(), first.getKey(), StrictText.time(first.getValue())))));
        }
        return all;
    }

    /** How long it is valid, and how old the last word on revocations is. */
    static List<Finding> directory(DirectoryView view, OrganisationId node, Instant now) {
        Directory directory = view.directory();
        Instant end = directory.head().expires();
        Detail about = Detail.of("version {0}, valid until {1}", view.version().number(), StrictText.time(end));
        List<Finding> all = new ArrayList<>();
        if (directory.isExpiredAt(now)) {
            all.add(Finding.bad(Topic.DIRECTORY, ErrorCode.DIRECTORY_EXPIRED, about));
        } else {
            all.add(
                    now.isAfter(end.minus(DIRECTORY_SOON))
                            ? Finding.soon(Topic.DIRECTORY, ErrorCode.DIRECTORY_EXPIRED, about)
                            : Finding.good(Topic.DIRECTORY, about));
        }
        DirectoryView.Age age = view.ageAt(now, node);
        if (age != DirectoryView.Age.FRESH) {
            Detail old = Detail.of(
                    "the last word on what was revoked is of {0}",
                    StrictText.time(view.freshness()
                            .map(word -> word.time())
                            .filter(word -> word.isAfter(directory.head().issued()))
                            .orElse(directory.head().issued())));
            all.add(
                    age == DirectoryView.Age.HARD
                            ? Finding.bad(Topic.DIRECTORY, ErrorCode.REVOCATION_TOO_OLD, old)
                            : Finding.soon(Topic.DIRECTORY, ErrorCode.REVOCATION_TOO_OLD, old));
        }
        return all;
    }
}
