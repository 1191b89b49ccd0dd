package lienthong.gateway.api;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One WARN line per bad input, never content, at most one per source and number in 10 s with a count of those left out. Thread-safe. */
final class BadInputLog {
    private static final Logger LOG = LoggerFactory.getLogger(BadInputLog.class);
    private static final Duration QUIET = Duration.ofSeconds(10);
    private static final int SOURCES_MAX = 1_024;

    private final Map<Source, Seen> seen = new LinkedHashMap<>();

    synchronized void warn(String method, String who, Refusal why, Instant now) {
        Source source = new Source(who, why.reason());
        Seen last = seen.get(source);
        if (last != null && now.isBefore(last.at.plus(QUIET)) && !now.isBefore(last.at)) {
            last.leftOut++;
            return;
        }
        if (seen.size() >= SOURCES_MAX) {
            seen.remove(seen.keySet().iterator().next());
        }
        seen.put(source, new Seen(now));
        long leftOut = last == null ? 0 : last.leftOut;
        // The detail may quote what the caller sent: only number, name and place go to the log.
        LOG.warn(
                "{}",
                leftOut == 0
                        ? Detail.of("{0} from {1} to {2}", why.reason().label(), who, method)
                        : Detail.of(
                                "{0} from {1} to {2} (and {3} more like it)",
                                why.reason().label(), who, method, leftOut));
    }

    private record Source(String who, ErrorCode reason) {}

    private static final class Seen {
        private final Instant at;
        private long leftOut;

        private Seen(Instant at) {
            this.at = at;
        }
    }
}
