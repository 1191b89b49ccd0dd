package lienthong.gateway.lab.proof;

/**
 * What each office sends while faults strike.
 *
 * @param openMax messages without an end at most, per office
 * @param perSecond new messages in a second at most, per office
 * @param spooledPerMille of a thousand, so many have 60 to 70 KiB: around the size from which a payload is spooled
 * @param largePerMille of a thousand, so many have {@code largeBytes}
 * @param largeBytes length of a large one
 * @param samplesMax messages of each office whose evidence is checked at the end, at most; the newest
 * @param diesOnceIn one in so many hand-overs ends with the receiving program's death before its acknowledgement; 0 for none
 */
record LoadPlan(
        int openMax,
        int perSecond,
        int spooledPerMille,
        int largePerMille,
        int largeBytes,
        int samplesMax,
        int diesOnceIn) {
    private static final int LARGE_BYTES = 20_000_000;

    /** For long runs: 1 KiB, around the spool limit, now and then 20 MB. */
    static LoadPlan full() {
        return new LoadPlan(2_000, 200, 20, 1, LARGE_BYTES, 64, 2_000);
    }

    /** For many offices on one machine: queues that grow while nodes are away. */
    static LoadPlan crowd() {
        return new LoadPlan(500, 20, 20, 1, 5_000_000, 4, 2_000);
    }

    /** Long transfers at any moment, so that whatever strikes finds some under way. */
    static LoadPlan transfers() {
        return new LoadPlan(100, 8, 40, 20, LARGE_BYTES, 8, 500);
    }

    /** For the loss of a hub with thousands of messages in its custody: the same, and more of them under way. */
    static LoadPlan loss() {
        return new LoadPlan(8_000, 300, 10, 1, LARGE_BYTES, 64, 2_000);
    }

    /** For long runs over links that are slow or away: bulk all the time, and no more than they carry. */
    static LoadPlan overLinks() {
        return new LoadPlan(300, 20, 20, 1, LARGE_BYTES, 8, 2_000);
    }

    /** A little of everything but large ones, beside something that is heavy itself. */
    static LoadPlan light() {
        return new LoadPlan(50, 5, 20, 0, 0, 4, 500);
    }

    /** For the slice in the build: the same shapes, the large ones of 2 MB. */
    static LoadPlan slice() {
        return new LoadPlan(200, 12, 30, 4, 2_000_000, 1, 100);
    }

    /** Where each strike costs a start: small and spooled ones, so few that they do not pile up meanwhile. */
    static LoadPlan few() {
        return new LoadPlan(100, 4, 200, 2, 2_000_000, 1, 100);
    }
}
