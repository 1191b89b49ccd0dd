package lienthong.gateway.client;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.delivery.DeliveryPolicy;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.NetworkPlan;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.Peer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.node.Controls;
import lienthong.gateway.node.KeyRing;
import lienthong.gateway.node.Node;
import lienthong.gateway.node.NodeWatch;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.log.LogMessageStore;

/**
 * A whole node on a real disk, with the client's wires in memory: what is between them is the link's own session logic. May be stopped and
 * started again, and its wires cut.
 */
final class ClientNode implements AutoCloseable {
    static final OrganisationId HUB = new OrganisationId("A08");
    /** An office below it that another node serves. */
    static final OrganisationId ELSEWHERE = new OrganisationId("A08.99");

    private final Path data;
    private final Clock clock = Clock.real();
    private final Randomness randomness = Randomness.real();
    final Authority authority;
    private final NodeKeys keys;
    private final List<Pair> pairs = new CopyOnWriteArrayList<>();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();

    private Optional<Running> running = Optional.empty();

    /** What dies with a stop. */
    private record Running(RealLoop loop, LogMessageStore store, Node node) {}

    ClientNode(Path folder) throws IOException {
        this.data = folder.resolve("node");
        java.nio.file.Files.createDirectories(folder.resolve("authority"));
        java.nio.file.Files.createDirectory(data);
        authority = Authority.create(
                        "Tỉnh thử",
                        NetworkPlan.of(List.of(
                                NetworkPlan.Office.of(
                                        HUB, "Tỉnh ủy", Optional.of("cấp ủy"), Optional.empty(), List.of()),
                                NetworkPlan.Office.of(
                                        ELSEWHERE, "Huyện ủy", Optional.of("cấp ủy"), Optional.of(HUB), List.of()))),
                        "đồng bằng".toCharArray(),
                        PassphraseBox.Cost.FOR_TESTS,
                        RealDisk.at(folder.resolve("authority")),
                        randomness,
                        clock)
                .orBug();
        Authority.Invited invited = authority
                .invite(HUB, List.of(new DialAddress("hub.example", 7443)), 14, Optional.empty())
                .orBug();
        Join.Joined joined = Join.join(
                        Join.Request.of(
                                invited.file(),
                                invited.code(),
                                String.join(" ", authority.root().words()),
                                Protection.fileModes()),
                        RealDisk.at(data),
                        randomness,
                        clock)
                .orBug();
        keys = joined.keys();
        DirectoryFolder.of(RealDisk.at(data)).save(Optional.of(joined.directory()), joined.records());
        start();
    }

    /** While set, what is written beyond the first MiB of a spool file finds no room, and then nothing does. */
    final AtomicBoolean fillsUp = new AtomicBoolean();

    private final AtomicBoolean full = new AtomicBoolean();

    void emptied() {
        fillsUp.set(false);
        full.set(false);
    }

