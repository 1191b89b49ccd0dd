package lienthong.gateway.envelope.evidence;

import java.util.List;
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
    public AuditProof {
        path = List.copyOf(path);
    }
}
