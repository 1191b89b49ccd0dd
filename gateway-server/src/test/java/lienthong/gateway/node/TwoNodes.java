package lienthong.gateway.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.audit.AuditEvent;
import lienthong.gateway.audit.AuditLog;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.delivery.CustodyProjection;
import lienthong.gateway.delivery.DeliveryPolicy;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.evidence.AuditProof;
import lienthong.gateway.environment.Clock;
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
import lienthong.gateway.link.Peer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.log.LogMessageStore;

/**
 * A province's node and a district's, each whole, on real disks with their own keys, joined by invitations; one wire in memory between them, which may
 * be cut and laid again. Each may be stopped, without a word to the other, and started again. A second district may be there, on a wire of its own,
 * so that the province is on the way from one to the other.
 */
final class TwoNodes implements AutoCloseable {
    static final OrganisationId PROVINCE = new OrganisationId("A08");
    static final OrganisationId DISTRICT = new OrganisationId("A08.01");
    private static final OrganisationId OTHER = new OrganisationId("A08.02");

    final Office province;
    final Office district;
    final Hash network;
    final List<Throwable> failures = new CopyOnWriteArrayList<>();
    /** Runs with the one below, ahead of it by what a test says. */
    static final class MovedClock implements Clock {
        private final Clock real;
        private volatile Duration ahead = Duration.ZERO;
        private volatile Duration jumped = Duration.ZERO;

        MovedClock(Clock real) {
            this.real = real;
        }

        void move(Duration by) {
            ahead = ahead.plus(by);
        }

        /** The wall clock alone. */
        void jump(Duration by) {
            jumped = jumped.plus(by);
        }

        @Override
        public Instant now() {
            return real.now().plus(ahead).plus(jumped);
        }

        @Override
        public long nanos() {
            return real.nanos() + ahead.toNanos();
        }
    }

    final MovedClock clock = new MovedClock(Clock.real());
    private final Randomness randomness = Randomness.real();
    private final Authority authority;
    private Optional<Cable> cable = Optional.empty();
    private Optional<Cable> otherCable = Optional.empty();
    private final Optional<Office> other;

    TwoNodes(Path folder) throws IOException {
        this(folder, false);
    }

    /** With a second district. */
    static TwoNodes andAnother(Path folder) throws IOException {
        return new TwoNodes(folder, true);
    }

    private TwoNodes(Path folder, boolean another) throws IOException {
        List<NetworkPlan.Office> offices = new ArrayList<>(List.of(
                NetworkPlan.Office.of(PROVINCE, "Tỉnh ủy", Optional.of("cấp ủy"), Optional.empty(), List.of()),
                NetworkPlan.Office.of(DISTRICT, "Huyện ủy", Optional.of("cấp ủy"), Optional.of(PROVINCE), List.of())));
        if (another) {
            offices.add(NetworkPlan.Office.of(
                    OTHER, "Huyện ủy khác", Optional.of("cấp ủy"), Optional.of(PROVINCE), List.of()));
        }
        authority = Authority.create(
                        "Tỉnh thử",
                        NetworkPlan.of(offices),
                        "đồng bằng".toCharArray(),
                        PassphraseBox.Cost.FOR_TESTS,
                        RealDisk.at(Files.createDirectory(folder.resolve("authority"))),
                        randomness,
                        clock)
                .orBug();
        network = authority.root().fingerprint();
        province = new Office(PROVINCE, Files.createDirectory(folder.resolve("province")));
        district = new Office(DISTRICT, Files.createDirectory(folder.resolve("district")));
        province.start();
        district.start();
        other = another
                ? Optional.of(new Office(OTHER, Files.createDirectory(folder.resolve("other"))))
                : Optional.empty();
        other.ifPresent(Office::start);
        connect();
    }

    /** The second district. */
    Office other() {
        return other.orElseThrow();
    }

    /** Lays the wires: the districts have dialled. */
    void connect() {
        cut();
        cable = Optional.of(laid(district));
        other.filter(Office::isRunning).ifPresent(there -> otherCable = Optional.of(laid(there)));
    }

