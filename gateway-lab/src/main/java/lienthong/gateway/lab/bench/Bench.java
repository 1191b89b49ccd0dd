package lienthong.gateway.lab.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import lienthong.gateway.lab.process.ProcessCost;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.gateway.lab.province.Readiness;
import org.HdrHistogram.Histogram;

/**
 * {@code ./lienthong bench small|trickle|large|start|queue}: commune → district → province, three node processes with real TLS links between them;
 * producer and consumer in this process, over the developers' API. Used by one thread.
 */
final class Bench {
    static final String COMMUNE = "A08.01.20";
    static final String DISTRICT = "A08.01";
    static final String PROVINCE = "A08";

    private static final long RECEIPTS_BOUND_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final PrintStream progress;
    private final List<String> nodeOptions;

    /** @param nodeOptions options of each node's JVM */
    Bench(PrintStream progress, List<String> nodeOptions) {
        this.progress = progress;
        this.nodeOptions = List.copyOf(nodeOptions);
    }

    /**
     * Joins the offices in {@code folder}, runs the workload, stops the nodes.
     *
     * @throws LabFailed when a message was lost, damaged, doubled or refused, or a receipt did not come home
     */
    Figures run(Workload workload, Path folder, Path networkFile) throws IOException, InterruptedException {
        say("three offices join a network of their own");
        try (Province province = Province.create(folder, networkFile)) {
            List<LabNode> chain = new ArrayList<>();
            chain.add(province.join(PROVINCE, "", nodeOptions));
            if (workload.isStart()) {
                return starts(workload, chain.get(0));
            }
            chain.add(province.join(DISTRICT, PROVINCE, nodeOptions));
            chain.add(province.join(COMMUNE, DISTRICT, nodeOptions));
            for (LabNode node : chain) {
                long from = System.nanoTime();
                node.start();
                node.awaitServing();
                say(String.format(
                        Locale.ROOT, "%s serves after %.2f s", node.code(), (System.nanoTime() - from) / 1e9));
            }
            Readiness.awaitKeys(province.node(COMMUNE), PROVINCE);
            return workload.isQueue() ? queue(workload, chain) : measure(workload, chain);
        }
    }

    /** Starts one node again and again, alone, on a store that holds nothing. */
    private Figures starts(Workload workload, LabNode node) throws IOException, InterruptedException {
        Histogram times = new Histogram(TimeUnit.HOURS.toNanos(1), 3);
        double cpu = 0;
        double seconds = 0;
        for (long i = 0; i < workload.messages(); i++) {
            long from = System.nanoTime();
            node.start();
            node.awaitServing();
            long took = System.nanoTime() - from;
            cpu += ProcessCost.cpuSeconds(List.of(node.pid()));
            seconds += took / 1e9;
            times.recordValue(took);
            say(String.format(Locale.ROOT, "serves after %.2f s", took / 1e9));
            node.close();
        }
        return new Figures(
                workload.name(),
                workload.messages(),
                times.getTotalCount(),
                seconds,
                0,
                times,
                new Histogram(TimeUnit.HOURS.toNanos(1), 3),
                Map.of(node.code(), cpu),
                0,
                0,
                Optional.empty(),
                Optional.empty());
    }

