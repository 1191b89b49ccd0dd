package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.province.LabNode;

/**
 * SIGKILL to a node drawn by the seed, at a moment drawn by the seed; one in three within two seconds of its start, while it still reads its
 * log. It starts again a little later.
 */
final class KillFault implements Fault {
    private static final int AGAIN_MILLIS = 2_000;

    private final int gapMillis;
    private final int downMillis;

    /**
     * @param gapMillis between a node's return and the next strike, at most
     * @param downMillis between a strike and the next start, at most
     */
    KillFault(int gapMillis, int downMillis) {
        this.gapMillis = gapMillis;
        this.downMillis = downMillis;
    }

    /** For long runs. */
    static KillFault full() {
        return new KillFault(2_500, 3_000);
    }

    /** For the slice in the build. */
    static KillFault slice() {
        return new KillFault(800, 1_000);
    }

    @Override
    public String kind() {
        return "kill";
    }

    @Override
    public Fault brief() {
        return slice();
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        List<LabNode> nodes = network.nodes();
        while (!limit.isReached(watch.strikes())) {
            watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(gapMillis)));
            LabNode victim = nodes.get(random.nextInt(nodes.size()));
            kill(victim, watch);
            long started = restart(victim, random, watch);
            while (random.nextInt(3) == 0 && !limit.isReached(watch.strikes())) {
                watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(AGAIN_MILLIS)));
                kill(victim, watch);
                started = restart(victim, random, watch);
            }
            victim.awaitServing();
            watch.started((System.nanoTime() - started) / 1e9);
        }
    }

    private static void kill(LabNode victim, Watch watch) throws InterruptedException {
        if (victim.isAlive()) {
            victim.kill();
            watch.struck();
        }
    }

    private long restart(LabNode victim, Random random, Watch watch) throws IOException, InterruptedException {
        watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(downMillis)));
        long now = System.nanoTime();
        victim.start();
        return now;
    }
}
