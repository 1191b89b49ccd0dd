package lienthong.gateway.client;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;

/** One message from its lease to its end. Final fields are read anywhere; the others belong to the loop, or to the lock where said. */
final class Loan {
    /** What came of it. */
    enum Fate {
        OPEN,
        CONSUMED,
        RETURNED,
        /** Goes back and comes again. */
        LATER
    }

    /** One envelope's ciphertext while messages in it are open. In the loop. */
    static final class Arrived {
        final Hash core;
        final boolean spooled;
        int open;

        Arrived(Hash core, boolean spooled) {
            this.core = core;
            this.spooled = spooled;
        }
    }

    final Inbox desk;
    final VerifiedEnvelope envelope;
    final Arrived arrived;
    final MessageId id;
    final int position;
    final Incarnation incarnation;
    final long number;
    final long predecessor;
    /** That the slot names. */
    final Hash previousCore;

    final long deliveries;
    final boolean redelivered;
    final Instant since;

    /** Of the session that is up; 0 while there is none. In the loop. */
    long lease;
    /** Guarded by the loan itself: the first end wins. */
    private Fate fate = Fate.OPEN;

    private String reason = "";
    /** Set once the application may have it. In the loop. */
    Optional<Received> received = Optional.empty();

    Loan(
            Inbox desk,
            VerifiedEnvelope envelope,
            Arrived arrived,
            MessageId id,
            int position,
            Incarnation incarnation,
            long number,
            long predecessor,
            Hash previousCore,
            long deliveries,
            boolean redelivered,
            Instant since) {
        this.desk = desk;
        this.envelope = envelope;
        this.arrived = arrived;
        this.id = id;
        this.position = position;
        this.incarnation = incarnation;
        this.number = number;
        this.predecessor = predecessor;
        this.previousCore = previousCore;
        this.deliveries = deliveries;
        this.redelivered = redelivered;
        this.since = since;
    }

    /** Ends it unless it has an end. */
    synchronized boolean end(Fate how, String why) {
        if (fate != Fate.OPEN) {
            return false;
        }
        fate = how;
        reason = why;
        return true;
    }

    synchronized Fate fate() {
        return fate;
    }

    synchronized String reason() {
        return reason;
    }

    /** What the number before this message's must have. */
    Chain.Link link() {
        return new Chain.Link(arrived.core, position > 0 ? arrived.core : previousCore);
    }

    Hash leaf() {
        return envelope.facts().leaf();
    }

    Name name() {
        return new Name(leaf(), id);
    }

    /** A message as this client knows it. */
    record Name(Hash leaf, MessageId id) {}
}
