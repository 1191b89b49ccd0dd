package lienthong.gateway.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.delivery.DeliveryStatus.Counter;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.routing.Route;
import lienthong.gateway.store.ArchiveKind;
import lienthong.gateway.store.ArchiveRecord;

/**
 * Receipts of this node: everything that waits forms one signing request, consecutive leaves of one seal become one range, and the stronger
 * replaces the weaker that has not left. The envelope is let go only after its evidence is archived, in the commit that stores the receipt.
 */
final class ReceiptDesk {
    private static final Duration KEY_AWAY_RETRY = Duration.ofSeconds(5);
    /** How long the receipts of a bundle that was taken in part wait for the rest. */
    private static final Duration PARTLY_WAIT = Duration.ofMillis(200);

    private final Desks desks;
    private final Set<Copy> delivered = new LinkedHashSet<>();
    private final Set<Copy> ended = new LinkedHashSet<>();
    private final Set<Copy> partly = new LinkedHashSet<>();
    private final Map<Copy, ErrorCode> stated = new LinkedHashMap<>();
    private final Map<Copy, Map<Integer, RoutedReceipt>> elsewhere = new HashMap<>();
    private boolean signing;
    private boolean starting;

    ReceiptDesk(Desks desks) {
        this.desks = desks;
    }

    /** It is durable here. */
    void delivered(Copy copy) {
        delivered.add(copy);
        startSoon();
    }

    /** Its neighbour offered it again: perhaps the receipt was lost on the way. */
    void deliveredAgain(Copy copy) {
        boolean waits = copy.deliveredRoad != null && desks.homeward.isOnItsWay(copy.deliveredRoad);
        if (copy.isLocal() && copy.deliveredSigned && !copy.isLocallyDone() && !waits) {
            delivered(copy);
        }
    }

    /** Some of its messages were taken or given back, durably. */
    void ended(Copy copy) {
        if (copy.held.gone || copy.held.closing) {
            return;
        }
        if (copy.isLocallyDone()) {
            delivered.remove(copy);
            ended.add(copy);
            startSoon();
        } else if (partly.add(copy)) {
            // The rest of a bundle follows at once as a rule: then one range says what would be up to 64 receipts.
            desks.dues.in(PARTLY_WAIT, () -> {
                partly.remove(copy);
                if (!copy.held.gone && !copy.held.closing) {
                    ended.add(copy);
                    startSoon();
                }
            });
        }
    }

    /** An embedded client has signed for itself. */
    void signedElsewhere(Copy copy, int position, RoutedReceipt receipt) {
        elsewhere.computeIfAbsent(copy, none -> new HashMap<>()).put(position, receipt);
    }

    /** The sender's own statement. */
    void state(Copy copy, ErrorCode reason) {
        stated.put(copy, reason);
        startSoon();
    }

    private void startSoon() {
        if (!signing && !starting) {
            starting = true;
            desks.turn.atEnd(() -> {
                starting = false;
                start();
            });
        }
    }

    /** A receipt to be: what it says of which messages of which copies. */
    private static final class Plan {
        final Receipt.Kind kind;
        final Optional<ErrorCode> reason;
        final long count;
        final List<Copy> copies = new ArrayList<>();
        /** Messages of the first copy; all of them for a range. */
        final List<Integer> positions;

        int last;

        Plan(Receipt.Kind kind, Optional<ErrorCode> reason, long count, Copy copy, List<Integer> positions) {
            this.kind = kind;
            this.reason = reason;
            this.count = count;
            this.positions = positions;
            this.copies.add(copy);
            this.last = copy.held.index;
        }

        Copy first() {
            return copies.get(0);
        }

        boolean isWhole() {
            return positions.size() == first().held.messages();
        }

        /** What of a copy is now signed; the bundles of a range need not be of one size. */
        void mark(Copy copy) {
            if (isWhole()) {
                copy.units.forEach(unit -> unit.signed = true);
            } else {
                positions.forEach(position -> copy.units.get(position).signed = true);
            }
        }

        ReceiptDraft draft() {
            Held held = first().held;
            Receipt.Subject subject = isWhole() && (copies.size() > 1 || held.messages() > 1)
                    ? new Receipt.Subject.Range(held.sealRoot, held.treeSize, held.index, last)
                    : new Receipt.Subject.One(held.header.ids().get(positions.get(0)), held.leaf, held.ciphertextRoot);
            Address recipient = first().address;
            Address speaker = kind == Receipt.Kind.EXPIRED ? held.header.sender() : recipient;
            return new ReceiptDraft(kind, subject, speaker, recipient, reason, count);
        }
    }

    private void start() {
        if (signing) {
            return;
        }
        List<Plan> plans = plans();
        if (plans.isEmpty()) {
            return;
        }
        signing = true;
        desks.ports.receipts().sign(plans.stream().map(Plan::draft).toList(), answers -> {
            signing = false;
            signed(plans, answers);
            if (!delivered.isEmpty() || !ended.isEmpty() || !stated.isEmpty()) {
                startSoon();
            }
        });
    }

