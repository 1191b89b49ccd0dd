package lienthong.gateway.lab.proof;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.forger.Outcome;
import lienthong.gateway.lab.forger.Player;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/**
 * A thief with the keys of a sixth office sends genuine messages as that office, more than 20,000 of them to the hub, records them and the receipts
 * that come, and sends all of it again: at once, out of order, after a kill of who has had it, and to other nodes. A strike is something sent
 * again that got an answer. Used by one thread.
 */
final class ReplayFault implements Fault {
    /** More than this in a log's folder is no longer what a few open segments of 64 MiB explain. */
    static final long GROWTH_BYTES_MAX = 128L * 1024 * 1024;

    private static final String STOLEN = "A08.03";
    private static final String LEDGER = "thief.sender.tsv";
    /** Messages of one envelope. */
    private static final int BUNDLE = 64;
    /** Numbers below were perhaps used by the office's own node while it waited for everybody's keys. */
    private static final long FIRST_NUMBER = 10_000;

    private static final int SINGLES = 20;
    private static final int ROUNDS = 20;
    private static final int ROUND_MAX = 2_000;
    private static final int QUIET_LOOKS = 120;

    private final int bundles;
    private final Player.Recording recording = new Player.Recording();
    /** Nodes that took again what they had. */
    private final Set<String> taken = new HashSet<>();

    private Optional<LabNode> stolen = Optional.empty();
    private Path ledger = Path.of("");
    private int messages;
    private int round;
    private long left;

    /** @param bundles of 64 messages for the hub, which are older than each other when they come again */
    private ReplayFault(int bundles) {
        this.bundles = bundles;
    }

    /** For long runs: the oldest is replayed behind 25,600 others. */
    static ReplayFault full() {
        return new ReplayFault(400);
    }

    /** For the slice in the build: behind 21,120. */
    static ReplayFault slice() {
        return new ReplayFault(330);
    }

    /** How a round goes. */
    private enum Way {
        AT_ONCE,
        RECEIPTS,
        OUT_OF_ORDER,
        AFTER_KILL,
        OTHER_NODE
    }

    @Override
    public String kind() {
        return "replay";
    }

    @Override
    public Fault brief() {
        return slice();
    }

    @Override
    public List<Path> ledgers() {
        return List.of(ledger);
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        ledger = network.ledgers().resolve(LEDGER);
        LabNode office = network.steal(STOLEN);
        stolen = Optional.of(office);
        try (Player player = Player.with(office.data(), hub(network).listen(), recording)) {
            for (LabNode node : network.nodes()) {
                genuine(player, node.code(), SINGLES, 1, watch);
            }
            genuine(player, ProofNetwork.HUB, bundles, BUNDLE, watch);
        }
        // A fifth is kept for when everything else has its end and a store that grows has no other reason.
        long underLoad = limit.cycles() - limit.cycles() / 5;
        left = limit.cycles();
        while (watch.strikes() < underLoad && !limit.isTimeUp()) {
            Way way = Way.values()[round++ % Way.values().length];
            round(network, way, random, watch, Math.min(underLoad - watch.strikes(), perRound(limit)));
        }
        left = limit.cycles() - watch.strikes();
    }

    private static long perRound(Limit limit) {
        return Math.max(1, Math.min(ROUND_MAX, limit.cycles() / ROUNDS));
    }

    private void round(ProofNetwork network, Way way, Random random, Watch watch, long count)
            throws IOException, InterruptedException {
        List<LabNode> nodes = network.nodes();
        LabNode hub = hub(network);
        LabNode target = way == Way.OTHER_NODE ? nodes.get(random.nextInt(nodes.size())) : hub;
        if (way == Way.AFTER_KILL) {
            LabNode victim = random.nextBoolean() ? hub : nodes.get(random.nextInt(nodes.size()));
            victim.kill();
            long from = System.nanoTime();
            victim.start();
            victim.awaitServing();
            watch.started((System.nanoTime() - from) / 1e9);
        }
        try (Player player = Player.with(data(), target.listen(), recording)) {
            if (way == Way.AT_ONCE) {
                genuine(player, nodes.get(random.nextInt(nodes.size())).code(), SINGLES, 1, watch);
            }
            judge(
                    way == Way.RECEIPTS
                            ? player.replayReceipts((int) count, random)
                            : player.replay(target.code(), (int) count, random),
                    target.code(),
                    watch);
        }
    }

