package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code proof flip}: bits of the store by itself, fast, and bits of the files of real nodes, one in so many. */
final class Flip implements Kind {
    /** On the store; one more is on a node. */
    private static final int STORE_TO_NODE = 24;

    private static final int CYCLES = 500;
    private static final int SHARE = 3;

    private final Kind store;
    private final Kind nodes;

    private Flip(Kind store, Kind nodes) {
        this.store = store;
        this.nodes = nodes;
    }

    static Flip full() {
        return new Flip(StoreKinds.flip(), new OnNetwork(new FlipFault(2_000), LoadPlan.slice(), 1));
    }

    @Override
    public String name() {
        return "flip";
    }

    @Override
    public int cycles() {
        return CYCLES;
    }

    @Override
    public int share() {
        return SHARE;
    }

    /** Of real nodes alone: the store by itself has a check of its own. */
    @Override
    public Kind brief() {
        return nodes.brief();
    }

    @Override
    public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException {
        long onNodes = Math.max(1, limit.cycles() / (STORE_TO_NODE + 1));
        long left = limit.untilNanos() - System.nanoTime();
        Limit first = limit.untilNanos() == Long.MAX_VALUE
                ? Limit.of(Math.max(1, limit.cycles() - onNodes), 0)
                : Limit.lasting(Math.max(1, limit.cycles() - onNodes), Math.max(0, left / SHARE));
        Optional<Verdict> alone = ProofCommand.run(
                store,
                setting.in(Files.createDirectories(setting.folder().resolve("store"))),
                seed,
                first.stoppedBy(limit.stop()));
        Optional<Verdict> real = ProofCommand.run(
                nodes,
                setting.in(Files.createDirectories(setting.folder().resolve("nodes"))),
                seed,
                new Limit(onNodes, limit.untilNanos(), limit.stop()));
        return alone.isPresent() && real.isPresent() ? Optional.of(sum(alone.get(), real.get())) : Optional.empty();
    }

    private static Verdict sum(Verdict alone, Verdict real) {
        List<String> broken = new ArrayList<>(alone.broken());
        broken.addAll(real.broken());
        return new Verdict(
                real.kind(),
                real.seed(),
                alone.struck() + real.struck(),
                real.findings(),
                real.quarantined(),
                real.evidence(),
                real.slowestStartSeconds(),
                real.starts(),
                alone.seconds() + real.seconds(),
                alone.failed() + real.failed(),
                broken);
    }
}