    private Cable laid(Office lower) {
        Cable laid = new Cable(lower.running().loop(), province.running().loop());
        laid.up.begin(() -> province.running().node().sessions().accepted(new Peer.Node(lower.id), laid.up));
        laid.down.begin(() -> lower.running().node().sessions().dialled(new Peer.Node(PROVINCE), laid.down));
        return laid;
    }

    void cut() {
        cable.ifPresent(Cable::cut);
        cable = Optional.empty();
        otherCable.ifPresent(Cable::cut);
        otherCable = Optional.empty();
    }

    @Override
    public void close() {
        cut();
        other.ifPresent(Office::stop);
        district.stop();
        province.stop();
    }

    /** What dies with a stop. */
    private record Running(RealLoop loop, LogMessageStore store, AuditLog audit, Node node) {}

    /** One office's node. */
    final class Office {
        final OrganisationId id;
        /** Its machine's. */
        final MovedClock clock = new MovedClock(TwoNodes.this.clock);

        private Path data;
        private NodeKeys keys;
        private DeliveryPolicy policy = DeliveryPolicy.DEFAULT;
        private Optional<Running> running = Optional.empty();

        Office(OrganisationId id, Path data) throws IOException {
            this.id = id;
            this.data = data;
            this.keys = join();
        }

        private NodeKeys join() throws IOException {
            Authority.Invited invited = authority
                    .invite(id, List.of(new DialAddress("hub.example", 7443)), 14, Optional.empty())
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
            DirectoryFolder.of(RealDisk.at(data)).save(Optional.of(joined.directory()), joined.records());
            return joined.keys();
        }

        /** Its disk is gone with all keys; the authority invites it again, under the same address. */
        void loseDiskAndJoinAgain() throws IOException {
            cut();
            stop();
            data = Files.createDirectory(data.resolveSibling(data.getFileName() + "-new"));
            keys = join();
            start();
            connect();
        }

        Address address() {
            return Address.of(id);
        }

        Path data() {
            return data;
        }

        Node node() {
            return running().node();
        }

        private Running running() {
            return running.orElseThrow();
        }

        void start() {
            RealDisk disk = RealDisk.at(data);
            DirectoryFolder folder = DirectoryFolder.of(disk);
            RealLoop loop = RealLoop.start(id.text(), 2, failures::add);
            LogMessageStore store = LogMessageStore.open(
                            disk,
                            clock,
                            randomness,
                            loop,
                            StoreEvents.IGNORED,
                            StoreSettings.server(data, ProcessHandle.current().pid(), CustodyProjection.INSTANCE))
                    .orBug();
            AuditLog audit = AuditLog.open(
                            disk, clock, Runnable::run, refusal -> failures.add(new Bug(refusal.toString())))
                    .orBug();
            audit.signWith(network, id, () -> AuditProofs.signer(keys.evidenceKey()));
            NodeWatch watch = new NodeWatch(clock);
            watch.auditTo((kind, who, message, number, detail) -> audit.append(
                    new AuditEvent(kind.replace('_', '-'), message, ErrorCode.ofNumber(number), who, detail)));
            try {
                Node node = Node.inLoop(
                        loop,
                        () -> new Node(
                                new Node.Self(
                                        id,
                                        keys.incarnation(),
                                        keys.custodyMacKey(),
                                        keys.custodyMacKey(),
                                        new Ring(keys)),
                                new Node.Ground(loop, clock, randomness, store, folder),
                                folder.load(keys.root(), clock.now()).book(),
                                policy,
                                watch,
                                new Desk(audit),
                                Optional::empty,
                                List.of()));
                running = Optional.of(new Running(loop, store, audit, node));
            } catch (InterruptedException e) {
                throw new Bug("interrupted", e);
            }
        }

        /** Of all archive files. */
        long archiveBytes() throws IOException {
            try (Stream<Path> files = Files.list(data.resolve("archive"))) {
                return files.filter(file -> file.toString().endsWith(".log"))
                        .mapToLong(file -> file.toFile().length())
                        .sum();
            }
        }

