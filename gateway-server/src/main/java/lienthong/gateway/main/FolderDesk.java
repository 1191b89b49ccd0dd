package lienthong.gateway.main;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import lienthong.gateway.audit.AuditLog;
import lienthong.gateway.audit.Verification;
import lienthong.gateway.cli.DataFolders;
import lienthong.gateway.delivery.CustodyPayload;
import lienthong.gateway.delivery.CustodyProjection;
import lienthong.gateway.envelope.Statement;
import lienthong.gateway.envelope.StatementCodec;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.check.OverlayDisk;
import lienthong.gateway.store.check.StoreFindings;
import lienthong.gateway.store.log.StoreCheck;

/** Looks into data folders that no node uses, for commands. */
public final class FolderDesk implements DataFolders {
    private static final String LOCK = "lock";
    private static final String CHECKPOINTS = "audit/checkpoints";
    private static final int PIECE_BYTES = 1 << 20;

    private final Clock clock;
    private final Randomness randomness;
    private final Projection projection;

    public FolderDesk(Clock clock, Randomness randomness) {
        this(clock, randomness, CustodyProjection.INSTANCE);
    }

    FolderDesk(Clock clock, Randomness randomness, Projection projection) {
        this.clock = clock;
        this.randomness = randomness;
        this.projection = projection;
    }

