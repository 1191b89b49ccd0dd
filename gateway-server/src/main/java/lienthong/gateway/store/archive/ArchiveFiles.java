package lienthong.gateway.store.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.zip.CRC32C;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.NoRoom;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.store.Archive;
import lienthong.gateway.store.ArchiveKind;
import lienthong.gateway.store.ArchiveRecord;
import lienthong.gateway.store.StoreEvents;
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
 * {@code archive/2026-11.log}: records like the log's, in groups, one file a month by claimed time (UTC), synced at each append. Thread-safe; appends
 * run in order on one thread of their own, or in place where there are no threads.
 */
public final class ArchiveFiles implements Archive {
    private static final String FOLDER = "archive";
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final int CLIENT_IDS_MAX = 1_000;
    /** Claimed times outside go to the month at the edge: a peer's nonsense must not make a million files. */
    private static final int YEAR_MIN = 2020;

    private static final int YEAR_MAX = 2199;

    private final Disk disk;
    private final Clock clock;
    private final Loop loop;
    private final StoreEvents events;
    private final Failure failure;
    private final StoreIdentity identity;
    private final Quarantine quarantine;
    private final Executor worker;
    private final ArchiveIndex index;

    private final Object lock = new Object();
    private final Map<Integer, ArchiveIndex.Progress> reached = new TreeMap<>();
    /** Beyond the index: places known only in memory because the index failed. */
    private boolean indexBroken;
    /** Appends that are not in the files yet: more than one when the disk is full. */
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    private boolean isRetrying;

    private record Waiting(List<ArchiveRecord> records, Runnable durable) {}

    private ArchiveFiles(
            Disk disk,
            Clock clock,
            Loop loop,
            StoreEvents events,
            Failure failure,
            StoreIdentity identity,
            Quarantine quarantine,
            Executor worker,
            ArchiveIndex index) {
        this.disk = disk;
        this.clock = clock;
        this.loop = loop;
        this.events = events;
        this.failure = failure;
        this.identity = identity;
        this.quarantine = quarantine;
        this.worker = worker;
        this.index = index;
    }

    /** Opens the folder, reads what the index has not seen, cuts off torn ends. */
    public static ArchiveFiles open(
            Disk disk,
            Clock clock,
            Loop loop,
            StoreEvents events,
            Failure failure,
            StoreIdentity identity,
            Quarantine quarantine,
            Executor worker,
            Optional<Path> databaseFolder)
            throws IOException {
        disk.makeFolder(FOLDER);
        String mark = identity.id().hex() + " " + identity.incarnation();
        ArchiveIndex index = databaseFolder.isPresent()
                ? new SqliteArchiveIndex(databaseFolder.get().resolve(FOLDER).resolve("index.db"), mark)
                : new MemoryArchiveIndex();
        ArchiveFiles archive =
                new ArchiveFiles(disk, clock, loop, events, failure, identity, quarantine, worker, index);
        archive.start();
        return archive;
    }

    private static String path(int month) {
        return String.format(Locale.ROOT, "%s/%04d-%02d.log", FOLDER, month / 100, month % 100);
    }

    private static int monthOf(Instant time) {
        ZonedDateTime at = time.atZone(ZoneOffset.UTC);
        int year = Math.min(YEAR_MAX, Math.max(YEAR_MIN, at.getYear()));
        return year * 100 + (year == at.getYear() ? at.getMonthValue() : year == YEAR_MIN ? 1 : 12);
    }

    private List<Integer> months() throws IOException {
        return disk.list(FOLDER).stream()
                .filter(name -> name.matches("[0-9]{4}-[0-9]{2}\\.log"))
                .map(name -> Integer.parseInt(name.substring(0, 4)) * 100 + Integer.parseInt(name.substring(5, 7)))
                .toList();
    }

    private void start() throws IOException {
        List<Integer> months = months();
        Map<Integer, ArchiveIndex.Progress> known = new TreeMap<>();
        try {
            known.putAll(index.progress());
            for (int month : months) {
                ArchiveIndex.Progress progress = known.get(month);
                if (progress != null && sizeOf(month) < progress.end()) {
                    throw new ArchiveIndex.IndexFault(
                            new IOException(path(month) + " is shorter than the index knows it"));
                }
            }
        } catch (ArchiveIndex.IndexFault fault) {
            known.clear();
            makeAnew(String.valueOf(fault.getMessage()));
        }
        if (!months.isEmpty()) {
            // Names that a killed process made and did not sync.
            SyncFailed.syncFolder(disk, FOLDER);
        }
        for (int month : months) {
            ArchiveIndex.Progress progress = known.get(month);
            readOn(month, progress == null ? new ArchiveIndex.Progress(FileHeader.PAGE_BYTES, 0) : progress);
        }
    }

