package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.GUEST;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SignedReceipt;
import org.junit.jupiter.api.Test;

/** T9, the envelope's part: only the address, or for delivered and policy returns its delegate, makes a receipt that counts. */
class T09ForgedReceiptTest {
    private final TestNetwork network = TestNetwork.shared();
    private final VerifiedEnvelope envelope = Kit.shared()
            .from(COMMUNE)
            .to(DISTRICT, GUEST)
            .message("có biên nhận")
            .seal();

    private Result<Receipt> judged(Receipt.Kind kind, Address recipient, SigningKey key, Optional<ErrorCode> reason) {
        Receipt made = Kit.shared()
                .receipt(kind, envelope, recipient, key.certificate().hash());
        Receipt receipt = new Receipt(
                made.network(),
                kind,
                made.subject(),
                recipient,
                made.signer(),
                reason,
                made.time(),
                made.directory(),
                made.incarnation(),
                made.deliveryCount());
        SignedReceipt signed =
                ReceiptSigner.sign(List.of(receipt), 1, key, Kit.NOW).orBug().get(0);
        return new ReceiptVerifier(new SealCache()).verify(signed, network.view());
    }

    private static final Optional<ErrorCode> NONE = Optional.empty();
    private static final Optional<ErrorCode> POLICY = Optional.of(ErrorCode.EXPIRED);
    private static final Optional<ErrorCode> APPLICATION = Optional.of(ErrorCode.RETURNED_BY_APPLICATION);

    @Test
    void theAddressItselfMaySayEverything() {
        SigningKey own = network.signing(DISTRICT);
        assertThat(judged(Receipt.Kind.DELIVERED, DISTRICT, own, NONE).isOk()).isTrue();
        assertThat(judged(Receipt.Kind.CONSUMED, DISTRICT, own, NONE).isOk()).isTrue();
        assertThat(judged(Receipt.Kind.RETURNED, DISTRICT, own, APPLICATION).isOk())
                .isTrue();
    }

    @Test
    void theServingNodesEvidenceKeyMaySayDeliveredAndPolicyReturns() {
        SigningKey node = network.evidence(HUB);
        assertThat(judged(Receipt.Kind.DELIVERED, GUEST, node, NONE).isOk()).isTrue();
        assertThat(judged(Receipt.Kind.RETURNED, GUEST, node, POLICY).isOk()).isTrue();
    }

    @Test
    void theServingNodesEvidenceKeyMayNotSpeakForTheApplication() {
        SigningKey node = network.evidence(HUB);
        assertForged(judged(Receipt.Kind.CONSUMED, GUEST, node, NONE));
        assertForged(judged(Receipt.Kind.RETURNED, GUEST, node, APPLICATION));
    }

    @Test
    void anotherNodeMaySayNothing() {
        // The hub carries mail to A08.11 but does not serve it.
        assertForged(judged(Receipt.Kind.DELIVERED, DISTRICT, network.evidence(HUB), NONE));
        assertForged(judged(Receipt.Kind.RETURNED, DISTRICT, network.evidence(HUB), POLICY));
    }

    @Test
    void anotherAddressMaySayNothing() {
        for (Address other : List.of(HUB, COMMUNE, GUEST)) {
            assertForged(judged(Receipt.Kind.DELIVERED, DISTRICT, network.signing(other), NONE));
            assertForged(judged(Receipt.Kind.CONSUMED, DISTRICT, network.signing(other), NONE));
        }
    }

    @Test
    void onlyTheSendersExpiredMatches() {
        Receipt own = judged(Receipt.Kind.EXPIRED, DISTRICT, network.signing(COMMUNE), POLICY)
                .orBug();
        assertThat(matches(own)).isTrue();
        Receipt others = judged(Receipt.Kind.EXPIRED, DISTRICT, network.signing(HUB), POLICY)
                .orBug();
        assertThat(matches(others)).isFalse();
        assertForged(judged(Receipt.Kind.EXPIRED, DISTRICT, network.evidence(HUB), POLICY));
    }

