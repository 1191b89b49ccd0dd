package lienthong.gateway.link;

import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Wire;

/** All sessions of one node: makes them over wires, gives each its write at the end of a turn, and keeps their time. Confined to the loop. */
public final class LinkSessions {
    LinkSessions() {}

    /**
     * @param owner who decides
     * @param credit how much peers may send ahead
     */
    public static LinkSessions start(Loop loop, Clock clock, LinkOwner owner, CreditPolicy credit) {
        return new LinkSessions();
    }

    /** A session over a wire that this side dialled: says hello at once. The owner is called from the loop later, not from within. */
    public LinkSession dialled(Peer peer, Wire wire) {
        return new LinkSession(peer);
    }

    /** A session over a wire that the peer dialled: answers its hello. */
    public LinkSession accepted(Peer peer, Wire wire) {
        return new LinkSession(peer);
    }
}
