package lienthong.gateway.lab.bench;

import java.util.List;
import java.util.Optional;

/**
 * What is sent and how.
 *
 * @param name on the command line and in the figures
 * @param sizeBytes of each payload; 0 when nothing is sent
 * @param perSecond messages per second when paced by the clock, 0 when as many as the gateway takes
 * @param window messages under way from end to end
 * @param acceptWindow messages handed over and not yet accepted
 * @param messages after which the measured part ends even when its time is not over
 * @param seconds measured, unless told otherwise
 * @param warmUpSeconds of the same traffic before, thrown away
 */
record Workload(
        String name,
        int sizeBytes,
        int perSecond,
        int window,
        int acceptWindow,
        long messages,
        int seconds,
        int warmUpSeconds) {
    /** For a number of messages that is to be reached however long it takes. */
    static final int ANY_TIME_SECONDS = 24 * 60 * 60;

    /** Names as on the command line. */
    static final List<String> NAMES = List.of("small", "trickle", "large", "start", "queue", "urgent");

    static Optional<Workload> named(String name) {
        long unbounded = Long.MAX_VALUE;
        return switch (name) {
            case "small" -> Optional.of(new Workload(name, 1024, 0, 16_384, 4_096, unbounded, 15, 20));
            case "trickle" -> Optional.of(new Workload(name, 1024, 200, 16_384, 4_096, unbounded, 20, 10));
            case "large" -> Optional.of(new Workload(name, 10 * 1024 * 1024, 0, 4, 4, unbounded, 15, 10));
            case "queue" ->
                Optional.of(new Workload(name, 1024, 0, Integer.MAX_VALUE, 4_096, 1_000_000, ANY_TIME_SECONDS, 0));
            case "urgent" -> Optional.of(new Workload(name, 1024, 4, 16_384, 4_096, unbounded, 120, 15));
            case "start" -> Optional.of(new Workload(name, 0, 0, 0, 0, 5, 0, 0));
            default -> Optional.empty();
        };
    }

    /** Whether everything waits at its origin, through a start of it, before anything is delivered. */
    boolean isQueue() {
        return name.equals("queue");
    }

    /** Whether it is flash beside bulk that fills a slow line. */
    boolean isUrgent() {
        return name.equals("urgent");
    }

    /** What fills the line beside the one that is measured. */
    static Workload bulk(int seconds) {
        return new Workload("bulk", 4 * 1024 * 1024, 0, 4, 4, Long.MAX_VALUE, seconds, 0);
    }

    boolean isStart() {
        return sizeBytes == 0;
    }

    Workload lasting(long newMessages, int newSeconds, int newWarmUpSeconds) {
        return new Workload(
                name, sizeBytes, perSecond, window, acceptWindow, newMessages, newSeconds, newWarmUpSeconds);
    }
}