    @Override
    public Result<StoreReport> check(Path data) {
        if (!Files.isDirectory(data)) {
            return Result.no(ErrorCode.NO_INPUT, "folder {0}", data);
        }
        Disk disk = RealDisk.at(data);
        // A copy that no node ever ran on has no lock, and none is made: nothing is written here.
        try (Held held = Held.of(disk)) {
            if (!held.isFree) {
                return Result.no(
                        ErrorCode.DATA_IN_USE, "{0} is checked while its node is stopped: lienthong stop", data);
            }
            Result<StoreFindings> looked = StoreCheck.look(
                    disk,
                    clock,
                    randomness,
                    StoreSettings.server(data, ProcessHandle.current().pid(), projection),
                    FolderDesk::fault);
            if (!(looked instanceof Result.Ok<StoreFindings> found)) {
                return Result.no(looked.refusal());
            }
            return Result.ok(report(found.value(), audit(disk)));
        } catch (IOException unreadable) {
            return Result.no(ErrorCode.STORE_UNREADABLE, "{0}: {1}", data, Detail.technical(unreadable));
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

    /** The root over the ciphertext's blocks, which the sender's seal covers. */
    private static Optional<Detail> fault(Kind kind, Bytes value, Spool.Reader payload) {
        Optional<Statement> statement = CustodyPayload.statement(kind, value)
                .flatMap(text ->
                        StatementCodec.decode(text, null).fold(Optional::of, no -> Optional.<Statement>empty()));
        if (statement.isEmpty()) {
            return Optional.empty();
        }
        if (payload.size() != statement.get().ciphertextLength()) {
            return Optional.of(Detail.of("its length is not the sealed one"));
        }
        BlockTree tree = new BlockTree();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (long at = 0; at < payload.size(); ) {
            Result<Integer> read = payload.read(at, piece.clear());
            if (!(read instanceof Result.Ok<Integer> count) || count.value() == 0) {
                return Optional.of(Detail.of("it cannot be read"));
            }
            tree.feed(piece.array(), 0, count.value());
            at += count.value();
        }
        return tree.finish().equals(statement.get().ciphertextRoot())
                ? Optional.empty()
                : Optional.of(Detail.of("its content is not the sealed one"));
    }

    /** The audit log as the next start would find it. */
    private record Audited(long events, int checkpoints, Optional<String> unfinished, Optional<Refusal> fault) {}

    private Audited audit(Disk disk) throws IOException {
        if (disk.list("audit").isEmpty()) {
            return new Audited(0, 0, Optional.empty(), Optional.empty());
        }
        try (OverlayDisk overlay = new OverlayDisk(disk, Set.of())) {
            Set<String> before = Set.copyOf(disk.list("audit"));
            Result<AuditLog> opened = AuditLog.open(overlay, clock, Runnable::run, refusal -> {});
            if (!(opened instanceof Result.Ok<AuditLog> log)) {
                return new Audited(0, 0, Optional.empty(), Optional.of(opened.refusal()));
            }
            Optional<String> cut = overlay.list("audit").stream()
                    .filter(name -> name.startsWith("cut-") && !before.contains(name))
                    .findFirst()
                    .map(name -> "audit");
            long begun = log.value().size();
            // Signatures need the directory, which a node has: only what stands under them is compared here.
            Verification verified = AuditLog.verify(overlay, List.of());
            if (verified instanceof Verification.Broken broken) {
                return broken(broken.firstBad(), Detail.technical(broken.detail()), cut);
            }
            Verification.Intact whole = (Verification.Intact) verified;
            return whole.checkpoints() == lines(disk, CHECKPOINTS)
                    ? new Audited(begun - (cut.isPresent() ? 1 : 0), whole.checkpoints(), cut, Optional.empty())
                    : broken(begun, Detail.of("a line of the checkpoints is not what was written"), cut);
        }
    }

    private static Audited broken(long event, Detail why, Optional<String> cut) {
        return new Audited(
                event, 0, cut, Optional.of(Refusal.of(ErrorCode.AUDIT_BROKEN, "event {0}: {1}", event, why)));
    }

    /** Lines that were finished. */
    private static int lines(Disk disk, String path) throws IOException {
        Optional<Disk.File> found = disk.openExisting(path);
        if (found.isEmpty()) {
            return 0;
        }
        int lines = 0;
        try (Disk.File file = found.get()) {
            ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
            for (long at = 0; file.read(at, piece.clear()) > 0; at += piece.position()) {
                for (int i = 0; i < piece.position(); i++) {
                    lines += piece.get(i) == '\n' ? 1 : 0;
                }
            }
        }
        return lines;
    }

    private static StoreReport report(StoreFindings found, Audited audit) {
        List<Damaged> damages = new ArrayList<>();
        for (StoreFindings.Place place : found.damages()) {
            damages.add(new Damaged(
                    place.file().startsWith("archive") ? Part.ARCHIVE : Part.LOG,
                    place.file(),
                    place.offset(),
                    place.length(),
                    place.records(),
                    place.kind()
                            .map(kind -> Detail.of("{0} {1}", word(kind), place.key()))
                            .orElse(Detail.none()),
                    place.known()));
        }
        for (long segment : found.missingSegments()) {
            damages.add(new Damaged(
                    Part.LOG,
                    String.format(Locale.ROOT, "log/%012d.log", segment),
                    0,
                    0,
                    0,
                    Detail.of("the file is missing"),
                    false));
        }
        for (StoreFindings.BadPayload bad : found.badPayloads()) {
            damages.add(new Damaged(
                    Part.SPOOL,
                    String.format(Locale.ROOT, "spool/%016x.spool", bad.id().value()),
                    0,
                    0,
                    0,
                    Detail.of("{0} {1}: {2}", word(bad.kind()), bad.key(), bad.why()),
                    false));
        }
        StoreFindings.ViewState view = found.view();
        if (view.verdict() == StoreFindings.ViewVerdict.DAMAGED
                || view.verdict() == StoreFindings.ViewVerdict.DIFFERS) {
            damages.add(new Damaged(Part.VIEW, "view.db", 0, 0, 0, view.detail(), false));
        }
        audit.fault().ifPresent(fault -> damages.add(new Damaged(Part.AUDIT, "audit", 0, 0, 0, fault.about(), false)));
        List<String> unfinished = new ArrayList<>(found.unfinished());
        audit.unfinished().ifPresent(unfinished::add);
        Map<String, Integer> live = new TreeMap<>();
        found.live().forEach((kind, count) -> live.put(word(kind), count));
        Map<String, Long> archived = new TreeMap<>();
        found.archived().forEach((kind, count) -> archived.put(word(kind), count));
        return new StoreReport(
                found.segments(),
                found.lastNumber(),
                live,
                found.archiveFiles(),
                archived,
                found.spoolFiles(),
                found.spoolBytes(),
                damages,
                found.orphans(),
                unfinished,
                new View(word(view.verdict()), view.lines(), view.behind(), view.wrong()),
                audit.events(),
                audit.checkpoints(),
                gravest(found, audit, damages));
    }

    private static Optional<Refusal> gravest(StoreFindings found, Audited audit, List<Damaged> damages) {
        if (found.gravest().isPresent()) {
            Damaged first = damages.get(0);
            return Optional.of(
                    damages.size() == 1
                            ? Refusal.of(found.gravest().get(), "{0}", first.file())
                            : Refusal.of(
                                    found.gravest().get(),
                                    "{0} and {1} more places",
                                    first.file(),
                                    damages.size() - 1));
        }
        return audit.fault();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
