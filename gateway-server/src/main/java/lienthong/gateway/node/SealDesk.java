package lienthong.gateway.node;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.delivery.Reservation;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.EnvelopeSealer;
import lienthong.gateway.envelope.LargeSealing;
import lienthong.gateway.envelope.MessageHead;
import lienthong.gateway.envelope.SealBatch;
import lienthong.gateway.envelope.SealPlan;
import lienthong.gateway.envelope.SealedPayload;
import lienthong.gateway.envelope.SealedSink;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.envelope.Unsealed;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;

/**
 * Seals for the addresses of this node with keys from the ring and recipients' keys from the directory. {@link #seal} and {@link #large} take
 * processor time: called in offloaded work. Thread-safe.
 */
final class SealDesk {
    private final KeyRing keys;
    private final EnvelopeSealer sealer;
    private final ManifestVault vault;

    SealDesk(KeyRing keys, EnvelopeSealer sealer, ManifestVault vault) {
        this.keys = keys;
        this.sealer = sealer;
        this.vault = vault;
    }

    /** What of a header is known before signer, network and suite are filled in. */
    record HeaderFor(
            List<MessageId> ids,
            Address sender,
            List<Address> recipients,
            Optional<Service> shown,
            Precedence precedence,
            SecrecyMark mark,
            Instant created,
            Lifetime lifetime,
            DirectoryVersion directory,
            List<Header.Flag> flags) {}

    /**
     * One envelope to seal: either the parts of its messages, or a payload already encrypted.
     *
     * @param reservation its numbers
     */
    record Work(
            SealPlan plan,
            Optional<List<List<Bytes>>> parts,
            Optional<SealedPayload> payload,
            Reservation reservation) {}

    /** A sealed envelope with all slots, its facts, and its manifests enciphered for the archive. */
    record Sealed(SealedEnvelope envelope, EnvelopeFacts facts, Bytes manifests) {
        Sealed at(SealedEnvelope.Ciphertext place) {
            return new Sealed(envelope.withCiphertext(place), facts, manifests);
        }
    }

    /** Whether the private keys of an identity are here: an embedded client keeps its own. */
    boolean holdsKeysOf(Address identity) {
        return keys.signingKey(identity).isPresent();
    }

    /**
     * The suite that a mark asks for: what is marked mật is sealed by the State cipher service's product, all else by our hybrid one. Policy of the
     * network may forbid a recipient to take it; then nothing is sealed.
     */
    private Result<Suite> suite(SecrecyMark mark) {
        return switch (mark) {
            case NONE -> Result.ok(Suite.HYBRID_1);
            case CONFIDENTIAL ->
                keys.cipher()
                        .map(cipher -> Result.ok(cipher.suite()))
                        .orElseGet(() -> Result.no(ErrorCode.SECRECY_NEEDS_CIPHER, "no cipher provider is installed"));
            case SECRET, TOP_SECRET ->
                Result.no(ErrorCode.SECRECY_TOO_HIGH, "{0} is never sealed here", mark.vietnamese());
        };
    }

    /** Why a message cannot be sealed now, if so: no key of the sender here, or a recipient, or the sender itself, without a usable key. */
    Optional<Refusal> maySeal(
            DirectoryView view, Address sender, List<Address> recipients, SecrecyMark mark, Instant now) {
        if (keys.signingKey(view.identityOf(sender)).isEmpty()) {
            return Optional.of(Refusal.of(ErrorCode.SENDER_NOT_YOURS, "{0} has no signing key on this node", sender));
        }
        if (!(suite(mark) instanceof Result.Ok<Suite> suite)) {
            return Optional.of(suite(mark).refusal());
        }
        for (Address recipient : recipients) {
            Result<RecipientKey> key = key(view, recipient, suite.value(), now);
            if (!key.isOk()) {
                return Optional.of(key.refusal());
            }
        }
        Result<RecipientKey> own = key(view, sender, suite.value(), now);
        return own.isOk() ? Optional.empty() : Optional.of(own.refusal());
    }

    private Result<RecipientKey> key(DirectoryView view, Address address, Suite suite, Instant now) {
        return view.recipientKey(address, suite, now).then(sealer::accepted);
    }

