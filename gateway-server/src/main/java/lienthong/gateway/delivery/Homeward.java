package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.routing.Route;
import lienthong.gateway.store.Kind;
import org.jspecify.annotations.Nullable;

/** Receipts and notices on their way: stored before they leave, before everything else in the queue, dropped when the next hop has them. */
final class Homeward {
    /**
     * Who a receipt goes home to is not signed. One text may speak of messages of several mailboxes of one office, hardly of more; beyond this it
     * stays with who brings it until one of these has arrived.
     */
    static final int SENDERS_MAX = 3;

    private static final int RECENT_MAX = 4_096;
    /** A receipt whose origin is nowhere to be found is worth nothing once the message itself is over. */
    private static final Duration STRANDED_MAX =
            Duration.ofSeconds(Limits.LIFETIME_SECONDS_MAX + Limits.RETURN_GRACE_SECONDS);

    private static final Duration REFUSED_RETRY = Duration.ofSeconds(10);

    private final Desks desks;
    private final Map<Long, Road> roads = new TreeMap<>();
    private final Map<Long, Road> stranded = new LinkedHashMap<>();
    private final LinkedHashMap<Long, Object> recent = new LinkedHashMap<>();
    private final Map<Hash, List<Road>> byText = new HashMap<>();

    Homeward(Desks desks) {
        this.desks = desks;
    }

    int size() {
        return roads.size();
    }

    void recoverReceipt(long key, Records.KeptReceipt record) {
        RoutedReceipt receipt = record.receipt();
        recovered(new Road(key, false, receipt.to(), textOf(receipt), Optional.empty(), record.since()));
    }

    void recoverNotice(long key, Records.NoticeOnItsWay record) {
        RoutedNotice notice = record.notice();
        recovered(new Road(key, true, notice.notice().recipient(), textOf(notice), Optional.empty(), record.since()));
    }

    private void recovered(Road road) {
        enter(road);
        place(road);
    }

    private static Hash textOf(RoutedReceipt receipt) {
        return Hash.of(receipt.signed().text());
    }

    private static Hash textOf(RoutedNotice notice) {
        return Hash.of(notice.signed());
    }

    private void enter(Road road) {
        roads.put(road.key, road);
        byText.computeIfAbsent(road.text, none -> new ArrayList<>(1)).add(road);
    }

    /** Whether the same text is on its way to as many others as may be. */
    boolean isEverywhere(RoutedReceipt receipt) {
        List<Road> same = byText.getOrDefault(textOf(receipt), List.of());
        return same.size() >= SENDERS_MAX && same.stream().noneMatch(road -> road.to.equals(receipt.to()));
    }

    /** The same again, while it is on its way: whoever brings it now may know that there is another way than back. */
    private @Nullable Road known(Hash text, Address to, Optional<OrganisationId> from) {
        for (Road road : byText.getOrDefault(text, List.of())) {
            if (road.to.equals(to)) {
                if (stranded.remove(road.key) != null) {
                    road.from = from;
                    place(road);
                }
                return road;
            }
        }
        return null;
    }

    /** Stores a receipt in the batch of this turn, unless it is stored already; it leaves when that is durable. */
    Road send(RoutedReceipt receipt, Optional<OrganisationId> from) {
        Hash text = textOf(receipt);
        Road known = known(text, receipt.to(), from);
        if (known != null) {
            return known;
        }
        Road road = new Road(desks.store.newKey(), false, receipt.to(), text, from, desks.turn.now());
        Bytes value = new Records.KeptReceipt(receipt, road.since, false).encode();
        desks.turn.together(value.size());
        desks.turn.put(Kind.RECEIPT, road.key, value);
        begin(road, receipt);
        return road;
    }

    /** Stores a notice in the batch of this turn, unless it is stored already; it leaves when that is durable. */
    void send(RoutedNotice notice, Optional<OrganisationId> from) {
        Hash text = textOf(notice);
        if (known(text, notice.notice().recipient(), from) != null) {
            return;
        }
        Road road = new Road(desks.store.newKey(), true, notice.notice().recipient(), text, from, desks.turn.now());
        Bytes value = new Records.NoticeOnItsWay(notice, road.since).encode();
        desks.turn.together(value.size());
        desks.turn.put(Kind.NOTICE, road.key, value);
        begin(road, notice);
    }

    private void begin(Road road, Object content) {
        enter(road);
        recent.put(road.key, content);
        if (recent.size() > RECENT_MAX) {
            recent.remove(recent.keySet().iterator().next());
        }
        desks.turn.whenDurable(() -> {
            if (roads.containsKey(road.key)) {
                place(road);
            }
        });
    }

