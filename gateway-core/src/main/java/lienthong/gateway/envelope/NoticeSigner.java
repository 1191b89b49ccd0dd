package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Slot;

/** Signs notices, each for itself. Stateless, thread-safe. */
public final class NoticeSigner {
    private NoticeSigner() {}

    /** Signs a skip; its signer is the key's certificate. {@code TOKEN_AWAY} when the key does not answer. */
    public static Result<SignedNotice> sign(Notice.Skip skip, SigningKey key, Instant now) {
        return sign(SignedNotice.Kind.SKIP, skip, Optional.empty(), key, now);
    }

    /** Signs a re-wrap with its new slot, whose hash it names. */
    public static Result<SignedNotice> sign(Notice.Rewrap rewrap, Slot slot, SigningKey key, Instant now) {
        Invariant.check(rewrap.slot().equals(Hash.of(slot.bytes())), "re-wrap names another slot");
        return sign(SignedNotice.Kind.REWRAP, rewrap, Optional.of(slot), key, now);
    }

    private static Result<SignedNotice> sign(
            SignedNotice.Kind kind, Notice notice, Optional<Slot> slot, SigningKey key, Instant now) {
        Invariant.check(notice.signer().equals(key.certificate().hash()), "notice names another signer");
        Bytes text = NoticeCodec.encode(notice);
        return key.trySignCms(text, now).map(cms -> new SignedNotice(kind, text, cms, slot));
    }
}
