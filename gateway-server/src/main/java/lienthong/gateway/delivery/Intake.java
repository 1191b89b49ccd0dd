package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.delivery.DeliveryStatus.Counter;
import lienthong.gateway.delivery.Records.StreamKey;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Slot;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.routing.Route;
import lienthong.gateway.routing.RoutingView.Standing;
import lienthong.gateway.store.DiskGate;
import org.jspecify.annotations.Nullable;

/** Judges what neighbours offer and takes it over: marks, senders, conflicts, duplicates, room; then one batch, then the answer. */
final class Intake {
    /** Suites from here on belong to the State cipher service's providers. */
    static final int CIPHER_SUITES_FROM = 0x80;

    private static final Duration BUSY_RETRY = Duration.ofSeconds(10);

    private final Desks desks;

    Intake(Desks desks) {
        this.desks = desks;
    }

    /** What an offer is about. */
    record Offer(
            OrganisationId from,
            Header header,
            Hash core,
            Optional<Hash> leaf,
            List<Integer> covered,
            Map<Address, LocalSlot> local,
            long bytes,
            Duration age) {}

    /** Either the answer, or the recipients that are new here. */
    private sealed interface Verdict {
        record Answer(TakenOver answer) implements Verdict {}

        /** Every recipient of the branch is or was here. */
        record Here(List<Copy> still, List<Address> unclear) implements Verdict {}

        record New(List<Integer> covered, List<Address> unclear) implements Verdict {}
    }

    /**
     * What was found of recipients that once had it and have it here no longer.
     *
     * @param asked the archive has answered
     * @param lost those it has no end of: their messages were damaged on this disk and may come again
     */
    private record Past(boolean asked, Set<Address> lost) {
        static final Past UNASKED = new Past(false, Set.of());
    }

    Optional<TakenOver> judge(Offer offer) {
        Verdict verdict = verdict(offer, Past.UNASKED);
        if (verdict instanceof Verdict.Answer answer) {
            return Optional.of(answer.answer());
        }
        if (verdict instanceof Verdict.Here here) {
            if (here.unclear().stream()
                    .anyMatch(one -> desks.inquiry.hadNothing(offer.header().id(), one))) {
                return Optional.empty();
            }
            // What is not durable yet is answered when the whole envelope comes; and of the numbers, only one on the
            // disk
            // may be said at once: given back after a power cut, a higher one would say that this disk is old.
            long number = desks.books.held(offer.from());
            if (number == 0 || !here.still().stream().allMatch(copy -> copy.held.durable)) {
                return Optional.empty();
            }
            again(offer, here, Past.UNASKED);
            return Optional.of(new TakenOver.Have(number));
        }
        Optional<TakenOver> room = takeRoom(offer);
        if (room.isEmpty()) {
            desks.store.gate().release(desks.trafficFrom(Optional.of(offer.from())), room(offer));
        }
        return room;
    }

    void takeOver(TakeOver arriving, Consumer<TakenOver> answer) {
        Header header = arriving.facts().header();
        List<Integer> covered = new ArrayList<>();
        for (Slot slot : arriving.sealed().slots()) {
            if (slot.number() < header.recipients().size()) {
                covered.add(slot.number());
            }
        }
        Offer offer = new Offer(
                arriving.from(),
                header,
                Hash.of(arriving.sealed().core()),
                Optional.of(arriving.facts().leaf()),
                covered,
                arriving.local(),
                arriving.facts().ciphertextLength(),
                arriving.age());
        takeOver(arriving, offer, Past.UNASKED, answer);
    }

    private void takeOver(TakeOver arriving, Offer offer, Past past, Consumer<TakenOver> answer) {
        Verdict verdict = verdict(offer, past);
        if (verdict instanceof Verdict.Answer known) {
            answer.accept(known.answer());
            return;
        }
        List<Address> unclear =
                verdict instanceof Verdict.Here here ? here.unclear() : ((Verdict.New) verdict).unclear();
        if (!unclear.isEmpty()) {
            look(offer, unclear, lost -> takeOver(arriving, offer, new Past(true, lost), answer));
            return;
        }
        if (verdict instanceof Verdict.Here here) {
            long number = again(offer, here, past);
            desks.turn.whenDurable(() -> answer.accept(new TakenOver.Have(number)));
            return;
        }
        Optional<TakenOver> noRoom = takeRoom(offer);
        if (noRoom.isPresent()) {
            answer.accept(noRoom.get());
            return;
        }
        past.lost().forEach(recipient -> forget(offer, recipient));
        take(arriving, offer, ((Verdict.New) verdict).covered(), answer);
    }

