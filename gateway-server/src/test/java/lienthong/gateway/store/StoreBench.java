package lienthong.gateway.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.log.LogMessageStore;

/** One store of one kind, which can be closed, killed and opened again. */
public abstract class StoreBench implements AutoCloseable {
    /** Segments small enough that a test fills many. */
    public static final int SEGMENT_BYTES = 64 * 1024;

    public final RecordedEvents events = new RecordedEvents();
    public Projection projection = TestProjection.INSTANCE;

    public abstract Disk disk();

    public abstract Result<LogMessageStore> tryOpen();

    public LogMessageStore open() {
        return tryOpen().orBug();
    }

    /** Submits and waits until it is durable. */
    public abstract void commit(MessageStore store, Batch batch);

    /** Lets everything that was submitted become durable. */
    public abstract void settle(MessageStore store);

    @Override
    public void close() {}

    /** Shows a value "direction sender recipients state created" as a line. */
    public enum TestProjection implements Projection {
        INSTANCE;

        @Override
        public java.util.Set<Kind> kinds() {
            return java.util.Set.of(Kind.HEAD);
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Optional<Row> row(Kind kind, long key, Bytes value) {
            List<String> words = List.of(value.utf8().split(";"));
            return words.size() < 5
                    ? Optional.empty()
                    : Optional.of(new Row(
                            key,
                            "id" + key,
                            words.get(0),
                            words.get(1),
                            words.get(2),
                            "document",
                            0,
                            words.get(3),
                            Long.parseLong(words.get(4)),
                            0,
                            value.size(),
                            ""));
        }
    }

    /** Real files, own threads, SQLite. */
    public static final class Real extends StoreBench {
        private final Path folder;
        private final RealLoop loop = RealLoop.start("store-test", 1, thrown -> {
            throw new AssertionError(thrown);
        });

        public Real(Path folder) {
            this.folder = folder;
        }

        @Override
        public Disk disk() {
            return RealDisk.at(folder);
        }

        public Path folder() {
            return folder;
        }

        @Override
        public Result<LogMessageStore> tryOpen() {
            StoreSettings settings =
                    StoreSettings.server(folder, 4711, projection).withSegmentBytes(SEGMENT_BYTES);
            return LogMessageStore.open(disk(), Clock.real(), Randomness.real(), loop, events, settings);
        }

        @Override
        public void commit(MessageStore store, Batch batch) {
            CountDownLatch done = new CountDownLatch(1);
            store.submit(batch, done::countDown);
            await(done);
        }

        @Override
        public void settle(MessageStore store) {
            CountDownLatch done = new CountDownLatch(1);
            store.submit(new Batch(), done::countDown);
            await(done);
        }

        public static void await(CountDownLatch done) {
            try {
                if (!done.await(30, TimeUnit.SECONDS)) {
                    throw new AssertionError("not durable within 30 s");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            loop.close();
        }
    }

    /** A disk that forgets, no threads, nothing outside. */
    public static final class Simulated extends StoreBench {
        public final SimulatedDisk disk = new SimulatedDisk();
        public final TurnLoop loop;
        private final SeededRandomness random;
        public int segmentBytes = SEGMENT_BYTES;

        public Simulated(long seed) {
            this(seed, new TurnLoop());
        }

        /** A new disk for a node whose time goes on. */
        public Simulated(long seed, TurnLoop loop) {
            this.loop = loop;
            random = new SeededRandomness(seed);
        }

        @Override
        public SimulatedDisk disk() {
            return disk;
        }

        @Override
        public Result<LogMessageStore> tryOpen() {
            return LogMessageStore.open(
                    disk,
                    loop,
                    random,
                    loop,
                    events,
                    StoreSettings.simulated(projection).withSegmentBytes(segmentBytes));
        }

        @Override
        public void commit(MessageStore store, Batch batch) {
            AtomicInteger done = new AtomicInteger();
            store.submit(batch, done::incrementAndGet);
            loop.run();
            if (done.get() != 1) {
                throw new AssertionError("durable ran " + done.get() + " times");
            }
        }

        @Override
        public void settle(MessageStore store) {
            loop.run();
        }

        /** The node dies with its power. */
        public void crash(long seed) {
            loop.forget();
            disk.crash(seed);
        }

        /** Only the process dies. */
        public void kill() {
            loop.forget();
            disk.kill();
        }
    }
}
