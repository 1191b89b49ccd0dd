package lienthong.gateway.node;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.LocalSlot;
import lienthong.gateway.delivery.Notice;
import lienthong.gateway.delivery.RoutedNotice;
import lienthong.gateway.delivery.RoutedReceipt;
import lienthong.gateway.delivery.TakeOver;
import lienthong.gateway.delivery.TakenOver;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.EnvelopeVerifier;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.envelope.NoticeVerifier;
import lienthong.gateway.envelope.OpenedSlot;
import lienthong.gateway.envelope.Opening;
import lienthong.gateway.envelope.ReceiptVerifier;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.envelope.SlotOpener;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.CiphertextSource;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.TransferSink;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;

/**
 * Judges what comes over a link before delivery hears of it: seal, ciphertext, signer, revocation; and, for addresses of this node, their slots.
 * Confined to the loop; arithmetic and disk are offloaded.
 */
final class ArrivalDesk {
    private static final String NEIGHBOUR = "node ";
    private static final long SWEEP_NANOS = Duration.ofHours(1).toNanos();

    static final Duration UNTIL_RECORDS_COME = Duration.ofSeconds(1);
    /** A card was pulled out, a module restarts. */
    private static final Duration UNTIL_PRODUCT_ANSWERS = Duration.ofSeconds(30);

    private final Loop loop;
    private final OrganisationId me;
    private final DirectoryDesk directory;
    private final KeyRing keys;
    private final Delivery delivery;
    private final MessageStore store;
    private final EnvelopeVerifier verifier;
    private final ReceiptVerifier receiptVerifier;
    private final SlotOpener slots;
    private final NodeWatch watch;
    /** Names of large ciphertexts on their way in or being judged: none has two writers. */
    private final Set<String> transfers = new HashSet<>();
    /** Finished and not judged yet: what its name is. */
    private final Map<Long, String> finished = new HashMap<>();

    private final Clock clock;
    private final Unfinished unfinished;
    private final PayloadGuard payloads;
    private boolean sweeping;

    ArrivalDesk(
            Loop loop,
            Clock clock,
            OrganisationId me,
            DirectoryDesk directory,
            KeyRing keys,
            Delivery delivery,
            MessageStore store,
            EnvelopeVerifier verifier,
            ReceiptVerifier receiptVerifier,
            SlotOpener slots,
            NodeWatch watch) {
        this.loop = loop;
        this.me = me;
        this.directory = directory;
        this.keys = keys;
        this.delivery = delivery;
        this.store = store;
        this.verifier = verifier;
        this.receiptVerifier = receiptVerifier;
        this.slots = slots;
        this.watch = watch;
        this.clock = clock;
        this.payloads = new PayloadGuard(loop, store, delivery, watch);
        this.unfinished =
                new Unfinished(store.gate(), store.spool().partials(), this::trafficOf, this::removeUnfinished);
        sweepLater();
    }

    /** Looks at payloads kept here that somebody could not use. */
    PayloadGuard payloads() {
        return payloads;
    }

    private static String owner(OrganisationId neighbour) {
        return NEIGHBOUR + neighbour;
    }

    static String owner(Address client) {
        return "client " + client;
    }

    private DiskGate.Traffic trafficOf(String owner) {
        return owner.startsWith(NEIGHBOUR)
                ? delivery.trafficFrom(new OrganisationId(owner.substring(NEIGHBOUR.length())))
                : DiskGate.Traffic.OWN;
    }

    /** While it goes, nobody may write under its name. */
    private void removeUnfinished(String name) {
        transfers.add(name);
        loop.offload(
                0,
                () -> {
                    Result<Spool.Partial> left = store.spool().resumable(name);
                    if (left instanceof Result.Ok<Spool.Partial> ok) {
                        ok.value().discard();
                    }
                    return left.isOk();
                },
                done -> {
                    watch.count("unfinished_removed");
                    transfers.remove(name);
                });
    }

    private void sweepLater() {
        if (sweeping || unfinished.isEmpty()) {
            return;
        }
        sweeping = true;
        loop.schedule(SWEEP_NANOS, () -> {
            sweeping = false;
            unfinished.sweep(clock.now());
            sweepLater();
        });
    }

    // ---- envelopes

