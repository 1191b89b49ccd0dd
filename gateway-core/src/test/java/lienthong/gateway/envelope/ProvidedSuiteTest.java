package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.cipher.ProviderJar;
import lienthong.gateway.cipher.TestCipherProvider;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Slot;
import lienthong.gateway.message.SecrecyMark;
import org.junit.jupiter.api.Test;

/** Envelopes of a suite of the State cipher service: sealed and opened by its product, verified by everybody. */
class ProvidedSuiteTest {
    /** Answers until it is told to be away. */
    private static final class Card extends TestCipherProvider {
        private boolean away;

        private void check() {
            if (away) {
                throw new IllegalStateException("card pulled out");
            }
        }

        @Override
        public Wrapped wrap(byte[] publicKey, byte[] context, byte[] text) {
            check();
            return super.wrap(publicKey, context, text);
        }

        @Override
        public Optional<byte[]> unwrap(PrivateKey key, byte[] context, Wrapped wrapped) {
            check();
            return super.unwrap(key, context, wrapped);
        }

        @Override
        public PayloadSealer sealer(byte[] contentKey, byte[] context) {
            check();
            PayloadSealer own = super.sealer(contentKey, context);
            return new PayloadSealer() {
                @Override
                public byte[] update(byte[] in, int offset, int length) {
                    check();
                    return own.update(in, offset, length);
                }

                @Override
                public byte[] finish() {
                    check();
                    return own.finish();
                }
            };
        }
    }

    private final InstalledCipher cipher = ProviderJar.installed();
    private final TestNetwork network = TestNetwork.with(cipher);

    private Kit kit() {
        return new Kit(network, cipher).mark(SecrecyMark.CONFIDENTIAL);
    }

    private Opening<OpenedEnvelope> open(VerifiedEnvelope envelope, Address recipient, Optional<InstalledCipher> own)
            throws IOException {
        return new Opener(new SlotOpener(own))
                .open(
                        envelope,
                        recipient,
                        network.keys(recipient),
                        SealedSource.of(((Ciphertext.Inline) envelope.sealed().ciphertext()).bytes()));
    }

    private static ErrorCode reason(Opening<OpenedEnvelope> opening) {
        return opening.fold(
                opened -> {
                    throw new AssertionError("opened");
                },
                reason -> reason);
    }

    @Test
    void whatIsMarkedMatIsSealedAndOpenedByTheProduct() throws IOException {
        VerifiedEnvelope sealed = kit().to(DISTRICT, HUB).message("kế hoạch").seal();
        assertThat(sealed.facts().header().suite()).isEqualTo(TestCipherProvider.SUITE);
        for (Address recipient : List.of(DISTRICT, HUB)) {
            OpenedEnvelope opened = Kit.opened(open(sealed, recipient, Optional.of(cipher)));
            assertThat(opened.partsInMemory(0).orElseThrow()).containsExactly(Bytes.utf8("kế hoạch"));
        }
        var own = new Opener(new SlotOpener(Optional.of(cipher)))
                .openOwn(
                        sealed,
                        network.keys(COMMUNE),
                        SealedSource.of(((Ciphertext.Inline) sealed.sealed().ciphertext()).bytes()));
        assertThat(own).isInstanceOf(Opening.Opened.class);
    }

    @Test
    void payloadsOfEverySizePassThroughTheProductInPieces() throws IOException {
        Random seeded = new Random(2002);
        for (int size : new int[] {0, 1, 16_384, 300_000, 3_000_000}) {
            Bytes part = Kit.random(seeded, size);
            Kit.Large large = kit().message(List.of(part)).sealLarge(70_001);
            OpenedEnvelope opened = Kit.opened(new Opener(new SlotOpener(Optional.of(cipher)))
                    .open(large.envelope(), DISTRICT, network.keys(DISTRICT), SealedSource.of(large.ciphertext())));
            try (PartReader reader = opened.parts(0)) {
                assertThat(reader.next()).isTrue();
                assertThat(all(reader)).isEqualTo(part);
            }
        }
    }

