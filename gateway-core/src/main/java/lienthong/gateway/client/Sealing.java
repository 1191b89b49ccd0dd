package lienthong.gateway.client;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.EnvelopeSealer;
import lienthong.gateway.envelope.EnvelopeVerifier;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.envelope.HpkeContexts;
import lienthong.gateway.envelope.LargeSealing;
import lienthong.gateway.envelope.MessageHead;
import lienthong.gateway.envelope.Rewrapper;
import lienthong.gateway.envelope.SealBatch;
import lienthong.gateway.envelope.SealCache;
import lienthong.gateway.envelope.SealPlan;
import lienthong.gateway.envelope.SealedPayload;
import lienthong.gateway.envelope.SignedNotice;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.envelope.SlotOpener;
import lienthong.gateway.envelope.Unsealed;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.identity.ClientKeys;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SecrecyMark;

/**
 * From what an application said to envelopes that are durable in the state folder. {@link #prepare} encrypts, on the application's own thread;
 * {@link #seal} gives numbers and signs for all that wait, one call at a time.
 */
final class Sealing {
    private static final int COPY_BYTES = 64 * 1024;

    private final ClientKeys keys;
    private final ClientState state;
    private final CiphertextFolder folder;
    private final Supplier<DirectoryView> directory;
    private final Clock clock;
    private final Randomness randomness;
    private final EnvelopeSealer sealer;
    private final EnvelopeVerifier verifier = new EnvelopeVerifier(new SealCache());
    private final Rewrapper rewrapper;

    Sealing(
            ClientKeys keys,
            ClientState state,
            CiphertextFolder folder,
            Supplier<DirectoryView> directory,
            Clock clock,
            Randomness randomness) {
        this.keys = keys;
        this.state = state;
        this.folder = folder;
        this.directory = directory;
        this.clock = clock;
        this.randomness = randomness;
        HpkeContexts contexts = new HpkeContexts(randomness, clock);
        this.sealer = new EnvelopeSealer(randomness, contexts, keys.cipher());
        SlotOpener slots = new SlotOpener(keys.cipher());
        this.rewrapper = new Rewrapper(slots, sealer);
        keys.recipientKeys().whenDestroyed(contexts::forget);
        keys.recipientKeys().whenDestroyed(slots::forget);
    }

    /** A message encrypted; numbers, slots and seal are missing. */
    record Prepared(SealPlan plan, SealedPayload payload, Optional<ClientId> name, Hash request) {
        MessageId id() {
            return plan.header().id();
        }
    }

    /** What became of a prepared message. */
    sealed interface Outcome {
        /** Durable in the state folder; must reach the node. */
        record Ready(Change.Sealed change, SealedEnvelope envelope, Header header) implements Outcome {}

        /** Sent before under the same client id. */
        record Before(Change.Claim claim) implements Outcome {}

        record No(Refusal why) implements Outcome {}
    }

    /**
     * Checks and encrypts. Touches the disk when the message is large.
     *
     * @return the refusal of whatever is wrong with the message, its recipients or its files
     * @throws IOException the state folder cannot be written
     */
    Result<Prepared> prepare(Message message) throws IOException {
        Optional<Refusal> fault = message.fault(keys.address(), keys.cipher().isPresent());
        if (fault.isPresent()) {
            return Result.no(fault.get());
        }
        Result<Optional<ClientId>> name = message.name();
        if (!(name instanceof Result.Ok<Optional<ClientId>> named)) {
            return Result.no(name.refusal());
        }
        DirectoryView view = directory.get();
        Instant now = clock.now().truncatedTo(ChronoUnit.MILLIS);
        Suite suite = suite(message.mark());
        Result<List<RecipientKey>> known = recipientKeys(view, message.to(), suite, now);
        if (!known.isOk()) {
            return Result.no(known.refusal());
        }
        Result<SealPlan> plan = plan(view, message, suite, now);
        if (!(plan instanceof Result.Ok<SealPlan> ok)) {
            return Result.no(plan.refusal());
        }
        return encrypt(ok.value(), message.parts())
                .map(payload -> new Prepared(ok.value(), payload, named.value(), message.request()));
    }

    /** What is marked mật is the product's, all else ours. */
    private Suite suite(SecrecyMark mark) {
        return mark == SecrecyMark.CONFIDENTIAL
                ? keys.cipher().map(InstalledCipher::suite).orElseThrow()
                : Suite.HYBRID_1;
    }