    /** A whole envelope has arrived from a neighbour. The answer comes in the loop, after custody is durable where it says so. */
    void arrived(OrganisationId from, IncomingEnvelope arriving, Consumer<TakenOver> answer) {
        DirectoryView view = directory.view();
        loop.offload(0, () -> judge(arriving, view), judged -> {
            if (judged instanceof Result.Ok<Judged> ok) {
                keeping(arriving.envelope().ciphertext());
                delivery.takeOver(
                        new TakeOver(
                                from,
                                ok.value().sealed(),
                                ok.value().envelope().facts(),
                                ok.value().local(),
                                arriving.age()),
                        taken -> {
                            settled(arriving.envelope().ciphertext(), taken);
                            answer.accept(taken);
                        });
                return;
            }
            Refusal why = judged.refusal();
            TakenOver no = switch (why.reason()) {
                case WHO_ARE_YOU -> new TakenOver.Busy(later(why), UNTIL_RECORDS_COME);
                case TOKEN_AWAY -> new TakenOver.Busy(why, UNTIL_PRODUCT_ANSWERS);
                default -> new TakenOver.Rejected(why);
            };
            settled(arriving.envelope().ciphertext(), no);
            answer.accept(no);
        });
    }

    /** The signer's record is perhaps on its way here: said so that the neighbour tries again soon and not "never". */
    static Refusal later(Refusal unknownSigner) {
        return Refusal.of(ErrorCode.ADMISSION, unknownSigner.about());
    }

    /** What came is kept when custody was taken of it or may be soon; else nothing will ever name it. */
    private void settled(SealedEnvelope.Ciphertext ciphertext, TakenOver answer) {
        if (answer instanceof TakenOver.Custody || answer instanceof TakenOver.Busy) {
            judged(ciphertext, answer instanceof TakenOver.Custody);
        } else {
            discard(ciphertext);
        }
    }

    /** It is about to be taken: its room is counted with the envelope from now on. */
    void keeping(SealedEnvelope.Ciphertext ciphertext) {
        if (ciphertext instanceof SealedEnvelope.Ciphertext.Spooled spooled) {
            String name = finished.get(spooled.spoolId());
            if (name != null) {
                unfinished.kept(name);
            }
        }
    }

    /** Its name may be written under again; what was not taken waits for the next try. */
    void judged(SealedEnvelope.Ciphertext ciphertext, boolean taken) {
        if (ciphertext instanceof SealedEnvelope.Ciphertext.Spooled spooled) {
            if (taken) {
                watch.add("transfer_bytes_kept", spooled.length());
            }
            release(spooled, taken ? 0 : spooled.length());
        }
    }

    /** So many bytes of it wait for the next try. */
    private void release(SealedEnvelope.Ciphertext.Spooled spooled, long waiting) {
        String name = finished.remove(spooled.spoolId());
        if (name != null) {
            transfers.remove(name);
            unfinished.suspended(name, waiting, clock.now());
            sweepLater();
        }
    }

    /** An envelope whose seal holds, and what was found in the slots of this node's addresses. */
    record Judged(VerifiedEnvelope envelope, Map<Address, LocalSlot> local) {
        SealedEnvelope sealed() {
            return envelope.sealed();
        }
    }

    /** Verifies what a client of this node sends; {@code then} in the loop. A refused one's ciphertext is the caller's to discard. */
    void verified(IncomingEnvelope arriving, Consumer<Result<Judged>> then) {
        DirectoryView view = directory.view();
        loop.offload(0, () -> judge(arriving, view), then);
    }

    private Result<Judged> judge(IncomingEnvelope arriving, DirectoryView view) {
        SealedEnvelope sealed = arriving.envelope();
        return verifier.verify(
                        sealed, arriving.ciphertextRoot(), sealed.ciphertext().length(), view)
                .then(verified -> localSlots(verified, view).map(local -> new Judged(verified, local)));
    }

    /** What is found in them; a suite that cannot be used here and now is the sender's neighbour's to know, which keeps the envelope. */
    private Result<Map<Address, LocalSlot>> localSlots(VerifiedEnvelope verified, DirectoryView view) {
        Map<Address, LocalSlot> local = new LinkedHashMap<>();
        List<Address> recipients = verified.facts().header().recipients();
        for (SealedEnvelope.Slot slot : verified.sealed().slots()) {
            if (slot.number() < recipients.size()) {
                Address recipient = recipients.get(slot.number());
                if (view.directory().nodeServing(recipient).filter(me::equals).isPresent()) {
                    Result<LocalSlot> found = open(verified, recipient, view.identityOf(recipient));
                    if (!(found instanceof Result.Ok<LocalSlot> ok)) {
                        return Result.no(found.refusal());
                    }
                    local.put(recipient, ok.value());
                }
            }
        }
        return Result.ok(local);
    }

