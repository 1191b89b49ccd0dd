package lienthong.gateway.lab.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** Processor time and memory of processes, from the kernel's {@code /proc}. */
public final class ProcessCost {
    /** Clock ticks per second that {@code /proc} counts in: fixed on Linux. */
    private static final double TICKS_PER_SECOND = 100.0;

    private ProcessCost() {}

    /** User and system seconds of all these processes together; one that has ended counts zero. */
    public static double cpuSeconds(Collection<Long> pids) {
        double sum = 0;
        for (long pid : pids) {
            sum += cpuSeconds(pid);
        }
        return sum;
    }

    private static double cpuSeconds(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
        } catch (IOException ended) {
            return 0;
        }
    }

    /** Resident bytes of a process, 0 when it has ended. */
    public static long residentBytes(long pid) {
        return memory(pid, "VmRSS:");
    }

    /** The most bytes a process ever had resident, 0 when it has ended. */
    public static long peakResidentBytes(long pid) {
        return memory(pid, "VmHWM:");
    }

    private static long memory(long pid, String name) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
            return 0;
        } catch (IOException ended) {
            return 0;
        }
    }
}
