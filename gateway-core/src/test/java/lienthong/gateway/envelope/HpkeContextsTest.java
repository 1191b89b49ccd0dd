package lienthong.gateway.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import lienthong.gateway.crypto.HpkeSender;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import org.junit.jupiter.api.Test;

class HpkeContextsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Clock clock = new Clock() {
        @Override
        public Instant now() {
            return Kit.NOW;
        }

        @Override
        public long nanos() {
            return nanos.get();
        }
    };
    private final HpkeContexts contexts = new HpkeContexts(TestNetwork.RANDOM, clock);
    private final RecipientPrivateKey key = RecipientPrivateKey.generate(Suite.CLASSIC_2, TestNetwork.RANDOM);
    private final Hash network = Hash.of(Bytes.utf8("network"));
    private final Hash signer = Hash.of(Bytes.utf8("signer"));

    private HpkeSender take() {
        return contexts.take(network, signer, key.publicKey());
    }

    @Test
    void oneContextServesManyWithinItsTime() {
        HpkeSender first = take();
        nanos.addAndGet(59_999_999_999L);
        assertThat(take()).isSameAs(first);
    }

    @Test
    void aContextEndsAfterItsTime() {
        HpkeSender first = take();
        nanos.addAndGet(60_000_000_000L);
        assertThat(take()).isNotSameAs(first);
    }

    @Test
    void aContextEndsAfterItsUses() {
        HpkeSender first = take();
        for (int i = 1; i < Limits.HPKE_CONTEXT_USES_MAX; i++) {
            assertThat(take()).isSameAs(first);
        }
        assertThat(take()).isNotSameAs(first);
    }

    @Test
    void anotherSignerNetworkOrKeyHasAnotherContext() {
        HpkeSender first = take();
        assertThat(contexts.take(signer, network, key.publicKey())).isNotSameAs(first);
        assertThat(contexts.take(
                        network,
                        signer,
                        RecipientPrivateKey.generate(Suite.CLASSIC_2, TestNetwork.RANDOM)
                                .publicKey()))
                .isNotSameAs(first);
        contexts.forget();
        assertThat(take()).isNotSameAs(first);
    }

    @Test
    void manyThreadsNeverUseOneContextTooOften() throws Exception {
        var pool = Executors.newFixedThreadPool(4);
        try {
            Callable<Set<HpkeSender>> work = () -> {
                Set<HpkeSender> seen = new HashSet<>();
                for (int i = 0; i < 700; i++) {
                    seen.add(take());
                }
                return seen;
            };
            Set<HpkeSender> all = new HashSet<>();
            for (var done : pool.invokeAll(java.util.Collections.nCopies(4, work))) {
                all.addAll(done.get());
            }
            // 2,800 uses: exactly three contexts of at most 1,024.
            assertThat(all).hasSize(3);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void eachSlotOfOneContextHasAWrappingKeyOfItsOwn() {
        Kit kit = Kit.shared().message("a");
        Unsealed one = kit.unsealed();
        Unsealed other = kit.unsealed();
        Bytes first = one.slots().get(0).bytes();
        Bytes second = other.slots().get(0).bytes();
        // Same encapsulation, same core: a retry. The 32 random bytes and the wrap differ all the same.
        assertThat(one.core()).isEqualTo(other.core());
        assertThat(first.slice(0, 32 + 1_120)).isEqualTo(second.slice(0, 32 + 1_120));
        assertThat(first.slice(32 + 1_120, 32)).isNotEqualTo(second.slice(32 + 1_120, 32));
        assertThat(first.slice(1_184, 304)).isNotEqualTo(second.slice(1_184, 304));
    }
}
