package lienthong.gateway.envelope;

import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.SealedEnvelope.Slot;

/**
 * A notice as it travels and is kept.
 *
 * @param kind which text it is
 * @param text strict text, at most {@link lienthong.gateway.message.Limits#RECEIPT_BYTES_MAX}
 * @param cms detached CMS SignedData over the text, DER
 * @param slot the new slot of a {@code REWRAP}; absent otherwise
 */
public record SignedNotice(Kind kind, Bytes text, Bytes cms, Optional<Slot> slot) {
    /** Which notice; the text's own first line must say the same. */
    public enum Kind {
        SKIP,
        REWRAP,
        /** The directory room's: carried here, judged there. */
        REJOIN
    }
}
