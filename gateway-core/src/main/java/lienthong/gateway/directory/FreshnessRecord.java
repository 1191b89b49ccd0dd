package lienthong.gateway.directory;

import java.time.Instant;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * "At this time, this was the newest directory and there were so many revocations", by the delegated freshness key. Whoever holds an old one
 * knows that somebody may be keeping news from him.
 *
 * @param directory the newest version
 * @param revocations how many there are in it
 * @param time when this was said
 * @param signer SHA-256 of the freshness key
 * @param network fingerprint
 * @param text strict text of kind {@code freshness}, as received
 * @param signature ECDSA over the text, DER
 */
public record FreshnessRecord(
        DirectoryVersion directory,
        long revocations,
        Instant time,
        Hash signer,
        Hash network,
        Bytes text,
        Bytes signature)
        implements DirectoryRecord {
    static final int KIND_NUMBER = 5;
    private static final String KIND = "freshness";

    /** The text to sign. */
    public static Bytes text(Hash network, DirectoryVersion directory, long revocations, Instant time, Hash signer) {
        return StrictText.write(network, KIND)
                .line("directory", directory)
                .line("revocations", revocations)
                .line("time", StrictText.time(time))
                .line("signer", signer)
                .done();
    }

    /** From its parts, the text just signed. */
    public static FreshnessRecord of(
            Hash network, DirectoryVersion directory, long revocations, Instant time, Hash signer, Bytes signature) {
        return new FreshnessRecord(
                directory,
                revocations,
                time,
                signer,
                network,
                text(network, directory, revocations, time, signer),
                signature);
    }

    @Override
    public Bytes toBytes() {
        return DirectoryWire.write(new DirectoryWire.RecordParts(KIND_NUMBER, text, signature, Bytes.empty()));
    }

    static Result<FreshnessRecord> parse(DirectoryWire.RecordParts parts, Hash network) {
        return StrictText.read(parts.text(), network, KIND, Limits.DIRECTORY_TEXT_BYTES_MAX)
                .then(reader -> {
                    DirectoryVersion directory = Texts.version(reader, "directory");
                    long revocations = reader.number("revocations", Limits.DIRECTORY_ENTRIES_MAX);
                    Instant time = reader.time("time");
                    Hash signer = reader.hash("signer");
                    if (!parts.der().isEmpty()) {
                        reader.fail("a freshness statement carries no certificate");
                    }
                    return Texts.checked(
                            reader,
                            parts.text(),
                            () -> new FreshnessRecord(
                                    directory, revocations, time, signer, network, parts.text(), parts.cms()),
                            said -> text(network, directory, revocations, time, signer));
                });
    }
}
