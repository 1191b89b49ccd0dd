package lienthong.gateway.lab.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Options of the JVM that runs a node, as the launcher gives them to {@code run}. */
public final class DaemonOptions {
    private static final String COLLECTOR = "-XX:+UseSerialGC";
    private static final List<String> AS_LAUNCHED = List.of(COLLECTOR, "-Xmx512m");

    private DaemonOptions() {}

    /** The launcher's, then more, separated by blanks. */
    public static List<String> with(Optional<String> more) {
        List<String> all = new ArrayList<>(AS_LAUNCHED);
        more.ifPresent(text -> all.addAll(List.of(text.strip().split(" +", -1))));
        return all;
    }

    /** A node with so much memory, otherwise as launched. */
    public static List<String> withMemory(long mebibytes) {
        return List.of(COLLECTOR, "-Xmx" + mebibytes + "m", "-Xshare:auto");
    }

    /** One of many on a machine, or one that lives for seconds: compiles once and simply. */
    public static List<String> shortLived(long mebibytes) {
        List<String> all = new ArrayList<>(withMemory(mebibytes));
        all.add("-XX:TieredStopAtLevel=1");
        return List.copyOf(all);
    }
}
