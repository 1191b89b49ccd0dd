package lienthong.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.store.log.LogMessageStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Figures, not promises: {@code -Dstore.speed=1000000 -Dtest=StoreSpeedTest} writes that many values of 200 bytes, opens again, lists, and measures
 * lone commits. Run with {@code -Xmx256m} for the small node's figure.
 */
@EnabledIfSystemProperty(named = "store.speed", matches = "[0-9]+")
class StoreSpeedTest {
    @TempDir
    Path temporary;

    @Test
    void figures() throws Exception {
        int values = Integer.getInteger("store.speed");
        Path folder =
                Files.createDirectories(Path.of(System.getProperty("store.speed.folder", String.valueOf(temporary))));
        RealLoop loop = RealLoop.start("speed", 1, Throwable::printStackTrace);
        Clock clock = Clock.real();
        StoreSettings settings = StoreSettings.server(folder, 1, Projection.NONE);
        StringBuilder report = new StringBuilder();

        LogMessageStore store = LogMessageStore.open(
                        RealDisk.at(folder), clock, Randomness.real(), loop, StoreEvents.IGNORED, settings)
                .orBug();
        Bytes value = Bytes.ofOwned(Randomness.real().bytes(200));
        Semaphore window = new Semaphore(4_096);
        long start = clock.nanos();
        for (int i = 0; i < values; i++) {
            window.acquire();
            store.submit(new Batch().put(Kind.HEAD, store.newKey(), value), window::release);
        }
        window.acquire(4_096);
        report.append(String.format("%d values of 200 B: %.0f/s%n", values, values * 1e9 / (clock.nanos() - start)));
        Bytes large = Bytes.ofOwned(Randomness.real().bytes(2_000));
        window.release(4_096);
        start = clock.nanos();
        for (int i = 0; i < values / 5; i++) {
            window.acquire();
            long key = store.newKey();
            store.submit(new Batch().put(Kind.BODY, key, large).put(Kind.END, key, value), () -> {
                store.submit(new Batch().drop(Kind.BODY, key).drop(Kind.END, key), window::release);
            });
        }
        window.acquire(4_096);
        report.append(String.format(
                "%d messages of 2,000 B put and dropped: %.0f/s, %s%n",
                values / 5, 0.2e9 * values / (clock.nanos() - start), store.status()));

        long[] lone = new long[500];
        for (int i = 0; i < lone.length; i++) {
            CountDownLatch done = new CountDownLatch(1);
            start = clock.nanos();
            store.submit(new Batch().put(Kind.NODE, 1, value), done::countDown);
            done.await();
            lone[i] = clock.nanos() - start;
        }
        java.util.Arrays.sort(lone);
        report.append(String.format("lone commit: median %d us, p99 %d us%n", lone[250] / 1000, lone[495] / 1000));
        store.close();

        start = clock.nanos();
        LogMessageStore again = LogMessageStore.open(
                        RealDisk.at(folder), clock, Randomness.real(), loop, StoreEvents.IGNORED, settings)
                .orBug();
        long opened = clock.nanos();
        long[] seen = new long[1];
        again.forEach(Kind.HEAD, (key, found) -> seen[0]++);
        report.append(String.format(
                "open: %d ms, list %d values: %d ms%n",
                (opened - start) / 1_000_000, seen[0], (clock.nanos() - opened) / 1_000_000));
        assertThat(seen[0]).isEqualTo(values);
        again.close();
        loop.close();
        Files.writeString(Path.of(System.getProperty("java.io.tmpdir")).resolve("store-speed.txt"), report);
    }
}
