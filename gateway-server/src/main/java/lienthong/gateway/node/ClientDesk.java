package lienthong.gateway.node;

import java.util.List;
import lienthong.gateway.delivery.ConsumerId;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.Peer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;

/** What a node does for the embedded clients of its offices: takes their envelopes, leases them theirs, enrols new ones. */
interface ClientDesk {
    void onReady(LinkSession session);

    void onClosed(LinkSession session);

    void onRoom(LinkSession session);

    void onOffer(LinkSession session, Peer.Client client, IncomingOffer offer, OfferReply reply);

    void onEnvelope(LinkSession session, Peer.Client client, IncomingEnvelope envelope, CustodyReply reply);

    void onReceipts(LinkSession session, Peer.Client client, List<CarriedReceipt> receipts, List<CustodyReply> replies);

    void onNotice(LinkSession session, Peer.Client client, Bytes notice, CustodyReply reply);

    void onFrame(LinkSession session, ClientFrame frame);

    /** Messages wait for an address. */
    void available(Address address);

    /** A lease of delivery's ended by itself. */
    void lapsed(ConsumerId consumer, long lease);
}