    private <T> T filling(Class<T> type, Object real, String path) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            if (method.getName().equals("freeBytes") && full.get()) {
                return 0L;
            }
            if (method.getName().equals("write") && path.startsWith("spool/")) {
                full.compareAndSet(false, fillsUp.get() && (long) args[0] > 1 << 20);
                if (full.get()) {
                    throw new IOException("No space left on device");
                }
            }
            Object answer;
            try {
                answer = method.invoke(real, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            return answer instanceof Disk.File file ? filling(Disk.File.class, file, (String) args[0]) : answer;
        }));
    }

    void start() {
        Disk disk = filling(Disk.class, RealDisk.at(data), "");
        DirectoryFolder folder = DirectoryFolder.of(RealDisk.at(data));
        RealLoop loop = RealLoop.start("node", 2, failures::add);
        LogMessageStore store = LogMessageStore.open(
                        disk,
                        clock,
                        randomness,
                        loop,
                        StoreEvents.IGNORED,
                        StoreSettings.server(data, ProcessHandle.current().pid(), Projection.NONE))
                .orBug();
        Node node = inLoop(
                loop,
                () -> new Node(
                        new Node.Self(
                                HUB, keys.incarnation(), keys.custodyMacKey(), keys.custodyMacKey(), new Ring(keys)),
                        new Node.Ground(loop, clock, randomness, store, folder),
                        folder.load(keys.root(), clock.now()).book(),
                        DeliveryPolicy.DEFAULT,
                        new NodeWatch(clock),
                        new Desk(),
                        Optional::empty,
                        List.of()));
        running = Optional.of(new Running(loop, store, node));
    }

    /** As a crash for its clients: no word, wires broken. */
    void stop() {
        Running now = running.orElseThrow();
        running = Optional.empty();
        pairs.forEach(Pair::cut);
        now.loop().close();
        now.store().close();
    }

    /** Breaks all connections. */
    void cut() {
        pairs.forEach(Pair::cut);
    }

    private static <T> T inLoop(Loop loop, Supplier<T> work) {
        try {
            return Node.inLoop(loop, work);
        } catch (InterruptedException e) {
            throw new Bug("interrupted", e);
        }
    }

    <T> T ask(java.util.function.Function<Node, T> question) {
        Running now = running.orElseThrow();
        return inLoop(now.loop(), () -> question.apply(now.node()));
    }

    GatewayClient.Ground ground(Path folder) {
        return new GatewayClient.Ground(RealDisk.at(folder), clock, randomness);
    }

    NodeKeys.ClientInvited invite(Address address) {
        return keys.inviteClient(
                        address,
                        List.of(new DialAddress("hub.example", 7443)),
                        Duration.ofDays(1),
                        ask(Node::directoryView),
                        PassphraseBox.Cost.FOR_TESTS,
                        clock.now())
                .orBug();
    }

    void revokeClients(Address address) {
        Bytes list = keys.revokeClients(address, ask(Node::directoryView), clock.now())
                .orBug()
                .list()
                .orElseThrow();
        boolean published = ask(up -> {
            up.publish(List.of(list));
            return true;
        });
        if (!published) {
            throw new Bug("the list was not published");
        }
    }

    Result<Enrolled> enrol(Path folder, NodeKeys.ClientInvited invited, String code) {
        return GatewayClient.enrol(
                ground(folder),
                invited.file(),
                code,
                String.join(" ", authority.root().words()),
                (enrolment, loop, itsClock, itsRandomness) ->
                        new Dialling(new Peer.Enrolment(Hash.of(invited.file())), loop));
    }

    Result<GatewayClient> open(Path folder) {
        return GatewayClient.open(
                ground(folder),
                (own, dial, directory, loop, itsClock, itsRandomness) ->
                        new Dialling(new Peer.Client(own.address()), loop));
    }

    @Override
    public void close() {
        if (running.isPresent()) {
            stop();
        }
    }

    /** A way to this node for whoever says it is this peer: TLS is not here to ask. */
    Connector connector(Peer peer, Loop loop) {
        return new Dialling(peer, loop);
    }

    // ---- wires from one loop to another

    private final class Dialling implements Connector {
        private final Peer peer;
        private final Loop loop;
        private volatile boolean closed;

        Dialling(Peer peer, Loop loop) {
            this.peer = peer;
            this.loop = loop;
        }

        @Override
        public void start(LinkSessions sessions) {
            if (closed) {
                return;
            }
            Optional<Running> now = running;
            if (now.isEmpty()) {
                again(sessions);
                return;
            }
            Pair pair = new Pair(loop, now.get().loop());
            now.get()
                    .loop()
                    .execute(() -> pair.node.begin(now.get().node().sessions().accepted(peer, pair.node)));
            LinkSession session = sessions.dialled(new Peer.Node(HUB), pair.client);
            session.onEnd(end -> again(sessions));
            pair.client.begin(session);
            pairs.add(pair);
        }

        private void again(LinkSessions sessions) {
            loop.schedule(Duration.ofMillis(50).toNanos(), () -> start(sessions));
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Two ends, each in its own loop; in order, whole, until cut. */
    static final class Pair {
        final End client;
        final End node;
        private volatile boolean cut;

        Pair(Loop clientLoop, Loop nodeLoop) {
            client = new End(clientLoop);
            node = new End(nodeLoop);
            client.other = node;
            node.other = client;
        }

        void cut() {
            cut = true;
            client.loop.execute(() -> client.session.ifPresent(LinkSession::cut));
            node.loop.execute(() -> node.session.ifPresent(LinkSession::cut));
        }

        final class End implements Wire {
            private final Loop loop;
            private End other = this;
            /** In its loop. */
            private Optional<LinkSession> session = Optional.empty();

            private final List<Bytes> early = new ArrayList<>();
            private final List<Bytes> queued = new ArrayList<>();

            End(Loop loop) {
                this.loop = loop;
            }

            void begin(LinkSession begun) {
                session = Optional.of(begun);
                early.forEach(begun::received);
                early.clear();
            }

            private void receive(Bytes frame) {
                if (cut) {
                    return;
                }
                session.ifPresentOrElse(there -> there.received(frame), () -> early.add(frame));
            }

            @Override
            public void send(Bytes frame) {
                queued.add(frame);
            }

            @Override
            public void flush() {
                List<Bytes> frames = List.copyOf(queued);
                queued.clear();
                frames.forEach(frame -> other.loop.execute(() -> other.receive(frame)));
            }

            @Override
            public boolean isWritable() {
                return true;
            }

            @Override
            public void close() {
                flush();
                other.loop.execute(() -> loop.execute(Pair.this::cut));
            }
        }
    }

    // ---- what a process gives its node

    private record Ring(NodeKeys keys) implements KeyRing {
        @Override
        public Optional<SigningKey> signingKey(Address identity) {
            return identity.mailbox().isEmpty() ? keys.signingKey(identity) : Optional.empty();
        }

        @Override
        public SigningKey evidenceKey() {
            return keys.evidenceKey();
        }

        @Override
        public Optional<RecipientPrivateKey> recipientKey(Address identity, Hash keyId) {
            return keys.recipientKeys()
                    .addressOf(keyId)
                    .filter(identity::equals)
                    .flatMap(owner -> keys.recipientKeys().find(keyId));
        }

        @Override
        public void whenDestroyed(Runnable forget) {
            keys.recipientKeys().whenDestroyed(forget);
        }
    }

    private final class Desk implements Controls {
        @Override
        public void stop(Duration grace) {
            throw new Bug("nobody asked this node to stop");
        }

        @Override
        public Result<OperatorDoor.ClientInvitation> inviteClient(Address address, List<String> dial) {
            throw new Bug("invitations are made by the test");
        }

        @Override
        public Result<Bytes> enrolClient(Bytes request, Instant now) {
            return keys.issueClient(request, now);
        }

        @Override
        public Optional<Instant> certificatesEnd() {
            return Optional.empty();
        }

        @Override
        public OperatorDoor.AuditPage audit(Optional<Long> from, int count) {
            return new OperatorDoor.AuditPage(List.of(), 0, Hash.of(Bytes.empty()), Optional.empty());
        }

        @Override
        public Map<String, Long> counters() {
            return Map.of();
        }
    }
}
