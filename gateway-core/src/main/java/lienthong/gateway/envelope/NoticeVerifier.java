package lienthong.gateway.envelope;

import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Slot;

/** Checks notices: form, signature, and that the sender whom they concern signed them. Stateless, thread-safe. */
public final class NoticeVerifier {
    private static final Refusal INVALID = Refusal.of(ErrorCode.SEAL_INVALID);

    private NoticeVerifier() {}

    /**
     * Checks a skip.
     *
     * @return what it says; {@code SEAL_INVALID} for whatever is wrong with bytes or signature; otherwise as {@link DirectoryView#signer}
     */
    public static Result<Notice.Skip> skip(SignedNotice notice, DirectoryView directory) {
        if (notice.kind() != SignedNotice.Kind.SKIP
                || !(NoticeCodec.decodeSkip(notice.text(), directory.network()) instanceof Result.Ok<Notice.Skip> ok)) {
            return Result.no(INVALID);
        }
        Notice.Skip skip = ok.value();
        return signed(notice, skip.signer(), directory)
                .then(good -> directory.signer(skip.sender(), skip.signer(), skip.time()))
                .map(signer -> skip);
    }

    /**
     * Checks a re-wrap's form and signature without the envelope it is about: what a relay can do.
     *
     * @return what it says, its slot checked; {@code SEAL_INVALID}, {@code WHO_ARE_YOU}
     */
    public static Result<Notice.Rewrap> rewrap(SignedNotice notice, DirectoryView directory) {
        Optional<Slot> slot = notice.slot();
        if (notice.kind() != SignedNotice.Kind.REWRAP
                || slot.isEmpty()
                || !(NoticeCodec.decodeRewrap(notice.text(), directory.network())
                        instanceof Result.Ok<Notice.Rewrap> ok)
                || !Hash.of(slot.get().bytes()).equals(ok.value().slot())) {
            return Result.no(INVALID);
        }
        return signed(notice, ok.value().signer(), directory).map(good -> ok.value());
    }

    /**
     * Checks a re-wrap against the envelope it is about.
     *
     * @return good for {@link SlotOpener}; {@code SEAL_INVALID} also when it is another envelope's, recipient's or sender's; otherwise as
     *     {@link DirectoryView#signer}
     */
    public static Result<VerifiedRewrap> rewrap(
            SignedNotice notice, VerifiedEnvelope envelope, DirectoryView directory) {
        return rewrap(notice, directory).then(rewrap -> {
            EnvelopeFacts facts = envelope.facts();
            Optional<Slot> slot = notice.slot();
            if (slot.isEmpty()
                    || !rewrap.leaf().equals(facts.leaf())
                    || !rewrap.id().equals(facts.header().id())
                    || facts.header().recipients().indexOf(rewrap.recipient())
                            != slot.get().number()) {
                return Result.no(INVALID);
            }
            return directory
                    .signer(facts.header().sender(), rewrap.signer(), rewrap.time())
                    .map(signer -> new VerifiedRewrap(rewrap, slot.get()));
        });
    }

    private static Result<Certificate> signed(SignedNotice notice, Hash signer, DirectoryView directory) {
        Optional<Certificate> certificate = directory.certificate(signer);
        if (certificate.isEmpty()) {
            return Result.no(ErrorCode.WHO_ARE_YOU, "notice under a certificate that is not known here");
        }
        return certificate.get().publicKeyAlgorithm().isPostQuantum()
                        || CmsVerifier.verify(notice.cms(), notice.text(), certificate.get())
                                .isPresent()
                ? Result.no(INVALID)
                : Result.ok(certificate.get());
    }
}
