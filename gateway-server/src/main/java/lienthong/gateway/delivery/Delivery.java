package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.routing.RoutingView;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.SpoolId;

/**
 * The queue manager of one node: everything it keeps custody of, from accepted or taken over to settled or forgotten.
 *
 * <p>Confined to the loop, deterministic: one reading of the clock a turn, no thread, no randomness. What is decided in a turn goes to the
 * store as one batch at its end; whatever promises something to somebody is said only after that batch is durable.
 *
 * <p>Order of calls: constructor, {@link #recover}, then anything. Formats and state tables: {@code docs/spec/custody.md}.
 */
public final class Delivery {
    static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

    private final Desks desks;
    private List<Held> foundAtStart = List.of();
    private final Looking looking;

    /**
     * What delivery stands on.
     *
     * @param me this node
     * @param routing the directory in force; replaced by {@link #directoryChanged}
     */
    public record Ports(
            OrganisationId me,
            Loop loop,
            Clock clock,
            MessageStore store,
            RoutingView routing,
            LinkPort link,
            ReceiptPort receipts,
            LocalPort local,
            DeliveryEvents events,
            ProofPort proofs,
            RewrapPort rewraps) {}

    public Delivery(Ports ports, DeliveryPolicy policy) {
        this.desks = new Desks(ports, policy);
        this.looking = new Looking(desks);
    }

    private void inLoop() {
        desks.ports.loop().checkInLoop();
    }

    /**
     * The store is a copy that was put back: before {@link #recover}, if at all.
     *
     * @param at when it was put back; by this clock and with an hour for others', what was made before may have been handed over before
     * @param first whether this is the first start on it, which compares it and ends nothing by age
     */
    public void restored(Instant at, boolean first) {
        inLoop();
        desks.restoredAt = at.plus(CLOCKS_DIFFER);
        desks.restoredNow = first;
    }

    /** Neighbours with which custody was exchanged, in either direction. */
    public Set<OrganisationId> custodyNeighbours() {
        inLoop();
        return desks.books.neighbours();
    }

    /** What this neighbour took may be gone, or what it answered: own messages in its custody without a receipt are asked after now. */
    public void askAfter(OrganisationId neighbour) {
        inLoop();
        desks.origin.askAfter(neighbour);
    }

    /** Reads everything back from the store; first call, once, before any other. */
    public void recover() {
        inLoop();
        foundAtStart = new ArrayList<>(new Recovery(desks).run());
    }

    /**
     * A peer says what time it is. Nothing is old by this machine's clock alone: neither how long it was down counts, nor does it forget
     * anything, but as far as a peer agrees.
     */
    public void heardClock(Instant theirs) {
        inLoop();
        if (desks.turn.hear(theirs)) {
            foundAtStart.removeIf(held -> held.gone);
            Recovery.later(desks, foundAtStart);
        }
    }

    /** A newer directory is in force: every held and waiting branch is routed anew, and what went over a node that has begun anew is asked after. */
    public void directoryChanged(RoutingView routing) {
        inLoop();
        RoutingView before = desks.routing;
        desks.routing = routing;
        desks.forwarding.rerouteAll();
        desks.rewraps.keysMayHaveChanged();
        desks.doubts.directoryChanged(before);
    }

    // ---- origin

    /** Why a submission may not be taken, before a byte of its payload is read: unknown or closed recipient (all or none), secrecy, disk. */
    public Optional<Refusal> mayAccept(
            Address sender, List<Address> recipients, SecrecyMark mark, Precedence precedence, long bytes) {
        inLoop();
        return desks.origin.mayAccept(sender, recipients, mark, precedence, bytes);
    }

    /**
     * Claims a client id before sealing. A second claim while the first is under way waits for its answer.
     *
     * @param answer in the loop, perhaps before this returns
     */
    public void claim(Address sender, ClientRequest request, Consumer<ClientClaim> answer) {
        inLoop();
        desks.clients.claim(sender, request, answer);
    }

    /** Ends a fresh claim that came to nothing: the next one waiting for it becomes fresh. */
    public void release(Address sender, ClientRequest request) {
        inLoop();
        desks.clients.release(sender, request);
    }

    /** Reserves numbers in accept order. Nothing is durable before {@link #accepted}; what is not accepted must be {@linkplain #abandon abandoned}. */
    public Reservation reserve(
            Address sender,
            Incarnation incarnation,
            List<Address> recipients,
            Hash core,
            int count,
            Optional<String> orderingKey) {
        inLoop();
        return desks.numbers.reserve(sender, incarnation, recipients, core, count, orderingKey);
    }

    /** The reserved numbers come to nothing: signed skips close the gap. */
    public void abandon(Reservation reservation, ErrorCode reason) {
        inLoop();
        desks.numbers.abandon(reservation, reason);
        desks.origin.sendSkips();
    }