    /** Asks the archive how it ended here for these; its receipts go on their way again. {@code then} gets those that have no end: they were lost. */
    private void look(Offer offer, List<Address> recipients, Consumer<Set<Address>> then) {
        Set<Address> lost = new LinkedHashSet<>();
        AtomicInteger open = new AtomicInteger(recipients.size());
        for (Address recipient : recipients) {
            desks.inquiry.sendReceiptsAgain(offer.header().id(), offer.leaf(), recipient, found -> {
                if (!found) {
                    lost.add(recipient);
                }
                if (open.decrementAndGet() == 0) {
                    then.accept(lost);
                }
            });
        }
    }

    private void forget(Offer offer, Address recipient) {
        if (offer.local().get(recipient) instanceof LocalSlot.Opened opened && came(offer, recipient, opened)) {
            stream(offer, recipient, opened)
                    .forget(opened.firstNumber(), offer.header().ids().size());
        }
    }

    private void take(TakeOver arriving, Offer offer, List<Integer> covered, Consumer<TakenOver> answer) {
        SealedEnvelope sealed = arriving.sealed()
                .withSlots(arriving.sealed().slots().stream()
                        .filter(slot -> covered.contains(slot.number()))
                        .toList());
        Header header = offer.header();
        Map<Integer, LocalSlot> local = new TreeMap<>();
        for (int index : covered) {
            LocalSlot slot = offer.local().get(header.recipients().get(index));
            if (slot != null) {
                local.put(index, slot);
            }
        }
        desks.turn.together(sizeOf(sealed) + 4_096L);
        long number = desks.books.next(offer.from());
        Records.Head head = new Records.Head(
                Optional.of(offer.from()),
                number,
                desks.turn.now(),
                offer.age(),
                arriving.facts(),
                offer.core(),
                covered,
                local,
                List.of(),
                Optional.empty(),
                List.of());
        Held held = desks.table.add(desks.store.newKey(), head, desks.turn.nanos());
        desks.store.gate().hold(held.traffic, CustodyTable.weight(held) - room(offer));
        desks.table.write(held, head, sealed, Bytes.empty());
        desks.local.note(held);
        desks.counters.add(Counter.TAKEN_OVER);
        desks.turn.whenDurable(() -> {
            start(held);
            desks.event(What.TAKEN_OVER, header.id(), held.cameFrom(offer.from()));
            answer.accept(new TakenOver.Custody(number));
        });
    }

    /** Its records are durable: now, not before, it may go on. */
    void start(Held held) {
        held.durable = true;
        desks.forwarding.start(held);
        desks.local.start(held);
    }

    static long sizeOf(SealedEnvelope sealed) {
        long size = sealed.core().size()
                + sealed.statement().size()
                + sealed.seal().cms().size()
                + 2_048L;
        for (Slot slot : sealed.slots()) {
            size += slot.bytes().size() + 64;
        }
        return size
                + (sealed.ciphertext() instanceof SealedEnvelope.Ciphertext.Inline inline
                        ? inline.bytes().size()
                        : 0);
    }

    // ---- the verdict

    private Verdict verdict(Offer offer, Past past) {
        Optional<Refusal> forbidden =
                markForbids(offer.header().mark(), offer.header().suite());
        if (forbidden.isEmpty()) {
            forbidden = senderForbids(offer);
        }
        if (forbidden.isPresent()) {
            return rejected(offer, forbidden.get());
        }
        Optional<Refusal> conflict = conflict(offer);
        if (conflict.isPresent()) {
            desks.counters.add(Counter.CONFLICTS);
            desks.event(
                    What.QUARANTINED,
                    conflict.get().reason(),
                    offer.header().id(),
                    Detail.of("from {0}: {1}", offer.from(), conflict.get().about()));
            return new Verdict.Answer(new TakenOver.Rejected(conflict.get()));
        }
        if (offer.covered().isEmpty()) {
            return rejected(offer, Refusal.of(ErrorCode.NOT_ADDRESSED, "no slot of a recipient"));
        }
        return recipients(offer, past);
    }

