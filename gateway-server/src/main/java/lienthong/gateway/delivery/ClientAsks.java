package lienthong.gateway.delivery;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.Address;

/**
 * Whom embedded clients are asked to make slots anew for: a few at a time for each client, the next when one was answered or after a minute. One
 * office's new keys may concern thousands of a client's envelopes, and each question reads one of them. Confined to the loop.
 */
final class ClientAsks {
    /** Not answered yet, for one client. */
    static final int OPEN_MAX = 16;

    private static final long UNANSWERED_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Desks desks;
    private final Question question;
    private final Map<Address, Asked> clients = new LinkedHashMap<>();

    /** Of one client. */
    private static final class Asked {
        final Set<Copy> waiting = new LinkedHashSet<>();
        final Map<Copy, Long> open = new LinkedHashMap<>();
        boolean timed;
    }

    /** What came of a question. */
    enum Put {
        ASKED,
        /** The message has ended, or its slot was made anew. */
        NOT_NEEDED,
        /** Its client is not here, and is asked for all when it comes. */
        AWAY
    }

    /** Puts a question to the client that sealed the copy's envelope. */
    interface Question {
        Put put(Copy copy);
    }

    ClientAsks(Desks desks, Question question) {
        this.desks = desks;
        this.question = question;
    }

    /** Asks now or later; once, however often this is called meanwhile. */
    void want(Copy copy) {
        Address sender = copy.held.header.sender();
        Asked of = clients.computeIfAbsent(sender, none -> new Asked());
        if (!of.open.containsKey(copy)) {
            of.waiting.add(copy);
        }
        next(sender, of);
    }

    /** A client has come: what it was asked before it went is asked again. */
    void isHere(Address sender, List<Copy> wanted) {
        Asked of = new Asked();
        of.waiting.addAll(wanted);
        clients.put(sender, of);
        next(sender, of);
    }

    /** It was made anew, or never will be. */
    void answered(Copy copy) {
        Address sender = copy.held.header.sender();
        Asked of = clients.get(sender);
        if (of != null) {
            of.waiting.remove(copy);
            of.open.remove(copy);
            next(sender, of);
        }
    }

    private void next(Address sender, Asked of) {
        long now = desks.turn.nanos();
        of.open.values().removeIf(at -> now - at >= UNANSWERED_NANOS);
        while (of.open.size() < OPEN_MAX && !of.waiting.isEmpty()) {
            Copy copy = of.waiting.iterator().next();
            of.waiting.remove(copy);
            switch (question.put(copy)) {
                case ASKED -> of.open.put(copy, now);
                case NOT_NEEDED -> {}
                case AWAY -> {
                    clients.remove(sender, of);
                    return;
                }
            }
        }
        if (of.open.isEmpty() && of.waiting.isEmpty()) {
            clients.remove(sender, of);
        } else if (!of.waiting.isEmpty() && !of.timed) {
            of.timed = true;
            desks.ports.loop().schedule(UNANSWERED_NANOS, () -> {
                of.timed = false;
                if (clients.get(sender) == of) {
                    next(sender, of);
                }
            });
        }
    }
}
