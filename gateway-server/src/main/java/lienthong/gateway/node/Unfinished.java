package lienthong.gateway.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.DiskGate.Traffic;
import lienthong.gateway.store.DiskGate.Weight;
import lienthong.gateway.store.Spool;
import org.jspecify.annotations.Nullable;

/**
 * Who holds how much of the disk with envelopes that are not whole: what was offered counts from its acceptance, what is left of a broken transfer
 * until it goes on, or 7 days have passed since its last byte. So nobody fills a disk with beginnings. Confined to the loop.
 */
final class Unfinished {
    /** After so long without a byte a beginning is forgotten; its sender begins anew. */
    static final Duration KEPT = Duration.ofDays(7);
    /** Several together, of one owner, take at most this share of what is free and what beginnings hold. One alone may take what its traffic may. */
    static final int SHARE_PERCENT = 25;

    private final DiskGate gate;
    /** Removes one that is not open. */
    private final Consumer<String> remover;

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private static final class Entry {
        private final String owner;
        private final Traffic traffic;
        private long held;
        private boolean open;
        private Instant touched;

        Entry(String owner, Traffic traffic, long held, Instant touched) {
            this.owner = owner;
            this.traffic = traffic;
            this.held = held;
            this.touched = touched;
        }
    }

    /**
     * @param found what earlier lives of the process left
     * @param trafficOf an owner's
     * @param remover forgets one that is not open, on disk
     */
    Unfinished(DiskGate gate, List<Spool.Known> found, Function<String, Traffic> trafficOf, Consumer<String> remover) {
        this.gate = gate;
        this.remover = remover;
        found.stream().sorted(Comparator.comparing(Spool.Known::touched)).forEach(known -> {
            Traffic traffic = trafficOf.apply(known.owner());
            gate.hold(traffic, known.durableOffset());
            entries.put(known.name(), new Entry(known.owner(), traffic, known.durableOffset(), known.touched()));
        });
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Bytes that this owner holds, and may still bring of what is open. */
    long held(String owner) {
        return entries.values().stream()
                .filter(entry -> entry.owner.equals(owner))
                .mapToLong(entry -> entry.held)
                .sum();
    }

    /** Takes room for all of one that begins or goes on; or why not now. */
    Optional<Refusal> begin(String name, String owner, Traffic traffic, Weight weight, long length, Instant now) {
        Entry before = entries.remove(name);
        long here = before == null ? 0 : before.held;
        if (before != null) {
            gate.release(before.traffic, here);
        }
        long all = entries.values().stream().mapToLong(entry -> entry.held).sum();
        long share = (gate.freeBytes() + all + here) / 100 * SHARE_PERCENT;
        while (held(owner) > 0 && held(owner) + length > share) {
            Optional<String> oldest = oldest(owner);
            if (oldest.isEmpty()) {
                putBack(name, before);
                return Optional.of(Refusal.of(
                        ErrorCode.QUOTA,
                        "{0} holds {1} MB with envelopes that are not whole",
                        owner,
                        held(owner) / 1_000_000));
            }
            remove(oldest.get());
        }
        // What is on the disk already needs no room again.
        Result<Long> room = gate.take(traffic, weight, Math.max(0, length - here));
        if (!room.isOk()) {
            putBack(name, before);
            makeRoom(length, name);
            return Optional.of(room.refusal());
        }
        gate.hold(traffic, Math.min(length, here));
        Entry entry = new Entry(owner, traffic, length, now);
        entry.open = true;
        entries.put(name, entry);
        return Optional.empty();
    }

    /** Room is short: the oldest beginnings go, whoever's they are, so that the next try may pass. */
    private void makeRoom(long bytes, String but) {
        long freed = 0;
        for (Map.Entry<String, Entry> each : List.copyOf(entries.entrySet())) {
            if (freed < bytes && !each.getValue().open && !each.getKey().equals(but)) {
                freed += each.getValue().held;
                remove(each.getKey());
            }
        }
    }

    private void putBack(String name, @Nullable Entry before) {
        if (before != null) {
            gate.hold(before.traffic, before.held);
            entries.put(name, before);
        }
    }

    private Optional<String> oldest(String owner) {
        return entries.entrySet().stream()
                .filter(entry ->
                        !entry.getValue().open && entry.getValue().owner.equals(owner))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** It is whole and about to be kept under its own name: its room is counted there. */
    void kept(String name) {
        Entry entry = entries.get(name);
        if (entry != null) {
            gate.release(entry.traffic, entry.held);
            entry.held = 0;
        }
    }

    /** It broke off: so many bytes of it stay. */
    void suspended(String name, long bytes, Instant now) {
        Entry entry = entries.remove(name);
        if (entry == null) {
            return;
        }
        gate.release(entry.traffic, entry.held);
        if (bytes > 0) {
            gate.hold(entry.traffic, bytes);
            entry.held = bytes;
            entry.open = false;
            entry.touched = now;
            entries.put(name, entry); // the youngest
        }
    }

    /** Nothing of it is left here. */
    void ended(String name) {
        Entry entry = entries.remove(name);
        if (entry != null) {
            gate.release(entry.traffic, entry.held);
        }
    }

    /** Forgets what nobody went on with. */
    void sweep(Instant now) {
        for (Map.Entry<String, Entry> each : List.copyOf(entries.entrySet())) {
            if (!each.getValue().open && each.getValue().touched.plus(KEPT).isBefore(now)) {
                remove(each.getKey());
            }
        }
    }

    private void remove(String name) {
        ended(name);
        remover.accept(name);
    }
}
