package lienthong.gateway.store.archive;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.store.Archive;
import org.jspecify.annotations.Nullable;

/** The index in memory, read from the files at each start: for simulated nodes. */
final class MemoryArchiveIndex implements ArchiveIndex {
    private static final Comparator<Archive.Entry> ORDER =
            Comparator.comparing(Archive.Entry::time).thenComparing(Archive.Entry::id);

    private final Map<MessageId, List<Place>> byId = new TreeMap<>();
    private final TreeSet<Archive.Entry> byTime = new TreeSet<>(ORDER);
    private final Map<String, TreeSet<MessageId>> byClient = new TreeMap<>();
    private final Map<Integer, Progress> progress = new TreeMap<>();

    @Override
    public void add(List<Place> places, Map<Integer, Progress> reached) {
        for (Place place : places) {
            byId.computeIfAbsent(place.id(), absent -> new ArrayList<>()).add(place);
            byTime.add(new Archive.Entry(place.time(), place.id()));
            if (!place.clientId().isEmpty()) {
                byClient.computeIfAbsent(place.clientId(), absent -> new TreeSet<>())
                        .add(place.id());
            }
        }
        progress.putAll(reached);
    }

    @Override
    public Map<Integer, Progress> progress() {
        return new TreeMap<>(progress);
    }

    @Override
    public List<Place> find(MessageId id) {
        return List.copyOf(byId.getOrDefault(id, List.of()));
    }

    @Override
    public List<MessageId> findByClientId(String clientId, int limit) {
        return byClient.getOrDefault(clientId, new TreeSet<>()).stream()
                .limit(limit)
                .toList();
    }

    @Override
    public List<Archive.Entry> list(Instant from, Instant to, Archive.@Nullable Entry after, int limit) {
        return (after == null ? byTime : byTime.tailSet(after, false))
                .stream()
                        .filter(entry ->
                                !entry.time().isBefore(from) && entry.time().isBefore(to))
                        .limit(limit)
                        .toList();
    }

    @Override
    public void clear() {
        byId.clear();
        byTime.clear();
        byClient.clear();
        progress.clear();
    }

    @Override
    public void close() {}
}