    private Verdict recipients(Offer offer, Past past) {
        List<Integer> fresh = new ArrayList<>();
        List<Copy> still = new ArrayList<>();
        List<Address> unclear = new ArrayList<>();
        @Nullable Refusal refusal = null;
        int refused = 0;
        for (int index : offer.covered()) {
            Address recipient = offer.header().recipients().get(index);
            Copy copy = held(offer, recipient);
            if (copy != null && copy.isHere()) {
                still.add(copy);
                continue;
            }
            Route route = desks.route(recipient);
            if (route instanceof Route.DeliverHere) {
                LocalSlot slot = offer.local().get(recipient);
                if (slot == null) {
                    return rejected(
                            offer, Refusal.of(ErrorCode.NOT_ADDRESSED, "no slot was opened for {0}", recipient));
                }
                if (came(offer, recipient, slot) && !past.lost().contains(recipient)) {
                    if (!past.asked() && mayBeLost(offer, recipient, slot)) {
                        unclear.add(recipient);
                    }
                    continue;
                }
                Optional<TakenOver> busy = credit(offer, recipient, slot);
                if (busy.isPresent()) {
                    return new Verdict.Answer(busy.get());
                }
            } else if (route instanceof Route.Refuse no) {
                refusal = no.why();
                refused++;
            }
            fresh.add(index);
        }
        if (refusal != null && refused == offer.covered().size()) {
            if (offer.header().directory().number() <= desks.routing.version().number()) {
                return rejected(offer, refusal);
            }
            // The sender has seen a newer directory than this node: hold it and fetch that.
            desks.ports.link().directoryBehind(offer.from(), offer.header().directory());
        }
        return fresh.isEmpty() ? new Verdict.Here(still, unclear) : new Verdict.New(fresh, unclear);
    }

    private Verdict rejected(Offer offer, Refusal why) {
        desks.counters.add(Counter.REJECTED);
        desks.event(
                What.REFUSED, why.reason(), offer.header().id(), Detail.of("from {0}: {1}", offer.from(), why.about()));
        return new Verdict.Answer(new TakenOver.Rejected(why));
    }

    /** Marks are judged at every node, whatever the sender's software did. */
    Optional<Refusal> markForbids(SecrecyMark mark, int suite) {
        return switch (mark) {
            case NONE -> Optional.empty();
            case CONFIDENTIAL ->
                suite >= CIPHER_SUITES_FROM || suite == 0 && desks.policy.cipherProvider()
                        ? Optional.empty()
                        : Optional.of(Refusal.of(
                                ErrorCode.SECRECY_NEEDS_CIPHER, "mật needs a product of the State cipher service"));
            case SECRET, TOP_SECRET ->
                Optional.of(Refusal.of(
                        ErrorCode.SECRECY_TOO_HIGH, "{0} does not travel on this network", mark.vietnamese()));
        };
    }

    /** A former office's mail counts as of when it was sent; what it sends after its end does not. */
    private Optional<Refusal> senderForbids(Offer offer) {
        Instant now = desks.turn.now();
        Instant sent = now.minus(offer.age());
        Instant at = offer.header().created().isAfter(sent) ? offer.header().created() : sent;
        Standing standing = desks.routing.standing(offer.header().sender(), at.isAfter(now) ? now : at);
        return standing instanceof Standing.Closed
                        && offer.header().directory().number()
                                <= desks.routing.version().number()
                ? Optional.of(Refusal.of(
                        ErrorCode.REVOKED,
                        "{0} was no longer in force when it sent this",
                        offer.header().sender()))
                : Optional.empty();
    }

