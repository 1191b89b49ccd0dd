package lienthong.gateway.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
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
import lienthong.gateway.store.MessageStore;

/** The queue manager of one node. Confined to the loop. */
@SuppressWarnings("DoNotCallSuggester") // types land first, the bodies follow
public final class Delivery {
    private final Ports ports;
    private final DeliveryPolicy policy;

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
            DeliveryEvents events) {}

    public Delivery(Ports ports, DeliveryPolicy policy) {
        this.ports = ports;
        this.policy = policy;
    }

    private Bug absent() {
        return new Bug("delivery of " + ports.me() + " with " + policy + " is being built");
    }

    /** Reads everything back from the store; first call, once, before any other. */
    public void recover() {
        throw absent();
    }

    /** A newer directory is in force: every held and waiting branch is routed anew. */
    public void directoryChanged(RoutingView routing) {
        throw absent();
    }

    // ---- origin

    /** Why a submission may not be taken, before a byte of its payload is read: unknown or closed recipient (all or none), secrecy, disk. */
    public Optional<Refusal> mayAccept(
            Address sender, List<Address> recipients, SecrecyMark mark, Precedence precedence, long bytes) {
        throw absent();
    }

    /**
     * Claims a client id before sealing. A second claim while the first is under way waits for its answer.
     *
     * @param answer in the loop, perhaps before this returns
     */
    public void claim(Address sender, ClientRequest request, Consumer<ClientClaim> answer) {
        throw absent();
    }

    /** Ends a fresh claim that came to nothing: the next one waiting for it becomes fresh. */
    public void release(Address sender, ClientRequest request) {
        throw absent();
    }

    /** Reserves numbers in accept order. Nothing is durable before {@link #accepted}; what is not accepted must be {@linkplain #abandon abandoned}. */
    public Reservation reserve(
            Address sender,
            Incarnation incarnation,
            List<Address> recipients,
            Hash core,
            int count,
            Optional<String> orderingKey) {
        throw absent();
    }

    /** The reserved numbers come to nothing: signed skips close the gap. */
    public void abandon(Reservation reservation, ErrorCode reason) {
        throw absent();
    }

    /**
     * Keeps envelopes of own senders; one store batch for all, an answer for each.
     *
     * @param answers called in the loop with the position in the list and its answer; accepted only after it is durable
     */
    public void accepted(List<AcceptedEnvelope> envelopes, Answers answers) {
        throw absent();
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
        throw absent();
    }

    /** Takes an envelope over. The answer comes in the loop, after it is durable where it says custody. */
    public void takeOver(TakeOver arriving, Consumer<TakenOver> answer) {
        throw absent();
    }

    /** A verified receipt from a neighbour: kept and passed on towards the sender, or judged here where the sender is ours. */
    public void receiptArrived(OrganisationId from, RoutedReceipt receipt, Consumer<TakenOver> answer) {
        throw absent();
    }

    /** A verified notice from a neighbour. */
    public void noticeArrived(OrganisationId from, RoutedNotice notice, Consumer<TakenOver> answer) {
        throw absent();
    }

    public void queryArrived(OrganisationId from, Query query) {
        throw absent();
    }

    public void knownArrived(OrganisationId from, Known known) {
        throw absent();
    }

    // ---- to neighbours

    /** A session with this neighbour is ready; its retry waits are reset. */
    public void neighbourReady(OrganisationId neighbour) {
        throw absent();
    }

    /** Its session ended: everything given out and not in its custody returns to the front of the queue. */
    public void neighbourLost(OrganisationId neighbour) {
        throw absent();
    }

    /** The next thing to send, if any fits. The caller repeats while there is room; several may be under way. */
    public Optional<Parcel> next(OrganisationId neighbour, LinkRoom room) {
        throw absent();
    }

    /** The neighbour has custody of the parcel, now or since before. */
    public void handed(OrganisationId neighbour, long token, CustodyProof proof) {
        throw absent();
    }

    /** The neighbour did not take it. A report only: the origin ends a message for nothing but its own directory and limits. */
    public void rejected(OrganisationId neighbour, long token, Refusal why, Optional<Duration> retryAfter) {
        throw absent();
    }

    /** It could not be sent; back to the front of the queue. */
    public void returned(OrganisationId neighbour, long token) {
        throw absent();
    }

    /** The neighbour's own latest proof of custody, to be given back to it in a hello. */
    public Optional<CustodyProof> proofOf(OrganisationId neighbour) {
        throw absent();
    }

    /** The highest custody number this disk holds for a neighbour; a proof of ours above it means that the disk is older. */
    public long custodyHeld(OrganisationId neighbour) {
        throw absent();
    }

    // ---- applications

    /**
     * Attaches an application; {@link LocalPort#available} follows when it may lease and whenever something waits.
     *
     * @param leaseFor how long a lease lasts without {@link #heartbeat} or {@link #extend}
     */
    public ConsumerId attach(Address address, Duration leaseFor) {
        throw absent();
    }

    /** Ends an attachment; its leases return, marked redelivered. */
    public void detach(ConsumerId consumer) {
        throw absent();
    }

    /** Lends up to so many messages, the first always, further ones while their envelopes' bytes fit. Empty when nothing waits. */
    public List<LeasedMessage> lease(ConsumerId consumer, int itemsMax, long bytesMax) {
        throw absent();
    }

    /** The application is alive: its leases last another lease time. */
    public void heartbeat(ConsumerId consumer) {
        throw absent();
    }

    /** One lease lasts so long from now; {@code LEASE_NOT_HELD} when it is not held. */
    public Optional<Refusal> extend(ConsumerId consumer, long lease, Duration time) {
        throw absent();
    }

    /**
     * The application has taken the message for good.
     *
     * @param receipt the embedded client's own consumed receipt; empty where the node signs
     * @param answer in the loop: empty when durable, or {@code LEASE_NOT_HELD}
     */
    public void acknowledge(
            ConsumerId consumer, long lease, Optional<RoutedReceipt> receipt, Consumer<Optional<Refusal>> answer) {
        throw absent();
    }

    /** The application gives the message back; answers as {@link #acknowledge}. */
    public void giveBack(
            ConsumerId consumer,
            long lease,
            GiveBack why,
            Optional<RoutedReceipt> receipt,
            Consumer<Optional<Refusal>> answer) {
        throw absent();
    }

    // ---- looking

    /** Where a message is; {@code answer} in the loop, empty when this node never accepted it. */
    public void track(MessageId id, Consumer<Optional<Tracked>> answer) {
        throw absent();
    }

    /** The message an own application sent under this id, as long as client ids are kept; the archive knows older ones. */
    public Optional<MessageId> find(Address sender, ClientId client) {
        throw absent();
    }

    /** Messages of own senders that are not settled, newest first; the archive has the others. */
    public List<Tracked> open(Set<Address> senders, int skip, int max) {
        throw absent();
    }

    /** Messages waiting for an own address or lent to its applications. */
    public int waiting(Address address) {
        throw absent();
    }

    /** What waits, oldest first, after the first {@code skip}, at most {@code max}. */
    public List<Queued> queue(int skip, int max) {
        throw absent();
    }

    public DeliveryStatus status() {
        throw absent();
    }
}