    private void makeAnew(String why) {
        events.rebuilding("archive index", why);
        try {
            index.clear();
        } catch (ArchiveIndex.IndexFault cannot) {
            indexBroken = true;
            events.rebuilding("archive index", "it cannot be made: " + cannot.getMessage());
        }
    }

    private long sizeOf(int month) throws IOException {
        Optional<Disk.File> found = disk.openExisting(path(month));
        if (found.isEmpty()) {
            return 0;
        }
        try (Disk.File file = found.get()) {
            return file.size();
        }
    }

    /** Reads a month from where the index ends, indexes it, and cuts off a torn end. */
    private void readOn(int month, ArchiveIndex.Progress from) throws IOException {
        try (Disk.File file = disk.open(path(month))) {
            FileHeader.Found header = FileHeader.read(file);
            boolean ours = header instanceof FileHeader.Good good
                    && good.header().purpose() == FileHeader.ARCHIVE
                    && good.header().number() == month
                    && good.header().identity().equals(identity);
            if (!ours) {
                setAsideWhole(month, file, header);
                return;
            }
            boolean isBegun = from.end() > FileHeader.PAGE_BYTES;
            if (file.size() == from.end() && isBegun) {
                reached.put(month, from);
                return;
            }
            long[] lastGroup = {from.end()};
            List<ArchiveIndex.Place> places = new ArrayList<>();
            List<RecordScanner.Hole> holes = new ArrayList<>();
            RecordScanner.Sink sink = new RecordScanner.Sink() {
                @Override
                public void record(Records.Found found) {
                    if (found.type() == Records.MARK) {
                        lastGroup[0] = found.key();
                    }
                    decode(found)
                            .ifPresent(record -> places.add(new ArchiveIndex.Place(
                                    month,
                                    found.offset(),
                                    found.length(),
                                    record.time(),
                                    record.id(),
                                    record.clientId())));
                }

                @Override
                public void damage(RecordScanner.Hole hole) {
                    holes.add(hole);
                }
            };
            RecordScanner.Scan scan = new RecordScanner(
                            new Window(file, file.size(), (int)
                                    Math.min(1 << 20, Math.max(FileHeader.PAGE_BYTES, file.size()))),
                            new Checksum(identity, month),
                            true,
                            sink)
                    .scan(from.end(), from.lastNumber() + 1, false);
            for (RecordScanner.Hole hole : holes) {
                quarantine.setAside(path(month), file, hole);
            }
            if (file.size() > scan.end()) {
                file.truncate(scan.end());
            }
            // Only the last group can be one whose sync failed, and the header only when there is no group: whatever
            // was
            // begun after it proves that its own sync came back. So a damaged sector further up is nobody's concern
            // here.
            long again = Math.min(lastGroup[0], scan.end());
            SyncFailed.rewrite(file, again == FileHeader.PAGE_BYTES ? 0 : again, scan.end());
            note(places, Map.of(month, new ArchiveIndex.Progress(scan.end(), scan.lastNumber())));
        }
    }

    /** A file whose header is gone keeps its bytes under another name; a blank one was never begun. */
    private void setAsideWhole(int month, Disk.File file, FileHeader.Found header) throws IOException {
        if (!(header instanceof FileHeader.Blank) || file.size() > FileHeader.PAGE_BYTES) {
            quarantine.setAside(path(month), file, new RecordScanner.Hole(0, file.size(), 1, 0, 0));
            disk.rename(
                    path(month),
                    "quarantine/archive-" + month + "-" + clock.now().toEpochMilli());
            SyncFailed.syncFolder(disk, "quarantine");
        } else {
            disk.delete(path(month));
        }
        SyncFailed.syncFolder(disk, FOLDER);
    }

    private void note(List<ArchiveIndex.Place> places, Map<Integer, ArchiveIndex.Progress> progress) {
        reached.putAll(progress);
        if (indexBroken) {
            return;
        }
        try {
            index.add(places, progress);
        } catch (ArchiveIndex.IndexFault fault) {
            // Found short at the next start and made anew then.
            indexBroken = true;
            events.rebuilding("archive index", "at the next start: " + fault.getMessage());
        }
    }

    private static byte[] prefix(ArchiveRecord record) {
        byte[] client = record.clientId().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(MessageId.SIZE_BYTES + 1 + client.length)
                .put(record.id().bytes().toArray())
                .put((byte) client.length)
                .put(client)
                .array();
    }