    private Path data() {
        return stolen.orElseThrow(() -> new LabFailed("nothing was stolen")).data();
    }

    private static LabNode hub(ProofNetwork network) {
        return network.nodes().stream()
                .filter(node -> node.code().equals(ProofNetwork.HUB))
                .findFirst()
                .orElseThrow();
    }

    /** Sends what nobody has had, and writes down what it is. */
    private void genuine(Player player, String recipient, int envelopes, int each, Watch watch)
            throws IOException, InterruptedException {
        List<List<Bytes>> contents = new ArrayList<>();
        StringBuilder tried = new StringBuilder();
        for (int i = 0; i < envelopes; i++) {
            List<Bytes> bundle = new ArrayList<>();
            for (int j = 0; j < each; j++) {
                String id = "thief-" + ++messages;
                // As the offices' own programs write and read them; what follows the first line is nobody's business.
                Bytes content =
                        Bytes.utf8(String.format(Locale.ROOT, "lienthong-proof 1 %s - 0 %d\n", id, id.length() + 40));
                bundle.add(content);
                tried.append(id).append('@').append(recipient).append("\t-\t-\t");
                tried.append(Hash.of(content).hex()).append("\t0.000\ttried\n");
            }
            contents.add(bundle);
        }
        Files.writeString(ledger, tried, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        for (Player.Answered answer : player.sendGenuine(recipient, contents, FIRST_NUMBER)) {
            if (!answer.outcome().isTaken()) {
                broke(watch, "proof.replay-genuine", recipient, answer.outcome());
            }
        }
        watch.tick();
    }

    /** The office itself must know it or refuse it; one behind which the recipient is may carry it there again. */
    private void judge(List<Player.Answered> answers, String target, Watch watch) throws IOException {
        for (Player.Answered answer : answers) {
            if (answer.outcome() instanceof Outcome.Lost) {
                continue;
            }
            watch.struck();
            if (answer.isForNeighbour() && answer.outcome().isTaken() && taken.add(target)) {
                broke(watch, "proof.replay-taken", target, "");
            }
        }
        watch.tick();
    }

    /** The rest of the replays, with nothing else under way: no store may grow by them. */
    @Override
    public List<String> atRest(ProofNetwork network, LabTexts texts, Random random, Watch watch)
            throws IOException, InterruptedException {
        List<Long> before = sizes(network);
        while (left > 0) {
            long struck = watch.strikes();
            for (LabNode target : List.of(
                    hub(network),
                    network.nodes().get(random.nextInt(network.nodes().size())))) {
                try (Player player = Player.with(data(), target.listen(), recording)) {
                    judge(player.replay(target.code(), (int) Math.min(ROUND_MAX, left), random), target.code(), watch);
                }
            }
            left -= Math.max(1, watch.strikes() - struck);
        }
        for (int look = 0; look < QUIET_LOOKS && !isQuiet(network); look++) {
            watch.pause(TimeUnit.SECONDS.toNanos(1));
        }
        List<Long> after = sizes(network);
        for (int i = 0; i < before.size(); i++) {
            long more = after.get(i) - before.get(i);
            if (more > GROWTH_BYTES_MAX) {
                broke(watch, "proof.replay-grew", network.nodes().get(i).code(), more);
            }
        }
        return List.of();
    }

    private static void broke(Watch watch, String text, String office, Object what) {
        watch.broke(watch.texts().text(text, office, what));
    }

    private static boolean isQuiet(ProofNetwork network) {
        return network.nodes().stream()
                .noneMatch(node -> node.isAlive()
                        && node.status().getNode().getNeighboursList().stream()
                                .anyMatch(
                                        neighbour -> !neighbour.getNode().equals(STOLEN) && neighbour.getQueued() > 0));
    }

    private static List<Long> sizes(ProofNetwork network) {
        return network.nodes().stream()
                .map(node -> bytesIn(node.data().toFile()))
                .toList();
    }

    /** Files that go meanwhile count nothing. */
    private static long bytesIn(File place) {
        File[] inside = place.listFiles();
        if (inside == null) {
            return place.length();
        }
        long sum = 0;
        for (File one : inside) {
            sum += bytesIn(one);
        }
        return sum;
    }
}
