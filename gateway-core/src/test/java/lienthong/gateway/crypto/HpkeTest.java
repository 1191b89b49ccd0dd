package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HpkeTest {
    private static final Randomness RANDOM = Randomness.real();
    private static final Bytes INFO = Bytes.utf8("info");

    @Test
    void refusesEveryNumberThatIsNoSuite() {
        for (int number = -1; number <= 256; number++) {
            boolean provided = number >= 0x80 && number <= 0xFF;
            assertThat(Suite.ofNumber(number).isOk()).isEqualTo(number >= 1 && number <= 3 || provided);
            assertThat(Suite.ofNumber(number).fold(Suite::isProvided, no -> false))
                    .isEqualTo(provided);
        }
        assertThat(Suite.ofNumber(0x7F).refusal().reason()).isEqualTo(ErrorCode.SUITE_UNKNOWN);
        assertThat(Suite.ofNumber(0x80).orBug()).isSameAs(Suite.ofNumber(0x80).orBug());
    }

    static List<Suite> ownSuites() {
        return Suite.own();
    }

    @ParameterizedTest
    @MethodSource("ownSuites")
    void exportsTheSameAtBothEndsInAnyOrder(Suite suite) {
        RecipientPrivateKey recipient = RecipientPrivateKey.generate(suite, RANDOM);
        HpkeSender sender = HpkeSender.start(recipient.publicKey(), INFO, RANDOM);
        HpkeRecipient opened =
                HpkeRecipient.start(recipient, sender.enc(), INFO).orElseThrow();

        SecretBytes first = sender.export(Bytes.utf8("1"), 32);
        SecretBytes second = sender.export(Bytes.utf8("2"), 32);

        assertThat(sender.enc().size()).isEqualTo(suite.encBytes());
        assertThat(opened.export(Bytes.utf8("2"), 32).sameAs(second)).isTrue();
        assertThat(opened.export(Bytes.utf8("1"), 32).sameAs(first)).isTrue();
        assertThat(first.sameAs(second)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("ownSuites")
    void otherInfoOtherKeyOrAlteredEncNeverGiveTheSameExport(Suite suite) {
        RecipientPrivateKey recipient = RecipientPrivateKey.generate(suite, RANDOM);
        HpkeSender sender = HpkeSender.start(recipient.publicKey(), INFO, RANDOM);
        SecretBytes right = sender.export(INFO, 32);
        byte[] altered = sender.enc().toArray();
        altered[altered.length / 2] ^= 1;

        assertThat(HpkeRecipient.start(recipient, sender.enc(), Bytes.utf8("other"))
                        .orElseThrow()
                        .export(INFO, 32)
                        .sameAs(right))
                .isFalse();
        assertThat(HpkeRecipient.start(RecipientPrivateKey.generate(suite, RANDOM), sender.enc(), INFO)
                        .orElseThrow()
                        .export(INFO, 32)
                        .sameAs(right))
                .isFalse();
        assertThat(HpkeRecipient.start(recipient, Bytes.ofOwned(altered), INFO)
                        .map(r -> r.export(INFO, 32).sameAs(right))
                        .orElse(false))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("ownSuites")
    void encOfAnotherSizeDoesNotOpen(Suite suite) {
        RecipientPrivateKey recipient = RecipientPrivateKey.generate(suite, RANDOM);
        for (int size : new int[] {0, 1, suite.encBytes() - 1, suite.encBytes() + 1}) {
            assertThat(HpkeRecipient.start(recipient, Bytes.ofOwned(new byte[size]), INFO))
                    .isEmpty();
        }
    }

    @Test
    void encOfLowOrderDoesNotOpen() {
        RecipientPrivateKey recipient = RecipientPrivateKey.generate(Suite.HYBRID_1, RANDOM);
        byte[] enc = HpkeSender.start(recipient.publicKey(), INFO, RANDOM).enc().toArray();
        java.util.Arrays.fill(enc, 1_088, enc.length, (byte) 0);
        assertThat(HpkeRecipient.start(recipient, Bytes.ofOwned(enc), INFO)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ownSuites")
    void privateKeyComesBackFromItsShortForm(Suite suite) {
        RecipientPrivateKey made = RecipientPrivateKey.generate(suite, RANDOM);
        SecretBytes encoded = made.encode();
        RecipientPrivateKey back = RecipientPrivateKey.decode(suite, encoded).orBug();
        made.destroy();

        assertThat(encoded.size()).isEqualTo(suite.privateKeyBytes());
        assertThat(back.publicKey()).isEqualTo(made.publicKey());
        assertThat(RecipientKey.parse(suite, made.publicKey().publicKey())
                        .orBug()
                        .keyId())
                .isEqualTo(made.publicKey().keyId());
        HpkeSender sender = HpkeSender.start(made.publicKey(), INFO, RANDOM);
        assertThat(HpkeRecipient.start(back, sender.enc(), INFO)).isPresent();
    }

    @ParameterizedTest
    @MethodSource("ownSuites")
    void refusesPublicKeysOfWrongSizeAndShape(Suite suite) {
        for (int size : new int[] {0, suite.publicKeyBytes() - 1, suite.publicKeyBytes() + 1}) {
            assertThat(RecipientKey.parse(suite, Bytes.ofOwned(new byte[size])).isOk())
                    .isFalse();
        }
        byte[] full = new byte[suite.publicKeyBytes()];
        java.util.Arrays.fill(full, (byte) 0xff);
        assertThat(RecipientKey.parse(suite, Bytes.ofOwned(full)).isOk()).isFalse();
    }

    @Test
    void refusesXWingKeyWhoseCurvePointIsOfLowOrder() {
        byte[] key = RecipientPrivateKey.generate(Suite.HYBRID_1, RANDOM)
                .publicKey()
                .publicKey()
                .toArray();
        java.util.Arrays.fill(key, 1_184, key.length, (byte) 0);
        assertThat(RecipientKey.parse(Suite.HYBRID_1, Bytes.ofOwned(key)).isOk())
                .isFalse();
    }

    @Test
    void everyGeneratedKeyIsAnother() {
        assertThat(RecipientPrivateKey.generate(Suite.HYBRID_1, RANDOM).publicKey())
                .isNotEqualTo(
                        RecipientPrivateKey.generate(Suite.HYBRID_1, RANDOM).publicKey());
    }

    @Test
    void oneContextServesManyThreads() throws Exception {
        RecipientPrivateKey recipient = RecipientPrivateKey.generate(Suite.HYBRID_1, RANDOM);
        HpkeSender sender = HpkeSender.start(recipient.publicKey(), INFO, RANDOM);
        HpkeRecipient opener =
                HpkeRecipient.start(recipient, sender.enc(), INFO).orElseThrow();
        var pool = Executors.newFixedThreadPool(4);
        try {
            var tasks = new java.util.ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 400; i++) {
                Bytes label = Bytes.utf8("message " + i);
                tasks.add(() -> sender.export(label, 32).sameAs(opener.export(label, 32)));
            }
            for (var done : pool.invokeAll(tasks)) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
