package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.SignedReceipt;
import lienthong.gateway.routing.Route;
import lienthong.gateway.routing.Router;
import lienthong.gateway.routing.RoutingView;
import lienthong.gateway.routing.TestTree;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.StoreBench;
import lienthong.gateway.store.TurnLoop;
import lienthong.gateway.store.log.LogMessageStore;

/**
 * Several deliveries in one process, each over the real log on a disk that forgets, with cables between them. May break: a cable between any two
 * frames (what was under way is lost), a process (what was not synced may be lost or torn), a whole disk. Keeps: the order of frames in one
 * direction of one session. Envelopes are sealed in name only: what delivery may not look into is not there.
 */
final class Province {
    static final DeliveryPolicy POLICY = new DeliveryPolicy(
            Duration.ofDays(7),
            Duration.ofHours(1),
            50,
            10,
            Duration.ofMinutes(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Duration.ofDays(30),
            false);
    private static final Hash NETWORK = Hash.of(Bytes.utf8("network"));

    final Map<String, Office> offices = new TreeMap<>();
    final List<Cable> cables = new ArrayList<>();
    final Random random;
    final long seed;
    RoutingView directory;
    private long minted;

    Province(String tree, long seed) {
        this(tree, seed, POLICY);
    }

    Province(String tree, long seed, DeliveryPolicy policy) {
        this.seed = seed;
        this.random = new Random(seed);
        this.directory = TestTree.of(tree);
        for (String node : tree.split(";")) {
            String name = node.split("<")[0].strip();
            offices.put(name, new Office(name, policy));
        }
        for (Office office : offices.values()) {
            for (OrganisationId parent : directory.parents(office.id)) {
                cables.add(new Cable(office, office(parent.text())));
            }
        }
        offices.values().forEach(Office::start);
        cables.forEach(Cable::join);
        settle();
    }

    Office office(String name) {
        return offices.get(name);
    }

    static Address address(String text) {
        return Address.parse(text).orBug();
    }

    Cable cable(String a, String b) {
        return cables.stream()
                .filter(cable -> cable.a.name.equals(a) && cable.b.name.equals(b)
                        || cable.a.name.equals(b) && cable.b.name.equals(a))
                .findFirst()
                .orElseThrow();
    }

    /** Runs everything that waits, frames of different cables in an order the seed decides; {@code fault} may break something between two frames. */
    void settle(Runnable fault) {
        while (true) {
            offices.values().forEach(office -> office.loop.run());
            List<ArrayDeque<Runnable>> waiting = new ArrayList<>();
            for (Cable cable : cables) {
                if (!cable.toA.isEmpty()) {
                    waiting.add(cable.toA);
                }
                if (!cable.toB.isEmpty()) {
                    waiting.add(cable.toB);
                }
            }
            if (waiting.isEmpty()) {
                return;
            }
            waiting.get(random.nextInt(waiting.size())).remove().run();
            fault.run();
        }
    }

    void settle() {
        settle(() -> {});
    }

    void advance(Duration time) {
        // In steps, so that no office runs hours ahead of its neighbours.
        long left = time.toNanos();
        while (left > 0) {
            long step = Math.min(left, Math.max(1_000_000_000L, time.toNanos() / 50));
            offices.values().forEach(office -> office.loop.advance(step));
            settle();
            left -= step;
        }
    }

    void directory(RoutingView next) {
        directory = next;
        offices.values().forEach(office -> {
            if (office.alive) {
                office.delivery.directoryChanged(next);
                office.turn();
            }
        });
        settle();
    }

    /** A message to send. */
    static final class Letter {
        final String from;
        final List<String> to;
        Precedence precedence = Precedence.ROUTINE;
        SecrecyMark mark = SecrecyMark.NONE;
        int suite = 1;
        int count = 1;
        Optional<String> key = Optional.empty();
        Optional<ClientRequest> client = Optional.empty();
        Duration lifetime = Duration.ofDays(1);
        Incarnation incarnation = new Incarnation(0x1111);
        Optional<SealPlace> place = Optional.empty();

        Letter(String from, String... to) {
            this.from = from;
            this.to = List.of(to);
        }

        Letter urgent(Precedence value) {
            precedence = value;
            return this;
        }

        Letter ordered(String value) {
            key = Optional.of(value);
            return this;
        }

        Letter bundle(int value) {
            count = value;
            return this;
        }

        Letter named(String id, String content) {
            client = Optional.of(new ClientRequest(new ClientId(id), Hash.of(Bytes.utf8(content))));
            return this;
        }

        Letter marked(SecrecyMark value) {
            mark = value;
            return this;
        }

        Letter lives(Duration value) {
            lifetime = value;
            return this;
        }

        /** A leaf of a tree that other letters share. */
        Letter under(String root, int index, int size) {
            place = Optional.of(new SealPlace(root, index, size));
            return this;
        }
    }

    /** Where under which seal. */
    record SealPlace(String root, int index, int size) {}

    /** A sealed letter and its facts. */
    record Sealed(SealedEnvelope sealed, EnvelopeFacts facts) {}

    /** As many ids as it has messages; a core is its ids, so that numbers can be reserved under it. */
    List<MessageId> mint(Letter letter, Instant created) {
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < letter.count; i++) {
            byte[] bytes = new byte[10];
            java.nio.ByteBuffer.wrap(bytes).putLong(2, ++minted);
            ids.add(MessageId.mint(created, bytes));
        }
        return ids;
    }

