package lienthong.gateway.lab.simulate;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/** Runs seeds. Each in the thread of whoever asks; a run depends on its seed and the program alone. */
public final class Simulation {
    private static final int SHRINK_RUNS_MAX = 200;
    private static final int HALVINGS_MAX = 8;

    private Simulation() {}

    /**
     * What came of one seed.
     *
     * @param hash over every event, the same whenever the seed is run
     * @param nodes of its province
     * @param struck faults
     * @param sent messages, each counted once for every recipient
     * @param accepted of these
     * @param received hand-overs
     * @param redelivered of these marked so
     * @param broken the promise that did not hold
     * @param how in a sentence
     * @param story in words, when it was asked for
     */
    public record Outcome(
            long seed,
            long hash,
            int nodes,
            long struck,
            long sent,
            long accepted,
            long received,
            long redelivered,
            Optional<Promise> broken,
            String how,
            Sights sights,
            List<String> story) {
        public Outcome {
            story = List.copyOf(story);
        }
    }

    /** Nodes by the thousand would say what a node says: nobody could read it. From now on, in this process. */
    public static void quiet() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger("lienthong").setLevel(Level.OFF);
        }
    }

    /** One seed. */
    public static Outcome run(long seed) {
        return run(Plan.of(seed), false);
    }

    /**
     * Leaves out of a seed's deeds whatever the broken promise does not need, as long as it takes.
     *
     * @param broken outcome of a seed that broke a promise
     * @return the shortest run that breaks the same promise, with its story
     */
    public static Outcome shrink(Outcome broken) {
        return run(
                shortest(
                        Plan.of(broken.seed()),
                        left -> run(left, false).broken().equals(broken.broken())),
                true);
    }

    /** Leaves out halves, quarters, single deeds, then offices and time, for as long as what is left is still {@code enough}. */
    static Plan shortest(Plan whole, Predicate<Plan> enough) {
        Plan plan = whole;
        int runs = 0;
        for (int step = Math.max(1, plan.deeds().size() / 2); step > 0 && runs < SHRINK_RUNS_MAX; ) {
            boolean shorter = false;
            for (int from = 0; from < plan.deeds().size() && runs < SHRINK_RUNS_MAX; ) {
                List<Deed> left = new ArrayList<>(plan.deeds());
                left.subList(from, Math.min(left.size(), from + step)).clear();
                Plan less = plan.with(left);
                runs++;
                if (enough.test(less)) {
                    plan = less;
                    shorter = true;
                } else {
                    from += step;
                }
            }
            step = shorter && step == 1 ? 1 : step / 2;
        }
        return quickest(plan, enough);
    }

    /** A small province if that does, and half the time as often as that does. */
    private static Plan quickest(Plan needed, Predicate<Plan> enough) {
        Plan plan = needed;
        if (plan.small().nodes() < plan.nodes() && enough.test(plan.small())) {
            plan = plan.small();
        }
        for (int run = 0; run < HALVINGS_MAX && enough.test(plan.quick()); run++) {
            plan = plan.quick();
        }
        return plan;
    }

    static Outcome run(Plan plan, boolean tells) {
        Province province = new Province(plan, tells);
        province.run();
        return new Outcome(
                plan.seed(),
                province.timeline.hash(),
                plan.nodes(),
                province.struck(),
                province.lettersSent(),
                province.accepted(),
                province.received(),
                province.redelivered(),
                province.broken().map(Province.Broken::promise),
                province.broken().map(Province.Broken::how).orElse(""),
                province.sights,
                province.story());
    }
}
