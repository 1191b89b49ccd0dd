package lienthong.gateway.envelope;

import lienthong.gateway.crypto.SecretBytes;

/** A slot that opened: its facts, and, for {@link Opener} alone, the content key. */
public final class OpenedSlot {
    private final VerifiedEnvelope envelope;
    private final SecretBytes contentKey;
    private final SlotFacts facts;

    OpenedSlot(VerifiedEnvelope envelope, SecretBytes contentKey, SlotFacts facts) {
        this.envelope = envelope;
        this.contentKey = contentKey;
        this.facts = facts;
    }

    public VerifiedEnvelope envelope() {
        return envelope;
    }

    /** Number, previous core, ordering. */
    public SlotFacts facts() {
        return facts;
    }

    SecretBytes contentKey() {
        return contentKey;
    }
}
