package lienthong.gateway.store;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lines derived from live values, for pages and counts. A moment behind the log; never asked for decisions. Methods block. Thread-safe. */
public interface View {
    /** A page of lines that match, ascending by (created, key). */
    List<Line> page(Query query, @Nullable Line after, int limit);

    /** How many lines match, by state. */
    Map<String, Long> countByState(Query query);

    /** Waits until everything durable at the call is shown. */
    void catchUp();

    /** Number of the last log record whose effect is shown. */
    long applied();

    /** A line with the kind and key of its value. */
    record Line(Kind kind, long key, Row row) {}

    /**
     * What to show; {@code null} means any.
     *
     * @param recipient an address that must be among the recipients
     */
    record Query(
            @Nullable Kind kind,
            @Nullable Long envelope,
            @Nullable String messageId,
            @Nullable String direction,
            @Nullable String sender,
            @Nullable String recipient,
            @Nullable String state,
            @Nullable Long createdFromMs,
            @Nullable Long createdToMs) {
        /** Everything. */
        public static final Query ALL = new Query(null, null, null, null, null, null, null, null, null);

        public static Query ofKind(Kind kind) {
            return new Query(kind, null, null, null, null, null, null, null, null);
        }

        public Query withEnvelope(long value) {
            return new Query(kind, value, messageId, direction, sender, recipient, state, createdFromMs, createdToMs);
        }

        public Query withMessageId(String value) {
            return new Query(kind, envelope, value, direction, sender, recipient, state, createdFromMs, createdToMs);
        }

        public Query withDirection(String value) {
            return new Query(kind, envelope, messageId, value, sender, recipient, state, createdFromMs, createdToMs);
        }

        public Query withSender(String value) {
            return new Query(kind, envelope, messageId, direction, value, recipient, state, createdFromMs, createdToMs);
        }

        public Query withRecipient(String value) {
            return new Query(kind, envelope, messageId, direction, sender, value, state, createdFromMs, createdToMs);
        }

        public Query withState(String value) {
            return new Query(
                    kind, envelope, messageId, direction, sender, recipient, value, createdFromMs, createdToMs);
        }

        /** Claimed time in {@code [from, to)}. */
        public Query withCreated(long fromMs, long toMs) {
            return new Query(kind, envelope, messageId, direction, sender, recipient, state, fromMs, toMs);
        }
    }
}