    static Bytes core(List<MessageId> ids) {
        return Bytes.utf8("core " + ids);
    }

    Sealed seal(Letter letter, Optional<Reservation> reservation, Instant created, String content) {
        return seal(letter, mint(letter, created), reservation, created, content);
    }

    /** Seals in name only; the slots hold the numbers in clear, for the destination's test node to read. */
    Sealed seal(
            Letter letter, List<MessageId> ids, Optional<Reservation> reservation, Instant created, String content) {
        List<Address> recipients =
                letter.to.stream().map(Province::address).sorted().toList();
        Header header = new Header(
                NETWORK,
                letter.suite,
                ids,
                address(letter.from),
                Hash.of(Bytes.utf8("certificate of " + letter.from)),
                recipients,
                Optional.empty(),
                letter.precedence,
                letter.mark,
                created,
                new Lifetime(letter.lifetime.toSeconds()),
                directory.version(),
                letter.key.isPresent() ? List.of(Header.Flag.ORDERED) : List.of());
        return seal(header, reservation, content, letter.place);
    }

    Sealed seal(Header header, Optional<Reservation> reservation, String content) {
        return seal(header, reservation, content, Optional.empty());
    }

    private Sealed seal(Header header, Optional<Reservation> reservation, String content, Optional<SealPlace> under) {
        Bytes core = core(header.ids());
        List<SealedEnvelope.Slot> slots = new ArrayList<>();
        for (int i = 0; i < header.recipients().size(); i++) {
            slots.add(new SealedEnvelope.Slot(i, slot(header, reservation, i)));
        }
        slots.add(new SealedEnvelope.Slot(header.recipients().size(), Bytes.utf8("sender's own")));
        Bytes ciphertext = Bytes.utf8(content);
        Bytes statement = Bytes.utf8("statement " + core.utf8() + " " + content);
        SealPlace place = under.orElseGet(() -> new SealPlace("root of " + Hash.of(statement), 0, 1));
        SealedEnvelope.Seal seal = new SealedEnvelope.Seal(
                place.index(), place.size(), List.of(), Bytes.utf8(place.root()), Bytes.utf8("cms"), Optional.empty());
        EnvelopeFacts facts = new EnvelopeFacts(
                header,
                Hash.of(statement),
                Hash.of(seal.rootText()),
                place.index(),
                place.size(),
                Hash.of(ciphertext),
                ciphertext.size(),
                header.ids().stream().map(id -> Hash.of(id.bytes())).toList(),
                slots.stream().map(slot -> Hash.of(slot.bytes())).toList());
        return new Sealed(
                new SealedEnvelope(core, slots, new SealedEnvelope.Ciphertext.Inline(ciphertext), statement, seal),
                facts);
    }

