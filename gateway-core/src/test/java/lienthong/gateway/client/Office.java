package lienthong.gateway.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.EnvelopeVerifier;
import lienthong.gateway.envelope.ReceiptVerifier;
import lienthong.gateway.envelope.SealCache;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Province;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.CiphertextSource;
import lienthong.gateway.link.ClientFrame;
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
import lienthong.gateway.link.Query;
import lienthong.gateway.link.TransferOutcome;
import lienthong.gateway.link.TransferSink;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;

/**
 * An office's node reduced to what its clients see: keeps what they send in memory, lends each what is addressed to it, believes their signed
 * receipts. Real keys, real directory, real sessions over wires in memory; may cut, refuse and forget on demand. Every session runs in the loop
 * of its own client, so what is shared is guarded by this object.
 */
final class Office {
    final Province province;
    final NodeKeys keys;
    final Clock clock;
    private final DirectoryBook book;
    private final SealCache cache = new SealCache();

    // ---- guarded by this
    final Map<Hash, Kept> kept = new LinkedHashMap<>();
    private final Map<Address, Visit> visits = new HashMap<>();
    private final Map<Hash, byte[]> partials = new HashMap<>();
    private long leases;
    private long marks;
    int enrolments;

    /** What came, in the order in which it came. */
    final List<IncomingEnvelope> arrived = new CopyOnWriteArrayList<>();

    final List<Receipt> receipts = new CopyOnWriteArrayList<>();
    final List<Bytes> notices = new CopyOnWriteArrayList<>();
    final List<Refusal> bad = new CopyOnWriteArrayList<>();
    final List<ClientFrame.Attach> attached = new CopyOnWriteArrayList<>();
    final List<Wires> wires = new CopyOnWriteArrayList<>();
    /** Says no to an envelope, or nothing. */
    volatile Function<Header, Optional<Refusal>> refuse = header -> Optional.empty();
    /** Cuts instead of answering so many times. */
    final AtomicInteger cutsBeforeAnswer = new AtomicInteger();
    /** Nobody gets through. */
    volatile boolean down;

    /** An envelope in custody here. */
    static final class Kept {
        final SealedEnvelope sealed;
        final VerifiedEnvelope verified;
        final byte[] ciphertext;
        final Map<Address, Integer> lent = new HashMap<>();
        final Map<Address, Boolean> over = new HashMap<>();

        Kept(SealedEnvelope sealed, VerifiedEnvelope verified, byte[] ciphertext) {
            this.sealed = sealed;
            this.verified = verified;
            this.ciphertext = ciphertext;
        }
    }

    private static final class Visit {
        final Loop loop;
        final LinkSession session;
        boolean attached;
        long credit;
        final Map<Hash, Long> leased = new HashMap<>();

        Visit(Loop loop, LinkSession session) {
            this.loop = loop;
            this.session = session;
        }
    }

    /** One province for all tests: making its keys is what takes time. */
    private static final class Shared {
        static final Province PROVINCE = Province.make(20_201_019L);
        static final Join.Joined JOINED = PROVINCE.join(Province.HUB);
        /** State folders of clients that have enrolled and never run; copied for each test. */
        static final Map<String, Path> ENROLLED = new ConcurrentHashMap<>();
    }

    Office() {
        province = Shared.PROVINCE;
        Join.Joined joined = Shared.JOINED;
        keys = joined.keys();
        book = province.book(province.authority.directory().signed(), joined);
        long base = System.nanoTime();
        clock = new Clock() {
            @Override
            public Instant now() {
                return Province.START.plusNanos(nanos() - base);
            }

            @Override
            public long nanos() {
                return System.nanoTime();
            }
        };
    }

    static Address mailbox(String name) {
        return new Address(Province.HUB, name);
    }

    GatewayClient.Ground ground(Path folder) {
        return new GatewayClient.Ground(RealDisk.at(folder), clock, province.randomness);
    }

    NodeKeys.ClientInvited invite(Address address) {
        return keys.inviteClient(
                        address,
                        List.of(new DialAddress("hub.example", 7443)),
                        Duration.ofDays(1),
                        book.view(),
                        Province.CHEAP,
                        clock.now())
                .orBug();
    }

    Result<Enrolled> enrol(Path folder, NodeKeys.ClientInvited invited, String code, String fingerprint) {
        return GatewayClient.enrol(
                ground(folder),
                invited.file(),
                code,
                fingerprint,
                (enrolment, loop, clock, randomness) -> connector(new Peer.Enrolment(Hash.of(invited.file())), loop));
    }

