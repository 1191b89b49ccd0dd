package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.gateway.lab.province.Readiness;

/**
 * Five nodes as processes of their own: hub, two districts, a commune under each; and the programs of the five offices. Every office sends to
 * every other, so that each node is origin, relay or destination of something at any moment. Used by one thread.
 */
final class ProofNetwork implements AutoCloseable {
    static final String HUB = "A08";
    private static final List<Province.Office> OFFICES = List.of(
            new Province.Office(HUB, ""),
            new Province.Office("A08.01", HUB),
            new Province.Office("A08.02", HUB),
            new Province.Office("A08.01.20", "A08.01"),
            new Province.Office("A08.02.01", "A08.02"));

    private final Province province;
    private final Path ledgers;
    private final List<LabNode> nodes;
    private final List<Office> offices = new ArrayList<>();

    private ProofNetwork(Province province, Path ledgers, List<LabNode> nodes) {
        this.province = province;
        this.ledgers = ledgers;
        this.nodes = List.copyOf(nodes);
    }

    /**
     * Has the offices join and their nodes serve and know each other's keys.
     *
     * @param before folders of classes that hide the nodes' own
     */
    static ProofNetwork start(Path folder, Path networkFile, List<String> nodeOptions, List<Path> before)
            throws IOException, InterruptedException {
        Province province = Province.create(folder.resolve("province"), networkFile);
        try {
            Path ledgers = Files.createDirectories(folder.resolve("ledgers"));
            province.joinAll(OFFICES, nodeOptions, node -> {
                node.hide(before);
                node.start();
            });
            List<LabNode> nodes = province.nodes();
            for (LabNode node : nodes) {
                node.awaitServing();
            }
            for (LabNode from : nodes) {
                for (LabNode to : nodes) {
                    if (!from.equals(to)) {
                        Readiness.awaitKeys(from, to.code());
                    }
                }
            }
            return new ProofNetwork(province, ledgers, nodes);
        } catch (IOException | InterruptedException | RuntimeException failed) {
            province.close();
            throw failed;
        }
    }

    /** Starts the offices' programs: from now on messages flow. */
    void load(String run, long seed, LoadPlan plan) throws IOException {
        long own = seed;
        for (LabNode node : nodes) {
            List<String> others = nodes.stream()
                    .map(LabNode::code)
                    .filter(code -> !code.equals(node.code()))
                    .toList();
            own += 2;
            offices.add(Office.start(
                    node,
                    ledgers,
                    province.folder().resolve("logs").resolve("office-" + node.code()),
                    others,
                    run,
                    own,
                    plan));
        }
    }

    List<LabNode> nodes() {
        return nodes;
    }

    List<Office> offices() {
        return List.copyOf(offices);
    }

    String fingerprint() {
        return province.fingerprint();
    }

    /** Sum of one of the offices' counts. */
    long total(String name) throws IOException {
        long sum = 0;
        for (Office office : offices) {
            var tally = office.tally();
            sum += tally.has(name) ? tally.get(name).getAsLong() : 0;
        }
        return sum;
    }

    boolean isSettled() throws IOException {
        for (Office office : offices) {
            if (!office.isSettled()) {
                return false;
            }
        }
        return true;
    }

    /** Records and files that the nodes have set aside. */
    long quarantined() {
        return nodes.stream().mapToLong(node -> node.counter("quarantined")).sum();
    }

    /** Unfinished files below a node's data folder that were there before its process last started. */
    List<Path> oldTemporaries(LabNode node) throws IOException {
        long started = ProcessHandle.of(node.pid())
                .flatMap(process -> process.info().startInstant())
                .orElseThrow(() -> new LabFailed(node.code() + " does not run"))
                .toEpochMilli();
        List<Path> old = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(node.data())) {
            for (Path file :
                    tree.filter(name -> name.toString().endsWith(".tmp")).toList()) {
                if (Files.exists(file) && Files.getLastModifiedTime(file).toMillis() < started - 1_000) {
                    old.add(file);
                }
            }
        }
        return old;
    }

    /** Ends the offices' programs; their ledgers are whole then. */
    void endOffices() {
        offices.parallelStream().forEach(Office::close);
    }

    @Override
    public void close() {
        endOffices();
        province.close();
    }
}
