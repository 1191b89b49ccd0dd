package lienthong.gateway.envelope;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/** The statement in its one written form. Thread-safe. Source: docs/spec/envelope.md, "Statement". */
public final class StatementCodec {
    static final String KIND = "statement";

    private StatementCodec() {}

    public static Bytes encode(Statement statement) {
        return StrictText.write(statement.network(), KIND)
                .line("core", statement.core())
                .line("ciphertext", statement.ciphertextRoot().hex() + " " + statement.ciphertextLength())
                .lines("manifest", statement.manifests())
                .lines("slot", statement.slots())
                .done();
    }

    /**
     * Reads a statement as received.
     *
     * @param network the network it must belong to; null accepts any
     */
    public static Result<Statement> decode(Bytes text, @Nullable Hash network) {
        Result<StrictText.Reader> opened = StrictText.read(text, network, KIND, Limits.STATEMENT_BYTES_MAX);
        if (!(opened instanceof Result.Ok<StrictText.Reader> ok)) {
            return Result.no(opened.refusal());
        }
        StrictText.Reader in = ok.value();
        Hash own = in.network();
        if (own == null) {
            in.fail("line 1: a statement belongs to a network");
        }
        Hash core = in.hash("core");
        String[] ciphertext = Lines.words(in, "ciphertext", 2);
        Hash root = in.parseHash("ciphertext root", ciphertext[0]);
        long length = in.parseNumber("ciphertext length", ciphertext[1], EnvelopeLimits.CIPHERTEXT_BYTES_MAX);
        List<Hash> manifests = hashes(in, "manifest", 1, Limits.BUNDLE_MESSAGES_MAX);
        List<Hash> slots = hashes(in, "slot", 2, Limits.RECIPIENTS_MAX + 1);
        Optional<Refusal> fault = in.end();
        if (fault.isPresent() || own == null) {
            return Lines.no(fault);
        }
        Statement statement = new Statement(own, core, root, length, manifests, slots);
        return Lines.strictly(KIND, statement, encode(statement), text);
    }

    private static List<Hash> hashes(StrictText.Reader in, String name, int min, int max) {
        List<String> lines = in.lines(name, min, max);
        List<Hash> hashes = new ArrayList<>(lines.size());
        for (String hex : lines) {
            hashes.add(in.parseHash(name, hex));
        }
        return hashes;
    }
}
