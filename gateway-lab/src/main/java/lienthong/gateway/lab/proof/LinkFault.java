package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.LinkEmulator;
import lienthong.gateway.lab.province.LinkEmulator.End;

/**
 * The links between hub and districts are cut, in both directions or one, slow, late, lossy, doubled and out of order for a while, or a connection
 * over them is reset or left half-open. A strike counts when it changed what happened to a packet. Used by one thread.
 */
final class LinkFault implements Fault {
    /** A reset waits so long for a large message to be under way over its link, and then for a packet to take its place. */
    private static final int RESET_MILLIS_MAX = 5_000;

    private static final int LOOK_MILLIS = 50;
    /** More than this between two looks is a large message on its way. */
    private static final long BUSY_BYTES = 16 * 1024;

    private final String line;
    private final int gapMillis;
    private final int longestMillis;

    /** What may happen to a link. */
    private enum Trouble {
        CUT("cut", "cut", false),
        ONE_WAY("cut %s", "cut", false),
        SLOW("set rate=64kbit", "delivered", false),
        LATE("set delay=600ms", "delivered", false),
        LOSSY("set loss=10%%", "lost", false),
        DOUBLED("set duplicate=10%%", "duplicated", false),
        REORDERED("set delay=40ms reorder=25%%", "reordered", false),
        RESET("reset %s", "reset", true),
        HALF_OPEN("half %s", "reset", true);

        private final String order;
        private final String count;
        private final boolean once;

        /** @param count of packets that rises when it struck */
        Trouble(String order, String count, boolean once) {
            this.order = order;
            this.count = count;
            this.once = once;
        }

        /** Half of all are cuts, a quarter end a connection. */
        static Trouble draw(Random random) {
            return switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> CUT;
                case 4 -> ONE_WAY;
                case 5, 6 -> RESET;
                case 7 -> HALF_OPEN;
                case 8 -> SLOW;
                case 9 -> LATE;
                case 10 -> LOSSY;
                default -> random.nextBoolean() ? DOUBLED : REORDERED;
            };
        }
    }

    /**
     * @param line what a link is like while nothing strikes it, as an order
     * @param gapMillis between two strikes, at most
     * @param longestMillis of a strike
     */
    private LinkFault(String line, int gapMillis, int longestMillis) {
        this.line = line;
        this.gapMillis = gapMillis;
        this.longestMillis = longestMillis;
    }

    /** For long runs: of a tenth of a second to a minute. */
    static LinkFault full() {
        return new LinkFault("set rate=40mbit delay=5ms loss=0 duplicate=0 reorder=0", 5_000, 60_000);
    }

    /** For the slice in the build. */
    static LinkFault slice() {
        return new LinkFault("set rate=20mbit delay=5ms loss=0 duplicate=0 reorder=0", 500, 1_500);
    }

    @Override
    public String kind() {
        return "link";
    }

    @Override
    public Fault brief() {
        return slice();
    }

    @Override
    public Means<LinkGround> ground(Kind.Setting setting, Random random) throws IOException, InterruptedException {
        return LinkGround.make(setting.home(), random.nextLong() >>> 1, line);
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        List<LinkEmulator> links = network.ground(LinkGround.class).links();
        while (!limit.isReached(watch.strikes())) {
            watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(gapMillis)));
            LinkEmulator link = links.get(random.nextInt(links.size()));
            Trouble trouble = Trouble.draw(random);
            End from = random.nextBoolean() ? End.A : End.B;
            String order = String.format(Locale.ROOT, trouble.order, from.outward());
            long millis = length(random);
            long before = count(link, trouble);
            if (trouble.once) {
                awaitBusy(link, watch);
                link.order(order);
                for (int waited = 0;
                        waited < RESET_MILLIS_MAX && count(link, trouble) == before;
                        waited += LOOK_MILLIS) {
                    watch.pause(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
                }
            } else {
                link.order(order);
                watch.pause(limit.within(TimeUnit.MILLISECONDS.toNanos(millis)));
                link.order("heal");
                link.order(line);
            }
            if (count(link, trouble) > before) {
                watch.struck();
            }
        }
    }

    /** As often between a tenth of a second and one as between one and ten. */
    private long length(Random random) {
        double shortest = Math.log(100);
        return Math.round(Math.exp(shortest + random.nextDouble() * (Math.log(longestMillis) - shortest)));
    }

    private static void awaitBusy(LinkEmulator link, Watch watch) throws IOException, InterruptedException {
        long last = link.counts().getOrDefault("carried", 0L);
        for (int waited = 0; waited < RESET_MILLIS_MAX; waited += LOOK_MILLIS) {
            watch.pause(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
            long now = link.counts().getOrDefault("carried", 0L);
            if (now - last > BUSY_BYTES) {
                return;
            }
            last = now;
        }
    }

    private static long count(LinkEmulator link, Trouble trouble) throws IOException {
        return link.counts().getOrDefault(trouble.count, 0L);
    }

    /** What a node has of a large message when its connection ends stays: none of it comes a second time. */
    @Override
    public List<String> atRest(ProofNetwork network, LabTexts texts, Random random, Watch watch) {
        List<String> broken = new ArrayList<>();
        long resumed = 0;
        for (LabNode node : network.nodes()) {
            long again = node.counter("transfer_bytes") - node.counter("transfer_bytes_kept");
            resumed += node.counter("resumed_transfers");
            if (again != 0) {
                broken.add(texts.text("proof.link-again", node.code(), again));
            }
        }
        watch.say(texts.text("proof.link-resumed", resumed));
        return broken;
    }
}