    private Result<LocalSlot> open(VerifiedEnvelope verified, Address recipient, Address identity) {
        if (keys.signingKey(identity).isEmpty()) {
            return Result.ok(new LocalSlot.Opaque());
        }
        try {
            Opening<OpenedSlot> opened = slots.open(verified, recipient, keyId -> keys.recipientKey(identity, keyId));
            return opened instanceof Opening.NotOpened<OpenedSlot> no && no.reason() == ErrorCode.SUITE_UNKNOWN
                    ? Result.no(
                            ErrorCode.SUITE_UNKNOWN,
                            "suite {0} is not installed where {1} is served",
                            verified.facts().header().suite(),
                            recipient)
                    : Result.ok(
                            lacksKey(opened, verified, recipient, identity)
                                    ? new LocalSlot.KeyNotHere()
                                    : local(opened));
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
        }
    }

    /** The key's name stands in clear in the slot, so that saying so tells a forger nothing. */
    private boolean lacksKey(
            Opening<OpenedSlot> opened, VerifiedEnvelope verified, Address recipient, Address identity) {
        int number = verified.facts().header().recipients().indexOf(recipient);
        return opened instanceof Opening.NotOpened<OpenedSlot>
                && verified.sealed().slots().stream()
                        .filter(slot -> slot.number() == number)
                        .flatMap(slot -> SlotOpener.keyIdOf(slot).stream())
                        .anyMatch(keyId -> keys.recipientKey(identity, keyId).isEmpty());
    }

    private static LocalSlot local(Opening<OpenedSlot> opened) {
        if (opened instanceof Opening.Opened<OpenedSlot> yes) {
            SlotFacts facts = yes.value().facts();
            if (facts.firstNumber() > 0 && facts.keyPredecessor() < facts.firstNumber()) {
                return new LocalSlot.Opened(
                        facts.incarnation(),
                        facts.firstNumber(),
                        facts.previousCore(),
                        facts.orderingKey(),
                        facts.keyPredecessor());
            }
        }
        return new LocalSlot.NotOpened();
    }

    /** Forgets a ciphertext that came and is not kept. */
    void discard(SealedEnvelope.Ciphertext ciphertext) {
        if (ciphertext instanceof SealedEnvelope.Ciphertext.Spooled spooled) {
            store.spool().discard(new SpoolId(spooled.spoolId()));
            release(spooled, 0);
        }
    }

    // ---- large ones

    /** A large envelope is offered: judged by its core, then taken from where an earlier try ended. */
    void offered(OrganisationId from, IncomingOffer offer, LinkDesk.OfferReplyFor reply) {
        DirectoryView view = directory.view();
        Result<Header> core = CoreCodec.decode(offer.core(), view.network());
        if (!(core instanceof Result.Ok<Header> ok)) {
            reply.answer(new TakenOver.Rejected(Refusal.of(ErrorCode.SEAL_INVALID)));
            return;
        }
        Header header = ok.value();
        List<Address> branch = new ArrayList<>();
        Map<Address, LocalSlot> local = new LinkedHashMap<>();
        for (SealedEnvelope.Slot slot : offer.slots()) {
            if (slot.number() < header.recipients().size()) {
                Address recipient = header.recipients().get(slot.number());
                branch.add(recipient);
                if (view.directory().nodeServing(recipient).filter(me::equals).isPresent()) {
                    local.put(recipient, new LocalSlot.Opaque()); // opened once the seal holds
                }
            }
        }
        Hash coreHash = Hash.of(offer.core());
        Optional<TakenOver> no =
                delivery.judge(from, header, coreHash, branch, local, offer.ciphertextLength(), offer.age());
        if (no.isPresent()) {
            reply.answer(no.get());
            return;
        }
        receive(
                owner(from),
                header.precedence(),
                coreHash,
                offer.ciphertextLength(),
                reply::accept,
                why -> reply.answer(new TakenOver.Busy(why, UNTIL_RECORDS_COME)));
    }

    /** Takes a large ciphertext from where an earlier try ended; {@code busy} with the reason when that cannot be now. */
    void receive(
            String owner,
            Precedence precedence,
            Hash core,
            long length,
            BiConsumer<Long, TransferSink> accept,
            Consumer<Refusal> busy) {
        String name = core.hex();
        if (!transfers.add(name)) {
            busy.accept(Refusal.of(ErrorCode.ADMISSION, "this envelope is arriving over another session"));
            return;
        }
        DiskGate.Weight weight =
                precedence.compareTo(Precedence.FLASH) >= 0 ? DiskGate.Weight.FLASH : DiskGate.Weight.BULK;
        Optional<Refusal> full = unfinished.begin(name, owner, trafficOf(owner), weight, length, clock.now());
        if (full.isPresent()) {
            transfers.remove(name);
            busy.accept(full.get());
            return;
        }
        sweepLater();
        loop.offload(0, () -> resumable(name, owner, length), opened -> {
            if (opened instanceof Result.Ok<Spool.Partial> partial) {
                Spool.Partial file = partial.value();
                long offset = file.size();
                if (offset > 0) {
                    watch.add("resumed_bytes", offset);
                    watch.count("resumed_transfers");
                }
                accept.accept(offset, new ArrivingCiphertext(name, file, offset, endsOf(name)));
            } else {
                over(name, 0);
                busy.accept(opened.refusal());
            }
        });
    }

