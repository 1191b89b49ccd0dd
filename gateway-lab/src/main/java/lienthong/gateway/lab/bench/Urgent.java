package lienthong.gateway.lab.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.LinkEmulator;
import lienthong.gateway.lab.province.LinkEmulator.End;
import lienthong.gateway.lab.province.Place;
import lienthong.gateway.lab.province.Province;
import lienthong.gateway.lab.province.Readiness;
import lienthong.proto.gateway.v1.Precedence;

/**
 * {@code ./lienthong bench urgent}: the same chain, with a line of 2 Mbit/s and 20 ms each way between district and province that bulk fills all
 * the time; measured is what a message with precedence flash needs from end to end. Needs root and TUN. Used by one thread.
 */
final class Urgent {
    private static final double MEGABITS = 2;
    private static final String SLOW = "set rate=2mbit delay=20ms";
    private static final String FREE = "set rate=0 delay=0";
    /** A line that carried less was not full, and flash had an easy time. */
    private static final double FULL = 0.8;

    private final LabTexts texts;
    private final PrintStream progress;
    private final List<String> nodeOptions;
    private final Path home;

    /** @param home the checkout */
    Urgent(LabTexts texts, PrintStream progress, List<String> nodeOptions, Path home) {
        this.texts = texts;
        this.progress = progress;
        this.nodeOptions = List.copyOf(nodeOptions);
        this.home = home;
    }

    /**
     * As {@link Bench#run}.
     *
     * @return empty where this machine cannot, which was said
     */
    Optional<Figures> run(Workload workload, Path folder, Path networkFile) throws IOException, InterruptedException {
        long seed = System.nanoTime();
        say("seed " + seed);
        LinkEmulator.Made made = LinkEmulator.start(home, 0, Optional.empty(), seed);
        if (made.link().isEmpty()) {
            progress.println(texts.text("proof.skipped", made.unavailable()));
            return Optional.empty();
        }
        try (LinkEmulator line = made.link().get();
                Province province = Province.create(folder, networkFile)) {
            Place above = new Place(line.inside(End.B), line.address(End.B), line.address(End.B));
            Place below = new Place(line.inside(End.A), "127.0.0.1", line.address(End.B));
            LabNode destination = province.join(new Province.Office(Bench.PROVINCE, "", above), nodeOptions);
            LabNode relay = province.join(new Province.Office(Bench.DISTRICT, Bench.PROVINCE, below), nodeOptions);
            LabNode origin = province.join(
                    new Province.Office(Bench.COMMUNE, Bench.DISTRICT, Place.within(line.inside(End.A))), nodeOptions);
            List<LabNode> chain = List.of(destination, relay, origin);
            for (LabNode node : chain) {
                node.start();
                node.awaitServing();
            }
            Readiness.awaitKeys(origin, Bench.PROVINCE);
            return Optional.of(measure(workload, chain, line, seed));
        }
    }

    private Figures measure(Workload workload, List<LabNode> chain, LinkEmulator line, long seed)
            throws IOException, InterruptedException {
        LabNode destination = chain.get(0);
        LabNode origin = chain.get(2);
        long openBefore = origin.counter("open_at_origin");
        Traffic bulk = traffic(Workload.bulk(workload.seconds()), seed, "bulk", Precedence.PRECEDENCE_ROUTINE);
        Traffic flash = traffic(workload, seed + 1, "flash", Precedence.PRECEDENCE_FLASH);
        line.order(SLOW);
        for (Traffic each : List.of(bulk, flash)) {
            each.openReceiving(destination.gateway());
            each.openSending(origin.gateway());
        }
        ExecutorService beside = Executors.newSingleThreadExecutor();
        try {
            int all = workload.warmUpSeconds() + workload.seconds();
            Future<Traffic.Phase> filling = beside.submit(() -> bulk.phase(Long.MAX_VALUE, all));
            Traffic.Phase warm = flash.phase(Long.MAX_VALUE, workload.warmUpSeconds());
            say("the line is full; measuring for " + workload.seconds() + " s");
            Map<String, Double> cpuBefore = Bench.cpu(chain);
            long syncsBefore = Bench.syncs(chain);
            long bytesBefore = carried(line);
            long from = System.nanoTime();
            Traffic.Phase measured = flash.phase(workload.messages(), workload.seconds());
            double carried = (carried(line) - bytesBefore) * 8 / 1e6 / ((System.nanoTime() - from) / 1e9);
            if (carried < FULL * MEGABITS) {
                throw new LabFailed(
                        String.format(Locale.ROOT, "the line carried %.3f Mbit/s: bulk did not fill it", carried));
            }
            Map<String, Double> cpu = Bench.cpu(chain);
            cpu.replaceAll((name, after) -> after - cpuBefore.getOrDefault(name, 0.0));
            long syncs = Bench.syncs(chain) - syncsBefore;
            line.order(FREE);
            Traffic.Phase filled = filling.get();
            say(filled.messages() + " of bulk arrived");
            double receiptsHome = Bench.awaitReceipts(origin, openBefore);
            long verified = flash.verified() - warm.messages();
            flash.close();
            bulk.close();
            return new Figures(
                    workload.name(),
                    measured.messages(),
                    verified,
                    measured.seconds(),
                    workload.sizeBytes(),
                    measured.delivery(),
                    measured.acceptance(),
                    cpu,
                    syncs,
                    receiptsHome,
                    Optional.empty(),
                    Optional.of(new Figures.Line(MEGABITS, carried)));
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            throw new LabFailed(String.valueOf(cause == null ? failed.getMessage() : cause.getMessage()), failed);
        } finally {
            List<Runnable> unused = beside.shutdownNow();
            boolean ended = beside.awaitTermination(5, TimeUnit.SECONDS);
            if (!ended) {
                say("the bulk's thread still runs");
            }
        }
    }

    private static long carried(LinkEmulator line) throws IOException {
        return line.counts().getOrDefault("carried", 0L);
    }

    private Traffic traffic(Workload workload, long seed, String service, Precedence precedence) {
        return new Traffic(
                workload,
                new Payload(workload.sizeBytes(), new Random(seed)),
                service + "-" + Long.toHexString(seed),
                Bench.PROVINCE,
                service,
                precedence,
                progress);
    }

    private void say(String text) {
        progress.println("bench: " + text);
    }
}
