package lienthong.gateway.store.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Batch;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.record.Checksum;
import lienthong.gateway.store.record.Failure;
import lienthong.gateway.store.record.FileHeader;
import lienthong.gateway.store.record.Quarantine;
import lienthong.gateway.store.record.RecordScanner;
import lienthong.gateway.store.record.Records;
import lienthong.gateway.store.record.StoreIdentity;
import lienthong.gateway.store.record.SyncFailed;
import lienthong.gateway.store.record.Window;
import org.jspecify.annotations.Nullable;

/**
 * Segments, the index of live values, and the rules that keep both bounded. One thread commits; any thread reads.
 *
 * <p>A drop or a newer value ends an older one that may stand in an older segment, and must outlive that segment, or the old value would be
 * back after a restart. Hence each key remembers the oldest segment it may stand in, each drop the range it ends, and a segment leaves only
 * when its live values and its drops that still end something were copied forward.
 */
final class SegmentLog {
    static final String FOLDER = "log";

    private static final int WINDOW_BYTES = 1 << 20;
    private static final int READS_MAX = 3;
    private static final int BUFFER_BYTES_MIN = 64 * 1024;
    private static final int BUFFER_KEPT_BYTES_MAX = 8 << 20;
    private static final int COPY_BYTES = 256 * 1024;
    private static final int PREALLOCATE_STEP_BYTES = 4 << 20;
    private static final long KEYS_RESERVED = 1 << 20;
    /** Skipped when damage may have hit the record that says which keys were given. */
    private static final long KEYS_SKIPPED_AFTER_DAMAGE = 1L << 40;

    private static final byte[] NO_PREFIX = new byte[0];
    private static final ByteBuffer NO_VALUE = ByteBuffer.allocate(0);

    private final Disk disk;
    private final Clock clock;
    private final StoreEvents events;
    private final StoreSettings settings;
    private final Failure failure;
    private final DiskGate gate;
    private final Watcher watcher;
    private final Executor helper;
    private final Runnable wake;
    private final StoreIdentity identity;
    private final Quarantine quarantine;

    // ---- under the lock
    private final Object lock = new Object();
    private final @Nullable KeyIndex[] index = new @Nullable KeyIndex[256];
    private final NavigableMap<Long, Segment> segments = new TreeMap<>();
    private final Map<SpoolUse, Long> spoolOf = new HashMap<>();
    private final Map<Long, Integer> spoolUses = new HashMap<>();
    private final Set<Segment> touched = new LinkedHashSet<>();
    private boolean touchedAll;
    private long liveValues;

