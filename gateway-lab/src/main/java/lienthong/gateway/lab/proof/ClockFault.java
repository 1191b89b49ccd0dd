package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.message.ErrorCode;

/**
 * Clocks of one node, or of all, each its own way, are set ten years or an hour ahead or back, or swing back and forth every second; while
 * they run or before they start. Then they are set right. A node whose clock stands before what it has signed must refuse to start, and only
 * then; where that is because it had run ahead, the operator says that the clock is right now ({@code clock accept}).
 */
final class ClockFault implements Fault {
    private static final List<Duration> WRONG =
            List.of(Duration.ofDays(3_652), Duration.ofDays(-3_652), Duration.ofHours(1), Duration.ofHours(-1));

    /** Of a node's start: by so much its clock may stand before what it signed. */
    private static final Duration TOLERANCE = Duration.ofMinutes(5);

    /** What lies so near the tolerance is not judged: the clock runs on between our look and the node's. */
    private static final Duration UNSURE = Duration.ofMinutes(1);

    private static final Duration ENDS = Duration.ofSeconds(60);
    private static final String SIGNED = "signed ";

    private final int gapMillis;
    private final int holdSeconds;

    /**
     * @param gapMillis between two strikes, at most
     * @param holdSeconds for which clocks are wrong, at most
     */
    ClockFault(int gapMillis, int holdSeconds) {
        this.gapMillis = gapMillis;
        this.holdSeconds = holdSeconds;
    }

    /** For long runs. */
    static ClockFault full() {
        return new ClockFault(2_000, 40);
    }

    /** For the slice in the build. */
    static ClockFault slice() {
        return new ClockFault(300, 2);
    }

    @Override
    public Fault brief() {
        return slice();
    }

    @Override
    public String kind() {
        return "clock";
    }

    @Override
    public Means<? extends Ground> ground(Kind.Setting setting, Random random)
            throws IOException, InterruptedException {
        return Clocks.open(setting);
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        Clocks clocks = network.ground(Clocks.class);
        List<LabNode> all = network.nodes();
        while (!limit.isReached(watch.strikes())) {
            watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(gapMillis)));
            LabNode drawn = all.get(random.nextInt(all.size()));
            List<LabNode> struck = random.nextInt(3) == 0 ? all : List.of(drawn);
            boolean atAStart = random.nextBoolean();
            if (atAStart) {
                stop(struck, random);
            }
            struck.forEach(node -> clocks.set(node.code(), WRONG.get(random.nextInt(WRONG.size()))));
            watch.struck();
            List<LabNode> ahead = new ArrayList<>();
            for (LabNode node : struck) {
                if (!clocks.ahead(node.code()).isNegative()) {
                    ahead.add(node);
                }
            }
            if (atAStart) {
                start(struck, clocks, watch);
            }
            int seconds = 1 + random.nextInt(holdSeconds);
            boolean swings = random.nextInt(3) == 0;
            for (int second = 0; second < seconds; second++) {
                watch.pause(TimeUnit.SECONDS.toNanos(1));
                if (swings) {
                    struck.forEach(node ->
                            clocks.set(node.code(), clocks.ahead(node.code()).negated()));
                    ahead = struck;
                }
            }
            struck.forEach(node -> clocks.set(node.code(), Duration.ZERO));
            setRight(network, struck, ahead, random, clocks, watch);
        }
    }

    /** What ran ahead signs by a time that is to come until somebody starts it anew; what refused to start is started. */
    private static void setRight(
            ProofNetwork network, List<LabNode> struck, List<LabNode> ahead, Random random, Clocks clocks, Watch watch)
            throws IOException, InterruptedException {
        stop(ahead, random);
        List<LabNode> down = struck.stream().filter(node -> !node.isAlive()).toList();
        start(down, clocks, watch);
        for (LabNode node : down) {
            if (!node.isAlive()) {
                network.acceptClock(node);
            }
        }
        start(down.stream().filter(node -> !node.isAlive()).toList(), clocks, watch);
    }

    private static void stop(List<LabNode> nodes, Random random) throws InterruptedException {
        for (LabNode node : nodes) {
            if (!node.isAlive()) {
                continue;
            }
            if (random.nextBoolean()) {
                node.kill();
            } else {
                node.close();
            }
        }
    }

    /** Starts them; each must serve, or refuse when and only when its clock stands before what it signed. */
    private static void start(List<LabNode> nodes, Clocks clocks, Watch watch)
            throws IOException, InterruptedException {
        long from = System.nanoTime();
        List<Duration> behind = new ArrayList<>();
        for (LabNode node : nodes) {
            behind.add(Duration.between(Instant.now().plus(clocks.ahead(node.code())), signed(node)));
            node.start();
        }
        for (int i = 0; i < nodes.size(); i++) {
            LabNode node = nodes.get(i);
            if (behind.get(i).compareTo(TOLERANCE.minus(UNSURE)) < 0) {
                node.awaitServing();
                watch.started((System.nanoTime() - from) / 1e9);
            } else if (behind.get(i).compareTo(TOLERANCE.plus(UNSURE)) > 0) {
                OptionalInt code = node.awaitEnd(ENDS);
                if (code.isEmpty()) {
                    watch.broke(watch.texts()
                            .text(
                                    "proof.clock-starts",
                                    node.code(),
                                    behind.get(i).toSeconds()));
                    node.kill();
                } else if (code.getAsInt() != ErrorCode.CLOCK_BEHIND.exitCode()) {
                    watch.broke(watch.texts()
                            .text("proof.ended-with", node.code(), code.getAsInt(), ErrorCode.CLOCK_BEHIND.exitCode()));
                }
            }
            watch.tick();
        }
    }

    /** The last time that is known to have been signed in the node's folder. */
    private static Instant signed(LabNode node) throws IOException {
        Path file = node.data().resolve("time.txt");
        if (!Files.exists(file)) {
            return Instant.EPOCH;
        }
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(SIGNED))
                .map(line -> Instant.parse(line.substring(SIGNED.length())))
                .findFirst()
                .orElse(Instant.EPOCH);
    }
}
