package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.lab.LabTexts;

/** A kind of proof that the command knows by name. */
interface Kind {
    /** As on the command line and in the book. */
    String name();

    /** Strikes without a number given. */
    int cycles();

    /** How much of the time of {@code proof all} it gets, beside the others' shares. */
    default int share() {
        return 1;
    }

    /** Minutes below which it proves nothing; {@code proof all} leaves it out when its share is less. */
    default int minutesMin() {
        return 0;
    }

    /** The same with a small load, for a few strikes. */
    default Kind brief() {
        return this;
    }

    /** Runs to its end; empty when this machine cannot, which was said then. */
    Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException;

    /**
     * Where a proof runs.
     *
     * @param home the checkout
     * @param folder for what the run makes
     * @param nodeOptions of each node's JVM
     * @param before folders of classes that hide those of the nodes and of the store that is struck, never those of offices and judge
     */
    record Setting(
            LabTexts texts,
            PrintStream progress,
            Path home,
            Path folder,
            Path networkFile,
            List<String> nodeOptions,
            List<Path> before) {
        public Setting {
            nodeOptions = List.copyOf(nodeOptions);
            before = List.copyOf(before);
        }

        /** The product as it is. */
        Setting(
                LabTexts texts,
                PrintStream progress,
                Path home,
                Path folder,
                Path networkFile,
                List<String> nodeOptions) {
            this(texts, progress, home, folder, networkFile, nodeOptions, List.of());
        }

        /** The same, told of progress elsewhere. */
        Setting telling(PrintStream other) {
            return new Setting(texts, other, home, folder, networkFile, nodeOptions, before);
        }

        /** The same with a folder of its own. */
        Setting in(Path own) {
            return new Setting(texts, progress, home, own, networkFile, nodeOptions, before);
        }
    }

    /** A fault that strikes a network under load. */
    record OnNetwork(Fault fault, LoadPlan plan, int cycles, int minutesMin) implements Kind {
        OnNetwork(Fault fault, LoadPlan plan, int cycles) {
            this(fault, plan, cycles, 0);
        }

        @Override
        public String name() {
            return fault.kind();
        }

        /** Joining and settling take a minute of it. */
        @Override
        public int share() {
            return 3;
        }

        @Override
        public Kind brief() {
            return new OnNetwork(fault.brief(), LoadPlan.slice(), cycles, 0);
        }

        @Override
        public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException {
            Means<? extends Ground> means = fault.ground(setting, new Random(seed));
            if (means instanceof Means.Missing<? extends Ground> missing) {
                setting.progress().println(setting.texts().text("proof.needs", missing.needs()));
                return Optional.empty();
            }
            try (Ground ground = ((Means.Here<? extends Ground>) means).it()) {
                return Optional.of(new ProofRun(setting).run(fault, ground, plan, seed, limit));
            }
        }
    }
}
