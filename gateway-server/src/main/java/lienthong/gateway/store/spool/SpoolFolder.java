package lienthong.gateway.store.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Batch;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.record.Failure;
import lienthong.gateway.store.record.FileHeader;
import lienthong.gateway.store.record.Quarantine;
import lienthong.gateway.store.record.RecordScanner;
import lienthong.gateway.store.record.StoreIdentity;
import lienthong.gateway.store.record.SyncFailed;

/**
 * {@code spool/}: {@code ID.tmp} while a payload is written, {@code ID.part} for a transfer that survives restarts, {@code ID.spool} when
 * finished. A file begins with a header page, written last; the payload follows. Thread-safe; a writer belongs to one thread.
 */
public final class SpoolFolder implements Spool {
    private static final String FOLDER = "spool";
    private static final int NAME_CHARS_MAX = 100;
    private static final long ROOM_BYTES = 1 << 20;

    private final Disk disk;
    private final Clock clock;
    private final StoreEvents events;
    private final Failure failure;
    private final StoreIdentity identity;
    private final LongSupplier newKey;
    private final Quarantine quarantine;
    private final Submitter submitter;
    private final Executor helper;

    private final Object lock = new Object();
    private final Map<String, Transfer> transfers = new TreeMap<>();
    private final Map<Long, String> finishedTransfers = new HashMap<>();
    private int orphansRemoved;

    /** Puts a change into the log. */
    @FunctionalInterface
    public interface Submitter {
        void submit(Batch batch, Runnable durable);
    }

    private static final class Transfer {
        final long key;
        Instant touched;
        String owner;
        long durableOffset;
        boolean registered;
        boolean open;

        Transfer(long key, String owner, Instant touched, long durableOffset, boolean registered) {
            this.key = key;
            this.owner = owner;
            this.touched = touched;
            this.durableOffset = durableOffset;
            this.registered = registered;
        }
    }

    public SpoolFolder(
            Disk disk,
            Clock clock,
            StoreEvents events,
            Failure failure,
            StoreIdentity identity,
            LongSupplier newKey,
            Quarantine quarantine,
            Submitter submitter,
            Executor helper) {
        this.disk = disk;
        this.clock = clock;
        this.events = events;
        this.failure = failure;
        this.identity = identity;
        this.newKey = newKey;
        this.quarantine = quarantine;
        this.submitter = submitter;
        this.helper = helper;
    }

    private static String path(long id, String suffix) {
        return String.format(Locale.ROOT, "%s/%016x.%s", FOLDER, id, suffix);
    }

    /**
     * Compares the folder with the log: takes transfers up again, reports files that should be there, removes those nothing names.
     *
     * @param uses files that live values name, each with such a value
     * @param partials values of {@link Kind#PARTIAL}
     */
    public void start(Map<SpoolId, Batch.Drop> uses, Map<Long, Bytes> partials) throws IOException {
        disk.makeFolder(FOLDER);
        Set<String> known = new HashSet<>();
        for (Map.Entry<SpoolId, Batch.Drop> use : uses.entrySet()) {
            known.add(path(use.getKey().value(), "spool"));
            Result<Reader> reader = open(use.getKey());
            if (reader instanceof Result.Ok<Reader> good) {
                good.value().close();
            } else {
                events.spoolMissing(
                        use.getKey(), use.getValue().kind(), use.getValue().key());
            }
        }
        for (Map.Entry<Long, Bytes> partial : partials.entrySet()) {
            takeUp(partial.getKey(), partial.getValue());
            known.add(path(partial.getKey(), "part"));
        }
        int files = 0;
        long bytes = 0;
        for (String name : disk.list(FOLDER)) {
            String path = FOLDER + "/" + name;
            if (!known.contains(path)) {
                Optional<Disk.File> orphan = disk.openExisting(path);
                if (orphan.isPresent()) {
                    try (Disk.File file = orphan.get()) {
                        bytes += file.size();
                    }
                }
                disk.delete(path);
                files++;
            }
        }
        orphansRemoved = files;
        if (files > 0) {
            SyncFailed.syncFolder(disk, FOLDER);
            events.spoolOrphans(files, bytes);
        }
    }

