package lienthong.gateway.node;

import java.util.List;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.Peer;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/** Serves no embedded clients: their sessions are closed with the reason. */
final class NodeClients implements ClientDesk {
    private static final Refusal NO = Refusal.of(ErrorCode.SENDER_NOT_YOURS, "no clients are served here");

    @Override
    public void onReady(LinkSession session) {
        session.close(CloseReason.IDENTITY);
    }

    @Override
    public void onClosed(LinkSession session) {
        // Nothing is kept for a client.
    }

    @Override
    public void onRoom(LinkSession session) {
        // Nothing is sent to a client.
    }

    @Override
    public void onOffer(LinkSession session, Peer.Client client, IncomingOffer offer, OfferReply reply) {
        reply.reject(NO, false);
    }

    @Override
    public void onEnvelope(LinkSession session, Peer.Client client, IncomingEnvelope envelope, CustodyReply reply) {
        reply.reject(NO, false);
    }

    @Override
    public void onReceipts(
            LinkSession session, Peer.Client client, List<CarriedReceipt> receipts, List<CustodyReply> replies) {
        replies.forEach(reply -> reply.reject(NO, false));
    }

    @Override
    public void onFrame(LinkSession session, ClientFrame frame) {
        session.close(CloseReason.IDENTITY);
    }
}
