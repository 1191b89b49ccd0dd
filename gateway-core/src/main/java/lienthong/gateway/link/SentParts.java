package lienthong.gateway.link;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SealedEnvelope;

/**
 * Whether what we would send keeps the limits that the peer checks. Without this one damaged envelope would close every session to a neighbour
 * for ever, since a session that closes offers it again.
 */
final class SentParts {
    private SentParts() {}

    /** Why it cannot be sent, if it cannot. */
    static Optional<Refusal> fault(SealedEnvelope envelope) {
        boolean slotsFit = envelope.slots().size() <= FrameShapes.SLOTS_MAX;
        int last = -1;
        long slotsBytes = 0;
        for (SealedEnvelope.Slot slot : envelope.slots()) {
            slotsFit &= slot.number() > last && slot.number() < FrameShapes.SLOTS_MAX;
            slotsFit &= isWithin(slot.bytes(), 1, Limits.SLOT_BYTES_MAX);
            slotsBytes += slot.bytes().size();
            last = slot.number();
        }
        boolean fits = isWithin(envelope.core(), 1, Limits.HEADER_BYTES_MAX)
                && isWithin(envelope.statement(), 1, Limits.STATEMENT_BYTES_MAX)
                && envelope.ciphertext().length() <= Limits.PAYLOAD_BYTES_MAX
                && slotsFit
                && slotsBytes <= Limits.SLOTS_BYTES_MAX
                && fits(envelope.seal());
        return fits ? Optional.empty() : beyond("envelope");
    }

    static Optional<Refusal> fault(CarriedReceipt receipt) {
        boolean fits = isWithin(receipt.receipt().text(), 1, Limits.RECEIPT_BYTES_MAX)
                && fits(receipt.receipt().seal());
        return fits ? Optional.empty() : beyond("receipt");
    }

    private static boolean fits(SealedEnvelope.Seal seal) {
        List<Hash> path = seal.path();
        return seal.index() >= 0
                && seal.index() < seal.size()
                && seal.size() <= Limits.TREE_LEAVES_MAX
                && path.size() <= FrameShapes.PATH_MAX
                && isWithin(seal.rootText(), 1, Limits.ROOT_TEXT_BYTES_MAX)
                && isWithin(seal.cms(), 1, Limits.CMS_BYTES_MAX)
                && seal.pqCms().map(pq -> isWithin(pq, 1, Limits.CMS_BYTES_MAX)).orElse(true);
    }

    private static boolean isWithin(Bytes bytes, int min, int max) {
        return bytes.size() >= min && bytes.size() <= max;
    }

    private static Optional<Refusal> beyond(String what) {
        return Optional.of(Refusal.of(ErrorCode.PROTOCOL, "a part of this {0} is beyond the link's limits", what));
    }
}
