package lienthong.gateway.envelope.evidence;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/**
 * That the exporting node's audit log says something of the message: one of its lines, the way up to a root, and that root signed by the node.
 *
 * @param entry the line with its line feed
 * @param index its place in the log
 * @param path RFC 9162 inclusion path in the log of the checkpoint's size, lowest sibling first
 * @param checkpoint strict text of kind {@code audit-checkpoint}
 * @param cms over it, by the certificate that it names
 */
public record AuditProof(Bytes entry, long index, List<Hash> path, Bytes checkpoint, Bytes cms) {
    static final int FIELDS = 8;
    static final int DETAIL = 6;

    public AuditProof {
        path = List.copyOf(path);
    }

    /** The text of kind {@code sequence} that a line about an envelope's coming names, if it does: its hash stands before the leaf. */
    static Optional<Hash> sequenceNamedBy(Bytes entry) {
        String[] fields = entry.utf8().split(" \\| ", -1);
        String[] words = fields.length == FIELDS ? fields[DETAIL].split(" ", -1) : new String[0];
        return words.length > 4 && words[words.length - 4].equals("sequence")
                ? Optional.ofNullable(Hash.parse(words[words.length - 3]))
                : Optional.empty();
    }
}