    private Result<SealPlan> plan(DirectoryView view, Message message, Suite suite, Instant now) {
        MessageHead head = new MessageHead(
                MessageId.mint(now, randomness.bytes(10)),
                message.service(),
                message.subject(),
                message.contentType(),
                message.correlation(),
                message.ordering(),
                message.parts().stream()
                        .map(part -> new MessageHead.Part(part.name(), part.type(), part.length()))
                        .toList());
        Header header = new Header(
                view.network(),
                suite.number(),
                List.of(head.id()),
                keys.address(),
                keys.signingKey().certificate().hash(),
                message.to(),
                view.directory().policy().serviceVisible() ? Optional.of(message.service()) : Optional.empty(),
                message.precedence(),
                message.mark(),
                now,
                message.lifetime(),
                view.version(),
                message.ordering().isPresent() ? List.of(Header.Flag.ORDERED) : List.of());
        return SealPlan.of(header, List.of(head));
    }

    private Result<SealedPayload> encrypt(SealPlan plan, List<Part> parts) throws IOException {
        if (plan.fitsInMemory()) {
            List<Bytes> contents = new ArrayList<>(parts.size());
            for (Part part : parts) {
                Result<Bytes> content = whole(part);
                if (!(content instanceof Result.Ok<Bytes> ok)) {
                    return Result.no(content.refusal());
                }
                contents.add(ok.value());
            }
            Result<SealedPayload> small = sealer.payload(plan, List.of(contents));
            if (small.isOk() || small.refusal().reason() != ErrorCode.PAYLOAD_TOO_LARGE) {
                return small;
            }
        }
        return encryptLarge(plan, parts);
    }

    private static Result<Bytes> whole(Part part) {
        try (InputStream in = part.content().open()) {
            byte[] bytes = in.readNBytes((int) part.length() + 1);
            return bytes.length == part.length()
                    ? Result.ok(Bytes.ofOwned(bytes))
                    : Result.no(ErrorCode.SIZE_MISMATCH, "part {0} has changed its length", part.name());
        } catch (IOException unreadable) {
            return Result.no(unreadable(part));
        }
    }

    private static Refusal unreadable(Part part) {
        return Refusal.of(ErrorCode.FILE_NOT_READABLE, "part {0} cannot be read", part.name());
    }

    private Result<SealedPayload> encryptLarge(SealPlan plan, List<Part> parts) throws IOException {
        try (CiphertextFolder.Writer writer = folder.writer(plan.coreHash())) {
            LargeSealing sealing = sealer.large(plan, writer);
            try {
                for (Part part : parts) {
                    Optional<Refusal> fault = copy(part, sealing);
                    if (fault.isPresent()) {
                        return Result.no(fault.get());
                    }
                }
                Result<SealedPayload> payload = sealing.finish(0);
                if (payload.isOk()) {
                    writer.finish();
                }
                return payload;
            } finally {
                sealing.abandon();
            }
        }
    }

    private static Optional<Refusal> copy(Part part, LargeSealing sealing) throws IOException {
        InputStream in;
        try {
            in = part.content().open();
        } catch (IOException unreadable) {
            return Optional.of(unreadable(part));
        }
        try (in) {
            byte[] buffer = new byte[COPY_BYTES];
            for (long left = part.length(); ; ) {
                int got;
                try {
                    got = in.read(buffer, 0, buffer.length);
                } catch (IOException unreadable) {
                    return Optional.of(unreadable(part));
                }
                if (got < 0 ? left > 0 : got > left) {
                    return Optional.of(
                            Refusal.of(ErrorCode.SIZE_MISMATCH, "part {0} has changed its length", part.name()));
                }
                if (got < 0) {
                    return Optional.empty();
                }
                left -= got;
                Optional<Refusal> fault = sealing.write(buffer, 0, got);
                if (fault.isPresent()) {
                    return fault;
                }
            }
        }
    }

    // ---- numbers and seal

    /** Numbers given in this call and not yet in the state. */
    private final class Numbers {
        private final Map<Address, Change.Stream> changed = new HashMap<>();

        /** Gives the next number to each recipient of the plan. */
        List<SlotFacts> next(SealPlan plan) {
            Optional<String> ordering = plan.messages().get(0).ordering();
            List<SlotFacts> facts = new ArrayList<>();
            for (Address recipient : plan.header().recipients()) {
                Optional<Change.Stream> stream =
                        Optional.ofNullable(changed.get(recipient)).or(() -> state.stream(recipient));
                long number = stream.map(Change.Stream::last).orElse(0L) + 1;
                Map<String, Long> tails =
                        new LinkedHashMap<>(stream.map(Change.Stream::tails).orElse(Map.of()));
                Long before = ordering.isPresent() ? tails.remove(ordering.get()) : null;
                facts.add(new SlotFacts(
                        keys.incarnation(),
                        number,
                        stream.map(Change.Stream::previousCore).orElse(SlotFacts.NO_CORE),
                        before == null ? 0 : before,
                        ordering));
                ordering.ifPresent(key -> tails.put(key, number));
                if (tails.size() > ClientState.TAILS_MAX) {
                    tails.remove(tails.keySet().iterator().next());
                }
                changed.put(recipient, new Change.Stream(recipient, number, plan.coreHash(), tails));
            }
            return facts;
        }

