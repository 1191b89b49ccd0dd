package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Receipt;
import org.junit.jupiter.api.Test;

/** T16, the envelope's part: delivered and consumed are different statements, and nobody turns one into the other. */
class T16ReceiptSaysOnlyWhatHappenedTest {
    private final VerifiedEnvelope envelope = Kit.shared().message("một").seal();
    private final Receipt delivered = Kit.shared()
            .receipt(
                    Receipt.Kind.DELIVERED,
                    envelope,
                    DISTRICT,
                    TestNetwork.shared().signing(DISTRICT).certificate().hash());

    @Test
    void whatIsSaidIsPartOfWhatIsSigned() {
        var signed = ReceiptSigner.sign(
                        List.of(delivered), 1, TestNetwork.shared().signing(DISTRICT), Kit.NOW)
                .orBug()
                .get(0);
        for (String word : List.of("consumed", "returned", "expired")) {
            Bytes text = Bytes.utf8(signed.text().utf8().replace("says delivered", "says " + word));
            var changed = new lienthong.gateway.message.SignedReceipt(text, signed.seal());
            assertThat(new ReceiptVerifier(new SealCache())
                            .verify(changed, TestNetwork.shared().view())
                            .isOk())
                    .isFalse();
        }
    }

    @Test
    void reasonsStandOnlyWhereSomethingEndedWithoutTheApplication() {
        List<String> refused = new ArrayList<>();
        String text = ReceiptCodec.encode(delivered).utf8();
        for (String wrong : List.of(
                text.replace("reason -", "reason 4013"),
                text.replace("says delivered", "says returned"),
                text.replace("says delivered", "says expired"),
                text.replace("says delivered", "says seen"),
                text.replace("reason -", "reason 9999"))) {
            if (!ReceiptCodec.decode(Bytes.utf8(wrong), null).isOk()) {
                refused.add(wrong);
            }
        }
        assertThat(refused).hasSize(5);
    }

    @Test
    void aSealOverMessagesIsNoReceiptAndTheOtherWayRound() {
        var key = TestNetwork.shared().signing(DISTRICT);
        var signed =
                ReceiptSigner.sign(List.of(delivered), 1, key, Kit.NOW).orBug().get(0);
        Bytes asSeal = Bytes.utf8(signed.seal().rootText().utf8().replace(" receipt-seal\n", " seal\n"));
        var moved = new lienthong.gateway.message.SealedEnvelope.Seal(
                0, 1, List.of(), asSeal, key.signCms(asSeal, Kit.NOW), java.util.Optional.empty());
        assertThat(new ReceiptVerifier(new SealCache())
                        .verify(
                                new lienthong.gateway.message.SignedReceipt(signed.text(), moved),
                                TestNetwork.shared().view())
                        .isOk())
                .isFalse();
    }
}
