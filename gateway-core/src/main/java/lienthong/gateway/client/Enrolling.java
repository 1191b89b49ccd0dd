package lienthong.gateway.client;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.identity.ClientEnrolment;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.HelloDetails;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.Known;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.link.LinkOwner;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.PeerHello;
import lienthong.gateway.link.Query;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/** The one session of an enrolment: asks for certificates and hears the answer. Confined to the loop. */
final class Enrolling implements LinkOwner {
    private static final Refusal NO = Refusal.of(ErrorCode.PROTOCOL, "this session enrols and does nothing else");

    private final ClientEnrolment enrolment;
    private final Clock clock;
    private final Incarnation incarnation;
    private final CompletableFuture<Result<Bytes>> answer;

    /** @param answer completed with what the node issued, or why not; a lost connection is dialled again */
    Enrolling(ClientEnrolment enrolment, Clock clock, Randomness randomness, CompletableFuture<Result<Bytes>> answer) {
        this.enrolment = enrolment;
        this.clock = clock;
        this.incarnation = new Incarnation(randomness.nonZeroLong());
        this.answer = answer;
    }

    @Override
    public HelloDetails helloFor(LinkSession session) {
        return new HelloDetails(
                enrolment.address().toString(),
                incarnation,
                Optional.of(enrolment.directory().version()),
                Hash.of(Bytes.empty()),
                Optional.empty(),
                clock.now(),
                List.of());
    }

    @Override
    public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
        return Optional.empty();
    }

    @Override
    public void onReady(LinkSession session) {
        session.send(new ClientFrame.Enrol(enrolment.request()));
    }

    @Override
    public void onClient(LinkSession session, ClientFrame frame) {
        if (frame instanceof ClientFrame.Enrolled enrolled) {
            answer.complete(enrolled.issued()
                    .map(Result::ok)
                    .orElseGet(() -> Result.no(
                            enrolled.refusal().orElseGet(() -> Refusal.of(ErrorCode.PROTOCOL, "an empty answer")))));
        }
    }

    @Override
    public void onClosed(LinkSession session, LinkEnd end) {
        if (end instanceof LinkEnd.ClosedByPeer peer
                && peer.why().reason().error().retry() == ErrorCode.Retry.NEVER) {
            answer.complete(Result.no(
                    peer.why().reason().error(),
                    "the node closed: {0}",
                    Detail.technical(peer.why().detail())));
        }
    }

    @Override
    public void onRoom(LinkSession session) {
        // Nothing is offered.
    }

    @Override
    public void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {
        reply.reject(NO, false);
    }

    @Override
    public void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {
        reply.reject(NO, false);
    }

    @Override
    public void onReceipts(LinkSession session, List<CarriedReceipt> receipts, List<CustodyReply> replies) {
        replies.forEach(reply -> reply.reject(NO, false));
    }

    @Override
    public void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {
        reply.reject(NO, false);
    }

    @Override
    public void onQuery(LinkSession session, Query query) {
        // Holds nothing.
    }

    @Override
    public void onKnown(LinkSession session, Known known) {
        // Asked nothing.
    }

    @Override
    public void onDirectory(LinkSession session, DirectoryMessage message) {
        // The invitation brought the directory; the first session of the client itself brings what is newer.
    }
}
