package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.province.Province;

/** A kind of misfortune that strikes a network under load. */
interface Fault {
    /** The kind's name, as on the command line and in the book. */
    String kind();

    /** Who joins the network that it strikes, a parent before its children. */
    default List<Province.Office> offices() {
        return ProofNetwork.FIVE;
    }

    /** When everything has its end, before the ledgers are judged: what else did not hold, a sentence each. */
    default List<String> atRest(ProofNetwork network, LabTexts texts, Random random, Watch watch)
            throws IOException, InterruptedException {
        return List.of();
    }

    /**
     * Client ids of messages whose own record a node has set aside, which it thereby names: only their origin had that record, so nobody
     * can give it again, and their end is not asked for. Empty for a fault that damages nothing.
     */
    default Set<String> setAside(ProofNetwork network) throws IOException {
        return Set.of();
    }

    /** The same fault as it strikes a short run: for the slice in the build, and for mutants. */
    default Fault brief() {
        return this;
    }

    /** Whether it may leave records or files that a node cannot read; where it may not, a node that says so has lost something. */
    default boolean mayDamage() {
        return false;
    }

    /**
     * What the nodes must stand on for this fault; made before they join.
     *
     * @param random of the run's seed
     */
    default Means<? extends Ground> ground(Kind.Setting setting, Random random)
            throws IOException, InterruptedException {
        return new Means.Here<>(Ground.PLAIN);
    }

    /**
     * Strikes until {@code limit} says that it is enough; every node serves again when this returns.
     *
     * @param random of the run's seed: the only source of choice
     * @param watch told of each strike
     */
    void strike(ProofNetwork network, Random random, Limit limit, Watch watch) throws IOException, InterruptedException;

    /** What it sent itself, in ledgers of its own; only after {@link #strike}. */
    default List<Path> ledgers() {
        return List.of();
    }
}
