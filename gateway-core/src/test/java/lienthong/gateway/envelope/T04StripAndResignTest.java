package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.GUEST;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SealedEnvelope.Slot;
import org.junit.jupiter.api.Test;

/** T4: strip the seal, sign as oneself, claim another's document. */
class T04StripAndResignTest {
    private final TestNetwork network = TestNetwork.shared();
    private final VerifiedEnvelope honest =
            Kit.shared().from(COMMUNE).to(DISTRICT).message("công trình của xã").seal();
    private final SealedEnvelope sealed = honest.sealed();

    @Test
    void anothersSignatureUnderTheSameCoreIsNoSeal() {
        Seal seal = sealed.seal();
        Bytes cms = network.signing(GUEST).signCms(seal.rootText(), Kit.NOW);
        var resigned = new SealedEnvelope(
                sealed.core(),
                sealed.slots(),
                sealed.ciphertext(),
                sealed.statement(),
                new Seal(seal.index(), seal.size(), seal.path(), seal.rootText(), cms, Optional.empty()));
        assertThat(Kit.verify(resigned).refusal().reason()).isEqualTo(ErrorCode.SEAL_INVALID);
    }

    @Test
    void aCoreThatNamesTheThiefCannotBeOpened() {
        var thief = network.signing(GUEST);
        Header header = Forger.signedBy(
                honest.facts().header(), GUEST, thief.certificate().hash());
        SealedEnvelope claimed = Forger.sealed(
                header,
                CoreCodec.encode(header),
                sealed.slots().stream().map(Slot::bytes).toList(),
                ((Ciphertext.Inline) sealed.ciphertext()).bytes(),
                honest.facts().manifests(),
                thief);
        // The thief's seal over its own words is true: what it cannot make is a slot that opens.
        assertThat(Kit.open(Kit.verify(claimed).orBug(), DISTRICT))
                .isEqualTo(new Opening.NotOpened<>(ErrorCode.SEAL_INVALID));
    }

    @Test
    void theThiefsCertificateUnderTheVictimsAddressIsRefused() {
        var thief = network.signing(GUEST);
        Header header = Forger.signedBy(
                honest.facts().header(), COMMUNE, thief.certificate().hash());
        SealedEnvelope claimed = Forger.sealed(
                header,
                CoreCodec.encode(header),
                sealed.slots().stream().map(Slot::bytes).toList(),
                ((Ciphertext.Inline) sealed.ciphertext()).bytes(),
                honest.facts().manifests(),
                thief);
        assertThat(Kit.verify(claimed).refusal().reason()).isEqualTo(ErrorCode.WHO_ARE_YOU);
    }

    @Test
    void aCertificateThatNoRecordPublishesIsRefused() {
        var unknown = network.unpublished(COMMUNE);
        Header header = Forger.signedBy(
                honest.facts().header(), COMMUNE, unknown.certificate().hash());
        SealedEnvelope claimed = Forger.sealed(
                header,
                CoreCodec.encode(header),
                List.of(sealed.slots().get(0).bytes(), sealed.slots().get(1).bytes()),
                ((Ciphertext.Inline) sealed.ciphertext()).bytes(),
                honest.facts().manifests(),
                unknown);
        assertThat(Kit.verify(claimed).refusal().reason()).isEqualTo(ErrorCode.WHO_ARE_YOU);
    }

    @Test
    void anEvidenceKeySealsNothing() {
        var evidence = network.evidence(COMMUNE);
        Header header = Forger.signedBy(
                honest.facts().header(), COMMUNE, evidence.certificate().hash());
        SealedEnvelope claimed = Forger.sealed(
                header,
                CoreCodec.encode(header),
                List.of(sealed.slots().get(0).bytes(), sealed.slots().get(1).bytes()),
                ((Ciphertext.Inline) sealed.ciphertext()).bytes(),
                honest.facts().manifests(),
                evidence);
        assertThat(Kit.verify(claimed).refusal().reason()).isEqualTo(ErrorCode.WHO_ARE_YOU);
    }
}
