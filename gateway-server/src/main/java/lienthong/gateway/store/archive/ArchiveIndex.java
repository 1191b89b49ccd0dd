package lienthong.gateway.store.archive;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.store.Archive;
import org.jspecify.annotations.Nullable;

/** Where each archived record stands. Worth nothing by itself: it is made anew from the files. Used under the archive's lock. */
interface ArchiveIndex extends AutoCloseable {
    /** A record's place. */
    record Place(int month, long offset, int length, Instant time, MessageId id, String clientId) {}

    /** How far a month's file is indexed. */
    record Progress(long end, long lastNumber) {}

    /** Adds places and notes progress, all or nothing. */
    void add(List<Place> places, Map<Integer, Progress> progress) throws IndexFault;

    Map<Integer, Progress> progress() throws IndexFault;

    List<Place> find(MessageId id) throws IndexFault;

    List<MessageId> findByClientId(String clientId, int limit) throws IndexFault;

    List<Archive.Entry> list(Instant from, Instant to, Archive.@Nullable Entry after, int limit) throws IndexFault;

    /** Empties it. */
    void clear() throws IndexFault;

    @Override
    void close();

    /** The index cannot be used as it is. */
    final class IndexFault extends Exception {
        private static final long serialVersionUID = 1L;

        IndexFault(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }
}
