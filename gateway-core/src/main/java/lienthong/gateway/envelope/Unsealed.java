package lienthong.gateway.envelope;

import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Slot;

/**
 * An envelope complete but for its seal: waits for {@link SealBatch#sign}.
 *
 * @param header the core, parsed
 * @param core strict text
 * @param slots all of them: recipients in the core's order, the sender's own last
 * @param ciphertext inline or spooled
 * @param statement strict text
 * @param content the statement, parsed
 * @param leaf RFC 9162 leaf hash of the statement
 * @param manifests strict texts, in the order of the core's ids; not part of the envelope in clear, kept by the owner
 */
public record Unsealed(
        Header header,
        Bytes core,
        List<Slot> slots,
        Ciphertext ciphertext,
        Bytes statement,
        Statement content,
        Hash leaf,
        List<Bytes> manifests) {
    public Unsealed {
        slots = List.copyOf(slots);
        manifests = List.copyOf(manifests);
    }
}
