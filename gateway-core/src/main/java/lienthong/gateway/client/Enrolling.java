package lienthong.gateway.client;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.identity.ClientEnrolment;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.HelloDetails;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/** The one session of an enrolment: asks for certificates and hears the answer. Confined to the loop. */
final class Enrolling implements ClientSession {
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
    public void onDirectory(LinkSession session, DirectoryMessage message) {
        // The invitation brought the directory; the first session of the client itself brings what is newer.
    }
}
