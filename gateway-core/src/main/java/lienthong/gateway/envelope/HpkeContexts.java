package lienthong.gateway.envelope;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import lienthong.gateway.crypto.HpkeSender;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;

/**
 * One encapsulation, many messages: a sender keeps one HPKE context for each recipient key, for at most
 * {@link Limits#HPKE_CONTEXT_SECONDS_MAX} seconds or {@link Limits#HPKE_CONTEXT_USES_MAX} uses. Each slot still has a wrapping key of its own.
 * Thread-safe; encapsulation (0.1 to 0.4 ms) makes other users of the same key wait, nobody else.
 */
public final class HpkeContexts {
    private static final long LIFE_NANOS =
            Duration.ofSeconds(Limits.HPKE_CONTEXT_SECONDS_MAX).toNanos();
    /** Above it, those whose time is over are swept out. */
    private static final int KEPT_MAX = 4_096;

    private final ConcurrentHashMap<Key, Kept> contexts = new ConcurrentHashMap<>();
    private final Randomness randomness;
    private final Clock clock;

    public HpkeContexts(Randomness randomness, Clock clock) {
        this.randomness = randomness;
        this.clock = clock;
    }

    private record Key(Hash network, Hash signer, RecipientKey recipient) {}

    private record Kept(HpkeSender sender, long sinceNanos, int uses) {}

    /** A context for one more slot. */
    HpkeSender take(Hash network, Hash signer, RecipientKey recipient) {
        long now = clock.nanos();
        if (contexts.size() > KEPT_MAX) {
            contexts.values().removeIf(kept -> now - kept.sinceNanos() >= LIFE_NANOS);
            if (contexts.size() > KEPT_MAX) {
                contexts.clear();
            }
        }
        Key key = new Key(network, signer, recipient);
        Kept taken = contexts.compute(key, (same, kept) -> {
            if (kept == null || kept.uses() >= Limits.HPKE_CONTEXT_USES_MAX || now - kept.sinceNanos() >= LIFE_NANOS) {
                var info = SlotCodec.info(recipient.suite(), network, signer, recipient.keyId());
                return new Kept(HpkeSender.start(recipient, info, randomness), now, 1);
            }
            return new Kept(kept.sender(), kept.sinceNanos(), kept.uses() + 1);
        });
        return taken.sender();
    }

    /** Forgets all contexts: the sender's own slots are wrapped with some of them, so they go with its epoch keys. */
    public void forget() {
        contexts.clear();
    }

    /** Contexts kept now. */
    public int kept() {
        return contexts.size();
    }
}
