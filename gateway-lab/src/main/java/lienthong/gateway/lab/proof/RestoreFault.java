package lienthong.gateway.lab.proof;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Readiness;
import lienthong.proto.gateway.v1.Condition;
import lienthong.proto.gateway.v1.Neighbour;
import lienthong.proto.gateway.v1.NodeStatusResponse;
import lienthong.proto.gateway.v1.Refused;

/**
 * A node's disk is lost, and a copy from before is put back: a backup made while it ran, or its folder as it lay while it was stopped. In between
 * it has taken over more, so that it must refuse to go on; then its operator accepts the loss, as the documentation says. It must name what its
 * neighbours remember and the copy has not. What the office had sent itself has its end before the copy is taken. What it had done for good since
 * then may come again, with the mark, if it stood in the copy or if its sender did not know; nothing else may.
 */
final class RestoreFault implements Fault {
    /** {@code EX_IOERR} of sysexits.h: the code of an older disk. */
    private static final int DISK_OLDER_EXIT = 74;

    private static final int DISK_OLDER = 5002;

    /** So often seen to serve with all its links up, and it has not noticed. */
    private static final int UNMOVED_LOOKS = 40;

    private static final Pattern HOLDS =
            Pattern.compile("(A08[.0-9]*) holds our custody number ([0-9]+), this disk only ([0-9]+)");

    private final int takenLeast;
    private final int takenMore;

    /**
     * @param takenLeast messages taken over between the copy and the loss, at least
     * @param takenMore up to so many more, drawn
     */
    private RestoreFault(int takenLeast, int takenMore) {
        this.takenLeast = takenLeast;
        this.takenMore = takenMore;
    }

    /** For long runs. */
    static RestoreFault full() {
        return new RestoreFault(50, 1_951);
    }

    /** For the slice in the build. */
    static RestoreFault slice() {
        return new RestoreFault(10, 31);
    }

    @Override
    public String kind() {
        return "restore";
    }

    @Override
    public Fault brief() {
        return slice();
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        while (!limit.isReached(watch.strikes())) {
            List<LabNode> nodes = network.nodes();
            strike(
                    network,
                    nodes.get(random.nextInt(nodes.size())).code(),
                    random.nextBoolean(),
                    takenLeast + random.nextInt(takenMore),
                    watch);
        }
    }

    /** @param running whether the copy is a backup of the running node; otherwise its folder while it is stopped */
    private static void strike(ProofNetwork network, String victim, boolean running, int taken, Watch watch)
            throws IOException, InterruptedException {
        Office office = network.office(victim);
        LabNode node = network.node(victim);
        office.quiet(true);
        watch.await(victim + ": quiet", office::isQuiet);

        Path copy = Files.createDirectories(network.folder().resolve("copies")).resolve(victim + "-" + watch.strikes());
        Set<String> doneBefore = network.done(victim);
        if (running) {
            network.commands()
                    .must("backup", copy.toString(), "--data", node.data().toString());
        } else {
            node.close();
            Folders.copy(node.data(), copy);
            node.start();
            node.awaitServing();
        }
        Set<String> mayStandInIt = network.tried();
        long before = node.counter("taken_over");
        watch.await(
                victim + ": " + taken + " taken over since the copy",
                () -> node.counter("taken_over") - before >= taken);
        node.kill();
        office.hold(true);
        watch.await(victim + ": held", office::isHeld);
        Set<String> again = new HashSet<>(mayStandInIt);
        again.addAll(network.unheard(victim));
        again.retainAll(network.done(victim));
        again.removeAll(doneBefore);
        watch.mayComeAgain(again, office.linesReceived());

        Folders.delete(node.data());
        if (running) {
            network.commands()
                    .must("restore", copy.toString(), "--data", node.data().toString());
        } else {
            Folders.copy(copy, node.data());
        }
        Matcher holds = refused(node, running, watch);
        watch.struck(taken);

        network.commands()
                .must("restore", "--accept-loss", "--data", node.data().toString());
        long started = System.nanoTime();
        node.start();
        node.awaitServing();
        watch.await(victim + ": serves", () -> serves(node));
        watch.started((System.nanoTime() - started) / 1e9);
        long held = Long.parseLong(holds.group(3));
        long remembered = Long.parseLong(holds.group(2));
        String missing = holds.group(1) + " " + (remembered - held) + " (" + (held + 1) + "-" + remembered + ")";
        if (node.status().getNode().getNotesList().stream()
                .filter(note -> note.getNumber() == DISK_OLDER)
                .map(Refused::getDetail)
                .noneMatch(detail -> detail.contains(missing))) {
            throw watch.failed(
                    "proof.not-listed", victim, missing, node.status().getNode().getNotesList());
        }
        Folders.delete(copy);
        office.hold(false);
        office.quiet(false);
    }

    /**
     * Starts the node on the copy; it must end by itself with the code and the words of an older disk.
     *
     * @param isGated whether it knows that it is a copy, and so must accept nothing before its neighbours have spoken
     * @return who remembers what, and what the disk holds
     */
    private static Matcher refused(LabNode node, boolean isGated, Watch watch)
            throws IOException, InterruptedException {
        int logged = node.log().length();
        node.start();
        AtomicInteger unmoved = new AtomicInteger();
        watch.await(node.code() + ": refuses its old disk", () -> {
            if (isGated && node.isAlive() && accepts(node)) {
                throw watch.failed("proof.accepts-on-copy", node.code());
            }
            return !node.isAlive() || isLinked(node) && unmoved.incrementAndGet() == UNMOVED_LOOKS;
        });
        if (node.isAlive()) {
            throw watch.failed("proof.not-refused", node.code());
        }
        String said = node.log().substring(logged);
        Matcher holds = HOLDS.matcher(said);
        if (node.exitCode() != DISK_OLDER_EXIT || !said.contains("LT-" + DISK_OLDER) || !holds.find()) {
            throw watch.failed("proof.refused-otherwise", node.code(), node.exitCode(), said.strip());
        }
        return holds;
    }

    private static boolean accepts(LabNode node) {
        try {
            return Readiness.accepts(node, node.code());
        } catch (StatusRuntimeException silent) {
            return false;
        }
    }

    private static boolean serves(LabNode node) {
        return is(node, status -> status.getCondition() != Condition.CONDITION_RED);
    }

    /** Whether it serves, and all its neighbours have said their hello. */
    private static boolean isLinked(LabNode node) {
        return is(
                node,
                status -> status.getCondition() != Condition.CONDITION_RED
                        && status.getNeighboursCount() > 0
                        && status.getNeighboursList().stream().allMatch(Neighbour::getConnected));
    }

    private static boolean is(LabNode node, Predicate<NodeStatusResponse> so) {
        try {
            return so.test(node.status().getNode());
        } catch (StatusRuntimeException between) {
            // Its next life begins: the socket is closed and opened anew.
            return false;
        }
    }
}
