package lienthong.gateway.lab.proof.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Batch;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.Row;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.log.LogMessageStore;

/** The real store on a real folder, with its own threads, small segments, and its view in memory. */
final class StoreFolder {
    /** Small: a short life fills, closes and copies forward many segments. */
    private static final int SEGMENT_BYTES = 64 * 1024;

    static final Kind KIND = Kind.BODY;

    private StoreFolder() {}

    private enum Nothing implements Projection {
        INSTANCE;

        @Override
        public java.util.Set<Kind> kinds() {
            return java.util.Set.of();
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Optional<Row> row(Kind kind, long key, lienthong.gateway.message.Bytes value) {
            return Optional.empty();
        }
    }

    static RealLoop loop() {
        return RealLoop.start("store-life", 1, thrown -> {
            throw new Bug("the store's loop failed", thrown);
        });
    }

    static Result<LogMessageStore> open(Path folder, RealLoop loop, StoreEvents events) {
        StoreSettings server = StoreSettings.server(
                        folder, ProcessHandle.current().pid(), Nothing.INSTANCE)
                .withSegmentBytes(SEGMENT_BYTES);
        StoreSettings settings = new StoreSettings(
                true,
                server.segmentBytes(),
                server.compactBelowPercent(),
                server.processId(),
                Optional.empty(),
                server.projection(),
                server.thresholds());
        return LogMessageStore.open(RealDisk.at(folder), Clock.real(), Randomness.real(), loop, events, settings);
    }

    /** Does a step; a store that refuses is the value's refusal. */
    static Result<Long> perform(MessageStore store, Life.Step step, Runnable durable) {
        Batch batch = new Batch();
        if (step.isDrop()) {
            batch.drop(KIND, step.key());
        } else if (step.spoolLength() == 0) {
            batch.put(KIND, step.key(), step.value(0));
        } else {
            Result<SpoolId> spooled = spool(store, step);
            if (!spooled.isOk()) {
                return Result.no(spooled.refusal());
            }
            SpoolId id = spooled.orBug();
            batch.put(KIND, step.key(), step.value(id.value()), id);
        }
        store.submit(batch, durable);
        return Result.ok(step.number());
    }

    private static Result<SpoolId> spool(MessageStore store, Life.Step step) {
        Result<Spool.Writer> begun = store.spool().begin();
        if (!begun.isOk()) {
            return Result.no(begun.refusal());
        }
        try (Spool.Writer writer = begun.orBug()) {
            Result<Long> written = writer.write(0, ByteBuffer.wrap(step.spooled()));
            return written.isOk() ? writer.finish() : Result.no(written.refusal());
        }
    }
}
