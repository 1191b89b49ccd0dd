package lienthong.gateway.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.EnvelopeVerifier;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.envelope.NoticeVerifier;
import lienthong.gateway.envelope.OpenedEnvelope;
import lienthong.gateway.envelope.OpenedSlot;
import lienthong.gateway.envelope.Opener;
import lienthong.gateway.envelope.Opening;
import lienthong.gateway.envelope.ReceiptSigner;
import lienthong.gateway.envelope.RecipientKeys;
import lienthong.gateway.envelope.SealCache;
import lienthong.gateway.envelope.SealedSource;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.envelope.SlotOpener;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.envelope.VerifiedRewrap;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.identity.ClientKeys;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.CustodyMark;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.TransferOutcome;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SignedReceipt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the node lends to this client: verified, opened, put in order, handed over, ended with a signed receipt. Confined to the loop but for
 * {@link #end} and {@link #later}.
 *
 * <p>A message that has its end in the state file is never handed over again: should it be leased once more (the answer was lost), the receipt
 * is signed again and that is all.
 */
final class Inbox {
    /** Messages lent at once; with at most 1 MiB in memory for each they stay small against a heap. */
    static final int WINDOW = 32;
    /** Messages held back for order beyond the window. */
    private static final int HELD_BACK_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger("lienthong.client");
    private static final long OPEN_LANE = -23;
    /** Loans are kept alive so long; an application that has not come to an end by then has lost it. */
    private static final Duration HOLD_MAX = Duration.ofHours(1);
    /** A predecessor that has not come by then will not: the sender's skip does not reach a client's slot. */
    private static final Duration ORDER_WAIT = Duration.ofMinutes(10);
    /** The signer's certificate is perhaps on its way here. */
    private static final Duration UNTIL_RECORDS_COME = Duration.ofMillis(500);

    private static final Duration PRODUCT_RETRY = Duration.ofSeconds(30);

    private static final int RECORD_TRIES_MAX = 60;
    private static final int REMEMBERED_MAX = 1_024;
    static final int BREAKS_MAX = 64;

    private final Loop loop;
    private final Clock clock;
    private final ClientKeys keys;
    private final ClientState state;
    private final CiphertextFolder folder;
    private final Supplier<DirectoryView> directory;
    private final Consumer<Throwable> failed;
    private final boolean unclean;
    private final EnvelopeVerifier verifier = new EnvelopeVerifier(new SealCache());
    private final SlotOpener slots;
    private final Opener opener;

    /** Guarded by itself. */
    private final List<SequenceBreak> breaks = new ArrayList<>();

    // ---- while there is a handler
    private Optional<Consumer<Received>> handOver = Optional.empty();
    private final Map<Loan.Name, Loan> open = new LinkedHashMap<>();
    private final List<Loan> heldBack = new ArrayList<>();

    /** Ended not long ago, so that a second lease costs no second transfer. */
    private final Map<Loan.Name, Loan> ended = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Loan.Name, Loan> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    // ---- while connected
    private Optional<LinkSession> session = Optional.empty();
    private final Map<Hash, ClientFrame.Leased> expected = new HashMap<>();
    private int want;
    private boolean wantDue;
    private boolean attachedOnce;
    private boolean extending;

    // ---- receipts
    private final ArrayDeque<Loan> toSign = new ArrayDeque<>();
    private final ArrayDeque<Signed> toSend = new ArrayDeque<>();
    private boolean signing;
    private int unconfirmed;
    private final List<CompletableFuture<Boolean>> idle = new ArrayList<>();

    private record Signed(Loan loan, SignedReceipt receipt) {}

    Inbox(
            Loop loop,
            Clock clock,
            ClientKeys keys,
            ClientState state,
            CiphertextFolder folder,
            Supplier<DirectoryView> directory,
            Consumer<Throwable> failed) {
        this.loop = loop;
        this.clock = clock;
        this.keys = keys;
        this.slots = new SlotOpener(keys.cipher());
        this.opener = new Opener(slots);
        this.state = state;
        this.folder = folder;
        this.directory = directory;
        this.failed = failed;
        this.unclean = state.wasUnclean();
        keys.recipientKeys().whenDestroyed(slots::forget);
    }

    Address address() {
        return keys.address();
    }

    // ---- handler

    /** From now on messages are handed to {@code handler}, which must not block; false when there is one already. */
    boolean subscribe(Consumer<Received> handler) {
        if (handOver.isPresent()) {
            return false;
        }
        handOver = Optional.of(handler);
        attach();
        return true;
    }

    /** Takes back what is open; {@code LEASE_NOT_HELD} to whoever still has it. */
    void unsubscribe() {
        handOver = Optional.empty();
        for (Loan loan : List.copyOf(open.values())) {
            if (loan.end(Loan.Fate.LATER, "")) {
                sendLater(loan);
            }
        }
        attach();
    }

    private void attach() {
        if (session.isEmpty() || handOver.isEmpty() && !attachedOnce) {
            return;
        }
        want = 0;
        session.get()
                .send(new ClientFrame.Attach(
                        keys.address(), unclean && !attachedOnce, handOver.isPresent() ? WINDOW + heldBack.size() : 0));
        attachedOnce = true;
    }

    // ---- session

    void onReady(LinkSession ready) {
        session = Optional.of(ready);
        attach();
        pump();
    }

    void onClosed() {
        session = Optional.empty();
        expected.clear();
        open.values().forEach(loan -> loan.lease = 0);
        // Leased again, they are signed again: until then nobody waits for them.
        toSend.clear();
        toSign.clear();
        unconfirmed = 0;
        tellIdle();
    }

    // ---- leases

    void onLeased(ClientFrame.Leased leased) {
        expected.put(leased.leaf(), leased);
        for (MessageId id : leased.ids()) {
            Loan.Name name = new Loan.Name(leased.leaf(), id);
            Loan known = open.get(name);
            Loan over = ended.get(name);
            if (known != null) {
                known.lease = leased.lease();
            } else if (over != null && over.fate() != Loan.Fate.LATER) {
                over.lease = leased.lease();
                toSign.add(over);
                wantMore(1);
            }
        }
        signSoon();
        scheduleExtend(leased.seconds());
    }

    private boolean allKnown(ClientFrame.Leased leased) {
        return leased.ids().stream()
                .map(id -> new Loan.Name(leased.leaf(), id))
                .allMatch(name -> open.containsKey(name)
                        || Optional.ofNullable(ended.get(name))
                                .filter(loan -> loan.fate() != Loan.Fate.LATER)
                                .isPresent());
    }

    private void scheduleExtend(int seconds) {
        if (extending) {
            return;
        }
        extending = true;
        loop.schedule(Duration.ofSeconds(Math.max(1, seconds / 3)).toNanos(), () -> {
            extending = false;
            Instant now = clock.now();
            List<Long> alive = open.values().stream()
                    .filter(loan -> loan.lease != 0 && loan.fate() == Loan.Fate.OPEN)
                    .filter(loan -> Duration.between(loan.since, now).compareTo(HOLD_MAX) < 0)
                    .map(loan -> loan.lease)
                    .distinct()
                    .limit(ClientFrame.ITEMS_MAX)
                    .toList();
            if (!alive.isEmpty() && session.isPresent()) {
                session.get().send(new ClientFrame.Lease(alive, 0));
            }
            if (!open.isEmpty()) {
                scheduleExtend(seconds);
            }
        });
    }

    /** Says once a turn how many more can be held. */
    private void wantMore(int more) {
        want += more;
        if (wantDue) {
            return;
        }
        wantDue = true;
        loop.execute(() -> {
            wantDue = false;
            if (want > 0 && session.isPresent() && handOver.isPresent()) {
                session.get().send(new ClientFrame.Lease(List.of(), Math.min(want, ClientFrame.ITEMS_MAX)));
            }
            want = 0;
        });
    }

    // ---- arrival

    /** That it has come; custody stays with the node until the acknowledgement. */
    private CustodyMark arrivedMark(ClientFrame.Leased leased) {
        return new CustodyMark(
                keys.incarnation(),
                Math.max(1, leased.lease()),
                Hash.of(leased.leaf().bytes()).bytes());
    }

    void onOffer(IncomingOffer offer, OfferReply reply) {
        Hash core = Hash.of(offer.core());
        Optional<ClientFrame.Leased> known = expected.values().stream()
                .filter(this::allKnown)
                .filter(leased -> known(leased).arrived.core.equals(core))
                .findFirst();
        if (known.isPresent()) {
            expected.remove(known.get().leaf());
            reply.have(arrivedMark(known.get()));
            return;
        }
        loop.offload(OPEN_LANE, () -> folder.arrived(core), arrived -> {
            long offset = arrived <= offer.ciphertextLength() ? arrived : 0;
            reply.accept(offset, folder.sink(core, offset));
        });
    }

    private Loan known(ClientFrame.Leased leased) {
        Loan.Name name = new Loan.Name(leased.leaf(), leased.ids().get(0));
        Loan loan = open.get(name);
        return loan != null ? loan : java.util.Objects.requireNonNull(ended.get(name));
    }

    void onEnvelope(IncomingEnvelope envelope, CustodyReply reply) {
        Hash leaf = MerkleTree.leafHash(envelope.envelope().statement());
        ClientFrame.Leased leased = expected.remove(leaf);
        if (leased == null) {
            reply.reject(Refusal.of(ErrorCode.LEASE_NOT_HELD, "an envelope that was not leased"), false);
            return;
        }
        reply.have(arrivedMark(leased));
        if (!allKnown(leased)) {
            open(envelope, leased, 0);
        }
    }

    /** What opening found; outside the loop nothing is decided. */
    private sealed interface Found {
        record Opened(OpenedEnvelope envelope, SlotFacts facts, Map<MessageId, Boolean> over) implements Found {}

        /** Every message leased has its end here. */
        record Over(VerifiedEnvelope envelope, SlotFacts facts, Map<MessageId, Boolean> over) implements Found {}

        record NotOpened(VerifiedEnvelope envelope) implements Found {}

        /** Wrapped for a key that is not here, or no longer. */
        record KeyNotHere() implements Found {}

        record NotVerified(Refusal why) implements Found {}
    }

    private void open(IncomingEnvelope arriving, ClientFrame.Leased leased, int tries) {
        DirectoryView view = directory.get();
        loop.offload(OPEN_LANE, () -> find(arriving, leased, view), found -> {
            if (found instanceof Found.NotVerified no) {
                notVerified(arriving, leased, no.why(), tries);
            } else if (found instanceof Found.KeyNotHere) {
                keyNotHere(arriving, leased);
            } else if (found instanceof Found.NotOpened no) {
                cannotOpen(no.envelope(), leased, arriving);
            } else if (found instanceof Found.Over over) {
                Loan.Arrived arrived = arrived(arriving);
                over.over().forEach((id, returned) -> {
                    Loan loan = loan(over.envelope(), over.facts(), arrived, id, leased);
                    againOver(loan, returned);
                });
                release(arrived);
            } else if (found instanceof Found.Opened opened) {
                opened(opened, leased, arriving);
            }
        });
    }

    private Found find(IncomingEnvelope arriving, ClientFrame.Leased leased, DirectoryView view) throws IOException {
        try {
            return look(arriving, leased, view);
        } catch (IOException unreadable) {
            if (unreadable.getCause() instanceof TokenAway away) {
                return away(away);
            }
            throw unreadable;
        } catch (TokenAway away) {
            return away(away);
        }
    }

    private static Found away(TokenAway away) {
        return new Found.NotVerified(Refusal.of(ErrorCode.TOKEN_AWAY, Detail.technical(away)));
    }

    private Found look(IncomingEnvelope arriving, ClientFrame.Leased leased, DirectoryView view) throws IOException {
        SealedEnvelope sealed = arriving.envelope();
        Result<VerifiedEnvelope> verified = verifier.verify(
                sealed, arriving.ciphertextRoot(), sealed.ciphertext().length(), view);
        if (!(verified instanceof Result.Ok<VerifiedEnvelope> ok)) {
            return new Found.NotVerified(verified.refusal());
        }
        Optional<VerifiedRewrap> rewrap = leased.rewrap()
                .flatMap(notice -> EnvelopeWire.parseNotice(notice)
                        .then(signed -> NoticeVerifier.rewrap(signed, ok.value(), view))
                        .fold(Optional::of, no -> Optional.<VerifiedRewrap>empty()))
                .filter(found -> found.notice().recipient().equals(keys.address()));
        RecipientKeys own = keyId -> keys.recipientKeys().find(keyId);
        Opening<OpenedSlot> slot = rewrap.map(found -> slots.open(ok.value(), found, own))
                .orElseGet(() -> slots.open(ok.value(), keys.address(), own));
        if (slot instanceof Opening.NotOpened<OpenedSlot> no && no.reason() == ErrorCode.SUITE_UNKNOWN) {
            // It can be opened once the product is installed: back to the node, which keeps it, and no word to the
            // sender.
            return new Found.NotVerified(Refusal.of(
                    ErrorCode.SUITE_UNKNOWN,
                    "suite {0} is not installed here",
                    ok.value().facts().header().suite()));
        }
        if (!(slot instanceof Opening.Opened<OpenedSlot> unlocked)) {
            return lacksKey(ok.value(), rewrap, own) ? new Found.KeyNotHere() : new Found.NotOpened(ok.value());
        }
        SlotFacts facts = unlocked.value().facts();
        List<MessageId> ids = ok.value().facts().header().ids();
        Map<MessageId, Boolean> over = new LinkedHashMap<>();
        for (MessageId id : leased.ids()) {
            int position = ids.indexOf(id);
            if (position < 0) {
                return new Found.NotVerified(Refusal.of(ErrorCode.PROTOCOL, "a lease of a message that is not inside"));
            }
            state.endOf(ok.value().facts().header().sender(), facts.incarnation(), facts.firstNumber() + position)
                    .ifPresent(returned -> over.put(id, returned));
        }
        if (over.size() == leased.ids().size()) {
            return new Found.Over(ok.value(), facts, over);
        }
        SealedSource source = sealed.ciphertext() instanceof SealedEnvelope.Ciphertext.Inline inline
                ? SealedSource.of(inline.bytes())
                : folder.arrivedSource(
                        Hash.of(sealed.core()), sealed.ciphertext().length());
        Opening<OpenedEnvelope> opened = opener.open(unlocked.value(), source);
        return opened instanceof Opening.Opened<OpenedEnvelope> yes
                ? new Found.Opened(yes.value(), facts, over)
                : new Found.NotOpened(ok.value());
    }

    /** The key's name stands in clear in the slot, so that saying so tells a forger nothing. */
    private boolean lacksKey(VerifiedEnvelope envelope, Optional<VerifiedRewrap> rewrap, RecipientKeys own) {
        int number = envelope.facts().header().recipients().indexOf(keys.address());
        return rewrap.map(VerifiedRewrap::slot)
                .or(() -> envelope.sealed().slots().stream()
                        .filter(slot -> slot.number() == number)
                        .findFirst())
                .flatMap(SlotOpener::keyIdOf)
                .filter(keyId -> own.byId(keyId).isEmpty())
                .isPresent();
    }

    private static Loan.Arrived arrived(IncomingEnvelope arriving) {
        return new Loan.Arrived(
                Hash.of(arriving.envelope().core()),
                arriving.envelope().ciphertext() instanceof SealedEnvelope.Ciphertext.Spooled);
    }

    private Loan loan(
            VerifiedEnvelope envelope, SlotFacts facts, Loan.Arrived arrived, MessageId id, ClientFrame.Leased leased) {
        int position = envelope.facts().header().ids().indexOf(id);
        long number = facts.firstNumber() + position;
        long predecessor = facts.orderingKey().isEmpty() ? 0 : position > 0 ? number - 1 : facts.keyPredecessor();
        Loan loan = new Loan(
                this,
                envelope,
                arrived,
                id,
                position,
                facts.incarnation(),
                number,
                predecessor,
                facts.previousCore(),
                leased.deliveries() + 1,
                leased.redelivered(),
                clock.now());
        loan.lease = leased.lease();
        return loan;
    }

    /** It had its end in an earlier session or run: says so again. */
    private void againOver(Loan loan, boolean returned) {
        if (loan.end(returned ? Loan.Fate.RETURNED : Loan.Fate.CONSUMED, "")) {
            ended.put(loan.name(), loan);
            toSign.add(loan);
            wantMore(1);
            signSoon();
        }
    }

    /**
     * It only lacks the State cipher service's product, which may answer soon, or be installed when this client is opened again: the lease is kept, so
     * that the tries count for nothing, and with it one of the window's places.
     */
    private void untilProductAnswers(
            IncomingEnvelope arriving, ClientFrame.Leased leased, Refusal why, int tries, LinkSession up) {
        if (tries == 0) {
            LOG.warn("a message waits for the State cipher service's product: {}", why);
        }
        loop.schedule(PRODUCT_RETRY.toNanos(), () -> {
            if (session.filter(up::equals).isPresent()) {
                open(arriving, leased, tries + 1);
            } else {
                release(arrived(arriving));
            }
        });
    }

    private void notVerified(IncomingEnvelope arriving, ClientFrame.Leased leased, Refusal why, int tries) {
        boolean perhapsLater = why.reason() == ErrorCode.WHO_ARE_YOU && tries < RECORD_TRIES_MAX;
        if (perhapsLater && session.isPresent()) {
            loop.schedule(UNTIL_RECORDS_COME.toNanos(), () -> open(arriving, leased, tries + 1));
            return;
        }
        if (session.isPresent() && (why.reason() == ErrorCode.SUITE_UNKNOWN || why.reason() == ErrorCode.TOKEN_AWAY)) {
            untilProductAnswers(arriving, leased, why, tries, session.get());
            return;
        }
        LOG.warn("an envelope from the node does not verify and goes back: {}", why);
        release(arrived(arriving));
        wantMore(leased.ids().size());
        session.ifPresent(up -> up.send(new ClientFrame.Return(
                leased.lease(), leased.ids(), ErrorCode.RETURNED_BY_APPLICATION, "not verified", true)));
    }

    /** Its sender is asked to make the slot anew; until then the node keeps it. */
    private void keyNotHere(IncomingEnvelope arriving, ClientFrame.Leased leased) {
        LOG.info("an envelope was wrapped for a key that is not here; its sender is asked to wrap it anew");
        release(arrived(arriving));
        wantMore(leased.ids().size());
        session.ifPresent(
                up -> up.send(new ClientFrame.Return(leased.lease(), leased.ids(), ErrorCode.KEY_NOT_HERE, "", true)));
    }

    /** Whatever the reason, the sender hears that it could not be opened here, and no more. */
    private void cannotOpen(VerifiedEnvelope envelope, ClientFrame.Leased leased, IncomingEnvelope arriving) {
        LOG.warn(
                "message {} from {} cannot be opened",
                envelope.facts().header().id(),
                envelope.facts().header().sender());
        Loan.Arrived arrived = arrived(arriving);
        release(arrived);
        for (MessageId id : leased.ids()) {
            int position = envelope.facts().header().ids().indexOf(id);
            Loan loan = new Loan(
                    this,
                    envelope,
                    arrived,
                    id,
                    Math.max(0, position),
                    keys.incarnation(),
                    0,
                    0,
                    SlotFacts.NO_CORE,
                    leased.deliveries() + 1,
                    leased.redelivered(),
                    clock.now());
            loan.lease = leased.lease();
            againOver(loan, true);
        }
    }

    private void opened(Found.Opened found, ClientFrame.Leased leased, IncomingEnvelope arriving) {
        Loan.Arrived arrived = arrived(arriving);
        for (MessageId id : leased.ids()) {
            Loan loan = loan(found.envelope().envelope(), found.facts(), arrived, id, leased);
            Boolean over = found.over().get(id);
            if (over != null) {
                againOver(loan, over);
            } else if (handOver.isPresent() && !open.containsKey(loan.name())) {
                loan.received = Optional.of(new Received(loan, found.envelope()));
                arrived.open++;
                open.put(loan.name(), loan);
                inOrder(loan);
            } else if (loan.end(Loan.Fate.LATER, "")) {
                sendLater(loan);
            }
        }
        release(arrived);
    }

    // ---- order

    private void inOrder(Loan loan) {
        if (loan.predecessor == 0 || heldBack.size() >= HELD_BACK_MAX || isOver(loan)) {
            handOver(loan);
            return;
        }
        heldBack.add(loan);
        wantMore(1);
        loop.schedule(ORDER_WAIT.toNanos(), () -> {
            if (heldBack.remove(loan)) {
                LOG.warn("message {}: its predecessor did not come in {}", loan.id, ORDER_WAIT);
                want--;
                handOver(loan);
            }
        });
    }

    /** Whether the predecessor has its end: asked of what is known in the loop, then of the state. */
    private boolean isOver(Loan loan) {
        for (Loan other : open.values()) {
            if (other != loan && isPredecessor(other, loan)) {
                return false;
            }
        }
        return state.endOf(loan.envelope.facts().header().sender(), loan.incarnation, loan.predecessor)
                .isPresent();
    }

    private static boolean isPredecessor(Loan first, Loan second) {
        return first.number == second.predecessor
                && first.incarnation.equals(second.incarnation)
                && first.envelope
                        .facts()
                        .header()
                        .sender()
                        .equals(second.envelope.facts().header().sender());
    }

    private void releaseSuccessors(Loan loan) {
        for (Loan waiting : List.copyOf(heldBack)) {
            if (isPredecessor(loan, waiting) && heldBack.remove(waiting)) {
                want--;
                handOver(waiting);
            }
        }
    }

    private void handOver(Loan loan) {
        Optional<Received> message = loan.received;
        if (message.isPresent() && handOver.isPresent() && loan.fate() == Loan.Fate.OPEN) {
            handOver.get().accept(message.get());
        }
    }

    // ---- the application's answers

    /** Any thread; waits for the disk. */
    Optional<Refusal> end(Loan loan, boolean returned, String reason) {
        String clean = reason.length() <= 200 ? reason : reason.substring(0, 200);
        if (!loan.end(returned ? Loan.Fate.RETURNED : Loan.Fate.CONSUMED, clean)) {
            return notHeld();
        }
        try {
            Address sender = loan.envelope.facts().header().sender();
            Optional<List<Chain.Break>> noted = state.ended(
                    new Change.Ended(sender, loan.incarnation, loan.number, returned, Optional.of(loan.link())));
            if (noted.isEmpty()) {
                LOG.warn("message {} had its end before", loan.id);
            }
            noted.orElse(List.of()).forEach(found -> broken(sender, loan.incarnation, found));
        } catch (IOException dead) {
            failed.accept(dead);
            return Optional.of(Refusal.of(ErrorCode.FSYNC_FAILED, Detail.technical(dead)));
        }
        loop.execute(() -> {
            over(loan);
            toSign.add(loan);
            signSoon();
        });
        return Optional.empty();
    }

    private void broken(Address sender, Incarnation incarnation, Chain.Break found) {
        LOG.warn(
                "{} sealed two histories: number {} follows core {}, number {} is core {}",
                sender,
                found.number() + 1,
                found.named(),
                found.number(),
                found.is());
        synchronized (breaks) {
            if (breaks.size() == BREAKS_MAX) {
                breaks.remove(0);
            }
            breaks.add(new SequenceBreak(sender, incarnation, found.number(), found.is(), found.named()));
        }
    }

    /** Any thread: those found since the client was opened, the oldest first, at most {@link #BREAKS_MAX}. */
    List<SequenceBreak> breaks() {
        synchronized (breaks) {
            return List.copyOf(breaks);
        }
    }

    /** Any thread. */
    Optional<Refusal> later(Loan loan) {
        if (!loan.end(Loan.Fate.LATER, "")) {
            return notHeld();
        }
        loop.execute(() -> sendLater(loan));
        return Optional.empty();
    }

    private static Optional<Refusal> notHeld() {
        return Optional.of(Refusal.of(ErrorCode.LEASE_NOT_HELD, "the message has its end, or went back to the node"));
    }

    private void sendLater(Loan loan) {
        if (loan.lease != 0 && session.isPresent()) {
            session.get()
                    .send(new ClientFrame.Return(
                            loan.lease, List.of(loan.id), ErrorCode.RETURNED_BY_APPLICATION, "", true));
        }
        over(loan);
    }

    private void over(Loan loan) {
        if (open.remove(loan.name()) != null) {
            if (!heldBack.remove(loan)) {
                wantMore(1);
            }
            loan.received = Optional.empty();
            loan.arrived.open--;
            release(loan.arrived);
        }
        if (loan.fate() != Loan.Fate.LATER) {
            ended.put(loan.name(), loan);
            releaseSuccessors(loan);
        }
    }

    private void release(Loan.Arrived arrived) {
        if (arrived.spooled && arrived.open == 0) {
            loop.offload(
                    OPEN_LANE,
                    () -> {
                        folder.removeArrived(arrived.core);
                        return true;
                    },
                    done -> {});
        }
    }

    // ---- receipts

    private void signSoon() {
        if (signing || toSign.isEmpty() || session.isEmpty()) {
            return;
        }
        signing = true;
        List<Loan> loans = new ArrayList<>();
        int suite = toSign.element().envelope.facts().header().suite();
        while (!toSign.isEmpty() && loans.size() < Limits.TREE_LEAVES_MAX) {
            loans.add(toSign.remove());
        }
        unconfirmed += loans.size();
        DirectoryView view = directory.get();
        Instant now = clock.now();
        loop.offload(0, () -> sign(loans, suite, view, now), signed -> {
            signing = false;
            if (signed instanceof Result.Ok<List<SignedReceipt>> ok) {
                for (int i = 0; i < loans.size(); i++) {
                    toSend.add(new Signed(loans.get(i), ok.value().get(i)));
                }
            } else {
                LOG.warn("receipts cannot be signed now: {}", signed.refusal());
                confirmed(loans.size());
            }
            pump();
            signSoon();
        });
    }

    private Result<List<SignedReceipt>> sign(List<Loan> loans, int suite, DirectoryView view, Instant now) {
        List<Receipt> receipts = new ArrayList<>(loans.size());
        for (Loan loan : loans) {
            boolean returned = loan.fate() == Loan.Fate.RETURNED;
            receipts.add(new Receipt(
                    view.network(),
                    returned ? Receipt.Kind.RETURNED : Receipt.Kind.CONSUMED,
                    new Receipt.Subject.One(
                            loan.id, loan.leaf(), loan.envelope.facts().ciphertextRoot()),
                    keys.address(),
                    keys.signingKey().certificate().hash(),
                    returned ? Optional.of(ErrorCode.RETURNED_BY_APPLICATION) : Optional.empty(),
                    now,
                    view.version(),
                    keys.incarnation(),
                    loan.deliveries));
        }
        return ReceiptSigner.sign(
                receipts, Suite.ofNumber(suite).isOk() ? suite : Suite.HYBRID_1.number(), keys.signingKey(), now);
    }

    /** Sends what is signed while there is room: the receipt, then the word that ends the lease. */
    void pump() {
        while (session.isPresent() && !toSend.isEmpty() && session.get().hasReceiptRoom()) {
            Signed next = toSend.remove();
            Loan loan = next.loan();
            session.get()
                    .receipt(
                            new CarriedReceipt(loan.envelope.facts().header().sender(), next.receipt()),
                            new ReceiptOutcome(loan));
            session.get()
                    .send(
                            loan.fate() == Loan.Fate.RETURNED
                                    ? new ClientFrame.Return(
                                            loan.lease,
                                            List.of(loan.id),
                                            ErrorCode.RETURNED_BY_APPLICATION,
                                            loan.reason(),
                                            false)
                                    : new ClientFrame.Acknowledge(loan.lease, List.of(loan.id)));
        }
    }

    private final class ReceiptOutcome implements TransferOutcome {
        private final Loan loan;

        ReceiptOutcome(Loan loan) {
            this.loan = loan;
        }

        @Override
        public void custody(CustodyMark mark) {
            confirmed(1);
        }

        @Override
        public void have(CustodyMark mark) {
            confirmed(1);
        }

        @Override
        public void rejected(Refusal refusal, boolean advice) {
            // The lease was over before: it comes again, and then the receipt goes again.
            LOG.info("receipt of message {} was not taken: {}", loan.id, refusal);
            confirmed(1);
        }

        @Override
        public void unreadable(Refusal refusal) {
            rejected(refusal, false);
        }

        @Override
        public void lost() {
            // The node leases it again; see onLeased.
        }
    }

    private void confirmed(int count) {
        unconfirmed = Math.max(0, unconfirmed - count);
        tellIdle();
    }

    /** Completes when every receipt signed so far is at the node, or no session is left to send it in. */
    void whenIdle(CompletableFuture<Boolean> done) {
        idle.add(done);
        tellIdle();
    }

    private void tellIdle() {
        if (unconfirmed == 0 && toSign.isEmpty() && !signing || session.isEmpty()) {
            idle.forEach(done -> done.complete(true));
            idle.clear();
        }
    }
}