        /** What stands now, to go {@link #back} to. */
        Map<Address, Change.Stream> remembered() {
            return Map.copyOf(changed);
        }

        /** Numbers given since then are given again: nothing was sealed under them. */
        void back(Map<Address, Change.Stream> then) {
            changed.clear();
            changed.putAll(then);
        }

        List<Change.Stream> of(SealPlan plan) {
            return plan.header().recipients().stream()
                    .map(recipient -> java.util.Objects.requireNonNull(changed.get(recipient)))
                    .toList();
        }
    }

    private record Numbered(
            int place, Prepared prepared, Unsealed unsealed, List<Change.Stream> streams, Change.Sent sent) {}

    /**
     * Numbers, wraps and signs; what is {@code Ready} is durable when this returns. Never two calls at once.
     *
     * @param waiting 1 to {@link Limits#TREE_LEAVES_MAX}
     * @return an outcome for each, in order
     */
    List<Outcome> seal(List<Prepared> waiting) throws IOException {
        DirectoryView view = directory.get();
        Instant now = clock.now();
        Map<Integer, Outcome> outcomes = new HashMap<>();
        List<Numbered> numbered = new ArrayList<>();
        Map<ClientId, Change.Claim> claims = new HashMap<>();
        Numbers numbers = new Numbers();
        for (int place = 0; place < waiting.size(); place++) {
            Prepared prepared = waiting.get(place);
            Optional<Change.Claim> before = prepared.name()
                    .flatMap(name -> Optional.ofNullable(claims.get(name)).or(() -> state.claim(name)));
            if (before.isPresent()) {
                discard(prepared);
                outcomes.put(place, before(prepared, before.get()));
                continue;
            }
            Result<List<RecipientKey>> recipients = recipientKeys(
                    view, prepared.plan().header().recipients(), prepared.plan().suite(), now);
            if (!(recipients instanceof Result.Ok<List<RecipientKey>> ok)) {
                discard(prepared);
                outcomes.put(place, new Outcome.No(recipients.refusal()));
                continue;
            }
            List<RecipientKey> all = ok.value();
            Map<Address, Change.Stream> given = numbers.remembered();
            List<SlotFacts> facts = numbers.next(prepared.plan());
            Unsealed unsealed;
            try {
                unsealed = sealer.finish(
                        prepared.plan(),
                        prepared.payload(),
                        all.subList(0, all.size() - 1),
                        facts,
                        all.get(all.size() - 1));
            } catch (TokenAway away) {
                numbers.back(given);
                discard(prepared);
                outcomes.put(place, new Outcome.No(Refusal.of(ErrorCode.TOKEN_AWAY, Detail.technical(away))));
                continue;
            }
            numbered.add(new Numbered(
                    place,
                    prepared,
                    unsealed,
                    numbers.of(prepared.plan()),
                    sent(prepared.plan().header(), facts)));
            prepared.name()
                    .ifPresent(
                            name -> claims.put(name, new Change.Claim(name, prepared.request(), prepared.id(), now)));
        }
        if (!numbered.isEmpty()) {
            sign(numbered, claims, now, outcomes);
        }
        List<Outcome> inOrder = new ArrayList<>();
        for (int place = 0; place < waiting.size(); place++) {
            inOrder.add(java.util.Objects.requireNonNull(outcomes.get(place)));
        }
        return inOrder;
    }

    private static Change.Sent sent(Header header, List<SlotFacts> facts) {
        List<Change.Place> places = new ArrayList<>();
        for (int i = 0; i < facts.size(); i++) {
            places.add(new Change.Place(header.recipients().get(i), facts.get(i)));
        }
        return new Change.Sent(
                header.id(),
                header.created().plusSeconds(header.lifetime().seconds() + Limits.RETURN_GRACE_SECONDS),
                places);
    }

    // ---- slots made anew