    /** Writes down the core. */
    Result<SealPlan> plan(DirectoryView view, HeaderFor header, List<MessageHead> heads) {
        Optional<SigningKey> key = keys.signingKey(view.identityOf(header.sender()));
        if (key.isEmpty()) {
            return Result.no(ErrorCode.SENDER_NOT_YOURS, "{0} has no signing key on this node", header.sender());
        }
        if (!(suite(header.mark()) instanceof Result.Ok<Suite> suite)) {
            return Result.no(suite(header.mark()).refusal());
        }
        return SealPlan.of(
                new Header(
                        view.network(),
                        suite.value().number(),
                        header.ids(),
                        header.sender(),
                        key.get().certificate().hash(),
                        header.recipients(),
                        header.shown(),
                        header.precedence(),
                        header.mark(),
                        header.created(),
                        header.lifetime(),
                        header.directory(),
                        header.flags()),
                heads);
    }

    /** Starts a payload that comes in pieces. */
    LargeSealing large(SealPlan plan, SealedSink sink) throws IOException {
        return sealer.large(plan, sink);
    }

    /** Seals all works of a round; one signature for each sender. Results stand in the order of the works. */
    List<Result<Sealed>> seal(DirectoryView view, List<Work> works, Instant now) {
        List<Result<Sealed>> results = new ArrayList<>(works.size());
        Map<Address, List<Integer>> bySigner = new LinkedHashMap<>();
        List<Optional<Unsealed>> unsealed = new ArrayList<>(works.size());
        for (int i = 0; i < works.size(); i++) {
            Result<Unsealed> made = unsealed(view, works.get(i), now);
            results.add(Result.no(made.isOk() ? Refusal.of(ErrorCode.TOKEN_AWAY) : made.refusal()));
            unsealed.add(made instanceof Result.Ok<Unsealed> ok ? Optional.of(ok.value()) : Optional.empty());
            if (made.isOk()) {
                Address identity = view.identityOf(works.get(i).plan().header().sender());
                bySigner.computeIfAbsent(identity, any -> new ArrayList<>()).add(i);
            }
        }
        bySigner.forEach((identity, places) -> {
            Optional<SigningKey> key = keys.signingKey(identity);
            if (key.isEmpty()) {
                return;
            }
            List<Unsealed> waiting = places.stream()
                    .map(place -> unsealed.get(place).orElseThrow())
                    .toList();
            Result<List<VerifiedEnvelope>> signed = SealBatch.sign(waiting, key.get(), Optional.empty(), now);
            for (int i = 0; i < places.size(); i++) {
                int place = places.get(i);
                Unsealed one = waiting.get(i);
                int position = i;
                results.set(
                        place,
                        signed.map(all -> new Sealed(
                                all.get(position).sealed(),
                                all.get(position).facts(),
                                vault.lock(one.leaf(), one.manifests()))));
            }
        });
        return results;
    }

    private Result<Unsealed> unsealed(DirectoryView view, Work work, Instant now) {
        SealPlan plan = work.plan();
        List<Address> recipients = plan.header().recipients();
        List<RecipientKey> recipientKeys = new ArrayList<>(recipients.size());
        for (Address recipient : recipients) {
            Result<RecipientKey> key = key(view, recipient, plan.suite(), now);
            if (!(key instanceof Result.Ok<RecipientKey> ok)) {
                return Result.no(key.refusal());
            }
            recipientKeys.add(ok.value());
        }
        Result<RecipientKey> own = key(view, plan.header().sender(), plan.suite(), now);
        if (!(own instanceof Result.Ok<RecipientKey> ownKey)) {
            return Result.no(own.refusal());
        }
        Result<SealedPayload> payload = work.payload().isPresent()
                ? Result.ok(work.payload().get())
                : sealer.payload(plan, work.parts().orElseThrow());
        List<SlotFacts> facts = new ArrayList<>(recipients.size());
        for (Reservation.Numbered numbered : work.reservation().numbers()) {
            facts.add(new SlotFacts(
                    work.reservation().incarnation(),
                    numbered.first(),
                    numbered.previousCore(),
                    numbered.keyPredecessor(),
                    work.reservation().orderingKey()));
        }
        try {
            return payload.map(content -> sealer.finish(plan, content, recipientKeys, facts, ownKey.value()));
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
        }
    }
}
