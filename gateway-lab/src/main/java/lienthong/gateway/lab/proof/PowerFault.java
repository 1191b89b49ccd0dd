package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.message.ErrorCode;

/**
 * The power of a node's disk fails at a moment drawn by the seed, one time in five of all disks at once: every thread is stopped, page cache
 * and open journal are lost, the process is gone; the disk is mounted again, the node starts again a little later. One time in five the disk
 * dies under the living node instead, which must then end by itself with the store's own code.
 */
final class PowerFault implements Fault {
    private static final int AGAIN_MILLIS = 2_000;
    private static final int ONE_IN = 5;

    /** Writes come many times a second, and each must find out. */
    private static final Duration FINDS_OUT = Duration.ofSeconds(60);

    private final int gapMillis;
    private final int downMillis;
    private final String diskSize;

    /**
     * @param gapMillis between the nodes' return and the next strike, at most
     * @param downMillis between a strike and the next start, at most
     * @param diskSize of each node, in the words of {@code truncate}
     */
    PowerFault(int gapMillis, int downMillis, String diskSize) {
        this.gapMillis = gapMillis;
        this.downMillis = downMillis;
        this.diskSize = diskSize;
    }

    /** For long runs. */
    static PowerFault full() {
        return new PowerFault(2_500, 1_000, "8G");
    }

    /** For the slice in the build. */
    static PowerFault slice() {
        return new PowerFault(600, 300, "1G");
    }

    @Override
    public Fault brief() {
        return slice();
    }

    @Override
    public String kind() {
        return "power";
    }

    @Override
    public Means<? extends Ground> ground(Kind.Setting setting, Random random) throws IOException {
        return Disks.open(setting, diskSize, random);
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        Disks disks = network.ground(Disks.class);
        List<LabNode> all = network.nodes();
        while (!limit.isReached(watch.strikes())) {
            watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(gapMillis)));
            LabNode drawn = all.get(random.nextInt(all.size()));
            List<LabNode> victims = random.nextInt(ONE_IN) == 0 ? all : List.of(drawn);
            if (random.nextInt(ONE_IN) == 0) {
                victims = List.of(drawn);
                die(disks, drawn, watch);
            } else {
                disks.cut(victims);
                watch.struck();
            }
            long started = restart(disks, victims, random, watch);
            while (random.nextInt(3) == 0 && !limit.isReached(watch.strikes())) {
                // While it reads its log again.
                watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(AGAIN_MILLIS)));
                disks.cut(victims);
                watch.struck();
                started = restart(disks, victims, random, watch);
            }
            for (LabNode victim : victims) {
                victim.awaitServing();
                watch.started((System.nanoTime() - started) / 1e9);
            }
        }
    }

    /** What it acknowledges from now on and does not find again is lost, and the ledgers will say so. */
    private static void die(Disks disks, LabNode victim, Watch watch) throws IOException, InterruptedException {
        disks.die(victim);
        watch.struck();
        OptionalInt code = victim.awaitEnd(FINDS_OUT);
        if (code.isEmpty()) {
            watch.broke(watch.texts().text("proof.power-lives", victim.code(), FINDS_OUT.toSeconds()));
            victim.kill();
        } else if (code.getAsInt() != ErrorCode.FSYNC_FAILED.exitCode()) {
            watch.broke(watch.texts()
                    .text("proof.ended-with", victim.code(), code.getAsInt(), ErrorCode.FSYNC_FAILED.exitCode()));
        }
        watch.tick();
    }

    private long restart(Disks disks, List<LabNode> victims, Random random, Watch watch)
            throws IOException, InterruptedException {
        for (LabNode victim : victims) {
            disks.back(victim);
        }
        watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(downMillis)));
        long now = System.nanoTime();
        for (LabNode victim : victims) {
            victim.start();
        }
        return now;
    }
}