    /**
     * Keeps envelopes of own senders; one store batch for all, an answer for each.
     *
     * @param answers called in the loop with the position in the list and its answer; accepted only after it is durable
     */
    public void accepted(List<AcceptedEnvelope> envelopes, Answers answers) {
        inLoop();
        desks.origin.accepted(envelopes, answers);
    }

    /** Takes the answer for one envelope of a list. */
    @FunctionalInterface
    public interface Answers {
        void answer(int position, Submission submission);
    }

    // ---- from neighbours

    /**
     * Judges an offer before its payload moves.
     *
     * @param recipients of this branch
     * @param local as in {@link TakeOver}
     * @return empty: let it come; otherwise the answer
     */
    public Optional<TakenOver> judge(
            OrganisationId from,
            Header header,
            Hash core,
            List<Address> recipients,
            Map<Address, LocalSlot> local,
            long ciphertextBytes,
            Duration age) {
        inLoop();
        List<Integer> covered = recipients.stream()
                .map(header.recipients()::indexOf)
                .filter(index -> index >= 0)
                .toList();
        return desks.intake.judge(
                new Intake.Offer(from, header, core, Optional.empty(), covered, local, ciphertextBytes, age));
    }

    /** Whose traffic a neighbour's is: from above on its way down, or from below. */
    public DiskGate.Traffic trafficFrom(OrganisationId neighbour) {
        inLoop();
        return desks.trafficFrom(Optional.of(neighbour));
    }

    /** Takes an envelope over. The answer comes in the loop, after it is durable where it says custody. */
    public void takeOver(TakeOver arriving, Consumer<TakenOver> answer) {
        inLoop();
        desks.intake.takeOver(arriving, answer);
    }

    /** A verified receipt from a neighbour: kept and passed on towards the sender, or judged here where the sender is ours. */
    public void receiptArrived(OrganisationId from, RoutedReceipt receipt, Consumer<TakenOver> answer) {
        inLoop();
        desks.mail.receiptArrived(from, receipt, answer);
    }

    /** A verified notice from a neighbour. */
    public void noticeArrived(OrganisationId from, RoutedNotice notice, Consumer<TakenOver> answer) {
        inLoop();
        desks.mail.noticeArrived(from, notice, answer);
    }

    /**
     * An embedded client does not have the key that its slot was wrapped for: the lease is over, and the message waits for a slot made anew, or for the
     * next attachment.
     */
    public void keyNotHere(ConsumerId consumer, long lease) {
        inLoop();
        desks.local.keyNotHere(consumer, lease);
    }

    /** A re-wrap by an embedded client of this node, its signature checked; {@code answer} in the loop, empty when it was taken. */
    public void rewrapMade(Address sender, RoutedNotice notice, Consumer<Optional<Refusal>> answer) {
        inLoop();
        desks.rewraps.made(sender, notice, answer);
    }

    /** The embedded client that seals for this address can be asked again. */
    public void senderIsHere(Address sender) {
        inLoop();
        desks.rewraps.senderIsHere(sender);
    }

    public void queryArrived(OrganisationId from, Query query) {
        inLoop();
        desks.inquiry.queryCame(from, query);
    }

    public void knownArrived(OrganisationId from, Known known) {
        inLoop();
        desks.inquiry.knownCame(from, known);
    }

    // ---- to neighbours

    /** A session with this neighbour is ready; its retry waits are reset. */
    public void neighbourReady(OrganisationId neighbour) {
        inLoop();
        desks.forwarding.ready(neighbour);
    }

    /** Its session ended: everything given out and not in its custody returns to the front of the queue. */
    public void neighbourLost(OrganisationId neighbour) {
        inLoop();
        desks.forwarding.lost(neighbour);
    }

    /** The next thing to send, if any fits. The caller repeats while there is room; several may be under way. */
    public Optional<Parcel> next(OrganisationId neighbour, LinkRoom room) {
        inLoop();
        return desks.forwarding.next(neighbour, room);
    }

    /** The neighbour has custody of the parcel, now or since before. */
    public void handed(OrganisationId neighbour, long token, CustodyProof proof) {
        inLoop();
        desks.forwarding.handed(neighbour, token, proof);
    }

    /** The neighbour did not take it. A report only: the origin ends a message for nothing but its own directory and limits. */
    public void rejected(OrganisationId neighbour, long token, Refusal why, Optional<Duration> retryAfter) {
        inLoop();
        desks.forwarding.rejected(neighbour, token, why, retryAfter);
    }

    /** It could not be sent; back to the front of the queue. */
    public void returned(OrganisationId neighbour, long token) {
        inLoop();
        desks.forwarding.returned(neighbour, token);
    }

    /** The neighbour's own latest proof of custody, to be given back to it in a hello. */
    public Optional<CustodyProof> proofOf(OrganisationId neighbour) {
        inLoop();
        return desks.books.given(neighbour);
    }