    // ---- the committing thread's
    private final AtomicLong keys = new AtomicLong();
    private final List<Entry> entries = new ArrayList<>();
    private final ArrayDeque<Segment> thin = new ArrayDeque<>();
    private Segment current;
    private Checksum checksum;
    private int capacity;
    private long nextNumber;
    private volatile long durableNumber;
    private long keyBound;
    private boolean stateDue;
    private boolean deletionsDue;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES_MIN);
    private @Nullable CompletableFuture<@Nullable Segment> spare;
    private volatile @Nullable Plan plan;
    private boolean planning;
    private volatile long lastSyncNanos;

    /** Told of changes after they are durable, in order, by the committing thread. */
    interface Watcher {
        /** A value changed: it was there before or not, and is there now or not. Called while opening too, for records after the view's. */
        void changed(int kind, long key, long number, boolean wasThere, boolean isThere);

        /** No live value names the file any more. */
        void unused(SpoolId id);
    }

    /** How a commit ended. */
    enum Outcome {
        DURABLE,
        /** No room for the next segment: the same batches again later. */
        STALLED,
        FAILED
    }

    private record SpoolUse(int kind, long key) {}

    private record Entry(int type, int kind, long key, long offset, int length, long first, long second) {}

    /** What must be copied out of a segment before it leaves. */
    private static final class Plan {
        final Segment from;
        final List<Records.Found> items;
        int next;

        Plan(Segment from, List<Records.Found> items) {
            this.from = from;
            this.items = items;
        }
    }

    /** What opening needs besides the disk. */
    record Surroundings(
            Disk disk,
            Clock clock,
            Randomness random,
            StoreEvents events,
            StoreSettings settings,
            Failure failure,
            DiskGate gate,
            Watcher watcher,
            Executor helper,
            Runnable wake) {}

    private SegmentLog(
            Surroundings around,
            StoreIdentity identity,
            Quarantine quarantine,
            Segment current,
            int capacity,
            long nextNumber) {
        this.disk = around.disk;
        this.clock = around.clock;
        this.events = around.events;
        this.settings = around.settings;
        this.failure = around.failure;
        this.gate = around.gate;
        this.watcher = around.watcher;
        this.helper = around.helper;
        this.wake = around.wake;
        this.identity = identity;
        this.quarantine = quarantine;
        this.current = current;
        this.capacity = capacity;
        this.nextNumber = nextNumber;
        this.checksum = new Checksum(identity, current.number);
    }

    // ------------------------------------------------------------------ opening

    /** What lies in the log's folder, looked at before anything is written. */
    record Found(
            StoreIdentity identity,
            boolean isNew,
            boolean identityDue,
            List<SegmentFile> files,
            @Nullable SegmentFile spare) {}

    /** A segment with its header; {@code header} is {@code null} for the prepared one. */
    record SegmentFile(
            long number, Disk.File file, @Nullable FileHeader header) {}

    /**
     * Looks at headers only; writes nothing. {@code STORE_UNREADABLE} when a header is gone, with records behind it, or foreign, {@code STORE_NEWER} for a later format.
     */
    static Result<Found> look(Disk disk, Randomness random) throws IOException {
        List<Disk.File> opened = new ArrayList<>();
        Result<Found> found = look(disk, random, opened);
        if (!found.isOk()) {
            opened.forEach(SegmentLog::closeQuietly);
        }
        return found;
    }

    private static Result<Found> look(Disk disk, Randomness random, List<Disk.File> opened) throws IOException {
        Optional<StoreIdentity> known = IdentityFile.read(disk);
        boolean claimed = disk.exists(IdentityFile.NAME);
        boolean identityDamaged = claimed && known.isEmpty();
        List<SegmentFile> files = new ArrayList<>();
        SegmentFile spare = null;
        List<String> names = disk.list(FOLDER).stream()
                .filter(name -> name.matches("[0-9]{12}\\.log"))
                .toList();
        for (String name : names) {
            long number = Long.parseLong(name.substring(0, 12));
            Disk.File file = disk.openExisting(FOLDER + "/" + name).orElseThrow();
            opened.add(file);
            FileHeader.Found found = FileHeader.read(file);
            if (found instanceof FileHeader.Newer newer) {
                return Result.no(
                        ErrorCode.STORE_NEWER,
                        "{0} has format {1}, this program knows 1 to {2}",
                        name,
                        newer.format(),
                        FileHeader.FORMAT);
            }
            boolean isLast = name.equals(names.get(names.size() - 1));
            // A header is durable before the first record behind it: one that is torn with nothing behind it was never
            // relied on. Where anything is, more than a power cut was at work, and what it was is not ours to guess.
            boolean unused = found instanceof FileHeader.Blank && isLast && !holdsRecords(file, known, number)
                    || found instanceof FileHeader.Damaged && isLast && !holdsRecords(file, Optional.empty(), number);
            if (unused) {
                spare = new SegmentFile(number, file, null);
                continue;
            }
            if (!(found instanceof FileHeader.Good good)) {
                return Result.no(ErrorCode.STORE_UNREADABLE, "header of {0} is gone", FOLDER + "/" + name);
            }
            FileHeader header = good.header();
            StoreIdentity expected = known.orElse(header.identity());
            known = Optional.of(expected);
            if (header.purpose() != FileHeader.LOG
                    || header.number() != number
                    || !header.identity().equals(expected)) {
                return Result.no(
                        ErrorCode.STORE_UNREADABLE, "{0} belongs to another store or place", FOLDER + "/" + name);
            }
            files.add(new SegmentFile(number, file, header));
        }
        if (files.isEmpty() && claimed) {
            return Result.no(
                    ErrorCode.STORE_UNREADABLE, "the log's segments are gone; restore the folder from a backup");
        }
        return Result.ok(new Found(
                known.orElseGet(() -> StoreIdentity.make(random)),
                files.isEmpty(),
                identityDamaged || !claimed,
                files,
                spare));
    }

    /**
     * Whether a file without header is more than a prepared one. Any good record of ours tells; where nobody knows whose files these are,
     * or {@code identity} is not given, anything but zeros does; and so does what cannot be read.
     */
    private static boolean holdsRecords(Disk.File file, Optional<StoreIdentity> identity, long number)
            throws IOException {
        Window window = window(file, file.size());
        Checksum checksum = identity.isPresent() ? new Checksum(identity.get(), number) : null;
        for (long at = FileHeader.PAGE_BYTES; at + Records.HEADER_BYTES <= window.end(); at += 8) {
            int start = window.at(at, Records.HEADER_BYTES);
            ByteBuffer in = window.buffer();
            if (checksum == null) {
                if (in.getLong(start) != 0) {
                    return true;
                }
            } else if (in.getLong(start) != 0 && Records.isPlausible(in, start, window.end() - at)) {
                int length = in.getInt(start);
                start = window.at(at, length);
                if (checksum.of(window.buffer(), start, length)
                        == window.buffer().getInt(start + 4)) {
                    return true;
                }
            }
        }
        return window.sawUnreadable();
    }

    private static boolean isZero(Disk.File file) throws IOException {
        Window window = window(file, file.size());
        for (long at = 0; at + 8 <= window.end(); at += 8) {
            int start = window.at(at, 8);
            if (window.buffer().getLong(start) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Reads the log and is ready to commit. An {@link IOException} is a failed write or sync. */
    static SegmentLog open(Surroundings around, Found found) throws IOException {
        Disk disk = around.disk;
        disk.makeFolder(FOLDER);
        Quarantine quarantine = Quarantine.open(disk, around.events);
        if (found.isNew) {
            return create(around, found, quarantine);
        }
        SegmentFile last = found.files.get(found.files.size() - 1);
        FileHeader lastHeader = java.util.Objects.requireNonNull(last.header);
        last.file.close();
        Segment current = new Segment(last.number, disk.open(Segment.path(last.number)), FileHeader.PAGE_BYTES);
        SegmentLog log = new SegmentLog(
                around, found.identity, quarantine, current, lastHeader.fullBytes(), lastHeader.detail());
        if (found.identityDue) {
            around.events.rebuilding(IdentityFile.NAME, "missing or damaged; the segments agree");
            IdentityFile.write(disk, found.identity);
        }
        log.replay(found);
        if (found.spare != null) {
            boolean usable = found.spare.number == current.number + 1 && isZero(found.spare.file);
            found.spare.file.close();
            if (usable) {
                log.requestSpare();
            } else {
                disk.delete(Segment.path(found.spare.number));
            }
        }
        return log;
    }

    private static SegmentLog create(Surroundings around, Found found, Quarantine quarantine) throws IOException {
        if (found.spare != null) {
            found.spare.file.close();
            around.disk.delete(Segment.path(found.spare.number));
        }
        Segment first = new Segment(1, around.disk.open(Segment.path(1)), FileHeader.PAGE_BYTES);
        int full = around.settings.segmentBytes();
        preallocate(first.file, full);
        SyncFailed.syncFolder(around.disk, FOLDER);
        first.file.write(
                0,
                new FileHeader(FileHeader.FORMAT, FileHeader.LOG, found.identity, 1, 1, now(around.clock), full)
                        .encode());
        SyncFailed.sync(first.file);
        IdentityFile.write(around.disk, found.identity);
        SegmentLog log = new SegmentLog(around, found.identity, quarantine, first, full, 1);
        log.segments.put(1L, first);
        log.stateDue = true;
        return log;
    }

    private static Window window(Disk.File file, long size) {
        return new Window(file, size, (int) Math.min(WINDOW_BYTES, Math.max(FileHeader.PAGE_BYTES, size)));
    }

    private static long now(Clock clock) {
        return clock.now().toEpochMilli();
    }

    private static void preallocate(Disk.File file, int full) throws IOException {
        // In steps, so that commits of the segment in use do not wait behind 64 MiB of zeros.
        for (long size = file.size(); size < full; ) {
            size = Math.min(full, size + PREALLOCATE_STEP_BYTES);
            file.preallocate(size);
            SyncFailed.sync(file);
        }
        SyncFailed.sync(file);
    }

    private void replay(Found found) throws IOException {
        Replay replay = new Replay();
        for (int i = 0; i < found.files.size(); i++) {
            SegmentFile file = found.files.get(i);
            boolean isLast = i == found.files.size() - 1;
            Segment segment = isLast ? current : new Segment(file.number, file.file, FileHeader.PAGE_BYTES);
            segments.put(segment.number, segment);
            replay.begin(segment);
            Window window = window(segment.file, segment.file.size());
            long first = java.util.Objects.requireNonNull(file.header).detail();
            RecordScanner.Scan scan = new RecordScanner(window, new Checksum(identity, segment.number), false, replay)
                    .scan(FileHeader.PAGE_BYTES, first, !isLast);
            segment.used = isLast ? scan.end() : segment.file.size();
            segment.lastNumber = scan.lastNumber();
            replay.ends.put(segment.number, scan.end());
            if (isLast) {
                nextNumber = scan.lastNumber() + 1;
                if (scan.tail()) {
                    clearTail(scan.end());
                }
            }
        }
        // A process that was killed may have left writes and names that only the page cache knows, and one whose sync
        // failed a group that no sync will ever write: what is shown from here on must last. All before the last group
        // was synced before it was begun, and so was the header before the first.
        long from = Math.min(replay.lastGroup, current.used);
        SyncFailed.rewrite(current.file, from == FileHeader.PAGE_BYTES ? 0 : from, current.used);
        SyncFailed.syncFolder(disk, FOLDER);
        durableNumber = nextNumber - 1;
        replay.compareWithState(found.files);
        replay.setAside();
        keyBound += replay.holes.isEmpty() ? 0 : KEYS_SKIPPED_AFTER_DAMAGE;
        keys.set(keyBound);
        stateDue = current.used == FileHeader.PAGE_BYTES || !replay.holes.isEmpty();
        touchedAll = true;
        findLeaving();
    }

    /** Zeros what a torn write left, or it could pass for records once new ones stand before it. */
    private void clearTail(long from) throws IOException {
        long size = current.file.size();
        Window window = new Window(current.file, size, 64 * 1024);
        for (long at = from; at < size; ) {
            int length = (int) Math.min(64 * 1024 - at % 4096, size - at);
            int start = window.at(at, length);
            boolean zero = true;
            for (int i = 0; i < length && zero; i++) {
                zero = window.buffer().get(start + i) == 0;
            }
            if (!zero) {
                current.file.write(at, ByteBuffer.allocate(length));
            }
            at += length;
        }
        SyncFailed.sync(current.file);
    }

    /** Applies what the scanner believes. */
    private final class Replay implements RecordScanner.Sink {
        private final List<Map.Entry<Segment, RecordScanner.Hole>> holes = new ArrayList<>();
        private final Map<Long, Long> ends = new HashMap<>();
        private final Map<Long, Long> stated = new TreeMap<>();
        private long statedIn;
        private long lastGroup;
        private boolean damageAfterState;
        private Segment segment = current;

        void begin(Segment next) {
            segment = next;
            lastGroup = FileHeader.PAGE_BYTES;
        }

        @Override
        public void record(Records.Found found) {
            switch (found.type()) {
                case Records.PUT ->
                    applyPut(segment, found.kind(), found.key(), found.offset(), found.length(), 0, found.number());
                case Records.PUT_SPOOLED ->
                    applyPut(
                            segment,
                            found.kind(),
                            found.key(),
                            found.offset(),
                            found.length(),
                            found.body().asBuffer().getLong(),
                            found.number());
                case Records.DROP ->
                    applyDrop(
                            segment,
                            found.kind(),
                            found.key(),
                            found.offset(),
                            found.length(),
                            range(found.body()),
                            found.number());
                case Records.STATE -> state(found.body().asBuffer());
                case Records.MARK -> lastGroup = found.key();
                default -> {}
            }
        }

        private void state(ByteBuffer body) {
            keyBound = body.getLong();
            stated.clear();
            for (int count = body.getInt(); count > 0; count--) {
                stated.put(body.getLong(), body.getLong());
            }
            statedIn = segment.number;
            damageAfterState = false;
        }

        @Override
        public void damage(RecordScanner.Hole hole) {
            holes.add(Map.entry(segment, hole));
            damageAfterState = true;
        }

        /** The log's own list against what is there: segments that are gone, and ends of closed ones that are. */
        void compareWithState(List<SegmentFile> files) {
            for (Map.Entry<Long, Long> entry : stated.entrySet()) {
                if (!segments.containsKey(entry.getKey()) && !damageAfterState) {
                    events.segmentMissing(entry.getKey());
                }
            }
            for (int i = 0; i + 1 < files.size(); i++) {
                long number = files.get(i).number;
                FileHeader next = java.util.Objects.requireNonNull(files.get(i + 1).header);
                long expected = files.get(i + 1).number == number + 1
                        ? next.detail() - 1
                        : number < statedIn ? stated.getOrDefault(number, 0L) : 0;
                Segment cut = java.util.Objects.requireNonNull(segments.get(number));
                if (expected > cut.lastNumber) {
                    long end = ends.getOrDefault(number, (long) FileHeader.PAGE_BYTES);
                    long lost = expected - cut.lastNumber;
                    holes.add(Map.entry(cut, new RecordScanner.Hole(end, Math.max(0, cut.used - end), lost, 0, 0)));
                    cut.lastNumber = expected;
                }
            }
        }

        void setAside() throws IOException {
            for (Map.Entry<Segment, RecordScanner.Hole> entry : holes) {
                quarantine.setAside(entry.getKey().path(), entry.getKey().file, entry.getValue());
            }
        }
    }

    // ------------------------------------------------------------------ reading

    long newKey() {
        return keys.incrementAndGet();
    }

    Optional<Bytes> read(int kind, long key) {
        Segment segment;
        long place;
        int length;
        synchronized (lock) {
            KeyIndex ofKind = index[kind];
            int slot = ofKind == null ? -1 : ofKind.find(key);
            if (ofKind == null || slot < 0) {
                return Optional.empty();
            }
            place = ofKind.placeAt(slot);
            length = ofKind.lengthAt(slot);
            segment = segmentOf(place);
            segment.readers++;
        }
        try {
            Bytes record = recordAt(segment, KeyIndex.offsetOf(place), length, kind, key);
            if (record == null) {
                setAside(segment, place, length, kind, key);
                return Optional.empty();
            }
            ByteBuffer raw = record.asBuffer();
            int skip = raw.get(16) == Records.PUT_SPOOLED ? 16 : 0;
            return Optional.of(record.slice(Records.HEADER_BYTES + skip, raw.getInt(20) - skip));
        } finally {
            release(segment);
        }
    }

    private Segment segmentOf(long place) {
        Segment segment = segments.get(KeyIndex.segmentOf(place));
        if (segment == null) {
            throw new lienthong.gateway.message.Bug(
                    "index names segment " + KeyIndex.segmentOf(place) + " which is gone");
        }
        return segment;
    }

    /** The whole record, or {@code null} when it is not what was written. */
    private @Nullable Bytes recordAt(Segment segment, long offset, int length, int kind, long key) {
        byte[] raw = new byte[length];
        ByteBuffer in = ByteBuffer.wrap(raw);
        if (readAgain(segment.file, offset, in) != length) {
            return null;
        }
        boolean good = in.getInt(0) == length
                && (in.get(17) & 0xFF) == kind
                && in.getLong(24) == key
                && Records.isPlausible(in, 0, length)
                && new Checksum(identity, segment.number).of(in, 0, length) == in.getInt(4);
        return good ? Bytes.ofOwned(raw) : null;
    }

    /** As {@link Disk.File#read}; −1 when it cannot be read. A read that fails may succeed the next time, and to set aside what is whole would lose it. */
    private static int readAgain(Disk.File file, long offset, ByteBuffer target) {
        for (int i = 0; i < READS_MAX; i++) {
            try {
                return file.read(offset, target.clear());
            } catch (IOException unreadable) {
                // Once more, or it counts as damaged.
            }
        }
        return -1;
    }

    private void setAside(Segment segment, long place, int length, int kind, long key) {
        synchronized (lock) {
            KeyIndex ofKind = index[kind];
            int slot = ofKind == null ? -1 : ofKind.find(key);
            if (ofKind == null || slot < 0 || ofKind.placeAt(slot) != place) {
                return;
            }
            ofKind.remove(slot);
            liveValues--;
            segment.liveBytes -= length;
        }
        long offset = KeyIndex.offsetOf(place);
        failure.attempt(
                ErrorCode.WRITE_FAILED,
                "quarantine",
                () -> quarantine.setAside(
                        segment.path(), segment.file, new RecordScanner.Hole(offset, length, 1, kind, key)));
    }

    private void release(Segment segment) {
        synchronized (lock) {
            segment.readers--;
            if (segment.gone && segment.readers == 0) {
                closeQuietly(segment.file);
            }
        }
    }

    private static void closeQuietly(Disk.File file) {
        try {
            file.close();
        } catch (IOException nothingToLose) {
            // Only read from, or already removed.
        }
    }

    void forEach(Kind kind, MessageStore.Visitor visitor) {
        for (long key : keysOf(kind.number())) {
            Optional<Bytes> value = read(kind.number(), key);
            if (value.isPresent()) {
                visitor.value(key, value.get());
            }
        }
    }

    long[] keysOf(int kind) {
        synchronized (lock) {
            KeyIndex ofKind = index[kind];
            return ofKind == null ? new long[0] : ofKind.sortedKeys();
        }
    }

    int count(Kind kind) {
        synchronized (lock) {
            KeyIndex ofKind = index[kind.number()];
            return ofKind == null ? 0 : ofKind.size();
        }
    }

    /** Spool files that live values name, each with one value that does. */
    Map<SpoolId, Batch.Drop> spoolUses() {
        synchronized (lock) {
            Map<SpoolId, Batch.Drop> uses = new TreeMap<>(java.util.Comparator.comparingLong(SpoolId::value));
            spoolOf.forEach((use, id) -> Kind.ofNumber(use.kind)
                    .ifPresentOrElse(
                            kind -> uses.put(new SpoolId(id), new Batch.Drop(kind, use.key)),
                            () -> uses.put(new SpoolId(id), new Batch.Drop(Kind.BODY, use.key))));
            return uses;
        }
    }

    // ------------------------------------------------------------------ committing

    /** Largest bytes of records that one commit takes. */
    int groupBytesMax() {
        return settings.segmentBytes() - FileHeader.PAGE_BYTES - 4096 - stateBytes();
    }

    private int stateBytes() {
        synchronized (lock) {
            return Records.sizeOf(12 + 16 * (segments.size() + 2));
        }
    }

    static int bytesOf(List<Batch.Change> changes) {
        long bytes = 0;
        for (Batch.Change change : changes) {
            bytes += change instanceof Batch.Put put
                    ? Records.sizeOf(put.value().size() + (put.spool() == null ? 0 : 16))
                    : Records.DROP_BYTES;
        }
        return (int) bytes;
    }

    /** Whether there is something to do without a batch. */
    boolean hasWork() {
        return !failure.isFailed() && (deletionsDue || plan != null);
    }

    /** Makes all changes durable as one group. */
    Outcome commit(List<List<Batch.Change>> group) {
        if (failure.isFailed()) {
            return Outcome.FAILED;
        }
        try {
            return tryCommit(group);
        } catch (IOException dead) {
            failure.fail(ErrorCode.WRITE_FAILED, current.path(), dead);
        }
        return Outcome.FAILED;
    }

    private Outcome tryCommit(List<List<Batch.Change>> group) throws IOException {
        int bytes = 0;
        for (List<Batch.Change> changes : group) {
            bytes += bytesOf(changes);
        }
        Plan copying = plan;
        int firstCopy = copying == null || copying.next == copying.items.size()
                ? 0
                : copying.items.get(copying.next).length();
        int fixed = bytes + stateBytes() + 2 * Records.MARK_BYTES;
        if (current.used + fixed + (bytes == 0 ? firstCopy : 0) > capacity && !roll()) {
            return Outcome.STALLED;
        }
        int room = (int) Math.min(capacity - current.used - fixed, Math.max(COPY_BYTES, firstCopy));
        reserveBuffer(fixed + Math.max(0, room));
        long groupStart = current.used;
        long firstNumber = nextNumber;
        entries.clear();
        java.util.zip.CRC32C sums = new java.util.zip.CRC32C();
        Segment leaver = copying == null ? null : copy(copying, room, sums);
        if (keys.get() > keyBound) {
            keyBound = keys.get() + KEYS_RESERVED;
            stateDue = true;
        }
        if (stateDue) {
            writeState(leaver, sums);
        }
        for (List<Batch.Change> changes : group) {
            for (Batch.Change change : changes) {
                write(change, sums);
            }
        }
        writeMark(groupStart, firstNumber, sums);
        writeOut(groupStart);
        long before = clock.nanos();
        SyncFailed.sync(current.file);
        lastSyncNanos = clock.nanos() - before;
        stateDue = false;
        apply(leaver);
        durableNumber = nextNumber - 1;
        removeLeaving();
        findLeaving();
        if (spare == null && current.used * 2L >= capacity) {
            requestSpare();
        }
        return Outcome.DURABLE;
    }

    private void reserveBuffer(int bytes) {
        if (buffer.capacity() < bytes || buffer.capacity() > BUFFER_KEPT_BYTES_MAX && bytes <= BUFFER_KEPT_BYTES_MAX) {
            buffer = ByteBuffer.allocateDirect(Math.max(BUFFER_BYTES_MIN, Integer.highestOneBit(bytes) * 2));
        }
        buffer.clear();
    }

    private void writeOut(long offset) throws IOException {
        buffer.flip();
        int length = buffer.remaining();
        current.file.write(offset, buffer);
        current.used = offset + length;
    }

    private void append(
            int type,
            int kind,
            long key,
            byte[] prefix,
            ByteBuffer value,
            java.util.zip.CRC32C sums,
            long first,
            long second) {
        long offset = current.used + buffer.position();
        int start = buffer.position();
        int sum = Records.write(buffer, checksum, nextNumber++, type, kind, key, prefix, value);
        sums.update(sum >>> 24);
        sums.update(sum >>> 16 & 0xFF);
        sums.update(sum >>> 8 & 0xFF);
        sums.update(sum & 0xFF);
        if (type != Records.STATE) {
            entries.add(new Entry(type, kind, key, offset, buffer.position() - start, first, second));
        }
    }

    private void write(Batch.Change change, java.util.zip.CRC32C sums) {
        int kind = change.kind().number();
        if (change instanceof Batch.Put put) {
            SpoolId spool = put.spool();
            if (spool == null) {
                append(Records.PUT, kind, put.key(), NO_PREFIX, put.value().asBuffer(), sums, 0, 0);
            } else {
                byte[] prefix = ByteBuffer.allocate(16)
                        .putLong(spool.value())
                        .putLong(0)
                        .array();
                append(Records.PUT_SPOOLED, kind, put.key(), prefix, put.value().asBuffer(), sums, spool.value(), 0);
            }
            return;
        }
        long oldest = current.number;
        long newest = current.number;
        synchronized (lock) {
            KeyIndex ofKind = index[kind];
            int slot = ofKind == null ? -1 : ofKind.find(change.key());
            if (ofKind != null && slot >= 0) {
                oldest = ofKind.oldestAt(slot);
                newest = KeyIndex.segmentOf(ofKind.placeAt(slot));
            }
        }
        appendDrop(kind, change.key(), oldest, newest, sums);
    }

    private void appendDrop(int kind, long key, long oldest, long newest, java.util.zip.CRC32C sums) {
        byte[] range = ByteBuffer.allocate(16).putLong(oldest).putLong(newest).array();
        append(Records.DROP, kind, key, range, NO_VALUE.duplicate(), sums, oldest, newest);
    }

    private void writeState(@Nullable Segment leaver, java.util.zip.CRC32C sums) {
        ByteBuffer body;
        synchronized (lock) {
            List<Segment> staying = segments.values().stream()
                    .filter(segment -> !segment.leaving && segment != leaver)
                    .toList();
            body = ByteBuffer.allocate(12 + 16 * staying.size())
                    .putLong(keyBound)
                    .putInt(staying.size());
            for (Segment segment : staying) {
                body.putLong(segment.number).putLong(segment == current ? 0 : segment.lastNumber);
            }
        }
        append(Records.STATE, 0, 0, NO_PREFIX, body.flip(), sums, 0, 0);
    }

    private void writeMark(long groupStart, long firstNumber, java.util.zip.CRC32C sums) {
        byte[] body = ByteBuffer.allocate(12)
                .putLong(firstNumber)
                .putInt((int) sums.getValue())
                .array();
        Records.write(buffer, checksum, nextNumber++, Records.MARK, 0, groupStart, body, NO_VALUE.duplicate());
    }

    /**
     * Writes an empty group without syncing it. When it is found later, the group before was synced: damage in it is damage and not a torn
     * write. The next group overwrites it, so that its loss is never missed. Called when nothing waits.
     */
    void prove() {
        if (failure.isFailed()
                || current.used + Records.MARK_BYTES > capacity
                || current.used == FileHeader.PAGE_BYTES) {
            return;
        }
        buffer.clear();
        writeMark(current.used, nextNumber, new java.util.zip.CRC32C());
        nextNumber--;
        failure.attempt(ErrorCode.WRITE_FAILED, current.path(), () -> current.file.write(current.used, buffer.flip()));
    }

    private boolean roll() throws IOException {
        Segment next = takeSpare();
        if (next == null) {
            return false;
        }
        // The new segment's header proves all of the old one.
        current.file.truncate(current.used);
        FileHeader header = new FileHeader(
                FileHeader.FORMAT,
                FileHeader.LOG,
                identity,
                next.number,
                nextNumber,
                now(clock),
                settings.segmentBytes());
        next.file.write(0, header.encode());
        SyncFailed.sync(next.file);
        synchronized (lock) {
            current.lastNumber = nextNumber - 1;
            touched.add(current);
            segments.put(next.number, next);
            current = next;
        }
        capacity = settings.segmentBytes();
        checksum = new Checksum(identity, next.number);
        stateDue = true;
        return true;
    }

    private void requestSpare() {
        long number = current.number + 1;
        spare = CompletableFuture.supplyAsync(() -> prepare(number), helper);
    }

    private @Nullable Segment takeSpare() {
        if (spare == null) {
            requestSpare();
        }
        Segment ready = java.util.Objects.requireNonNull(spare).join();
        spare = null;
        return ready;
    }

    /** A file of zeros with its final name, all durable; {@code null} when there is no room. */
    private @Nullable Segment prepare(long number) {
        int full = settings.segmentBytes();
        try {
            Disk.File file = disk.open(Segment.path(number));
            try {
                if (disk.freeBytes() < full - file.size()) {
                    file.close();
                    gate.noSegment(full);
                    return null;
                }
                preallocate(file, full);
            } catch (IOException full_) {
                file.close();
                if (disk.freeBytes() < full) {
                    disk.delete(Segment.path(number));
                    gate.noSegment(full);
                    return null;
                }
                throw full_;
            }
            SyncFailed.syncFolder(disk, FOLDER);
            gate.noSegment(0);
            return new Segment(number, file, FileHeader.PAGE_BYTES);
        } catch (IOException dead) {
            failure.fail(ErrorCode.WRITE_FAILED, Segment.path(number), dead);
            return null;
        }
    }

    // ------------------------------------------------------------------ applying

    private void apply(@Nullable Segment leaver) {
        synchronized (lock) {
            for (Entry entry : entries) {
                if (entry.type == Records.DROP) {
                    applyDrop(
                            current,
                            entry.kind,
                            entry.key,
                            entry.offset,
                            entry.length,
                            new Segment.Range(entry.first, entry.second),
                            Long.MAX_VALUE);
                } else {
                    applyPut(current, entry.kind, entry.key, entry.offset, entry.length, entry.first, Long.MAX_VALUE);
                }
            }
            if (leaver != null) {
                Invariant.check(
                        leaver.liveBytes == 0, "segment %d leaves with %d live bytes", leaver.number, leaver.liveBytes);
                leaver.leaving = true;
                deletionsDue = true;
            }
        }
    }

    private void applyPut(Segment segment, int kind, long key, long offset, int length, long spoolId, long number) {
        KeyIndex ofKind = index[kind];
        if (ofKind == null) {
            ofKind = new KeyIndex();
            index[kind] = ofKind;
        }
        long oldest = segment.number;
        int slot = ofKind.find(key);
        if (slot >= 0) {
            Segment before = segmentOf(ofKind.placeAt(slot));
            before.liveBytes -= ofKind.lengthAt(slot);
            touched.add(before);
            Long standing = segments.ceilingKey(ofKind.oldestAt(slot));
            oldest = standing == null ? segment.number : standing;
        } else {
            liveValues++;
        }
        SpoolUse use = new SpoolUse(kind, key);
        if (spoolId != 0) {
            spoolUses.merge(spoolId, 1, Integer::sum);
        }
        Long spoolBefore = spoolId != 0 ? spoolOf.put(use, spoolId) : spoolOf.isEmpty() ? null : spoolOf.remove(use);
        if (spoolBefore != null) {
            unuse(spoolBefore);
        }
        ofKind.put(key, KeyIndex.place(segment.number, offset), length, oldest);
        segment.liveBytes += length;
        watcher.changed(kind, key, number, slot >= 0, true);
    }

    private void applyDrop(
            Segment segment, int kind, long key, long offset, int length, Segment.Range written, long number) {
        Segment.Range range = written;
        KeyIndex ofKind = index[kind];
        int slot = ofKind == null ? -1 : ofKind.find(key);
        if (ofKind != null && slot >= 0) {
            Segment before = segmentOf(ofKind.placeAt(slot));
            before.liveBytes -= ofKind.lengthAt(slot);
            touched.add(before);
            // Reading the log again, a drop may meet a value that another drop had ended, one that is gone because a
            // newer value hid it.
            long newest = Math.min(before.number, segment.number - 1);
            if (ofKind.oldestAt(slot) <= newest) {
                range = written.with(ofKind.oldestAt(slot), newest);
            }
            ofKind.remove(slot);
            liveValues--;
            Long spoolBefore = spoolOf.isEmpty() ? null : spoolOf.remove(new SpoolUse(kind, key));
            if (spoolBefore != null) {
                unuse(spoolBefore);
            }
        }
        if (!range.equals(written)) {
            segment.widen(offset, range);
        }
        segment.addDrop(range.oldest(), range.newest(), length);
        watcher.changed(kind, key, number, slot >= 0, false);
    }

    private void unuse(long spoolId) {
        int left = spoolUses.merge(spoolId, -1, Integer::sum);
        if (left == 0) {
            spoolUses.remove(spoolId);
            watcher.unused(new SpoolId(spoolId));
        }
    }

    // ------------------------------------------------------------------ keeping it small

    /** Finds closed segments that may leave, at once or after copying. */
    private void findLeaving() {
        synchronized (lock) {
            if (touchedAll) {
                touched.addAll(segments.values());
                touchedAll = false;
            }
            for (Segment segment : touched) {
                if (segment == current || segment.leaving || segment.gone) {
                    continue;
                }
                long needed = segment.neededBytes(segments);
                if (needed == 0) {
                    segment.leaving = true;
                    deletionsDue = true;
                    stateDue = true;
                } else if (needed * 100 < segment.used * settings.compactBelowPercent() && !thin.contains(segment)) {
                    thin.add(segment);
                }
            }
            touched.clear();
        }
        Segment next = planning ? null : thin.poll();
        if (next != null && !next.leaving && !next.gone) {
            planning = true;
            helper.execute(() -> plan(next));
        }
    }

    private void plan(Segment from) {
        List<Records.Found> items = new ArrayList<>();
        RecordScanner.Sink sink = new RecordScanner.Sink() {
            @Override
            public void record(Records.Found found) {
                if (found.type() == Records.DROP || isLive(from, found)) {
                    items.add(found);
                }
            }

            @Override
            public void damage(RecordScanner.Hole hole) {
                damagedSince(from, hole);
            }
        };
        Window window = window(from.file, from.used);
        FileHeader.Found header = FileHeader.read(from.file);
        long first = header instanceof FileHeader.Good good ? good.header().detail() : 0;
        new RecordScanner(window, new Checksum(identity, from.number), false, sink)
                .scan(FileHeader.PAGE_BYTES, first, true);
        plan = new Plan(from, items);
        wake.run();
    }

    /** Damage found while copying: values that were good when the log was opened end here. What was found then, was set aside then. */
    private void damagedSince(Segment segment, RecordScanner.Hole hole) {
        List<Entry> lost = new ArrayList<>();
        synchronized (lock) {
            for (int kind = 0; kind < index.length; kind++) {
                KeyIndex ofKind = index[kind];
                for (long key : ofKind == null ? new long[0] : ofKind.sortedKeys()) {
                    int slot = java.util.Objects.requireNonNull(ofKind).find(key);
                    long offset = KeyIndex.offsetOf(ofKind.placeAt(slot));
                    if (KeyIndex.segmentOf(ofKind.placeAt(slot)) == segment.number
                            && offset >= hole.offset()
                            && offset < hole.offset() + hole.length()) {
                        lost.add(new Entry(Records.PUT, kind, key, offset, ofKind.lengthAt(slot), 0, 0));
                    }
                }
            }
        }
        for (Entry entry : lost) {
            setAside(segment, KeyIndex.place(segment.number, entry.offset), entry.length, entry.kind, entry.key);
        }
    }

    private boolean isLive(Segment segment, Records.Found found) {
        synchronized (lock) {
            KeyIndex ofKind =
                    found.type() == Records.PUT || found.type() == Records.PUT_SPOOLED ? index[found.kind()] : null;
            int slot = ofKind == null ? -1 : ofKind.find(found.key());
            return ofKind != null
                    && slot >= 0
                    && ofKind.placeAt(slot) == KeyIndex.place(segment.number, found.offset());
        }
    }

    /** Copies up to {@code room} bytes; gives the segment when all is copied. */
    private @Nullable Segment copy(Plan copying, int room, java.util.zip.CRC32C sums) {
        int left = room;
        while (copying.next < copying.items.size()) {
            Records.Found item = copying.items.get(copying.next);
            if (item.length() > left) {
                return null;
            }
            if (item.type() == Records.DROP) {
                left -= copyDrop(copying.from, item, sums) ? item.length() : 0;
            } else if (isLive(copying.from, item)) {
                Bytes record = recordAt(copying.from, item.offset(), item.length(), item.kind(), item.key());
                if (record == null) {
                    setAside(
                            copying.from,
                            KeyIndex.place(copying.from.number, item.offset()),
                            item.length(),
                            item.kind(),
                            item.key());
                } else {
                    ByteBuffer raw = record.asBuffer();
                    Bytes body = record.slice(Records.HEADER_BYTES, raw.getInt(20));
                    long spoolId =
                            item.type() == Records.PUT_SPOOLED ? body.asBuffer().getLong() : 0;
                    append(item.type(), item.kind(), item.key(), NO_PREFIX, body.asBuffer(), sums, spoolId, 0);
                    left -= item.length();
                }
            }
            copying.next++;
        }
        plan = null;
        planning = false;
        stateDue = true;
        Segment done = copying.from;
        return done;
    }

    private static Segment.Range range(Bytes body) {
        ByteBuffer in = body.asBuffer();
        return new Segment.Range(in.getLong(), in.getLong());
    }

    private boolean copyDrop(Segment from, Records.Found item, java.util.zip.CRC32C sums) {
        long oldest;
        long newest;
        synchronized (lock) {
            Segment.Range range = from.rangeOf(item.offset(), range(item.body()));
            oldest = range.oldest();
            newest = range.newest();
            if (!from.needsDrop(oldest, newest, segments)) {
                return false;
            }
            KeyIndex ofKind = index[item.kind()];
            int slot = ofKind == null ? -1 : ofKind.find(item.key());
            if (ofKind != null && slot >= 0) {
                // The key has a value again, which hides the old ones; it must end them too when it ends.
                ofKind.oldestAt(slot, Math.min(ofKind.oldestAt(slot), oldest));
                return false;
            }
        }
        appendDrop(item.kind(), item.key(), oldest, newest, sums);
        return true;
    }

    /** Removes the files of segments that the durable log no longer lists. */
    private void removeLeaving() {
        if (!deletionsDue) {
            return;
        }
        deletionsDue = false;
        List<Segment> leaving;
        synchronized (lock) {
            leaving = segments.values().stream()
                    .filter(segment -> segment.leaving && !segment.removing)
                    .toList();
            leaving.forEach(segment -> segment.removing = true);
        }
        if (!leaving.isEmpty()) {
            helper.execute(() -> remove(leaving));
        }
    }

    private void remove(List<Segment> leaving) {
        // Their removal is durable before drops elsewhere that end their values may go.
        boolean done = failure.attempt(ErrorCode.WRITE_FAILED, FOLDER, () -> {
            for (Segment segment : leaving) {
                disk.delete(segment.path());
            }
            SyncFailed.syncFolder(disk, FOLDER);
        });
        if (!done) {
            return;
        }
        synchronized (lock) {
            for (Segment segment : leaving) {
                segments.remove(segment.number);
                segment.gone = true;
                if (segment.readers == 0) {
                    closeQuietly(segment.file);
                }
            }
            touchedAll = true;
        }
    }

    // ------------------------------------------------------------------ the rest

    /** Closes the open segment, so that links to all are a consistent copy. Called by the committing thread; false when there is no room. */
    boolean closeSegment() {
        if (failure.isFailed()) {
            return false;
        }
        try {
            return roll();
        } catch (IOException dead) {
            failure.fail(ErrorCode.WRITE_FAILED, current.path(), dead);
        }
        return false;
    }

    /** Paths of the closed segments that the log needs at this moment, and of those whose removal was not begun. By the committing thread. */
    List<String> closedPaths() {
        synchronized (lock) {
            return segments.values().stream()
                    .filter(segment -> segment != current && !segment.removing)
                    .map(Segment::path)
                    .toList();
        }
    }

    /** After the last commit: makes the proof durable and closes the files. */
    void close() {
        prove();
        failure.attempt(ErrorCode.WRITE_FAILED, current.path(), () -> SyncFailed.sync(current.file));
        if (spare != null) {
            Segment prepared = spare.join();
            if (prepared != null) {
                closeQuietly(prepared.file);
            }
        }
        synchronized (lock) {
            segments.values().forEach(segment -> closeQuietly(segment.file));
        }
    }

    StoreIdentity identity() {
        return identity;
    }

    Quarantine quarantine() {
        return quarantine;
    }

    long durableNumber() {
        return durableNumber;
    }

    long lastSyncNanos() {
        return lastSyncNanos;
    }

    /** Figures under one lock. */
    record Figures(int segments, long usedBytes, long liveBytes, long liveValues, int spoolFiles) {}

    Figures figures() {
        synchronized (lock) {
            long used = 0;
            long live = 0;
            for (Segment segment : segments.values()) {
                used += segment.used;
                live += segment.liveBytes;
            }
            return new Figures(segments.size(), used, live, liveValues, spoolUses.size());
        }
    }

    /** {@code store.txt}: strict text that says whose folder this is. */
    static final class IdentityFile {
        static final String NAME = "store.txt";

        private IdentityFile() {}

        private static String encode(StoreIdentity identity) {
            String lines = String.format(
                    java.util.Locale.ROOT,
                    "lienthong-store 1\nid %s\nincarnation %016x\n",
                    identity.id().hex(),
                    identity.incarnation());
            byte[] bytes = lines.getBytes(StandardCharsets.US_ASCII);
            return lines + String.format(java.util.Locale.ROOT, "check %08x\n", Checksum.plain(bytes, 0, bytes.length));
        }

        static Optional<StoreIdentity> read(Disk disk) throws IOException {
            Optional<Disk.File> found = disk.openExisting(NAME);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            try (Disk.File file = found.get()) {
                ByteBuffer in = ByteBuffer.allocate(256);
                file.read(0, in);
                String text = new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII);
                String[] lines = text.split("\n", -1);
                Bytes id = lines.length == 5 && lines[1].startsWith("id ")
                        ? Bytes.parseHex(lines[1].substring(3), 16)
                        : null;
                Bytes incarnation = id != null && lines[2].startsWith("incarnation ")
                        ? Bytes.parseHex(lines[2].substring(12), 8)
                        : null;
                if (id == null || incarnation == null || incarnation.asBuffer().getLong() == 0) {
                    return Optional.empty();
                }
                StoreIdentity identity =
                        new StoreIdentity(id, incarnation.asBuffer().getLong());
                return encode(identity).equals(text) ? Optional.of(identity) : Optional.empty();
            }
        }

        static void write(Disk disk, StoreIdentity identity) throws IOException {
            String temporary = NAME + ".tmp";
            try (Disk.File file = disk.open(temporary)) {
                file.truncate(0);
                file.write(0, ByteBuffer.wrap(encode(identity).getBytes(StandardCharsets.US_ASCII)));
                SyncFailed.sync(file);
            }
            disk.rename(temporary, NAME);
            SyncFailed.syncFolder(disk, "");
        }
    }
}
