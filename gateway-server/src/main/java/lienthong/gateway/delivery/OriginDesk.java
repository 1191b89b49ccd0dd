package lienthong.gateway.delivery;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.delivery.DeliveryStatus.Counter;
import lienthong.gateway.delivery.Records.OwnNumbers;
import lienthong.gateway.delivery.Records.StreamKey;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.routing.Route;
import lienthong.gateway.routing.RoutingView.Standing;
import lienthong.gateway.store.ArchiveKind;
import lienthong.gateway.store.ArchiveRecord;
import lienthong.gateway.store.DiskGate.Traffic;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.SpoolId;
import org.jspecify.annotations.Nullable;

/** Own senders' messages from accepted to settled: kept until every recipient has an end, receipts matched field by field, lateness asked after. */
final class OriginDesk {
    private static final Duration BUSY_RETRY = Duration.ofSeconds(10);
    private static final Duration SKIP_RETRY = Duration.ofSeconds(30);
    /** What is overdue is looked at again after this: its end may still be being signed. */
    private static final Duration DUE_MIN = Duration.ofSeconds(1);

    /** Between two questions after the end of what was delivered. */
    private static final Duration ASK_FOR_END_MAX = Duration.ofDays(1);

    private static final int RECENT_MAX = 4_096;
    private static final int SETTLED_MAX = 16_384;
    /** Questions without any answer before it is offered again unasked. */
    private static final int UNANSWERED_MAX = 2;

    private final Desks desks;
    /** How many copies refer to a kept receipt. */
    private final Map<Long, Integer> kept = new HashMap<>();

    private final LinkedHashMap<Long, RoutedReceipt> recent = new LinkedHashMap<>();
    /** Roots of seals settled lately, with the keys of their records. */
    private final LinkedHashMap<Hash, Long> settled = new LinkedHashMap<>();

    private final Set<Skipping> skipping = new HashSet<>();
    private final List<Held> settling = new ArrayList<>();
    private int late;

    OriginDesk(Desks desks) {
        this.desks = desks;
    }

    private record Skipping(StreamKey stream, long first) {}

    int late() {
        return late;
    }

    // ---- accept

    Optional<Refusal> mayAccept(
            Address sender, List<Address> recipients, SecrecyMark mark, Precedence precedence, long bytes) {
        Optional<Refusal> forbidden = desks.intake.markForbids(mark, 0);
        if (forbidden.isEmpty()) {
            forbidden = addressesForbid(sender, recipients);
        }
        if (forbidden.isPresent()) {
            return forbidden;
        }
        Result<Long> room = desks.store.gate().take(Traffic.OWN, Intake.weight(precedence, bytes), bytes);
        if (room.isOk()) {
            desks.store.gate().release(Traffic.OWN, bytes);
            return Optional.empty();
        }
        return Optional.of(room.refusal());
    }

    /** All or none: one unknown recipient refuses the whole. */
    private Optional<Refusal> addressesForbid(Address sender, List<Address> recipients) {
        if (desks.routing.standing(sender, desks.turn.now()) instanceof Standing.Closed) {
            return Optional.of(Refusal.of(ErrorCode.REVOKED, "{0} is no longer in force", sender));
        }
        for (Address recipient : recipients) {
            if (desks.route(recipient) instanceof Route.Refuse refuse) {
                return Optional.of(refuse.why());
            }
        }
        return Optional.empty();
    }

    void accepted(List<AcceptedEnvelope> envelopes, Delivery.Answers answers) {
        for (int i = 0; i < envelopes.size(); i++) {
            int position = i;
            accept(envelopes.get(i), submission -> answers.answer(position, submission));
        }
    }

    private void accept(AcceptedEnvelope envelope, Consumer<Submission> answer) {
        Header header = envelope.facts().header();
        Held before = desks.table.byId(header.sender(), header.id());
        if (before != null && before.leaf.equals(envelope.facts().leaf())) {
            if (envelope.sealed().ciphertext() instanceof SealedEnvelope.Ciphertext.Spooled again) {
                desks.store.spool().discard(new SpoolId(again.spoolId()));
            }
            desks.turn.whenDurable(() -> answer.accept(new Submission.Accepted(header.ids(), before.takenAt)));
            return;
        }
        Optional<Refusal> refusal = before != null
                ? Optional.of(
                        Refusal.of(ErrorCode.ID_CONFLICT, "message {0} is here with another content", header.id()))
                : desks.intake.markForbids(header.mark(), header.suite());
        if (refusal.isEmpty()) {
            refusal = addressesForbid(header.sender(), header.recipients());
        }
        if (refusal.isPresent()) {
            refuse(envelope, refusal.get());
            answer.accept(new Submission.Refused(refusal.get()));
            return;
        }
        Result<Long> room = desks.store
                .gate()
                .take(
                        Traffic.OWN,
                        Intake.weight(header.precedence(), envelope.facts().ciphertextLength()),
                        room(envelope));
        if (!room.isOk()) {
            refuse(envelope, room.refusal());
            desks.counters.add(Counter.BUSY);
            answer.accept(new Submission.Busy(room.refusal(), BUSY_RETRY));
            return;
        }
        keep(envelope, answer);
    }

