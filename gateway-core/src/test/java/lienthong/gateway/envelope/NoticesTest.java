package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.SealedEnvelope.Slot;
import org.junit.jupiter.api.Test;

class NoticesTest {
    private final TestNetwork network = TestNetwork.shared();

    private Notice.Skip skip(SigningKey key) {
        return new Notice.Skip(
                network.network(),
                COMMUNE,
                key.certificate().hash(),
                network.incarnation(COMMUNE),
                DISTRICT,
                42,
                ErrorCode.EXPIRED,
                Kit.NOW,
                network.view().version());
    }

    @Test
    void aSendersSkipIsTakenAndTravels() {
        SigningKey key = network.signing(COMMUNE);
        SignedNotice signed = NoticeSigner.sign(skip(key), key, Kit.NOW).orBug();
        SignedNotice arrived =
                EnvelopeWire.fromProto(EnvelopeWire.toProto(signed)).orBug();
        assertThat(arrived).isEqualTo(signed);
        assertThat(NoticeVerifier.skip(arrived, network.view()).orBug()).isEqualTo(skip(key));
    }

    @Test
    void anothersSkipIsRefused() {
        SigningKey hub = network.signing(HUB);
        SignedNotice signed = NoticeSigner.sign(skip(hub), hub, Kit.NOW).orBug();
        assertThat(NoticeVerifier.skip(signed, network.view()).refusal().reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
    }

    @Test
    void anAlteredSkipIsRefused() {
        SigningKey key = network.signing(COMMUNE);
        SignedNotice signed = NoticeSigner.sign(skip(key), key, Kit.NOW).orBug();
        Bytes other = Bytes.utf8(signed.text().utf8().replace("number 42", "number 43"));
        SignedNotice altered = new SignedNotice(signed.kind(), other, signed.cms(), Optional.empty());
        assertThat(NoticeVerifier.skip(altered, network.view()).refusal().reason())
                .isEqualTo(ErrorCode.SEAL_INVALID);
    }

    @Test
    void aRewrappedSlotOpensForTheRecipientsNewKey() throws java.io.IOException {
        Kit kit = Kit.shared().message("sau khi đổi khóa");
        VerifiedEnvelope envelope = kit.seal();
        RecipientPrivateKey fresh = RecipientPrivateKey.generate(Suite.HYBRID_1, TestNetwork.RANDOM);
        RecipientKeys onlyFresh = id -> id.equals(fresh.publicKey().keyId()) ? Optional.of(fresh) : Optional.empty();
        SlotOpener slots = new SlotOpener();
        assertThat(slots.open(envelope, DISTRICT, onlyFresh)).isInstanceOf(Opening.NotOpened.class);

        OpenedSlot own = slots.openOwn(envelope, network.keys(COMMUNE)).fold(slot -> slot, reason -> {
            throw new AssertionError(reason);
        });
        Slot slot = kit.sealer().rewrap(own, 0, fresh.publicKey(), kit.facts(7));
        SigningKey key = network.signing(COMMUNE);
        Notice.Rewrap rewrap = rewrap(envelope, slot, key);
        SignedNotice signed = NoticeSigner.sign(rewrap, slot, key, Kit.NOW).orBug();
        SignedNotice arrived =
                EnvelopeWire.fromProto(EnvelopeWire.toProto(signed)).orBug();
        VerifiedRewrap verified =
                NoticeVerifier.rewrap(arrived, envelope, network.view()).orBug();
        OpenedSlot opened = slots.open(envelope, verified, onlyFresh).fold(good -> good, reason -> {
            throw new AssertionError(reason);
        });
        var opening = new Opener(slots)
                .open(
                        opened,
                        SealedSource.of(((lienthong.gateway.message.SealedEnvelope.Ciphertext.Inline)
                                        envelope.sealed().ciphertext())
                                .bytes()));
        assertThat(Kit.opened(opening).partsInMemory(0)).contains(java.util.List.of(Bytes.utf8("sau khi đổi khóa")));

        VerifiedEnvelope other = Kit.shared().message("khác").seal();
        assertThat(NoticeVerifier.rewrap(arrived, other, network.view())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.SEAL_INVALID);
        assertThat(slots.open(other, verified, onlyFresh)).isInstanceOf(Opening.NotOpened.class);
    }

    private Notice.Rewrap rewrap(VerifiedEnvelope envelope, Slot slot, SigningKey key) {
        return new Notice.Rewrap(
                network.network(),
                envelope.facts().header().id(),
                envelope.facts().leaf(),
                DISTRICT,
                Hash.of(slot.bytes()),
                key.certificate().hash(),
                Kit.NOW,
                network.view().version());
    }

    @Test
    void aRewrapByAnyoneButTheSenderIsRefused() {
        VerifiedEnvelope envelope = Kit.shared().message("a").seal();
        Slot slot = envelope.sealed().slots().get(0);
        SigningKey hub = network.signing(HUB);
        SignedNotice signed = NoticeSigner.sign(rewrap(envelope, slot, hub), slot, hub, Kit.NOW)
                .orBug();
        assertThat(NoticeVerifier.rewrap(signed, envelope, network.view())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
        SignedNotice another = new SignedNotice(
                signed.kind(),
                signed.text(),
                signed.cms(),
                Optional.of(envelope.sealed().slots().get(1)));
        assertThat(NoticeVerifier.rewrap(another, network.view()).refusal().reason())
                .isEqualTo(ErrorCode.SEAL_INVALID);
    }

    private static SealedSource source(VerifiedEnvelope envelope) {
        return SealedSource.of(((lienthong.gateway.message.SealedEnvelope.Ciphertext.Inline)
                        envelope.sealed().ciphertext())
                .bytes());
    }

    private OpenedSlot own(VerifiedEnvelope envelope) {
        return new SlotOpener().openOwn(envelope, network.keys(COMMUNE)).fold(slot -> slot, reason -> {
            throw new AssertionError(reason);
        });
    }

    @Test
    void aRewrapForAnotherLeafOrAnotherRecipientsNumberIsRefused() {
        Kit kit = Kit.shared().message("a");
        VerifiedEnvelope envelope = kit.seal();
        SigningKey key = network.signing(COMMUNE);
        RecipientPrivateKey fresh = RecipientPrivateKey.generate(Suite.HYBRID_1, TestNetwork.RANDOM);
        Slot slot = kit.sealer().rewrap(own(envelope), 0, fresh.publicKey(), kit.facts(7));
        Notice.Rewrap good = rewrap(envelope, slot, key);
        Notice.Rewrap otherLeaf = new Notice.Rewrap(
                good.network(),
                good.id(),
                Hash.of(Bytes.utf8("another statement")),
                good.recipient(),
                good.slot(),
                good.signer(),
                good.time(),
                good.directory());
        Slot otherNumber = new Slot(1, slot.bytes());
        for (SignedNotice forged : java.util.List.of(
                NoticeSigner.sign(otherLeaf, slot, key, Kit.NOW).orBug(),
                NoticeSigner.sign(good, otherNumber, key, Kit.NOW).orBug())) {
            assertThat(NoticeVerifier.rewrap(forged, envelope, network.view())
                            .refusal()
                            .reason())
                    .isEqualTo(ErrorCode.SEAL_INVALID);
        }
    }

    @Test
    void aRewrapWithAnotherContentKeyIsSeenBeforeItTakesTheSealedSlotsPlace() throws java.io.IOException {
        Kit kit = Kit.shared().message("đúng");
        VerifiedEnvelope envelope = kit.seal();
        SigningKey key = network.signing(COMMUNE);
        RecipientPrivateKey fresh = RecipientPrivateKey.generate(Suite.HYBRID_1, TestNetwork.RANDOM);
        RecipientKeys onlyFresh = id -> id.equals(fresh.publicKey().keyId()) ? Optional.of(fresh) : Optional.empty();
        OpenedSlot mixed = new OpenedSlot(
                envelope,
                lienthong.gateway.crypto.SecretBytes.random(32, TestNetwork.RANDOM),
                Optional.empty(),
                own(envelope).facts());
        SlotOpener slots = new SlotOpener();
        Opener opener = new Opener(slots);
        assertThat(opener.isKeyOf(own(envelope), source(envelope))).isTrue();
        Slot slot = kit.sealer().rewrap(mixed, 0, fresh.publicKey(), kit.facts(7));
        VerifiedRewrap signed = NoticeVerifier.rewrap(
                        NoticeSigner.sign(rewrap(envelope, slot, key), slot, key, Kit.NOW)
                                .orBug(),
                        envelope,
                        network.view())
                .orBug();
        OpenedSlot opened = slots.open(envelope, signed, onlyFresh).fold(good -> good, reason -> {
            throw new AssertionError(reason);
        });
        assertThat(opener.isKeyOf(opened, source(envelope))).isFalse();
    }
}
