package lienthong.gateway.directory;

import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * That a certificate is in use, and after which other. The first of a key set is signed by its own key (possession), each later one by the
 * key before: whoever copied an invitation can make a second beginning, which is a fork, but not a continuation.
 *
 * @param purpose what it is for
 * @param holder the address; for a node's certificates the office the node is named after
 * @param certificate the leaf
 * @param previous SHA-256 of the certificate it follows; empty for the first of a key set
 * @param network fingerprint
 * @param text strict text of kind {@code certificate}, as received
 * @param cms detached, over the text
 */
public record CertificateRecord(
        Purpose purpose,
        Address holder,
        Certificate certificate,
        Optional<Hash> previous,
        Hash network,
        Bytes text,
        Bytes cms)
        implements DirectoryRecord {
    static final int KIND_NUMBER = 1;
    private static final String KIND = "certificate";

    /** What a leaf certificate is for. */
    public enum Purpose {
        /** Seals, receipts and key bundles of an address. */
        ADDRESS,
        /** A node's side of links. */
        NODE_TLS,
        /** Receipts a node signs for the addresses it serves. */
        EVIDENCE,
        /** An embedded client's side of its link. */
        CLIENT_TLS
    }

    /** The text to sign. */
    public static Bytes text(Hash network, Purpose purpose, Address holder, Hash certificate, Optional<Hash> previous) {
        return StrictText.write(network, KIND)
                .line("purpose", Texts.wordOf(purpose))
                .line("holder", holder)
                .line("certificate", certificate)
                .line("previous", previous)
                .done();
    }

    /** From its parts, the text just signed. */
    public static CertificateRecord of(
            Hash network,
            Purpose purpose,
            Address holder,
            Certificate certificate,
            Optional<Hash> previous,
            Bytes cms) {
        return new CertificateRecord(
                purpose,
                holder,
                certificate,
                previous,
                network,
                text(network, purpose, holder, certificate.hash(), previous),
                cms);
    }

    @Override
    public Bytes toBytes() {
        return DirectoryWire.write(new DirectoryWire.RecordParts(KIND_NUMBER, text, cms, certificate.der()));
    }

    static Result<CertificateRecord> parse(DirectoryWire.RecordParts parts, Hash network) {
        return StrictText.read(parts.text(), network, KIND, Limits.DIRECTORY_TEXT_BYTES_MAX)
                .then(reader -> {
                    Purpose purpose = Texts.word(reader, "purpose", Purpose.class, reader.line("purpose"));
                    Address holder = Texts.address(reader, "holder");
                    Hash hash = reader.hash("certificate");
                    Optional<Hash> previous = Texts.optionalHash(reader, "previous");
                    return Texts.checked(
                                    reader,
                                    parts.text(),
                                    () -> hash,
                                    value -> text(network, purpose, holder, value, previous))
                            .then(value -> Certificate.parse(parts.der()))
                            .then(certificate -> certificate.hash().equals(hash)
                                    ? Result.ok(new CertificateRecord(
                                            purpose, holder, certificate, previous, network, parts.text(), parts.cms()))
                                    : Result.no(
                                            ErrorCode.DIRECTORY_INVALID, "another certificate than the text names"));
                });
    }
}
