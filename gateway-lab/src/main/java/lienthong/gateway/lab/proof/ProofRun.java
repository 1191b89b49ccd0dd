package lienthong.gateway.lab.proof;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.outside.OutsideCheck;
import lienthong.gateway.lab.proof.oracle.Findings;
import lienthong.gateway.lab.proof.oracle.LedgerCheck;
import lienthong.gateway.lab.province.LabNode;
import lienthong.proto.operator.v1.ExportEvidenceRequest;
import lienthong.proto.operator.v1.ExportEvidenceResponse;
import lienthong.proto.operator.v1.OperatorServiceGrpc;

/**
 * One run: a network joins, messages flow, a fault strikes, the faults stop, the network settles within a number of looks stated before, and
 * the ledgers are judged. Used by one thread.
 */
final class ProofRun {
    /** One look a second; a network whose faults have stopped must have given everything its end by then. */
    static final int SETTLE_LOOKS = 300;

    /** Whether what is open still has been set aside takes reading: looked at once in so many looks. */
    private static final int LOOKS_FOR_NAMED = 15;

    /** One a second, for the first message to be accepted. */
    private static final int FLOW_LOOKS = 300;

    /** Before the first strike: every node has something to lose. */
    private static final long FLOW_FIRST_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final LabTexts texts;
    private final PrintStream progress;
    private final Path folder;
    private final Path networkFile;
    private final List<String> nodeOptions;

    /** Folders of classes that hide the nodes' own. */
    private final List<Path> before;

    ProofRun(Kind.Setting setting) {
        this(
                setting.texts(),
                setting.progress(),
                setting.folder(),
                setting.networkFile(),
                setting.nodeOptions(),
                setting.before());
    }

    ProofRun(LabTexts texts, PrintStream progress, Path folder, Path networkFile, List<String> nodeOptions) {
        this(texts, progress, folder, networkFile, nodeOptions, List.of());
    }

    private ProofRun(
            LabTexts texts,
            PrintStream progress,
            Path folder,
            Path networkFile,
            List<String> nodeOptions,
            List<Path> before) {
        this.before = before;
        this.texts = texts;
        this.progress = progress;
        this.folder = folder;
        this.networkFile = networkFile;
        this.nodeOptions = List.copyOf(nodeOptions);
    }

    /** On the machine as it is. */
    Verdict run(Fault fault, LoadPlan plan, long seed, Limit limit) throws IOException, InterruptedException {
        return run(fault, Ground.PLAIN, plan, seed, limit);
    }

    /** Runs to the judgement; a promise that did not hold is a value. */
    Verdict run(Fault fault, Ground ground, LoadPlan plan, long seed, Limit limit)
            throws IOException, InterruptedException {
        long from = System.nanoTime();
        progress.println(texts.text("proof.start", fault.kind(), seed, SETTLE_LOOKS));
        try (ProofNetwork network =
                ProofNetwork.start(folder, networkFile, nodeOptions, before, fault.offices(), ground)) {
            Watch watch = new Watch(network, texts, progress);
            network.load("p" + Long.toHexString(seed), seed, plan);
            awaitFlow(network, watch);
            Random random = new Random(seed);
            fault.strike(network, random, limit, watch);
            boolean settled = settle(network, fault, watch);
            List<String> broken = new ArrayList<>(fault.atRest(network, texts, random, watch));
            broken.addAll(watch.broken());
            if (watch.strikes() == 0) {
                broken.add(texts.text("proof.never-struck"));
            }
            if (!settled) {
                broken.add(texts.text(
                        "proof.not-settled", SETTLE_LOOKS, network.total("open"), network.total("unanswered")));
            }
            for (LabNode node : network.nodes()) {
                for (Path old : network.oldTemporaries(node)) {
                    broken.add(texts.text(
                            "proof.old-file", node.code(), node.data().relativize(old)));
                }
            }
            if (!fault.mayDamage()) {
                network.damage().forEach(said -> broken.add(texts.text("proof.damage", said)));
            }
            int evidence = evidence(network, plan.samplesMax(), broken);
            long quarantined = network.quarantined();
            long faults = network.total("faults");
            if (faults > 0) {
                broken.add(texts.text("proof.faults", faults));
            }
            network.endOffices();
            Set<String> setAside = fault.setAside(network);
            List<Path> sent = new ArrayList<>(fault.ledgers());
            network.offices().forEach(office -> sent.addAll(office.senderLedger()));
            Findings findings = LedgerCheck.compare(
                    sent,
                    network.offices().stream().map(Office::receiverLedger).toList(),
                    LedgerCheck.Judgement.strict().without(setAside).afterLosses(watch.mayComeAgain()));
            broken.addAll(otherEnds(texts, findings));
            return new Verdict(
                    fault.kind(),
                    seed,
                    watch.strikes(),
                    findings,
                    quarantined,
                    evidence,
                    watch.slowestStartSeconds(),
                    watch.starts(),
                    (System.nanoTime() - from) / 1e9,
                    0,
                    watch.atStake(),
                    broken);
        }
    }