    private void takeUp(long key, Bytes value) throws IOException {
        ByteBuffer in = value.asBuffer();
        long offset = in.getLong();
        Instant touched = Instant.ofEpochMilli(in.getLong());
        String words = StandardCharsets.US_ASCII.decode(in).toString();
        int blank = words.indexOf(' ');
        String name = blank < 0 ? words : words.substring(0, blank);
        String owner = blank < 0 ? "" : words.substring(blank + 1);
        if (!disk.exists(path(key, "part")) && disk.exists(path(key, "spool"))) {
            // Finished, but the record that would have named it did not get into the log.
            disk.rename(path(key, "spool"), path(key, "part"));
            SyncFailed.syncFolder(disk, FOLDER);
        }
        Optional<Disk.File> found = disk.openExisting(path(key, "part"));
        long size = 0;
        if (found.isPresent()) {
            try (Disk.File file = found.get()) {
                size = file.size() - FileHeader.PAGE_BYTES;
            }
        }
        if (found.isEmpty()) {
            // A backup leaves out what is under way: the neighbour begins again, nobody was promised anything.
            offset = 0;
        } else if (size < offset) {
            events.spoolMissing(new SpoolId(key), Kind.PARTIAL, key);
            offset = 0;
        }
        transfers.put(name, new Transfer(key, owner, touched, offset, true));
    }

    /** Spool files that nothing named at the last start. */
    public int orphansRemoved() {
        return orphansRemoved;
    }

    /** When a value names a finished transfer, its {@link Kind#PARTIAL} goes in the same batch; empty for any other file. */
    public Optional<Batch.Drop> partialOf(SpoolId id) {
        synchronized (lock) {
            String name = finishedTransfers.remove(id.value());
            if (name == null) {
                return Optional.empty();
            }
            Transfer transfer = transfers.remove(name);
            return transfer == null || !transfer.registered
                    ? Optional.empty()
                    : Optional.of(new Batch.Drop(Kind.PARTIAL, transfer.key));
        }
    }

    /** The last value that named a file is gone. */
    public void unused(SpoolId id) {
        helper.execute(() ->
                failure.attempt(ErrorCode.WRITE_FAILED, FOLDER, () -> disk.delete(path(id.value(), "spool"))));
    }

    @Override
    public Result<Writer> begin() {
        long key = newKey.getAsLong();
        return create(path(key, "tmp"), 0).map(file -> new Writing(key, path(key, "tmp"), file, 0));
    }