    private Bytes slot(Header header, Optional<Reservation> reservation, int index) {
        return reservation
                .map(numbers -> {
                    Reservation.Numbered one = numbers.numbers().get(index);
                    return slot(
                            numbers.incarnation(),
                            one.first(),
                            one.previousCore(),
                            numbers.orderingKey(),
                            one.keyPredecessor(),
                            directory.life(header.recipients().get(index)).orElseThrow());
                })
                .orElse(Bytes.empty());
    }

    /** In clear, but for whoever has another key set than {@code life}. */
    private static Bytes slot(
            Incarnation incarnation, long number, Hash previous, Optional<String> key, long before, Incarnation life) {
        return new RecordWriter()
                .incarnation(incarnation)
                .number(number)
                .hash(previous)
                .text(key.orElse(""))
                .number(before)
                .incarnation(life)
                .done();
    }

    private static LocalSlot open(Bytes slot, Incarnation life) {
        if (slot.isEmpty()) {
            return new LocalSlot.Opaque();
        }
        RecordReader in = new RecordReader(slot);
        Incarnation incarnation = in.incarnation();
        long number = in.number();
        Hash previous = in.hash();
        String key = in.text();
        long before = in.number();
        return in.incarnation().equals(life)
                ? new LocalSlot.Opened(
                        incarnation, number, previous, key.isEmpty() ? Optional.empty() : Optional.of(key), before)
                : new LocalSlot.KeyNotHere();
    }

    /** What the application did with what it was given. */
    interface Behaviour {
        /** {@code true}: acknowledge; {@code false}: say nothing. */
        boolean acknowledges(LeasedMessage message);
    }

    final class Office implements LinkPort, LocalPort, DeliveryEvents, ReceiptPort, RewrapPort {
        final String name;
        final OrganisationId id;
        final DeliveryPolicy policy;
        StoreBench.Simulated bench = new StoreBench.Simulated(1);
        final TurnLoop loop = bench.loop;
        final List<DeliveryEvent> events = new ArrayList<>();
        final List<Progress> progress = new ArrayList<>();
        final Map<MessageId, Submission> answers = new LinkedHashMap<>();
        /** Leased, in order, as {@code id} or {@code id again}. */
        final List<LeasedMessage> leased = new ArrayList<>();

        final Set<String> worked = new HashSet<>();
        final Set<String> acknowledged = new HashSet<>();
        final List<String> consumedInOrder = new ArrayList<>();
        final Map<Address, ConsumerId> consumers = new HashMap<>();
        Behaviour behaviour = message -> true;
        /** Signs only while it is there. */
        boolean keyThere = true;
        /** Slots it was asked to make anew: all, at this time, and at most at a time. */
        int wraps;

        private int wrapping;
        int wrappingMax;
        /** Of the keys that its addresses can open with. */
        Incarnation life = new Incarnation(1);

        LogMessageStore store;
        Delivery delivery;
        boolean alive;
        private long receipts;

        Office(String name, DeliveryPolicy policy) {
            this.name = name;
            this.id = new OrganisationId(name);
            this.policy = policy;
            prepare();
        }

        private void prepare() {
            bench.projection = Projection.NONE;
            bench.segmentBytes = 256 * 1024;
        }

        void start() {
            store = bench.open();
            delivery = new Delivery(
                    new Delivery.Ports(id, loop, loop, store, directory, this, this, this, this, ProofPort.NONE, this),
                    policy);
            alive = true;
            delivery.recover();
            turn();
        }

        /** What was called from outside ends its turn. */
        void turn() {
            loop.execute(() -> {});
            loop.run();
        }

        /** An application takes messages of this office; also after each restart. */
        Office consumes(String... addresses) {
            for (String text : addresses) {
                consumers.put(address(text), new ConsumerId(0));
            }
            attach();
            return this;
        }

        Office consumes() {
            return consumes(name);
        }

        private void attach() {
            consumers.replaceAll((address, before) -> delivery.attach(address, Duration.ofMinutes(1)));
            turn();
        }

