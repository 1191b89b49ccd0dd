package lienthong.gateway.store.record;

import java.io.IOException;
import java.util.Optional;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.store.StoreEvents;
import org.jspecify.annotations.Nullable;

/** Whether the store has failed. The first failure is final and told once: a second fsync after a failed one would lie. Thread-safe. */
public final class Failure {
    private final StoreEvents events;
    private volatile @Nullable Refusal reason;

    public Failure(StoreEvents events) {
        this.events = events;
    }

    /** A disk operation that must work. */
    @FunctionalInterface
    public interface DiskWork {
        void run() throws IOException;
    }

    /** Marks the store as failed: {@code FSYNC_FAILED} for a failed sync, else {@code otherwise}. */
    public Refusal fail(ErrorCode otherwise, String what, IOException cause) {
        ErrorCode code = cause instanceof SyncFailed ? ErrorCode.FSYNC_FAILED : otherwise;
        return end(Refusal.of(code, "{0}: {1}", what, Detail.technical(cause)));
    }

    /** A bug in one of the store's own threads: it cannot go on without it. */
    public void bug(Throwable bug) {
        end(Refusal.of(ErrorCode.UNCAUGHT, "store: {0}", bug));
    }

    private Refusal end(Refusal refusal) {
        synchronized (this) {
            Refusal first = reason;
            if (first != null) {
                return first;
            }
            reason = refusal;
        }
        events.failed(refusal.reason(), refusal.detail());
        return refusal;
    }

    /** Does it, or fails the store with {@code code}; false when the store has failed, now or before. */
    public boolean attempt(ErrorCode code, String what, DiskWork work) {
        if (isFailed()) {
            return false;
        }
        try {
            work.run();
            return true;
        } catch (IOException dead) {
            fail(code, what, dead);
            return false;
        }
    }

    public boolean isFailed() {
        return reason != null;
    }

    public Optional<Refusal> reason() {
        return Optional.ofNullable(reason);
    }
}
