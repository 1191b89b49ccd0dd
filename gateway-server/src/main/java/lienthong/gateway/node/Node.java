package lienthong.gateway.node;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import lienthong.gateway.api.DirectoryDoor;
import lienthong.gateway.api.Doors;
import lienthong.gateway.api.ListDoor;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.api.SendDoor;
import lienthong.gateway.api.TrackDoor;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.DeliveryEvent;
import lienthong.gateway.delivery.DeliveryPolicy;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.EnvelopeSealer;
import lienthong.gateway.envelope.EnvelopeVerifier;
import lienthong.gateway.envelope.HpkeContexts;
import lienthong.gateway.envelope.Opener;
import lienthong.gateway.envelope.ReceiptVerifier;
import lienthong.gateway.envelope.SealCache;
import lienthong.gateway.envelope.SlotOpener;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.store.MessageStore;

/**
 * One node over its environment: everything between the wires and the doors, all decisions on one loop. The simulator composes the same class
 * over simulated ports; {@link NodeProcess} adds sockets, files and the process.
 */
public final class Node implements Doors {
    /** Reading back a million queued messages is the longest thing the loop is waited for. */
    private static final long START_SECONDS_MAX = 300;

    /** What a neighbour may have on its way to us at once: a second of a fast line, small against a node's memory. */
    private static final long CREDIT_WINDOW_BYTES = 8L * 1024 * 1024;

    /**
     * What a node is.
     *
     * @param id its organisation
     * @param incarnation of its key set on this disk
     * @param custodyKey under which it issues custody marks
     * @param vaultKey under which manifests are kept
     * @param keys of its addresses
     */
    public record Self(
            OrganisationId id, Incarnation incarnation, SecretBytes custodyKey, SecretBytes vaultKey, KeyRing keys) {}

    /** What a node stands on. */
    public record Ground(Loop loop, Clock clock, Randomness randomness, MessageStore store, DirectoryFolder folder) {}

    private static final long DRAIN_LOOK_NANOS = Duration.ofMillis(20).toNanos();

    private final Ground ground;
    private final NodeWatch watch;
    private final DirectoryDesk directory;
    private final NeighbourClocks clocks;
    private final Delivery delivery;
    private final LinkDesk links;
    private final LinkSessions sessions;
    private final SendDesk send;
    private final ReceiveDesk receive;
    private final TrackDesk track;
    private final LookupDesk lookup;
    private final OperatorDesk operator;
    /** Written in the loop. */
    private volatile DirectoryView inForce;

    private final IntSupplier keptOpen;

    /**
     * Composes a node and recovers its state. In the loop.
     *
     * @param book directory and records as they were found on disk
     * @param listening where it takes links, for operators
     * @param dialling where it dials, for operators
     */
    public Node(
            Self self,
            Ground ground,
            DirectoryBook book,
            DeliveryPolicy policy,
            NodeWatch watch,
            Controls controls,
            Supplier<Optional<String>> listening,
            List<String> dialling) {
        this.ground = ground;
        this.watch = watch;
        Loop loop = ground.loop();
        Clock clock = ground.clock();
        loop.checkInLoop();
        this.directory = new DirectoryDesk(book, ground.folder(), loop, clock, watch);
        this.inForce = directory.view();
        directory.onChange(view -> inForce = view);
        PortHub hub = new PortHub();
        ProofShelf shelf = new ProofShelf(loop, directory::view, ground.store().archive(), self.id(), self.keys());
        this.clocks = new NeighbourClocks(self.id(), clock, directory);
        ReceiptDesk receipts = new ReceiptDesk(loop, clock, clocks, directory, self.keys(), self.incarnation());
        SealCache cache = new SealCache();
        EnvelopeVerifier verifier = new EnvelopeVerifier(cache);
        SlotOpener slots = new SlotOpener(self.keys().cipher());
        ManifestVault vault = new ManifestVault(self.vaultKey());
        HpkeContexts contexts = new HpkeContexts(ground.randomness(), clock);
        EnvelopeSealer sealer =
                new EnvelopeSealer(ground.randomness(), contexts, self.keys().cipher());
        Opener opener = new Opener(slots);
        OpenDesk opening = new OpenDesk(self.keys(), verifier, opener, vault, ground.store(), loop);
        RewrapDesk rewraps =
                new RewrapDesk(loop, clock, directory, self.keys(), verifier, slots, sealer, opener, opening);
        this.delivery = new Delivery(
                new Delivery.Ports(
                        self.id(),
                        loop,
                        clock,
                        ground.store(),
                        new RoutingSnapshot(directory.view()),
                        hub,
                        receipts,
                        hub,
                        this::happened,
                        shelf,
                        rewraps),
                policy);
        ArrivalDesk arrivals = new ArrivalDesk(
                loop,
                clock,
                self.id(),
                directory,
                self.keys(),
                delivery,
                ground.store(),
                verifier,
                new ReceiptVerifier(cache),
                slots,
                watch);
        SealDesk seals = new SealDesk(self.keys(), sealer, vault);
        self.keys().whenDestroyed(() -> {
            slots.forget();
            contexts.forget();
            opening.forget();
        });
        this.keptOpen = () -> slots.kept() + contexts.kept() + opening.kept();
        this.receive =
                new ReceiveDesk(loop, clock, delivery, opening, directory, self.id(), arrivals.payloads(), watch);
        this.track = new TrackDesk(loop, delivery, self.id());
        this.send = new SendDesk(
                loop,
                clock,
                clocks,
                ground.randomness(),
                self.id(),
                self.incarnation(),
                delivery,
                ground.store(),
                directory,
                seals);
        CustodyMarks marks = new CustodyMarks(self.custodyKey(), self.incarnation());
        this.lookup = new LookupDesk(loop, directory);
        NodeClients clients =
                new NodeClients(self.id(), loop, clock, delivery, arrivals, directory, lookup, marks, controls, watch);
        rewraps.ask(clients::wrapAnew);
        this.links = new LinkDesk(
                self.id(), self.incarnation(), clock, delivery, arrivals, directory, marks, clients, clocks, watch);
        this.operator = new OperatorDesk(
                loop,
                clock,
                self.id(),
                delivery,
                ground.store(),
                directory,
                links,
                clocks,
                new EvidenceDesk(loop, delivery, directory::view, opening, vault, shelf, controls),
                watch,
                controls,
                listening,
                dialling,
                self.keys().cipher());
        hub.connect(links, receive, track, clients);
        Optional<RestoreState> restored = controls.restored();
        restored.ifPresent(state -> delivery.restored(state.at(), state.comparing()));
        delivery.recover();
        restored.ifPresent(state -> {
            RestoreGate gate = new RestoreGate(state, loop, delivery, directory, watch, controls);
            links.restored(gate);
            gate.begin();
        });
        directory.onChange(view -> delivery.directoryChanged(new RoutingSnapshot(view)));
        this.sessions = LinkSessions.start(
                loop, clock, links, new DiskCredit(ground.store().gate(), CREDIT_WINDOW_BYTES));
    }

