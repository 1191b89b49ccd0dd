package lienthong.gateway.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.proto.wire.v1.Envelope;
import lienthong.proto.wire.v1.Notice;
import lienthong.proto.wire.v1.Seal;
import lienthong.proto.wire.v1.Slot;
import org.junit.jupiter.api.Test;

class EnvelopeWireTest {
    private final SealedEnvelope sealed = Kit.shared()
            .to(TestNetwork.DISTRICT, TestNetwork.HUB)
            .message("đi đường")
            .seal()
            .sealed();
    private final Envelope good = EnvelopeWire.toProto(sealed);

    private static void refuses(String what, Envelope.Builder bad) {
        Result<SealedEnvelope> read = EnvelopeWire.fromProto(bad.build(), 0);
        assertThat(read.isOk()).as(what).isFalse();
        assertThat(read.refusal().reason()).isEqualTo(ErrorCode.PROTOCOL);
    }

    private static ByteString bytes(int size) {
        return ByteString.copyFrom(new byte[size]);
    }

    @Test
    void whatWasWrittenIsReadAgain() {
        assertThat(EnvelopeWire.fromProto(good, 0).orBug()).isEqualTo(sealed);
        assertThat(EnvelopeWire.ofBytes(EnvelopeWire.toBytes(sealed)).orBug()).isEqualTo(sealed);
    }

    @Test
    void aSpooledCiphertextIsNamedByItsLength() {
        SealedEnvelope spooled = sealed.withCiphertext(new Ciphertext.Spooled(9, 5_000_000_000L));
        assertThat(EnvelopeWire.fromProto(EnvelopeWire.toProto(spooled), 9).orBug())
                .isEqualTo(spooled);
    }

    @Test
    void refusesFieldsAbsentOrTooLarge() {
        refuses("no core", good.toBuilder().clearCore());
        refuses("large core", good.toBuilder().setCore(bytes(Limits.HEADER_BYTES_MAX + 1)));
        refuses("no statement", good.toBuilder().clearStatement());
        refuses("large statement", good.toBuilder().setStatement(bytes(Limits.STATEMENT_BYTES_MAX + 1)));
        refuses("no seal", good.toBuilder().clearSeal());
        refuses("no ciphertext", good.toBuilder().clearCiphertext());
        refuses("empty ciphertext", good.toBuilder().setInline(ByteString.EMPTY));
        refuses("large ciphertext", good.toBuilder().setInline(bytes(Limits.INLINE_CIPHERTEXT_BYTES_MAX + 1)));
        refuses("length zero", good.toBuilder().setLength(0));
        refuses("length above 2^41", good.toBuilder().setLength((1L << 41) + 1));
        refuses("length negative", good.toBuilder().setLength(-1));
    }

    @Test
    void refusesSlotsOutOfOrderDoubledOrTooLarge() {
        Slot zero = good.getSlots(0);
        Slot one = good.getSlots(1);
        refuses("order", good.toBuilder().clearSlots().addSlots(one).addSlots(zero));
        refuses("twice", good.toBuilder().clearSlots().addSlots(one).addSlots(one));
        refuses("number", good.toBuilder().addSlots(zero.toBuilder().setNumber(1_001)));
        refuses(
                "number negative",
                good.toBuilder().clearSlots().addSlots(zero.toBuilder().setNumber(-1)));
        refuses("empty", good.toBuilder().addSlots(Slot.newBuilder().setNumber(5)));
        refuses(
                "large",
                good.toBuilder().addSlots(Slot.newBuilder().setNumber(5).setContent(bytes(Limits.SLOT_BYTES_MAX + 1))));
        Envelope.Builder many = good.toBuilder().clearSlots();
        for (int i = 0; i < 1_002; i++) {
            many.addSlots(Slot.newBuilder().setNumber(i).setContent(bytes(1)));
        }
        refuses("too many", many);
    }

    @Test
    void refusesSealsThatCannotBe() {
        Seal seal = good.getSeal();
        for (Seal.Builder bad : List.of(
                seal.toBuilder().setSize(0),
                seal.toBuilder().setSize(Limits.TREE_LEAVES_MAX + 1),
                seal.toBuilder().setIndex(1),
                seal.toBuilder().setIndex(-1),
                seal.toBuilder().addPath(bytes(31)),
                seal.toBuilder().clearCms(),
                seal.toBuilder().setCms(bytes(Limits.CMS_BYTES_MAX + 1)),
                seal.toBuilder().setPqCms(bytes(Limits.CMS_BYTES_MAX + 1)),
                seal.toBuilder().clearRootText(),
                seal.toBuilder().setRootText(bytes(Limits.ROOT_TEXT_BYTES_MAX + 1)))) {
            refuses("seal", good.toBuilder().setSeal(bad));
        }
        Seal.Builder path = seal.toBuilder();
        for (int i = 0; i < 11; i++) {
            path.addPath(bytes(32));
        }
        refuses("path", good.toBuilder().setSeal(path));
    }

    @Test
    void refusesUnknownFieldsAtEveryDepth() {
        UnknownFieldSet unknown = UnknownFieldSet.newBuilder()
                .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        refuses("envelope", good.toBuilder().setUnknownFields(unknown));
        refuses("seal", good.toBuilder().setSeal(good.getSeal().toBuilder().setUnknownFields(unknown)));
        refuses(
                "slot",
                good.toBuilder().setSlots(0, good.getSlots(0).toBuilder().setUnknownFields(unknown)));
    }

    @Test
    void refusesNoticesWithoutBodyOrText() {
        assertThat(EnvelopeWire.fromProto(Notice.getDefaultInstance()).isOk()).isFalse();
        assertThat(EnvelopeWire.fromProto(Notice.newBuilder()
                                .setSkip(lienthong.proto.wire.v1.SignedText.getDefaultInstance())
                                .build())
                        .isOk())
                .isFalse();
        assertThat(EnvelopeWire.fromProto(Notice.newBuilder()
                                .setRewrap(lienthong.proto.wire.v1.Rewrap.getDefaultInstance())
                                .build())
                        .isOk())
                .isFalse();
    }

    @Test
    void bytesThatAreNoMessageAreRefused() {
        assertThat(EnvelopeWire.ofBytes(Bytes.utf8("not protobuf")).isOk()).isFalse();
        assertThat(EnvelopeWire.ofBytes(Bytes.empty()).isOk()).isFalse();
    }
}
