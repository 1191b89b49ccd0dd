package lienthong.gateway.link.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.CiphertextSource;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CreditPolicy;
import lienthong.gateway.link.CustodyMark;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.HelloDetails;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.Known;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.link.LinkOwner;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerHello;
import lienthong.gateway.link.PeerJudge;
import lienthong.gateway.link.Query;
import lienthong.gateway.link.TlsIdentity;
import lienthong.gateway.link.TransferOutcome;
import lienthong.gateway.link.TransferSink;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NettyLinkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestCa ca = new TestCa("network");
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final LinkTransport transport = LinkTransport.start(2);

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        transport.close();
        assertThat(failures).isEmpty();
    }

    /** A node with its loop; takes everything. */
    private final class Node implements LinkOwner {
        final String name;
        final RealLoop loop;
        final LinkSessions sessions;
        final LinkTls tls;
        final AtomicInteger ready = new AtomicInteger();
        final AtomicLong envelopes = new AtomicLong();
        final AtomicLong custody = new AtomicLong();
        final AtomicLong bytes = new AtomicLong();
        final List<LinkEnd> ends = new CopyOnWriteArrayList<>();
        final List<LinkSession> live = new CopyOnWriteArrayList<>();
        final List<Hash> roots = new CopyOnWriteArrayList<>();
        volatile Runnable room = () -> {};
        volatile Consumer<LinkSession> met = session -> {};
        LinkServer server;

        Node(String name, TlsIdentity identity, PeerJudge judge) {
            this.name = name;
            this.loop = RealLoop.start("loop-" + name, 2, failures::add);
            this.sessions = LinkSessions.start(loop, Clock.real(), this, CreditPolicy.fixed(8 * 1024 * 1024));
            this.tls = LinkTls.of(identity, judge, false);
            open.add(loop);
        }

        Node(String name) {
            this(name, ca.identity(name), ca.judge());
        }

        InetSocketAddress listen(LinkServer.Admission admission) {
            server = LinkServer.listen(
                            new InetSocketAddress("127.0.0.1", 0),
                            transport,
                            tls,
                            sessions,
                            loop,
                            Clock.real(),
                            admission)
                    .orBug();
            open.add(0, server);
            return server.address();
        }

        LinkDialer dial(Predicate<Peer> expected, InetSocketAddress... addresses) {
            LinkDialer dialer = LinkDialer.start(
                    List.of(addresses), expected, transport, tls, sessions, loop, Clock.real(), Randomness.real());
            open.add(0, () -> loop.execute(dialer::stop));
            return dialer;
        }

        @Override
        public HelloDetails helloFor(LinkSession session) {
            return new HelloDetails(
                    name,
                    new Incarnation(5),
                    Optional.empty(),
                    Hash.of(Bytes.empty()),
                    Optional.empty(),
                    Instant.ofEpochMilli(0),
                    List.of());
        }

        @Override
        public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
            return Optional.empty();
        }

        @Override
        public void onReady(LinkSession session) {
            met.accept(session);
            live.add(session);
            ready.incrementAndGet();
        }

        @Override
        public void onRoom(LinkSession session) {
            room.run();
        }

        @Override
        public void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {
            reply.accept(0, new TransferSink() {
                private final BlockTree tree = new BlockTree();

                @Override
                public Optional<Refusal> write(long offset, Bytes data) {
                    tree.feed(data);
                    bytes.addAndGet(data.size());
                    return Optional.empty();
                }

                @Override
                public Result<Received> finish() {
                    return Result.ok(new Received(
                            new SealedEnvelope.Ciphertext.Spooled(1, offer.ciphertextLength()), tree.finish()));
                }

                @Override
                public void suspend() {}

                @Override
                public void discard() {}
            });
        }

        @Override
        public void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {
            envelopes.incrementAndGet();
            if (envelopes.get() < 100) {
                roots.add(envelope.ciphertextRoot());
            }
            reply.custody(new CustodyMark(
                    new Incarnation(5),
                    custody.incrementAndGet(),
                    Hash.of(Bytes.empty()).bytes()));
        }

        @Override
        public void onReceipts(LinkSession session, List<CarriedReceipt> receipts, List<CustodyReply> replies) {}

        @Override
        public void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {}

        @Override
        public void onQuery(LinkSession session, Query query) {}

        @Override
        public void onKnown(LinkSession session, Known known) {}

        @Override
        public void onDirectory(LinkSession session, DirectoryMessage message) {}

        @Override
        public void onClosed(LinkSession session, LinkEnd end) {
            live.remove(session);
            ends.add(end);
        }
    }

    private static final class Count implements TransferOutcome {
        final AtomicInteger custody = new AtomicInteger();
        final AtomicInteger other = new AtomicInteger();

        @Override
        public void custody(CustodyMark mark) {
            custody.incrementAndGet();
        }

        @Override
        public void have(CustodyMark mark) {
            other.incrementAndGet();
        }

        @Override
        public void rejected(Refusal refusal, boolean advice) {
            other.incrementAndGet();
        }

        @Override
        public void unreadable(Refusal refusal) {
            other.incrementAndGet();
        }

        @Override
        public void lost() {
            other.incrementAndGet();
        }
    }

    private static SealedEnvelope envelope(SealedEnvelope.Ciphertext ciphertext) {
        Bytes some = Bytes.utf8("some bytes");
        return new SealedEnvelope(
                some,
                List.of(),
                ciphertext,
                some,
                new SealedEnvelope.Seal(0, 1, List.of(), some, some, Optional.empty()));
    }

    private static void until(java.util.concurrent.Callable<Boolean> condition) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(condition);
    }

    @Test
    void twoNodesMeetAndPassEnvelopesOverTls() {
        Node hub = new Node("A08");
        Node district = new Node("A08.10");
        LinkDialer dialer = district.dial(peer -> true, hub.listen(LinkServer.Admission.usual()));
        until(() -> hub.ready.get() == 1 && district.ready.get() == 1);
        assertThat(hub.live.get(0).peer().name()).isEqualTo("A08.10");
        assertThat(district.live.get(0).peer().name()).isEqualTo("A08");
        assertThat(dialer.status()).startsWith("connected to");
        Bytes content = bytes(3_000_000);
        Count count = new Count();
        district.loop.execute(() -> {
            LinkSession session = district.live.get(0);
            session.offer(
                    envelope(new SealedEnvelope.Ciphertext.Spooled(1, content.size())),
                    Precedence.ROUTINE,
                    Duration.ZERO,
                    CiphertextSource.of(content),
                    count);
            session.offer(
                    envelope(new SealedEnvelope.Ciphertext.Inline(Bytes.utf8("x"))),
                    Precedence.FLASH,
                    Duration.ZERO,
                    CiphertextSource.of(Bytes.utf8("x")),
                    count);
        });
        until(() -> count.custody.get() == 2);
        assertThat(hub.roots).containsExactlyInAnyOrder(BlockTree.rootOf(content), BlockTree.rootOf(Bytes.utf8("x")));
    }

    private static Bytes bytes(int size) {
        return Bytes.ofOwned(Randomness.real().bytes(size));
    }

    @Test
    void dialerComesBackAfterACutAndAfterTheServerWasAway() {
        Node hub = new Node("A08");
        Node district = new Node("A08.10");
        district.dial(peer -> true, new InetSocketAddress("127.0.0.1", 1), hub.listen(LinkServer.Admission.usual()));
        until(() -> district.ready.get() == 1);
        hub.loop.execute(() -> hub.live.get(0).close(CloseReason.GOING_AWAY));
        until(() -> district.ready.get() == 2);
        assertThat(district.ends).containsExactly(new LinkEnd.ClosedByPeer(Closing.of(CloseReason.GOING_AWAY)));
    }

    @Test
    void anotherNeighbourThanTheOneMeantIsToldIdentity() {
        Node hub = new Node("A09");
        Node district = new Node("A08.10");
        LinkDialer dialer = district.dial(peer -> peer.name().equals("A08"), hub.listen(LinkServer.Admission.usual()));
        until(() -> hub.ends.size() == 1);
        assertThat(hub.ends.get(0))
                .isInstanceOfSatisfying(
                        LinkEnd.ClosedByPeer.class,
                        end -> assertThat(end.why().reason()).isEqualTo(CloseReason.IDENTITY));
        until(() -> dialer.status().contains("another neighbour"));
        assertThat(district.ready.get()).isZero();
    }

    @Test
    void revokedPeerIsToldInAFrame() {
        Node hub = new Node(
                "A08",
                ca.identity("A08"),
                ca.judge(code -> new PeerJudge.Verdict.Tell(Closing.of(CloseReason.REVOKED))));
        Node district = new Node("A08.10");
        district.dial(peer -> true, hub.listen(LinkServer.Admission.usual()));
        until(() -> district.ends.size() == 1);
        assertThat(district.ends.get(0)).isEqualTo(new LinkEnd.ClosedByPeer(Closing.of(CloseReason.REVOKED)));
        assertThat(hub.ready.get()).isZero();
    }

    @Test
    void whoseCertificateIsRevokedInMidSessionIsToldAndGoesAndNobodyElse() {
        Set<String> revoked = ConcurrentHashMap.newKeySet();
        Node hub = new Node(
                "A08",
                ca.identity("A08"),
                ca.judge(code -> revoked.contains(code)
                        ? new PeerJudge.Verdict.Tell(Closing.of(CloseReason.REVOKED, code))
                        : new PeerJudge.Verdict.Admit(new Peer.Node(new OrganisationId(code)))));
        Node lost = new Node("A08.10");
        Node other = new Node("A08.11");
        InetSocketAddress address = hub.listen(LinkServer.Admission.usual());
        lost.dial(peer -> true, address);
        other.dial(peer -> true, address);
        until(() -> hub.ready.get() == 2 && lost.ready.get() == 1 && other.ready.get() == 1);
        hub.tls.judgeAgain();
        revoked.add("A08.10");
        hub.tls.judgeAgain();
        until(() -> lost.ends.size() == 1 && hub.ends.size() == 1);
        assertThat(lost.ends).containsExactly(new LinkEnd.ClosedByPeer(Closing.of(CloseReason.REVOKED, "A08.10")));
        assertThat(hub.ends).containsExactly(new LinkEnd.ClosedHere(Closing.of(CloseReason.REVOKED, "A08.10")));
        assertThat(other.ends).isEmpty();
        assertThat(hub.live).extracting(session -> session.peer().name()).containsExactly("A08.11");
    }

    @Test
    void aCertificateThatRanOutInMidSessionIsJudgedAtTheNextHandshakeAndAnotherIdentityAtOnce() {
        Map<String, PeerJudge.Verdict> verdicts = new ConcurrentHashMap<>();
        Node hub = new Node(
                "A08",
                ca.identity("A08"),
                ca.judge(code -> verdicts.getOrDefault(
                        code, new PeerJudge.Verdict.Admit(new Peer.Node(new OrganisationId(code))))));
        Node old = new Node("A08.10");
        Node unlisted = new Node("A08.11");
        InetSocketAddress address = hub.listen(LinkServer.Admission.usual());
        old.dial(peer -> true, address);
        unlisted.dial(peer -> true, address);
        until(() -> hub.ready.get() == 2 && old.ready.get() == 1 && unlisted.ready.get() == 1);
        verdicts.put("A08.10", new PeerJudge.Verdict.Alert(Refusal.of(ErrorCode.CERTIFICATE_EXPIRED)));
        verdicts.put("A08.11", new PeerJudge.Verdict.Admit(new Peer.DirectoryOnly(Hash.of(Bytes.utf8("certificate")))));
        hub.tls.judgeAgain();
        until(() -> unlisted.ends.size() == 1);
        assertThat(unlisted.ends.get(0))
                .isInstanceOfSatisfying(
                        LinkEnd.ClosedByPeer.class,
                        end -> assertThat(end.why().reason()).isEqualTo(CloseReason.IDENTITY));
        assertThat(old.ends).isEmpty();
    }

    @Test
    void nothingIsDialledWhileTheNeighboursOwnSessionLives() {
        Node hub = new Node("A08");
        Node district = new Node("A08.10");
        LinkDialer down = district.dial(peer -> true, hub.listen(LinkServer.Admission.usual()));
        until(() -> hub.ready.get() == 1 && district.ready.get() == 1);
        // As a node does: the newer session takes the older one's place.
        district.met = session -> {
            down.neighbourIsThere(session);
            district.live.forEach(before -> before.close(CloseReason.REPLACED));
        };
        LinkDialer up = hub.dial(peer -> true, district.listen(LinkServer.Admission.usual()));
        until(() -> district.ready.get() == 2 && district.ends.size() == 1);
        await().during(Duration.ofMillis(2_500))
                .atMost(PATIENCE)
                .until(() -> district.ready.get() == 2 && district.live.size() == 1);
        assertThat(down.status()).contains("dialled by the neighbour");

        district.met = session -> {};
        hub.loop.execute(up::stop);
        district.loop.execute(() -> district.live.get(0).close(CloseReason.GOING_AWAY));
        until(() -> district.ready.get() == 3);
        assertThat(down.status()).startsWith("connected to");
    }

    @Test
    void whoIsOneTooManyIsToldWhenToComeBack() {
        Node hub = new Node("A08");
        InetSocketAddress address = hub.listen(new LinkServer.Admission(1, 8, 8, 8, 100, 100));
        Node first = new Node("A08.10");
        first.dial(peer -> true, address);
        until(() -> hub.ready.get() == 1);
        Node second = new Node("A08.11");
        second.dial(peer -> true, address);
        until(() -> second.ends.size() == 1);
        assertThat(second.ends.get(0)).isInstanceOfSatisfying(LinkEnd.ClosedByPeer.class, end -> {
            assertThat(end.why().reason()).isEqualTo(CloseReason.BUSY);
            assertThat(end.why().retryAfter()).isPresent();
        });
        assertThat(hub.live).hasSize(1);
    }

    @Test
    void connectionsBeyondThoseOfOneAddressAreClosedBeforeTls() throws Exception {
        Node hub = new Node("A08");
        InetSocketAddress address = hub.listen(new LinkServer.Admission(10, 8, 8, 2, 100, 100));
        try (java.net.Socket a = new java.net.Socket(address.getAddress(), address.getPort());
                java.net.Socket b = new java.net.Socket(address.getAddress(), address.getPort());
                java.net.Socket c = new java.net.Socket(address.getAddress(), address.getPort())) {
            // Below the ten seconds after which a handshake that never came is closed anyway.
            c.setSoTimeout(9_000);
            assertThat(c.getInputStream().read()).isEqualTo(-1);
            assertThat(a.isConnected() && b.isConnected()).isTrue();
        }
    }

    @Test
    void transportClosedUnderItsSessionsCutsThemAndHarmsNothingElse() {
        Node hub = new Node("A08");
        Node district = new Node("A08.10");
        district.dial(peer -> true, hub.listen(LinkServer.Admission.usual()));
        until(() -> hub.ready.get() == 1 && district.ready.get() == 1);
        LinkSession session = district.live.get(0);
        transport.close();
        district.loop.execute(() -> session.close(CloseReason.GOING_AWAY));
        until(() -> district.ends.size() == 1 && hub.ends.size() == 1);
    }

    @Test
    void T27_idleConnectionsOfOneAddressDoNotKeepItsNeighbourOut() throws Exception {
        Node hub = new Node("A08");
        InetSocketAddress address = hub.listen(new LinkServer.Admission(10, 64, 4, 64, 100, 100));
        List<java.net.Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                idle.add(new java.net.Socket(address.getAddress(), address.getPort()));
            }
            try (java.net.Socket fifth = new java.net.Socket(address.getAddress(), address.getPort())) {
                fifth.setSoTimeout(9_000);
                assertThat(fifth.getInputStream().read()).isEqualTo(-1);
            }
            idle.get(0).close();
            Node district = new Node("A08.10");
            district.dial(peer -> true, address);
            until(() -> district.ready.get() == 1);
        } finally {
            for (java.net.Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void manyMegabytesASecondPassOnLoopback() {
        Node hub = new Node("A08");
        Node district = new Node("A08.10");
        district.dial(peer -> true, hub.listen(LinkServer.Admission.usual()));
        until(() -> district.ready.get() == 1);
        Bytes content = bytes(10 * 1024 * 1024);
        Count count = new Count();
        int transfers = 8;
        AtomicInteger offered = new AtomicInteger();
        Runnable offer = () -> {
            LinkSession session = district.live.get(0);
            while (offered.get() < transfers && session.hasRoom(Precedence.ROUTINE)) {
                offered.incrementAndGet();
                session.offer(
                        envelope(new SealedEnvelope.Ciphertext.Spooled(1, content.size())),
                        Precedence.ROUTINE,
                        Duration.ZERO,
                        CiphertextSource.of(content),
                        count);
            }
        };
        district.room = offer;
        long start = System.nanoTime();
        district.loop.execute(offer);
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> count.custody.get() == transfers);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("large: %.0f MB/s%n", transfers * content.size() / 1e6 / seconds);
        Count small = new Count();
        Bytes piece = content.slice(0, 64 * 1024);
        int pieces = 1_500;
        AtomicInteger given = new AtomicInteger();
        Runnable give = () -> {
            LinkSession session = district.live.get(0);
            while (given.get() < pieces && session.hasRoom(Precedence.ROUTINE)) {
                given.incrementAndGet();
                session.offer(
                        envelope(new SealedEnvelope.Ciphertext.Inline(piece)),
                        Precedence.ROUTINE,
                        Duration.ZERO,
                        CiphertextSource.of(piece),
                        small);
            }
        };
        district.room = give;
        start = System.nanoTime();
        district.loop.execute(give);
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> small.custody.get() == pieces);
        seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("64 KiB: %.0f/s, %.0f MB/s%n", pieces / seconds, pieces * 65_536L / 1e6 / seconds);
        assertThat(small.other.get() + count.other.get()).isZero();
    }
}