    private List<Plan> plans() {
        List<Plan> single = new ArrayList<>();
        takeEnded(single);
        for (Copy copy : drain(delivered, Limits.TREE_LEAVES_MAX - single.size())) {
            if (!copy.held.gone && !copy.isLocallyDone()) {
                single.add(new Plan(Receipt.Kind.DELIVERED, Optional.empty(), 0, copy, all(copy)));
            }
        }
        for (Copy copy : drain(stated.keySet(), Limits.TREE_LEAVES_MAX - single.size(), false)) {
            ErrorCode reason = stated.remove(copy);
            single.add(new Plan(Receipt.Kind.EXPIRED, Optional.ofNullable(reason), 0, copy, all(copy)));
        }
        return merged(single);
    }

    private void takeEnded(List<Plan> into) {
        for (Copy copy : List.copyOf(ended)) {
            if (into.size() + copy.units.size() > Limits.TREE_LEAVES_MAX) {
                return;
            }
            ended.remove(copy);
            if (copy.held.gone || copy.held.closing) {
                continue;
            }
            Map<Integer, RoutedReceipt> own = elsewhere.getOrDefault(copy, Map.of());
            boolean ownSigned = false;
            Map<Said, List<Integer>> groups = new LinkedHashMap<>();
            for (int i = 0; i < copy.units.size(); i++) {
                Copy.Unit unit = copy.units.get(i);
                if (!unit.state.isEnd() || unit.signed) {
                    continue;
                }
                if (own.containsKey(i)) {
                    unit.signed = true;
                    ownSigned = true;
                    continue;
                }
                Receipt.Kind kind = unit.state == CopyState.CONSUMED ? Receipt.Kind.CONSUMED : Receipt.Kind.RETURNED;
                groups.computeIfAbsent(
                                new Said(kind, Optional.ofNullable(unit.reason), unit.deliveries),
                                none -> new ArrayList<>())
                        .add(i);
            }
            groups.forEach((said, positions) -> split(into, copy, said, positions));
            if (ownSigned) {
                elsewhere.remove(copy);
                sendAll(copy, List.copyOf(own.values()));
            }
        }
    }

    private record Said(Receipt.Kind kind, Optional<ErrorCode> reason, long count) {}

    /** All messages of an envelope are one plan; some of them, one each. */
    private static void split(List<Plan> into, Copy copy, Said said, List<Integer> positions) {
        if (positions.size() == copy.held.messages()) {
            into.add(new Plan(said.kind(), said.reason(), said.count(), copy, positions));
            return;
        }
        for (int position : positions) {
            into.add(new Plan(said.kind(), said.reason(), said.count(), copy, List.of(position)));
        }
    }

    private static List<Integer> all(Copy copy) {
        List<Integer> positions = new ArrayList<>(copy.held.messages());
        for (int i = 0; i < copy.held.messages(); i++) {
            positions.add(i);
        }
        return positions;
    }

    private static List<Copy> drain(Set<Copy> from, int max) {
        return drain(from, max, true);
    }

    private static List<Copy> drain(Set<Copy> from, int max, boolean remove) {
        List<Copy> taken = from.stream().limit(Math.max(0, max)).toList();
        if (remove) {
            taken.forEach(from::remove);
        }
        return taken;
    }

    private record RangeKey(Hash root, Address recipient, Receipt.Kind kind, Optional<ErrorCode> reason, long count) {}

    /** Plans about whole envelopes at consecutive leaves of one seal become one. */
    private static List<Plan> merged(List<Plan> plans) {
        Map<RangeKey, List<Plan>> byRange = new LinkedHashMap<>();
        List<Plan> result = new ArrayList<>();
        for (Plan plan : plans) {
            if (plan.isWhole()) {
                byRange.computeIfAbsent(
                                new RangeKey(
                                        plan.first().held.sealRoot,
                                        plan.first().address,
                                        plan.kind,
                                        plan.reason,
                                        plan.count),
                                none -> new ArrayList<>())
                        .add(plan);
            } else {
                result.add(plan);
            }
        }
        byRange.values().forEach(group -> {
            group.sort(Comparator.comparingInt(plan -> plan.last));
            Plan open = group.get(0);
            result.add(open);
            for (Plan next : group.subList(1, group.size())) {
                if (next.last == open.last + 1) {
                    open.copies.add(next.first());
                    open.last = next.last;
                } else {
                    open = next;
                    result.add(open);
                }
            }
        });
        return result;
    }

    // ---- signed