    /** The highest custody number this disk holds for a neighbour; a proof of ours above it means that the disk is older. */
    public long custodyHeld(OrganisationId neighbour) {
        inLoop();
        return desks.books.held(neighbour);
    }

    /**
     * Whether a valid mark above what this disk holds is explained by damage: no record of custody for this neighbour, and records were set aside. Then the
     * count goes on above it. A copy that was put back has the record.
     */
    public boolean custodyRecordLost(OrganisationId neighbour, long number) {
        inLoop();
        return desks.books.wasSetAside(neighbour, number);
    }

    // ---- applications

    /**
     * Attaches an application; {@link LocalPort#available} follows when it may lease and whenever something waits.
     *
     * @param leaseFor how long a lease lasts without {@link #heartbeat} or {@link #extend}
     */
    public ConsumerId attach(Address address, Duration leaseFor) {
        inLoop();
        return desks.local.attach(address, leaseFor);
    }

    /** Ends an attachment; its leases return, marked redelivered. */
    public void detach(ConsumerId consumer) {
        inLoop();
        desks.local.detach(consumer);
    }

    /** Lends up to so many messages, the first always, further ones while their envelopes' bytes fit. Empty when nothing waits. */
    public List<LeasedMessage> lease(ConsumerId consumer, int itemsMax, long bytesMax) {
        inLoop();
        return desks.local.lease(consumer, itemsMax, bytesMax);
    }

    /**
     * What a recipient here found inside: archived with the rest of its envelope's evidence. Kept in memory until then; after a restart the
     * envelope is lent, opened and said again.
     *
     * @param leaf of an envelope in custody here; any other is passed over
     * @param manifests enciphered to this node; opaque here
     */
    public void found(Hash leaf, Bytes manifests) {
        inLoop();
        desks.table.found(leaf, manifests);
    }

    /** A spool file is not what was sealed any more: whatever named it here is lost, and asked for again where another copy is. */
    public void payloadLost(Hash leaf, SpoolId payload) {
        inLoop();
        desks.table.payloadLost(leaf, payload);
    }

    /** The application is alive: its leases last another lease time. */
    public void heartbeat(ConsumerId consumer) {
        inLoop();
        desks.local.heartbeat(consumer);
    }

    /** One lease lasts so long from now; {@code LEASE_NOT_HELD} when it is not held. */
    public Optional<Refusal> extend(ConsumerId consumer, long lease, Duration time) {
        inLoop();
        return desks.local.extend(consumer, lease, time);
    }

    /**
     * The application has taken the message for good.
     *
     * @param receipt the embedded client's own consumed receipt; empty where the node signs
     * @param answer in the loop: empty when durable, or {@code LEASE_NOT_HELD}
     */
    public void acknowledge(
            ConsumerId consumer, long lease, Optional<RoutedReceipt> receipt, Consumer<Optional<Refusal>> answer) {
        inLoop();
        desks.local.acknowledge(consumer, lease, receipt, answer);
    }

    /** The application gives the message back; answers as {@link #acknowledge}. */
    public void giveBack(
            ConsumerId consumer,
            long lease,
            GiveBack why,
            Optional<RoutedReceipt> receipt,
            Consumer<Optional<Refusal>> answer) {
        inLoop();
        desks.local.giveBack(consumer, lease, why, receipt, answer);
    }

    // ---- looking

    /** Where a message is; {@code answer} in the loop, empty when this node never accepted it. */
    public void track(MessageId id, Consumer<Optional<Tracked>> answer) {
        inLoop();
        looking.track(id, answer);
    }

    /** What can be proven of a message, own or received; {@code answer} in the loop, empty when nothing of it is here. */
    public void evidence(MessageId id, Consumer<Optional<Evidence>> answer) {
        inLoop();
        looking.evidence(id, answer);
    }

    /** Lets a dead letter be tried again; whether there was one. */
    public boolean revive(MessageId id, Address address) {
        inLoop();
        return desks.local.revive(id, address);
    }

    /** The message an own application sent under this id, as long as client ids are kept; the archive knows older ones. */
    public Optional<MessageId> find(Address sender, ClientId client) {
        inLoop();
        return desks.clients.find(sender, client).map(Records.Client::id);
    }

    /** Messages of own senders that are not settled, newest first; the archive has the others. */
    public List<Tracked> open(Set<Address> senders, int skip, int max) {
        inLoop();
        return looking.open(senders, skip, max);
    }

    /** Messages waiting for an own address or lent to its applications. */
    public int waiting(Address address) {
        inLoop();
        return desks.local.waiting(address);
    }

    /** What waits, oldest first, after the first {@code skip}, at most {@code max}. */
    public List<Queued> queue(int skip, int max) {
        inLoop();
        return looking.queue(skip, max);
    }

    /** Tells as events what was only counted so far; before the end. */
    public void tellCounted() {
        inLoop();
        desks.cameAgain.tellAll();
    }

    public DeliveryStatus status() {
        inLoop();
        return looking.status();
    }
}
