package lienthong.gateway.delivery;

/** What can happen to a branch of an envelope. */
enum HopEvent {
    /** The directory names a neighbour. */
    ROUTED,
    /** The directory names none. */
    UNROUTED,
    /** Given to the neighbour's session. */
    GIVEN_OUT,
    /** The neighbour has custody, now or since before. */
    CUSTODY,
    /** The neighbour did not take it. */
    REFUSED,
    /** The session ended, or the parcel could not be sent. */
    LOST,
    /** The wait after a refusal is over, or the neighbour's hello ended it. */
    DUE,
    /** Every recipient of the branch has an end, or goes on in another branch. */
    ENDED
}
