package lienthong.gateway.envelope;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Slot;
import lienthong.gateway.message.SignedReceipt;
import lienthong.proto.wire.v1.Envelope;
import lienthong.proto.wire.v1.Notice;
import lienthong.proto.wire.v1.Rewrap;
import lienthong.proto.wire.v1.Seal;
import lienthong.proto.wire.v1.SignedText;

/**
 * Envelopes, receipts and notices between values and {@code lienthong.wire.v1}. Each way in is bounded and refuses unknown fields; nothing inside
 * is parsed or judged. Thread-safe. Source: proto/lienthong/wire/v1/envelope.proto.
 */
public final class EnvelopeWire {
    private EnvelopeWire() {}

    /** The message form of an envelope; a spooled ciphertext is named by its length alone. Shares memory with the value. */
    public static Envelope toProto(SealedEnvelope sealed) {
        Envelope.Builder out = Envelope.newBuilder()
                .setCore(wrap(sealed.core()))
                .setStatement(wrap(sealed.statement()))
                .setSeal(toProto(sealed.seal()));
        for (Slot slot : sealed.slots()) {
            out.addSlots(toProto(slot));
        }
        if (sealed.ciphertext() instanceof Ciphertext.Inline inline) {
            out.setInline(wrap(inline.bytes()));
        } else {
            out.setLength(sealed.ciphertext().length());
        }
        return out.build();
    }

    /**
     * Reads an envelope's message form.
     *
     * @param spoolId where a ciphertext that is not inline lies or will lie; given back in {@link Ciphertext.Spooled}
     * @return the parts as received, or {@code PROTOCOL} naming the field
     */
    public static Result<SealedEnvelope> fromProto(Envelope in, long spoolId) {
        if (hasUnknown(in)) {
            return no("envelope: unknown field");
        }
        if (in.getCore().isEmpty() || in.getCore().size() > Limits.HEADER_BYTES_MAX) {
            return no("envelope.core: 1 to " + Limits.HEADER_BYTES_MAX + " bytes");
        }
        if (in.getStatement().isEmpty() || in.getStatement().size() > Limits.STATEMENT_BYTES_MAX) {
            return no("envelope.statement: 1 to " + Limits.STATEMENT_BYTES_MAX + " bytes");
        }
        if (in.getSlotsCount() > Limits.RECIPIENTS_MAX + 1) {
            return no("envelope.slots: at most " + (Limits.RECIPIENTS_MAX + 1));
        }
        List<Slot> slots = new ArrayList<>(in.getSlotsCount());
        int last = -1;
        for (lienthong.proto.wire.v1.Slot one : in.getSlotsList()) {
            Result<Slot> slot = fromProto(one);
            if (!(slot instanceof Result.Ok<Slot> ok) || ok.value().number() <= last) {
                return no("envelope.slots: ascending, each within its limits");
            }
            last = ok.value().number();
            slots.add(ok.value());
        }
        Ciphertext ciphertext;
        switch (in.getCiphertextCase()) {
            case INLINE -> {
                if (in.getInline().isEmpty() || in.getInline().size() > Limits.INLINE_CIPHERTEXT_BYTES_MAX) {
                    return no("envelope.inline: 1 to " + Limits.INLINE_CIPHERTEXT_BYTES_MAX + " bytes");
                }
                ciphertext = new Ciphertext.Inline(bytes(in.getInline()));
            }
            case LENGTH -> {
                if (in.getLength() <= 0 || in.getLength() > EnvelopeLimits.CIPHERTEXT_BYTES_MAX) {
                    return no("envelope.length: 1 to " + EnvelopeLimits.CIPHERTEXT_BYTES_MAX);
                }
                ciphertext = new Ciphertext.Spooled(spoolId, in.getLength());
            }
            default -> {
                return no("envelope: no ciphertext");
            }
        }
        if (!in.hasSeal()) {
            return no("envelope.seal: absent");
        }
        return fromProto(in.getSeal())
                .map(seal ->
                        new SealedEnvelope(bytes(in.getCore()), slots, ciphertext, bytes(in.getStatement()), seal));
    }

