package lienthong.gateway.delivery;

/** What can happen to one message of a local recipient. */
enum CopyEvent {
    /** Nothing before it is missing. */
    RELEASED,
    /** Lent to an application. */
    LEASED,
    /** The lease ended without an answer, or the application gave it back for now. */
    GIVEN_BACK,
    /** The application has taken it for good. */
    ACKNOWLEDGED,
    /** The application gave it back for good, or policy or lifetime did. */
    RETURNED,
    /** Given back too often. */
    POISONED,
    /** The operator lets it be tried again. */
    REVIVED
}
