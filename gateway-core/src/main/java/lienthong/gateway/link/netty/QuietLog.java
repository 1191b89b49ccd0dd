package lienthong.gateway.link.netty;

import java.util.LinkedHashMap;
import java.util.Map;
import lienthong.gateway.message.Detail;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line per source in ten seconds, with a count of what was left out: who floods the port must not fill the disk. Thread-safe. */
final class QuietLog {
    private static final Logger LOG = LoggerFactory.getLogger("lienthong.link");
    private static final long QUIET_NANOS = 10_000_000_000L;
    private static final int SOURCES_MAX = 1_024;

    private final Map<String, long[]> sources = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, long[]> eldest) {
            return size() > SOURCES_MAX;
        }
    };

    static void warn(Detail about) {
        LOG.warn("{}", about);
    }

    /** Warns unless this source was warned of within ten seconds. */
    synchronized void warn(String source, String text, long nowNanos) {
        long[] last = sources.get(source);
        if (last != null && nowNanos - last[0] < QUIET_NANOS) {
            last[1]++;
            return;
        }
        long more = last == null ? 0 : last[1];
        sources.put(source, new long[] {nowNanos, 0});
        LOG.warn(
                "{}",
                more == 0
                        ? Detail.of("{0}: {1}", source, Detail.technical(text))
                        : Detail.of("{0}: {1} (and {2} more like it)", source, Detail.technical(text), more));
    }
}