    /** A whole envelope as a file or a record, ciphertext inline. */
    public static Bytes toBytes(SealedEnvelope sealed) {
        return Bytes.ofOwned(toProto(sealed).toByteArray());
    }

    /** Reads {@link #toBytes}; {@code PROTOCOL} for anything malformed. */
    public static Result<SealedEnvelope> ofBytes(Bytes content) {
        try {
            return fromProto(Envelope.parseFrom(wrap(content)), 0);
        } catch (InvalidProtocolBufferException malformed) {
            return no("envelope: not a message of this type");
        }
    }

    public static lienthong.proto.wire.v1.Slot toProto(Slot slot) {
        return lienthong.proto.wire.v1.Slot.newBuilder()
                .setNumber(slot.number())
                .setContent(wrap(slot.bytes()))
                .build();
    }

    public static Result<Slot> fromProto(lienthong.proto.wire.v1.Slot in) {
        if (hasUnknown(in)
                || in.getNumber() < 0
                || in.getNumber() > Limits.RECIPIENTS_MAX
                || in.getContent().isEmpty()
                || in.getContent().size() > Limits.SLOT_BYTES_MAX) {
            return no("slot: number up to " + Limits.RECIPIENTS_MAX + ", 1 to " + Limits.SLOT_BYTES_MAX + " bytes");
        }
        return Result.ok(new Slot(in.getNumber(), bytes(in.getContent())));
    }

    public static Seal toProto(SealedEnvelope.Seal seal) {
        Seal.Builder out = Seal.newBuilder()
                .setIndex(seal.index())
                .setSize(seal.size())
                .setRootText(wrap(seal.rootText()))
                .setCms(wrap(seal.cms()));
        for (Hash hash : seal.path()) {
            out.addPath(wrap(hash.bytes()));
        }
        seal.pqCms().ifPresent(cms -> out.setPqCms(wrap(cms)));
        return out.build();
    }

    public static Result<SealedEnvelope.Seal> fromProto(Seal in) {
        if (hasUnknown(in)) {
            return no("seal: unknown field");
        }
        if (in.getSize() < 1
                || in.getSize() > Limits.TREE_LEAVES_MAX
                || in.getIndex() < 0
                || in.getIndex() >= in.getSize()) {
            return no("seal: index below size, size 1 to " + Limits.TREE_LEAVES_MAX);
        }
        if (in.getPathCount() > EnvelopeLimits.PATH_HASHES_MAX) {
            return no("seal.path: at most " + EnvelopeLimits.PATH_HASHES_MAX + " hashes");
        }
        List<Hash> path = new ArrayList<>(in.getPathCount());
        for (ByteString hash : in.getPathList()) {
            if (hash.size() != Hash.SIZE_BYTES) {
                return no("seal.path: hashes of 32 bytes");
            }
            path.add(new Hash(bytes(hash)));
        }
        if (in.getRootText().isEmpty() || in.getRootText().size() > Limits.ROOT_TEXT_BYTES_MAX) {
            return no("seal.root_text: 1 to " + Limits.ROOT_TEXT_BYTES_MAX + " bytes");
        }
        if (in.getCms().isEmpty()
                || in.getCms().size() > Limits.CMS_BYTES_MAX
                || in.getPqCms().size() > Limits.CMS_BYTES_MAX) {
            return no("seal.cms: 1 to " + Limits.CMS_BYTES_MAX + " bytes");
        }
        Optional<Bytes> pqCms = in.getPqCms().isEmpty() ? Optional.empty() : Optional.of(bytes(in.getPqCms()));
        return Result.ok(new SealedEnvelope.Seal(
                in.getIndex(), in.getSize(), path, bytes(in.getRootText()), bytes(in.getCms()), pqCms));
    }

