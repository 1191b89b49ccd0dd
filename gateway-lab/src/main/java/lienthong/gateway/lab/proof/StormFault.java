package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.process.ProcessCost;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;

/**
 * SIGKILL to all thirteen nodes at once, hub, four districts and eight communes; each comes back at a moment drawn by the seed, with whatever it
 * had queued. Besides the ledgers: every office gets something again within a number of looks, flash overtakes routine, and no node's memory
 * grows beyond what it was given.
 */
final class StormFault implements Fault {
    private static final int DISTRICTS = 4;
    private static final int COMMUNES = 2;

    /** One a second, from when everybody serves again. */
    private static final int STARVED_LOOKS = 60;

    /** Of pairs of a flash and a routine message that waited for one office, so many in a hundred must have come flash first; without precedence 50 would. */
    private static final int FLASH_FIRST_PERCENT = 60;

    private static final long PAIRS_MIN = 1_000;

    /** A node may take its heap, as much again for buffers outside of it, and this for the JVM itself and SQLite. */
    private static final long BESIDE_HEAP_BYTES = 256L << 20;

    private final int gapMillis;
    private final int backMillis;
    private final List<Precedences.Outage> outages = new ArrayList<>();
    private long peakBytes;

    /**
     * @param gapMillis between everybody's return and the next storm, at most
     * @param backMillis within which everybody is started again
     */
    StormFault(int gapMillis, int backMillis) {
        this.gapMillis = gapMillis;
        this.backMillis = backMillis;
    }

    static StormFault full() {
        return new StormFault(20_000, 60_000);
    }

    @Override
    public String kind() {
        return "storm";
    }

    @Override
    public Fault brief() {
        return new StormFault(3_000, 10_000);
    }

    @Override
    public List<Province.Office> offices() {
        List<Province.Office> all = new ArrayList<>(List.of(new Province.Office(ProofNetwork.HUB, "")));
        for (int district = 1; district <= DISTRICTS; district++) {
            String code = ProofNetwork.HUB + ".0" + district;
            all.add(new Province.Office(code, ProofNetwork.HUB));
            for (int commune = 1; commune <= COMMUNES; commune++) {
                all.add(new Province.Office(code + ".0" + commune, code));
            }
        }
        return all;
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        while (!limit.isReached(watch.strikes())) {
            watch.pause(TimeUnit.MILLISECONDS.toNanos(gapMillis / 2 + random.nextInt(gapMillis / 2)));
            peaks(network);
            for (LabNode node : network.nodes()) {
                node.kill();
            }
            long fell = System.currentTimeMillis();
            watch.struck();
            comeBack(network, random, watch);
            outages.add(new Precedences.Outage(fell, System.currentTimeMillis()));
            starved(network, watch);
        }
        peaks(network);
    }

    private void comeBack(ProofNetwork network, Random random, Watch watch) throws IOException, InterruptedException {
        Map<LabNode, Integer> at = new HashMap<>();
        network.nodes().forEach(node -> at.put(node, random.nextInt(backMillis)));
        List<LabNode> order = new ArrayList<>(network.nodes());
        order.sort(Comparator.comparing(node -> at.getOrDefault(node, 0)));
        long from = System.nanoTime();
        for (LabNode node : order) {
            watch.pause(from + TimeUnit.MILLISECONDS.toNanos(at.getOrDefault(node, 0)) - System.nanoTime());
            node.start();
        }
        for (LabNode node : order) {
            node.awaitServing();
            watch.tick();
        }
    }

    /** Whoever has got nothing since everybody was back, though all send to all, is starved. */
    private static void starved(ProofNetwork network, Watch watch) throws IOException, InterruptedException {
        Map<String, Long> before = received(network);
        List<String> waiting = List.copyOf(before.keySet());
        for (int look = 0; look < STARVED_LOOKS && !waiting.isEmpty(); look++) {
            watch.pause(TimeUnit.SECONDS.toNanos(1));
            Map<String, Long> now = received(network);
            waiting = waiting.stream()
                    .filter(office -> now.getOrDefault(office, 0L) <= before.getOrDefault(office, 0L))
                    .toList();
        }
        waiting.forEach(office -> watch.broke(watch.texts().text("proof.storm-starved", office, STARVED_LOOKS)));
    }

    private static Map<String, Long> received(ProofNetwork network) throws IOException {
        Map<String, Long> counts = new HashMap<>();
        for (Office office : network.offices()) {
            var tally = office.tally();
            counts.put(
                    office.address(),
                    tally.has("received") ? tally.get("received").getAsLong() : 0);
        }
        return counts;
    }

    private void peaks(ProofNetwork network) {
        for (LabNode node : network.nodes()) {
            peakBytes = Math.max(peakBytes, ProcessCost.peakResidentBytes(node.pid()));
        }
    }

    @Override
    public List<String> atRest(ProofNetwork network, LabTexts texts, Random random, Watch watch) throws IOException {
        List<String> broken = new ArrayList<>();
        peaks(network);
        long bound = 2 * network.heapBytes() + BESIDE_HEAP_BYTES;
        if (peakBytes > bound) {
            broken.add(texts.text("proof.storm-memory", peakBytes >> 20, bound >> 20));
        }
        for (LabNode node : network.nodes()) {
            if (node.log().contains("OutOfMemoryError")) {
                broken.add(texts.text("proof.storm-no-memory", node.code()));
            }
        }
        Precedences.Pairs pairs = Precedences.pairs(network.ledgers(), outages);
        watch.say(texts.text("proof.storm-pairs", pairs.flashFirst(), pairs.all(), peakBytes >> 20));
        if (pairs.all() >= PAIRS_MIN && pairs.flashFirst() * 100 < pairs.all() * FLASH_FIRST_PERCENT) {
            broken.add(texts.text("proof.storm-flash-late", pairs.flashFirst(), pairs.all(), FLASH_FIRST_PERCENT));
        }
        return broken;
    }
}