    @Override
    public Result<Partial> resumable(String name, String owner) {
        Invariant.check(owner.length() <= NAME_CHARS_MAX, "owner of %d characters", owner.length());
        Invariant.check(
                !name.isEmpty() && name.length() <= NAME_CHARS_MAX, "transfer name of %d characters", name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            Invariant.check(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-', "transfer name, character %d", i);
        }
        Transfer transfer;
        boolean finished;
        long kept;
        synchronized (lock) {
            transfer = transfers.computeIfAbsent(
                    name, absent -> new Transfer(newKey.getAsLong(), owner, clock.now(), 0, false));
            transfer.owner = owner;
            Invariant.check(!transfer.open, "transfer opened twice");
            transfer.open = true;
            finished = finishedTransfers.remove(transfer.key) != null;
            kept = transfer.durableOffset;
        }
        if (finished
                && !failure.attempt(
                        ErrorCode.WRITE_FAILED,
                        FOLDER,
                        () -> disk.rename(path(transfer.key, "spool"), path(transfer.key, "part")))) {
            return Result.no(failed());
        }
        Result<Partial> file = create(path(transfer.key, "part"), FileHeader.PAGE_BYTES + kept)
                .then(opened -> {
                    try {
                        if (kept > 0 && opened.size() < FileHeader.PAGE_BYTES + kept) {
                            events.spoolMissing(new SpoolId(transfer.key), Kind.PARTIAL, transfer.key);
                            synchronized (lock) {
                                transfer.durableOffset = 0;
                            }
                            return Result.ok(new Resumed(name, transfer, opened, 0));
                        }
                        return Result.ok(new Resumed(name, transfer, opened, kept));
                    } catch (IOException dead) {
                        return Result.no(fullOrDead(dead, path(transfer.key, "part"), 0));
                    }
                });
        if (!file.isOk()) {
            synchronized (lock) {
                transfer.open = false;
            }
        }
        return file;
    }

    private Result<Disk.File> create(String path, long keepBytes) {
        if (failure.isFailed()) {
            return Result.no(failed());
        }
        try {
            Disk.File file = disk.open(path);
            if (file.size() > keepBytes) {
                file.truncate(keepBytes);
            }
            return Result.ok(file);
        } catch (IOException dead) {
            return Result.no(fullOrDead(dead, path, 0));
        }
    }

    private Refusal failed() {
        return failure.reason().orElseGet(() -> Refusal.of(ErrorCode.WRITE_FAILED));
    }

    private Refusal fullOrDead(IOException dead, String path, long bytes) {
        boolean full;
        try {
            full = disk.freeBytes() < bytes + ROOM_BYTES;
        } catch (IOException unknown) {
            full = false;
        }
        return full ? Refusal.of(ErrorCode.DISK_LOW, "{0}", path) : failure.fail(ErrorCode.WRITE_FAILED, path, dead);
    }

    @Override
    public List<Known> partials() {
        synchronized (lock) {
            List<Known> known = new ArrayList<>();
            transfers.forEach((name, transfer) -> {
                if (!finishedTransfers.containsValue(name)) {
                    known.add(new Known(name, transfer.owner, transfer.durableOffset, transfer.touched));
                }
            });
            return known;
        }
    }

    @Override
    public Result<Reader> open(SpoolId id) {
        String path = path(id.value(), "spool");
        try {
            Optional<Disk.File> found = disk.openExisting(path);
            if (found.isEmpty()) {
                return Result.no(ErrorCode.SPOOL_MISSING, "{0} is absent", path);
            }
            Disk.File file = found.get();
            if (!(FileHeader.read(file) instanceof FileHeader.Good good)
                    || good.header().purpose() != FileHeader.SPOOL
                    || !good.header().identity().equals(identity)
                    || good.header().number() != id.value()) {
                file.close();
                return Result.no(ErrorCode.SPOOL_MISSING, "{0} is not the file that was written", path);
            }
            long size = good.header().detail();
            if (file.size() < FileHeader.PAGE_BYTES + size) {
                file.close();
                return Result.no(ErrorCode.SPOOL_MISSING, "{0} is too short", path);
            }
            return Result.ok(new Reading(file, path, size));
        } catch (IOException unreadable) {
            return Result.no(ErrorCode.SPOOL_MISSING, "{0}: {1}", path, Detail.technical(unreadable));
        }
    }

    @Override
    public void discard(SpoolId id) {
        String name;
        synchronized (lock) {
            name = finishedTransfers.remove(id.value());
        }
        unused(id);
        if (name != null) {
            forget(name);
        }
    }

    @Override
    public void setAside(SpoolId id) {
        String path = path(id.value(), "spool");
        failure.attempt(ErrorCode.WRITE_FAILED, path, () -> {
            Optional<Disk.File> found = disk.openExisting(path);
            if (found.isPresent()) {
                try (Disk.File file = found.get()) {
                    quarantine.setAside(path, file, new RecordScanner.Hole(0, file.size(), 1, 0, 0));
                }
            }
        });
    }

    private void forget(String name) {
        Transfer transfer;
        synchronized (lock) {
            transfer = transfers.remove(name);
        }
        if (transfer != null && transfer.registered) {
            submitter.submit(new Batch().drop(Kind.PARTIAL, transfer.key), () -> {});
        }
    }

    /** One payload on its way to the disk. */
    private class Writing implements Writer {
        final long key;
        final Disk.File file;
        private final String path;
        private long size;
        private boolean ended;

        Writing(long key, String path, Disk.File file, long size) {
            this.key = key;
            this.path = path;
            this.file = file;
            this.size = size;
        }

        @Override
        public Result<Long> write(long offset, ByteBuffer source) {
            Invariant.check(!ended && offset >= 0 && offset <= size, "write at %d of %d", offset, size);
            if (failure.isFailed()) {
                return Result.no(failed());
            }
            int length = source.remaining();
            try {
                file.write(FileHeader.PAGE_BYTES + offset, source);
            } catch (IOException dead) {
                return Result.no(fullOrDead(dead, path, length));
            }
            size = Math.max(size, offset + length);
            return Result.ok(size);
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public Result<SpoolId> finish() {
            Invariant.check(!ended, "finished twice");
            if (failure.isFailed()) {
                return Result.no(failed());
            }
            FileHeader header = new FileHeader(
                    FileHeader.FORMAT,
                    FileHeader.SPOOL,
                    identity,
                    key,
                    size,
                    clock.now().toEpochMilli(),
                    0);
            try {
                file.write(0, header.encode());
            } catch (IOException dead) {
                return Result.no(fullOrDead(dead, path, FileHeader.PAGE_BYTES));
            }
            ended = true;
            boolean done = failure.attempt(ErrorCode.FSYNC_FAILED, path, file::sync)
                    && failure.attempt(ErrorCode.WRITE_FAILED, path, () -> {
                        file.close();
                        disk.rename(path, SpoolFolder.path(key, "spool"));
                    })
                    && failure.attempt(ErrorCode.FSYNC_FAILED, FOLDER, () -> disk.syncFolder(FOLDER));
            return done ? Result.ok(new SpoolId(key)) : Result.no(failed());
        }

        @Override
        public void discard() {
            if (!ended) {
                ended = true;
                failure.attempt(ErrorCode.WRITE_FAILED, path, () -> {
                    file.close();
                    disk.delete(path);
                });
            }
        }

        @Override
        public void close() {
            discard();
        }

        boolean hasEnded() {
            return ended;
        }

        boolean end() {
            boolean first = !ended;
            ended = true;
            return first;
        }
    }

    /** A payload that is taken up again. */
    private final class Resumed extends Writing implements Partial {
        private final String name;
        private final Transfer transfer;

        Resumed(String name, Transfer transfer, Disk.File file, long kept) {
            super(transfer.key, SpoolFolder.path(transfer.key, "part"), file, kept);
            this.name = name;
            this.transfer = transfer;
        }

        @Override
        public long durableOffset() {
            synchronized (lock) {
                return transfer.durableOffset;
            }
        }

        @Override
        public Result<Long> syncTo(long offset, Runnable durable) {
            Invariant.check(offset >= 0 && offset <= size(), "sync to %d of %d", offset, size());
            boolean registered;
            Instant now = clock.now();
            String words;
            synchronized (lock) {
                registered = transfer.registered;
                transfer.registered = true;
                transfer.touched = now;
                words = transfer.owner.isEmpty() ? name : name + " " + transfer.owner;
            }
            // The name must be as durable as the bytes; only the first time it is new.
            boolean done = failure.attempt(ErrorCode.FSYNC_FAILED, name, file::sync)
                    && (registered || failure.attempt(ErrorCode.FSYNC_FAILED, FOLDER, () -> disk.syncFolder(FOLDER)));
            if (!done) {
                return Result.no(failed());
            }
            Bytes value = Bytes.ofOwned(ByteBuffer.allocate(16 + words.length())
                    .putLong(offset)
                    .putLong(now.toEpochMilli())
                    .put(words.getBytes(StandardCharsets.US_ASCII))
                    .array());
            submitter.submit(new Batch().put(Kind.PARTIAL, transfer.key, value), () -> {
                synchronized (lock) {
                    transfer.durableOffset = Math.max(transfer.durableOffset, offset);
                }
                durable.run();
            });
            return Result.ok(offset);
        }

        @Override
        public Result<Integer> read(long offset, ByteBuffer target) {
            Invariant.check(offset >= 0 && offset <= size(), "read at %d of %d", offset, size());
            int wanted = (int) Math.min(target.remaining(), size() - offset);
            ByteBuffer part = target.duplicate().limit(target.position() + wanted);
            try {
                int count = file.read(FileHeader.PAGE_BYTES + offset, part);
                target.position(target.position() + count);
                return Result.ok(count);
            } catch (IOException unreadable) {
                return Result.no(ErrorCode.SPOOL_MISSING, "{0}: {1}", name, Detail.technical(unreadable));
            }
        }

        @Override
        public Result<SpoolId> finish() {
            Result<SpoolId> id = super.finish();
            synchronized (lock) {
                transfer.open &= !hasEnded();
                if (id.isOk()) {
                    transfer.durableOffset = size();
                    finishedTransfers.put(transfer.key, name);
                }
            }
            return id;
        }

        @Override
        public void discard() {
            super.discard();
            forget(name);
        }

        @Override
        public void close() {
            if (end()) {
                failure.attempt(ErrorCode.WRITE_FAILED, name, file::close);
                boolean nothing;
                synchronized (lock) {
                    transfer.open = false;
                    nothing = !transfer.registered;
                    if (nothing) {
                        transfers.remove(name);
                    }
                }
                if (nothing) {
                    String path = SpoolFolder.path(transfer.key, "part");
                    failure.attempt(ErrorCode.WRITE_FAILED, path, () -> disk.delete(path));
                }
            }
        }
    }

    /** A finished payload. */
    private record Reading(Disk.File file, String path, long size) implements Reader {
        @Override
        public Result<Integer> read(long offset, ByteBuffer target) {
            Invariant.check(offset >= 0, "read at %d", offset);
            if (offset >= size) {
                return Result.ok(0);
            }
            int limit = target.limit();
            target.limit((int) Math.min(limit, target.position() + (size - offset)));
            try {
                return Result.ok(file.read(FileHeader.PAGE_BYTES + offset, target));
            } catch (IOException unreadable) {
                return Result.no(ErrorCode.SPOOL_MISSING, "{0}: {1}", path, Detail.technical(unreadable));
            } finally {
                target.limit(limit);
            }
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException nothingToLose) {
                // Only read from.
            }
        }
    }

    /** Paths of finished files, for backups. */
    public List<String> paths() throws IOException {
        return disk.list(FOLDER).stream()
                .filter(name -> name.endsWith(".spool"))
                .map(name -> FOLDER + "/" + name)
                .toList();
    }
}
