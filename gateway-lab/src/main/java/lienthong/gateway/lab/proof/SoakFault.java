package lienthong.gateway.lab.proof;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.process.ProcessCost;
import lienthong.gateway.lab.province.LabNode;

/**
 * Hours of mixed load with one fault of any kind every few minutes, drawn by the seed; memory, descriptors, threads, disk and the age of what
 * waits are looked at all the while, between faults.
 */
final class SoakFault implements Fault {
    private static final Set<String> GROWING = Set.of("archive", "audit", "quarantine");

    private final int gapMillis;
    private final int sampleMillis;
    private final List<Fault> faults;
    private final Samples samples;

    /** @param gapMillis between two faults, at least half of it */
    private SoakFault(int gapMillis, int sampleMillis, List<Fault> faults) {
        this.gapMillis = gapMillis;
        this.sampleMillis = sampleMillis;
        this.faults = List.copyOf(faults);
        this.samples = new Samples((int) (TimeUnit.HOURS.toMillis(1) / sampleMillis));
    }

    static SoakFault full() {
        return new SoakFault(
                (int) TimeUnit.MINUTES.toMillis(4),
                10_000,
                List.of(KillFault.full(), new FlipFault(2_000), StormFault.full()));
    }

    @Override
    public boolean mayDamage() {
        return true;
    }

    @Override
    public String kind() {
        return "soak";
    }

    @Override
    public Fault brief() {
        return new SoakFault(8_000, 1_000, faults.stream().map(Fault::brief).toList());
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        while (!limit.isReached(watch.strikes())) {
            long until =
                    System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(gapMillis / 2 + random.nextInt(gapMillis / 2));
            while (System.nanoTime() - until < 0 && !(watch.strikes() > 0 && limit.isTimeUp())) {
                watch.pause(TimeUnit.MILLISECONDS.toNanos(sampleMillis));
                sample(network);
            }
            Fault next = faults.get(random.nextInt(faults.size()));
            watch.say(watch.texts().text("proof.soak-next", next.kind()));
            next.strike(network, random, Limit.of(watch.strikes() + 1, 0), watch);
        }
        sample(network);
    }

    /** One look at every node; a look that a node does not answer in time is none. */
    private void sample(ProofNetwork network) throws IOException {
        Map<Samples.Measure, Long> sums = new EnumMap<>(Samples.Measure.class);
        try {
            for (LabNode node : network.nodes()) {
                long pid = node.pid();
                sums.merge(Samples.Measure.RESIDENT_MB, ProcessCost.residentBytes(pid) >> 20, Long::sum);
                sums.merge(Samples.Measure.HEAP_MB, node.status().getHeapUsedBytes() >> 20, Long::sum);
                sums.merge(Samples.Measure.DESCRIPTORS, entries(pid, "fd"), Long::sum);
                sums.merge(Samples.Measure.THREADS, entries(pid, "task"), Long::sum);
                sums.merge(Samples.Measure.DISK_MB, bytes(node.data()) >> 20, Long::sum);
            }
        } catch (StatusRuntimeException busy) {
            return;
        }
        long age = 0;
        for (Office office : network.offices()) {
            var tally = office.tally();
            age = Math.max(
                    age,
                    tally.has("oldest_seconds") ? tally.get("oldest_seconds").getAsLong() : 0);
        }
        sums.put(Samples.Measure.QUEUE_AGE_SECONDS, age);
        samples.add(sums);
    }

    private static long entries(long pid, String what) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(pid), what))) {
            return all.count();
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }

    /** Bytes of what is to leave again. */
    private static long bytes(Path data) throws IOException {
        long sum = 0;
        try (Stream<Path> parts = Files.list(data)) {
            for (Path part : parts.toList()) {
                if (!GROWING.contains(String.valueOf(part.getFileName()))) {
                    try (Stream<Path> tree = Files.walk(part)) {
                        for (Path file : tree.filter(Files::isRegularFile).toList()) {
                            sum += file.toFile().length();
                        }
                    } catch (NoSuchFileException left) {
                        // It went while it was looked at.
                    }
                }
            }
        }
        return sum;
    }

    @Override
    public Set<String> setAside(ProofNetwork network) throws IOException {
        Set<String> named = new HashSet<>();
        for (Fault fault : faults) {
            named.addAll(fault.setAside(network));
        }
        return named;
    }

    @Override
    public List<String> atRest(ProofNetwork network, LabTexts texts, Random random, Watch watch)
            throws IOException, InterruptedException {
        List<String> broken = new ArrayList<>(samples.grown(texts));
        samples.told(texts).forEach(watch::say);
        for (Fault fault : faults) {
            broken.addAll(fault.atRest(network, texts, random, watch));
        }
        return broken;
    }
}