    private void signed(List<Plan> plans, List<Optional<ReceiptPort.Signed>> answers) {
        List<RoutedReceipt> afterArchive = new ArrayList<>();
        Map<Held, List<RoutedReceipt>> closing = new LinkedHashMap<>();
        List<Copy> over = new ArrayList<>();
        List<Plan> away = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            Plan plan = plans.get(i);
            if (answers.get(i).isEmpty()) {
                away.add(plan);
                continue;
            }
            desks.counters.add(Counter.RECEIPTS_SIGNED);
            ReceiptPort.Signed signed = answers.get(i).get();
            RoutedReceipt routed =
                    new RoutedReceipt(plan.first().held.header.sender(), signed.signed(), signed.receipt());
            switch (plan.kind) {
                case DELIVERED -> delivered(plan, routed);
                case EXPIRED -> plan.copies.forEach(copy -> desks.origin.stated(copy, routed));
                case CONSUMED, RETURNED -> {
                    afterArchive.add(routed);
                    for (Copy copy : plan.copies) {
                        plan.mark(copy);
                        over.add(copy);
                        closing.computeIfAbsent(copy.held, none -> new ArrayList<>())
                                .add(routed);
                    }
                }
            }
        }
        if (!away.isEmpty()) {
            // Only what that key must sign waits; the others go on.
            desks.dues.in(KEY_AWAY_RETRY, () -> {
                away.forEach(this::again);
                startSoon();
            });
        }
        if (!afterArchive.isEmpty()) {
            close(afterArchive, closing, over);
        }
    }

    private void again(Plan plan) {
        for (Copy copy : plan.copies) {
            switch (plan.kind) {
                case DELIVERED -> delivered.add(copy);
                case EXPIRED -> stated.put(copy, plan.reason.orElse(ErrorCode.EXPIRED));
                case CONSUMED, RETURNED -> ended.add(copy);
            }
        }
    }

    private void delivered(Plan plan, RoutedReceipt routed) {
        List<Copy> open = plan.copies.stream()
                .filter(copy -> !copy.held.gone && !copy.isLocallyDone())
                .toList();
        if (open.isEmpty()) {
            // A stronger one is on its way.
            return;
        }
        List<ArchiveRecord> kept = new ArrayList<>();
        for (Copy copy : open) {
            if (!copy.deliveredSigned && !copy.held.isOwn()) {
                // Its own word, for its own evidence; the first is enough. The sender's node keeps what comes home.
                kept.add(new ArchiveRecord(
                        copy.held.header.created(),
                        copy.held.header.id(),
                        "",
                        ArchiveKind.RECEIPT,
                        Records.encodeReceipt(routed)));
            }
            copy.deliveredSigned = true;
            desks.table.changed(copy);
        }
        if (!kept.isEmpty()) {
            desks.store.archive().append(kept, () -> {});
        }
        Optional<Road> road = dispatch(routed);
        road.ifPresent(way -> {
            way.needed = open.size();
            open.forEach(copy -> copy.deliveredRoad = way);
        });
    }

    /** Towards its sender, or to this node's own origin desk. */
    private Optional<Road> dispatch(RoutedReceipt routed) {
        if (desks.route(routed.to()) instanceof Route.DeliverHere) {
            desks.origin.receiptCame(routed, refusal -> {});
            return Optional.empty();
        }
        return Optional.of(desks.homeward.send(routed, Optional.empty()));
    }

    /** An embedded client's receipts for messages of one copy. */
    private void sendAll(Copy copy, List<RoutedReceipt> receipts) {
        close(
                List.copyOf(new LinkedHashSet<>(receipts)),
                new LinkedHashMap<>(Map.of(copy.held, receipts)),
                List.of(copy));
    }

    /** Archives what is done with these receipts; then, in one commit, the receipts go on their way and their envelopes are let go. */
    private void close(List<RoutedReceipt> receipts, Map<Held, List<RoutedReceipt>> closing, List<Copy> over) {
        List<ArchiveRecord> evidence = new ArrayList<>();
        List<ProofPort.Signed> signed = new ArrayList<>();
        List<Held> done = new ArrayList<>();
        closing.forEach((held, own) -> {
            held.receiptsHere.addAll(own);
            if (!held.isOwn() && isDone(held)) {
                held.closing = true;
                done.add(held);
                evidence.addAll(desks.origin.archived(held, held.receiptsHere));
                signed.add(OriginDesk.signed(held, held.receiptsHere));
            }
        });
        if (evidence.isEmpty()) {
            sendOff(receipts, done, over);
        } else {
            desks.origin.archive(evidence, signed, () -> sendOff(receipts, done, over));
        }
    }

    private static boolean isDone(Held held) {
        return !held.closing
                && held.copies.stream().filter(Copy::isLocal).allMatch(Copy::isLocallySigned)
                && held.legs.stream().allMatch(leg -> leg.state == HopState.HANDED || leg.state == HopState.DONE);
    }

    private void sendOff(List<RoutedReceipt> receipts, List<Held> done, List<Copy> over) {
        desks.turn.together(8_192);
        for (Copy copy : over) {
            Road weaker = copy.deliveredRoad;
            if (weaker != null && copy.isLocallySigned()) {
                copy.deliveredRoad = null;
                desks.homeward.supersede(weaker);
            }
        }
        receipts.forEach(this::dispatch);
        done.stream().filter(held -> !held.gone).forEach(desks.table::drop);
        over.stream().map(copy -> copy.held).filter(Held::isOwn).forEach(desks.origin::settleIfDone);
    }

    /** Its last branch is in custody of the next hop: if applications here are through with it too, it is let go. */
    void closeIfDone(Held held) {
        if (!held.isOwn() && !held.gone && !held.closing && isDone(held)) {
            close(List.of(), new LinkedHashMap<>(Map.of(held, List.of())), List.of());
        }
    }
}
