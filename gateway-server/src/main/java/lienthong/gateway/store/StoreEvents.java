package lienthong.gateway.store;

import lienthong.gateway.message.ErrorCode;

/** What the store has to say besides answers. Called on any thread, also while the store opens; must be quick and must not call the store. */
public interface StoreEvents {
    /** The store has failed for good: nothing more is acknowledged, the process must end with the error's exit code. Called once. */
    void failed(ErrorCode reason, String detail);

    /** A record was found damaged and set aside (LT-5004). Once for each place, also over restarts. */
    void recordDamaged(Damage damage);

    /** A live value names a spool file that is absent, short or foreign (LT-5005). The value is kept. */
    void spoolMissing(SpoolId id, Kind kind, long key);

    /** Spool files that nothing named were removed (LT-5006). */
    void spoolOrphans(int files, long bytes);

    /** A segment that should be there is not: its live values are lost (LT-5004). */
    void segmentMissing(long segment);

    /** View or archive index is made anew from the records, and why. */
    void rebuilding(String what, String why);

    /** For tests and tools that look at the store's answers only. */
    StoreEvents IGNORED = new StoreEvents() {
        @Override
        public void failed(ErrorCode reason, String detail) {}

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
    };
}
