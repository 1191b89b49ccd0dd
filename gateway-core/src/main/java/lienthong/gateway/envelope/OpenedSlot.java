package lienthong.gateway.envelope;

import java.util.Optional;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.SecretBytes;

/** A slot that opened: its facts, and, for {@link Opener} alone, the content key. */
public final class OpenedSlot {
    private final VerifiedEnvelope envelope;
    private final SecretBytes contentKey;
    private final Optional<InstalledCipher> cipher;
    private final SlotFacts facts;

    OpenedSlot(VerifiedEnvelope envelope, SecretBytes contentKey, Optional<InstalledCipher> cipher, SlotFacts facts) {
        this.envelope = envelope;
        this.contentKey = contentKey;
        this.cipher = cipher;
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

    /** What deciphers the payload, where it is not our own suites'. */
    Optional<InstalledCipher> cipher() {
        return cipher;
    }
}
