package lienthong.gateway.lab.proof;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import lienthong.gateway.lab.province.Commands;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.gateway.lab.province.Readiness;
import lienthong.gateway.message.ErrorCode;

/**
 * Nodes as processes of their own, five where a fault needs no more: hub, two districts, a commune under each; and the programs of their offices. Every office sends to
 * every other, so that each node is origin, relay or destination of something at any moment. Used by one thread.
 */
final class ProofNetwork implements AutoCloseable {
    static final String HUB = "A08";
    static final List<Province.Office> FIVE = List.of(
            new Province.Office(HUB, ""),
            new Province.Office("A08.01", HUB),
            new Province.Office("A08.02", HUB),
            new Province.Office("A08.01.20", "A08.01"),
            new Province.Office("A08.02.01", "A08.02"));

    /** Beyond five, so many offices share a process: the machine is to be busy with nodes. */
    private static final int OFFICES_PER_PROCESS = 4;

    private static final List<ErrorCode> DAMAGE = List.of(ErrorCode.RECORD_DAMAGED, ErrorCode.SPOOL_MISSING);
    private static final int DAMAGE_SHOWN = 3;

    private final Province province;
    private final Path ledgers;
    private final Ground ground;
    private final List<String> nodeOptions;
    private final List<Path> before;
    private final List<Province.Office> joining;
    private final List<Office> offices = new ArrayList<>();

    private ProofNetwork(
            Province province,
            Path ledgers,
            Ground ground,
            List<String> nodeOptions,
            List<Path> before,
            List<Province.Office> joining) {
        this.before = List.copyOf(before);
        this.joining = List.copyOf(joining);
        this.province = province;
        this.ledgers = ledgers;
        this.ground = ground;
        this.nodeOptions = List.copyOf(nodeOptions);
    }

