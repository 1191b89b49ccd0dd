package lienthong.gateway.directory;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * What the authority's two signatures cover.
 *
 * @param network fingerprint
 * @param number version, from 1, rising by one
 * @param previous SHA-256 of the head before; empty for the first
 * @param entries how many
 * @param root of the RFC 9162 tree over the entries' texts in order
 * @param issued when it was signed
 * @param expires when nobody may start to use it any more
 */
public record DirectoryHead(
        Hash network, long number, Optional<Hash> previous, int entries, Hash root, Instant issued, Instant expires) {
    private static final String KIND = "directory";

    /** The strict text: what is signed, and whose hash names the version. */
    public Bytes text() {
        return StrictText.write(network, KIND)
                .line("version", number)
                .line("previous", previous)
                .line("entries", entries)
                .line("root", root)
                .line("issued", StrictText.time(issued))
                .line("expires", StrictText.time(expires))
                .done();
    }

    /** {@code number} and SHA-256 of {@link #text}. */
    public DirectoryVersion version() {
        return new DirectoryVersion(number, Hash.of(text()));
    }

    /** OTHER_NETWORK, or TEXT_NOT_CLEAN for anything but the one written form. */
    public static Result<DirectoryHead> parse(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, Limits.DIRECTORY_TEXT_BYTES_MAX)
                .then(reader -> {
                    long number = reader.number("version", Long.MAX_VALUE);
                    Optional<Hash> previous = Texts.optionalHash(reader, "previous");
                    int entries = (int) reader.number("entries", Limits.DIRECTORY_ENTRIES_MAX);
                    Hash root = reader.hash("root");
                    Instant issued = reader.time("issued");
                    Instant expires = reader.time("expires");
                    if (number < 1 || previous.isPresent() != (number > 1)) {
                        reader.fail("version counts from 1, and all but the first name the one before");
                    }
                    if (entries < 1) {
                        reader.fail("a directory has entries");
                    }
                    if (!issued.isBefore(expires)) {
                        reader.fail("expires before it is issued");
                    }
                    return Texts.checked(
                            reader,
                            text,
                            () -> new DirectoryHead(network, number, previous, entries, root, issued, expires),
                            DirectoryHead::text);
                });
    }
}
