package lienthong.gateway.lab.proof.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Damage;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.log.LogMessageStore;
import org.jspecify.annotations.Nullable;

/**
 * Lives {@code STEPS} steps of the life with {@code SEED} in {@code $PROOF_DATA}, several under way at once, and writes to
 * {@code $PROOF_LEDGER/life.tsv}: {@code seed S}, {@code tried N} before a step is submitted, {@code done N} when the store says it is durable.
 * Exit code: 0, or the store's own when it fails, which nothing may follow.
 */
public final class StoreLifeMain {
    static final String LEDGER = "life.tsv";
    private static final int UNDER_WAY = 6;

    private StoreLifeMain() {}

    @SuppressWarnings("SystemExitOutsideMain") // the process is this class
    public static void main(String[] arguments) throws Exception {
        long seed = Long.parseLong(arguments[0]);
        long steps = Long.parseLong(arguments[1]);
        Path data = Path.of(System.getenv("PROOF_DATA"));
        Path ledger = Path.of(System.getenv("PROOF_LEDGER")).resolve(LEDGER);
        System.exit(live(seed, steps, data, ledger));
    }

    /** Gives the exit code. */
    static int live(long seed, long steps, Path data, Path ledgerFile)
            throws IOException, InterruptedException, ExecutionException {
        CompletableFuture<@Nullable ErrorCode> ended = new CompletableFuture<>();
        try (FileChannel ledger = FileChannel.open(ledgerFile, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                RealLoop loop = StoreFolder.loop()) {
            write(ledger, "seed " + seed);
            Result<LogMessageStore> opened = StoreFolder.open(data, loop, new Failing(ended));
            if (!opened.isOk()) {
                return opened.refusal().reason().exitCode();
            }
            LogMessageStore store = opened.orBug();
            Semaphore underWay = new Semaphore(UNDER_WAY);
            Life life = new Life(seed);
            while (life.last() < steps && !ended.isDone()) {
                if (!underWay.tryAcquire(50, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                    continue;
                }
                Life.Step step = life.next();
                write(ledger, "tried " + step.number());
                Result<Long> taken = StoreFolder.perform(store, step, () -> {
                    write(ledger, "done " + step.number());
                    underWay.release();
                });
                if (!taken.isOk()) {
                    return taken.refusal().reason().exitCode();
                }
            }
            while (!ended.isDone() && !underWay.tryAcquire(UNDER_WAY, 50, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                // The store answers or fails.
            }
            if (!ended.isDone()) {
                store.close();
            }
            @Nullable ErrorCode why = ended.getNow(null);
            return why == null ? 0 : why.exitCode();
        }
    }

    private static void write(FileChannel ledger, String line) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                ledger.write(bytes);
            }
        } catch (IOException dead) {
            throw new java.io.UncheckedIOException(dead);
        }
    }

    /** Ends the life when the store has failed. */
    private record Failing(CompletableFuture<@Nullable ErrorCode> ended) implements StoreEvents {
        @Override
        public void failed(ErrorCode reason, String detail) {
            boolean unused = ended.complete(reason);
        }

        @Override
        public void recordDamaged(Damage damage) {}

        @Override
        public void spoolMissing(SpoolId id, Kind kind, long key) {}

        @Override
        public void spoolOrphans(int files, long bytes) {}

        @Override
        public void segmentMissing(long segment) {}

        @Override
        public void rebuilding(String what, String why) {}
    }
}
