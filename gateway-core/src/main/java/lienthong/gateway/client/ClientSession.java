package lienthong.gateway.client;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.Known;
import lienthong.gateway.link.LinkOwner;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.PeerHello;
import lienthong.gateway.link.Query;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/** A client's end of a session: nothing is relayed through it, so that it takes nothing but what a client asked for itself. */
interface ClientSession extends LinkOwner {
    Refusal NOT_FOR_CLIENTS = Refusal.of(ErrorCode.PROTOCOL, "a node sends nothing of the kind to a client");

    @Override
    default Optional<Closing> onHello(LinkSession session, PeerHello hello) {
        return Optional.empty();
    }

    @Override
    default void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {
        reply.reject(NOT_FOR_CLIENTS, false);
    }

    @Override
    default void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {
        reply.reject(NOT_FOR_CLIENTS, false);
    }

    @Override
    default void onReceipts(LinkSession session, List<CarriedReceipt> receipts, List<CustodyReply> replies) {
        replies.forEach(reply -> reply.reject(NOT_FOR_CLIENTS, false));
    }

    @Override
    default void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {
        reply.reject(NOT_FOR_CLIENTS, false);
    }

    @Override
    default void onQuery(LinkSession session, Query query) {
        // The node asks along the path; a client holds nothing of others.
    }

    @Override
    default void onKnown(LinkSession session, Known known) {
        // Nothing was asked.
    }
}