        void powerCut() {
            die();
            bench.crash(random.nextLong());
        }

        void kill() {
            die();
            bench.kill();
        }

        private void die() {
            alive = false;
            cables.forEach(cable -> cable.officeDied(this));
        }

        /** One bit of each record of a kind in the log flips, while the process is down; how many. */
        int damage(Kind kind) {
            int records = 0;
            for (String file : bench.disk.files()) {
                if (!file.startsWith("log/")) {
                    continue;
                }
                java.nio.ByteBuffer log = java.nio.ByteBuffer.wrap(bench.disk.contentOf(file));
                int length;
                for (int at = 4_096; at + 32 <= log.limit() && (length = log.getInt(at)) >= 32; at += length) {
                    boolean put = log.get(at + 16) == 1 || log.get(at + 16) == 2;
                    if (put && log.get(at + 17) == kind.number()) {
                        bench.disk.flip(file, at + 32L, 3);
                        records++;
                    }
                }
            }
            return records;
        }

        /** The disk is gone and a new one is there; its neighbours' proofs are of the old one. */
        void loseDisk() {
            die();
            loop.forget();
            bench = new StoreBench.Simulated(random.nextLong(), loop);
            prepare();
            cables.forEach(cable -> cable.forgiven |= cable.a == this || cable.b == this);
        }

        void restart() {
            start();
            attach();
            cables.forEach(cable -> {
                if (cable.wanted) {
                    cable.join();
                }
            });
        }

        // ---- sending

        List<MessageId> send(Letter letter) {
            return send(letter, "content");
        }

        List<MessageId> send(Letter letter, String content) {
            List<Address> recipients =
                    letter.to.stream().map(Province::address).sorted().toList();
            List<MessageId> ids = mint(letter, loop.now());
            Reservation reservation = delivery.reserve(
                    address(letter.from), letter.incarnation, recipients, Hash.of(core(ids)), letter.count, letter.key);
            Sealed sealed = seal(letter, ids, Optional.of(reservation), loop.now(), content);
            List<Optional<ClientRequest>> clients = new ArrayList<>();
            for (int i = 0; i < ids.size(); i++) {
                clients.add(i == 0 ? letter.client : Optional.empty());
            }
            delivery.accepted(
                    List.of(new AcceptedEnvelope(
                            sealed.sealed(),
                            sealed.facts(),
                            clients,
                            Optional.of(reservation),
                            local(sealed.facts().header(), sealed.sealed().slots()),
                            Bytes.empty())),
                    (position, answer) -> answers.put(ids.get(0), answer));
            loop.execute(() -> {});
            return ids;
        }

        /** What an embedded client sealed with numbers of its own. */
        Sealed sendAsClient(Letter letter, Reservation numbers) {
            Sealed sealed = seal(letter, Optional.of(numbers), loop.now(), "of a client");
            delivery.accepted(
                    List.of(new AcceptedEnvelope(
                            sealed.sealed(),
                            sealed.facts(),
                            List.of(Optional.empty()),
                            Optional.empty(),
                            local(sealed.facts().header(), sealed.sealed().slots()),
                            Bytes.empty())),
                    (position, answer) -> answers.put(sealed.facts().header().id(), answer));
            loop.execute(() -> {});
            return sealed;
        }

        Map<Address, LocalSlot> local(Header header, List<SealedEnvelope.Slot> slots) {
            Map<Address, LocalSlot> local = new HashMap<>();
            for (SealedEnvelope.Slot slot : slots) {
                if (slot.number() < header.recipients().size()) {
                    Address recipient = header.recipients().get(slot.number());
                    if (Router.route(directory, id, recipient, loop.now()) instanceof Route.DeliverHere) {
                        local.put(recipient, Province.open(slot.bytes(), life));
                    }
                }
            }
            return local;
        }

        TakeOver takeOver(Office from, Sealed sealed, Duration age) {
            return new TakeOver(
                    from.id,
                    sealed.sealed(),
                    sealed.facts(),
                    local(sealed.facts().header(), sealed.sealed().slots()),
                    age);
        }

