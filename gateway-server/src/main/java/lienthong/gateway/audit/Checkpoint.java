package lienthong.gateway.audit;

import java.time.Instant;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * How the log stood: whoever holds a signed one can prove later that something was changed or cut off.
 *
 * @param network fingerprint of the network
 * @param node whose log
 * @param signer hash of the node's evidence certificate, by which it is signed
 * @param size events
 * @param root RFC 9162 root over their lines
 * @param at by the node's clock
 */
public record Checkpoint(Hash network, OrganisationId node, Hash signer, long size, Hash root, Instant at) {
    private static final String KIND = "audit-checkpoint";
    private static final int BYTES_MAX = 1024;

    /** The strict text that is signed. */
    public Bytes text() {
        return StrictText.write(network, KIND)
                .line("node", node)
                .line("signer", signer.hex())
                .line("size", size)
                .line("root", root.hex())
                .line("at", StrictText.time(at))
                .done();
    }

    /** Refuses what {@link #text} would not give back byte for byte. */
    public static Result<Checkpoint> parse(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, BYTES_MAX).then(reader -> {
            Result<OrganisationId> node = OrganisationId.parse(reader.line("node"));
            Hash signer = reader.hash("signer");
            long size = reader.number("size", Long.MAX_VALUE);
            Hash root = reader.hash("root");
            String at = reader.line("at");
            return node.then(id -> {
                try {
                    Checkpoint checkpoint = new Checkpoint(network, id, signer, size, root, Instant.parse(at));
                    return checkpoint.text().equals(text)
                            ? Result.ok(checkpoint)
                            : Result.no(ErrorCode.TEXT_NOT_CLEAN, "not a checkpoint's strict form");
                } catch (java.time.format.DateTimeParseException e) {
                    return Result.no(ErrorCode.TEXT_NOT_CLEAN, "at: not a time");
                }
            });
        });
    }

    /** With its signature, as handed to neighbours and kept. */
    public record Signed(Checkpoint checkpoint, Bytes signature) {}
}
