package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.util.Random;

/** A kind of misfortune that strikes a network under load. */
interface Fault {
    /** The kind's name, as on the command line and in the book. */
    String kind();

    /** The same fault as it strikes a short run: for the slice in the build, and for mutants. */
    default Fault brief() {
        return this;
    }

    /**
     * Strikes until {@code limit} says that it is enough; every node serves again when this returns.
     *
     * @param random of the run's seed: the only source of choice
     * @param watch told of each strike
     */
    void strike(ProofNetwork network, Random random, Limit limit, Watch watch) throws IOException, InterruptedException;
}
