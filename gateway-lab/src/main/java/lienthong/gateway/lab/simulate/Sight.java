package lienthong.gateway.lab.simulate;

import java.util.Locale;

/** Rare states that a thousand seeds must have seen each at least once: where one is never seen the simulator is blind. */
enum Sight {
    // ---- the people's and the machines' misfortunes, as they struck
    KILLED,
    KILLED_INSIDE_A_DISK_OPERATION,
    KILLED_WITHIN_A_SECOND_OF_A_START,
    POWER_CUT,
    POWER_CUT_INSIDE_A_DISK_OPERATION,
    POWER_CUT_OF_ALL,
    POWER_CUT_WHILE_STARTING,
    FSYNC_FAILED,
    STOPPED_BY_ITSELF,
    READ_FAILED,
    DISK_FULL,
    REFUSED_FOR_SPACE,
    OLD_COPY_RESTORED,
    OLD_COPY_REFUSED,
    OLD_COPY_THAT_MISSED_NOTHING,
    CLOCK_JUMPED_AHEAD,
    CLOCK_JUMPED_BACK,
    CLOCK_DRIFTS,
    APPLICATION_CRASHED,
    APPLICATION_CRASHED_BETWEEN_WORK_AND_ACKNOWLEDGEMENT,
    LINE_CUT,
    CONNECTION_BROKE,
    HALF_OPEN,
    SILENT_DIRECTION,
    CONNECT_HANGS,
    CONNECTED_OVER_HALF_OPEN,
    FRAMES_LOST,
    LINE_SLOW,
    // ---- what the sender saw
    ACCEPTED,
    ACCEPTED_AT_SECOND_ASKING,
    BUSY,
    ANSWER_LOST,
    SENDER_FORGOT_NOTHING_AFTER_RESTART,
    FAN_OUT,
    SPOOLED,
    ORDERED,
    URGENT_OVERTAKES_ROUTINE,
    DELIVERED_SEEN,
    CONSUMED_SEEN,
    RETURNED_BY_APPLICATION,
    RETURNED_AS_EXPIRED,
    SETTLED_SEEN,
    // ---- what the receiver saw
    GOT,
    REDELIVERED,
    REDELIVERED_AFTER_UNCONFIRMED_ACKNOWLEDGEMENT,
    ACKNOWLEDGED_ONLY_AFTER_RESTART,
    LEASE_LOST,
    RELEASED,
    FALSE_MARK,
    LARGE_CONTENT_READ,
    // ---- what nodes say of themselves
    TAKEN_OVER_BY_RELAY,
    CAME_AGAIN,
    HANDED_ON,
    DEAD_LETTER,
    LATE,
    ASKED_ALONG_THE_PATH,
    SPOOL_ORPHANS_REMOVED,
    SEGMENTS_REMOVED,
    ANSWERED_AS_DUPLICATE,
    NEIGHBOUR_TOLD_TO_COME_LATER,
    RECEIPT_CAME_HOME,
    BAD_REPORT_OF_A_NEIGHBOUR,
    STORM;

    /** As in tables and JSON. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