        /** Offers it as a neighbour would, outside any cable; the answer after everything is durable. */
        TakenOver offer(Office from, Sealed sealed) {
            List<TakenOver> answer = new ArrayList<>();
            delivery.takeOver(takeOver(from, sealed, Duration.ZERO), answer::add);
            turn();
            assertThat(answer).hasSize(1);
            return answer.get(0);
        }

        boolean isAccepted(MessageId message) {
            return answers.get(message) instanceof Submission.Accepted;
        }

        Tracked track(MessageId message) {
            List<Optional<Tracked>> answer = new ArrayList<>();
            delivery.track(message, answer::add);
            turn();
            return answer.get(0).orElseThrow(() -> new AssertionError("seed " + seed + ": untracked " + message));
        }

        /** For instance {@code "C1 CONSUMED, D2 FORWARDED"}. */
        String states(MessageId message) {
            List<String> words = new ArrayList<>();
            track(message).recipients().forEach(one -> words.add(one.address() + " " + one.state()));
            return String.join(", ", words);
        }

        long count(DeliveryStatus.Counter counter) {
            return delivery.status().counters().getOrDefault(counter, 0L);
        }

        List<ErrorCode> quarantined() {
            return events.stream()
                    .filter(event -> event.what() == DeliveryEvent.What.QUARANTINED)
                    .map(event -> event.code().orElseThrow())
                    .toList();
        }

        // ---- ports

        @Override
        public void wake(OrganisationId neighbour) {
            cables.forEach(cable -> cable.pull(this, neighbour));
        }

        @Override
        public void directoryBehind(OrganisationId from, DirectoryVersion theirs) {}

        @Override
        public void available(Address address) {
            Delivery current = delivery;
            loop.execute(() -> work(current, address));
        }

        private void work(Delivery current, Address address) {
            ConsumerId consumer = consumers.get(address);
            if (!alive || current != delivery || consumer == null) {
                return;
            }
            List<LeasedMessage> lent = current.lease(consumer, 8, 1 << 20);
            for (LeasedMessage message : lent) {
                leased.add(message);
                String key = message.address() + " " + message.id();
                assertThat(acknowledged)
                        .as("seed %d: handed over after its acknowledgement", seed)
                        .doesNotContain(key);
                if (!worked.add(key)) {
                    assertThat(message.redelivered())
                            .as("seed %d: %s comes again without the mark", seed, key)
                            .isTrue();
                }
                if (behaviour.acknowledges(message)) {
                    consumedInOrder.add(key);
                    current.acknowledge(consumer, message.lease(), Optional.empty(), refusal -> {
                        assertThat(refusal).as("seed %d", seed).isEmpty();
                        acknowledged.add(key);
                    });
                }
            }
            if (!lent.isEmpty()) {
                loop.execute(() -> work(current, address));
            }
        }

        @Override
        public void lapsed(ConsumerId consumer, long lease) {}

        @Override
        public void progressed(Progress what) {
            progress.add(what);
        }

        @Override
        public void happened(DeliveryEvent event) {
            events.add(event);
        }

        @Override
        public void sign(List<ReceiptDraft> drafts, Consumer<List<Optional<Signed>>> then) {
            loop.execute(() -> then.accept(drafts.stream().map(this::sign).toList()));
        }

        Optional<Signed> sign(ReceiptDraft draft) {
            if (!keyThere) {
                return Optional.empty();
            }
            Receipt receipt = new Receipt(
                    NETWORK,
                    draft.kind(),
                    draft.subject(),
                    draft.recipient(),
                    Hash.of(Bytes.utf8("certificate of " + draft.speaker())),
                    draft.reason(),
                    loop.now(),
                    directory.version(),
                    life,
                    draft.deliveryCount());
            Bytes text = Bytes.utf8("receipt " + name + " " + ++receipts + " " + draft.kind());
            SealedEnvelope.Seal seal =
                    new SealedEnvelope.Seal(0, 1, List.of(), Bytes.utf8("root"), Bytes.utf8("cms"), Optional.empty());
            return Optional.of(new Signed(new SignedReceipt(text, seal), receipt));
        }