    /**
     * Has the offices join and their nodes serve and know each other's keys.
     *
     * @param before folders of classes that hide the nodes' own
     * @param joining in the order of their invitations: a parent before its children
     * @param ground what the nodes stand on
     */
    static ProofNetwork start(
            Path folder,
            Path networkFile,
            List<String> nodeOptions,
            List<Path> before,
            List<Province.Office> joining,
            Ground ground)
            throws IOException, InterruptedException {
        Province province = Province.create(folder.resolve("province"), networkFile);
        province.place(ground::data);
        try {
            Path ledgers = Files.createDirectories(folder.resolve("ledgers"));
            List<Province.Office> placed = joining.stream()
                    .map(office -> new Province.Office(office.code(), office.parent(), ground.place(office.code())))
                    .toList();
            province.joinAll(placed, nodeOptions, node -> {
                node.hide(before);
                node.setEnvironment(ground.environment(node.code()));
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
            return new ProofNetwork(province, ledgers, ground, nodeOptions, before, joining);
        } catch (IOException | InterruptedException | RuntimeException failed) {
            province.close();
            throw failed;
        }
    }

    /** Starts the offices' programs: from now on messages flow. */
    void load(String run, long seed, LoadPlan plan) throws IOException {
        List<LabNode> nodes = nodes();
        List<String> everybody = nodes.stream().map(LabNode::code).toList();
        Map<String, Long> seeds = new HashMap<>();
        for (String code : everybody) {
            seeds.put(code, seed + 2L * (seeds.size() + 1));
        }
        int together = nodes.size() <= FIVE.size() ? 1 : OFFICES_PER_PROCESS;
        for (int from = 0; from < nodes.size(); from += together) {
            List<LabNode> some = nodes.subList(from, Math.min(nodes.size(), from + together));
            Path log = province.folder()
                    .resolve("logs")
                    .resolve("office-" + some.get(0).code());
            offices.addAll(Office.start(some, ledgers, log, everybody, run, seeds, plan));
        }
    }

    /** Heap that each node was given, from the last {@code -Xmx…m} among its options. */
    long heapBytes() {
        return nodeOptions.stream()
                .filter(option -> option.matches("-Xmx[0-9]+m"))
                .mapToLong(option -> Long.parseLong(option.substring("-Xmx".length(), option.length() - 1)) << 20)
                .reduce((first, last) -> last)
                .orElse(Runtime.getRuntime().maxMemory());
    }

    /** What the nodes stand on, as the fault made it. */
    <G extends Ground> G ground(Class<G> type) {
        return type.cast(ground);
    }

    /** The operator of a node that does not run says that its machine's clock is right now. */
    void acceptClock(LabNode node) throws IOException, InterruptedException {
        var unused = province.commands()
                .must("clock", "accept", "--data", node.data().toString());
    }

    /** Has one more office join under the hub, lets everybody and it know each other's keys, and stops its node: what it left is a thief's. */
    LabNode steal(String code) throws IOException, InterruptedException {
        LabNode office = province.join(code, HUB, nodeOptions);
        office.start();
        office.awaitServing();
        for (LabNode node : nodes()) {
            Readiness.awaitKeys(node, code);
            Readiness.awaitKeys(office, node.code());
        }
        office.close();
        return office;
    }

    List<LabNode> nodes() {
        return province.nodes();
    }

    LabNode node(String code) {
        return province.node(code);
    }

    Commands commands() {
        return province.commands();
    }

    /** For what the run makes besides. */
    Path folder() {
        return province.folder();
    }

    /** The offices whose nodes dial this one. */
    static List<String> childrenOf(String parent) {
        return FIVE.stream()
                .filter(office -> office.parent().equals(parent))
                .map(Province.Office::code)
                .toList();
    }

    Office office(String code) {
        return offices.stream()
                .filter(office -> office.address().equals(code))
                .findFirst()
                .orElseThrow(() -> new LabFailed(code + " has no programs"));
    }

    /** Kills a node and deletes all it had: data and keys. */
    void loseDisk(String code) throws IOException, InterruptedException {
        LabNode node = node(code);
        node.kill();
        Folders.delete(node.data());
        office(code).forgetEvidence();
    }

    /** The authority invites the office anew; it joins under its old code with new keys, and its node starts. */
    LabNode joinAgain(String code) throws IOException, InterruptedException {
        String parent = joining.stream()
                .filter(office -> office.code().equals(code))
                .findFirst()
                .orElseThrow()
                .parent();
        LabNode node = province.join(code, parent, nodeOptions);
        node.hide(before);
        node.setEnvironment(ground.environment(code));
        node.start();
        return node;
    }

    /** Messages of which a node has custody: on their way, and waiting for its applications. */
    static long custody(LabNode node) {
        var status = node.status().getNode();
        return status.getQueued() + status.getWaiting();
    }

    /** What the office's receiving program has done for good, and whose sender does not know that. */
    Set<String> unheard(String code) throws IOException {
        Set<String> done = done(code);
        for (Office office : offices) {
            for (Path ledger : office.senderLedger()) {
                done.removeAll(withState(ledger, "delivered"));
            }
        }
        return done;
    }

    /** What the office's receiving program has done for good. */
    Set<String> done(String code) throws IOException {
        return withState(office(code).receiverLedger(), "done");
    }

    /** Whatever any office has asked to be sent. */
    Set<String> tried() throws IOException {
        Set<String> tried = new HashSet<>();
        for (Office office : offices) {
            for (Path ledger : office.senderLedger()) {
                tried.addAll(withState(ledger, "tried"));
            }
        }
        return tried;
    }

    /** Ids of a ledger's lines of this state. */
    private static Set<String> withState(Path ledger, String state) throws IOException {
        Set<String> ids = new HashSet<>();
        try (Stream<String> lines = Files.lines(ledger, StandardCharsets.UTF_8)) {
            lines.filter(line -> line.endsWith("\t" + state))
                    .forEach(line -> ids.add(line.substring(0, line.indexOf('\t'))));
        }
        return ids;
    }

    List<Office> offices() {
        return List.copyOf(offices);
    }

    /** Where the offices' programs write. */
    Path ledgers() {
        return ledgers;
    }

    String fingerprint() {
        return province.fingerprint();
    }

    /** Message ids by the client ids that one office's node has accepted. */
    Map<String, String> ids(String office) throws IOException {
        Map<String, String> ids = new HashMap<>();
        Path file = ledgers.resolve(office + ".ids.tsv");
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] both = line.split("\t", -1);
                if (both.length == 2 && both[1].length() == 32) {
                    ids.put(both[0], both[1]);
                }
            }
        }
        return ids;
    }

    /** Whether all that has no end is among these, by client id. */
    boolean isSettledBut(Set<String> named) throws IOException {
        if (named.isEmpty() || total("unanswered") > 0) {
            return false;
        }
        Set<String> open = new HashSet<>();
        for (Office office : offices) {
            for (Path ledger : office.senderLedger()) {
                for (String line : Files.readAllLines(ledger)) {
                    String[] columns = line.split("\t", -1);
                    if (columns.length == 6 && columns[5].equals("accepted")) {
                        open.add(columns[0]);
                    } else if (columns.length == 6 && !columns[5].equals("tried") && !columns[5].equals("busy")) {
                        open.remove(columns[0]);
                    }
                }
            }
        }
        return open.stream().allMatch(id -> named.contains(id.substring(0, id.indexOf('@'))));
    }

    /** Whether {@code store check} says that a stopped node's audit log is not as it was written. */
    boolean findsAuditBroken(LabNode node) throws IOException, InterruptedException {
        JsonElement damages = province.commands()
                .run("store", "check", "--data", node.data().toString())
                .json()
                .get("damages");
        return damages != null
                && damages.getAsJsonArray().asList().stream()
                        .anyMatch(one ->
                                one.getAsJsonObject().get("part").getAsString().equals("audit"));
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
        return nodes().stream().mapToLong(node -> node.counter("quarantined")).sum();
    }

    /** What nodes have written in their logs of records and files that were not as they had been made durable. */
    List<String> damage() {
        List<String> said = new ArrayList<>();
        for (LabNode node : nodes()) {
            node.log()
                    .lines()
                    .filter(line -> DAMAGE.stream().anyMatch(code -> line.contains(code.label())))
                    .limit(DAMAGE_SHOWN)
                    .forEach(line -> said.add(node.code() + ": " + line));
        }
        return said;
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
