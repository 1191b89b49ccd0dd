package lienthong.gateway.delivery;

/** Why an application gives a message back. */
public sealed interface GiveBack {
    /** Not now: it comes again, marked, up to {@link DeliveryPolicy#returnsMax} times. */
    record Later() implements GiveBack {}

    /** The application went, and had others before it: it comes again, marked, and that counts for nothing. */
    record Unread() implements GiveBack {}

    /** Never: the sender gets a signed return with code {@code RETURNED_BY_APPLICATION} and what the node's signer adds. */
    record ForGood(lienthong.gateway.message.ErrorCode code) implements GiveBack {}
}