    /** Opens a client in this empty folder that has just enrolled. */
    GatewayClient client(Path folder, String name) {
        Path enrolled = Shared.ENROLLED.computeIfAbsent(name, this::enrolled);
        try (Stream<Path> files = Files.walk(enrolled)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(
                        file, folder.resolve(enrolled.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open(folder).orBug();
    }

    private Path enrolled(String name) {
        try {
            Path folder = Files.createTempDirectory("client-" + name);
            NodeKeys.ClientInvited invited = invite(mailbox(name));
            Result<Enrolled> enrolled = enrol(folder, invited, invited.code(), province.words());
            if (!enrolled.isOk()) {
                throw new AssertionError(enrolled.refusal());
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Result<GatewayClient> open(Path folder) {
        return open(folder, Optional.empty());
    }

    /** With a product of the State cipher service beside it. */
    Result<GatewayClient> open(Path folder, Optional<InstalledCipher> cipher) {
        return GatewayClient.open(
                new GatewayClient.Ground(RealDisk.at(folder), clock, province.randomness, cipher),
                (own, dial, directory, loop, clock, randomness) -> connector(new Peer.Client(own.address()), loop));
    }

    // ---- connections

    private Connector connector(Peer peer, Loop loop) {
        return new Connector() {
            private volatile boolean closed;
            private Optional<LinkSessions> there = Optional.empty();

            @Override
            public void start(LinkSessions sessions) {
                there = Optional.of(LinkSessions.start(loop, clock, new Side(loop), CreditPolicy.fixed(4 << 20)));
                dial(sessions);
            }

            private void dial(LinkSessions sessions) {
                if (closed) {
                    return;
                }
                if (down) {
                    loop.schedule(Duration.ofMillis(20).toNanos(), () -> dial(sessions));
                    return;
                }
                Wires pair = new Wires(loop);
                pair.client.session = Optional.of(sessions.dialled(new Peer.Node(Province.HUB), pair.client));
                pair.node.session = Optional.of(there.orElseThrow().accepted(peer, pair.node));
                pair.client
                        .session
                        .get()
                        .onEnd(end -> loop.schedule(Duration.ofMillis(20).toNanos(), () -> dial(sessions)));
                wires.add(pair);
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    /** Breaks the connection of a client. */
    void cut(Address address) {
        Visit visit;
        synchronized (this) {
            visit = visits.get(address);
        }
        if (visit != null) {
            visit.loop.execute(() -> wires.forEach(pair -> {
                if (pair.node.session.filter(one -> one == visit.session).isPresent()) {
                    pair.cut();
                }
            }));
        }
    }

    /** Forgets that a message was ended, as an old disk would. */
    synchronized void forgetEnds() {
        kept.values().forEach(one -> one.over.clear());
    }

    private synchronized CustodyMark mark() {
        marks++;
        return new CustodyMark(
                new Incarnation(9), marks, Hash.of(Bytes.utf8("" + marks)).bytes());
    }

    private synchronized List<Refusal> take(List<Bytes> records) {
        return book.acceptRecords(records, clock.now());
    }

    /** Lends what waits for an address. */
    private void pump(Address address) {
        Visit visit;
        synchronized (this) {
            visit = visits.get(address);
        }
        if (visit != null) {
            visit.loop.execute(() -> lend(address, visit));
        }
    }

    private void lend(Address address, Visit visit) {
        List<Runnable> sending = new ArrayList<>();
        synchronized (this) {
            for (Kept one : kept.values()) {
                Header header = one.verified.facts().header();
                Hash leaf = one.verified.facts().leaf();
                int slot = header.recipients().indexOf(address);
                if (slot < 0
                        || !visit.attached
                        || visit.credit <= 0
                        || one.over.containsKey(address)
                        || visit.leased.containsKey(leaf)) {
                    continue;
                }
                visit.credit--;
                long lease = ++leases;
                visit.leased.put(leaf, lease);
                int before = one.lent.merge(address, 1, Integer::sum) - 1;
                SealedEnvelope branch = one.sealed.withSlots(one.sealed.slots().stream()
                        .filter(each -> each.number() == slot)
                        .toList());
                sending.add(() -> {
                    visit.session.send(new ClientFrame.Leased(
                            lease, header.ids(), leaf, 60, before, before > 0, Optional.empty()));
                    visit.session.offer(
                            branch,
                            header.precedence(),
                            Duration.ZERO,
                            CiphertextSource.of(Bytes.copyOf(one.ciphertext)),
                            new Ignored());
                });
            }
        }
        if (visit.session.isReady()) {
            sending.forEach(Runnable::run);
        }
    }

    private static final class Ignored implements TransferOutcome {
        @Override
        public void custody(CustodyMark mark) {}

        @Override
        public void have(CustodyMark mark) {}

        @Override
        public void rejected(Refusal refusal, boolean advice) {}

        @Override
        public void unreadable(Refusal refusal) {}

        @Override
        public void lost() {}
    }

    /** The node's side of one client's sessions. */
    private final class Side implements LinkOwner {
        private final Loop loop;

        Side(Loop loop) {
            this.loop = loop;
        }

        private Optional<Address> client(LinkSession session) {
            return session.peer() instanceof Peer.Client client ? Optional.of(client.address()) : Optional.empty();
        }

        @Override
        public HelloDetails helloFor(LinkSession session) {
            synchronized (Office.this) {
                return new HelloDetails(
                        Province.HUB.text(),
                        keys.incarnation(),
                        Optional.of(book.view().version()),
                        book.recordsSetHash(),
                        Optional.empty(),
                        clock.now(),
                        List.of());
            }
        }

        @Override
        public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
            return Optional.empty();
        }

        @Override
        public void onReady(LinkSession session) {
            client(session).ifPresent(address -> {
                synchronized (Office.this) {
                    visits.put(address, new Visit(loop, session));
                }
            });
        }

        @Override
        public void onRoom(LinkSession session) {
            client(session).ifPresent(Office.this::pump);
        }

        @Override
        public void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {
            Hash core = Hash.of(offer.core());
            byte[] before;
            synchronized (Office.this) {
                before = partials.getOrDefault(core, new byte[0]);
            }
            reply.accept(before.length, new Memory(core, before));
        }

        @Override
        public void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {
            arrived.add(envelope);
            if (cutsBeforeAnswer.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                wires.forEach(pair -> {
                    if (pair.node.session.filter(one -> one == session).isPresent()) {
                        pair.cut();
                    }
                });
                return;
            }
            Header header = CoreCodec.decode(envelope.envelope().core(), null).orBug();
            Optional<Refusal> no = refuse.apply(header);
            if (no.isPresent()) {
                reply.reject(no.get(), false);
                return;
            }
            Result<VerifiedEnvelope> verified;
            synchronized (Office.this) {
                verified = new EnvelopeVerifier(cache)
                        .verify(
                                envelope.envelope(),
                                envelope.ciphertextRoot(),
                                envelope.envelope().ciphertext().length(),
                                book.view());
            }
            if (!(verified instanceof Result.Ok<VerifiedEnvelope> ok)) {
                bad.add(verified.refusal());
                reply.reject(verified.refusal(), false);
                return;
            }
            synchronized (Office.this) {
                byte[] ciphertext = envelope.envelope().ciphertext() instanceof SealedEnvelope.Ciphertext.Inline inline
                        ? inline.bytes().toArray()
                        : partials.getOrDefault(Hash.of(envelope.envelope().core()), new byte[0]);
                kept.putIfAbsent(ok.value().facts().leaf(), new Kept(envelope.envelope(), ok.value(), ciphertext));
            }
            reply.custody(mark());
            header.recipients().forEach(Office.this::pump);
        }

        @Override
        public void onReceipts(LinkSession session, List<CarriedReceipt> carried, List<CustodyReply> replies) {
            for (int i = 0; i < carried.size(); i++) {
                Result<Receipt> verified;
                synchronized (Office.this) {
                    verified = new ReceiptVerifier(cache).verify(carried.get(i).receipt(), book.view());
                }
                if (!(verified instanceof Result.Ok<Receipt> ok)) {
                    bad.add(verified.refusal());
                    replies.get(i).reject(verified.refusal(), false);
                    continue;
                }
                Receipt receipt = ok.value();
                receipts.add(receipt);
                synchronized (Office.this) {
                    Hash leaf = ((Receipt.Subject.One) receipt.subject()).leaf();
                    Optional.ofNullable(kept.get(leaf)).ifPresent(one -> one.over.put(receipt.recipient(), true));
                    Optional.ofNullable(visits.get(receipt.recipient())).ifPresent(visit -> visit.leased.remove(leaf));
                }
                replies.get(i).custody(mark());
            }
        }

        @Override
        public void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {
            notices.add(notice);
            reply.custody(mark());
        }

        @Override
        public void onQuery(LinkSession session, Query query) {}

        @Override
        public void onKnown(LinkSession session, Known known) {}

        @Override
        public void onDirectory(LinkSession session, DirectoryMessage message) {
            synchronized (Office.this) {
                if (message instanceof DirectoryMessage.WantHashes) {
                    session.directory(new DirectoryMessage.Hashes(book.recordHashes(), true));
                } else if (message instanceof DirectoryMessage.WantRecords want) {
                    session.directory(new DirectoryMessage.Records(want.hashes().stream()
                            .flatMap(hash -> book.record(hash).stream())
                            .toList()));
                } else if (message instanceof DirectoryMessage.Records records) {
                    bad.addAll(take(records.records()));
                    tellOthers(session, records.records());
                }
            }
        }

        private void tellOthers(LinkSession session, List<Bytes> records) {
            for (Visit visit : visits.values()) {
                visit.loop.execute(() -> {
                    if (visit.session.isReady() && visit.session != session) {
                        visit.session.directory(new DirectoryMessage.Records(records));
                    }
                });
            }
        }

        @Override
        public void onClient(LinkSession session, ClientFrame frame) {
            if (frame instanceof ClientFrame.Enrol enrol) {
                Result<Bytes> issued;
                synchronized (Office.this) {
                    enrolments++;
                    issued = keys.issueClient(enrol.request(), clock.now());
                }
                session.send(issued.<ClientFrame>fold(
                        answer -> new ClientFrame.Enrolled(Optional.of(answer), Optional.empty()),
                        no -> new ClientFrame.Enrolled(Optional.empty(), Optional.of(no))));
                return;
            }
            Address address = client(session).orElseThrow();
            synchronized (Office.this) {
                Visit visit = visits.get(address);
                if (frame instanceof ClientFrame.Attach attach) {
                    attached.add(attach);
                    visit.attached = attach.want() > 0;
                    visit.credit = attach.want();
                } else if (frame instanceof ClientFrame.Lease lease) {
                    visit.credit += lease.want();
                } else if (frame instanceof ClientFrame.Return back && back.again()) {
                    visit.leased.values().remove(back.lease());
                } else if (frame instanceof ClientFrame.Track track) {
                    session.send(new ClientFrame.Tracked(track.request(), track.id(), places(address, track.id())));
                } else if (frame instanceof ClientFrame.LookUp question) {
                    var office = book.view()
                            .directory()
                            .organisation(Province.TAY_SON)
                            .orElseThrow();
                    session.send(new ClientFrame.Found(
                            question.request(),
                            List.of(office.text(book.view().network()), Bytes.utf8("an invented entry")),
                            List.of(),
                            Optional.empty()));
                } else if (frame instanceof ClientFrame.KeyBundle bundle) {
                    bad.addAll(take(List.of(bundle.record())));
                    tellOthers(session, List.of(bundle.record()));
                }
            }
            pump(address);
        }

        private List<ClientFrame.Place> places(Address sender, MessageId id) {
            return kept.values().stream()
                    .filter(one -> one.verified.facts().header().sender().equals(sender)
                            && one.verified.facts().header().ids().contains(id))
                    .flatMap(one -> one.verified.facts().header().recipients().stream()
                            .map(to -> new ClientFrame.Place(
                                    to,
                                    one.over.containsKey(to) ? "consumed" : "delivered",
                                    clock.now(),
                                    Optional.empty())))
                    .toList();
        }

        @Override
        public void onClosed(LinkSession session, LinkEnd end) {
            synchronized (Office.this) {
                visits.values().removeIf(visit -> visit.session == session);
            }
        }
    }

    /** A ciphertext on its way in. */
    private final class Memory implements TransferSink {
        private final Hash core;
        private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();

        Memory(Hash core, byte[] before) {
            this.core = core;
            bytes.writeBytes(before);
        }

        @Override
        public Optional<Refusal> write(long offset, Bytes data) {
            bytes.writeBytes(data.toArray());
            return Optional.empty();
        }

        private void keep() {
            synchronized (Office.this) {
                partials.put(core, bytes.toByteArray());
            }
        }

        @Override
        public Result<Received> finish() throws IOException {
            keep();
            BlockTree tree = new BlockTree();
            tree.feed(Bytes.copyOf(bytes.toByteArray()));
            return Result.ok(new Received(new SealedEnvelope.Ciphertext.Spooled(7, bytes.size()), tree.finish()));
        }

        @Override
        public void suspend() {
            keep();
        }

        @Override
        public void discard() {}
    }
}