    private static Optional<ArchiveRecord> decode(Records.Found found) {
        Bytes body = found.body();
        if (found.type() != Records.PUT || body.size() < MessageId.SIZE_BYTES + 1) {
            return Optional.empty();
        }
        int clientLength = body.get(MessageId.SIZE_BYTES) & 0xFF;
        int start = MessageId.SIZE_BYTES + 1 + clientLength;
        Optional<ArchiveKind> kind = ArchiveKind.ofNumber(found.kind());
        if (kind.isEmpty() || body.size() < start) {
            return Optional.empty();
        }
        return MessageId.ofBytes(body.slice(0, MessageId.SIZE_BYTES))
                .fold(
                        id -> Optional.of(new ArchiveRecord(
                                Instant.ofEpochMilli(found.key()),
                                id,
                                body.slice(MessageId.SIZE_BYTES + 1, clientLength)
                                        .utf8(),
                                kind.get(),
                                body.slice(start, body.size() - start))),
                        no -> Optional.empty());
    }

    @Override
    public void append(List<ArchiveRecord> records, Runnable durable) {
        List<ArchiveRecord> copy = List.copyOf(records);
        if (failure.isFailed()) {
            return;
        }
        worker.execute(() -> {
            synchronized (lock) {
                waiting.add(new Waiting(copy, durable));
            }
            writeWaiting();
        });
    }

    /** In the order of the appends. A full disk delays them: what they prove stays in the log until it is here. */
    private void writeWaiting() {
        synchronized (lock) {
            for (Waiting next = waiting.peek(); next != null && !failure.isFailed(); next = waiting.peek()) {
                try {
                    if (write(next.records())) {
                        loop.execute(next.durable());
                    }
                    waiting.remove();
                } catch (NoRoom full) {
                    if (!isRetrying) {
                        isRetrying = true;
                        loop.execute(() -> loop.schedule(RETRY_NANOS, () -> worker.execute(this::retry)));
                    }
                    return;
                }
            }
        }
    }

    private void retry() {
        synchronized (lock) {
            isRetrying = false;
        }
        writeWaiting();
    }

    private boolean write(List<ArchiveRecord> records) throws NoRoom {
        Map<Integer, List<ArchiveRecord>> byMonth = new LinkedHashMap<>();
        for (ArchiveRecord record : records) {
            byMonth.computeIfAbsent(monthOf(record.time()), absent -> new ArrayList<>())
                    .add(record);
        }
        List<ArchiveIndex.Place> places = new ArrayList<>();
        Map<Integer, ArchiveIndex.Progress> progress = new TreeMap<>();
        for (Map.Entry<Integer, List<ArchiveRecord>> entry : byMonth.entrySet()) {
            int month = entry.getKey();
            try {
                write(month, entry.getValue(), places, progress);
            } catch (NoRoom full) {
                throw full;
            } catch (IOException dead) {
                failure.fail(ErrorCode.WRITE_FAILED, path(month), dead);
                return false;
            }
        }
        note(places, progress);
        return true;
    }

    private void write(
            int month,
            List<ArchiveRecord> records,
            List<ArchiveIndex.Place> places,
            Map<Integer, ArchiveIndex.Progress> progress)
            throws IOException {
        ArchiveIndex.Progress from = reached.get(month);
        try (Disk.File file = disk.open(path(month))) {
            if (from == null) {
                file.truncate(0);
                file.write(
                        0,
                        new FileHeader(
                                        FileHeader.FORMAT,
                                        FileHeader.ARCHIVE,
                                        identity,
                                        month,
                                        1,
                                        clock.now().toEpochMilli(),
                                        0)
                                .encode());
                SyncFailed.sync(file);
                SyncFailed.syncFolder(disk, FOLDER);
                from = new ArchiveIndex.Progress(FileHeader.PAGE_BYTES, 0);
            }
            Checksum checksum = new Checksum(identity, month);
            CRC32C sums = new CRC32C();
            long number = from.lastNumber();
            long bytes = Records.MARK_BYTES;
            for (ArchiveRecord record : records) {
                bytes += Records.sizeOf(prefix(record).length + record.value().size());
            }
            Invariant.check(bytes <= Integer.MAX_VALUE / 2, "archive append of %d bytes", bytes);
            ByteBuffer out = ByteBuffer.allocateDirect((int) bytes);
            for (ArchiveRecord record : records) {
                int start = out.position();
                int sum = Records.write(
                        out,
                        checksum,
                        ++number,
                        Records.PUT,
                        record.kind().number(),
                        record.time().toEpochMilli(),
                        prefix(record),
                        record.value().asBuffer());
                sums.update(ByteBuffer.allocate(4).putInt(sum).flip());
                places.add(new ArchiveIndex.Place(
                        month,
                        from.end() + start,
                        out.position() - start,
                        record.time(),
                        record.id(),
                        record.clientId()));
            }
            mark(out, checksum, ++number, from.end(), from.lastNumber() + 1, (int) sums.getValue());
            out.flip();
            long end = from.end() + out.remaining();
            file.write(from.end(), out);
            SyncFailed.sync(file);
            progress.put(month, new ArchiveIndex.Progress(end, number));
            prove(file, checksum, end, number);
        }
    }

