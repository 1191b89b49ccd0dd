package lienthong.gateway.lab.province;

import java.util.List;

/**
 * Where a node runs and how its neighbour reaches it.
 *
 * @param launcher words before its JVM's, such as those that enter a network namespace; they must leave it the process id
 * @param listen host it listens at
 * @param dial host at which it finds its parent
 */
public record Place(List<String> launcher, String listen, String dial) {
    private static final String LOCAL = "127.0.0.1";

    public Place {
        launcher = List.copyOf(launcher);
    }

    /** On this machine's loopback address, with its parent there too. */
    public static Place local() {
        return new Place(List.of(), LOCAL, LOCAL);
    }

    /** On the loopback address of the namespace that {@code launcher} enters. */
    public static Place within(List<String> launcher) {
        return new Place(launcher, LOCAL, LOCAL);
    }
}
