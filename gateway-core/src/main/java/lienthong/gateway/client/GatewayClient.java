package lienthong.gateway.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.identity.ClientEnrolment;
import lienthong.gateway.identity.ClientKeys;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CreditPolicy;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One address in one program: seals what it sends and opens what it receives in this process, with keys in its own state folder; the node that
 * serves the address carries, keeps and never reads.
 *
 * <pre>{@code
 * try (GatewayClient client = GatewayClient.open(Path.of("/var/lib/office"))) {
 *     client.message().from(client.address()).to(province).service(Service.DOCUMENT)
 *             .subject("Báo cáo tuần").part("bao-cao.pdf", "application/pdf", Path.of("bao-cao.pdf"))
 *             .send();
 *     client.receive(message -> {
 *         archive(message);
 *         message.acknowledge();
 *     });
 * }
 * }</pre>
 *
 * <p>One flavour: calls block, on any thread, for as long as they say. Received messages come one at a time on a thread of the client's own.
 * Expected ends are values; {@link CannotOpen} is thrown by {@link #open} alone. The client keeps dialling its node by itself, and what it sealed
 * before a cut or a crash reaches the node later, once.
 *
 * <p>The state folder belongs to one running client (it is locked). Losing it loses the keys: what is on its way then
 * waits at the node until its senders have made its slots anew.
 * An old copy of it must not be used: numbers would be given twice. Enrol again instead.
 */
public final class GatewayClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("lienthong.client");
    /** How long calls wait for the node. */
    private static final Duration WAIT = Duration.ofSeconds(30);

    private static final Duration ENROL_WAIT = Duration.ofSeconds(60);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final Duration RENEWAL = Duration.ofHours(1);
    private static final long CREDIT_WINDOW_BYTES = 4L * 1024 * 1024;
    private static final int WORKERS = 2;
    private static final long SEAL_LANE = -24;
    private static final long KEYS_LANE = -25;
    private static final String LOCK_FILE = "lock";
    private static final String DIAL_FILE = "dial.txt";

    private final Ground ground;
    private final RealLoop loop;
    private final ClientKeys keys;
    private final ClientState state;
    private final ClientDirectory directory;
    private final Sealing sealing;
    private final Outbox outbox;
    private final Inbox inbox;
    private final ClientLink link;
    private final LinkSessions sessions;
    private final Connector connector;
    private final AutoCloseable lock;
    private volatile Optional<Refusal> over = Optional.empty();
    private volatile boolean closed;
    private volatile Optional<Handing> handing = Optional.empty();

    // ---- in the loop
    private final ArrayDeque<Waiting> toSeal = new ArrayDeque<>();
    private boolean sealingNow;

    private record Waiting(Sealing.Prepared prepared, CompletableFuture<Submission> answer) {}

    /** What a client stands on; tests put others in their place. */
    record Ground(Disk disk, Clock clock, Randomness randomness, Optional<InstalledCipher> cipher) {
        Ground(Disk disk, Clock clock, Randomness randomness) {
            this(disk, clock, randomness, Optional.empty());
        }
    }

    /** Makes the way to the node. */
    @FunctionalInterface
    interface Way {
        Connector to(
                ClientKeys keys,
                List<DialAddress> dial,
                Supplier<DirectoryView> directory,
                Loop loop,
                Clock clock,
                Randomness randomness);
    }

    /** Makes the way to the node for an enrolment. */
    @FunctionalInterface
    interface EnrolmentWay {
        Connector to(ClientEnrolment enrolment, Loop loop, Clock clock, Randomness randomness);
    }

    // ---- enrol

    /**
     * Makes this program an address of an office: reads the invitation that the office's node wrote, makes keys, has them certified by the node.
     * Blocks while the node is dialled, at most a minute. Nothing is written before the node's answer, so a failed try can be repeated; the
     * invitation serves one client.
     *
     * @param state a folder for the client alone; made when absent, must not hold keys
     * @param invitation the file
     * @param code as read out by whoever made the invitation; overwritten here
     * @param fingerprint of the network, 12 words or 40 digits as heard, typed in by a person
     * @return {@code INVITATION_INVALID}, {@code INVITATION_USED}, {@code PASSPHRASE_WRONG} for a wrong code, {@code FINGERPRINT_REJECTED},
     *     {@code OUTPUT_EXISTS} when the folder holds keys, {@code NO_INPUT}, {@code DATA_IN_USE}, {@code NEIGHBOUR_AWAY}
     */
    public static Result<Enrolled> enrol(Path state, Path invitation, char[] code, String fingerprint) {
        Result<Bytes> file = PlainFiles.read(invitation, Limits.INVITATION_BYTES_MAX);
        Optional<Refusal> noFolder = PlainFiles.makeFolder(state);
        if (!(file instanceof Result.Ok<Bytes> read) || noFolder.isPresent()) {
            return Result.no(noFolder.orElseGet(file::refusal));
        }
        String typed = String.valueOf(code);
        Arrays.fill(code, ' ');
        Ground ground = new Ground(RealDisk.at(state), Clock.real(), Randomness.real());
        return enrol(ground, read.value(), typed, fingerprint, NodeConnector::forEnrolment);
    }

    static Result<Enrolled> enrol(Ground ground, Bytes invitation, String code, String fingerprint, EnrolmentWay way) {
        return ClientEnrolment.begin(
                        invitation,
                        code,
                        fingerprint,
                        ground.randomness(),
                        ground.clock().now())
                .then(enrolment -> {
                    try (AutoCloseable held = lock(ground.disk()).orElse(null)) {
                        if (held == null) {
                            return Result.no(ErrorCode.DATA_IN_USE, "another client uses this state folder");
                        }
                        if (ground.disk().exists(StateFile.NAME)) {
                            return Result.no(ErrorCode.OUTPUT_EXISTS, "this folder holds a client already");
                        }
                        return issued(ground, enrolment, way).then(answer -> complete(ground, enrolment, answer));
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                        return Result.no(ErrorCode.STOPPING, "interrupted");
                    } catch (Exception dead) {
                        return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(dead));
                    }
                });
    }

    private static Optional<AutoCloseable> lock(Disk disk) throws IOException {
        return disk.lock(LOCK_FILE);
    }

    private static Result<Bytes> issued(Ground ground, ClientEnrolment enrolment, EnrolmentWay way)
            throws InterruptedException {
        CompletableFuture<Result<Bytes>> answer = new CompletableFuture<>();
        RealLoop loop = RealLoop.start(
                "lienthong-enrol",
                1,
                thrown -> answer.complete(Result.no(ErrorCode.UNCAUGHT, Detail.technical(thrown))));
        try (loop;
                Connector connector = way.to(enrolment, loop, ground.clock(), ground.randomness())) {
            loop.execute(() -> connector.start(LinkSessions.start(
                    loop,
                    ground.clock(),
                    new Enrolling(enrolment, ground.clock(), ground.randomness(), answer),
                    CreditPolicy.fixed(CREDIT_WINDOW_BYTES))));
            return answer.get(ENROL_WAIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            return Result.no(ErrorCode.NEIGHBOUR_AWAY, "node {0} at {1}", enrolment.node(), enrolment.dial());
        } catch (ExecutionException impossible) {
            return Result.no(ErrorCode.UNCAUGHT, Detail.technical(impossible));
        }
    }

    private static Result<Enrolled> complete(Ground ground, ClientEnrolment enrolment, Bytes answer) {
        return enrolment
                .complete(
                        answer,
                        ground.disk(),
                        Protection.fileModes(),
                        ground.clock().now())
                .then(keys -> {
                    try {
                        DirectoryFolder.of(ground.disk())
                                .save(Optional.of(enrolment.directory().signed()), keys.records());
                        write(
                                ground.disk(),
                                DIAL_FILE,
                                String.join(
                                                "\n",
                                                enrolment.dial().stream()
                                                        .map(DialAddress::toString)
                                                        .toList()) + "\n");
                        ClientState.create(ground.disk(), owner(keys));
                        return Result.ok(new Enrolled(keys.address(), keys.node()));
                    } catch (IOException dead) {
                        return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(dead));
                    } finally {
                        keys.close();
                    }
                });
    }

    private static Change.Owner owner(ClientKeys keys) {
        return new Change.Owner(keys.root().fingerprint(), keys.address(), keys.incarnation());
    }

    private static void write(Disk disk, String name, String text) throws IOException {
        try (Disk.File file = disk.open(name)) {
            file.truncate(0);
            file.write(0, Bytes.utf8(text).asBuffer());
            file.sync();
        }
        disk.syncFolder("");
    }

    // ---- open

    /**
     * Opens the client that enrolled in this folder and begins to dial its node (where {@code dial.txt} in the folder says, one {@code host:port} a
     * line). Does not wait for the node. A product of the State cipher service on the class path ({@link lienthong.gateway.cipher.CipherProvider}) is
     * found here, and what is marked mật is sealed and opened with it.
     *
     * @throws CannotOpen {@code NO_INPUT} when nobody enrolled here, {@code DATA_IN_USE} when another client is running on it,
     *     {@code FILE_EXPOSED}, {@code RECORD_DAMAGED}, {@code STORE_UNREADABLE}; {@code CIPHER_UNFIT} for two such products or one that does not work
     */
    public static GatewayClient open(Path state) {
        if (!PlainFiles.isFolder(state)) {
            throw new CannotOpen(Refusal.of(ErrorCode.NO_INPUT, "{0} is not a folder: enrol first", state));
        }
        Result<Optional<InstalledCipher>> cipher = InstalledCipher.load(GatewayClient.class.getClassLoader());
        if (!(cipher instanceof Result.Ok<Optional<InstalledCipher>> installed)) {
            throw new CannotOpen(cipher.refusal());
        }
        Ground ground = new Ground(RealDisk.at(state), Clock.real(), Randomness.real(), installed.value());
        Result<GatewayClient> opened = open(ground, NodeConnector::forClient);
        if (opened instanceof Result.Ok<GatewayClient> ok) {
            return ok.value();
        }
        throw new CannotOpen(opened.refusal());
    }

    static Result<GatewayClient> open(Ground ground, Way way) {
        try {
            Optional<AutoCloseable> lock = lock(ground.disk());
            if (lock.isEmpty()) {
                return Result.no(ErrorCode.DATA_IN_USE, "another client uses this state folder");
            }
            Result<GatewayClient> opened = ClientKeys.open(
                            ground.disk(), Protection.fileModes(), ground.randomness(), ground.cipher())
                    .then(keys -> {
                        Result<GatewayClient> client = open(ground, way, keys, lock.get());
                        if (!client.isOk()) {
                            keys.close();
                        }
                        return client;
                    });
            if (!opened.isOk()) {
                lock.get().close();
            }
            return opened;
        } catch (Exception dead) {
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(dead));
        }
    }

    private static Result<GatewayClient> open(Ground ground, Way way, ClientKeys keys, AutoCloseable lock) {
        Result<List<DialAddress>> dial = dial(ground.disk());
        if (!(dial instanceof Result.Ok<List<DialAddress>> where)) {
            return Result.no(dial.refusal());
        }
        DirectoryFolder folder = DirectoryFolder.of(ground.disk());
        DirectoryFolder.Loaded loaded = folder.load(keys.root(), ground.clock().now());
        loaded.faults().forEach(fault -> LOG.warn("the stored directory: {}", fault));
        if (loaded.book().directory().isEmpty()) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "no usable directory in the state folder: enrol again");
        }
        try {
            CiphertextFolder ciphertexts = CiphertextFolder.open(ground.disk());
            return ClientState.open(ground.disk(), owner(keys), ground.clock().now())
                    .map(state -> new GatewayClient(
                            ground, keys, state, ciphertexts, loaded, folder, way, where.value(), lock));
        } catch (IOException dead) {
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(dead));
        }
    }

    private static Result<List<DialAddress>> dial(Disk disk) {
        try (Disk.File file = disk.openExisting(DIAL_FILE).orElse(null)) {
            if (file == null || file.size() > Limits.DIRECTORY_TEXT_BYTES_MAX) {
                return Result.no(ErrorCode.NO_INPUT, "{0} is missing in the state folder: enrol first", DIAL_FILE);
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            int size = file.read(0, bytes);
            List<DialAddress> dial = new ArrayList<>();
            for (String line :
                    Bytes.copyOf(bytes.array(), 0, Math.max(0, size)).utf8().split("\n", -1)) {
                if (!line.isBlank()) {
                    Result<DialAddress> one = DialAddress.parse(line.strip());
                    if (!one.isOk()) {
                        return Result.no(one.refusal());
                    }
                    dial.add(one.orBug());
                }
            }
            return dial.isEmpty()
                    ? Result.no(ErrorCode.NO_INPUT, "{0} in the state folder names no node", DIAL_FILE)
                    : Result.ok(dial);
        } catch (IOException dead) {
            return Result.no(ErrorCode.WRITE_FAILED, Detail.technical(dead));
        }
    }

    private GatewayClient(
            Ground ground,
            ClientKeys keys,
            ClientState state,
            CiphertextFolder ciphertexts,
            DirectoryFolder.Loaded loaded,
            DirectoryFolder folder,
            Way way,
            List<DialAddress> dial,
            AutoCloseable lock) {
        this.ground = ground;
        this.keys = keys;
        this.state = state;
        this.lock = lock;
        this.loop = RealLoop.start("lienthong-client", WORKERS, this::failed);
        this.directory = new ClientDirectory(loaded.book(), folder, loop, ground.clock());
        this.sealing = new Sealing(keys, state, ciphertexts, directory::view, ground.clock(), ground.randomness());
        this.outbox = new Outbox(loop, ground.clock(), keys, state, ciphertexts, directory::view);
        this.inbox = new Inbox(loop, ground.clock(), keys, state, ciphertexts, directory::view, this::failed);
        this.link = new ClientLink(ground.clock(), keys, directory, outbox, inbox, sealing);
        this.sessions = LinkSessions.start(loop, ground.clock(), link, CreditPolicy.fixed(CREDIT_WINDOW_BYTES));
        this.connector = way.to(keys, dial, directory::view, loop, ground.clock(), ground.randomness());
        loop.execute(() -> {
            outbox.recover(state.unsent(), state.gaps());
            renew();
            connector.start(sessions);
        });
    }

    /** Once an hour: new opening keys when they are due, old ones destroyed. */
    private void renew() {
        DirectoryView view = directory.view();
        loop.offload(KEYS_LANE, () -> keys.renewIfDue(view, ground.clock().now()), bundle -> {
            bundle.ifPresent(link::publish);
            loop.schedule(RENEWAL.toNanos(), this::renew);
        });
    }

    private void failed(Throwable thrown) {
        LOG.error("the client stops", thrown);
        Refusal why = thrown instanceof IOException
                ? Refusal.of(ErrorCode.FSYNC_FAILED, Detail.technical(thrown))
                : Refusal.of(ErrorCode.UNCAUGHT, "the log has the details");
        over = Optional.of(why);
        outbox.stop(why);
        handing.ifPresent(Handing::stop);
    }

    // ---- asking about itself

    /** Whom this client speaks for. */
    public Address address() {
        return keys.address();
    }

    /** The node that serves it. */
    public OrganisationId node() {
        return keys.node();
    }

    /**
     * Contradictions between what senders' messages say of the messages before them, found when messages here got their end; the oldest first, since
     * this client was opened, at most 64. Each is in the log too. Whoever keeps {@link Received#sequence} of both messages can show it.
     */
    public List<SequenceBreak> sequenceBreaks() {
        return inbox.breaks();
    }

    /** Whether the node is reached now; otherwise why not. For a status page, not for deciding whether to send. */
    public Optional<Refusal> away() {
        return over.or(link::away);
    }

    // ---- send

    /** Begins a message; see {@link Message}. */
    public Message.Begun message() {
        return new Message.Begun(this::send);
    }

    private Submission send(Message message) {
        long until = ground.clock().nanos() + WAIT.toNanos();
        Optional<Refusal> away = awaitNode(until);
        if (away.isPresent()) {
            return new Submission.Busy(Optional.empty(), away.get(), RETRY_AFTER);
        }
        Result<Sealing.Prepared> prepared;
        try {
            prepared = sealing.prepare(message);
        } catch (IOException dead) {
            failed(dead);
            return new Submission.Busy(
                    Optional.empty(), Refusal.of(ErrorCode.WRITE_FAILED, Detail.technical(dead)), RETRY_AFTER);
        }
        if (!(prepared instanceof Result.Ok<Sealing.Prepared> ok)) {
            Refusal why = prepared.refusal();
            return why.reason().retry() == ErrorCode.Retry.LATER
                    ? new Submission.Busy(Optional.empty(), why, RETRY_AFTER)
                    : new Submission.Refused(why);
        }
        CompletableFuture<Submission> answer = new CompletableFuture<>();
        loop.execute(() -> {
            toSeal.add(new Waiting(ok.value(), answer));
            sealSoon();
        });
        try {
            return answer.get(WAIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return kept(ok.value().id(), Refusal.of(ErrorCode.STOPPING, "interrupted while waiting for the node"));
        } catch (TimeoutException late) {
            return kept(
                    ok.value().id(),
                    away().orElseGet(() -> Refusal.of(ErrorCode.TOO_SLOW, "the node has not answered yet")));
        } catch (ExecutionException impossible) {
            return kept(ok.value().id(), Refusal.of(ErrorCode.UNCAUGHT));
        }
    }

    private Submission kept(MessageId id, Refusal why) {
        Optional<MessageId> safe = state.isUnsent(id) ? Optional.of(id) : Optional.empty();
        return new Submission.Busy(safe, why, RETRY_AFTER);
    }

    /** Waits until the node is reached and its records are known; gives why not. */
    private Optional<Refusal> awaitNode(long untilNanos) {
        if (over.isPresent()) {
            return over;
        }
        try {
            boolean synced = directory
                    .synced()
                    .get(Math.max(0, untilNanos - ground.clock().nanos()), TimeUnit.NANOSECONDS);
            return synced ? over : away();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.of(Refusal.of(ErrorCode.STOPPING, "interrupted while waiting for the node"));
        } catch (TimeoutException | ExecutionException late) {
            return Optional.of(away().orElseGet(
                            () -> Refusal.of(ErrorCode.NEIGHBOUR_AWAY, "the node has not sent its directory yet")));
        }
    }

    /** Everything that waits is numbered, signed and synced together; in the loop. */
    private void sealSoon() {
        if (sealingNow || toSeal.isEmpty()) {
            return;
        }
        sealingNow = true;
        List<Waiting> batch = new ArrayList<>();
        while (!toSeal.isEmpty() && batch.size() < Limits.TREE_LEAVES_MAX) {
            batch.add(toSeal.remove());
        }
        loop.offload(
                SEAL_LANE,
                () -> sealing.seal(batch.stream().map(Waiting::prepared).toList()),
                outcomes -> {
                    sealingNow = false;
                    for (int i = 0; i < batch.size(); i++) {
                        took(outcomes.get(i), batch.get(i).answer());
                    }
                    sealSoon();
                });
    }

    private void took(Sealing.Outcome outcome, CompletableFuture<Submission> answer) {
        if (outcome instanceof Sealing.Outcome.Ready ready) {
            outbox.add(ready, answer);
        } else if (outcome instanceof Sealing.Outcome.Before before) {
            outbox.await(before.claim(), answer);
        } else if (outcome instanceof Sealing.Outcome.No no) {
            answer.complete(new Submission.Refused(no.why()));
        }
    }

    // ---- receive

    /**
     * Hands every message for this address to {@code handler}, one at a time, oldest first, urgent before routine, on one thread of the client's own.
     * The handler ends each with {@link Received#acknowledge} or one of its siblings, at once or later from any thread; up to 32 messages are lent at
     * a time. A handler that throws gives the message back for later.
     *
     * @throws IllegalStateException when there is a handler already, or the client is closed
     */
    public Subscription receive(Consumer<? super Received> handler) {
        Handing mine = new Handing(handler);
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        loop.execute(() -> taken.complete(inbox.subscribe(message -> mine.handed.add(Optional.of(message)))));
        if (over.isPresent() || !await(taken, WAIT).orElse(false)) {
            throw new IllegalStateException("this client has a handler already, or is closed");
        }
        handing = Optional.of(mine);
        mine.thread.start();
        return mine;
    }

    /** The thread that calls the handler. */
    private final class Handing implements Subscription {
        private final LinkedBlockingQueue<Optional<Received>> handed = new LinkedBlockingQueue<>();
        private final Consumer<? super Received> handler;
        private final Thread thread;
        private volatile boolean stopped;

        Handing(Consumer<? super Received> handler) {
            this.handler = handler;
            this.thread = new Thread(this::run, "lienthong-client-receive");
        }

        private void run() {
            try {
                while (!stopped) {
                    Optional<Received> next = handed.take();
                    if (next.isPresent() && !stopped) {
                        handle(next.get());
                    }
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }

        private void handle(Received message) {
            try {
                handler.accept(message);
            } catch (RuntimeException thrown) {
                LOG.error("the handler threw for message {}; it goes back", message.id(), thrown);
                message.giveBackLater().ifPresent(had -> LOG.debug("it had its end: {}", had));
            }
        }

        void stop() {
            stopped = true;
            handed.add(Optional.empty());
        }

        @Override
        public void close() {
            if (stopped) {
                return;
            }
            stop();
            CompletableFuture<Boolean> left = new CompletableFuture<>();
            if (Thread.currentThread() != thread) {
                try {
                    thread.join();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            loop.execute(() -> {
                inbox.unsubscribe();
                left.complete(true);
            });
            LOG.debug("handler left: {}", await(left, CLOSE_WAIT).isPresent());
            handing = Optional.empty();
        }
    }

    // ---- ask

    /**
     * Where a message is that this client sent. Waits for the node's answer, at most 30 s.
     *
     * @return its places; none while it has not reached the node; {@code MESSAGE_UNKNOWN}; {@code NEIGHBOUR_AWAY}
     */
    public Result<Tracking> track(MessageId id) {
        if (state.isUnsent(id)) {
            return Result.ok(new Tracking(id, List.of()));
        }
        return ask(request -> new ClientFrame.Track(request, id)).then(answer -> {
            List<Tracking.Place> places = new ArrayList<>();
            if (answer instanceof ClientFrame.Tracked tracked) {
                for (ClientFrame.Place place : tracked.places()) {
                    Tracking.State.ofWord(place.state())
                            .map(how -> new Tracking.Place(place.recipient(), how, place.at(), place.reason()))
                            .ifPresent(places::add);
                }
            }
            return places.isEmpty()
                    ? Result.no(ErrorCode.MESSAGE_UNKNOWN, "{0}", id)
                    : Result.ok(new Tracking(id, places));
        });
    }

    /**
     * Finds offices by code, alias or part of a name. The node searches; what is given is what the signed directory here says of them. At most
     * 30 s.
     *
     * @param text at most 200 characters
     * @return what was found; {@code NEIGHBOUR_AWAY}
     */
    public Result<LookedUp> lookUp(String text) {
        if (text.isBlank() || text.length() > Limits.NAME_CHARS_MAX) {
            return Result.no(ErrorCode.FIELD_MISSING, "what to look up has 1 to {0} characters", Limits.NAME_CHARS_MAX);
        }
        return ask(request -> new ClientFrame.LookUp(request, text)).map(answer -> {
            List<LookedUp.Office> offices = new ArrayList<>();
            Optional<String> nearest = Optional.empty();
            if (answer instanceof ClientFrame.Found found) {
                DirectoryView view = directory.view();
                for (Bytes entry : found.entries()) {
                    entry(view.directory(), entry)
                            .map(office -> office(view, office))
                            .ifPresent(offices::add);
                }
                nearest = found.nearest();
            }
            return new LookedUp(offices, nearest);
        });
    }

    /** The entry of the directory in force here whose text the node sent; a text that is not in it was invented. */
    private static Optional<OrganisationEntry> entry(Directory known, Bytes text) {
        return known.organisations().stream()
                .filter(office -> office.text(known.network()).equals(text))
                .findFirst();
    }

    private LookedUp.Office office(DirectoryView view, OrganisationEntry entry) {
        boolean keysKnown = view.recipientKey(
                        Address.of(entry.id()), Suite.HYBRID_1, ground.clock().now())
                .isOk();
        return new LookedUp.Office(
                entry.id(),
                entry.name(),
                entry.parent(),
                entry.mailboxes().stream()
                        .map(box -> new Address(entry.id(), box))
                        .toList(),
                keysKnown);
    }

    private Result<ClientFrame> ask(LongFunction<ClientFrame> question) {
        Optional<Refusal> away = awaitNode(ground.clock().nanos() + WAIT.toNanos());
        if (away.isPresent()) {
            return Result.no(away.get());
        }
        CompletableFuture<Optional<ClientFrame>> answer = new CompletableFuture<>();
        loop.execute(() -> link.ask(question, answer));
        return await(answer, WAIT)
                .flatMap(given -> given)
                .<Result<ClientFrame>>map(Result::ok)
                .orElseGet(() -> Result.no(
                        away().orElseGet(() -> Refusal.of(ErrorCode.NEIGHBOUR_AWAY, "the node has not answered"))));
    }

    private static <T> Optional<T> await(CompletableFuture<T> future, Duration time) {
        try {
            return Optional.of(future.get(time.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (TimeoutException | ExecutionException late) {
            return Optional.empty();
        }
    }

    // ---- close

    /**
     * Stops in order: ends the subscription, gives receipts up to 5 s to reach the node, closes the link and the folder. What the node does not have
     * yet goes out after the next {@link #open}.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        handing.ifPresent(Handing::close);
        CompletableFuture<Boolean> idle = new CompletableFuture<>();
        loop.execute(() -> inbox.whenIdle(idle));
        LOG.debug("receipts are out: {}", await(idle, CLOSE_WAIT).isPresent());
        end(true);
    }

    /** Ends as a crash would, as far as the state folder is concerned. */
    void crash() {
        handing.ifPresent(Handing::stop);
        end(false);
    }

    /** A work that still wrote after the lock was given up would write into the folder of whoever took it next. */
    private boolean loopEnded() {
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    return loop.end(CLOSE_WAIT);
                } catch (InterruptedException interrupted) {
                    isInterrupted = true;
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void end(boolean orderly) {
        Refusal why = Refusal.of(ErrorCode.STOPPING, "the client is closed");
        over = over.or(() -> Optional.of(why));
        CompletableFuture<Boolean> said = new CompletableFuture<>();
        loop.execute(() -> {
            if (orderly) {
                sessions.closeAll(Closing.of(CloseReason.GOING_AWAY));
            }
            outbox.stop(why);
            toSeal.forEach(
                    waiting -> waiting.answer().complete(new Submission.Busy(Optional.empty(), why, RETRY_AFTER)));
            said.complete(true);
        });
        LOG.debug("sessions are closed: {}", await(said, CLOSE_WAIT).isPresent());
        connector.close();
        closed = true;
        if (!loopEnded()) {
            LOG.error(
                    "the disk has not answered for {}: the state folder stays locked until this process ends",
                    CLOSE_WAIT);
            keys.close();
            return;
        }
        try {
            if (orderly) {
                state.close();
            } else {
                state.abandon();
            }
            lock.close();
        } catch (Exception dead) {
            LOG.error("the state folder could not be closed", dead);
        }
        keys.close();
    }
}
