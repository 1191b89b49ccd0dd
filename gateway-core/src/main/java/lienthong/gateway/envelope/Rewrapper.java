package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Slot;

/** Makes one slot of a sealed envelope anew, where its sender's keys are. Thread-safe. Source: docs/spec/envelope.md, "Notices". */
public final class Rewrapper {
    private final SlotOpener slots;
    private final EnvelopeSealer sealer;

    public Rewrapper(SlotOpener slots, EnvelopeSealer sealer) {
        this.slots = slots;
        this.sealer = sealer;
    }

    /**
     * Wraps the content key, out of the sender's own slot, for the recipient's newest key, and signs a re-wrap with that slot.
     *
     * @param verified with the sender's own slot, and the recipient's if it may be that its key has not changed
     * @param own the sender's opening keys
     * @param signer the sender's
     * @param facts as they were in the slot to be replaced
     * @return the notice; {@code KEY_BUNDLE_OLD} when no newer key is known than the slot's, {@code KEY_NOT_HERE} when the own slot does not open,
     *     {@code NOT_ADDRESSED}; otherwise as {@link DirectoryView#recipientKey}
     * @throws lienthong.gateway.crypto.TokenAway the product that holds a key does not answer
     */
    public Result<SignedNotice> wrap(
            VerifiedEnvelope verified,
            Address recipient,
            RecipientKeys own,
            SigningKey signer,
            SlotFacts facts,
            DirectoryView view,
            Instant now) {
        Header header = verified.facts().header();
        int number = header.recipients().indexOf(recipient);
        if (number < 0) {
            return Result.no(ErrorCode.NOT_ADDRESSED, "{0}", recipient);
        }
        Result<RecipientKey> key = Suite.ofNumber(header.suite())
                .then(suite -> view.recipientKey(recipient, suite, now))
                .then(sealer::accepted);
        if (!(key instanceof Result.Ok<RecipientKey> current)) {
            return Result.no(key.refusal());
        }
        boolean same = verified.sealed().slots().stream()
                .filter(slot -> slot.number() == number)
                .map(SlotOpener::keyIdOf)
                .flatMap(Optional::stream)
                .anyMatch(current.value().keyId()::equals);
        if (same) {
            return Result.no(ErrorCode.KEY_BUNDLE_OLD, "no newer key of {0} is known", recipient);
        }
        if (!(slots.openOwn(verified, own) instanceof Opening.Opened<OpenedSlot> opened)) {
            return Result.no(ErrorCode.KEY_NOT_HERE, "the sender's own slot of {0} does not open", header.id());
        }
        Slot slot = sealer.rewrap(opened.value(), number, current.value(), facts);
        Notice.Rewrap text = new Notice.Rewrap(
                view.network(),
                header.id(),
                verified.facts().leaf(),
                recipient,
                Hash.of(slot.bytes()),
                signer.certificate().hash(),
                now,
                view.version());
        return NoticeSigner.sign(text, slot, signer, now);
    }
}
