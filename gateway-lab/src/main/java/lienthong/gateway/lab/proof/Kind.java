package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.LabTexts;

/** A kind of proof that the command knows by name. */
interface Kind {
    /** As on the command line and in the book. */
    String name();

    /** Strikes without a number given. */
    int cycles();

    /** Runs to its end; empty when this machine cannot, which was said then. */
    Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException;

    /**
     * Where a proof runs.
     *
     * @param home the checkout
     * @param folder for what the run makes
     * @param nodeOptions of each node's JVM
     */
    record Setting(
            LabTexts texts, PrintStream progress, Path home, Path folder, Path networkFile, List<String> nodeOptions) {
        public Setting {
            nodeOptions = List.copyOf(nodeOptions);
        }
    }

    /** A fault that strikes a network under load. */
    record OnNetwork(Fault fault, LoadPlan plan, int cycles) implements Kind {
        @Override
        public String name() {
            return fault.kind();
        }

        @Override
        public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException {
            return Optional.of(new ProofRun(
                            setting.texts(),
                            setting.progress(),
                            setting.folder(),
                            setting.networkFile(),
                            setting.nodeOptions())
                    .run(fault, plan, seed, limit));
        }
    }
}
