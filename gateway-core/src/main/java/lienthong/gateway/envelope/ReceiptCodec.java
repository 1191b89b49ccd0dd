package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/** A receipt in its one written form. Thread-safe. Source: docs/spec/envelope.md, "Receipt". */
public final class ReceiptCodec {
    static final String KIND = "receipt";
    private static final Receipt.Subject NOTHING =
            new Receipt.Subject.Range(new Hash(Bytes.ofOwned(new byte[Hash.SIZE_BYTES])), 1, 0, 0);

    private ReceiptCodec() {}

    /** Writes a receipt; a reason where none belongs, or none where one does, is a {@link lienthong.gateway.message.Bug}. */
    public static Bytes encode(Receipt receipt) {
        Invariant.check(reasonFits(receipt.kind(), receipt.reason()), "reason of a receipt");
        return write(receipt);
    }

    /**
     * Reads a receipt as received; its signature is {@link ReceiptVerifier}'s matter.
     *
     * @param network the network it must belong to; null accepts any
     */
    public static Result<Receipt> decode(Bytes text, @Nullable Hash network) {
        Result<StrictText.Reader> opened = StrictText.read(text, network, KIND, Limits.RECEIPT_BYTES_MAX);
        if (!(opened instanceof Result.Ok<StrictText.Reader> ok)) {
            return Result.no(opened.refusal());
        }
        StrictText.Reader in = ok.value();
        Hash own = in.network();
        if (own == null) {
            in.fail("line 1: a receipt belongs to a network");
        }
        Receipt.Kind kind = kind(in, in.line("says"));
        Receipt.Subject subject = subject(in, in.line("about"));
        Address recipient = Lines.address(in, "recipient");
        Hash signer = in.hash("signer");
        Optional<ErrorCode> reason = in.optional("reason").map(digits -> Lines.reason(in, digits));
        Instant time = in.time("time");
        DirectoryVersion directory = Lines.directory(in);
        Incarnation incarnation = Lines.incarnation(in);
        long count = in.number("count", 1_000_000_000L);
        if (in.isClean() && !reasonFits(kind, reason)) {
            in.fail("returned and expired have a reason, delivered and consumed have none");
        }
        Optional<Refusal> fault = in.end();
        if (fault.isPresent() || own == null) {
            return Lines.no(fault);
        }
        Receipt receipt =
                new Receipt(own, kind, subject, recipient, signer, reason, time, directory, incarnation, count);
        return Lines.strictly(KIND, receipt, write(receipt), text);
    }

    private static boolean reasonFits(Receipt.Kind kind, Optional<ErrorCode> reason) {
        return reason.isPresent() == (kind == Receipt.Kind.RETURNED || kind == Receipt.Kind.EXPIRED);
    }

    private static Bytes write(Receipt receipt) {
        return StrictText.write(receipt.network(), KIND)
                .line("says", receipt.kind().word())
                .line("about", about(receipt.subject()))
                .line("recipient", receipt.recipient())
                .line("signer", receipt.signer())
                .line("reason", receipt.reason().map(ErrorCode::number))
                .line("time", StrictText.time(receipt.time()))
                .line("directory", receipt.directory())
                .line("incarnation", receipt.incarnation())
                .line("count", receipt.deliveryCount())
                .done();
    }

    private static String about(Receipt.Subject subject) {
        if (subject instanceof Receipt.Subject.One one) {
            return "message " + one.id() + " " + one.leaf().hex() + " "
                    + one.ciphertextRoot().hex();
        }
        Receipt.Subject.Range range = (Receipt.Subject.Range) subject;
        return "sealed " + range.sealRoot().hex() + " " + range.treeSize() + " " + range.first() + " " + range.last();
    }

    private static Receipt.Subject subject(StrictText.Reader in, String value) {
        if (value.startsWith("message ")) {
            String[] words = Lines.split(in, "about", value, 4);
            MessageId id = Lines.id(in, words[1]);
            return new Receipt.Subject.One(
                    id, in.parseHash("leaf", words[2]), in.parseHash("ciphertext root", words[3]));
        }
        if (!value.startsWith("sealed ")) {
            in.fail("about message or about sealed");
            return NOTHING;
        }
        String[] words = Lines.split(in, "about", value, 5);
        Hash root = in.parseHash("root", words[1]);
        int size = (int) in.parseNumber("tree size", words[2], Limits.TREE_LEAVES_MAX);
        int first = (int) in.parseNumber("first leaf", words[3], Limits.TREE_LEAVES_MAX);
        int last = (int) in.parseNumber("last leaf", words[4], Limits.TREE_LEAVES_MAX);
        if (first > last || last >= size) {
            in.fail("leaves in order and within the tree");
            return NOTHING;
        }
        return new Receipt.Subject.Range(root, size, first, last);
    }

    private static Receipt.Kind kind(StrictText.Reader in, String word) {
        for (Receipt.Kind kind : Receipt.Kind.values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        in.fail("a receipt says delivered, consumed, returned or expired");
        return Receipt.Kind.DELIVERED;
    }
}
