package lienthong.gateway.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.process.DaemonOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bench over three real node processes, with few messages: what it says must be true; how fast is nobody's promise here. */
class BenchIT {
    private static final Path NETWORK =
            Path.of(System.getProperty("lienthong.root", "."), "samples", "network", "binh-dinh-2020.yaml");

    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

    private Figures run(String workload, long messages, Path folder) throws Exception {
        Bench bench = new Bench(
                new PrintStream(progress, true, StandardCharsets.UTF_8),
                DaemonOptions.with(Optional.of("-Xmx128m -XX:TieredStopAtLevel=1")));
        Workload asked = Workload.named(workload).orElseThrow().lasting(messages, 600, 0);
        return bench.run(asked, folder.resolve("province"), NETWORK);
    }

    @Test
    void everySmallMessageIsVerifiedAndItsReceiptIsHome(@TempDir Path folder) throws Exception {
        Figures figures = run("small", 500, folder);
        assertThat(figures.messages()).isEqualTo(500);
        assertThat(figures.verified()).isEqualTo(500);
        assertThat(figures.fsyncs()).isPositive();
        JsonObject json = figures.json();
        assertThat(json.keySet())
                .containsAll(List.of(
                        "workload",
                        "suite",
                        "messages",
                        "verified",
                        "seconds",
                        "msg_per_s",
                        "mb_per_s",
                        "p50_ms",
                        "p99_ms",
                        "max_ms",
                        "cpu_ms_per_msg",
                        "fsyncs"));
        assertThat(json.get("workload").getAsString()).isEqualTo("small");
        assertThat(json.get("suite").getAsInt()).isEqualTo(1);
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        figures.print(new PrintStream(table, true, StandardCharsets.UTF_8));
        assertThat(table.toString(StandardCharsets.UTF_8)).contains("msg/s").contains("A08.01.20");
        assertThat(progress.toString(StandardCharsets.UTF_8)).contains("seed ");
    }

    @Test
    void everyLargeMessageIsVerified(@TempDir Path folder) throws Exception {
        Figures figures = run("large", 3, folder);
        assertThat(figures.verified()).isEqualTo(3);
        assertThat(figures.json().get("mb_per_s").getAsDouble()).isPositive();
    }

    @Test
    void aQueueThatItsNodeDiedWithIsThereAgainAndArrives(@TempDir Path folder) throws Exception {
        Figures figures = run("queue", 300, folder);
        assertThat(figures.verified()).isEqualTo(300);
        JsonObject json = figures.json();
        assertThat(json.get("reopened_seconds").getAsDouble()).isPositive();
        assertThat(json.get("reopened_peak_mb").getAsDouble()).isPositive();
        assertThat(json.get("store_mb").getAsDouble()).isGreaterThan(300 * 1024 / 1e6);
    }
}
