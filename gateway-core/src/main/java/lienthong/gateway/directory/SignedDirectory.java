package lienthong.gateway.directory;

import java.util.List;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;

/**
 * A directory as distributed: bytes as received, nothing checked but form and size. {@link DirectoryVerifier} makes a {@link Directory} of it.
 *
 * @param root strict text of the network's root; decides nothing, see {@link DirectoryVerifier}
 * @param head strict text that both signatures cover
 * @param signatures the authority's two
 * @param entries strict texts, ascending
 * @param certificates DER: the root CA's, then those the entries name
 * @param rootCrl DER, of the root CA
 */
public record SignedDirectory(
        Bytes root,
        Bytes head,
        DoubleSignature signatures,
        List<Bytes> entries,
        List<Bytes> certificates,
        Bytes rootCrl) {
    public SignedDirectory {
        entries = List.copyOf(entries);
        certificates = List.copyOf(certificates);
        Invariant.check(!entries.isEmpty(), "a directory has entries");
    }

    /** From the authority's parts: takes of the certificates those that are named, in order; DIRECTORY_INVALID when one is missing. */
    public static Result<SignedDirectory> of(
            NetworkRoot root,
            Bytes head,
            DoubleSignature signatures,
            List<Bytes> entries,
            List<Certificate> certificates,
            RevocationList rootCrl) {
        return DirectoryVerifier.orderCertificates(
                        root.text(),
                        entries,
                        certificates.stream().map(Certificate::der).toList())
                .map(ordered -> new SignedDirectory(root.text(), head, signatures, entries, ordered, rootCrl.der()));
    }

    /** SHA-256 of the head: names the version. */
    public Hash hash() {
        return Hash.of(head);
    }

    /** As it is written to files and sent over links; the same bytes for the same value. */
    public Bytes toBytes() {
        return DirectoryWire.write(this);
    }

    /** From outside; DIRECTORY_INVALID for what is not such a file or is too large. */
    public static Result<SignedDirectory> parse(Bytes bytes) {
        return DirectoryWire.parse(bytes);
    }
}