    /**
     * Makes a slot anew for a recipient whose keys changed. Any thread; processor.
     *
     * @param carried as the node asks with
     * @return the signed re-wrap for the node; {@code SENDER_NOT_YOURS} for what this client did not seal, {@code SEAL_INVALID},
     *     {@code MESSAGE_UNKNOWN} when it is too long ago, {@code TOKEN_AWAY}; otherwise as {@link Rewrapper#wrap}
     */
    Result<Bytes> wrapAnew(Bytes carried, Address recipient) {
        DirectoryView view = directory.get();
        try {
            return EnvelopeWire.ofBytes(carried)
                    .then(envelope -> verifier.recheck(envelope, view))
                    .then(verified -> wrapAnew(verified, recipient, view))
                    .map(EnvelopeWire::noticeBytes);
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
        }
    }

    /** Whether the recipient's new keys, or what holds ours, may be here soon. */
    static boolean mayBeWrappedLater(Refusal why) {
        return switch (why.reason()) {
            case SENDER_NOT_YOURS, SEAL_INVALID, PROTOCOL, MESSAGE_UNKNOWN, KEY_NOT_HERE, NOT_ADDRESSED -> false;
            default -> true;
        };
    }

    private Result<SignedNotice> wrapAnew(VerifiedEnvelope verified, Address recipient, DirectoryView view) {
        Header header = verified.facts().header();
        if (!header.sender().equals(keys.address())
                || !header.signer().equals(keys.signingKey().certificate().hash())) {
            return Result.no(ErrorCode.SENDER_NOT_YOURS, "{0}", header.id());
        }
        Optional<SlotFacts> facts = state.sent(header.id()).stream()
                .flatMap(sent -> sent.places().stream())
                .filter(place -> place.recipient().equals(recipient))
                .map(Change.Place::facts)
                .findFirst();
        return facts.isEmpty()
                ? Result.no(ErrorCode.MESSAGE_UNKNOWN, "{0}", header.id())
                : rewrapper.wrap(
                        verified,
                        recipient,
                        keyId -> keys.recipientKeys().find(keyId),
                        keys.signingKey(),
                        facts.get(),
                        view,
                        clock.now());
    }

    /** Recipients' keys in the core's order, the client's own last. */
    private Result<List<RecipientKey>> recipientKeys(
            DirectoryView view, List<Address> recipients, Suite suite, Instant now) {
        List<RecipientKey> all = new ArrayList<>();
        List<Address> addresses = new ArrayList<>(recipients);
        addresses.add(keys.address());
        for (Address address : addresses) {
            Result<RecipientKey> key = view.recipientKey(address, suite, now).then(sealer::accepted);
            if (!(key instanceof Result.Ok<RecipientKey> ok)) {
                return Result.no(key.refusal());
            }
            all.add(ok.value());
        }
        return Result.ok(all);
    }

    private static Outcome before(Prepared prepared, Change.Claim claim) {
        return claim.request().equals(prepared.request())
                ? new Outcome.Before(claim)
                : new Outcome.No(Refusal.of(
                        ErrorCode.ID_REUSED, "client id {0} names another message, {1}", claim.name(), claim.id()));
    }

    private void sign(
            List<Numbered> numbered, Map<ClientId, Change.Claim> claims, Instant now, Map<Integer, Outcome> outcomes)
            throws IOException {
        Result<List<VerifiedEnvelope>> signed = SealBatch.sign(
                numbered.stream().map(Numbered::unsealed).toList(), keys.signingKey(), Optional.empty(), now);
        if (!(signed instanceof Result.Ok<List<VerifiedEnvelope>> ok)) {
            for (Numbered one : numbered) {
                discard(one.prepared());
                outcomes.put(one.place(), new Outcome.No(signed.refusal()));
            }
            return;
        }
        List<Change.Sealed> changes = new ArrayList<>();
        List<Change.Sent> slots = numbered.stream().map(Numbered::sent).toList();
        for (int i = 0; i < numbered.size(); i++) {
            Numbered one = numbered.get(i);
            SealedEnvelope envelope = ok.value().get(i).sealed();
            Change.Sealed change = new Change.Sealed(
                    one.prepared().id(),
                    EnvelopeWire.toBytes(envelope),
                    one.streams(),
                    one.prepared().name().flatMap(name -> Optional.ofNullable(claims.get(name))));
            changes.add(change);
            outcomes.put(
                    one.place(),
                    new Outcome.Ready(change, envelope, one.prepared().plan().header()));
        }
        state.sealed(changes, slots);
    }

    private void discard(Prepared prepared) throws IOException {
        prepared.payload().abandon();
        if (prepared.payload().ciphertext() instanceof SealedEnvelope.Ciphertext.Spooled) {
            folder.removeOutgoing(prepared.plan().coreHash());
        }
    }
}
