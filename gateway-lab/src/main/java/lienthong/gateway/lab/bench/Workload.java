package lienthong.gateway.lab.bench;

import java.util.Optional;

/**
 * What is sent and how.
 *
 * @param name on the command line and in the figures
 * @param sizeBytes of each payload
 * @param perSecond messages per second when paced by the clock, 0 when as many as the gateway takes
 * @param window messages under way from end to end
 * @param acceptWindow messages handed over and not yet accepted
 * @param seconds measured, unless told otherwise
 * @param warmUpSeconds of the same traffic before, thrown away
 */
record Workload(
        String name, int sizeBytes, int perSecond, int window, int acceptWindow, int seconds, int warmUpSeconds) {
    static Optional<Workload> named(String name) {
        return switch (name) {
            case "small" -> Optional.of(new Workload(name, 1024, 0, 16_384, 4_096, 15, 20));
            case "trickle" -> Optional.of(new Workload(name, 1024, 200, 16_384, 4_096, 20, 10));
            case "large" -> Optional.of(new Workload(name, 10 * 1024 * 1024, 0, 4, 4, 15, 10));
            default -> Optional.empty();
        };
    }

    Workload lasting(int newSeconds, int newWarmUpSeconds) {
        return new Workload(name, sizeBytes, perSecond, window, acceptWindow, newSeconds, newWarmUpSeconds);
    }
}
