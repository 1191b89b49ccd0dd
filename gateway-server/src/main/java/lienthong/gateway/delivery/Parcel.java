package lienthong.gateway.delivery;

import java.time.Duration;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.SealedEnvelope;

/**
 * One thing to send to a neighbour. Each ends in exactly one of {@link Delivery#handed}, {@link Delivery#rejected}, {@link Delivery#returned} or, for
 * all of a session, {@link Delivery#neighbourLost}; an {@link Asking} or {@link Telling} is done when it was given out.
 */
public sealed interface Parcel {
    /** Names it in the answers; unique in this process. */
    long token();

    /**
     * An envelope with the slots of this branch only.
     *
     * @param age how long it has been on its way: the origin's claim and the dwell times of all hops, this one included
     */
    record Envelope(long token, SealedEnvelope sealed, EnvelopeFacts facts, Duration age) implements Parcel {}

    /** A receipt on its way home. */
    record Home(long token, RoutedReceipt receipt) implements Parcel {}

    /** A signed notice on its way to a recipient's node. */
    record Word(long token, RoutedNotice notice) implements Parcel {}

    /** A question after a message. */
    record Asking(long token, Query query) implements Parcel {}

    /** An answer to a question. */
    record Telling(long token, Known known) implements Parcel {}
}
