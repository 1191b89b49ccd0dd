package lienthong.gateway.main;

import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import lienthong.gateway.config.HostPort;
import lienthong.gateway.config.NodeConfig;
import lienthong.gateway.directory.DirectoryView.TlsPeer;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.TlsKey;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerJudge;
import lienthong.gateway.link.TlsIdentity;
import lienthong.gateway.link.netty.LinkDialer;
import lienthong.gateway.link.netty.LinkServer;
import lienthong.gateway.link.netty.LinkTls;
import lienthong.gateway.link.netty.LinkTransport;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.node.Node;

/** A node's sockets for links: what it listens on, whom it dials, and who may stand behind a certificate by the directory in force. */
final class Links {
    private static final int TRANSPORT_THREADS = 2;

    private final NodeConfig config;
    private final Loop loop;
    private final Randomness randomness;
    private final Clock clock;
    private final Node node;
    private final LinkTransport transport;
    private final LinkTls tls;
    private final Optional<LinkServer> server;
    private final List<LinkDialer> dialers = new CopyOnWriteArrayList<>();

    private Links(
            NodeConfig config,
            Loop loop,
            Randomness randomness,
            Clock clock,
            Node node,
            LinkTransport transport,
            LinkTls tls,
            Optional<LinkServer> server) {
        this.config = config;
        this.loop = loop;
        this.randomness = randomness;
        this.clock = clock;
        this.node = node;
        this.transport = transport;
        this.tls = tls;
        this.server = server;
    }

    /** Listens, where the configuration says so; {@code PORT_IN_USE}. Not in the loop. */
    static Result<Links> open(
            NodeConfig config, Loop loop, Randomness randomness, Clock clock, Node node, NodeKeys keys)
            throws InterruptedException {
        boolean alsoClassical =
                node.directoryView().directory().policy().tlsGroups().contains(Policy.TlsGroup.X25519);
        LinkTransport transport = LinkTransport.start(TRANSPORT_THREADS);
        LinkTls tls = LinkTls.of(identity(keys), judge(config.node(), node, clock), alsoClassical);
        // Before the first handshake: none may be judged by what has changed meanwhile.
        boolean following = Node.inLoop(loop, () -> {
            node.onTrust(tls::judgeAgain);
            return true;
        });
        if (!following) {
            throw new Bug("changes of the directory are not followed");
        }
        Optional<LinkServer> server = Optional.empty();
        if (config.listen().isPresent()) {
            HostPort where = config.listen().get();
            Result<LinkServer> listening = LinkServer.listen(
                    new InetSocketAddress(where.host(), where.port()),
                    transport,
                    tls,
                    node.sessions(),
                    loop,
                    clock,
                    LinkServer.Admission.usual());
            if (!(listening instanceof Result.Ok<LinkServer> ok)) {
                transport.close();
                return Result.no(listening.refusal());
            }
            server = Optional.of(ok.value());
        }
        Links links = new Links(config, loop, randomness, clock, node, transport, tls, server);
        loop.execute(
                () -> node.onNeighbour(session -> links.dialers.forEach(dialer -> dialer.neighbourIsThere(session))));
        return Result.ok(links);
    }

    private static TlsIdentity identity(NodeKeys keys) {
        TlsKey key = keys.tls();
        return new TlsIdentity(key.key(), key.chain());
    }

    private static PeerJudge judge(OrganisationId self, Node node, Clock clock) {
        return chain -> node.directoryView().tlsPeer(chain, clock.now()).fold(who -> admit(self, who), Links::refuse);
    }

    private static PeerJudge.Verdict admit(OrganisationId self, TlsPeer who) {
        if (who instanceof TlsPeer.Node node) {
            if (node.id().equals(self)) {
                // Two ends of one connection would be two sessions with one neighbour, each replacing the other for
                // ever.
                return new PeerJudge.Verdict.Alert(Refusal.of(
                        ErrorCode.PROTOCOL, "{0} is this node itself: take its own place out of 'dial'", self));
            }
            return new PeerJudge.Verdict.Admit(new Peer.Node(node.id()));
        }
        if (who instanceof TlsPeer.Client client) {
            return new PeerJudge.Verdict.Admit(new Peer.Client(client.address()));
        }
        if (who instanceof TlsPeer.Stranger stranger) {
            return new PeerJudge.Verdict.Admit(new Peer.DirectoryOnly(stranger.certificate()));
        }
        TlsPeer.Enrolment enrolment = (TlsPeer.Enrolment) who;
        return new PeerJudge.Verdict.Admit(
                new Peer.Enrolment(Hash.of(Bytes.utf8(enrolment.office().text()))));
    }

    private static PeerJudge.Verdict refuse(Refusal why) {
        if (why.reason() == ErrorCode.REVOKED) {
            return new PeerJudge.Verdict.Tell(Closing.of(CloseReason.REVOKED, why.detail()));
        }
        return new PeerJudge.Verdict.Alert(why);
    }

    /** Starts to dial: when everything else serves. */
    void dial() {
        if (!config.dial().isEmpty()) {
            List<InetSocketAddress> addresses = config.dial().stream()
                    .map(where -> InetSocketAddress.createUnresolved(where.host(), where.port()))
                    .toList();
            dialers.add(LinkDialer.start(
                    addresses, Links::mayBeMeant, transport, tls, node.sessions(), loop, clock, randomness));
        }
    }

    /**
     * A node of the directory; or one under the network's root that no directory here names, which may be the neighbour itself after it has lost its keys
     * and joined anew: with it only directories are exchanged, and the one that names it comes from nobody else.
     */
    private static boolean mayBeMeant(Peer peer) {
        return peer instanceof Peer.Node || peer instanceof Peer.DirectoryOnly;
    }

    /** Host and real port, empty when nothing is listened on. */
    Optional<String> listening() {
        return server.map(LinkServer::address).map(address -> address.getHostString() + ":" + address.getPort());
    }

    /** Shows other certificates from the next handshake on. */
    void renew(NodeKeys keys) {
        tls.renew(identity(keys));
    }

    void close() {
        loop.execute(() -> dialers.forEach(LinkDialer::stop)); // a loop that has ended dials no more anyhow
        server.ifPresent(LinkServer::close);
        transport.close();
    }

    /** The chain as the API's TLS wants it. */
    static List<X509Certificate> x509(List<Bytes> chain) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> parsed = new ArrayList<>();
            for (Bytes der : chain) {
                parsed.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der.toArray())));
            }
            return parsed;
        } catch (CertificateException ours) {
            throw new Bug("our own certificate does not parse", ours);
        }
    }
}
