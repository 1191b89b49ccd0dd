package lienthong.gateway.directory;

import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * The X.509 revocation list of an office's CA, so that openssl can check what we say. It proves itself; the text beside it only says whose it
 * is.
 *
 * @param ca SHA-256 of the CA's certificate
 * @param list parsed
 * @param network fingerprint
 * @param text strict text of kind {@code crl}, unsigned
 */
public record CrlRecord(Hash ca, RevocationList list, Hash network, Bytes text) implements DirectoryRecord {
    static final int KIND_NUMBER = 4;
    private static final String KIND = "crl";

    private static Bytes text(Hash network, Hash ca) {
        return StrictText.write(network, KIND).line("ca", ca).done();
    }

    /** From its parts. */
    public static CrlRecord of(Hash network, Hash ca, RevocationList list) {
        return new CrlRecord(ca, list, network, text(network, ca));
    }

    @Override
    public Bytes toBytes() {
        return DirectoryWire.write(new DirectoryWire.RecordParts(KIND_NUMBER, text, Bytes.empty(), list.der()));
    }

    static Result<CrlRecord> parse(DirectoryWire.RecordParts parts, Hash network) {
        return StrictText.read(parts.text(), network, KIND, Limits.DIRECTORY_TEXT_BYTES_MAX)
                .then(reader -> {
                    Hash ca = reader.hash("ca");
                    return Texts.checked(reader, parts.text(), () -> ca, value -> text(network, value));
                })
                .then(ca -> parts.cms().isEmpty()
                        ? RevocationList.parse(parts.der()).map(list -> new CrlRecord(ca, list, network, parts.text()))
                        : Result.no(ErrorCode.DIRECTORY_INVALID, "a revocation list is signed by itself"));
    }
}