    /** Everything waits at the origin, whose link is down; the origin is killed and started again; then the link comes up. */
    private Figures queue(Workload workload, List<LabNode> chain) throws IOException, InterruptedException {
        LabNode origin = chain.get(2);
        LabNode next = chain.get(1);
        next.close();
        long openBefore = origin.counter("open_at_origin");
        Traffic traffic = traffic(workload);
        traffic.openSending(origin.gateway());
        traffic.fill(workload.messages());
        double cpuOfFilling = ProcessCost.cpuSeconds(List.of(origin.pid()));
        long syncsOfFilling = origin.counter("syncs");
        say("killing the origin with " + (origin.counter("open_at_origin") - openBefore) + " envelopes in its queue");
        origin.kill();
        long from = System.nanoTime();
        origin.start();
        origin.awaitServing();
        Figures.Reopened reopened = new Figures.Reopened(
                (System.nanoTime() - from) / 1e9, ProcessCost.peakResidentBytes(origin.pid()), bytesIn(origin.data()));
        say(String.format(Locale.ROOT, "it serves again after %.2f s", reopened.seconds()));
        traffic.openReceiving(chain.get(0).gateway());
        next.start();
        next.awaitServing();
        Traffic.Phase emptied = traffic.empty();
        double receiptsHome = awaitReceipts(origin, openBefore);
        Map<String, Double> cpu = cpu(chain);
        cpu.merge(origin.code(), cpuOfFilling, Double::sum);
        long syncs = syncs(chain) + syncsOfFilling;
        traffic.close();
        return new Figures(
                workload.name(),
                emptied.messages(),
                traffic.verified(),
                emptied.seconds(),
                workload.sizeBytes(),
                emptied.delivery(),
                emptied.acceptance(),
                cpu,
                syncs,
                receiptsHome,
                Optional.of(reopened),
                Optional.empty());
    }

    private static long bytesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private Traffic traffic(Workload workload) {
        long seed = System.nanoTime();
        say("seed " + seed);
        Payload payload = new Payload(workload.sizeBytes(), new Random(seed));
        return new Traffic(workload, payload, "bench-" + Long.toHexString(seed), PROVINCE, progress);
    }

    private Figures measure(Workload workload, List<LabNode> chain) throws InterruptedException {
        LabNode origin = chain.get(2);
        LabNode destination = chain.get(0);
        long openBefore = origin.counter("open_at_origin");
        Traffic traffic = traffic(workload);
        say("warming up for " + workload.warmUpSeconds() + " s");
        traffic.openReceiving(destination.gateway());
        traffic.openSending(origin.gateway());
        Traffic.Phase warm = traffic.phase(Long.MAX_VALUE, workload.warmUpSeconds());
        awaitReceipts(origin, openBefore);
        say(String.format(
                Locale.ROOT,
                "warm at %.0f messages a second; measuring for %d s",
                warm.messages() / Math.max(1e-9, warm.seconds()),
                workload.seconds()));
        Map<String, Double> cpuBefore = cpu(chain);
        long syncsBefore = syncs(chain);
        Traffic.Phase measured = traffic.phase(workload.messages(), workload.seconds());
        double receiptsHome = awaitReceipts(origin, openBefore);
        Map<String, Double> cpu = cpu(chain);
        cpu.replaceAll((name, after) -> after - cpuBefore.getOrDefault(name, 0.0));
        long syncs = syncs(chain) - syncsBefore;
        traffic.close();
        return new Figures(
                workload.name(),
                measured.messages(),
                traffic.verified() - warm.messages(),
                measured.seconds(),
                workload.sizeBytes(),
                measured.delivery(),
                measured.acceptance(),
                cpu,
                syncs,
                receiptsHome,
                Optional.empty(),
                Optional.empty());
    }

    /** Until the origin holds a verified end for everything sent; gives the seconds it took. */
    static double awaitReceipts(LabNode origin, long openBefore) {
        long from = System.nanoTime();
        while (origin.counter("open_at_origin") > openBefore) {
            if (System.nanoTime() - from > RECEIPTS_BOUND_NANOS) {
                throw new LabFailed(origin.counter("open_at_origin") - openBefore
                        + " envelopes have no consumed receipt at their origin, "
                        + TimeUnit.NANOSECONDS.toSeconds(RECEIPTS_BOUND_NANOS) + " s after the last message arrived");
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
        return (System.nanoTime() - from) / 1e9;
    }

    static Map<String, Double> cpu(List<LabNode> chain) {
        Map<String, Double> all = new LinkedHashMap<>();
        all.put("bench", ProcessCost.cpuSeconds(List.of(ProcessHandle.current().pid())));
        for (LabNode node : chain) {
            all.put(node.code(), ProcessCost.cpuSeconds(List.of(node.pid())));
        }
        return all;
    }

    static long syncs(List<LabNode> chain) {
        return chain.stream().mapToLong(node -> node.counter("syncs")).sum();
    }

    private void say(String text) {
        progress.println("bench: " + text);
    }
}