    private static Bytes all(PartReader reader) throws IOException {
        var out = new java.io.ByteArrayOutputStream();
        byte[] buffer = new byte[50_000];
        for (int got; (got = reader.read(buffer, 0, buffer.length)) >= 0; ) {
            out.write(buffer, 0, got);
        }
        return Bytes.ofOwned(out.toByteArray());
    }

    @Test
    void aRelayWithoutTheProductVerifiesWhatItCannotOpen() throws IOException {
        VerifiedEnvelope sealed = kit().message("qua nút trung gian").seal();
        Bytes carried = EnvelopeWire.toBytes(sealed.sealed());
        SealedEnvelope arrived = EnvelopeWire.ofBytes(carried).orBug();
        Result<VerifiedEnvelope> relay = Kit.verify(arrived, network.view());
        assertThat(relay.isOk()).isTrue();
        assertThat(EnvelopeWire.toBytes(relay.orBug().sealed())).isEqualTo(carried);
    }

    @Test
    void aDestinationWithoutTheProductSaysSoAndNothingElse() throws IOException {
        VerifiedEnvelope sealed = kit().message("chưa cài sản phẩm").seal();
        assertThat(reason(open(sealed, DISTRICT, Optional.empty()))).isEqualTo(ErrorCode.SUITE_UNKNOWN);
        InstalledCipher other = InstalledCipher.of(new TestCipherProvider() {
                    @Override
                    public int suite() {
                        return 0x80;
                    }
                })
                .orBug();
        assertThat(reason(open(sealed, DISTRICT, Optional.of(other)))).isEqualTo(ErrorCode.SUITE_UNKNOWN);
    }

    @Test
    void oneAlteredByteOfSlotOrPayloadDoesNotOpen() throws IOException {
        VerifiedEnvelope sealed = kit().message("nguyên vẹn").seal();
        Slot slot = sealed.sealed().slots().get(0);
        for (int at = 0; at < slot.bytes().size(); at += 7) {
            byte[] altered = slot.bytes().toArray();
            altered[at] ^= 1;
            SealedEnvelope changed = sealed.sealed().withSlots(List.of(new Slot(0, Bytes.ofOwned(altered))));
            VerifiedEnvelope unverified = new VerifiedEnvelope(changed, sealed.facts(), sealed.core());
            assertThat(reason(open(unverified, DISTRICT, Optional.of(cipher)))).isEqualTo(ErrorCode.SEAL_INVALID);
        }
        Bytes ciphertext = ((Ciphertext.Inline) sealed.sealed().ciphertext()).bytes();
        for (int at = 0; at < ciphertext.size(); at += 11) {
            byte[] altered = ciphertext.toArray();
            altered[at] ^= 1;
            SealedEnvelope changed = sealed.sealed().withCiphertext(new Ciphertext.Inline(Bytes.ofOwned(altered)));
            VerifiedEnvelope unverified = new VerifiedEnvelope(changed, sealed.facts(), sealed.core());
            assertThat(reason(open(unverified, DISTRICT, Optional.of(cipher)))).isEqualTo(ErrorCode.SEAL_INVALID);
        }
    }

    @Test
    void aSlotIsBoundToItsCoreAndItsPlace() throws IOException {
        VerifiedEnvelope one = kit().message("một").seal();
        VerifiedEnvelope two = kit().message("hai").seal();
        SealedEnvelope mixed =
                one.sealed().withSlots(List.of(two.sealed().slots().get(0)));
        assertThat(reason(open(new VerifiedEnvelope(mixed, one.facts(), one.core()), DISTRICT, Optional.of(cipher))))
                .isEqualTo(ErrorCode.SEAL_INVALID);
        VerifiedEnvelope both = kit().to(DISTRICT, HUB).message("ba").seal();
        SealedEnvelope swapped = both.sealed()
                .withSlots(List.of(
                        new Slot(0, both.sealed().slots().get(1).bytes()),
                        new Slot(1, both.sealed().slots().get(0).bytes())));
        VerifiedEnvelope unverified = new VerifiedEnvelope(swapped, both.facts(), both.core());
        assertThat(reason(open(unverified, DISTRICT, Optional.of(cipher)))).isEqualTo(ErrorCode.SEAL_INVALID);
    }