    private void refuse(AcceptedEnvelope envelope, Refusal why) {
        envelope.reservation().ifPresent(reservation -> {
            desks.numbers.abandon(reservation, why.reason());
            sendSkips();
        });
        releaseClaims(envelope);
        desks.event(What.REFUSED, why.reason(), envelope.facts().header().id(), why.about());
    }

    private void releaseClaims(AcceptedEnvelope envelope) {
        envelope.clients()
                .forEach(client -> client.ifPresent(request ->
                        desks.clients.release(envelope.facts().header().sender(), request)));
    }

    private static long room(AcceptedEnvelope envelope) {
        return envelope.facts().ciphertextLength()
                + 2_048L * envelope.facts().header().recipients().size()
                + 4_096;
    }

    private void keep(AcceptedEnvelope envelope, Consumer<Submission> answer) {
        Header header = envelope.facts().header();
        List<Integer> covered = new ArrayList<>();
        Map<Integer, LocalSlot> local = new TreeMap<>();
        for (int i = 0; i < header.recipients().size(); i++) {
            covered.add(i);
            LocalSlot slot = envelope.local().get(header.recipients().get(i));
            if (slot != null) {
                local.put(i, slot);
            }
        }
        desks.turn.together(
                Intake.sizeOf(envelope.sealed()) + envelope.manifests().size() + 8_192L);
        List<Optional<Incarnation>> lives =
                header.recipients().stream().map(desks.routing::life).toList();
        Records.Head head = new Records.Head(
                Optional.empty(),
                0,
                desks.turn.now(),
                Duration.ZERO,
                envelope.facts(),
                Hash.of(envelope.sealed().core()),
                covered,
                local,
                envelope.clients(),
                envelope.reservation().map(reservation -> OwnNumbers.of(reservation, lives)),
                envelope.reservation().isPresent() ? List.of() : lives);
        Held held = desks.table.add(desks.store.newKey(), head, desks.turn.nanos());
        desks.table.write(held, head, envelope.sealed(), envelope.manifests());
        envelope.reservation().ifPresent(desks.numbers::used);
        Instant at = desks.turn.now();
        for (int i = 0; i < header.ids().size(); i++) {
            MessageId id = header.ids().get(i);
            envelope.clients().get(i).ifPresent(request -> desks.clients.answered(header.sender(), request, id, at));
        }
        desks.local.note(held);
        desks.counters.add(Counter.ACCEPTED, header.ids().size());
        desks.turn.whenDurable(() -> {
            answer.accept(new Submission.Accepted(header.ids(), at));
            releaseClaims(envelope);
            desks.event(What.ACCEPTED, header.id(), held.acceptedOf(header.sender()));
            progress(held, Optional.empty(), Progress.What.ACCEPTED, at);
            desks.intake.start(held);
            rearm(held);
        });
    }

    // ---- receipts

    /** A receipt for a message of an own sender; {@code answer} in the loop, empty when it was taken or known already. */
    void receiptCame(RoutedReceipt routed, Consumer<Optional<Refusal>> answer) {
        Receipt receipt = routed.receipt();
        if (receipt.kind() == Receipt.Kind.EXPIRED) {
            answer.accept(forged(routed, "only the sender states expired"));
            return;
        }
        if (receipt.subject() instanceof Receipt.Subject.One one) {
            Held held = ownByLeaf(one.leaf());
            if (held == null) {
                settledBefore(routed, one.id(), one.leaf(), answer);
                return;
            }
            int position = held.header.ids().indexOf(one.id());
            Copy copy = held.copyFor(receipt.recipient());
            if (position < 0 || copy == null || !one.ciphertextRoot().equals(held.ciphertextRoot)) {
                answer.accept(forged(routed, "it does not match message {0}", one.id()));
                return;
            }
            answer.accept(take(routed, List.of(new About(copy, position, position))));
            return;
        }
        answer.accept(range(routed, (Receipt.Subject.Range) receipt.subject()));
    }

    /** Messages first to last of one copy. */
    private record About(Copy copy, int first, int last) {}

