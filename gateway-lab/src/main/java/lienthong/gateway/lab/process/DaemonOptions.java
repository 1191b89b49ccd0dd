package lienthong.gateway.lab.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Options of the JVM that runs a node, as the launcher gives them to {@code run}. */
public final class DaemonOptions {
    private static final List<String> AS_LAUNCHED = List.of("-XX:+UseSerialGC", "-Xmx512m");

    private DaemonOptions() {}

    /** The launcher's, then more, separated by blanks. */
    public static List<String> with(Optional<String> more) {
        List<String> all = new ArrayList<>(AS_LAUNCHED);
        more.ifPresent(text -> all.addAll(List.of(text.strip().split(" +", -1))));
        return all;
    }
}
