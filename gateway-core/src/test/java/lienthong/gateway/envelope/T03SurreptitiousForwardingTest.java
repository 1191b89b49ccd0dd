package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import lienthong.gateway.crypto.HpkeSender;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import org.junit.jupiter.api.Test;

/** T3: an addressee or a hub re-addresses a sealed message to another. */
class T03SurreptitiousForwardingTest {
    private final TestNetwork network = TestNetwork.shared();
    private final VerifiedEnvelope toDistrict =
            Kit.shared().to(DISTRICT).message("chỉ cho huyện").seal();

    @Test
    void whoIsNoRecipientIsToldSoAndNothingElse() {
        assertThat(Kit.open(toDistrict, HUB)).isEqualTo(new Opening.NotOpened<>(ErrorCode.NOT_ADDRESSED));
    }

    @Test
    void aCoreWithAnotherRecipientIsNotUnderTheSeal() {
        SealedEnvelope sealed = toDistrict.sealed();
        Bytes core = CoreCodec.encode(Forger.to(toDistrict.facts().header(), List.of(HUB)));
        var moved = new SealedEnvelope(core, sealed.slots(), sealed.ciphertext(), sealed.statement(), sealed.seal());
        assertThat(Kit.verify(moved).refusal().reason()).isEqualTo(ErrorCode.SEAL_INVALID);
    }

    @Test
    void anAddresseeWhoKnowsTheContentKeyCannotPassTheCiphertextOnUnderItsOwnSeal() {
        OpenedSlot opened = new SlotOpener()
                .open(toDistrict, DISTRICT, network.keys(DISTRICT))
                .fold(slot -> slot, reason -> {
                    throw new AssertionError(reason);
                });
        var key = network.signing(DISTRICT);
        Header header = Forger.to(
                Forger.signedBy(
                        toDistrict.facts().header(), DISTRICT, key.certificate().hash()),
                List.of(HUB));
        Bytes core = CoreCodec.encode(header);
        Hash coreHash = Hash.of(core);
        RecipientKey hub =
                network.view().recipientKey(HUB, Suite.HYBRID_1, Kit.NOW).orBug();
        Bytes info = SlotCodec.info(Suite.HYBRID_1, header.network(), header.signer(), hub.keyId());
        Bytes slot = SlotCodec.seal(
                HpkeSender.start(hub, info, TestNetwork.RANDOM),
                hub,
                coreHash,
                0,
                opened.contentKey(),
                opened.facts(),
                TestNetwork.RANDOM);
        SealedEnvelope passedOn = Forger.sealed(
                header,
                core,
                List.of(slot, slot),
                ((Ciphertext.Inline) toDistrict.sealed().ciphertext()).bytes(),
                toDistrict.facts().manifests(),
                key);
        VerifiedEnvelope arrived = Kit.verify(passedOn).orBug();
        // The slot opens: it was honestly made. The payload does not: it belongs to the first core.
        assertThat(new SlotOpener().open(arrived, HUB, network.keys(HUB))).isInstanceOf(Opening.Opened.class);
        assertThat(Kit.open(arrived, HUB)).isEqualTo(new Opening.NotOpened<>(ErrorCode.SEAL_INVALID));
    }

    @Test
    void aSlotOfOneEnvelopeDoesNotOpenInAnother() {
        VerifiedEnvelope other =
                Kit.shared().to(DISTRICT).message("một văn bản khác").seal();
        var key = network.signing(COMMUNE);
        SealedEnvelope mixed = Forger.sealed(
                other.facts().header(),
                other.sealed().core(),
                List.of(
                        toDistrict.sealed().slots().get(0).bytes(),
                        other.sealed().slots().get(1).bytes()),
                ((Ciphertext.Inline) other.sealed().ciphertext()).bytes(),
                other.facts().manifests(),
                key);
        assertThat(Kit.open(Kit.verify(mixed).orBug(), DISTRICT))
                .isEqualTo(new Opening.NotOpened<>(ErrorCode.SEAL_INVALID));
    }

    @Test
    void twoRecipientsSlotsCannotBeSwappedEvenByTheSender() {
        VerifiedEnvelope both = Kit.shared().to(DISTRICT, HUB).message("cả hai").seal();
        SealedEnvelope swapped = Forger.sealed(
                both.facts().header(),
                both.sealed().core(),
                List.of(
                        both.sealed().slots().get(1).bytes(),
                        both.sealed().slots().get(0).bytes(),
                        both.sealed().slots().get(2).bytes()),
                ((Ciphertext.Inline) both.sealed().ciphertext()).bytes(),
                both.facts().manifests(),
                network.signing(COMMUNE));
        VerifiedEnvelope arrived = Kit.verify(swapped).orBug();
        assertThat(Kit.open(arrived, DISTRICT)).isInstanceOf(Opening.NotOpened.class);
        assertThat(Kit.open(arrived, HUB)).isInstanceOf(Opening.NotOpened.class);
    }
}