    /** No office here gives a message back and none lives so short: whatever ends so was given up by a node. Nor does nothing prove anything. */
    static List<String> otherEnds(LabTexts texts, Findings findings) {
        List<String> broken = new ArrayList<>();
        if (findings.accepted() == 0 || findings.received() == 0) {
            broken.add(texts.text("proof.nothing-flowed"));
        }
        if (findings.returned() + findings.expired() > 0) {
            broken.add(texts.text("proof.other-ends", findings.returned(), findings.expired()));
        }
        return broken;
    }

    /** On a busy machine the offices' programs take their time to start: strikes on nothing would prove nothing. */
    private static void awaitFlow(ProofNetwork network, Watch watch) throws IOException, InterruptedException {
        for (int look = 0; look < FLOW_LOOKS && network.total("accepted") == 0; look++) {
            watch.pause(TimeUnit.SECONDS.toNanos(1));
        }
        watch.pause(FLOW_FIRST_NANOS);
    }

    private boolean settle(ProofNetwork network, Fault fault, Watch watch) throws IOException, InterruptedException {
        for (Office office : network.offices()) {
            office.settle();
        }
        for (int look = 0; look < SETTLE_LOOKS; look++) {
            watch.pause(TimeUnit.SECONDS.toNanos(1));
            if (network.isSettled()
                    || look % LOOKS_FOR_NAMED == LOOKS_FOR_NAMED - 1 && network.isSettledBut(fault.setAside(network))) {
                return true;
            }
        }
        return false;
    }

    /** Exports and checks, with openssl and coreutils, one in a thousand of what was delivered; gives how many held. */
    private int evidence(ProofNetwork network, int samplesMax, List<String> broken)
            throws IOException, InterruptedException {
        int held = 0;
        for (Office office : network.offices()) {
            LabNode node = network.nodes().stream()
                    .filter(one -> one.code().equals(office.address()))
                    .findFirst()
                    .orElseThrow();
            JsonArray kept = office.tally().getAsJsonArray("samples");
            List<JsonElement> samples = kept == null ? List.of() : kept.asList();
            for (JsonElement sample : samples.subList(Math.max(0, samples.size() - samplesMax), samples.size())) {
                progress.println(texts.text("proof.evidence", office.address(), sample.getAsString()));
                Path place = Files.createDirectories(folder.resolve("evidence").resolve(office.address()));
                Path zip = place.resolve(sample.getAsString() + ".zip");
                export(node, sample.getAsString(), zip);
                OutsideCheck.Outcome outcome =
                        OutsideCheck.run(zip, place.resolve(sample.getAsString()), network.fingerprint());
                if (outcome.exitCode() == 0) {
                    held++;
                } else {
                    broken.add(texts.text(
                            "proof.evidence-fails",
                            sample.getAsString(),
                            outcome.failure().orElse(String.join(" ", outcome.lines()))));
                }
            }
        }
        return held;
    }

    private static void export(LabNode node, String messageId, Path zip) throws IOException {
        Iterator<ExportEvidenceResponse> parts = OperatorServiceGrpc.newBlockingStub(node.channel())
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .exportEvidence(ExportEvidenceRequest.newBuilder()
                        .setMessageId(messageId)
                        .build());
        try (OutputStream out = Files.newOutputStream(zip)) {
            while (parts.hasNext()) {
                parts.next().getContent().writeTo(out);
            }
        }
    }
}
