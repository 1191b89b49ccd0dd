package lienthong.gateway.envelope;

import lienthong.gateway.message.SealedEnvelope.Slot;

/** A re-wrap whose signature, sender and slot hash were checked against the envelope it is about. Made by {@link NoticeVerifier} alone. */
public final class VerifiedRewrap {
    private final Notice.Rewrap notice;
    private final Slot slot;

    VerifiedRewrap(Notice.Rewrap notice, Slot slot) {
        this.notice = notice;
        this.slot = slot;
    }

    public Notice.Rewrap notice() {
        return notice;
    }

    public Slot slot() {
        return slot;
    }
}