    /** What is kept in memory of keys and of what they opened: contexts and opened bundles. Any thread. */
    int keptOpen() {
        return keptOpen.getAsInt();
    }

    private void happened(DeliveryEvent event) {
        watch.event(
                event.what().name().toLowerCase(java.util.Locale.ROOT),
                event.id(),
                event.code().map(code -> code.number()).orElse(0),
                event.detail());
    }

    /** Where wires are given to. In the loop. */
    public LinkSessions sessions() {
        return sessions;
    }

    /** The directory in force with its records. Any thread; elsewhere nobody keeps a copy that could fall behind. */
    public DirectoryView directoryView() {
        return inForce;
    }

    /** Tells {@code listener} of each session with a neighbour, whoever dialled, when both hellos were said. In the loop. */
    public void onNeighbour(Consumer<LinkSession> listener) {
        links.onNeighbour(listener);
    }

    /** Where this clock seems far ahead of the neighbours', theirs are asked for once more; now and then. In the loop. */
    public void hearClocksAgain() {
        links.hearClocksAgain();
    }

    /** The latest that any neighbour's clock says, as its hello claimed and the time since; empty before the first hello. In the loop. */
    public Optional<Instant> neighboursTime() {
        return clocks.latest();
    }

    /** Tells {@code listener} of each change of directory or records, and of the present state at once. In the loop. */
    public void onDirectory(Consumer<DirectoryView> listener) {
        directory.onChange(listener);
    }

    /**
     * Offers nothing new and waits until what is under way has come to its end, at most for {@code grace}; what does not goes on at the next start
     * where it was. In the loop.
     *
     * @param then called in the loop, once
     */
    public void drain(Duration grace, Runnable then) {
        links.offerNothingNew();
        drain(ground.clock().nanos() + grace.toNanos(), then);
    }

    private void drain(long until, Runnable then) {
        if (links.isQuiet() || ground.clock().nanos() - until >= 0) {
            then.run();
        } else {
            ground.loop().schedule(DRAIN_LOOK_NANOS, () -> drain(until, then));
        }
    }

    /** Runs {@code work} outside the loop and {@code then} in it. Any thread. */
    public <T> void offload(long lane, Loop.Work<T> work, Consumer<T> then) {
        ground.loop().offload(lane, work, then);
    }

    /** Says good-bye to neighbours; afterwards nothing is offered or taken. In the loop. */
    public void close() {
        for (LinkSession session : links.sessions()) {
            session.close(CloseReason.GOING_AWAY);
        }
        delivery.tellCounted();
    }

    /** Takes records of this node's own into the directory and on to the neighbours. In the loop. */
    public void publish(List<Bytes> records) {
        directory.publish(records);
    }

    // ---- doors

    @Override
    public SendDoor send() {
        return send;
    }

    @Override
    public ReceiveDoor receive() {
        return receive;
    }

    @Override
    public TrackDoor track() {
        return track;
    }

    @Override
    public ListDoor list() {
        return track;
    }

    @Override
    public DirectoryDoor directory() {
        return lookup;
    }

    @Override
    public OperatorDoor operator() {
        return operator;
    }

    @Override
    public Optional<Refusal> notServing() {
        return watch.notServing();
    }

    @Override
    public void watchServing(Consumer<Optional<Refusal>> watcher) {
        watch.watchServing(watcher);
    }

    @Override
    public Optional<Refusal> revoked(Bytes certificate) {
        return inForce.revocationOf(certificate);
    }

    @Override
    public void watchRevocations(Runnable watcher) {
        ground.loop().execute(() -> onTrust(watcher));
    }

    /** Tells {@code listener} whenever what certificates are judged by has changed. In the loop. */
    public void onTrust(Runnable listener) {
        Hash[] known = {inForce.trustHash()};
        directory.onChange(view -> {
            Hash now = view.trustHash();
            if (!now.equals(known[0])) {
                known[0] = now;
                listener.run();
            }
        });
    }

    @Override
    public void denied(String who, Refusal why) {
        watch.denied(who, why);
    }

    @Override
    public Instant now() {
        return ground.clock().now();
    }

    /** Runs {@code work} in the loop and waits for it: for starting and stopping, from the process's own thread. */
    public static <T> T inLoop(Loop loop, Supplier<T> work) throws InterruptedException {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> result.complete(work.get()));
        try {
            return result.get(START_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException never) {
            throw new Bug("the loop did not answer: see what stopped it", never);
        }
    }
}