    private ArrivingCiphertext.Ends endsOf(String name) {
        return new ArrivingCiphertext.Ends() {
            @Override
            public void arrived(long bytes) {
                watch.add("transfer_bytes", bytes);
            }

            @Override
            public void whole(SpoolId id) {
                loop.execute(() -> finished.put(id.value(), name));
            }

            @Override
            public void over(long bytes, boolean whole) {
                loop.execute(() -> {
                    if (whole) {
                        finished.values().remove(name);
                    }
                    ArrivalDesk.this.over(name, bytes);
                });
            }

            @Override
            public void unreadable(Refusal why) {
                loop.execute(() -> watch.damaged(why));
            }
        };
    }

    /** A core says no length: what was offered longer before is not the beginning of this one. */
    private Result<Spool.Partial> resumable(String name, String owner, long length) {
        return store.spool().resumable(name, owner).then(kept -> {
            if (kept.size() <= length) {
                return Result.ok(kept);
            }
            kept.discard();
            return store.spool().resumable(name, owner);
        });
    }

    /** Nobody writes it any more; so much of it stays. */
    private void over(String name, long bytes) {
        transfers.remove(name);
        unfinished.suspended(name, bytes, clock.now());
    }

    /** Where an outgoing ciphertext is read from. */
    CiphertextSource source(SealedEnvelope.Ciphertext ciphertext) {
        if (ciphertext instanceof SealedEnvelope.Ciphertext.Inline inline) {
            return CiphertextSource.of(inline.bytes());
        }
        SealedEnvelope.Ciphertext.Spooled spooled = (SealedEnvelope.Ciphertext.Spooled) ciphertext;
        return new CiphertextSource() {
            @Override
            public long length() {
                return spooled.length();
            }

            @Override
            public Result<Bytes> read(long offset, int size) {
                Result<Spool.Reader> opened = store.spool().open(new SpoolId(spooled.spoolId()));
                if (!(opened instanceof Result.Ok<Spool.Reader> ok)) {
                    return Result.no(opened.refusal());
                }
                try (Spool.Reader reader = ok.value()) {
                    byte[] bytes = new byte[size];
                    return reader.read(offset, ByteBuffer.wrap(bytes))
                            .then(count -> count == size
                                    ? Result.ok(Bytes.ofOwned(bytes))
                                    : Result.no(
                                            ErrorCode.SPOOL_MISSING, "spool file {0} ends early", spooled.spoolId()));
                }
            }
        };
    }

    // ---- receipts and notices

    /** Verifies receipts; {@code then} gets one result for each, in the loop. */
    void receipts(List<CarriedReceipt> carried, Consumer<List<Result<RoutedReceipt>>> then) {
        DirectoryView view = directory.view();
        loop.offload(
                0,
                () -> {
                    List<Result<RoutedReceipt>> verified = new ArrayList<>(carried.size());
                    for (CarriedReceipt one : carried) {
                        verified.add(receiptVerifier
                                .verify(one.receipt(), view)
                                .map(receipt -> new RoutedReceipt(one.to(), one.receipt(), receipt)));
                    }
                    return verified;
                },
                then);
    }

    void notice(Bytes notice, Consumer<Result<RoutedNotice>> then) {
        DirectoryView view = directory.view();
        loop.offload(0, () -> verified(notice, view), then);
    }

    private static Result<RoutedNotice> verified(Bytes carried, DirectoryView view) {
        return EnvelopeWire.parseNotice(carried).then(notice -> {
            Bytes kept = EnvelopeWire.noticeBytes(notice);
            return switch (notice.kind()) {
                case SKIP ->
                    NoticeVerifier.skip(notice, view)
                            .map(skip -> new RoutedNotice(
                                    new Notice.Skip(
                                            skip.sender(),
                                            skip.incarnation(),
                                            skip.recipient(),
                                            skip.number(),
                                            skip.reason()),
                                    kept));
                case REWRAP ->
                    NoticeVerifier.rewrap(notice, view)
                            .map(rewrap -> new RoutedNotice(
                                    new Notice.Rewrap(
                                            rewrap.id(),
                                            rewrap.leaf(),
                                            rewrap.recipient(),
                                            rewrap.slot(),
                                            notice.slot().orElseThrow().bytes()),
                                    kept));
                case REJOIN -> Result.no(ErrorCode.PROTOCOL, "a re-join travels as a directory record");
            };
        });
    }
}
