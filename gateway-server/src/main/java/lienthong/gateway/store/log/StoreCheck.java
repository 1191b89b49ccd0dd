package lienthong.gateway.store.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Batch;
import lienthong.gateway.store.Damage;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.archive.ArchiveCheck;
import lienthong.gateway.store.check.KeptEnds;
import lienthong.gateway.store.check.OverlayDisk;
import lienthong.gateway.store.check.PayloadJudge;
import lienthong.gateway.store.check.StoreFindings;
import lienthong.gateway.store.check.StoreFindings.BadPayload;
import lienthong.gateway.store.check.StoreFindings.Place;
import lienthong.gateway.store.check.ViewCheck;
import lienthong.gateway.store.record.Failure;
import lienthong.gateway.store.spool.SpoolFolder;
import lienthong.gateway.store.view.LogReader;
import lienthong.gateway.store.view.SqliteView;

/**
 * Looks at a whole store: does on an {@link OverlayDisk} what the next start would do, with the same code, and reads besides what a start leaves for later:
 * every record of the archive and every payload. The folder stays as it is. Nobody else may use it meanwhile: the caller has its lock.
 */
public final class StoreCheck {
    private static final String QUARANTINE = "quarantine";

    private final Disk disk;
    private final OverlayDisk overlay;
    private final StoreSettings settings;
    private final PayloadJudge judge;
    private final Set<String> quarantined;
    private final List<Place> damages = new ArrayList<>();
    private final List<Long> missingSegments = new ArrayList<>();
    private final List<BadPayload> badPayloads = new ArrayList<>();
    private final List<String> unfinished = new ArrayList<>();

    private StoreCheck(
            Disk disk, OverlayDisk overlay, StoreSettings settings, PayloadJudge judge, Set<String> quarantined) {
        this.disk = disk;
        this.overlay = overlay;
        this.settings = settings;
        this.judge = judge;
        this.quarantined = quarantined;
    }

    /**
     * Looks at the store in {@code disk}'s root.
     *
     * @param settings as it is opened with
     * @return what is there; {@code NO_INPUT} when there is no store, {@code STORE_UNREADABLE} or {@code STORE_NEWER} as a start would say
     */
    public static Result<StoreFindings> look(
            Disk disk, Clock clock, Randomness random, StoreSettings settings, PayloadJudge judge) {
        try (OverlayDisk overlay = new OverlayDisk(disk, Set.of(QUARANTINE))) {
            if (!disk.exists(SegmentLog.IdentityFile.NAME) && disk.list("log").isEmpty()) {
                return Result.no(ErrorCode.NO_INPUT, "there is no store in the folder");
            }
            Result<SegmentLog.Found> looked = SegmentLog.look(overlay, random);
            if (!(looked instanceof Result.Ok<SegmentLog.Found> found)) {
                return Result.no(looked.refusal());
            }
            Set<String> quarantined = new HashSet<>(disk.list(QUARANTINE));
            return Result.ok(
                    new StoreCheck(disk, overlay, settings, judge, quarantined).look(clock, random, found.value()));
        } catch (IOException unreadable) {
            return Result.no(
                    ErrorCode.STORE_UNREADABLE, "the folder cannot be read: {0}", Detail.technical(unreadable));
        }
    }