    private Optional<Refusal> range(RoutedReceipt routed, Receipt.Subject.Range range) {
        List<About> about = new ArrayList<>();
        for (int index = range.first(); index <= range.last(); index++) {
            Held held = desks.table.ownBySeal(range.sealRoot(), index);
            if (held == null) {
                continue;
            }
            Copy copy = held.copyFor(routed.receipt().recipient());
            if (copy == null || held.treeSize != range.treeSize()) {
                return forged(
                        routed,
                        "leaf {0} of the range was not sent to {1}",
                        index,
                        routed.receipt().recipient());
            }
            about.add(new About(copy, 0, held.messages() - 1));
        }
        if (about.isEmpty()) {
            return settled.containsKey(range.sealRoot()) ? Optional.empty() : unknown(routed);
        }
        return take(routed, about);
    }

    private @Nullable Held ownByLeaf(Hash leaf) {
        for (Held held = desks.table.byLeaf(leaf); held != null; held = held.nextOfLeaf) {
            if (held.isOwn()) {
                return held;
            }
        }
        return null;
    }

    private Optional<Refusal> forged(RoutedReceipt routed, @CompileTimeConstant String detail, Object... arguments) {
        desks.counters.add(Counter.RECEIPTS_FORGED);
        return quarantined(ErrorCode.RECEIPT_FORGED, routed, Detail.of(detail, arguments));
    }

    private Optional<Refusal> unknown(RoutedReceipt routed) {
        desks.counters.add(Counter.RECEIPTS_UNKNOWN);
        return quarantined(ErrorCode.RECEIPT_UNKNOWN, routed, Detail.of("no such message was sent from here"));
    }

    private Optional<Refusal> quarantined(ErrorCode code, RoutedReceipt routed, Detail about) {
        Optional<MessageId> id = routed.receipt().subject() instanceof Receipt.Subject.One one
                ? Optional.of(one.id())
                : Optional.empty();
        desks.event(
                What.QUARANTINED,
                Optional.of(code),
                id,
                Detail.of("{0}: {1}", routed.receipt().recipient(), about));
        return Optional.of(Refusal.of(code, about));
    }

    /** Puts it on record and judges ranks; the strongest word about a message counts, two different strongest are a conflict. */
    private Optional<Refusal> take(RoutedReceipt routed, List<About> about) {
        Receipt receipt = routed.receipt();
        long key = 0;
        boolean conflict = false;
        for (About one : about) {
            Copy copy = one.copy();
            boolean changes = false;
            boolean contradicts = false;
            for (int i = one.first(); i <= one.last(); i++) {
                Optional<Receipt.Kind> before = copy.ends.get(i);
                int rank = before.map(Receipt.Kind::rank).orElse(0);
                if (receipt.kind().rank() > rank) {
                    copy.ends.set(i, Optional.of(receipt.kind()));
                    changes = true;
                } else if (receipt.kind().rank() == rank
                        && before.filter(kind -> kind != receipt.kind()).isPresent()) {
                    contradicts = true;
                }
            }
            if (!changes && !contradicts) {
                continue;
            }
            if (key == 0) {
                key = keep(routed);
            }
            copy.receipts.add(key);
            kept.merge(key, 1, Integer::sum);
            desks.table.changed(copy);
            conflict |= contradicts;
            if (changes) {
                changed(copy, one, receipt);
            }
        }
        desks.counters.add(Counter.RECEIPTS_HOME);
        if (!conflict) {
            return Optional.empty();
        }
        desks.counters.add(Counter.RECEIPTS_CONFLICT);
        return quarantined(
                ErrorCode.RECEIPT_CONFLICT, routed, Detail.of("it contradicts an earlier one; both are kept"));
    }

    private long keep(RoutedReceipt routed) {
        long key = desks.store.newKey();
        Bytes value = new Records.KeptReceipt(routed, desks.turn.now(), true).encode();
        desks.turn.together(value.size());
        desks.turn.put(Kind.RECEIPT, key, value);
        remember(key, routed);
        return key;
    }

    private void remember(long key, RoutedReceipt routed) {
        recent.put(key, routed);
        if (recent.size() > RECENT_MAX) {
            recent.remove(recent.keySet().iterator().next());
        }
    }

