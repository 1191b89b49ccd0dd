package lienthong.gateway.delivery;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Precedence;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one neighbour, in five bands. The highest band goes first, except that one turn in {@value #TURNS} belongs to the bands below
 * it, the one served longest ago first; flash and flash timed are exempt: while they wait, nothing else goes. Within a band senders take
 * turns, and each sender's items go oldest first. What is put back after a lost session stands again where it stood.
 *
 * @param <T> what waits
 */
final class PrecedenceQueue<T> {
    static final int TURNS = 32;

    private final List<Band<T>> bands = new ArrayList<>();
    private long turns;
    private int size;

    PrecedenceQueue() {
        for (Precedence precedence : Precedence.values()) {
            bands.add(new Band<>(precedence));
        }
    }

    /** Where an item stands: its place is its own. */
    record Place(Precedence precedence, Address sender, long order, boolean large) {}

    void add(Place place, T item) {
        @Nullable
        T before = line(place)
                .senders
                .computeIfAbsent(place.sender(), none -> new TreeMap<>())
                .put(place.order(), item);
        Invariant.check(before == null, "two items in one place of a queue");
        size++;
    }

    private Line<T> line(Place place) {
        Band<T> band = bands.get(place.precedence().number());
        return place.large() ? band.large : band.small;
    }

    /** Takes an item out without sending it; whether it was there. */
    boolean remove(Place place) {
        Map<Address, TreeMap<Long, T>> senders = line(place).senders;
        TreeMap<Long, T> own = senders.get(place.sender());
        if (own == null || own.remove(place.order()) == null) {
            return false;
        }
        if (own.isEmpty()) {
            senders.remove(place.sender());
        }
        size--;
        return true;
    }

    /** Takes the next item for which there is room; {@code null} when there is none. */
    @Nullable
    T next(LinkRoom room) {
        int highest = highest(room);
        if (highest < 0) {
            return null;
        }
        int chosen = highest;
        if (highest < Precedence.FLASH.number() && ++turns % TURNS == 0) {
            int rest = longestUnserved(room, highest);
            chosen = rest < 0 ? highest : rest;
        }
        Band<T> band = bands.get(chosen);
        band.servedAt = turns;
        size--;
        return band.take(room);
    }

    private int highest(LinkRoom room) {
        for (int i = bands.size() - 1; i >= 0; i--) {
            if (isOpen(room, i)) {
                return i;
            }
        }
        return -1;
    }

    private int longestUnserved(LinkRoom room, int below) {
        int found = -1;
        for (int i = below - 1; i >= 0; i--) {
            if (isOpen(room, i) && (found < 0 || bands.get(i).servedAt < bands.get(found).servedAt)) {
                found = i;
            }
        }
        return found;
    }

    private boolean isOpen(LinkRoom room, int band) {
        return bands.get(band).hasSmall(room) || bands.get(band).hasLarge(room);
    }

    int size() {
        return size;
    }

    /** All items, in no promised order. */
    List<T> items() {
        List<T> all = new ArrayList<>(size);
        for (Band<T> band : bands) {
            band.small.senders.values().forEach(own -> all.addAll(own.values()));
            band.large.senders.values().forEach(own -> all.addAll(own.values()));
        }
        return all;
    }

    /** Those of one kind; the first sender is the next to have a turn. */
    private static final class Line<T> {
        private final LinkedHashMap<Address, TreeMap<Long, T>> senders = new LinkedHashMap<>();

        boolean isEmpty() {
            return senders.isEmpty();
        }

        T take() {
            Map.Entry<Address, TreeMap<Long, T>> turn =
                    senders.entrySet().iterator().next();
            Address sender = turn.getKey();
            TreeMap<Long, T> own = turn.getValue();
            T item = own.pollFirstEntry().getValue();
            senders.remove(sender);
            if (!own.isEmpty()) {
                senders.put(sender, own);
            }
            return item;
        }
    }

    /** One precedence. Large ones stand apart, so that they keep no small one back when no place is left for them. */
    private static final class Band<T> {
        private final Line<T> small = new Line<>();
        private final Line<T> large = new Line<>();
        private final Precedence precedence;
        private long servedAt;
        private boolean largeTurn;

        Band(Precedence precedence) {
            this.precedence = precedence;
        }

        boolean hasSmall(LinkRoom room) {
            return !small.isEmpty() && room.has(precedence);
        }

        boolean hasLarge(LinkRoom room) {
            return !large.isEmpty() && room.has(precedence) && room.hasForLarge(precedence);
        }

        T take(LinkRoom room) {
            boolean takeLarge = hasLarge(room) && (largeTurn || !hasSmall(room));
            largeTurn = !takeLarge;
            return (takeLarge ? large : small).take();
        }
    }
}
