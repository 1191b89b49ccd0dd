package lienthong.gateway.store;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import lienthong.gateway.message.ErrorCode;

/** Keeps what the store said. */
public final class RecordedEvents implements StoreEvents {
    public final List<ErrorCode> failures = new CopyOnWriteArrayList<>();
    public final List<Damage> damages = new CopyOnWriteArrayList<>();
    public final List<SpoolId> missing = new CopyOnWriteArrayList<>();
    public final List<Integer> orphans = new CopyOnWriteArrayList<>();
    public final List<Long> segmentsMissing = new CopyOnWriteArrayList<>();
    public final List<String> rebuilt = new CopyOnWriteArrayList<>();

    @Override
    public void failed(ErrorCode reason, String detail) {
        failures.add(reason);
    }

    @Override
    public void recordDamaged(Damage damage) {
        damages.add(damage);
    }

    @Override
    public void spoolMissing(SpoolId id, Kind kind, long key) {
        missing.add(id);
    }

    @Override
    public void spoolOrphans(int files, long bytes) {
        orphans.add(files);
    }

    @Override
    public void segmentMissing(long segment) {
        segmentsMissing.add(segment);
    }

    @Override
    public void rebuilding(String what, String why) {
        rebuilt.add(what + ": " + why);
    }
}