    private void changed(Copy copy, About about, Receipt receipt) {
        copy.asked = 0;
        copy.askedForEnd = 0;
        copy.silentFrom = null;
        unlate(copy);
        copy.why = receipt.reason().orElse(null);
        Progress.What what = Progress.What.DELIVERED;
        switch (receipt.kind()) {
            case DELIVERED -> {
                copy.deliveredAt = receipt.time();
                copy.heardAt = desks.turn.now();
            }
            case CONSUMED -> what = Progress.What.CONSUMED;
            case RETURNED -> what = Progress.What.RETURNED;
            case EXPIRED -> what = Progress.What.EXPIRED;
        }
        if (receipt.kind() != Receipt.Kind.DELIVERED) {
            copy.endedAt = receipt.time();
        }
        Held held = copy.held;
        for (int i = about.first(); i <= about.last(); i++) {
            desks.ports
                    .local()
                    .progressed(new Progress(
                            held.header.ids().get(i),
                            clientId(held, i),
                            held.header.sender(),
                            Optional.of(copy.address),
                            what,
                            receipt.time(),
                            Optional.empty(),
                            receipt.reason(),
                            Optional.of(receipt.signer()),
                            false));
        }
        if (copy.hasEnds()) {
            desks.event(
                    What.ENDED,
                    held.header.id(),
                    Detail.of("{0} for {1}", receipt.kind().word(), copy.address));
            boolean comesNoMore = isOfFormerLife(receipt, copy);
            desks.forwarding.ended(copy);
            held.own.ifPresent(
                    own -> own.orderingKey().ifPresent(text -> ended(copy, own.incarnation(), text, comesNoMore)));
        } else if (isDelivered(copy) && copy.leg != null && copy.leg.state != HopState.HANDED) {
            // It arrived although no custody was heard of: nothing more is to be offered.
            desks.forwarding.ended(copy);
        }
        rearm(held);
        settleIfDone(held);
    }

    /** Its recipient has begun anew since and does not know that number; nor will it, unless the copy went there once more before this was heard. */
    private boolean isOfFormerLife(Receipt receipt, Copy copy) {
        Optional<Incarnation> now = desks.routing.life(copy.address);
        boolean goesAgain = now.equals(Optional.ofNullable(copy.wrappedFor))
                && copy.leg != null
                && copy.leg.state == HopState.HANDED;
        return receipt.kind() != Receipt.Kind.EXPIRED
                && now.filter(life -> !life.equals(receipt.incarnation())).isPresent()
                && !goesAgain;
    }

    private void ended(Copy copy, Incarnation incarnation, String orderingKey, boolean comesNoMore) {
        Held held = copy.held;
        StreamKey stream = new StreamKey(held.header.sender(), incarnation, copy.address);
        boolean last = desks.numbers.ended(stream, orderingKey, copy.lastNumber());
        if (comesNoMore && !last) {
            desks.numbers.skip(
                    stream, copy.lastNumber() - held.messages() + 1, held.messages(), ErrorCode.KEY_NOT_HERE);
            sendSkips();
        }
    }

    /** A receipt for what is settled here, or for what never was: the archive knows. */
    private void settledBefore(RoutedReceipt routed, MessageId id, Hash leaf, Consumer<Optional<Refusal>> answer) {
        desks.ports.loop().offload(0, () -> desks.store.archive().find(id), records -> {
            Optional<Records.Settled> line = records.stream()
                    .filter(record -> record.kind() == ArchiveKind.SETTLED)
                    .map(record -> Records.Settled.decode(record.value()))
                    .filter(found -> found.leaf().equals(leaf))
                    .findFirst();
            if (line.isEmpty()) {
                answer.accept(unknown(routed));
                return;
            }
            Receipt receipt = routed.receipt();
            int best = records.stream()
                    .filter(record -> record.kind() == ArchiveKind.RECEIPT)
                    .map(record -> Records.decodeReceipt(record.value()).receipt())
                    .filter(found -> found.recipient().equals(receipt.recipient()))
                    .mapToInt(found -> found.kind().rank())
                    .max()
                    .orElse(0);
            if (receipt.kind().rank() <= best) {
                answer.accept(Optional.empty());
                return;
            }
            // A recipient's word always supersedes what the sender had to assume.
            ArchiveRecord more = new ArchiveRecord(
                    records.get(0).time(), id, "", ArchiveKind.RECEIPT, Records.encodeReceipt(routed));
            ProofPort.Signed signed =
                    new ProofPort.Signed(records.get(0).time(), id, routed.to(), receipt.signer(), List.of(receipt));
            archive(List.of(more), List.of(signed), () -> {
                desks.event(
                        What.ENDED,
                        id,
                        Detail.of(
                                "{0} for {1}, after it was settled",
                                receipt.kind().word(), receipt.recipient()));
                answer.accept(Optional.empty());
            });
        });
    }

    // ---- the sender's own end

    /** This node ends it as its sender: its own directory or limits forbid it, or its time is over. */
    void end(Copy copy, ErrorCode reason) {
        if (copy.stating || copy.hasEnds() || copy.held.closing || !copy.held.isOwn()) {
            return;
        }
        copy.stating = true;
        copy.why = reason;
        desks.receipts.state(copy, reason);
    }

