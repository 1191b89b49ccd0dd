package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;

/**
 * One to eight bits of a file of a real node are other than they were written: under the running node, or while it is stopped. Where a node
 * must not go on by itself, over keys, a directory, an audit log or a segment's header, it says so by a number and its operator puts the file back. Nothing
 * else may keep it from serving.
 */
final class FlipFault implements Fault {
    private final int gapMillis;
    private final List<BitFlip> flips = new ArrayList<>();

    /** @param gapMillis between two strikes, at most */
    FlipFault(int gapMillis) {
        this.gapMillis = gapMillis;
    }

    @Override
    public boolean mayDamage() {
        return true;
    }

    @Override
    public String kind() {
        return "flip";
    }

    @Override
    public Fault brief() {
        return new FlipFault(1_000);
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        List<LabNode> nodes = network.nodes();
        List<BitFlip.Part> parts = List.of(BitFlip.Part.values());
        while (!limit.isReached(watch.strikes())) {
            watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(gapMillis)));
            LabNode node = nodes.get(random.nextInt(nodes.size()));
            BitFlip.Part part = parts.get(random.nextInt(parts.size()));
            boolean running = random.nextBoolean() && part.isReadWhileRunning();
            Optional<Path> file = part.draw(node.data(), random);
            if (file.isEmpty()) {
                continue;
            }
            if (!running) {
                node.close();
            }
            BitFlip flip = BitFlip.draw(node.data(), file.get(), part, random);
            flip.strike();
            flips.add(flip);
            watch.struck();
            watch.say(watch.texts().text("proof.flip-struck", node.code(), flip, running));
            if (!running) {
                start(network, node, flip, watch);
            }
        }
        // What was hit under running nodes is met again where all is read.
        for (LabNode node : nodes) {
            node.close();
            long from = System.nanoTime();
            node.start();
            node.awaitServing();
            watch.started((System.nanoTime() - from) / 1e9);
        }
    }

    private static void start(ProofNetwork network, LabNode node, BitFlip flip, Watch watch)
            throws IOException, InterruptedException {
        if (flip.part() == BitFlip.Part.AUDIT) {
            // A node that went on over it would sign what it is now; the check must see it before that.
            if (!network.findsAuditBroken(node)) {
                watch.broke(watch.texts().text("proof.flip-unseen", node.code(), flip));
            }
            flip.putBack();
        }
        node.start();
        try {
            node.awaitServing();
        } catch (LabFailed refused) {
            if (node.isAlive()) {
                throw refused;
            }
            String said = String.valueOf(refused.getMessage());
            if (!flip.mayStop() || !said.contains("LT-")) {
                watch.broke(watch.texts().text("proof.flip-does-not-start", node.code(), flip, said));
            }
            flip.putBack();
            node.start();
            node.awaitServing();
            return;
        }
        if (flip.part().isPutBack() && flip.part() != BitFlip.Part.AUDIT) {
            node.close();
            flip.putBack();
            node.start();
            node.awaitServing();
        }
    }

    @Override
    public Set<String> setAside(ProofNetwork network) throws IOException {
        Set<String> named = new HashSet<>();
        for (LabNode node : network.nodes()) {
            for (SetAside one : SetAside.of(node.data(), flips)) {
                named.addAll(one.messages(network.ids(node.code())));
            }
        }
        return named;
    }

    @Override
    public List<String> atRest(ProofNetwork network, LabTexts texts, Random random, Watch watch) throws IOException {
        List<String> broken = new ArrayList<>();
        for (LabNode node : network.nodes()) {
            for (SetAside one : SetAside.of(node.data(), flips)) {
                if (!one.isByFlip()) {
                    broken.add(texts.text("proof.flip-whole-set-aside", node.code(), one.file()));
                } else if (!one.isOneRecord()) {
                    broken.add(texts.text("proof.flip-more-set-aside", node.code(), one.file()));
                }
            }
        }
        return broken;
    }
}
