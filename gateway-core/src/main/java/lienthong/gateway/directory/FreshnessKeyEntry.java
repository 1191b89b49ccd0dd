package lienthong.gateway.directory;

import java.time.Instant;
import lienthong.gateway.crypto.KeyAlgorithm;
import lienthong.gateway.crypto.VerifyingKey;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * That a key may sign freshness statements and nothing else (as the timestamp role of TUF): it lies on a machine that is always on, so that the
 * root key need not.
 *
 * @param key DER SubjectPublicKeyInfo, ECDSA P-256
 * @param from when its statements begin to count
 * @param until when they end to
 */
public record FreshnessKeyEntry(Bytes key, Instant from, Instant until) implements DirectoryEntry {
    static final String KIND = "freshness-key";

    /** SHA-256 of the key: how statements name it. */
    public Hash id() {
        return Hash.of(key);
    }

    @Override
    public String entryKey() {
        return KIND + " " + id();
    }

    @Override
    public Bytes text(Hash network) {
        return StrictText.write(network, KIND)
                .line("key", key.hex())
                .line("from", StrictText.time(from))
                .line("until", StrictText.time(until))
                .done();
    }

    static Result<FreshnessKeyEntry> parse(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                .then(reader -> {
                    String hex = reader.line("key");
                    Bytes key = Bytes.parseHex(hex, hex.length() / 2);
                    Instant from = reader.time("from");
                    Instant until = reader.time("until");
                    if (!from.isBefore(until)) {
                        reader.fail("until is after from");
                    }
                    boolean usable = key != null
                            && VerifyingKey.parse(key)
                                    .fold(parsed -> parsed.algorithm() == KeyAlgorithm.ECDSA_P256, no -> false);
                    if (!usable) {
                        reader.fail("key is an ECDSA P-256 key in lower-case hexadecimal");
                    }
                    return Texts.checked(
                            reader,
                            text,
                            () -> new FreshnessKeyEntry(key == null ? Bytes.empty() : key, from, until),
                            entry -> entry.text(network));
                });
    }
}
