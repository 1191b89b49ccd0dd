package lienthong.gateway.lab.simulate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a seed has in store: how large the province is, how long faults last, which of them exist at all, and what happens when. A run with every
 * fault at once hides what needs calm, so most seeds draw a few.
 *
 * @param activeNanos faults end then
 * @param segmentBytes of the stores' logs: small ones turn over
 * @param bytesMax of a message
 */
record Plan(long seed, int nodes, long activeNanos, int segmentBytes, int bytesMax, List<Deed> deeds) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;
    private static final int LARGE_ONE_IN = 20;
    /** Of the faults that are drawn apart each exists in one seed of so many. */
    private static final int APART_ONE_IN = 8;

    private static final int NODES = 5;
    private static final int NODES_OF_A_LARGE_ONE = 171;

    Plan {
        deeds = List.copyOf(deeds);
    }

    /** Whether the seed makes a province of 171. */
    static boolean isLarge(long seed) {
        return Math.floorMod(seed, LARGE_ONE_IN) == LARGE_ONE_IN - 1;
    }

    static Plan of(long seed) {
        Chance chance = Chance.of(seed, 10);
        return isLarge(seed) ? storm(seed, chance) : usual(seed, chance);
    }

    /** The same with other deeds. */
    Plan with(List<Deed> others) {
        return new Plan(seed, nodes, activeNanos, segmentBytes, bytesMax, others);
    }

    /** The same in a small province, as far as there is one. */
    Plan small() {
        return new Plan(seed, NODES, activeNanos, segmentBytes, bytesMax, deeds);
    }

    /** The same in half of the time. */
    Plan quick() {
        List<Deed> sooner = deeds.stream()
                .map(deed -> new Deed(deed.at() / 2, deed.what(), deed.place(), deed.amount(), deed.chance()))
                .toList();
        return new Plan(seed, nodes, activeNanos / 2, segmentBytes, bytesMax, sooner);
    }

    /** As the seed was before there were faults that are drawn apart. */
    Plan withoutThoseDrawnApart() {
        return with(deeds.stream().filter(deed -> !deed.what().isDrawnApart()).toList());
    }

    /** Whether so much time passes that keys grow old. */
    boolean lastsWeeks() {
        return deeds.stream().anyMatch(deed -> deed.what() == Deed.What.WEEKS);
    }

    /** Whether keys or directory change, so that each node needs its own. */
    boolean changesKeys() {
        return deeds.stream().anyMatch(deed -> deed.what().changesKeys());
    }

    private static Plan usual(long seed, Chance chance) {
        long active = chance.between(20, 180) * SECOND;
        List<Deed> deeds = new ArrayList<>();
        // A commit must fit into a segment: where they are small messages are too, and more of them, so that they turn
        // over.
        boolean turnsOver = chance.oneIn(8);
        int sends = (int) (turnsOver ? chance.between(12, 20) : chance.between(2, 6));
        for (int i = 0; i < sends; i++) {
            deeds.add(new Deed(
                    chance.between(0, active),
                    chance.oneIn(4) ? Deed.What.BURST : Deed.What.SEND,
                    chance.below(NODES),
                    chance.between(1, 3),
                    chance.number()));
        }
        Set<Deed.What> exist = EnumSet.noneOf(Deed.What.class);
        int density = chance.below(5);
        for (Deed.What what : Deed.What.values()) {
            if (what.isFault() && !what.isDrawnApart() && chance.below(9) <= density) {
                exist.add(what);
            }
        }
        for (Deed.What what : exist) {
            int times = (int) chance.between(1, 3);
            for (int i = 0; i < times; i++) {
                deeds.add(new Deed(
                        chance.between(0, active),
                        what,
                        what.isOfASite() ? chance.below(NODES) : chance.below(NODES - 1),
                        amount(what, chance),
                        chance.number()));
            }
        }
        deeds.addAll(drawnApart(active, Chance.of(seed, 11)));
        deeds.sort(Comparator.comparingLong(Deed::at));
        return new Plan(seed, NODES, active, (turnsOver ? 128 : 512) * 1024, turnsOver ? 2_000 : 1_500_000, deeds);
    }

    private static List<Deed> drawnApart(long active, Chance chance) {
        List<Deed> deeds = new ArrayList<>();
        for (Deed.What what : Deed.What.values()) {
            if (what.isDrawnApart() && chance.oneIn(APART_ONE_IN)) {
                int times = chance.oneIn(4) ? 2 : 1;
                for (int i = 0; i < times; i++) {
                    deeds.add(new Deed(
                            chance.between(0, active),
                            what,
                            chance.below(NODES),
                            what == Deed.What.WEEKS
                                    ? chance.between(5, 75) * DAY
                                    : chance.between(SECOND / 10, 60 * SECOND),
                            chance.number()));
                }
            }
        }
        return deeds;
    }

    private static long amount(Deed.What what, Chance chance) {
        return switch (what) {
            case KILL_INSIDE, POWER_INSIDE -> chance.between(1, 60);
            case FSYNC -> chance.between(1, 8);
            case READ -> chance.between(1, 6);
            case CLOCK ->
                (chance.coin() ? 1 : -1) * List.of(10L, 3_600L, 86_400L).get(chance.below(3)) * SECOND;
            case DRIFT -> chance.between(-50_000, 50_000);
            default -> chance.between(SECOND / 10, 60 * SECOND);
        };
    }

    /** Everybody's power goes at once, and comes back within a minute, with queues everywhere. */
    private static Plan storm(long seed, Chance chance) {
        List<Deed> deeds = new ArrayList<>();
        int sends = (int) chance.between(20, 40);
        for (int i = 0; i < sends; i++) {
            deeds.add(new Deed(
                    chance.between(0, 4 * SECOND),
                    Deed.What.SEND,
                    chance.below(NODES_OF_A_LARGE_ONE),
                    1,
                    chance.number()));
        }
        deeds.add(
                new Deed(chance.between(2 * SECOND, 5 * SECOND), Deed.What.POWER_ALL, 0, 60 * SECOND, chance.number()));
        deeds.sort(Comparator.comparingLong(Deed::at));
        return new Plan(seed, NODES_OF_A_LARGE_ONE, 66 * SECOND, 256 * 1024, 1_500, deeds);
    }
}