        @Override
        public void signSkip(Notice.Skip skip, Consumer<Optional<RoutedNotice>> then) {
            loop.execute(() -> then.accept(
                    keyThere ? Optional.of(new RoutedNotice(skip, Bytes.utf8("signed " + skip))) : Optional.empty()));
        }

        @Override
        public void wrap(Work work, Consumer<Result<RoutedNotice>> then) {
            wraps++;
            wrappingMax = Math.max(wrappingMax, ++wrapping);
            Incarnation now = directory.life(work.recipient()).orElseThrow();
            Bytes slot = slot(
                    work.incarnation(),
                    work.first(),
                    work.previousCore(),
                    work.orderingKey(),
                    work.keyPredecessor(),
                    now);
            boolean same =
                    work.sealed().slots().stream().anyMatch(one -> one.bytes().equals(slot));
            Notice.Rewrap rewrap = new Notice.Rewrap(
                    MessageId.mint(loop.now(), new byte[10]),
                    Hash.of(work.sealed().statement()),
                    work.recipient(),
                    Hash.of(slot),
                    slot);
            loop.execute(() -> {
                wrapping--;
                then.accept(
                        same || !keyThere
                                ? Result.no(ErrorCode.KEY_BUNDLE_OLD, "no newer key")
                                : Result.ok(new RoutedNotice(rewrap, Bytes.utf8("signed " + name + " " + ++receipts))));
            });
        }

        /** Of embedded clients: whom each was asked to wrap anew for, while it is here. */
        final List<Address> asked = new ArrayList<>();

        boolean clientsHere = true;

        @Override
        public boolean ask(SealedEnvelope sealed, Address sender, Address recipient) {
            if (clientsHere) {
                asked.add(recipient);
            }
            return clientsHere;
        }

        @Override
        public void check(
                SealedEnvelope sealed,
                RoutedNotice notice,
                Consumer<Optional<lienthong.gateway.message.Refusal>> then) {
            boolean good = notice.signed().utf8().startsWith("signed ");
            loop.execute(() -> then.accept(
                    good
                            ? Optional.empty()
                            : Optional.of(lienthong.gateway.message.Refusal.of(ErrorCode.SEAL_INVALID))));
        }

        @Override
        public void open(SealedEnvelope sealed, RoutedNotice notice, Consumer<Result<LocalSlot>> then) {
            Notice.Rewrap rewrap = (Notice.Rewrap) notice.notice();
            assertThat(rewrap.leaf()).isEqualTo(Hash.of(sealed.statement()));
            loop.execute(() -> then.accept(
                    notice.signed().utf8().startsWith("signed ")
                            ? Result.ok(Province.open(rewrap.slot(), life))
                            : Result.no(lienthong.gateway.message.Refusal.of(ErrorCode.SEAL_INVALID))));
        }
    }

    /** A session between two offices; frames of one direction stay in order. */
    final class Cable {
        final Office a;
        final Office b;
        final ArrayDeque<Runnable> toA = new ArrayDeque<>();
        final ArrayDeque<Runnable> toB = new ArrayDeque<>();
        boolean wanted = true;
        boolean up;
        int roomMax = 4;
        /** An operator has accepted the loss of a disk. */
        boolean forgiven;

        private int underWayA;
        private int underWayB;

        Cable(Office a, Office b) {
            this.a = a;
            this.b = b;
        }

        void join() {
            if (up || !a.alive || !b.alive) {
                return;
            }
            up = true;
            underWayA = 0;
            underWayB = 0;
            checkDisk(a, b);
            checkDisk(b, a);
            // The hellos.
            a.delivery.heardClock(b.loop.now());
            b.delivery.heardClock(a.loop.now());
            a.delivery.neighbourReady(b.id);
            b.delivery.neighbourReady(a.id);
            a.loop.execute(() -> {});
            b.loop.execute(() -> {});
        }

