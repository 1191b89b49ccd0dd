package lienthong.gateway.envelope;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.Service;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/** The manifest in its one written form. Thread-safe. Source: docs/spec/envelope.md, "Manifest". */
public final class ManifestCodec {
    static final String KIND = "manifest";

    private ManifestCodec() {}

    public static Bytes encode(Manifest manifest) {
        StrictText.Writer out = StrictText.write(manifest.network(), KIND)
                .line("id", manifest.id())
                .line("salt", manifest.salt().hex())
                .line("service", manifest.service())
                .line("subject", manifest.subject())
                .line("content-type", manifest.contentType())
                .line("correlation", manifest.correlation())
                .line("ordering", manifest.ordering());
        for (Manifest.Part part : manifest.parts()) {
            out.line("name", part.name())
                    .line("type", part.type())
                    .line("bytes", part.length() + " " + part.hash().hex());
        }
        return out.done();
    }

    /**
     * Reads a manifest as found in a payload.
     *
     * @param network the network it must belong to; null accepts any
     */
    public static Result<Manifest> decode(Bytes text, @Nullable Hash network) {
        Result<StrictText.Reader> opened = StrictText.read(text, network, KIND, Limits.MANIFEST_BYTES_MAX);
        if (!(opened instanceof Result.Ok<StrictText.Reader> ok)) {
            return Result.no(opened.refusal());
        }
        StrictText.Reader in = ok.value();
        Hash own = in.network();
        if (own == null) {
            in.fail("line 1: a manifest belongs to a network");
        }
        MessageId id = Lines.id(in, in.line("id"));
        Bytes salt = Bytes.parseHex(in.line("salt"), Manifest.SALT_BYTES);
        if (salt == null) {
            in.fail("salt is 64 lower-case hexadecimal digits");
        }
        Service service = in.value(Service.parse(in.line("service")), Service.DOCUMENT);
        Optional<String> subject = text(in, "subject", ManifestTexts::subject);
        Optional<String> contentType = text(in, "content-type", ManifestTexts::type);
        Optional<String> correlation = text(in, "correlation", ManifestTexts::correlation);
        Optional<String> ordering = text(in, "ordering", ManifestTexts::ordering);
        List<Manifest.Part> parts = new ArrayList<>();
        while (in.isClean() && in.isAt("name")) {
            parts.add(part(in));
            if (parts.size() > Limits.PARTS_MAX) {
                in.fail("more than " + Limits.PARTS_MAX + " parts");
            }
        }
        Optional<Refusal> fault = in.end();
        if (fault.isPresent() || own == null || salt == null) {
            return Lines.no(fault);
        }
        Manifest manifest = new Manifest(own, id, salt, service, subject, contentType, correlation, ordering, parts);
        return Lines.strictly(KIND, manifest, encode(manifest), text);
    }

    private static Manifest.Part part(StrictText.Reader in) {
        String name = in.value(ManifestTexts.name(in.line("name")), "");
        String type = in.value(ManifestTexts.type(in.line("type")), "");
        String[] bytes = Lines.words(in, "bytes", 2);
        long length = in.parseNumber("length", bytes[0], Limits.PAYLOAD_BYTES_MAX);
        Hash hash = in.parseHash("hash", bytes[1]);
        return new Manifest.Part(name, type, length, hash);
    }

    private static Optional<String> text(
            StrictText.Reader in, String name, java.util.function.Function<String, Result<String>> rule) {
        return in.optional(name).map(value -> in.value(rule.apply(value), value));
    }
}
