package lienthong.gateway.store;

import java.time.Instant;
import java.util.List;
import lienthong.gateway.message.MessageId;

/**
 * Settled evidence, kept apart from the log for ten years and more: checksummed files, one a month, and an index that can be made anew from
 * them. Appending the same evidence twice (a restart between archiving and settling) is allowed and shows once. Thread-safe.
 */
public interface Archive {
    /** Queues records; {@code durable} runs in the loop when all are on disk, never when the store has failed. Never blocks. */
    void append(List<ArchiveRecord> records, Runnable durable);

    /** All records of a message in the order they were archived; empty when there are none. Blocks. */
    List<ArchiveRecord> find(MessageId id);

    /** Ids of messages that an application sent under this id, oldest first, at most 1,000. Blocks. */
    List<MessageId> findByClientId(String clientId);

    /**
     * A page of messages whose claimed time is in {@code [from, to)}, ascending by (time, id).
     *
     * @param after the last entry of the page before, or {@code null} for the first page
     * @param limit 1 to 1,000
     */
    List<Entry> list(Instant from, Instant to, @org.jspecify.annotations.Nullable Entry after, int limit);

    /** A message in the archive. */
    record Entry(Instant time, MessageId id) {}
}