    private static void mark(ByteBuffer out, Checksum checksum, long number, long group, long firstNumber, int sum) {
        byte[] body = ByteBuffer.allocate(12).putLong(firstNumber).putInt(sum).array();
        Records.write(out, checksum, number, Records.MARK, 0, group, body, ByteBuffer.allocate(0));
    }

    /**
     * A group of nothing but its mark, behind the one that was synced: with it damage in that one is known from a torn write when the index, which
     * knows too, is lost. Not synced and not counted: the next group takes its place.
     */
    private static void prove(Disk.File file, Checksum checksum, long end, long lastNumber) {
        ByteBuffer out = ByteBuffer.allocateDirect(Records.MARK_BYTES);
        mark(out, checksum, lastNumber + 1, end, lastNumber + 1, 0);
        try {
            file.write(end, out.flip());
        } catch (IOException without) {
            // Nothing was promised by it. A disk that cannot write says so at the next append.
        }
    }

    @Override
    public List<ArchiveRecord> find(MessageId id) {
        synchronized (lock) {
            List<ArchiveRecord> records = new ArrayList<>();
            for (ArchiveIndex.Place place : ask(List.<ArchiveIndex.Place>of(), () -> index.find(id))) {
                ArchiveRecord record = read(place);
                if (record != null && !records.contains(record)) {
                    records.add(record);
                }
            }
            return records;
        }
    }

    private @Nullable ArchiveRecord read(ArchiveIndex.Place place) {
        try {
            Optional<Disk.File> found = disk.openExisting(path(place.month()));
            if (found.isEmpty()) {
                return null;
            }
            try (Disk.File file = found.get()) {
                Window window = new Window(file, place.offset() + place.length(), place.length());
                int start = window.at(place.offset(), place.length());
                ByteBuffer in = window.buffer();
                boolean good = Records.isPlausible(in, start, place.length())
                        && in.getInt(start) == place.length()
                        && new Checksum(identity, place.month()).of(in, start, place.length()) == in.getInt(start + 4);
                if (!good) {
                    quarantine.setAside(
                            path(place.month()), file, new RecordScanner.Hole(place.offset(), place.length(), 1, 0, 0));
                    return null;
                }
                byte[] body = new byte[in.getInt(start + 20)];
                in.get(start + Records.HEADER_BYTES, body);
                Records.Found record = new Records.Found(
                        place.offset(),
                        place.length(),
                        in.getLong(start + 8),
                        in.get(start + 16),
                        in.get(start + 17) & 0xFF,
                        in.getLong(start + 24),
                        in.getInt(start + 4),
                        Bytes.ofOwned(body));
                return decode(record).orElse(null);
            }
        } catch (IOException unreadable) {
            return null;
        }
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask() throws ArchiveIndex.IndexFault;
    }

    private <T> T ask(T empty, Question<T> question) {
        if (indexBroken) {
            return empty;
        }
        try {
            return question.ask();
        } catch (ArchiveIndex.IndexFault fault) {
            rebuild(String.valueOf(fault.getMessage()));
            try {
                return indexBroken ? empty : question.ask();
            } catch (ArchiveIndex.IndexFault again) {
                indexBroken = true;
                return empty;
            }
        }
    }

    private void rebuild(String why) {
        makeAnew(why);
        failure.attempt(ErrorCode.WRITE_FAILED, FOLDER, () -> {
            reached.clear();
            for (int month : months()) {
                readOn(month, new ArchiveIndex.Progress(FileHeader.PAGE_BYTES, 0));
            }
        });
    }

    @Override
    public List<MessageId> findByClientId(String clientId) {
        synchronized (lock) {
            return ask(List.of(), () -> index.findByClientId(clientId, CLIENT_IDS_MAX));
        }
    }

    @Override
    public List<Entry> list(Instant from, Instant to, @Nullable Entry after, int limit) {
        Invariant.check(limit >= 1 && limit <= 1000, "page of %d", limit);
        synchronized (lock) {
            return ask(List.of(), () -> index.list(from, to, after, limit));
        }
    }

    /** Waits for the append under way and closes the index. */
    public void close() {
        synchronized (lock) {
            index.close();
        }
    }

    /** Paths of all months, for backups. */
    public List<String> paths() throws IOException {
        return months().stream().map(ArchiveFiles::path).toList();
    }
}