    private Optional<Refusal> conflict(Offer offer) {
        for (MessageId id : offer.header().ids()) {
            Held held = desks.table.byId(offer.header().sender(), id);
            if (held != null && !isSame(held, offer)) {
                return Optional.of(Refusal.of(
                        ErrorCode.ID_CONFLICT,
                        "message {0} of {1} is here with another content",
                        id,
                        offer.header().sender()));
            }
        }
        for (int index : offer.covered()) {
            Address recipient = offer.header().recipients().get(index);
            LocalSlot slot = offer.local().get(recipient);
            if (slot instanceof LocalSlot.Opened opened) {
                Streams.Stream stream = stream(offer, recipient, opened);
                int count = offer.header().ids().size();
                if (stream.hasAny(opened.firstNumber(), count) && !stream.hasAll(opened.firstNumber(), count)) {
                    return Optional.of(Refusal.of(
                            ErrorCode.ID_CONFLICT,
                            "numbers from {0} of {1} came partly with other messages",
                            opened.firstNumber(),
                            offer.header().sender()));
                }
                long last = opened.firstNumber() + count - 1;
                Optional<Hash> core = stream.coreOf(last);
                if (core.isPresent() && !core.get().equals(offer.core())) {
                    return Optional.of(Refusal.of(
                            ErrorCode.ID_CONFLICT,
                            "number {0} of {1} came with core {2}, not {3}",
                            last,
                            offer.header().sender(),
                            core.get().hex(),
                            offer.core().hex()));
                }
            } else if (slot != null && offer.leaf().isPresent()) {
                Optional<Records.SeenId> seen = seen(offer, recipient);
                if (seen.isPresent() && !seen.get().leaf().equals(offer.leaf().get())) {
                    return Optional.of(Refusal.of(
                            ErrorCode.ID_CONFLICT,
                            "message {0} came before with another content",
                            offer.header().id()));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(Held held, Offer offer) {
        return offer.leaf().map(held.leaf::equals).orElse(held.core.equals(offer.core()));
    }

    private @Nullable Copy held(Offer offer, Address recipient) {
        Held held = desks.table.byId(offer.header().sender(), offer.header().id());
        return held == null ? null : desks.table.copyOf(held.leaf, recipient);
    }

    /** Whether a recipient served here ever had it. */
    private boolean came(Offer offer, Address recipient, LocalSlot slot) {
        if (slot instanceof LocalSlot.Opened opened) {
            return stream(offer, recipient, opened)
                    .hasAll(opened.firstNumber(), offer.header().ids().size());
        }
        return seen(offer, recipient).isPresent();
    }

    /**
     * Whether what came may have been lost since, with the record that says so: only where this store has set something aside, or another message under
     * a number that was used would pass for the first one. Under a number that a notice closed nothing is missing.
     */
    private boolean mayBeLost(Offer offer, Address recipient, LocalSlot slot) {
        return desks.store.status().quarantined() > 0
                && !(slot instanceof LocalSlot.Opened opened
                        && stream(offer, recipient, opened)
                                .isSkipped(
                                        opened.firstNumber(),
                                        offer.header().ids().size()));
    }

    private Optional<Records.SeenId> seen(Offer offer, Address recipient) {
        return desks.seenIds.find(
                Desks.idName(offer.header().sender(), offer.header().id(), recipient));
    }

    private Streams.Stream stream(Offer offer, Address recipient, LocalSlot.Opened opened) {
        return desks.streams.of(new StreamKey(offer.header().sender(), opened.incarnation(), recipient));
    }

    /** Held-back successors and gaps have a limit: beyond it a stream's credit stops, until what is missing comes. */
    private Optional<TakenOver> credit(Offer offer, Address recipient, LocalSlot slot) {
        if (!(slot instanceof LocalSlot.Opened opened)) {
            return Optional.empty();
        }
        Streams.Stream stream = stream(offer, recipient, opened);
        int behind = opened.orderingKey()
                .map(text -> stream.heldBack(text, opened.firstNumber()))
                .orElse(0);
        if (behind >= desks.policy.heldBackMax() || stream.refusesGap(opened.firstNumber())) {
            return Optional.of(busy(
                    offer.from(),
                    Refusal.of(
                            ErrorCode.QUOTA,
                            "{0} messages of {1} wait for a missing one",
                            behind,
                            offer.header().sender())));
        }
        return Optional.empty();
    }

    /** Custody again: of what is still here its delivered receipt is made again, of what has ended the archive's receipts. */
    private long again(Offer offer, Verdict.Here here, Past past) {
        desks.counters.add(Counter.DUPLICATES);
        desks.cameAgain.from(offer.from(), offer.header().id());
        for (int index : offer.covered()) {
            Address recipient = offer.header().recipients().get(index);
            if (!past.asked() && here.still().stream().noneMatch(copy -> copy.address.equals(recipient))) {
                desks.inquiry.sendReceiptsAgain(offer.header().id(), offer.leaf(), recipient, found -> {});
            }
        }
        here.still().forEach(desks.receipts::deliveredAgain);
        return desks.books.current(offer.from());
    }

    // ---- room

    private static long room(Offer offer) {
        return offer.bytes() + 2_048L * offer.covered().size() + 4_096;
    }

    static DiskGate.Weight weight(Precedence precedence, long bytes) {
        if (precedence.compareTo(Precedence.FLASH) >= 0) {
            return DiskGate.Weight.FLASH;
        }
        return precedence == Precedence.ROUTINE || bytes > Limits.INLINE_CIPHERTEXT_BYTES_MAX
                ? DiskGate.Weight.BULK
                : DiskGate.Weight.NORMAL;
    }

    private Optional<TakenOver> takeRoom(Offer offer) {
        Result<Long> taken = desks.store
                .gate()
                .take(
                        desks.trafficFrom(Optional.of(offer.from())),
                        weight(offer.header().precedence(), offer.bytes()),
                        room(offer));
        return taken.isOk() ? Optional.empty() : Optional.of(busy(offer.from(), taken.refusal()));
    }

    TakenOver busy(OrganisationId from, Refusal why) {
        desks.counters.add(Counter.BUSY);
        desks.event(
                What.REFUSED,
                Optional.of(why.reason()),
                Optional.empty(),
                Detail.of("from {0}: {1}", from, why.about()));
        return new TakenOver.Busy(why, BUSY_RETRY);
    }
}
