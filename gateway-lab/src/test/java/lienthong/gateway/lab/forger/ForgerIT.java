package lienthong.gateway.lab.forger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.gateway.lab.province.Readiness;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Receipt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A thief with a district's keys against the province's node: both as processes. */
class ForgerIT {
    private static final List<String> OPTIONS = DaemonOptions.withMemory(256);

    private static Path folder = Path.of("");
    private static @Nullable Province province;
    private static @Nullable LabNode hub;
    private static @Nullable LabNode district;

    @BeforeAll
    static void twoOfficesOfWhichOneIsRobbed() throws IOException, InterruptedException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "lienthong-forger-");
        Path network = Path.of(System.getProperty("lienthong.root"), "samples", "network", "binh-dinh-2020.yaml");
        province = Province.create(folder, network);
        hub = province.join("A08", "", OPTIONS);
        district = province.join("A08.01", "A08", OPTIONS);
        hub.start();
        district.start();
        hub.awaitServing();
        district.awaitServing();
        // The district's certificate is known to the hub once the hub can seal for it, and the other way round.
        Readiness.awaitKeys(hub, "A08.01");
        district.close();
    }

    @AfterAll
    static void tidy() throws IOException {
        if (province != null) {
            province.close();
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static Forger thief() throws InterruptedException {
        return Forger.with(district.data(), hub.listen());
    }

    @Test
    void aByteChangedAfterSealingIsRefusedAndNothingIsTaken() throws InterruptedException {
        long taken = hub.counter("taken_over");
        try (Forger thief = thief()) {
            Outcome outcome = thief.sendForged("A08");
            assertThat(outcome.isRefusedWith(ErrorCode.SEAL_INVALID))
                    .as("%s", outcome)
                    .isTrue();
            assertThat(outcome.isTaken() || outcome.isKnown()).isFalse();
        }
        assertThat(hub.counter("taken_over")).isEqualTo(taken);
        assertThat(hub.counter("bad_input_link")).isPositive();
    }

    @Test
    void theSameSealedBytesAreTakenOnceEvenAfterTheNodeWasKilled() throws InterruptedException, IOException {
        try (Forger thief = thief()) {
            assertThatThrownBy(thief::sendAgain).isInstanceOf(LabFailed.class);
            assertThat(thief.sendGenuine("A08").isTaken()).isTrue();
            long duplicates = hub.counter("duplicates");
            assertThat(thief.sendAgain().isKnown()).isTrue();
            assertThat(hub.counter("duplicates")).isEqualTo(duplicates + 1);
            hub.kill();
            hub.start();
            hub.awaitServing();
            assertThat(thief.sendAgain().isKnown()).as("after the kill").isTrue();
        }
    }

    @Test
    void whatCannotBeOpenedIsGivenBackAndNeverDelivered() throws InterruptedException {
        try (Forger thief = thief()) {
            assertThat(thief.receipts()).isEmpty();
            assertThat(thief.sendUnreadable("A08").isTaken()).isTrue();
            await().atMost(Duration.ofSeconds(30)).until(() -> thief.receipts().contains(Receipt.Kind.RETURNED));
            assertThat(thief.receipts()).doesNotContain(Receipt.Kind.DELIVERED);
        }
    }

    @Test
    void keysThatAreNotThereAreNoNullPointer() {
        assertThatThrownBy(() -> Forger.with(folder.resolve("authority"), hub.listen()))
                .isInstanceOf(LabFailed.class)
                .hasMessageContaining("keys");
    }
}
