package lienthong.gateway.link;

/** How a session ended. */
public sealed interface LinkEnd {
    /** This side closed it. */
    record ClosedHere(Closing why) implements LinkEnd {}

    /** The other side said why. */
    record ClosedByPeer(Closing why) implements LinkEnd {}

    /** The connection broke without a word. */
    record Cut() implements LinkEnd {}
}