    /** The sender's statement is signed. */
    void stated(Copy copy, RoutedReceipt routed) {
        copy.stating = false;
        if (copy.held.gone || copy.hasEnds()) {
            return;
        }
        boolean never = !isDelivered(copy);
        Held held = copy.held;
        Optional<Refusal> refusal = take(routed, List.of(new About(copy, 0, held.messages() - 1)));
        desks.counters.add(Counter.EXPIRED);
        if (refusal.isEmpty() && never && held.own.isPresent()) {
            OwnNumbers own = held.own.get();
            desks.numbers.skip(
                    new StreamKey(held.header.sender(), own.incarnation(), copy.address),
                    own.firsts().get(held.copies.indexOf(copy)),
                    held.messages(),
                    routed.receipt().reason().orElse(ErrorCode.EXPIRED));
            sendSkips();
        }
    }

    /** Signs and sends what closes gaps; each until its notice is durable. */
    void sendSkips() {
        desks.numbers.eachSkip((stream, run) -> {
            Skipping one = new Skipping(stream, run.first());
            if (!skipping.add(one)) {
                return;
            }
            List<RoutedNotice> signed = new ArrayList<>();
            for (int i = 0; i < run.count(); i++) {
                Notice.Skip skip = new Notice.Skip(
                        stream.sender(), stream.incarnation(), stream.recipient(), run.first() + i, run.reason());
                desks.ports.receipts().signSkip(skip, notice -> {
                    notice.ifPresent(signed::add);
                    if (notice.isEmpty() && skipping.remove(one)) {
                        desks.dues.in(SKIP_RETRY, this::sendSkips);
                    } else if (signed.size() == run.count()) {
                        skipping.remove(one);
                        desks.numbers.skipped(stream, run.first());
                        signed.forEach(each -> noticeHome(each));
                    }
                });
            }
        });
    }

    private void noticeHome(RoutedNotice notice) {
        if (desks.route(notice.notice().recipient()) instanceof Route.DeliverHere) {
            desks.local.noticeCame(notice);
        } else {
            desks.homeward.send(notice, Optional.empty());
        }
    }

    // ---- time

    /** Sets the one timer of a custody to what comes first. */
    void rearm(Held held) {
        if (held.gone || held.closing || desks.restoredNow) {
            return; // a copy that is being compared ends nothing by age
        }
        desks.dues.cancel(held.due);
        held.due = null;
        long nanos = desks.turn.nanos();
        Duration age = held.age(nanos);
        Duration lifetime = held.header.lifetime().duration();
        Duration end = lifetime.plusSeconds(Limits.RETURN_GRACE_SECONDS).minus(age);
        @Nullable Duration next = null;
        for (Copy copy : held.copies) {
            if (copy.isLocal() && !copy.isLocallyDone() && !(end.isNegative() && desks.local.isLentFirst(copy))) {
                next = sooner(next, age.compareTo(lifetime) < 0 ? lifetime.minus(age) : end);
            }
            if (held.isOwn() && !copy.isLocal() && !copy.hasEnds() && !copy.stating) {
                next = sooner(next, ownDue(copy, nanos, end));
            }
        }
        if (!held.isOwn() && !held.legs.isEmpty()) {
            next = sooner(next, end);
        }
        if (next != null) {
            held.due = desks.dues.in(next.compareTo(DUE_MIN) < 0 ? DUE_MIN : next, () -> due(held));
        }
    }

    private Duration ownDue(Copy copy, long nanos, Duration end) {
        if (isDelivered(copy)) {
            Instant heard = copy.heardAt == null ? desks.turn.now() : copy.heardAt;
            Duration keep = sooner(
                    Duration.between(desks.turn.witnessed(), heard.plus(desks.policy.keepDelivered())),
                    desks.policy.keepDelivered());
            return sooner(askForEnd(copy).minusNanos(silence(copy, nanos)), keep);
        }
        if (copy.leg != null && copy.leg.state == HopState.HANDED) {
            return sooner(desks.policy.askAfter().minusNanos(silence(copy, nanos)), end);
        }
        return end;
    }

    private static boolean isDelivered(Copy copy) {
        return copy.lowestRank() >= Receipt.Kind.DELIVERED.rank();
    }

    private static long silence(Copy copy, long nanos) {
        long from = copy.silentFrom == null ? nanos : copy.silentFrom;
        copy.silentFrom = from;
        return nanos - from;
    }

    /** An application may take its time; the receipt that says so may be lost all the same. */
    private Duration askForEnd(Copy copy) {
        Duration wait = desks.policy.askAfter().multipliedBy(1L << Math.min(copy.askedForEnd, 10));
        return wait.compareTo(ASK_FOR_END_MAX) > 0 ? ASK_FOR_END_MAX : wait;
    }

