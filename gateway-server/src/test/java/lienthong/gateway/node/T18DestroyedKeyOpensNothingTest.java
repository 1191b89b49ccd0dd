package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** T18: with an epoch key goes everything in memory that would open without it. */
class T18DestroyedKeyOpensNothingTest {
    @TempDir
    Path folder;

    @Test
    void aNodeForgetsWhatItsKeysHaveOpenedWhenOneIsDestroyed() throws Exception {
        try (TwoNodes nodes = new TwoNodes(folder)) {
            var id = T19RestoredDiskTest.deliver(nodes, "một");
            assertThat(id).isNotNull();
            assertThat(nodes.province.node().keptOpen())
                    .as("opened to be handed over")
                    .isPositive();
            assertThat(nodes.district.node().keptOpen()).as("sealed").isPositive();
            nodes.cut();
            nodes.clock.move(Duration.ofDays(120));
            nodes.province.renew();
            nodes.district.renew();
            await().untilAsserted(() -> {
                assertThat(nodes.province.node().keptOpen()).isZero();
                assertThat(nodes.district.node().keptOpen()).isZero();
            });
            assertThat(nodes.failures).isEmpty();
        }
    }
}