    @Test
    void ourOwnSuitesStillOpenBesideTheProduct() throws IOException {
        VerifiedEnvelope ordinary = new Kit(network, cipher)
                .suite(lienthong.gateway.crypto.Suite.HYBRID_1)
                .message("thường")
                .seal();
        assertThat(open(ordinary, DISTRICT, Optional.of(cipher))).isInstanceOf(Opening.Opened.class);
        assertThat(open(ordinary, DISTRICT, Optional.empty())).isInstanceOf(Opening.Opened.class);
    }

    @Test
    void aNewSlotForChangedKeysIsTheProductsToo() throws IOException {
        Kit kit = kit().message("gói lại");
        VerifiedEnvelope sealed = kit.seal();
        OpenedSlot own = new SlotOpener(Optional.of(cipher))
                .openOwn(sealed, network.keys(COMMUNE))
                .fold(opened -> opened, reason -> {
                    throw new AssertionError(reason);
                });
        Slot again = kit.sealer().rewrap(own, 0, kit.key(DISTRICT), kit.facts(7));
        assertThat(again.bytes()).isNotEqualTo(sealed.sealed().slots().get(0).bytes());
        SealedEnvelope changed = sealed.sealed().withSlots(List.of(again));
        assertThat(open(new VerifiedEnvelope(changed, sealed.facts(), sealed.core()), DISTRICT, Optional.of(cipher)))
                .isInstanceOf(Opening.Opened.class);
    }

    @Test
    void aProductThatDoesNotAnswerLosesNothing() throws IOException {
        Card card = new Card();
        InstalledCipher installed = InstalledCipher.of(card).orBug();
        TestNetwork own = TestNetwork.with(installed);
        Kit kit = new Kit(own, installed).message("chờ thẻ");
        VerifiedEnvelope sealed = kit.seal();
        LargeSealing begun = kit.sealer().large(kit.plan(), (bytes, offset, length) -> {});
        card.away = true;

        assertThat(kit.sealer().payload(kit.plan(), kit.contents()).refusal().reason())
                .isEqualTo(ErrorCode.TOKEN_AWAY);
        assertThat(
                        begun.write(Bytes.utf8("chờ thẻ")).isPresent()
                                ? ErrorCode.TOKEN_AWAY
                                : begun.finish(1).refusal().reason())
                .isEqualTo(ErrorCode.TOKEN_AWAY);
        LargeSealing never = kit.sealer().large(kit.plan(), (bytes, offset, length) -> {});
        assertThat(never.write(Bytes.utf8("x")).orElseThrow().reason()).isEqualTo(ErrorCode.TOKEN_AWAY);
        never.abandon();
        SealedSource source =
                SealedSource.of(((Ciphertext.Inline) sealed.sealed().ciphertext()).bytes());
        Opener opener = new Opener(new SlotOpener(Optional.of(installed)));
        assertThatThrownBy(() -> opener.open(sealed, DISTRICT, own.keys(DISTRICT), source))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(TokenAway.class);

        card.away = false;
        assertThat(opener.open(sealed, DISTRICT, own.keys(DISTRICT), source)).isInstanceOf(Opening.Opened.class);
    }

    @Test
    void aKeyThatTheProductDoesNotKnowIsRefusedBeforeAnythingIsSealed() {
        EnvelopeSealer without = new EnvelopeSealer(
                TestNetwork.RANDOM, new HpkeContexts(TestNetwork.RANDOM, lienthong.gateway.environment.Clock.real()));
        var key = network.view().recipientKey(DISTRICT, cipher.suite(), Kit.NOW).orBug();
        assertThat(kit().sealer().accepted(key).isOk()).isTrue();
        assertThat(without.accepted(key).refusal().reason()).isEqualTo(ErrorCode.SUITE_UNKNOWN);
    }
}
