package lienthong.gateway.store.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Archive;
import lienthong.gateway.store.Batch;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.StoreStatus;
import lienthong.gateway.store.View;
import lienthong.gateway.store.archive.ArchiveFiles;
import lienthong.gateway.store.record.Failure;
import lienthong.gateway.store.spool.SpoolFolder;
import lienthong.gateway.store.view.DerivedView;
import lienthong.gateway.store.view.LogReader;
import lienthong.gateway.store.view.MemoryView;
import lienthong.gateway.store.view.SqliteView;
import org.jspecify.annotations.Nullable;

/**
 * The embedded store. With threads, a writer takes all batches that wait, writes and syncs them as one group and hands their {@code durable}s to
 * the loop: no timer, so that a lone batch waits for nothing and busy ones share a sync. Without, the same happens at the loop's end of turn.
 */
public final class LogMessageStore implements MessageStore {
    private static final int GROUP_BYTES = 4 << 20;
    private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Disk disk;
    private final Loop loop;
    private final StoreSettings settings;
    private final Failure failure;
    private final DiskGate gate;
    private final AutoCloseable folderLock;
    private final Threads threads;
    private final SegmentLog log;
    private final SpoolFolder spool;
    private final ArchiveFiles archive;
    private final DerivedView view;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<Queued> queue = new ArrayDeque<>();
    private boolean closing;
    private boolean closed;
    private volatile boolean stalled;
    private boolean turnAsked;
    private @Nullable Thread writer;

    /** @param linking of a backup; {@code null} for all batches */
    private record Queued(
            List<Batch.Change> changes,
            Runnable durable,
            @Nullable Linking linking) {}

    /** Where a backup's links go, and who waits for their bytes. */
    private record Linking(String folder, CompletableFuture<Long> done) {}

