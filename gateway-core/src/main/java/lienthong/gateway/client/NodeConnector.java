package lienthong.gateway.client;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.identity.ClientEnrolment;
import lienthong.gateway.identity.ClientKeys;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.TlsKey;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerJudge;
import lienthong.gateway.link.TlsIdentity;
import lienthong.gateway.link.netty.LinkDialer;
import lienthong.gateway.link.netty.LinkTls;
import lienthong.gateway.link.netty.LinkTransport;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/** TLS to the one node that serves the client: who answers is judged by the directory. */
final class NodeConnector implements Connector {
    private final List<InetSocketAddress> addresses;
    private final Predicate<Peer> expected;
    private final LinkTransport transport;
    private final LinkTls tls;
    private final Loop loop;
    private final Clock clock;
    private final Randomness randomness;
    /** In the loop. */
    private Optional<LinkDialer> dialer = Optional.empty();

    private NodeConnector(
            OrganisationId node,
            List<DialAddress> dial,
            TlsKey own,
            Supplier<DirectoryView> directory,
            Loop loop,
            Clock clock,
            Randomness randomness) {
        this.addresses = dial.stream()
                .map(place -> InetSocketAddress.createUnresolved(place.host(), place.port()))
                .toList();
        this.expected = peer -> peer instanceof Peer.Node found && found.id().equals(node);
        this.transport = LinkTransport.start(1);
        boolean alsoClassical = directory.get().directory().policy().tlsGroups().contains(Policy.TlsGroup.X25519);
        this.tls = LinkTls.of(
                new TlsIdentity(own.key(), own.chain()), chain -> judge(chain, node, directory, clock), alsoClassical);
        this.loop = loop;
        this.clock = clock;
        this.randomness = randomness;
    }

    /** For a client with its keys. */
    static Connector forClient(
            ClientKeys keys,
            List<DialAddress> dial,
            Supplier<DirectoryView> directory,
            Loop loop,
            Clock clock,
            Randomness randomness) {
        return new NodeConnector(keys.node(), dial, keys.tls(), directory, loop, clock, randomness);
    }

    /** For one that enrols: the directory is the one its invitation brought. */
    static Connector forEnrolment(ClientEnrolment enrolment, Loop loop, Clock clock, Randomness randomness) {
        DirectoryBook book = DirectoryBook.of(enrolment.directory().root());
        Optional<Refusal> refused =
                book.restore(enrolment.directory().signed(), clock.now()).refusalIfAny();
        refused.ifPresent(why -> {
            throw new lienthong.gateway.message.Bug("the directory was verified a moment ago: " + why);
        });
        DirectoryView view = book.view();
        return new NodeConnector(
                enrolment.node(), enrolment.dial(), enrolment.tls(), () -> view, loop, clock, randomness);
    }

    private static PeerJudge.Verdict judge(
            List<Bytes> chain, OrganisationId node, Supplier<DirectoryView> directory, Clock clock) {
        Result<DirectoryView.TlsPeer> peer = directory.get().tlsPeer(chain, clock.now());
        if (peer instanceof Result.Ok<DirectoryView.TlsPeer> ok) {
            return ok.value() instanceof DirectoryView.TlsPeer.Node found
                            && found.id().equals(node)
                    ? new PeerJudge.Verdict.Admit(new Peer.Node(node))
                    : new PeerJudge.Verdict.Alert(Refusal.of(ErrorCode.WHO_ARE_YOU, "this is not node {0}", node));
        }
        return new PeerJudge.Verdict.Alert(peer.refusal());
    }

    @Override
    public void start(LinkSessions sessions) {
        dialer = Optional.of(LinkDialer.start(addresses, expected, transport, tls, sessions, loop, clock, randomness));
    }

    @Override
    public void close() {
        loop.execute(() -> dialer.ifPresent(LinkDialer::stop));
        transport.close();
    }
}
