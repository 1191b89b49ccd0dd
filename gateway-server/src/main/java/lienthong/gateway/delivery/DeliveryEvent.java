package lienthong.gateway.delivery;

import java.util.Optional;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;

/**
 * Something the audit log and the operator want to know.
 *
 * @param code its numbered reason
 * @param id message concerned, where there is one
 * @param detail addresses, numbers, neighbours; never content
 */
public record DeliveryEvent(What what, Optional<ErrorCode> code, Optional<MessageId> id, String detail) {
    /** What happened. */
    public enum What {
        ACCEPTED,
        TAKEN_OVER,
        /** A neighbour brought what is or was here: after a cut, or as a replay. Told in bounds, see {@link CameAgain}. */
        CAME_AGAIN,
        HANDED_ON,
        ENDED,
        SETTLED,
        REFUSED,
        /** Bad on purpose or by damage; the bytes are kept as evidence by whoever has them. */
        QUARANTINED,
        LATE,
        DEAD_LETTER,
        GAP_CLOSED,
        /** A sender's hashes of previous cores contradict each other: proof of two histories under one key. */
        SEQUENCE_BROKEN,
        /** A recipient's keys changed: its slot was made anew here, or opened here. */
        REWRAPPED
    }
}
