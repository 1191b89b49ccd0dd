package lienthong.gateway.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.identity.ClientKeys;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.HelloDetails;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.PeerHello;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client behind its one session: passes what arrives to directory, outbox and inbox, and asks the node. Confined to the loop. */
final class ClientLink implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger("lienthong.client");

    private final Clock clock;
    private final ClientKeys keys;
    private final ClientDirectory directory;
    private final Outbox outbox;
    private final Inbox inbox;
    private final Sealing sealing;
    private final Map<Long, CompletableFuture<Optional<ClientFrame>>> questions = new HashMap<>();
    private Optional<LinkSession> session = Optional.empty();
    private long lastQuestion;
    private volatile Optional<Refusal> away =
            Optional.of(Refusal.of(ErrorCode.NEIGHBOUR_AWAY, "the node has not been reached yet"));

    ClientLink(Clock clock, ClientKeys keys, ClientDirectory directory, Outbox outbox, Inbox inbox, Sealing sealing) {
        this.clock = clock;
        this.keys = keys;
        this.directory = directory;
        this.outbox = outbox;
        this.inbox = inbox;
        this.sealing = sealing;
    }

    /** Why the node cannot be reached now; empty when it is. Any thread. */
    Optional<Refusal> away() {
        return away;
    }

    /** Publishes a record made here. */
    void publish(Bytes bundle) {
        directory.take(List.of(bundle));
        session.ifPresent(up -> up.send(new ClientFrame.KeyBundle(bundle)));
    }

    /** Asks the node; completes with its answer, or with nothing when the session ends before. */
    void ask(LongFunction<ClientFrame> question, CompletableFuture<Optional<ClientFrame>> answer) {
        if (session.isEmpty()) {
            answer.complete(Optional.empty());
            return;
        }
        lastQuestion++;
        questions.put(lastQuestion, answer);
        session.get().send(question.apply(lastQuestion));
    }

    private void answered(long question, ClientFrame answer) {
        CompletableFuture<Optional<ClientFrame>> asked = questions.remove(question);
        if (asked != null) {
            asked.complete(Optional.of(answer));
        }
    }

    @Override
    public HelloDetails helloFor(LinkSession up) {
        return new HelloDetails(
                keys.address().toString(),
                keys.incarnation(),
                Optional.of(directory.view().version()),
                directory.recordsSet(),
                Optional.empty(),
                clock.now(),
                List.of());
    }

    @Override
    public Optional<Closing> onHello(LinkSession up, PeerHello hello) {
        directory.onHello(hello.details().directory());
        return Optional.empty();
    }

    @Override
    public void onReady(LinkSession up) {
        LOG.info("{} is connected to its node {}", keys.address(), keys.node());
        session = Optional.of(up);
        away = Optional.empty();
        directory.onReady(up, keys.records());
        outbox.onReady(up);
        inbox.onReady(up);
    }

    @Override
    public void onRoom(LinkSession up) {
        outbox.pump();
        inbox.pump();
    }

    @Override
    public void onOffer(LinkSession up, IncomingOffer offer, OfferReply reply) {
        inbox.onOffer(offer, reply);
    }

    @Override
    public void onEnvelope(LinkSession up, IncomingEnvelope envelope, CustodyReply reply) {
        inbox.onEnvelope(envelope, reply);
    }

    @Override
    public void onDirectory(LinkSession up, DirectoryMessage message) {
        directory.onMessage(up, message);
    }

    @Override
    public void onClient(LinkSession up, ClientFrame frame) {
        if (frame instanceof ClientFrame.Leased leased) {
            inbox.onLeased(leased);
        } else if (frame instanceof ClientFrame.Tracked tracked) {
            answered(tracked.request(), tracked);
        } else if (frame instanceof ClientFrame.Found found) {
            directory.take(found.records());
            answered(found.request(), found);
        } else if (frame instanceof ClientFrame.KeyBundle bundle) {
            directory.take(List.of(bundle.record()));
        } else if (frame instanceof ClientFrame.WrapAnew asked) {
            outbox.wrapAnew(asked, sealing);
        }
    }

    @Override
    public void onClosed(LinkSession up, LinkEnd end) {
        Refusal why = reason(end);
        LOG.info("{} lost its node {}: {}", keys.address(), keys.node(), why);
        if (session.filter(mine -> mine == up).isEmpty()) {
            away = session.isPresent() ? away : Optional.of(why);
            return;
        }
        session = Optional.empty();
        away = Optional.of(why);
        outbox.onClosed();
        inbox.onClosed();
        questions.values().forEach(question -> question.complete(Optional.empty()));
        questions.clear();
    }

    private static Refusal reason(LinkEnd end) {
        if (end instanceof LinkEnd.ClosedByPeer peer) {
            return Refusal.of(
                    ErrorCode.NEIGHBOUR_AWAY,
                    "the node closed: {0}",
                    Detail.technical(peer.why().reason() + " " + peer.why().detail()));
        }
        if (end instanceof LinkEnd.ClosedHere here) {
            return Refusal.of(
                    ErrorCode.NEIGHBOUR_AWAY,
                    "{0} {1}",
                    here.why().reason(),
                    Detail.technical(here.why().detail()));
        }
        return Refusal.of(ErrorCode.NEIGHBOUR_AWAY, "the connection broke");
    }
}
