package lienthong.gateway.link;

import java.util.Optional;
import lienthong.gateway.message.ErrorCode;

/** Why a session was closed on purpose. The numbers stand on the wire and are never reused. */
public enum CloseReason {
    /** This side stops; come back. */
    GOING_AWAY(1, ErrorCode.STOPPING),
    /** A malformed frame, or one out of its state. */
    PROTOCOL(2, ErrorCode.PROTOCOL),
    /** A length above the limit, or negative. */
    FRAME_TOO_LARGE(3, ErrorCode.FRAME_TOO_LARGE),
    /** A frame type unknown here and not flagged optional. */
    UNKNOWN_FRAME(4, ErrorCode.UNKNOWN_FRAME),
    /** No version in common. */
    VERSION(5, ErrorCode.VERSION),
    /** The certificate is not one for this session, or the peer acts for others. */
    IDENTITY(6, ErrorCode.WHO_ARE_YOU),
    /** The certificate or the organisation is revoked. */
    REVOKED(7, ErrorCode.REVOKED),
    /** More was sent than had been granted. */
    CREDIT(8, ErrorCode.CREDIT),
    /** Less than 1 KiB in 30 s though something was due. */
    TOO_SLOW(9, ErrorCode.TOO_SLOW),
    /** A custody number was given back that the disk here does not hold. */
    DISK_OLDER(10, ErrorCode.DISK_OLDER),
    /** No room for a session now; the retry-after says when. */
    BUSY(11, ErrorCode.ADMISSION),
    /** The clocks are too far apart for this session. */
    CLOCK(12, ErrorCode.CLOCK_FAR_AHEAD),
    /** A newer session of the same peer has taken its place. */
    REPLACED(13, ErrorCode.NEIGHBOUR_AWAY),
    /** The store here takes and gives nothing more. */
    STORE_STOPPED(14, ErrorCode.FSYNC_FAILED),
    /** Another network's root. */
    OTHER_NETWORK(15, ErrorCode.OTHER_NETWORK),
    /** Our own mistake. */
    BUG(16, ErrorCode.INVARIANT);

    private final int number;
    private final ErrorCode error;

    CloseReason(int number, ErrorCode error) {
        this.number = number;
        this.error = error;
    }

    /** 1 to 16. */
    public int number() {
        return number;
    }

    /** The entry of the one list of errors that logs and counters name. */
    public ErrorCode error() {
        return error;
    }

    /** By number as it stands on the wire. */
    public static Optional<CloseReason> ofNumber(int number) {
        return number >= 1 && number <= values().length ? Optional.of(values()[number - 1]) : Optional.empty();
    }
}
