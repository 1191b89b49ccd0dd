package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.Test;

/** T18: what an epoch key has made possible must not outlive it in memory. */
class ForgetfulCachesTest {
    private final VerifiedEnvelope envelope =
            Kit.shared().to(DISTRICT).message("một văn bản").seal();
    private final SlotOpener slots = new SlotOpener();

    /** The district's key for this envelope as a copy of its own, to be destroyed without harm to other tests. */
    private RecipientPrivateKey copyOfTheKey() {
        AtomicReference<RecipientPrivateKey> found = new AtomicReference<>();
        assertThat(new SlotOpener().open(envelope, DISTRICT, id -> {
                    Optional<RecipientPrivateKey> key =
                            TestNetwork.shared().keys(DISTRICT).byId(id);
                    key.ifPresent(found::set);
                    return key;
                }))
                .isInstanceOf(Opening.Opened.class);
        SecretBytes encoded = found.get().encode();
        return RecipientPrivateKey.decode(found.get().suite(), encoded).orBug();
    }

    @Test
    void afterTheDestructionOfAKeyNothingOpensNotEvenForWhoeverHasItInHand() {
        RecipientPrivateKey key = copyOfTheKey();
        assertThat(slots.open(envelope, DISTRICT, id -> Optional.of(key))).isInstanceOf(Opening.Opened.class);
        assertThat(slots.kept()).isEqualTo(1);
        key.destroy();
        slots.forget();
        assertThat(slots.kept()).isZero();
        assertThat(slots.open(envelope, DISTRICT, id -> Optional.of(key)))
                .as("a worker that fetched the key before its destruction")
                .isEqualTo(new Opening.NotOpened<>(ErrorCode.SEAL_INVALID));
        assertThat(slots.kept()).isZero();
    }

    @Test
    void whatIsBeingOpenedDuringTheDestructionIsNotKept() {
        RecipientPrivateKey key = copyOfTheKey();
        assertThat(slots.open(envelope, DISTRICT, id -> {
                    slots.forget();
                    return Optional.of(key);
                }))
                .isInstanceOf(Opening.Opened.class);
        assertThat(slots.kept()).isZero();
    }

    @Test
    void aSendersContextsCanBeForgotten() {
        HpkeContexts contexts = new HpkeContexts(TestNetwork.RANDOM, Clock.real());
        var recipient = TestNetwork.shared()
                .view()
                .recipientKey(HUB, Suite.HYBRID_1, Kit.NOW)
                .orBug();
        Hash any = envelope.core();
        var first = contexts.take(any, any, recipient);
        assertThat(contexts.take(any, any, recipient)).isSameAs(first);
        contexts.forget();
        assertThat(contexts.kept()).isZero();
        assertThat(contexts.take(any, any, recipient)).isNotSameAs(first);
    }
}
