package lienthong.gateway.envelope;

import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/**
 * What a signature covers: the root of a tree of statements or of receipts. Source: docs/spec/envelope.md, "Root text".
 *
 * @param network fingerprint
 * @param kind of which leaves
 * @param suite 1 to 255
 * @param size leaves, 1 to {@link Limits#TREE_LEAVES_MAX}
 * @param root RFC 9162 tree hash
 */
public record RootText(Hash network, Kind kind, int suite, int size, Hash root) {
    /** What the leaves are, so that no signature over one kind serves as the other. */
    public enum Kind {
        SEAL("seal"),
        RECEIPT_SEAL("receipt-seal");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** The word in the text's first line. */
        public String word() {
            return word;
        }
    }

    public Bytes encode() {
        return StrictText.write(network, kind.word())
                .line("suite", suite)
                .line("size", size)
                .line("root", root)
                .done();
    }

    /**
     * Reads a root text as received.
     *
     * @param network the network it must belong to; null accepts any
     */
    public static Result<RootText> decode(Bytes text, @Nullable Hash network, Kind kind) {
        Result<StrictText.Reader> opened = StrictText.read(text, network, kind.word(), Limits.ROOT_TEXT_BYTES_MAX);
        if (!(opened instanceof Result.Ok<StrictText.Reader> ok)) {
            return Result.no(opened.refusal());
        }
        StrictText.Reader in = ok.value();
        Hash own = in.network();
        int suite = (int) in.number("suite", 255);
        int size = (int) in.number("size", Limits.TREE_LEAVES_MAX);
        Hash root = in.hash("root");
        if (own == null || suite == 0 || size == 0) {
            in.fail("network, suite and size are never absent or zero");
        }
        Optional<Refusal> fault = in.end();
        if (fault.isPresent() || own == null) {
            return Lines.no(fault);
        }
        RootText value = new RootText(own, kind, suite, size, root);
        return Lines.strictly(kind.word(), value, value.encode(), text);
    }
}
