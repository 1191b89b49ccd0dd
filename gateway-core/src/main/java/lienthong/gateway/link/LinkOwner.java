package lienthong.gateway.link;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;

/**
 * The node (or client) behind its sessions. All calls come in the loop; none may block. What arrives was checked against the limits of its
 * frame and against credit, and for nothing else.
 */
public interface LinkOwner {
    /** What to say about ourselves to this peer; called once per session. */
    HelloDetails helloFor(LinkSession session);

    /** The peer said hello; whoever should not go on is closed with what is returned. Its name is already the one of its certificate. */
    Optional<Closing> onHello(LinkSession session, PeerHello hello);

    /** Both sides have said hello: may offer now. */
    void onReady(LinkSession session);

    /** Room came back after {@link LinkSession#hasRoom} or {@link LinkSession#hasReceiptRoom} had said no: offer what is next. */
    void onRoom(LinkSession session);

    /** A large envelope is offered. */
    void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply);

    /** A whole envelope has arrived (a small one, or an accepted large one with its seal at the end). */
    void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply);

    /** Receipts have arrived; {@code replies} has one answer for each, in the same order. */
    void onReceipts(LinkSession session, List<CarriedReceipt> receipts, List<CustodyReply> replies);

    /** A signed notice (a {@code lienthong.wire.v1.Notice}, as the envelope room writes it) has arrived. */
    void onNotice(LinkSession session, Bytes notice, CustodyReply reply);

    /** Somebody asks what became of envelopes: answer with {@link LinkSession#known}, or ask on along the path. */
    void onQuery(LinkSession session, Query query);

    /** Reports about envelopes, on their way back to whoever asked. */
    void onKnown(LinkSession session, Known known);

    /** About directories. */
    void onDirectory(LinkSession session, DirectoryMessage message);

    /** Frames between a client and its node; only in sessions where they may come. */
    default void onClient(LinkSession session, ClientFrame frame) {
        session.close(Closing.of(CloseReason.PROTOCOL, "no clients are served here"));
    }

    /** The session is over; every open outcome was called with {@code lost} before. Called once, also when it never became ready. */
    void onClosed(LinkSession session, LinkEnd end);
}
