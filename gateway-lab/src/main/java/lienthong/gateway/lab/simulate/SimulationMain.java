package lienthong.gateway.lab.simulate;

/** A process that runs seeds until one breaks a promise: {@code FIRST COUNT}. The last line is {@code {"cycles":N,"failed":K}}. */
public final class SimulationMain {
    private SimulationMain() {}

    @SuppressWarnings("SystemOut") // this is a command
    public static void main(String[] arguments) throws InterruptedException {
        Simulation.quiet();
        long first = Long.parseLong(arguments[0]);
        long count = Long.parseLong(arguments[1]);
        int failed = 0;
        long seeds = 0;
        try (Seeds<Simulation.Outcome> all = Seeds.onAllCores(first, Simulation::run)) {
            while (seeds < count && failed == 0) {
                Simulation.Outcome outcome = all.next();
                seeds++;
                if (outcome.broken().isPresent()) {
                    failed++;
                    System.out.println("seed " + outcome.seed() + ": "
                            + outcome.broken().get().word() + ": " + outcome.how());
                }
            }
        }
        System.out.println("{\"cycles\":" + seeds + ",\"failed\":" + failed + "}");
    }
}
