package lienthong.gateway.node;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.delivery.LocalSlot;
import lienthong.gateway.delivery.Notice;
import lienthong.gateway.delivery.RewrapPort;
import lienthong.gateway.delivery.RoutedNotice;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.EnvelopeSealer;
import lienthong.gateway.envelope.EnvelopeVerifier;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.envelope.NoticeVerifier;
import lienthong.gateway.envelope.OpenedSlot;
import lienthong.gateway.envelope.Opener;
import lienthong.gateway.envelope.Opening;
import lienthong.gateway.envelope.RecipientKeys;
import lienthong.gateway.envelope.Rewrapper;
import lienthong.gateway.envelope.SealedSource;
import lienthong.gateway.envelope.SignedNotice;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.envelope.SlotOpener;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.envelope.VerifiedRewrap;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;

/**
 * Makes slots anew for recipients whose keys changed, and opens with such. Confined to the loop; the arithmetic is offloaded. Source:
 * docs/spec/envelope.md, "Notices".
 */
final class RewrapDesk implements RewrapPort {
    private final Loop loop;
    private final Clock clock;
    private final DirectoryDesk directory;
    private final KeyRing keys;
    private final EnvelopeVerifier verifier;
    private final SlotOpener slots;
    private final Rewrapper rewrapper;
    private final Opener opener;
    private final OpenDesk opening;
    private Clients clients = (envelope, sender, recipient) -> false;

    RewrapDesk(
            Loop loop,
            Clock clock,
            DirectoryDesk directory,
            KeyRing keys,
            EnvelopeVerifier verifier,
            SlotOpener slots,
            EnvelopeSealer sealer,
            Opener opener,
            OpenDesk opening) {
        this.loop = loop;
        this.clock = clock;
        this.directory = directory;
        this.keys = keys;
        this.verifier = verifier;
        this.slots = slots;
        this.rewrapper = new Rewrapper(slots, sealer);
        this.opener = opener;
        this.opening = opening;
    }

    private RecipientKeys keysOf(Address address, DirectoryView view) {
        Address identity = view.identityOf(address);
        return keyId -> keys.recipientKey(identity, keyId);
    }

    // ---- the sender's

    @Override
    public void wrap(Work work, Consumer<Result<RoutedNotice>> then) {
        DirectoryView view = directory.view();
        loop.offload(0, () -> wrap(work, view), then);
    }

    private Result<RoutedNotice> wrap(Work work, DirectoryView view) {
        try {
            return verifier.recheck(work.sealed(), view).then(verified -> wrap(work, verified, view));
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
        }
    }

    private Result<RoutedNotice> wrap(Work work, VerifiedEnvelope verified, DirectoryView view) {
        Address sender = verified.facts().header().sender();
        Optional<SigningKey> signer = keys.signingKey(view.identityOf(sender));
        if (signer.isEmpty()) {
            return Result.no(ErrorCode.SENDER_NOT_YOURS, "{0} has no signing key on this node", sender);
        }
        SlotFacts facts = new SlotFacts(
                work.incarnation(), work.first(), work.previousCore(), work.keyPredecessor(), work.orderingKey());
        return rewrapper
                .wrap(verified, work.recipient(), keysOf(sender, view), signer.get(), facts, view, clock.now())
                .then(signed -> NoticeVerifier.rewrap(signed, view).map(text -> routed(text, signed)));
    }

    private static RoutedNotice routed(lienthong.gateway.envelope.Notice.Rewrap text, SignedNotice signed) {
        return new RoutedNotice(
                new Notice.Rewrap(
                        text.id(),
                        text.leaf(),
                        text.recipient(),
                        text.slot(),
                        signed.slot().orElseThrow().bytes()),
                EnvelopeWire.noticeBytes(signed));
    }

    // ---- an embedded client's

    /** Asks the client of a sender, if it is here. */
    @FunctionalInterface
    interface Clients {
        boolean wrapAnew(SealedEnvelope sealed, Address sender, Address recipient);
    }

    /** From now on embedded clients can be asked. */
    void ask(Clients these) {
        clients = these;
    }

    @Override
    public boolean ask(SealedEnvelope sealed, Address sender, Address recipient) {
        return clients.wrapAnew(sealed, sender, recipient);
    }

    @Override
    public void check(SealedEnvelope sealed, RoutedNotice notice, Consumer<Optional<Refusal>> then) {
        DirectoryView view = directory.view();
        loop.offload(
                0,
                () -> EnvelopeWire.parseNotice(notice.signed())
                        .then(signed -> verifier.recheck(sealed, view)
                                .then(envelope -> NoticeVerifier.rewrap(signed, envelope, view))),
                checked -> then.accept(checked.isOk() ? Optional.empty() : Optional.of(checked.refusal())));
    }

    // ---- the recipient's

    @Override
    public void open(SealedEnvelope sealed, RoutedNotice notice, Consumer<Result<LocalSlot>> then) {
        DirectoryView view = directory.view();
        loop.offload(0, () -> open(sealed, notice, view), then);
    }

    private Result<LocalSlot> open(SealedEnvelope sealed, RoutedNotice notice, DirectoryView view) {
        Result<SignedNotice> signed = EnvelopeWire.parseNotice(notice.signed());
        Result<VerifiedEnvelope> envelope = verifier.recheck(sealed, view);
        if (!(signed instanceof Result.Ok<SignedNotice> text)
                || !(envelope instanceof Result.Ok<VerifiedEnvelope> verified)) {
            return Result.no(Refusal.of(ErrorCode.SEAL_INVALID));
        }
        Result<VerifiedRewrap> checked = NoticeVerifier.rewrap(text.value(), verified.value(), view);
        if (!(checked instanceof Result.Ok<VerifiedRewrap> rewrap)) {
            return Result.no(checked.refusal());
        }
        RecipientKeys own = keysOf(rewrap.value().notice().recipient(), view);
        try {
            if (SlotOpener.keyIdOf(rewrap.value().slot()).flatMap(own::byId).isEmpty()) {
                return Result.ok(new LocalSlot.KeyNotHere());
            }
            if (slots.open(verified.value(), rewrap.value(), own) instanceof Opening.Opened<OpenedSlot> slot
                    && opening.source(sealed.ciphertext()) instanceof Result.Ok<SealedSource> source
                    && opener.isKeyOf(slot.value(), source.value())) {
                SlotFacts facts = slot.value().facts();
                if (facts.firstNumber() > 0 && facts.keyPredecessor() < facts.firstNumber()) {
                    return Result.ok(new LocalSlot.Opened(
                            facts.incarnation(),
                            facts.firstNumber(),
                            facts.previousCore(),
                            facts.orderingKey(),
                            facts.keyPredecessor()));
                }
            }
            return Result.no(Refusal.of(ErrorCode.SEAL_INVALID));
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
        } catch (IOException unreadable) {
            if (unreadable.getCause() instanceof TokenAway away) {
                return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
            }
            return Result.no(ErrorCode.SPOOL_MISSING, Detail.technical(unreadable));
        }
    }
}