    private StoreFindings look(Clock clock, Randomness random, SegmentLog.Found found) throws IOException {
        Events events = new Events();
        Failure failure = new Failure(events);
        Optional<Path> folder = settings.databaseFolder();
        try (ViewCheck view = ViewCheck.open(
                folder, SqliteView.mark(found.identity(), settings.projection()), settings.projection())) {
            SegmentLog log = SegmentLog.open(
                    new SegmentLog.Surroundings(
                            overlay,
                            clock,
                            random,
                            events,
                            settings,
                            failure,
                            new DiskGate(overlay, clock, settings.thresholds()),
                            new SegmentLog.Watcher() {
                                @Override
                                public void changed(
                                        int kind, long key, long number, boolean wasThere, boolean isThere) {
                                    Kind.ofNumber(kind).ifPresent(known -> view.changed(known, key, number));
                                }

                                @Override
                                public void unused(SpoolId id) {}
                            },
                            // Nothing is prepared or copied: nothing is going to be written.
                            work -> {},
                            () -> {}),
                    found);
            found.files().stream()
                    .map(file -> Segment.path(file.number()))
                    .filter(overlay::isChanged)
                    .forEach(unfinished::add);
            Map<SpoolId, Batch.Drop> uses = log.spoolUses();
            long spoolBytes = lookAtSpool(clock, random, events, failure, log, uses);
            ArchiveCheck.Counts archive = ArchiveCheck.check(
                    disk,
                    found.identity(),
                    folder.isPresent() ? KeptEnds.of(folder.get()) : Map.of(),
                    (path, hole) -> damages.add(new Place(
                            path,
                            hole.offset(),
                            hole.length(),
                            hole.records(),
                            Optional.empty(),
                            0,
                            quarantined.contains(path.replace('/', '-').replace(".log", "") + "-" + hole.offset()))),
                    unfinished::add);
            StoreFindings.ViewState state = view.compare(reader(log));
            Map<Kind, Integer> live = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                int count = log.count(kind);
                if (count > 0) {
                    live.put(kind, count);
                }
            }
            return new StoreFindings(
                    found.files().size(),
                    log.durableNumber(),
                    live,
                    archive.files(),
                    archive.records(),
                    uses.size(),
                    spoolBytes,
                    damages,
                    missingSegments,
                    badPayloads,
                    overlay.removed("spool"),
                    unfinished,
                    state);
        }
    }

    private long lookAtSpool(
            Clock clock,
            Randomness random,
            StoreEvents events,
            Failure failure,
            SegmentLog log,
            Map<SpoolId, Batch.Drop> uses)
            throws IOException {
        SpoolFolder spool = new SpoolFolder(
                overlay,
                clock,
                events,
                failure,
                log.identity(),
                random::nonZeroLong,
                log.quarantine(),
                (batch, durable) -> {},
                work -> {});
        Map<Long, Bytes> partials = new TreeMap<>();
        log.forEach(Kind.PARTIAL, partials::put);
        spool.start(uses, partials);
        long bytes = 0;
        for (Map.Entry<SpoolId, Batch.Drop> use : uses.entrySet()) {
            Kind kind = use.getValue().kind();
            long key = use.getValue().key();
            Result<Spool.Reader> opened = spool.open(use.getKey());
            if (!(opened instanceof Result.Ok<Spool.Reader> there)) {
                continue;
            }
            try (Spool.Reader payload = there.value()) {
                bytes += payload.size();
                log.read(kind.number(), key)
                        .flatMap(value -> judge.fault(kind, value, payload))
                        .ifPresent(why -> badPayloads.add(new BadPayload(use.getKey(), kind, key, why)));
            }
        }
        return bytes;
    }

    private static LogReader reader(SegmentLog log) {
        return new LogReader() {
            @Override
            public Optional<Bytes> read(Kind kind, long key) {
                return log.read(kind.number(), key);
            }

            @Override
            public long[] keys(Kind kind) {
                return log.keysOf(kind.number());
            }

            @Override
            public long durableNumber() {
                return log.durableNumber();
            }
        };
    }

    /** What a start would tell its operator. */
    private final class Events implements StoreEvents {
        @Override
        public void failed(ErrorCode reason, String detail) {
            throw new lienthong.gateway.message.Bug("a store in memory has failed: " + reason + " " + detail);
        }

        @Override
        public void recordDamaged(Damage damage) {
            String name = damage.quarantineFile().substring(QUARANTINE.length() + 1);
            damages.add(new Place(
                    damage.file(),
                    damage.offset(),
                    damage.length(),
                    damage.records(),
                    damage.kind(),
                    damage.claimedKey(),
                    quarantined.contains(name)));
        }

        @Override
        public void spoolMissing(SpoolId id, Kind kind, long key) {
            badPayloads.add(new BadPayload(id, kind, key, Detail.of("absent, short, or another file")));
        }

        @Override
        public void spoolOrphans(int files, long bytes) {
            // By name, from the overlay.
        }

        @Override
        public void segmentMissing(long segment) {
            missingSegments.add(segment);
        }

        @Override
        public void rebuilding(String what, String why) {
            damages.add(new Place(what, 0, 0, 0, Optional.empty(), 0, false));
        }
    }
}
