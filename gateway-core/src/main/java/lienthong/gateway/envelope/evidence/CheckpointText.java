package lienthong.gateway.envelope.evidence;

import java.time.Instant;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * What a node signs of its audit log, as readers of evidence see it. Source: docs/spec/audit.md, "Checkpoint".
 *
 * @param signer hash of the node's evidence certificate
 * @param size lines of the log
 * @param root RFC 9162 root over them
 */
record CheckpointText(OrganisationId node, Hash signer, long size, Hash root, Instant at) {
    static final String KIND = "audit-checkpoint";
    private static final int BYTES_MAX = 1024;

    static Result<CheckpointText> decode(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, BYTES_MAX).then(in -> {
            Result<OrganisationId> node = OrganisationId.parse(in.line("node"));
            Hash signer = in.hash("signer");
            long size = in.number("size", Long.MAX_VALUE);
            Hash root = in.hash("root");
            Instant at = in.time("at");
            var fault = in.end();
            if (fault.isPresent()) {
                return Result.no(fault.get());
            }
            return node.then(id -> {
                Bytes again = StrictText.write(network, KIND)
                        .line("node", id)
                        .line("signer", signer)
                        .line("size", size)
                        .line("root", root)
                        .line("at", StrictText.time(at))
                        .done();
                return again.equals(text)
                        ? Result.ok(new CheckpointText(id, signer, size, root, at))
                        : Result.no(ErrorCode.TEXT_NOT_CLEAN, "checkpoint: not in its one written form");
            });
        });
    }
}
