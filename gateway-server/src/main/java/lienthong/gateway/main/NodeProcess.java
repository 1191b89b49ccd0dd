package lienthong.gateway.main;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import lienthong.gateway.api.ApiServer;
import lienthong.gateway.api.ApiSettings;
import lienthong.gateway.api.Application;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.audit.AuditEntry;
import lienthong.gateway.audit.AuditEvent;
import lienthong.gateway.audit.AuditLog;
import lienthong.gateway.audit.Checkpoint;
import lienthong.gateway.audit.Verification;
import lienthong.gateway.cli.NodeRunner;
import lienthong.gateway.config.HostPort;
import lienthong.gateway.config.NodeConfig;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.Mac;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.delivery.CustodyProjection;
import lienthong.gateway.delivery.DeliveryPolicy;
import lienthong.gateway.directory.CertificateRecord;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.envelope.evidence.AuditProof;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.node.AuditProofs;
import lienthong.gateway.node.Controls;
import lienthong.gateway.node.CountingDisk;
import lienthong.gateway.node.KeyRing;
import lienthong.gateway.node.Node;
import lienthong.gateway.node.NodeWatch;
import lienthong.gateway.node.RestoreState;
import lienthong.gateway.store.Damage;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.log.LogMessageStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node as a process: opens keys, directory and store in that order, serves links and API, stops them in the reverse order. What cannot be opened
 * is a refusal with its numbered reason; what fails while running stops the node and is the process's end.
 */
public final class NodeProcess implements NodeRunner {
    private static final Logger LOG = LoggerFactory.getLogger("lienthong.process");
    private static final int WORKERS = Math.max(2, Runtime.getRuntime().availableProcessors());
    private static final Duration API_GRACE = Duration.ofSeconds(2);
    /** For open transfers when a signal stops the node: a machine that goes down does not wait long. */
    private static final Duration SIGNAL_GRACE = Duration.ofSeconds(3);

    private static final Duration AUDIT_GRACE = Duration.ofSeconds(5);
    /** For what works beside the loop: a write to the disk, a seal of many megabytes. */
    private static final Duration WORKS_GRACE = Duration.ofSeconds(5);

    private static final long RENEWAL_NANOS = Duration.ofHours(1).toNanos();
    private static final long KEEP_TIME_NANOS = SignedTime.KEEP_EVERY.toNanos();
    private static final long KEYS_LANE = -2;
    private static final long TIME_LANE = -3;
    private static final Bytes VAULT_LABEL = Bytes.utf8("lienthong-vault 1");
    private static final Duration CLIENT_INVITATION_VALID = Duration.ofDays(7);

    private final Clock clock;
    private final Randomness randomness;

    public NodeProcess(Clock clock, Randomness randomness) {
        this.clock = clock;
        this.randomness = randomness;
    }

    @Override
    public Optional<Refusal> run(
            NodeConfig config, Optional<char[]> passphrase, String version, Consumer<Ready> ready) {
        if (!Files.isDirectory(config.data())) {
            return Optional.of(Refusal.of(ErrorCode.NO_INPUT, "{0} is not a folder: join first", config.data()));
        }
        Optional<Refusal> end = Optional.empty();
        boolean again = true;
        for (boolean first = true; again; first = false) {
            Running running = new Running(config, version);
            end = once(running, passphrase, first ? ready : unused -> {});
            again = running.beginsAnew && !running.stopAsked && end.isEmpty();
        }
        return end;
    }

    private static Optional<Refusal> once(Running running, Optional<char[]> passphrase, Consumer<Ready> ready) {
        try {
            Optional<Refusal> cannot = running.start(passphrase);
            if (cannot.isPresent()) {
                return cannot;
            }
            ready.accept(running.ready());
            return running.awaitStop();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.of(Refusal.of(ErrorCode.STOPPING));
        } catch (IOException dead) {
            return Optional.of(Refusal.of(ErrorCode.WRITE_FAILED, Detail.technical(dead)));
        } finally {
            running.close();
        }
    }

