package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import lienthong.gateway.lab.province.LabNode;

/**
 * A node is killed while many messages are in its custody, its whole data folder goes, keys too, and its office joins again under its old code.
 * Nobody does anything elsewhere. What the office had sent itself has its end before: what only the lost disk held is lost by nature, and of that
 * there is nothing here. What it had done for good may come again, with the mark, if its sender does not know of that; nothing else may.
 */
final class LossFault implements Fault {
    private static final int SAME_LOOKS = 8;

    private final String kind;
    private final boolean isHub;
    private final int custodyLeast;
    private final int custodyMore;

    /**
     * @param isHub the hub, whose custody grows while one district is away; otherwise a district or commune, whose applications take nothing
     * @param custodyLeast messages in custody that a strike waits for, at least
     * @param custodyMore up to so many more, drawn
     */
    private LossFault(String kind, boolean isHub, int custodyLeast, int custodyMore) {
        this.kind = kind;
        this.isHub = isHub;
        this.custodyLeast = custodyLeast;
        this.custodyMore = custodyMore;
    }

    /** The hub, for long runs. */
    static LossFault hub() {
        return new LossFault("hubloss", true, 2_000, 8_001);
    }

    /** The hub, for the slice in the build. */
    static LossFault hubSlice() {
        return new LossFault("hubloss", true, 40, 41);
    }

    /** A destination, for long runs. */
    static LossFault destination() {
        return new LossFault("destloss", false, 100, 901);
    }

    /** A destination, for the slice in the build. */
    static LossFault destinationSlice() {
        return new LossFault("destloss", false, 30, 31);
    }

    @Override
    public String kind() {
        return kind;
    }

    @Override
    public Fault brief() {
        return isHub ? hubSlice() : destinationSlice();
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        while (!limit.isReached(watch.strikes())) {
            List<String> below = network.nodes().stream()
                    .map(LabNode::code)
                    .filter(code -> !code.equals(ProofNetwork.HUB))
                    .toList();
            String victim = isHub ? ProofNetwork.HUB : below.get(random.nextInt(below.size()));
            List<String> districts = ProofNetwork.childrenOf(ProofNetwork.HUB);
            String away = districts.get(random.nextInt(districts.size()));
            long custody = (long) custodyLeast + random.nextInt(custodyMore);
            strike(network, victim, isHub ? Set.of(away) : Set.of(), custody, random.nextBoolean(), watch);
        }
    }

    /**
     * @param away nodes that are killed before and started after, so that messages for them wait
     * @param held whether the victim's applications take nothing meanwhile; a destination's never do
     */
    private void strike(ProofNetwork network, String victim, Set<String> away, long custody, boolean held, Watch watch)
            throws IOException, InterruptedException {
        Office office = network.office(victim);
        office.quiet(true);
        watch.await(victim + ": quiet", office::isQuiet);
        for (String code : away) {
            network.node(code).kill();
        }
        if (held || !isHub) {
            office.hold(true);
        }
        LabNode node = network.node(victim);
        watch.await(victim + ": custody " + custody, () -> ProofNetwork.custody(node) >= custody);
        long had = ProofNetwork.custody(node);
        network.loseDisk(victim);
        watch.struck(had);
        // What it had signed before and handed on is on its way home meanwhile.
        office.hold(true);
        watch.await(victim + ": held", office::isHeld);
        watch.mayComeAgain(unheard(network, victim, watch), office.linesReceived());

        long started = System.nanoTime();
        network.joinAgain(victim).awaitServing();
        watch.started((System.nanoTime() - started) / 1e9);
        for (String code : new TreeSet<>(away)) {
            network.node(code).start();
            network.node(code).awaitServing();
        }
        office.hold(false);
        office.quiet(false);
    }

    /** Once no more of its receipts come home: so many looks without one. */
    private static Set<String> unheard(ProofNetwork network, String victim, Watch watch)
            throws IOException, InterruptedException {
        Set<String> before = network.unheard(victim);
        for (int same = 0; same < SAME_LOOKS; same++) {
            watch.look();
            Set<String> now = network.unheard(victim);
            same = now.equals(before) ? same : -1;
            before = now;
        }
        return before;
    }
}