    private static Duration sooner(@Nullable Duration a, Duration b) {
        return a == null || b.compareTo(a) < 0 ? b : a;
    }

    private void due(Held held) {
        held.due = null;
        if (held.gone || held.closing) {
            return;
        }
        long nanos = desks.turn.nanos();
        Duration age = held.age(nanos);
        Duration lifetime = held.header.lifetime().duration();
        boolean over = age.compareTo(lifetime.plusSeconds(Limits.RETURN_GRACE_SECONDS)) >= 0;
        if (age.compareTo(lifetime) >= 0) {
            desks.local.expire(held);
        }
        if (held.isOwn()) {
            for (Copy copy : List.copyOf(held.copies)) {
                ownDue(copy, over, nanos);
            }
            settleIfDone(held);
        } else if (over && !held.legs.isEmpty()) {
            // Its origin has stated the end by now; whatever still comes home supersedes that.
            desks.event(
                    What.ENDED,
                    ErrorCode.EXPIRED,
                    held.header.id(),
                    Detail.of("its lifetime and the grace after it are over"));
            desks.forwarding.abandon(held);
            if (held.copies.stream().noneMatch(Copy::isLocal)) {
                desks.table.drop(held);
            } else {
                desks.receipts.closeIfDone(held);
            }
        }
        rearm(held);
    }

    private void ownDue(Copy copy, boolean over, long nanos) {
        if (copy.hasEnds() || copy.isLocal()) {
            return;
        }
        if (isDelivered(copy)) {
            if (silence(copy, nanos) >= askForEnd(copy).toNanos()) {
                copy.silentFrom = nanos;
                copy.askedForEnd++;
                desks.inquiry.ask(copy);
            }
            return;
        }
        if (over) {
            end(copy, ErrorCode.EXPIRED);
            return;
        }
        if (copy.leg == null
                || copy.leg.state != HopState.HANDED
                || silence(copy, nanos) < desks.policy.askAfter().toNanos()) {
            return;
        }
        copy.silentFrom = nanos;
        if (copy.asked >= UNANSWERED_MAX) {
            copy.asked = 0;
            desks.forwarding.offerAgain(copy);
            return;
        }
        copy.asked++;
        if (!copy.late) {
            copy.late = true;
            late++;
            desks.event(
                    What.LATE,
                    Optional.empty(),
                    Optional.of(copy.held.header.id()),
                    Detail.of("no receipt of {0}, in custody of {1}", copy.address, String.valueOf(copy.handedTo)));
        }
        desks.inquiry.ask(copy);
    }

    /** Now, and again after the usual silence. */
    void askAfter(OrganisationId neighbour) {
        for (Held held : List.copyOf(desks.table.all())) {
            for (Copy copy : held.copies) {
                if (held.isOwn()
                        && held.durable
                        && !held.closing
                        && !held.gone
                        && neighbour.equals(copy.handedTo)
                        && !copy.hasEnds()
                        && copy.leg != null
                        && copy.leg.state == HopState.HANDED) {
                    desks.inquiry.ask(copy);
                }
            }
        }
    }

    private void unlate(Copy copy) {
        if (copy.late) {
            copy.late = false;
            late--;
        }
    }

    /** Whoever had it on the way, or its recipient's node, has it no longer: it goes once more. */
    void lostBelow(Copy copy) {
        if (copy.heardAt != null) {
            // Delivered to a disk that has lost it: the time to keep it begins anew.
            copy.heardAt = desks.turn.now();
            copy.askedForEnd = 0;
            desks.table.changed(copy);
        }
        desks.forwarding.offerAnew(copy);
        rearm(copy.held);
    }

    /**
     * What is in a neighbour's custody, or was delivered, may end of itself; the rest is ended here, for nobody has it any more.
     *
     * @param payload only its spool file: a disk that cannot read it now ends nothing for a recipient here, whom the operator may still help
     */
    void bytesLost(Held held, boolean payload) {
        for (Copy copy : List.copyOf(held.copies)) {
            if (copy.isLocal()) {
                if (!payload) {
                    desks.local.bytesLost(copy);
                }
            } else if (copy.leg == null || copy.leg.state != HopState.HANDED) {
                desks.forwarding.ended(copy);
                if (!isDelivered(copy)) {
                    end(copy, ErrorCode.RECORD_DAMAGED);
                }
            }
        }
    }

    // ---- settled

    private boolean isDone(Held held) {
        for (Copy copy : held.copies) {
            if (copy.stating || copy.isLocal() && !copy.isLocallySigned()) {
                return false;
            }
            if (copy.hasEnds()) {
                continue;
            }
            boolean silence = isDelivered(copy)
                    && copy.heardAt != null
                    && !copy.heardAt.plus(desks.policy.keepDelivered()).isAfter(desks.turn.witnessed());
            if (!silence) {
                return false;
            }
        }
        return true;
    }

