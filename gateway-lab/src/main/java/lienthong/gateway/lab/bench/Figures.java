package lienthong.gateway.lab.bench;

import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * What a run found, in the columns of the peers' harness.
 *
 * @param messages sent in the measured time
 * @param verified of those, arrived once, whole and with the right hash
 * @param seconds from the first send to the last arrival
 * @param sizeBytes of each
 * @param delivery nanoseconds from the moment a message was due to the consumer's hand; in {@code start} from the process to its first answer
 * @param acceptance nanoseconds to the origin's answer that it is kept
 * @param cpuSeconds user and system time by process: the nodes by code, and {@code bench} for producer and consumer
 * @param fsyncs of all nodes
 * @param receiptsHomeSeconds from the last arrival until the origin held the signed receipt of every message
 * @param reopened of the origin with everything in its queue, where the workload asks for it
 * @param line that the messages shared with others, where the workload has one
 */
record Figures(
        String workload,
        long messages,
        long verified,
        double seconds,
        int sizeBytes,
        Histogram delivery,
        Histogram acceptance,
        Map<String, Double> cpuSeconds,
        long fsyncs,
        double receiptsHomeSeconds,
        Optional<Reopened> reopened,
        Optional<Line> line) {

    /**
     * How a node came back after SIGKILL.
     *
     * @param seconds from the process to its first answer
     * @param peakBytes the most it had resident until then
     * @param storeBytes its data folder
     */
    record Reopened(double seconds, long peakBytes, long storeBytes) {}

    /**
     * A slow line.
     *
     * @param megabits it carries in a second
     * @param carried of that, while the messages were measured
     */
    record Line(double megabits, double carried) {}

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("workload", workload);
        json.addProperty("suite", 1);
        json.addProperty("messages", messages);
        json.addProperty("verified", verified);
        json.addProperty("seconds", rounded(seconds));
        json.addProperty("msg_per_s", rounded(messagesPerSecond()));
        json.addProperty("mb_per_s", rounded(megabytesPerSecond()));
        json.addProperty("p50_ms", millis(delivery, 50));
        json.addProperty("p99_ms", millis(delivery, 99));
        json.addProperty("max_ms", millis(delivery, 100));
        json.addProperty("cpu_ms_per_msg", cpuMillisPerMessage());
        json.addProperty("fsyncs", fsyncs);
        json.addProperty("accept_p50_ms", millis(acceptance, 50));
        json.addProperty("accept_p99_ms", millis(acceptance, 99));
        json.addProperty("receipts_home_seconds", rounded(receiptsHomeSeconds));
        reopened.ifPresent(back -> {
            json.addProperty("reopened_seconds", rounded(back.seconds()));
            json.addProperty("reopened_peak_mb", rounded(back.peakBytes() / 1e6));
            json.addProperty("store_mb", rounded(back.storeBytes() / 1e6));
        });
        line.ifPresent(slow -> {
            json.addProperty("line_mbit_per_s", rounded(slow.megabits()));
            json.addProperty("carried_mbit_per_s", rounded(slow.carried()));
        });
        JsonObject each = new JsonObject();
        cpuSeconds.forEach((name, cpu) -> each.addProperty(name, perMessage(cpu)));
        json.add("cpu_ms_per_msg_by_process", each);
        return json;
    }

    private double messagesPerSecond() {
        return seconds == 0 ? 0 : messages / seconds;
    }

    private double megabytesPerSecond() {
        return messagesPerSecond() * sizeBytes / 1e6;
    }

    private double cpuMillisPerMessage() {
        return perMessage(
                cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum());
    }

    private double perMessage(double cpu) {
        return Math.round(cpu * 1e7 / Math.max(1, messages)) / 1e4;
    }

    private static double millis(Histogram histogram, double percentile) {
        return rounded(histogram.getValueAtPercentile(percentile) / 1e6);
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    /** A small table, and the latencies as a picture in text. */
    void print(PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%-8s %9s %9s %9s %9s %9s %9s %9s %11s %8s%n",
                "workload",
                "messages",
                "verified",
                "msg/s",
                "MB/s",
                "p50 ms",
                "p99 ms",
                "max ms",
                "cpu ms/msg",
                "fsyncs");
        out.printf(
                Locale.ROOT,
                "%-8s %9d %9d %9.1f %9.2f %9.3f %9.3f %9.3f %11.4f %8d%n",
                workload,
                messages,
                verified,
                messagesPerSecond(),
                megabytesPerSecond(),
                millis(delivery, 50),
                millis(delivery, 99),
                millis(delivery, 100),
                cpuMillisPerMessage(),
                fsyncs);
        out.println();
        cpuSeconds.forEach((name, cpu) ->
                out.printf(Locale.ROOT, "%-12s %9.4f ms of processor a message%n", name, perMessage(cpu)));
        if (acceptance.getTotalCount() > 0) {
            out.printf(
                    Locale.ROOT,
                    "accepted (on disk at the origin) p50 %.3f ms, p99 %.3f ms; receipts all home %.3f s after the"
                            + " last arrival%n",
                    millis(acceptance, 50),
                    millis(acceptance, 99),
                    receiptsHomeSeconds);
        }
        reopened.ifPresent(back -> out.printf(
                Locale.ROOT,
                "the origin, killed with all of them in its queue (%.1f MB), serves again after %.3f s with %.1f MB"
                        + " resident at most%n",
                back.storeBytes() / 1e6,
                back.seconds(),
                back.peakBytes() / 1e6));
        line.ifPresent(slow -> out.printf(
                Locale.ROOT,
                "over a line of %.3f Mbit/s that carried %.3f Mbit/s meanwhile%n",
                slow.megabits(),
                slow.carried()));
        out.println();
        out.println(sizeBytes == 0 ? "started → answers" : "due → in the consumer's hand");
        double longest = millis(delivery, 99.9);
        for (double percentile : new double[] {10, 25, 50, 75, 90, 95, 99, 99.9, 100}) {
            double value = millis(delivery, percentile);
            int bar = (int) Math.min(50, Math.round(50 * value / Math.max(0.001, longest)));
            out.printf(Locale.ROOT, "%6.1f %% %10.3f ms  %s%n", percentile, value, "#".repeat(bar));
        }
    }
}