        /** What a neighbour proves, this disk must hold: custody was answered only after it was durable. */
        private void checkDisk(Office giver, Office holder) {
            long proven =
                    holder.delivery.proofOf(giver.id).map(CustodyProof::number).orElse(0L);
            if (forgiven
                    || proven > giver.delivery.custodyHeld(holder.id)
                            && giver.delivery.custodyRecordLost(holder.id, proven)) {
                return;
            }
            assertThat(giver.delivery.custodyHeld(holder.id))
                    .as("seed %d: custody numbers of %s for %s", seed, giver.name, holder.name)
                    .isGreaterThanOrEqualTo(proven);
        }

        void cut() {
            wanted = false;
            drop();
        }

        void repair() {
            wanted = true;
            join();
        }

        private void drop() {
            if (!up) {
                return;
            }
            up = false;
            toA.clear();
            toB.clear();
            if (a.alive) {
                a.delivery.neighbourLost(b.id);
                a.loop.execute(() -> {});
            }
            if (b.alive) {
                b.delivery.neighbourLost(a.id);
                b.loop.execute(() -> {});
            }
        }

        void officeDied(Office office) {
            if (office == a || office == b) {
                drop();
            }
        }

        void pull(Office from, OrganisationId neighbour) {
            boolean fromA = from == a && b.id.equals(neighbour);
            boolean fromB = from == b && a.id.equals(neighbour);
            if (!up || !fromA && !fromB) {
                return;
            }
            Office to = fromA ? b : a;
            LinkRoom room = precedence -> (fromA ? underWayA : underWayB) < roomMax;
            for (Optional<Parcel> next = from.delivery.next(neighbour, room);
                    next.isPresent();
                    next = from.delivery.next(neighbour, room)) {
                Parcel parcel = next.get();
                if (parcel instanceof Parcel.Envelope) {
                    count(fromA, 1);
                }
                (fromA ? toB : toA).add(() -> arrive(from, to, fromA, parcel));
            }
        }

        private void count(boolean fromA, int by) {
            if (fromA) {
                underWayA += by;
            } else {
                underWayB += by;
            }
        }

        private void arrive(Office from, Office to, boolean fromA, Parcel parcel) {
            to.loop.execute(() -> {});
            Consumer<TakenOver> answer = said -> {
                if (up) {
                    (fromA ? toA : toB).add(() -> answered(from, to, fromA, parcel, said));
                }
            };
            if (parcel instanceof Parcel.Envelope envelope) {
                to.delivery.takeOver(
                        new TakeOver(
                                from.id,
                                envelope.sealed(),
                                envelope.facts(),
                                to.local(
                                        envelope.facts().header(),
                                        envelope.sealed().slots()),
                                envelope.age()),
                        answer);
            } else if (parcel instanceof Parcel.Home home) {
                to.delivery.receiptArrived(from.id, home.receipt(), answer);
            } else if (parcel instanceof Parcel.Word word) {
                to.delivery.noticeArrived(from.id, word.notice(), answer);
            } else if (parcel instanceof Parcel.Asking asking) {
                to.delivery.queryArrived(from.id, asking.query());
            } else if (parcel instanceof Parcel.Telling telling) {
                to.delivery.knownArrived(from.id, telling.known());
            }
        }

        private void answered(Office from, Office to, boolean fromA, Parcel parcel, TakenOver said) {
            from.loop.execute(() -> {});
            if (parcel instanceof Parcel.Envelope) {
                count(fromA, -1);
            }
            if (said instanceof TakenOver.Custody custody) {
                from.delivery.handed(to.id, parcel.token(), proof(custody.number()));
            } else if (said instanceof TakenOver.Have have) {
                from.delivery.handed(to.id, parcel.token(), proof(have.number()));
            } else if (said instanceof TakenOver.Rejected rejected) {
                from.delivery.rejected(to.id, parcel.token(), rejected.why(), Optional.empty());
            } else if (said instanceof TakenOver.Busy busy) {
                from.delivery.rejected(to.id, parcel.token(), busy.why(), Optional.of(busy.retryAfter()));
            }
            pull(from, to.id);
        }

        private CustodyProof proof(long number) {
            return new CustodyProof(new Incarnation(9), number, Bytes.empty());
        }
    }
}