    private void place(Road road) {
        Route route = desks.route(road.to);
        if (route instanceof Route.Forward forward && !road.from.equals(Optional.of(forward.neighbour()))) {
            OrganisationId best = forward.neighbour();
            if (!desks.forwarding.isUp(best)) {
                Neighbour away = desks.forwarding.neighbour(best);
                boolean long_ = away.awaySince != null
                        && away.awaySince.plus(desks.policy.alternativeAfter()).isBefore(desks.turn.now());
                best = long_
                        ? forward.alternatives().stream()
                                .filter(desks.forwarding::isUp)
                                .findFirst()
                                .orElse(best)
                        : best;
            }
            road.neighbour = best;
            Neighbour neighbour = desks.forwarding.neighbour(best);
            neighbour.roads.put(road.key, road);
            desks.forwarding.wake(neighbour);
        } else if (route instanceof Route.DeliverHere) {
            // The address has moved to this node while its receipt was on the way.
            read(road, RoutedReceipt.class).ifPresent(receipt -> desks.origin.receiptCame(receipt, answer -> {}));
            read(road, RoutedNotice.class).ifPresent(notice -> desks.local.noticeCame(notice));
            drop(road);
        } else {
            road.neighbour = null;
            stranded.put(road.key, road);
        }
    }

    Optional<Parcel> next(Neighbour neighbour, long token) {
        while (!neighbour.roads.isEmpty()) {
            Road road = neighbour.roads.pollFirstEntry().getValue();
            Optional<Parcel> parcel = road.notice
                    ? read(road, RoutedNotice.class).map(notice -> new Parcel.Word(token, notice))
                    : read(road, RoutedReceipt.class).map(receipt -> new Parcel.Home(token, receipt));
            if (parcel.isPresent()) {
                road.given = true;
                neighbour.given.put(token, new Neighbour.Given.OfRoad(road));
                return parcel;
            }
            desks.event(
                    What.QUARANTINED,
                    Optional.of(ErrorCode.RECORD_DAMAGED),
                    Optional.empty(),
                    Detail.of("a receipt's record is damaged; the origin asks again"));
            drop(road);
        }
        return Optional.empty();
    }

    private <T> Optional<T> read(Road road, Class<T> type) {
        Object found = recent.get(road.key);
        if (found == null && road.notice) {
            found = desks.store
                    .read(Kind.NOTICE, road.key)
                    .map(value -> Records.NoticeOnItsWay.decode(value).notice())
                    .orElse(null);
        } else if (found == null) {
            found = desks.store
                    .read(Kind.RECEIPT, road.key)
                    .map(value -> Records.KeptReceipt.decode(value).receipt())
                    .orElse(null);
        }
        return type.isInstance(found) ? Optional.of(type.cast(found)) : Optional.empty();
    }

    void putBack(Neighbour neighbour, Road road) {
        road.given = false;
        if (roads.containsKey(road.key)) {
            neighbour.roads.put(road.key, road);
            desks.forwarding.wake(neighbour);
        }
    }

    boolean isOnItsWay(Road road) {
        return roads.containsKey(road.key);
    }

    /** The next hop has it. */
    void arrived(Road road) {
        drop(road);
    }

    void rejected(Neighbour neighbour, Road road, Refusal why, Optional<Duration> retryAfter) {
        if (why.reason().retry() == ErrorCode.Retry.LATER || retryAfter.isPresent()) {
            desks.dues.in(retryAfter.map(desks.forwarding::bounded).orElse(REFUSED_RETRY), () -> {
                road.given = false;
                if (isOnItsWay(road)) {
                    place(road); // the directory may have given it another way meanwhile
                }
            });
            return;
        }
        // Whoever refuses it for good has kept it as evidence; carrying it on would not change its mind.
        desks.event(
                What.QUARANTINED,
                Optional.of(why.reason()),
                Optional.empty(),
                road.notice
                        ? Detail.of("{0} refused a notice for {1}: {2}", neighbour.id, road.to, why.about())
                        : Detail.of("{0} refused a receipt for {1}: {2}", neighbour.id, road.to, why.about()));
        drop(road);
    }

    /** A stronger receipt speaks for one of the copies this one is about; dropped when it waits here and no copy needs it. */
    void supersede(Road road) {
        road.needed--;
        if (road.needed == 0 && !road.given && roads.containsKey(road.key)) {
            drop(road);
        }
    }

    private void drop(Road road) {
        roads.remove(road.key);
        stranded.remove(road.key);
        recent.remove(road.key);
        byText.computeIfPresent(road.text, (text, same) -> {
            same.remove(road);
            return same.isEmpty() ? null : same;
        });
        if (road.neighbour != null) {
            desks.forwarding.neighbour(road.neighbour).roads.remove(road.key);
        }
        desks.turn.drop(road.notice ? Kind.NOTICE : Kind.RECEIPT, road.key);
    }

    /** Another directory, or a neighbour that stays away: what waits for it is placed anew. */
    void reroute(Neighbour neighbour) {
        List<Road> waiting = List.copyOf(neighbour.roads.values());
        neighbour.roads.clear();
        waiting.forEach(this::place);
    }

    void routeStranded() {
        List<Road> waiting = List.copyOf(stranded.values());
        stranded.clear();
        waiting.forEach(this::place);
    }

    /** Daily: what found no home for longer than any message lives. */
    void sweep(Instant now) {
        for (Road road : List.copyOf(stranded.values())) {
            if (road.since.plus(STRANDED_MAX).isBefore(now)) {
                drop(road);
            }
        }
    }
}