        /** What the process does once an hour. */
        void renew() {
            try {
                DirectoryView view = Node.inLoop(running().loop, node()::directoryView);
                List<Bytes> records = keys.renewIfDue(view, clock.now()).records();
                Node.inLoop(running().loop, () -> {
                    node().publish(records);
                    return true;
                });
            } catch (InterruptedException e) {
                throw new Bug("interrupted", e);
            }
        }

        /** What it knows of the network. */
        DirectoryView view() {
            try {
                return Node.inLoop(running().loop, node()::directoryView);
            } catch (InterruptedException e) {
                throw new Bug("interrupted", e);
            }
        }

        boolean isRunning() {
            return running.isPresent();
        }

        /**
         * Starts again, beside another set of products, publishing keys of theirs; wires are cut and not laid again.
         *
         * @param cipher the State cipher service's product that is installed now
         */
        void startBeside(Optional<InstalledCipher> cipher) {
            cut();
            stop();
            keys.close();
            keys = NodeKeys.open(RealDisk.at(data), Protection.fileModes(), randomness, cipher)
                    .orBug();
            DeliveryPolicy standard = DeliveryPolicy.DEFAULT;
            policy = new DeliveryPolicy(
                    standard.keepDelivered(),
                    standard.askAfter(),
                    standard.returnsMax(),
                    standard.heldBackMax(),
                    standard.alternativeAfter(),
                    Duration.ofMillis(100),
                    Duration.ofMillis(200),
                    standard.clientIdsKept(),
                    cipher.isPresent());
            start();
            renew();
        }

        /** As a crash: no word to anybody. */
        void stop() {
            running.ifPresent(now -> {
                now.loop().close();
                now.store().close();
            });
            running = Optional.empty();
        }

        /** Stops it, cutting the wire, and starts it over the same disk. */
        void restart() {
            cut();
            stop();
            start();
            connect();
        }
    }

    /** Two ends, each in its own loop; frames arrive in order and whole, until cut. */
    private static final class Cable {
        private final End down;
        private final End up;
        private volatile boolean cut;

        Cable(Loop district, Loop province) {
            down = new End(district);
            up = new End(province);
            down.other = Optional.of(up);
            up.other = Optional.of(down);
        }

        void cut() {
            cut = true;
            for (End end : List.of(down, up)) {
                end.loop.execute(() -> end.session.ifPresent(LinkSession::cut));
            }
        }

        private final class End implements Wire {
            private final Loop loop;
            private Optional<End> other = Optional.empty();
            private Optional<LinkSession> session = Optional.empty();
            private final List<Bytes> early = new ArrayList<>();
            private final List<Bytes> queued = new ArrayList<>();

            End(Loop loop) {
                this.loop = loop;
            }

            void begin(java.util.function.Supplier<LinkSession> opening) {
                loop.execute(() -> {
                    LinkSession begun = opening.get();
                    session = Optional.of(begun);
                    early.forEach(begun::received);
                    early.clear();
                });
            }

            private void receive(Bytes frame) {
                if (!cut) {
                    session.ifPresentOrElse(there -> there.received(frame), () -> early.add(frame));
                }
            }

            @Override
            public void send(Bytes frame) {
                queued.add(frame);
            }

            @Override
            public void flush() {
                List<Bytes> frames = List.copyOf(queued);
                queued.clear();
                frames.forEach(frame -> other().loop.execute(() -> other().receive(frame)));
            }

            private End other() {
                return other.orElseThrow();
            }

            @Override
            public boolean isWritable() {
                return true;
            }

            @Override
            public void close() {
                flush();
                other().loop.execute(() -> loop.execute(Cable.this::cut));
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
        public Optional<InstalledCipher> cipher() {
            return keys.cipher();
        }

        @Override
        public void whenDestroyed(Runnable forget) {
            keys.recipientKeys().whenDestroyed(forget);
        }
    }

    private record Desk(AuditLog audit) implements Controls {
        @Override
        public List<AuditProof> auditProofs(MessageId envelope, Instant at) {
            return AuditProofs.of(audit, envelope, at);
        }

        @Override
        public void stop(Duration grace) {
            throw new Bug("nobody asked this node to stop");
        }

        @Override
        public Result<OperatorDoor.ClientInvitation> inviteClient(Address address, List<String> dial) {
            throw new Bug("no clients here");
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