    /** Where side work runs: on own threads, or in place. */
    private record Threads(
            @Nullable ExecutorService helperThread,
            @Nullable ExecutorService archiveThread) {
        static Threads start(boolean threads, Failure failure) {
            return threads
                    ? new Threads(one("store-helper", failure), one("store-archive", failure))
                    : new Threads(null, null);
        }

        private static ExecutorService one(String name, Failure failure) {
            return Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, name);
                thread.setDaemon(true);
                thread.setUncaughtExceptionHandler((dead, bug) -> failure.bug(bug));
                return thread;
            });
        }

        Executor helper() {
            return helperThread == null ? Runnable::run : helperThread;
        }

        Executor archive() {
            return archiveThread == null ? Runnable::run : archiveThread;
        }

        /** Runs what waits, then ends. */
        void stop() {
            for (ExecutorService executor : new @Nullable ExecutorService[] {helperThread, archiveThread}) {
                if (executor != null) {
                    executor.shutdown();
                    try {
                        Invariant.check(executor.awaitTermination(10, TimeUnit.MINUTES), "store threads do not end");
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new Bug("interrupted while closing the store", e);
                    }
                }
            }
        }
    }

    private LogMessageStore(
            Parts parts,
            AutoCloseable folderLock,
            Threads threads,
            SegmentLog log,
            SpoolFolder spool,
            ArchiveFiles archive,
            DerivedView view) {
        this.disk = parts.disk;
        this.loop = parts.loop;
        this.settings = parts.settings;
        this.failure = parts.failure;
        this.gate = parts.gate;
        this.folderLock = folderLock;
        this.threads = threads;
        this.log = log;
        this.spool = spool;
        this.archive = archive;
        this.view = view;
    }

    private record Parts(
            Disk disk,
            Clock clock,
            Randomness random,
            Loop loop,
            StoreEvents events,
            StoreSettings settings,
            Failure failure,
            DiskGate gate) {}

    /** What the log calls back before the store that owns it exists. */
    private static final class Bridge implements SegmentLog.Watcher {
        private final DerivedView view;
        private @Nullable LogMessageStore store;

        Bridge(DerivedView view) {
            this.view = view;
        }

        @Override
        public void changed(int kind, long key, long number, boolean wasThere, boolean isThere) {
            Optional<Kind> known = Kind.ofNumber(kind);
            if (known.isPresent()) {
                view.changed(known.get(), key, number, wasThere, isThere);
            }
        }

        @Override
        public void unused(SpoolId id) {
            LogMessageStore open = store;
            if (open != null) {
                open.spool.unused(id);
            }
        }

        void wake() {
            LogMessageStore open = store;
            if (open != null) {
                open.wake();
            }
        }
    }

    /**
     * Opens the store in {@code disk}'s root, makes it when the folder is empty, recovers what a crash left.
     *
     * @param loop where every {@code durable} runs
     * @param events told of damage found while opening, too
     * @return the store; or {@code DATA_IN_USE} with the other's process id, {@code STORE_UNREADABLE}, {@code STORE_NEWER} (nothing written to the
     *     folder), {@code WRITE_FAILED} or {@code FSYNC_FAILED}
     */
    public static Result<LogMessageStore> open(
            Disk disk, Clock clock, Randomness random, Loop loop, StoreEvents events, StoreSettings settings) {
        Failure failure = new Failure(events);
        Parts parts = new Parts(
                disk, clock, random, loop, events, settings, failure, new DiskGate(disk, clock, settings.thresholds()));
        AutoCloseable folderLock = null;
        Result<SegmentLog.Found> looked;
        try {
            folderLock = disk.lock("lock").orElse(null);
            if (folderLock == null) {
                return Result.no(ErrorCode.DATA_IN_USE, "in use by process {0}", holder(disk));
            }
            looked = SegmentLog.look(disk, random);
        } catch (IOException unreadable) {
            looked = Result.no(
                    ErrorCode.STORE_UNREADABLE, "the folder cannot be read: {0}", Detail.technical(unreadable));
        }
        if (looked instanceof Result.No<SegmentLog.Found> no) {
            unlock(folderLock);
            return Result.no(no.refusal());
        }
        Threads threads = Threads.start(settings.threads(), failure);
        try {
            return Result.ok(open(parts, java.util.Objects.requireNonNull(folderLock), threads, looked.orBug()));
        } catch (IOException dead) {
            threads.stop();
            unlock(folderLock);
            return Result.no(failure.fail(ErrorCode.WRITE_FAILED, "opening the store", dead));
        }
    }

    private static LogMessageStore open(Parts parts, AutoCloseable folderLock, Threads threads, SegmentLog.Found found)
            throws IOException {
        Disk disk = parts.disk;
        StoreSettings settings = parts.settings;
        writeHolder(disk, settings.processId());
        DerivedView view = settings.databaseFolder().isPresent()
                ? SqliteView.open(
                        settings.databaseFolder().get(), found.identity(), settings.projection(), parts.events)
                : new MemoryView(settings.projection());
        Bridge bridge = new Bridge(view);
        SegmentLog log = SegmentLog.open(
                new SegmentLog.Surroundings(
                        disk,
                        parts.clock,
                        parts.random,
                        parts.events,
                        settings,
                        parts.failure,
                        parts.gate,
                        bridge,
                        threads.helper(),
                        bridge::wake),
                found);
        SpoolFolder spool = new SpoolFolder(
                disk,
                parts.clock,
                parts.events,
                parts.failure,
                log.identity(),
                log::newKey,
                log.quarantine(),
                (batch, durable) ->
                        java.util.Objects.requireNonNull(bridge.store).submit(batch, durable),
                threads.helper());
        Map<Long, Bytes> partials = new TreeMap<>();
        log.forEach(Kind.PARTIAL, partials::put);
        spool.start(log.spoolUses(), partials);
        ArchiveFiles archive = ArchiveFiles.open(
                disk,
                parts.clock,
                parts.loop,
                parts.events,
                parts.failure,
                log.identity(),
                log.quarantine(),
                threads.archive(),
                settings.databaseFolder());
        LogMessageStore store = new LogMessageStore(parts, folderLock, threads, log, spool, archive, view);
        bridge.store = store;
        view.start(new LogReader() {
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
        });
        store.start();
        return store;
    }

    private static String holder(Disk disk) throws IOException {
        Optional<Disk.File> found = disk.openExisting("lock.pid");
        if (found.isEmpty()) {
            return "unknown";
        }
        try (Disk.File file = found.get()) {
            ByteBuffer in = ByteBuffer.allocate(20);
            file.read(0, in);
            String text = new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII).strip();
            return text.matches("[0-9]{1,19}") ? text : "unknown";
        }
    }

    private static void writeHolder(Disk disk, long processId) throws IOException {
        try (Disk.File file = disk.open("lock.pid")) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap((processId + "\n").getBytes(StandardCharsets.US_ASCII)));
        }
    }

    private static void unlock(@Nullable AutoCloseable folderLock) {
        if (folderLock != null) {
            try {
                folderLock.close();
            } catch (Exception alreadyGone) {
                throw new Bug("folder lock", alreadyGone);
            }
        }
    }

    private void start() {
        if (settings.threads()) {
            Thread thread = new Thread(this::writeAll, "store-log");
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((dead, bug) -> failure.bug(bug));
            writer = thread;
            thread.start();
        } else {
            loop.atEndOfTurn(this::endOfTurn);
            if (log.hasWork()) {
                wake();
            }
        }
    }

    // ------------------------------------------------------------------ doors

    @Override
    public long newKey() {
        return log.newKey();
    }

    @Override
    public Optional<Bytes> read(Kind kind, long key) {
        return log.read(kind.number(), key);
    }

    @Override
    public void forEach(Kind kind, Visitor visitor) {
        log.forEach(kind, visitor);
    }

    @Override
    public int count(Kind kind) {
        return log.count(kind);
    }

    @Override
    public void submit(Batch batch, Runnable durable) {
        batch.handOver();
        List<Batch.Change> changes = batch.changes();
        List<Batch.Change> more = new ArrayList<>();
        for (Batch.Change change : changes) {
            if (change instanceof Batch.Put put && put.spool() != null) {
                spool.partialOf(put.spool()).ifPresent(more::add);
            }
        }
        if (!more.isEmpty()) {
            more.addAll(0, changes);
            changes = more;
        }
        Invariant.check(
                SegmentLog.bytesOf(changes) <= log.groupBytesMax(),
                "batch of %d bytes for segments of %d",
                batch.bytes(),
                settings.segmentBytes());
        enqueue(new Queued(changes, durable, null));
    }

    private void enqueue(Queued queued) {
        lock.lock();
        try {
            if (closing || failure.isFailed()) {
                return;
            }
            queue.add(queued);
            arrived.signal();
        } finally {
            lock.unlock();
        }
        if (!settings.threads()) {
            wake();
        }
    }

    @Override
    public Spool spool() {
        return spool;
    }

    @Override
    public Archive archive() {
        return archive;
    }

    @Override
    public View view() {
        return view;
    }

    @Override
    public DiskGate gate() {
        return gate;
    }

    @Override
    public StoreStatus status() {
        int queued;
        lock.lock();
        try {
            queued = queue.size();
        } finally {
            lock.unlock();
        }
        SegmentLog.Figures figures = log.figures();
        return new StoreStatus(
                failure.reason().map(refusal -> refusal.reason()),
                stalled,
                gate.level(),
                gate.freeBytes(),
                gate.totalBytes(),
                figures.segments(),
                figures.usedBytes(),
                figures.liveBytes(),
                figures.liveValues(),
                log.durableNumber(),
                queued,
                Duration.ofNanos(log.lastSyncNanos()),
                log.quarantine().count(),
                figures.spoolFiles(),
                spool.orphansRemoved(),
                Math.max(0, log.durableNumber() - Math.max(0, view.applied())));
    }

    // ------------------------------------------------------------------ group commit

    private void wake() {
        if (settings.threads()) {
            lock.lock();
            try {
                arrived.signal();
            } finally {
                lock.unlock();
            }
            return;
        }
        boolean ask;
        lock.lock();
        try {
            ask = !turnAsked && !closed;
            turnAsked = true;
        } finally {
            lock.unlock();
        }
        if (ask) {
            // Any task makes a turn, and so an end of turn.
            loop.execute(() -> {});
        }
    }

    private void writeAll() {
        boolean proven = true;
        while (true) {
            List<Queued> group;
            lock.lock();
            try {
                if (queue.isEmpty() && !log.hasWork() && !proven && !failure.isFailed()) {
                    lock.unlock();
                    try {
                        log.prove();
                    } finally {
                        lock.lock();
                    }
                    proven = true;
                }
                while (queue.isEmpty() && !closing && !log.hasWork()) {
                    arrived.awaitUninterruptibly();
                }
                if (failure.isFailed() || closing && queue.isEmpty()) {
                    queue.clear();
                    return;
                }
                group = takeGroup();
            } finally {
                lock.unlock();
            }
            if (commit(group)) {
                proven = false;
            } else if (stalled) {
                waitForRoom();
            }
        }
    }

    private void waitForRoom() {
        lock.lock();
        try {
            if (closing) {
                queue.clear();
                return;
            }
            for (long left = STALL_NANOS; left > 0 && !closing; ) {
                left = arrived.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Bug("store thread interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    private List<Queued> takeGroup() {
        List<Queued> group = new ArrayList<>();
        int limit = Math.min(GROUP_BYTES, log.groupBytesMax());
        int bytes = 0;
        while (!queue.isEmpty()) {
            Queued next = queue.element();
            int more = SegmentLog.bytesOf(next.changes);
            if (!group.isEmpty() && (bytes + more > limit || next.linking != null)) {
                break;
            }
            group.add(queue.remove());
            bytes += more;
            if (next.linking != null) {
                break;
            }
        }
        return group;
    }

    /** False when the group is not durable: put back when there is only no room, gone when the store has failed. */
    private boolean commit(List<Queued> group) {
        SegmentLog.Outcome outcome =
                log.commit(group.stream().map(Queued::changes).toList());
        stalled = outcome == SegmentLog.Outcome.STALLED;
        if (outcome == SegmentLog.Outcome.DURABLE) {
            if (!group.isEmpty() && group.get(0).linking != null) {
                close(group.get(0));
            } else if (!group.isEmpty()) {
                loop.execute(() -> group.forEach(queued -> queued.durable.run()));
            }
            return true;
        }
        lock.lock();
        try {
            if (stalled) {
                for (int i = group.size() - 1; i >= 0; i--) {
                    queue.addFirst(group.get(i));
                }
            } else {
                queue.clear();
            }
        } finally {
            lock.unlock();
        }
        return false;
    }

    private void endOfTurn() {
        boolean any = false;
        while (true) {
            List<Queued> group;
            lock.lock();
            try {
                turnAsked = false;
                if (closed || failure.isFailed() || queue.isEmpty() && !log.hasWork()) {
                    break;
                }
                group = takeGroup();
            } finally {
                lock.unlock();
            }
            if (!commit(group)) {
                if (stalled) {
                    loop.schedule(STALL_NANOS, () -> {});
                }
                return;
            }
            any = true;
        }
        if (any) {
            log.prove();
        }
    }

    // ------------------------------------------------------------------ backup and end

    @Override
    public long backup(String folder) {
        CompletableFuture<Long> linked = new CompletableFuture<>();
        Queued closing = new Queued(List.of(), () -> {}, new Linking(folder, linked));
        if (settings.threads()) {
            enqueue(closing);
        } else {
            endOfTurn();
            close(closing);
        }
        while (!failure.isFailed() && !isClosing()) {
            try {
                return linked.get(1, TimeUnit.SECONDS);
            } catch (TimeoutException notYet) {
                // Look again whether there is anybody left to do it.
            } catch (ExecutionException | InterruptedException e) {
                throw new Bug("backup", e);
            }
        }
        return 0;
    }

    /**
     * By the committing thread: the segment is closed, and what the log needs at this moment is linked by the helper, which also removes files: whatever
     * goes after this moment is removed after it was linked.
     */
    private void close(Queued closing) {
        Linking linking = java.util.Objects.requireNonNull(closing.linking);
        boolean closed = log.closeSegment();
        List<String> segments = closed ? log.closedPaths() : List.of();
        threads.helper().execute(() -> linking.done.complete(closed ? link(linking.folder, segments) : 0));
    }

    /** Bytes linked; 0 when it cannot be done, which is nothing to stop for. */
    private long link(String folder, List<String> segments) {
        long bytes = 0;
        try {
            for (String part : List.of("log", "spool", "archive")) {
                disk.makeFolder(folder + "/" + part);
            }
            List<String> paths = new ArrayList<>(segments);
            paths.addAll(spool.paths());
            paths.addAll(archive.paths());
            paths.add(SegmentLog.IdentityFile.NAME);
            for (String path : paths) {
                Optional<Disk.File> found = disk.openExisting(path);
                if (found.isPresent()) {
                    try (Disk.File file = found.get()) {
                        bytes += file.size();
                    }
                    disk.link(path, folder + "/" + path);
                }
            }
            for (String part : List.of("/log", "/spool", "/archive", "")) {
                disk.syncFolder(folder + part);
            }
        } catch (IOException cannot) {
            return 0;
        }
        return bytes;
    }

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            if (settings.threads()) {
                closing = true;
                arrived.signalAll();
            }
        } finally {
            lock.unlock();
        }
        Thread thread = writer;
        if (thread != null) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Bug("interrupted while closing the store", e);
            }
        } else {
            endOfTurn();
            lock.lock();
            try {
                closing = true;
                closed = true;
            } finally {
                lock.unlock();
            }
        }
        view.close();
        threads.stop();
        archive.close();
        log.close();
        unlock(folderLock);
    }
}
