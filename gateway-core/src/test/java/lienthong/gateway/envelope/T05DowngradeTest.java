package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SealedEnvelope.Slot;
import org.junit.jupiter.api.Test;

/** T5, the envelope's part: a lower suite, a dropped post-quantum seal, a suite that nobody knows. */
class T05DowngradeTest {
    @Test
    void aSuiteBelowARecipientsMinimumIsRefused() {
        TestNetwork network = new TestNetwork();
        VerifiedEnvelope classic =
                new Kit(network).suite(Suite.CLASSIC_2).message("yếu").seal();
        assertThat(Kit.verify(classic.sealed(), network.view()).isOk()).isTrue();
        network.suiteMinimum(DISTRICT, 1);
        assertThat(Kit.verify(classic.sealed(), network.view()).refusal().reason())
                .isEqualTo(ErrorCode.SUITE_TOO_LOW);
        VerifiedEnvelope hybrid = new Kit(network).message("đủ").seal();
        assertThat(Kit.verify(hybrid.sealed(), network.view()).isOk()).isTrue();
    }

    @Test
    void theClassicalSuiteIsRefusedWhereTheNetworkForbidsIt() {
        TestNetwork network = new TestNetwork();
        VerifiedEnvelope classic =
                new Kit(network).suite(Suite.CLASSIC_2).message("yếu").seal();
        network.suites(new Policy.Suites(1, false));
        assertThat(Kit.verify(classic.sealed(), network.view()).refusal().reason())
                .isEqualTo(ErrorCode.SUITE_TOO_LOW);
    }

    @Test
    void aSuiteNobodyKnowsIsNamed() {
        VerifiedEnvelope honest = Kit.shared().message("bộ lạ").seal();
        for (int suite : new int[] {4, 127}) {
            Header header = Forger.suite(honest.facts().header(), suite, List.of());
            SealedEnvelope strange = Forger.sealed(
                    header,
                    CoreCodec.encode(header),
                    honest.sealed().slots().stream().map(Slot::bytes).toList(),
                    ((Ciphertext.Inline) honest.sealed().ciphertext()).bytes(),
                    honest.facts().manifests(),
                    TestNetwork.shared().signing(COMMUNE));
            assertThat(Kit.verify(strange).refusal().reason()).isEqualTo(ErrorCode.SUITE_UNKNOWN);
        }
    }

    @Test
    void theRootTextsSuiteMustBeTheCores() {
        VerifiedEnvelope honest = Kit.shared().message("bộ 1").seal();
        SigningKey key = TestNetwork.shared().signing(COMMUNE);
        Bytes other = new RootText(
                        honest.facts().header().network(),
                        RootText.Kind.SEAL,
                        2,
                        1,
                        honest.facts().sealRoot())
                .encode();
        SealedEnvelope sealed = honest.sealed();
        var changed = new SealedEnvelope(
                sealed.core(),
                sealed.slots(),
                sealed.ciphertext(),
                sealed.statement(),
                new Seal(0, 1, List.of(), other, key.signCms(other, Kit.NOW), Optional.empty()));
        assertThat(Kit.verify(changed).refusal().reason()).isEqualTo(ErrorCode.SEAL_INVALID);
    }

    @Test
    void aRequiredPostQuantumSealMustBeThereAndTrue() {
        TestNetwork network = new TestNetwork();
        Kit kit = new Kit(network).pqRequired().message("ba mươi năm");
        Unsealed unsealed = kit.unsealed();
        SigningKey second = network.postQuantum(COMMUNE);
        SealedEnvelope sealed = SealBatch.sign(
                        List.of(unsealed), network.signing(COMMUNE), Optional.of(second), Kit.NOW)
                .orBug()
                .get(0)
                .sealed();
        assertThat(Kit.verify(sealed, network.view()).isOk()).isTrue();

        Seal seal = sealed.seal();
        assertThat(Kit.verify(with(sealed, Optional.empty()), network.view())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.SIGNER_MISSING);
        byte[] altered = seal.pqCms().orElseThrow().toArray();
        altered[altered.length - 5] ^= 1;
        for (Bytes wrong : List.of(
                Bytes.ofOwned(altered),
                seal.cms(),
                second.signCms(Bytes.utf8("another root"), Kit.NOW),
                new TestNetwork().postQuantum(COMMUNE).signCms(seal.rootText(), Kit.NOW))) {
            assertThat(Kit.verify(with(sealed, Optional.of(wrong)), network.view())
                            .refusal()
                            .reason())
                    .isEqualTo(ErrorCode.SEAL_INVALID);
        }
    }

    private static SealedEnvelope with(SealedEnvelope sealed, Optional<Bytes> second) {
        Seal seal = sealed.seal();
        return new SealedEnvelope(
                sealed.core(),
                sealed.slots(),
                sealed.ciphertext(),
                sealed.statement(),
                new Seal(seal.index(), seal.size(), seal.path(), seal.rootText(), seal.cms(), second));
    }

    @Test
    void aRevokedSendersSealIsRefusedFromThenOn() {
        TestNetwork network = new TestNetwork();
        VerifiedEnvelope before = new Kit(network).message("trước khi thu hồi").seal();
        assertThat(Kit.verify(before.sealed(), network.view()).isOk()).isTrue();
        network.revoke(network.signing(COMMUNE).certificate(), COMMUNE, Kit.NOW);
        assertThat(Kit.verify(before.sealed(), network.view()).refusal().reason())
                .isEqualTo(ErrorCode.REVOKED);
    }

    @Test
    void anotherNetworksEnvelopeIsNamedAsThat() {
        TestNetwork other = new TestNetwork();
        VerifiedEnvelope foreign = new Kit(other).message("mạng khác").seal();
        assertThat(Kit.verify(foreign.sealed()).refusal().reason()).isEqualTo(ErrorCode.OTHER_NETWORK);
    }
}