    void settleIfDone(Held held) {
        if (!held.isOwn() || held.closing || held.gone || !held.durable || !isDone(held)) {
            return;
        }
        held.closing = true;
        desks.dues.cancel(held.due);
        held.due = null;
        held.copies.forEach(this::unlate);
        desks.forwarding.abandon(held);
        if (settling.isEmpty()) {
            desks.turn.atEnd(() -> {
                List<Held> all = List.copyOf(settling);
                settling.clear();
                // The receipts it is settled by are durable before it is let go.
                desks.turn.whenDurable(() -> archive(all));
            });
        }
        settling.add(held);
    }

    private void archive(List<Held> all) {
        List<ArchiveRecord> records = new ArrayList<>();
        List<ProofPort.Signed> signed = new ArrayList<>();
        for (Held held : all) {
            List<RoutedReceipt> receipts = receipts(held);
            records.addAll(archived(held, receipts));
            signed.add(signed(held, receipts));
        }
        archive(records, signed, () -> all.forEach(this::settled));
    }

    /** Archives evidence with what proves its signers after years. */
    void archive(List<ArchiveRecord> records, List<ProofPort.Signed> signed, Runnable durable) {
        desks.ports.proofs().gather(signed, proofs -> {
            List<ArchiveRecord> all = new ArrayList<>(records);
            all.addAll(proofs);
            desks.store.archive().append(all, durable);
        });
    }

    static ProofPort.Signed signed(Held held, List<RoutedReceipt> receipts) {
        return new ProofPort.Signed(
                held.header.created(),
                held.header.id(),
                held.header.sender(),
                held.header.signer(),
                receipts.stream().map(RoutedReceipt::receipt).toList());
    }

    private void settled(Held held) {
        desks.turn.together(1_024);
        desks.table.drop(held);
        for (Copy copy : held.copies) {
            for (long key : copy.receipts) {
                if (kept.merge(key, -1, Integer::sum) <= 0) {
                    kept.remove(key);
                    recent.remove(key);
                    desks.turn.drop(Kind.RECEIPT, key);
                }
            }
        }
        rememberSettled(held.sealRoot);
        desks.counters.add(Counter.SETTLED);
        desks.event(What.SETTLED, held.header.id(), Detail.of("of {0}", held.header.sender()));
        progress(held, Optional.empty(), Progress.What.SETTLED, desks.turn.now());
    }

    /** Receipts by range name no message the archive could be asked for: without this, one that comes again would look like a stranger's. */
    private void rememberSettled(Hash root) {
        if (settled.containsKey(root)) {
            return;
        }
        long key = desks.store.newKey();
        settled.put(root, key);
        desks.turn.put(Kind.SETTLED, key, new Records.SettledRoot(root).encode());
        if (settled.size() > SETTLED_MAX) {
            Hash oldest = settled.keySet().iterator().next();
            Long oldestKey = settled.remove(oldest);
            if (oldestKey != null) {
                desks.turn.drop(Kind.SETTLED, oldestKey);
            }
        }
    }

    void recoverSettled(long key, Records.SettledRoot record) {
        settled.put(record.root(), key);
    }

    /** What of an envelope outlives it. */
    List<ArchiveRecord> archived(Held held, List<RoutedReceipt> receipts) {
        List<ArchiveRecord> records = new ArrayList<>();
        Instant time = held.header.created();
        MessageId first = held.header.id();
        String client = clientId(held, 0).map(id -> id.text()).orElse("");
        desks.table.kept(held).ifPresent(bytes -> {
            records.add(new ArchiveRecord(
                    time, first, client, ArchiveKind.CORE, bytes.sealed().core()));
            records.add(new ArchiveRecord(
                    time, first, client, ArchiveKind.STATEMENT, bytes.sealed().statement()));
            records.add(new ArchiveRecord(
                    time,
                    first,
                    client,
                    ArchiveKind.SEAL,
                    Records.encodeSeal(bytes.sealed().seal())));
            Bytes manifests = CustodyTable.manifests(held, bytes);
            if (!manifests.isEmpty()) {
                records.add(new ArchiveRecord(time, first, client, ArchiveKind.MANIFEST, manifests));
            }
            held.sequence()
                    .ifPresent(text ->
                            records.add(new ArchiveRecord(time, first, client, ArchiveKind.SEQUENCE, text.encode())));
        });
        for (RoutedReceipt receipt : receipts) {
            records.add(new ArchiveRecord(time, first, client, ArchiveKind.RECEIPT, Records.encodeReceipt(receipt)));
        }
        for (int i = 0; i < held.messages(); i++) {
            records.add(new ArchiveRecord(
                    time,
                    held.header.ids().get(i),
                    clientId(held, i).map(id -> id.text()).orElse(""),
                    ArchiveKind.SETTLED,
                    new Records.Settled(first, held.leaf, tracked(held, i, true, false)).encode()));
        }
        return records;
    }

