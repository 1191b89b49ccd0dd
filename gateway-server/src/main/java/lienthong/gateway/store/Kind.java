package lienthong.gateway.store;

import java.util.Optional;

/**
 * What a stored value is about. The store treats all alike; the names are here so that numbers are given once. A key is unique within its
 * kind. Numbers stand in the log and are never reused.
 */
public enum Kind {
    /** Delivery's state of one envelope. */
    HEAD(1),
    /** The sealed envelope as received: core, statement, seal, slots, small payload; a large payload is a spool file the record names. */
    BODY(2),
    /** One recipient's end of one envelope. */
    END(3),
    /** Client id of an application's message and the answer it got first. */
    CLIENT(4),
    /** Last number given and hash of the last core, per (incarnation, recipient). */
    NUMBERS(5),
    /** Exact interval sets of numbers received, per (sender incarnation, recipient). */
    SEEN(6),
    /** An id received, where numbers cannot be read. */
    SEEN_ID(7),
    /** Custody counters and their MACs, per neighbour. */
    CUSTODY(8),
    /** A signed notice waiting to be passed on: skip, re-wrap, re-join. */
    NOTICE(9),
    /** An application is attached to an address: after an unclean start its unacknowledged messages carry the mark "redelivered". */
    CONSUMER(10),
    /** Receipts on their way. */
    RECEIPT(11),
    /** The signed directory in force and those that came before and are still asked for. */
    DIRECTORY(12),
    /** The node's own: incarnation, last signed time, format marks. */
    NODE(13),
    /** An application's message accepted and not yet part of a sealed envelope. */
    DRAFT(14),
    /** A message set aside for the operator: poison, no route, conflict. */
    DEAD_LETTER(15),
    /** A lease given to an application, where it must survive a restart. */
    LEASE(16),
    /** A partial transfer: name, when begun, bytes known durable. Written by the spool only. */
    PARTIAL(17),
    /** Root of a seal whose envelopes were settled lately: a receipt that comes again by range is known. */
    SETTLED(18),
    /** A re-wrap for an envelope that is here and cannot be opened without it, or that has not come yet. */
    REWRAP(19);

    private static final Kind[] BY_NUMBER = new Kind[256];

    static {
        for (Kind kind : values()) {
            BY_NUMBER[kind.number] = kind;
        }
    }

    private final int number;

    Kind(int number) {
        this.number = number;
    }

    /** 1 to 255, as it stands in the log. */
    public int number() {
        return number;
    }

    /** By number; empty for one that a later version of this program may have written. */
    public static Optional<Kind> ofNumber(int number) {
        return number >= 0 && number < BY_NUMBER.length ? Optional.ofNullable(BY_NUMBER[number]) : Optional.empty();
    }
}
