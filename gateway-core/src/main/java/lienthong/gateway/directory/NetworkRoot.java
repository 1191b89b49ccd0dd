package lienthong.gateway.directory;

import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * The root of trust of one network, parsed from its strict text of kind {@code authority}. SHA-256 of that text is the network's fingerprint,
 * which stands in the first line of everything that is signed in it. Immutable, thread-safe.
 *
 * <p>Source: docs/spec/directory.md, "The root".
 */
public final class NetworkRoot {
    private static final String KIND = "authority";
    private static final int KEY_BYTES_MAX = 4 * 1024;

    private final Bytes text;
    private final String name;
    private final Bytes p384Key;
    private final Bytes mldsa87Key;
    private final Hash ca;
    private final Hash fingerprint;

    private NetworkRoot(Bytes text, String name, Bytes p384Key, Bytes mldsa87Key, Hash ca) {
        this.text = text;
        this.name = name;
        this.p384Key = p384Key;
        this.mldsa87Key = mldsa87Key;
        this.ca = ca;
        this.fingerprint = Hash.of(text);
    }

    /**
     * From its parts.
     *
     * @param name the network's name, shown to operators; clean text
     * @param p384Key the P-384 verification key as {@code crypto.DoubleVerifier} encodes it
     * @param mldsa87Key the ML-DSA-87 verification key, likewise
     * @param ca SHA-256 of the root CA's certificate, whose key is the P-384 key
     */
    public static Result<NetworkRoot> of(String name, Bytes p384Key, Bytes mldsa87Key, Hash ca) {
        return Texts.name("network name", name)
                .then(clean -> parse(StrictText.write(null, KIND)
                        .line("name", clean)
                        .line("p384", p384Key.hex())
                        .line("mldsa87", mldsa87Key.hex())
                        .line("ca", ca.hex())
                        .done()));
    }

    /** From outside; refuses with DIRECTORY_INVALID what is not the one written form. */
    public static Result<NetworkRoot> parse(Bytes text) {
        Result<StrictText.Reader> frame = StrictText.read(text, null, KIND, Limits.DIRECTORY_TEXT_BYTES_MAX);
        if (!(frame instanceof Result.Ok<StrictText.Reader> framed)) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, frame.refusal().about());
        }
        StrictText.Reader reader = framed.value();
        String name = Texts.text(reader, "name", Limits.NAME_CHARS_MAX);
        Bytes p384 = key(reader, "p384");
        Bytes mldsa87 = key(reader, "mldsa87");
        Hash ca = reader.hash("ca");
        if (reader.network() != null) {
            reader.fail("line 1: the root names no network");
        }
        var fault = reader.end();
        return fault.isPresent()
                ? Result.no(ErrorCode.DIRECTORY_INVALID, fault.get().about())
                : Result.ok(new NetworkRoot(text, name, p384, mldsa87, ca));
    }

    private static Bytes key(StrictText.Reader reader, String name) {
        String hex = reader.line(name);
        Bytes key = hex.length() > 2 * KEY_BYTES_MAX ? null : Bytes.parseHex(hex, hex.length() / 2);
        if (key == null) {
            reader.fail(name + " is a key in lower-case hexadecimal");
            return Bytes.empty();
        }
        return key;
    }

    /** The bytes whose hash is the fingerprint. */
    public Bytes text() {
        return text;
    }

    public String name() {
        return name;
    }

    public Bytes p384Key() {
        return p384Key;
    }

    public Bytes mldsa87Key() {
        return mldsa87Key;
    }

    /** SHA-256 of the root CA's certificate. */
    public Hash ca() {
        return ca;
    }

    /** The network's fingerprint: what strict texts carry in their first line. */
    public Hash fingerprint() {
        return fingerprint;
    }

    /** The fingerprint as it is read aloud. */
    public SpokenFingerprint spoken() {
        return SpokenFingerprint.of(fingerprint);
    }

    /** Short for {@code spoken().words()}. */
    public java.util.List<String> words() {
        return spoken().words();
    }

    /** Short for {@code spoken().digits()}. */
    public String digits() {
        return spoken().digits();
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof NetworkRoot that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return name + " " + fingerprint;
    }
}
