package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void everyRecipientOpensWhatWasSealedForIt(int suite) {
        VerifiedEnvelope sealed = Kit.shared()
                .suite(Suite.ofNumber(suite).orBug())
                .to(DISTRICT, HUB)
                .ordering("hồ sơ 7")
                .message("Kính gửi")
                .seal();
        VerifiedEnvelope arrived = Kit.verify(EnvelopeWire.ofBytes(EnvelopeWire.toBytes(sealed.sealed()))
                        .orBug())
                .orBug();
        assertThat(arrived.facts()).isEqualTo(sealed.facts());
        for (var recipient : List.of(DISTRICT, HUB)) {
            OpenedEnvelope opened = Kit.opened(Kit.open(arrived, recipient));
            assertThat(opened.partsInMemory(0)).contains(List.of(Bytes.utf8("Kính gửi")));
            assertThat(opened.manifests().get(0).subject()).contains("Về việc thử 1");
            assertThat(opened.slotFacts().firstNumber()).isEqualTo(7);
            assertThat(opened.slotFacts().keyPredecessor()).isEqualTo(6);
            assertThat(opened.slotFacts().orderingKey()).contains("hồ sơ 7");
        }
    }

    @Test
    void theSenderReopensItsOwn() throws IOException {
        VerifiedEnvelope sealed = Kit.shared().message("của mình").seal();
        var opening = new Opener(new SlotOpener())
                .openOwn(
                        sealed,
                        TestNetwork.shared().keys(COMMUNE),
                        SealedSource.of(((Ciphertext.Inline) sealed.sealed().ciphertext()).bytes()));
        assertThat(Kit.opened(opening).partsInMemory(0)).contains(List.of(Bytes.utf8("của mình")));
    }

    @Test
    void theContentKeyIsOverwrittenOnceTheEnvelopeIsFinishedOrGivenUp() {
        Kit kit = Kit.shared().message("một lần");
        SealPlan plan = kit.plan();
        SealedPayload payload = kit.sealer().payload(plan, kit.contents()).orBug();
        Unsealed unsealed = kit.finish(plan, payload);
        assertThat(payload.contentKey().isDestroyed()).isTrue();
        assertThat(unsealed.slots()).hasSize(2);
        assertThatThrownBy(() -> kit.finish(plan, payload)).isInstanceOf(Bug.class);

        SealedPayload refused = kit.sealer().payload(plan, kit.contents()).orBug();
        refused.abandon();
        assertThat(refused.contentKey().isDestroyed()).isTrue();
    }

    @Test
    void aBundleKeepsItsMessagesApartAndInOrder() {
        Kit kit = Kit.shared();
        for (int i = 0; i < 64; i++) {
            kit.message(List.of(Kit.text(random, random.nextInt(3_000)), Kit.random(random, random.nextInt(500))));
        }
        VerifiedEnvelope sealed = kit.seal();
        OpenedEnvelope opened = Kit.opened(Kit.open(Kit.verify(sealed.sealed()).orBug(), DISTRICT));
        assertThat(opened.manifests()).hasSize(64);
        for (int i = 0; i < 64; i++) {
            assertThat(opened.partsInMemory(i))
                    .as("seed %d, message %d", seed, i)
                    .contains(kit.contents().get(i));
            assertThat(opened.manifests().get(i).id())
                    .isEqualTo(sealed.facts().header().ids().get(i));
        }
    }

    @Test
    void largePartsComeBackByteForByteWhateverThePiecesAndTheirKind() throws IOException {
        byte[] zeros = new byte[700_000];
        byte[] mixed = new byte[900_000];
        random.nextBytes(mixed);
        System.arraycopy(new byte[400_000], 0, mixed, 200_000, 400_000);
        byte[] half = Kit.text(random, 1_000_000).toArray();
        System.arraycopy(new byte[600_000], 0, half, 300_000, 600_000);
        List<Bytes> parts = List.of(
                Bytes.ofOwned(zeros),
                Bytes.empty(),
                Kit.text(random, 777_777),
                Bytes.ofOwned(mixed),
                Kit.random(random, 65_536),
                Kit.text(random, 65_536),
                Kit.text(random, 65_537),
                Bytes.ofOwned(half),
                Bytes.empty());
        for (int piece : List.of(1_000_000, 65_536, 8_191)) {
            Kit.Large large = Kit.shared().message(parts).sealLarge(piece);
            Opener opener = new Opener(new SlotOpener());
            OpenedEnvelope opened = Kit.opened(opener.open(
                    large.envelope(),
                    DISTRICT,
                    TestNetwork.shared().keys(DISTRICT),
                    SealedSource.of(large.ciphertext())));
            assertThat(opened.isInMemory()).isFalse();
            assertThat(read(opened)).as("seed %d", seed).isEqualTo(parts);
            assertThat(large.ciphertext().size()).as("compression gains").isLessThan(3_600_000);
        }
    }

    static List<Bytes> read(OpenedEnvelope opened) throws IOException {
        List<Bytes> read = new ArrayList<>();
        try (PartReader parts = opened.parts(0)) {
            while (parts.next()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                byte[] buffer = new byte[10_000];
                for (int size = parts.read(buffer, 0, buffer.length);
                        size >= 0;
                        size = parts.read(buffer, 0, buffer.length)) {
                    bytes.write(buffer, 0, size);
                }
                read.add(Bytes.ofOwned(bytes.toByteArray()));
            }
        }
        return read;
    }

    @Test
    void oneSignatureCoversManyEnvelopes() {
        List<Unsealed> waiting = new ArrayList<>();
        for (int i = 0; i < 33; i++) {
            waiting.add(Kit.shared().message("m" + i).unsealed());
        }
        List<VerifiedEnvelope> sealed = SealBatch.sign(
                        waiting, TestNetwork.shared().signing(COMMUNE), Optional.empty(), Kit.NOW)
                .orBug();
        for (VerifiedEnvelope each : sealed) {
            assertThat(each.sealed().seal().cms())
                    .isEqualTo(sealed.get(0).sealed().seal().cms());
            assertThat(Kit.verify(each.sealed()).orBug().facts()).isEqualTo(each.facts());
        }
    }

    @Test
    void anEnvelopeWithoutOtherBranchesSlotsVerifiesAndOpens() {
        VerifiedEnvelope sealed =
                Kit.shared().to(DISTRICT, HUB).message("nhánh").seal();
        SealedEnvelope branch =
                sealed.sealed().withSlots(List.of(sealed.sealed().slots().get(1)));
        VerifiedEnvelope arrived = Kit.verify(branch).orBug();
        assertThat(arrived.facts().header().recipients()).containsExactly(HUB, DISTRICT);
        Kit.opened(Kit.open(arrived, DISTRICT));
        assertThat(Kit.open(arrived, HUB)).isInstanceOf(Opening.NotOpened.class);
    }
}