    /** What is open while a node runs; closed in the reverse order of opening. */
    private final class Running implements Controls {
        private final NodeConfig config;
        private final String version;
        private final CountDownLatch stop = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile Optional<Refusal> why = Optional.empty();
        private volatile Duration grace = SIGNAL_GRACE;
        /** What the node signs by; the machine's until the folder was read. */
        private volatile Clock clock = NodeProcess.this.clock;

        private final NodeWatch watch = new NodeWatch(NodeProcess.this.clock);
        private final List<Runnable> closing = new ArrayList<>();
        private final CountingDisk disk;
        private final ExecutorService auditWorker = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "audit");
            thread.setDaemon(true);
            return thread;
        });
        private Optional<SignedTime> signing = Optional.empty();
        /** The time that the last renewal went by. In the loop. */
        private Instant renewedAt = Instant.EPOCH;

        private Optional<RestoreState> restored = Optional.empty();
        /** The next life of a restored node's keys begins: what runs ends, and starts again in this process. */
        private volatile boolean beginsAnew;
        /** By an operator or a signal, whatever begins anew meanwhile. */
        private volatile boolean stopAsked;

        private Optional<NodeKeys> keys = Optional.empty();
        private Optional<RealLoop> loop = Optional.empty();
        private Optional<AuditLog> audit = Optional.empty();
        private Optional<Node> node = Optional.empty();
        private Optional<Links> links = Optional.empty();
        private Optional<Integer> apiPort = Optional.empty();

        Running(NodeConfig config, String version) {
            this.config = config;
            this.version = version;
            this.disk = new CountingDisk(RealDisk.at(config.data()));
        }

        // ---- start

        Optional<Refusal> start(Optional<char[]> passphrase) throws IOException, InterruptedException {
            watch.stopWith(reason -> {
                why = Optional.of(reason); // the watch stops once, with its first reason
                stop.countDown();
            });
            Result<SignedTime> time = SignedTime.open(disk, clock);
            if (!(time instanceof Result.Ok<SignedTime> readable)) {
                return Optional.of(time.refusal());
            }
            signing = Optional.of(readable.value());
            clock = readable.value();
            Result<Optional<RestoreState>> putBack = RestoredFile.read(disk);
            if (!(putBack instanceof Result.Ok<Optional<RestoreState>> known)) {
                return Optional.of(putBack.refusal());
            }
            restored = known.value();
            Protection protection = passphrase.map(Protection::passphrase).orElseGet(Protection::fileModes);
            Result<Optional<InstalledCipher>> cipher = InstalledCipher.load(NodeProcess.class.getClassLoader());
            if (!(cipher instanceof Result.Ok<Optional<InstalledCipher>> product)) {
                return Optional.of(cipher.refusal());
            }
            product.value()
                    .ifPresent(
                            one -> LOG.info("{}", Detail.of("cipher provider: {0}, {1}", one.product(), one.suite())));
            Result<NodeKeys> opened = NodeKeys.open(disk, protection, randomness, product.value());
            if (!(opened instanceof Result.Ok<NodeKeys> own)) {
                return Optional.of(opened.refusal());
            }
            NodeKeys node = own.value();
            keys = Optional.of(node);
            closing.add(node::close);
            compared(node);
            if (!node.node().equals(config.node())) {
                return Optional.of(Refusal.of(
                        ErrorCode.TYPE,
                        "node: {0}, but the keys in {1} are those of {2}",
                        config.node(),
                        config.data(),
                        node.node()));
            }
            DirectoryFolder folder = DirectoryFolder.of(disk);
            DirectoryFolder.Loaded loaded = folder.load(node.root(), clock.now());
            loaded.faults().forEach(watch::damaged);
            if (loaded.book().directory().isEmpty()) {
                return Optional.of(Refusal.of(
                        ErrorCode.DIRECTORY_INVALID,
                        "no usable directory in {0}: lienthong directory import FILE",
                        config.data()));
            }
            RealLoop loop = RealLoop.start("node", WORKERS, this::failed);
            this.loop = Optional.of(loop);
            closing.add(() -> end(loop));
            Result<LogMessageStore> store = LogMessageStore.open(
                    disk,
                    clock,
                    randomness,
                    loop,
                    new Events(),
                    StoreSettings.server(config.data(), ProcessHandle.current().pid(), CustodyProjection.INSTANCE));
            if (!(store instanceof Result.Ok<LogMessageStore> there)) {
                return Optional.of(store.refusal());
            }
            MessageStore custody = there.value();
            new Snapshots(config.data(), disk).removeAll();
            closing.add(custody::close);
            closing.add(this::keepTime); // nobody else has the folder now, and nobody signs after this
            Result<AuditLog> auditing = AuditLog.open(disk, clock, auditWorker, watch::stop);
            if (!(auditing instanceof Result.Ok<AuditLog> events)) {
                auditWorker.shutdown();
                return Optional.of(auditing.refusal());
            }
            audit = Optional.of(events.value());
            events.value()
                    .signWith(node.root().fingerprint(), node.node(), () -> AuditProofs.signer(node.evidenceKey()));
            closing.add(() -> endAudit(events.value()));
            watch.auditTo((kind, who, message, number, detail) -> events.value()
                    .append(new AuditEvent(kind.replace('_', '-'), message, ErrorCode.ofNumber(number), who, detail)));
            Node composed = Node.inLoop(
                    loop,
                    () -> new Node(
                            self(node),
                            new Node.Ground(loop, clock, randomness, custody, folder),
                            loaded.book(),
                            policy(node.cipher().isPresent()),
                            watch,
                            this,
                            () -> links.flatMap(Links::listening),
                            config.dial().stream().map(HostPort::toString).toList()));
            this.node = Optional.of(composed);
            loop.execute(() -> {
                // A copy that was not compared yet says nothing of its own: what was said after it was taken would be
                // contradicted.
                if (!restored.filter(RestoreState::comparing).isPresent()) {
                    composed.publish(node.records());
                    renew(loop, composed, node);
                    composed.onNeighbour(session -> vouched(loop, composed, node));
                }
                keepTime(loop);
            });
            Result<Links> serving = Links.open(config, loop, randomness, clock, composed, node);
            if (!(serving instanceof Result.Ok<Links> up)) {
                return Optional.of(serving.refusal());
            }
            links = Optional.of(up.value());
            closing.add(up.value()::close);
            closing.add(() -> goodbye(loop, composed));
            Result<ApiServer> api = ApiServer.start(apiSettings(node), composed);
            if (!(api instanceof Result.Ok<ApiServer> doors)) {
                return Optional.of(api.refusal());
            }
            apiPort = doors.value().tlsPort();
            closing.add(() -> doors.value().stop(API_GRACE));
            up.value().dial();
            Runtime.getRuntime().addShutdownHook(new Thread(this::signalled, "stop"));
            return Optional.empty();
        }

        private void goodbye(RealLoop loop, Node composed) {
            try {
                CountDownLatch drained = new CountDownLatch(1);
                loop.execute(() -> composed.drain(grace, drained::countDown));
                if (!drained.await(grace.toMillis() + 1_000, TimeUnit.MILLISECONDS)) {
                    LOG.warn("{}", Detail.of("the loop does not answer; links are cut"));
                    return;
                }
                boolean said = Node.inLoop(loop, () -> {
                    composed.close();
                    return true;
                });
                LOG.debug("said good-bye: {}", said);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private Node.Self self(NodeKeys node) {
            SecretBytes vault = Mac.derive(node.custodyMacKey(), VAULT_LABEL);
            return new Node.Self(node.node(), node.incarnation(), node.custodyMacKey(), vault, new Ring(node));
        }

        private DeliveryPolicy policy(boolean cipherProvider) {
            DeliveryPolicy standard = DeliveryPolicy.DEFAULT;
            return new DeliveryPolicy(
                    Duration.ofDays(config.keepDeliveredDays()),
                    standard.askAfter(),
                    standard.returnsMax(),
                    standard.heldBackMax(),
                    standard.alternativeAfter(),
                    standard.retryFirst(),
                    standard.retryMax(),
                    standard.clientIdsKept(),
                    cipherProvider);
        }

        /** Once an hour: keys and certificates that are due, a checkpoint of the audit log. */
        private void renew(RealLoop loop, Node composed, NodeKeys node) {
            renewNow(loop, composed, node);
            composed.hearClocksAgain();
            loop.schedule(RENEWAL_NANOS, () -> renew(loop, composed, node));
        }

        /**
         * By this machine's clock and what neighbours say: one that runs ahead alone destroys no key, and makes none for the future. The work touches the
         * disk, so outside the loop.
         */
        private void renewNow(RealLoop loop, Node composed, NodeKeys node) {
            DirectoryView view = composed.directoryView();
            SignedTime time = signing.orElseThrow();
            composed.neighboursTime().ifPresent(time::vouch);
            Instant witnessed = time.vouched();
            renewedAt = witnessed;
            Loop.Work<NodeKeys.Renewal> hourly = () -> {
                audit.ifPresent(AuditLog::checkpoint);
                return node.renewIfDue(view, clock.now(), witnessed);
            };
            loop.offload(KEYS_LANE, hourly, renewal -> {
                composed.publish(renewal.records());
                renewal.warnings().forEach(watch::info);
                if (renewal.tlsChanged()) {
                    links.ifPresent(open -> open.renew(node));
                }
            });
        }

        /** A neighbour's hello may vouch for a time that nobody did before: after a long stop, keys are due at once. */
        private void vouched(RealLoop loop, Node composed, NodeKeys node) {
            SignedTime time = signing.orElseThrow();
            composed.neighboursTime().ifPresent(time::vouch);
            if (Duration.between(renewedAt, time.vouched()).toNanos() > RENEWAL_NANOS) {
                renewNow(loop, composed, node);
            }
        }

        private void keepTime(RealLoop loop) {
            Loop.Work<Boolean> keeping = () -> {
                keepTime();
                return true;
            };
            loop.offload(TIME_LANE, keeping, done -> loop.schedule(KEEP_TIME_NANOS, () -> keepTime(loop)));
        }

        /** A full disk, say, is no reason to stop: the time kept before holds, only less is noticed after a restart. */
        private void keepTime() {
            signing.ifPresent(time -> {
                try {
                    time.keep();
                } catch (IOException cannot) {
                    LOG.warn("{}", Detail.of("the time signed last cannot be kept: {0}", Detail.technical(cannot)));
                }
            });
        }

        private ApiSettings apiSettings(NodeKeys node) {
            List<Application> applications = config.applications().stream()
                    .map(app ->
                            new Application(app.name(), app.uid(), app.certificate(), app.addresses(), app.services()))
                    .toList();
            Optional<ApiSettings.Tls> tls = config.apiListen()
                    .map(where -> new ApiSettings.Tls(
                            where.host(),
                            where.port(),
                            node.tls().key(),
                            Links.x509(node.tls().chain())));
            return new ApiSettings(
                    config.node(), config.data(), config.socket(), config.socketForGroup(), tls, applications, version);
        }

        Ready ready() {
            return new Ready(
                    config.node(),
                    config.socket(),
                    links.flatMap(Links::listening),
                    apiPort.flatMap(port -> config.apiListen().map(where -> where.host() + ":" + port)));
        }

        // ---- stop

        Optional<Refusal> awaitStop() throws InterruptedException {
            stop.await();
            return why;
        }

        private void failed(Throwable thrown) {
            LOG.error("{}", Detail.of("{0}: the node stops", ErrorCode.UNCAUGHT.label()), thrown);
            watch.stop(Refusal.of(ErrorCode.UNCAUGHT, "the log has the details, once"));
        }

        /** SIGTERM or SIGINT: an orderly stop, which the hook waits for. */
        private void signalled() {
            stopAsked = true;
            stop.countDown();
            try {
                if (!ended.await(15, TimeUnit.SECONDS)) {
                    LOG.warn("{}", Detail.of("the node did not stop in 15 s"));
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /** Nothing of this start works on the folder or its keys when the next one opens them. */
        private void end(RealLoop loop) {
            try {
                if (!loop.end(WORKS_GRACE)) {
                    LOG.warn("{}", Detail.of("works beside the loop still run; the folder may be theirs"));
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /** What was appended before is durable, or the log says that it may not be; the worker's thread ends with it. */
        private void endAudit(AuditLog log) {
            if (!log.end(AUDIT_GRACE)) {
                LOG.warn("{}", Detail.of("the audit log's disk does not answer; its last events may be missing"));
            }
            auditWorker.shutdown();
            try {
                if (!auditWorker.awaitTermination(1, TimeUnit.SECONDS)) {
                    LOG.warn("{}", Detail.of("the audit log's thread still waits for the disk"));
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        void close() {
            for (int i = closing.size() - 1; i >= 0; i--) {
                try {
                    closing.get(i).run();
                } catch (RuntimeException notClosed) {
                    LOG.error("while stopping", notClosed);
                }
            }
            ended.countDown();
        }

        // ---- controls

        @Override
        public void stop(Duration grace) {
            this.grace = grace;
            stopAsked = true;
            stop.countDown();
        }

        @Override
        public Result<OperatorDoor.ClientInvitation> inviteClient(Address address, List<String> dial) {
            List<String> where =
                    dial.isEmpty() ? links.flatMap(Links::listening).stream().toList() : dial;
            List<DialAddress> addresses = new ArrayList<>();
            for (String one : where) {
                Result<DialAddress> parsed = DialAddress.parse(one);
                if (!(parsed instanceof Result.Ok<DialAddress> ok)) {
                    return Result.no(parsed.refusal());
                }
                addresses.add(ok.value());
            }
            Instant now = clock.now();
            return keys.orElseThrow()
                    .inviteClient(
                            address,
                            addresses,
                            CLIENT_INVITATION_VALID,
                            node.orElseThrow().directoryView(),
                            PassphraseBox.Cost.STANDARD,
                            now)
                    .map(made -> new OperatorDoor.ClientInvitation(
                            made.file(), made.code(), now.plus(CLIENT_INVITATION_VALID)));
        }

        @Override
        public Result<Bytes> enrolClient(Bytes request, Instant now) {
            return keys.orElseThrow().issueClient(request, now);
        }

        @Override
        public Result<NodeKeys.ClientsRevoked> revokeClients(Address address, DirectoryView view, Instant now) {
            return keys.orElseThrow().revokeClients(address, view, now);
        }

        @Override
        public Optional<Instant> certificatesEnd() {
            return keys.flatMap(node -> node.tls().chain().stream()
                    .findFirst()
                    .flatMap(der -> Certificate.parse(der).fold(Optional::of, no -> Optional.<Certificate>empty()))
                    .map(Certificate::notAfter));
        }

        @Override
        public OperatorDoor.AuditPage audit(Optional<Long> from, int count) {
            AuditLog open = audit.orElseThrow();
            List<OperatorDoor.AuditEvent> events = open.page(from, Math.min(1_000, Math.max(1, count)))
                    .fold(page -> page.stream().map(Running::shown).toList(), refusal -> {
                        watch.damaged(refusal);
                        return List.<OperatorDoor.AuditEvent>of();
                    });
            Optional<OperatorDoor.Checkpoint> checkpoint = open.newestCheckpoint()
                    .map(signed -> new OperatorDoor.Checkpoint(
                            signed.checkpoint().size(),
                            signed.checkpoint().root(),
                            signed.checkpoint().at(),
                            signed.checkpoint().signer(),
                            signed.checkpoint().text(),
                            signed.signature()));
            return new OperatorDoor.AuditPage(events, open.size(), open.root(), checkpoint);
        }

        @Override
        public Result<OperatorDoor.AuditCheck> verifyAudit() {
            return audit.orElseThrow().verify(this::isOwnCheckpoint).map(found -> {
                if (found instanceof Verification.Intact whole) {
                    return new OperatorDoor.AuditCheck(
                            whole.size(), whole.root(), whole.checkpoints(), Optional.empty(), "");
                }
                Verification.Broken broken = (Verification.Broken) found;
                watch.damaged(Refusal.of(ErrorCode.AUDIT_BROKEN, "entry {0}: {1}", broken.firstBad(), broken.detail()));
                AuditLog open = audit.orElseThrow();
                return new OperatorDoor.AuditCheck(
                        open.size(), open.root(), 0, Optional.of(broken.firstBad()), broken.detail());
            });
        }

        /** By the certificate that it names, which is one of this node's evidence certificates. */
        private boolean isOwnCheckpoint(Bytes text, Bytes signature) {
            DirectoryView view = node.orElseThrow().directoryView();
            return Checkpoint.parse(text, view.network())
                    .fold(
                            checkpoint -> view.certificateRecord(checkpoint.signer())
                                    .filter(record -> record.purpose() == CertificateRecord.Purpose.EVIDENCE
                                            && record.holder().equals(Address.of(config.node()))
                                            && CmsVerifier.verify(signature, text, record.certificate())
                                                    .isEmpty())
                                    .isPresent(),
                            no -> false);
        }

        @Override
        public List<AuditProof> auditProofs(MessageId envelope, Instant at) {
            return AuditProofs.of(audit.orElseThrow(), envelope, at);
        }

        private static OperatorDoor.AuditEvent shown(AuditEntry entry) {
            AuditEvent event = entry.event();
            return new OperatorDoor.AuditEvent(
                    entry.index(),
                    entry.at(),
                    event.kind(),
                    event.who(),
                    event.message(),
                    event.code().map(ErrorCode::number).orElse(0),
                    event.detail());
        }

        @Override
        public Optional<RestoreState> restored() {
            return restored;
        }

        /** What was compared is kept before the new life begins, for only in the former one it can be: {@link #compared(NodeKeys)} after a crash. */
        @Override
        public void compared(Map<OrganisationId, Long> held, Map<OrganisationId, Long> shown, DirectoryView view) {
            RestoreState state = restored.orElseThrow();
            NodeKeys own = keys.orElseThrow();
            Optional<Incarnation> known = view.bundle(Address.of(own.node()))
                    .map(KeyBundleRecord::incarnation)
                    .filter(life -> !life.equals(own.incarnation()));
            if (known.isPresent() && !state.acceptLoss()) {
                watch.stop(Refusal.of(
                        ErrorCode.DISK_OLDER,
                        "the neighbours know a later life of these keys, {0}; this disk has {1}",
                        known.get(),
                        own.incarnation()));
                return;
            }
            RestoreState before =
                    new RestoreState(state.at(), true, state.acceptLoss(), Optional.of(own.incarnation()), held, shown);
            loop.orElseThrow().offload(KEYS_LANE, () -> rejoin(own, view, before), done -> {
                if (done) {
                    watch.begunAnew(before.at());
                    beginsAnew = true;
                    stop.countDown();
                }
            });
        }

        /** Whether the new life and what was compared for it are on the disk. */
        private boolean rejoin(NodeKeys own, DirectoryView view, RestoreState before) {
            try {
                RestoredFile.write(disk, before);
                LOG.debug(
                        "a new life: {} records", own.rejoin(view, clock.now()).size());
                RestoredFile.write(disk, before.after(clock.now()));
                return true;
            } catch (IOException | UncheckedIOException cannot) {
                watch.stop(Refusal.of(ErrorCode.WRITE_FAILED, Detail.technical(cannot)));
                return false;
            }
        }

        /** The process ended between the new life and the word of it. */
        private void compared(NodeKeys own) throws IOException {
            RestoreState state = restored.orElse(null);
            if (state != null
                    && state.comparing()
                    && state.former()
                            .filter(former -> !former.equals(own.incarnation()))
                            .isPresent()) {
                RestoreState after = state.after(clock.now());
                RestoredFile.write(disk, after);
                restored = Optional.of(after);
            }
        }

        @Override
        public Result<OperatorDoor.Snapshot> snapshot(MessageStore store) {
            return new Snapshots(config.data(), disk).make(store, audit, randomness);
        }

        @Override
        public List<OperatorDoor.Finding> diagnose(DirectoryView view) {
            List<OperatorDoor.Finding> all = new ArrayList<>();
            Instant now = NodeProcess.this.clock.now();
            all.add(clock(now));
            Doctor doctor = new Doctor(config.data(), disk, NodeProcess.this.clock);
            all.addAll(doctor.ground(config.socketForGroup(), version));
            keys.ifPresent(node -> {
                all.addAll(Doctor.certificates(node.certificateEnds(), now));
                all.addAll(Doctor.directory(view, node.node(), now));
            });
            return all;
        }

        @Override
        public Optional<Refusal> clockInDoubt() {
            return signing.map(SignedTime::ahead)
                    .filter(ahead -> !ahead.isZero())
                    .map(ahead -> Refusal.of(
                            ErrorCode.CLOCK_FAR_AHEAD,
                            "the clock jumped ahead by {0} s and no neighbour confirms it",
                            ahead.toSeconds()));
        }

        private OperatorDoor.Finding clock(Instant now) {
            Optional<Refusal> jumped = clockInDoubt();
            if (jumped.isPresent()) {
                return OperatorDoor.Finding.bad(
                        OperatorDoor.Topic.CLOCK_SIGNED,
                        ErrorCode.CLOCK_FAR_AHEAD,
                        jumped.get().about());
            }
            Duration behind = signing.map(SignedTime::behind).orElse(Duration.ZERO);
            return behind.isZero()
                    ? Doctor.clock(now, Optional.of(clock.now()))
                    : OperatorDoor.Finding.bad(
                            OperatorDoor.Topic.CLOCK_SIGNED,
                            ErrorCode.CLOCK_BEHIND,
                            Detail.of(
                                    "the clock was set back by {0} s; the node goes on by the time it signed last",
                                    behind.toSeconds()));
        }

        @Override
        public Map<String, Long> counters() {
            Map<String, Long> all = new TreeMap<>();
            all.put("syncs", disk.syncs());
            return all;
        }

        /** What the store says beside answers. */
        private final class Events implements StoreEvents {
            @Override
            public void failed(ErrorCode reason, String detail) {
                watch.stop(Refusal.technical(reason, detail));
            }

            @Override
            public void recordDamaged(Damage damage) {
                watch.damaged(Refusal.of(
                        ErrorCode.RECORD_DAMAGED,
                        "{0}, {1} bytes from {2}: {3} records lost, the bytes are kept as {4}",
                        damage.file(),
                        damage.length(),
                        damage.offset(),
                        damage.records(),
                        damage.quarantineFile()));
            }

            @Override
            public void spoolMissing(SpoolId id, Kind kind, long key) {
                watch.damaged(Refusal.of(ErrorCode.SPOOL_MISSING, "spool file {0} of {1} {2}", id.value(), kind, key));
            }

            @Override
            public void spoolOrphans(int files, long bytes) {
                watch.info(Detail.of("{0} spool files that nothing named were removed, {1} bytes", files, bytes));
            }

            @Override
            public void segmentMissing(long segment) {
                watch.damaged(Refusal.of(ErrorCode.RECORD_DAMAGED, "log segment {0} is missing", segment));
            }

            @Override
            public void rebuilding(String what, String reason) {
                watch.info(Detail.of("{0} is made anew: {1}", derived(what), why(reason)));
            }
        }
    }

    /** What the store makes anew from its log, by the store's own word for it. */
    private static Detail derived(String what) {
        return switch (what) {
            case "view" -> Detail.of("the view");
            case "archive index" -> Detail.of("the index of the archive");
            default -> Detail.technical(what);
        };
    }

    private static Detail why(String reason) {
        return switch (reason) {
            case "it is missing" -> Detail.of("it is missing");
            case "it is damaged" -> Detail.of("it is damaged");
            case "it belongs to another store or version" -> Detail.of("it belongs to another store or version");
            case "it knows records that the log has not" -> Detail.of("it knows records that the log has not");
            default -> Detail.technical(reason);
        };
    }

    /** The node's own keys as sealing, opening and signing ask for them. */
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

        @Override
        public Optional<InstalledCipher> cipher() {
            return keys.cipher();
        }
    }
}
