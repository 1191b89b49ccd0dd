package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class NodeWatchTest {
    private final NodeWatch watch = new NodeWatch(Clock.real());

    @Test
    void sourcesThatPeersInventTakeBoundedMemory() {
        Logger log = (Logger) LoggerFactory.getLogger("lienthong.node");
        log.setLevel(Level.ERROR);
        try {
            for (int i = 0; i < NodeWatch.SOURCES_MAX + 500; i++) {
                watch.denied("nobody " + i, Refusal.of(ErrorCode.NOT_YOUR_ADDRESS));
            }
        } finally {
            log.setLevel(null);
        }
        assertThat(watch.quietSources()).isEqualTo(NodeWatch.SOURCES_MAX);
        assertThat(watch.counters()).containsEntry("denied", NodeWatch.SOURCES_MAX + 500L);
    }
}