    public static lienthong.proto.wire.v1.SignedReceipt toProto(SignedReceipt receipt) {
        return lienthong.proto.wire.v1.SignedReceipt.newBuilder()
                .setText(wrap(receipt.text()))
                .setSeal(toProto(receipt.seal()))
                .build();
    }

    public static Result<SignedReceipt> fromProto(lienthong.proto.wire.v1.SignedReceipt in) {
        if (hasUnknown(in)
                || in.getText().isEmpty()
                || in.getText().size() > Limits.RECEIPT_BYTES_MAX
                || !in.hasSeal()) {
            return no("receipt: text of 1 to " + Limits.RECEIPT_BYTES_MAX + " bytes and a seal");
        }
        return fromProto(in.getSeal()).map(seal -> new SignedReceipt(bytes(in.getText()), seal));
    }

    public static Notice toProto(SignedNotice notice) {
        SignedText signed = SignedText.newBuilder()
                .setText(wrap(notice.text()))
                .setCms(wrap(notice.cms()))
                .build();
        Notice.Builder out = Notice.newBuilder();
        switch (notice.kind()) {
            case SKIP -> out.setSkip(signed);
            case REJOIN -> out.setRejoin(signed);
            case REWRAP ->
                out.setRewrap(Rewrap.newBuilder()
                        .setSigned(signed)
                        .setSlot(toProto(notice.slot()
                                .orElseThrow(() -> new lienthong.gateway.message.Bug("a re-wrap without a slot")))));
        }
        return out.build();
    }

    public static Result<SignedNotice> fromProto(Notice in) {
        if (hasUnknown(in)) {
            return no("notice: unknown field");
        }
        return switch (in.getBodyCase()) {
            case SKIP -> signed(SignedNotice.Kind.SKIP, in.getSkip(), Optional.empty());
            case REJOIN -> signed(SignedNotice.Kind.REJOIN, in.getRejoin(), Optional.empty());
            case REWRAP ->
                hasUnknown(in.getRewrap())
                        ? no("notice.rewrap: unknown field")
                        : fromProto(in.getRewrap().getSlot())
                                .then(slot -> signed(
                                        SignedNotice.Kind.REWRAP, in.getRewrap().getSigned(), Optional.of(slot)));
            case BODY_NOT_SET -> no("notice: empty");
        };
    }

    /** A notice's bytes as links carry and stores keep them. */
    public static Bytes noticeBytes(SignedNotice notice) {
        return Bytes.ofOwned(toProto(notice).toByteArray());
    }

    /** A notice from outside; {@code PROTOCOL} for what is none or is above its limits. */
    public static Result<SignedNotice> parseNotice(Bytes bytes) {
        try {
            return fromProto(Notice.parseFrom(bytes.asBuffer()));
        } catch (com.google.protobuf.InvalidProtocolBufferException malformed) {
            return no("notice: malformed");
        }
    }

    private static Result<SignedNotice> signed(SignedNotice.Kind kind, SignedText in, Optional<Slot> slot) {
        if (hasUnknown(in)
                || in.getText().isEmpty()
                || in.getText().size() > Limits.RECEIPT_BYTES_MAX
                || in.getCms().isEmpty()
                || in.getCms().size() > Limits.CMS_BYTES_MAX) {
            return no("notice: text of 1 to " + Limits.RECEIPT_BYTES_MAX + " bytes and a signature");
        }
        return Result.ok(new SignedNotice(kind, bytes(in.getText()), bytes(in.getCms()), slot));
    }

    private static boolean hasUnknown(com.google.protobuf.Message in) {
        return !in.getUnknownFields().asMap().isEmpty();
    }

    private static <T> Result<T> no(String what) {
        return Result.no(ErrorCode.PROTOCOL, Detail.technical(what));
    }

    /** Our bytes never change, so that protobuf may look at them in place. */
    private static ByteString wrap(Bytes bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes.asBuffer());
    }

    private static Bytes bytes(ByteString bytes) {
        return Bytes.ofOwned(bytes.toByteArray());
    }
}