    @Test
    void anUnknownCertificateMayBecomeKnownLater() {
        assertThat(judged(Receipt.Kind.DELIVERED, DISTRICT, network.unpublished(DISTRICT), NONE)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
    }

    @Test
    void everyFieldIsMatchedWithTheMessage() {
        Receipt good = Kit.shared()
                .receipt(
                        Receipt.Kind.DELIVERED,
                        envelope,
                        DISTRICT,
                        network.signing(DISTRICT).certificate().hash());
        assertThat(matches(good)).isTrue();
        var one = (Receipt.Subject.One) good.subject();
        var facts = envelope.facts();
        assertThat(matches(about(good, new Receipt.Subject.One(Kit.id(), one.leaf(), one.ciphertextRoot()))))
                .isFalse();
        assertThat(matches(about(good, new Receipt.Subject.One(one.id(), one.ciphertextRoot(), one.ciphertextRoot()))))
                .isFalse();
        assertThat(matches(about(good, new Receipt.Subject.One(one.id(), one.leaf(), one.leaf()))))
                .isFalse();
        assertThat(matches(about(good, new Receipt.Subject.Range(facts.sealRoot(), 1, 0, 0))))
                .isTrue();
        assertThat(matches(about(good, new Receipt.Subject.Range(facts.sealRoot(), 2, 0, 1))))
                .isFalse();
        assertThat(matches(about(good, new Receipt.Subject.Range(one.leaf(), 1, 0, 0))))
                .as("the leaf is the root of a tree of one")
                .isTrue();
        assertThat(matches(about(good, new Receipt.Subject.Range(one.ciphertextRoot(), 1, 0, 0))))
                .isFalse();
        assertThat(ReceiptVerifier.matches(good, facts, Kit.id())).isFalse();
        Receipt stranger = Kit.shared()
                .receipt(
                        Receipt.Kind.DELIVERED,
                        envelope,
                        HUB,
                        network.signing(HUB).certificate().hash());
        assertThat(matches(stranger)).isFalse();
    }

    @Test
    void aRangeCoversItsLeavesOnly() {
        List<Unsealed> waiting = new java.util.ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waiting.add(Kit.shared().message("m" + i).unsealed());
        }
        List<VerifiedEnvelope> sealed = SealBatch.sign(waiting, network.signing(COMMUNE), Optional.empty(), Kit.NOW)
                .orBug();
        Receipt range = about(
                Kit.shared()
                        .receipt(
                                Receipt.Kind.CONSUMED,
                                sealed.get(0),
                                DISTRICT,
                                network.signing(DISTRICT).certificate().hash()),
                new Receipt.Subject.Range(sealed.get(0).facts().sealRoot(), 8, 2, 5));
        for (int i = 0; i < 8; i++) {
            var facts = sealed.get(i).facts();
            assertThat(ReceiptVerifier.matches(range, facts, facts.header().id()))
                    .as("leaf %d", i)
                    .isEqualTo(i >= 2 && i <= 5);
        }
    }

    private boolean matches(Receipt receipt) {
        return ReceiptVerifier.matches(
                receipt, envelope.facts(), envelope.facts().header().id());
    }

    private static Receipt about(Receipt receipt, Receipt.Subject subject) {
        return new Receipt(
                receipt.network(),
                receipt.kind(),
                subject,
                receipt.recipient(),
                receipt.signer(),
                receipt.reason(),
                receipt.time(),
                receipt.directory(),
                receipt.incarnation(),
                receipt.deliveryCount());
    }

    private static void assertForged(Result<Receipt> judged) {
        assertThat(judged.isOk()).isFalse();
        assertThat(judged.refusal().reason()).isEqualTo(ErrorCode.RECEIPT_FORGED);
        assertThat(judged.refusal().detail()).isEmpty();
    }
}