    List<RoutedReceipt> receipts(Held held) {
        Set<Long> keys = new java.util.TreeSet<>();
        held.copies.forEach(copy -> keys.addAll(copy.receipts));
        List<RoutedReceipt> found = new ArrayList<>();
        for (long key : keys) {
            receipt(key).ifPresent(found::add);
        }
        return found;
    }

    private Optional<RoutedReceipt> receipt(long key) {
        RoutedReceipt found = recent.get(key);
        return found != null
                ? Optional.of(found)
                : desks.store
                        .read(Kind.RECEIPT, key)
                        .map(value -> Records.KeptReceipt.decode(value).receipt());
    }

    /** After a restart: which copies refer to kept receipts. */
    void recovered() {
        for (Held held : desks.table.all()) {
            for (Copy copy : held.copies) {
                copy.receipts.forEach(key -> kept.merge(key, 1, Integer::sum));
            }
        }
    }

    boolean isKept(long key) {
        return kept.containsKey(key);
    }

    // ---- looking

    void progress(Copy copy, Progress.What what, Instant at, Optional<OrganisationId> node, boolean reported) {
        Held held = copy.held;
        for (int i = 0; i < held.messages(); i++) {
            desks.ports
                    .local()
                    .progressed(new Progress(
                            held.header.ids().get(i),
                            clientId(held, i),
                            held.header.sender(),
                            Optional.of(copy.address),
                            what,
                            at,
                            node,
                            what == Progress.What.HELD ? Optional.ofNullable(copy.why) : Optional.empty(),
                            Optional.empty(),
                            reported));
        }
    }

    private void progress(Held held, Optional<Address> recipient, Progress.What what, Instant at) {
        for (int i = 0; i < held.messages(); i++) {
            desks.ports
                    .local()
                    .progressed(new Progress(
                            held.header.ids().get(i),
                            clientId(held, i),
                            held.header.sender(),
                            recipient,
                            what,
                            at,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            false));
        }
    }

    private static Optional<lienthong.gateway.message.ClientId> clientId(Held held, int position) {
        return held.clients.isEmpty()
                ? Optional.empty()
                : held.clients.get(position).map(ClientRequest::id);
    }

    Tracked tracked(Held held, int position, boolean isSettled, boolean withReceipts) {
        MessageId id = held.header.ids().get(position);
        List<Tracked.Recipient> recipients = new ArrayList<>();
        for (Copy copy : held.copies) {
            List<RoutedReceipt> receipts = new ArrayList<>();
            if (withReceipts) {
                copy.receipts.forEach(
                        key -> receipt(key).filter(one -> one.isAbout(id)).ifPresent(receipts::add));
            }
            recipients.add(new Tracked.Recipient(
                    copy.address,
                    state(copy, position),
                    Optional.ofNullable(copy.handedTo),
                    Optional.ofNullable(copy.handedAt),
                    Optional.ofNullable(copy.deliveredAt),
                    Optional.ofNullable(copy.endedAt),
                    Optional.ofNullable(copy.why),
                    receipts));
        }
        return new Tracked(
                id,
                clientId(held, position),
                held.header.sender(),
                held.header.precedence(),
                held.header.mark(),
                held.takenAt,
                held.bytes,
                isSettled,
                recipients);
    }

    private static Tracked.State state(Copy copy, int position) {
        Optional<Receipt.Kind> end = position < copy.ends.size() ? copy.ends.get(position) : Optional.empty();
        if (end.isPresent()) {
            return switch (end.get()) {
                case EXPIRED -> Tracked.State.EXPIRED;
                case DELIVERED -> Tracked.State.DELIVERED;
                case CONSUMED -> Tracked.State.CONSUMED;
                case RETURNED -> Tracked.State.RETURNED;
            };
        }
        if (copy.isLocal()) {
            return switch (copy.units.get(position).state) {
                case CONSUMED -> Tracked.State.CONSUMED;
                case RETURNED -> Tracked.State.RETURNED;
                default -> Tracked.State.DELIVERED;
            };
        }
        if (copy.leg == null || copy.leg.state == HopState.HELD) {
            return Tracked.State.HELD;
        }
        return copy.leg.state == HopState.HANDED ? Tracked.State.FORWARDED : Tracked.State.QUEUED;
    }
}
