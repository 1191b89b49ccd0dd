package lienthong.gateway.lab.simulate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.Mac;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.delivery.CustodyProjection;
import lienthong.gateway.delivery.DeliveryPolicy;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.Peer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.node.Controls;
import lienthong.gateway.node.KeyRing;
import lienthong.gateway.node.Node;
import lienthong.gateway.node.NodeWatch;
import lienthong.gateway.node.RestoreState;
import lienthong.gateway.store.Damage;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.log.LogMessageStore;
import org.jspecify.annotations.Nullable;

/** One office's machine: its disk, its clock, its node's process as long as it lives, and who starts it again. */
final class Site {
    private static final long SECOND = 1_000_000_000L;
    private static final long KEYS_LANE = -2;
    private static final long RENEWAL_NANOS = 3_600 * SECOND;
    private static final Bytes VAULT_LABEL = Bytes.utf8("lienthong-vault 1");
    private static final DiskGate.Thresholds THRESHOLDS =
            new DiskGate.Thresholds(1 << 20, 10, 8 << 20, 5, 4 << 20, 2, 2 << 20, 60);

    private final Province province;
    private final Universe.Member member;
    private final Chance chance;
    final ForgetfulDisk disk;
    final SiteClock clock = new SiteClock();
    final List<Line> lines = new ArrayList<>();
    final Office office;
    private final int segmentBytes;
    /** When its programs were last promised something. */
    long promisedAt = -1;
    /** When it last took something over. */
    long takenAt = -1;
    /** When a neighbour last heard of its custody of something that it had just taken over. */
    long handedAt = -1;

    /** Since when its disk has known nothing of what had happened, each time that it was lost. */
    final List<Long> forgets = new ArrayList<>();
    /** Lives of its disk: a new one begins when the old is gone, in whole or since a copy. */
    int lives;
    /** What an operator who has put an old copy in place left for the node to find, beside its disk. */
    private Optional<RestoreState> restored = Optional.empty();

    private boolean keysOfItsOwn;
    private boolean lost;
    private long asleepUntil;
    private long directoryVersion;
    private @Nullable Running running;
    private boolean wanted = true;
    private boolean powered = true;
    private boolean strikeIsPower;
    private long startedAt;
    private long strikeAtStart;

    /** One life of the process. */
    record Running(NodeLoop loop, Chance chance, LogMessageStore store, Node node, NodeKeys keys) {
        /** Who the other end of a connection is by its certificate and the directory here; empty: it is turned away. */
        Optional<Peer> judge(Running other) {
            return node.directoryView()
                    .tlsPeer(other.keys().tls().chain(), loop.now())
                    .fold(
                            who -> who instanceof DirectoryView.TlsPeer.Node known
                                    ? Optional.of(new Peer.Node(known.id()))
                                    : who instanceof DirectoryView.TlsPeer.Stranger stranger
                                            ? Optional.of(new Peer.DirectoryOnly(stranger.certificate()))
                                            : Optional.empty(),
                            refused -> Optional.empty());
        }
    }

    Site(Province province, Universe.Member member, Chance chance, int segmentBytes) {
        this.province = province;
        this.member = member;
        this.chance = chance;
        this.disk = member.disk().copy();
        this.segmentBytes = segmentBytes;
        disk.whenSyncFails(this::mustStop);
        this.office = new Office(province, this, Chance.of(chance.number(), 1));
    }

    @Override
    public String toString() {
        return member.id().text();
    }

    OrganisationId id() {
        return member.id();
    }

    Address address() {
        return Address.of(member.id());
    }

    Optional<Running> running() {
        return Optional.ofNullable(running);
    }

    boolean isUp() {
        return running != null;
    }

    /** Whether the node has sessions and all of them are past their hellos. */
    boolean isConnected() {
        Running up = running;
        if (up == null) {
            return false;
        }
        List<LinkSession> open = new ArrayList<>();
        up.loop().inside(() -> open.addAll(up.node().sessions().open()));
        return !open.isEmpty() && open.stream().allMatch(LinkSession::isReady);
    }

    /** Asks the node for its counters, as an operator would. */
    void tellFigures() {
        Running up = running;
        if (up != null) {
            up.node().operator().status(status -> province.figures(this, status.counters()));
        }
    }

    // ---- life

    void start() {
        if (running != null || !wanted || !powered || lost || province.timeline.now() < asleepUntil) {
            return;
        }
        startedAt = province.timeline.now();
        if (clock.isBehind(startedAt)) {
            province.sights.saw(Sight.CLOCK_BEHIND_AT_A_START);
            province.story(this + ": the clock stands before what was signed, and is set right");
            clock.accept(startedAt);
        }
        if (strikeAtStart > 0) {
            strikeAfter(strikeAtStart, true);
            strikeAtStart = 0;
        }
        NodeLoop[] own = new NodeLoop[1];
        NodeLoop loop =
                new NodeLoop(province.timeline, Chance.of(chance.number(), 2), clock, thrown -> died(own[0], thrown));
        own[0] = loop;
        Chance random = Chance.of(chance.number(), 3);
        loop.inside(() -> {
            Result<Known> known = known(loop, random);
            if (!(known instanceof Result.Ok<Known> beginning)) {
                refusedToStart(loop, known.refusal());
                return;
            }
            NodeKeys keys = beginning.value().keys();
            Result<LogMessageStore> opened = LogMessageStore.open(
                    disk,
                    loop,
                    random,
                    loop,
                    new Events(loop),
                    StoreSettings.simulated(CustodyProjection.INSTANCE)
                            .withSegmentBytes(segmentBytes)
                            .withThresholds(THRESHOLDS));
            if (!(opened instanceof Result.Ok<LogMessageStore> store)) {
                refusedToStart(loop, opened.refusal());
                return;
            }
            NodeWatch watch = new NodeWatch(loop);
            watch.auditTo((kind, who, message, number, detail) -> said(kind, number, detail));
            watch.stopWith(why -> stopped(loop, why));
            loop.watch = Optional.of(watch);
            Node node = new Node(
                    new Node.Self(
                            member.id(),
                            keys.incarnation(),
                            keys.custodyMacKey(),
                            vault(keys),
                            new Ring(keys, keysOfItsOwn)),
                    new Node.Ground(loop, loop, random, store.value(), DirectoryFolder.of(disk)),
                    beginning.value().book(),
                    policy(),
                    watch,
                    new Desk(loop, keys),
                    Optional::empty,
                    List.of());
            if (!loop.isDead()) {
                running = new Running(loop, random, store.value(), node, keys);
                if (keysOfItsOwn) {
                    node.publish(keys.records());
                    renew(loop, node, keys);
                }
                if (province.changesKeys()) {
                    directoryVersion = 0;
                    node.onDirectory(this::directoryInForce);
                    Running now = running;
                    node.onTrust(() -> lines.forEach(line -> line.judgeAgain(now)));
                }
            }
        });
        if (running != null && running.loop() == loop) {
            province.story(this + " serves");
            lines.stream().filter(line -> line.lower == this).forEach(Line::dial);
            office.nodeIsThere(running);
        }
    }

    /** What a node begins with, beside its store. */
    private record Known(NodeKeys keys, DirectoryBook book) {}

    /** As the daemon reads it: keys, then the directory, each signature checked again. Where nothing changes everybody has what all were given. */
    private Result<Known> known(NodeLoop loop, Chance random) {
        if (!province.changesKeys()) {
            return Result.ok(new Known(member.keys(), member.book()));
        }
        Result<NodeKeys> keys =
                keysOfItsOwn ? NodeKeys.open(disk, Protection.fileModes(), random) : Result.ok(member.keys());
        return keys.then(own -> {
            lifeHasBegun(own);
            DirectoryBook book =
                    DirectoryFolder.of(disk).load(own.root(), loop.now()).book();
            return book.directory().isEmpty()
                    ? Result.no(Refusal.of(ErrorCode.DIRECTORY_INVALID))
                    : Result.ok(new Known(own, book));
        });
    }

    /** As the daemon: at a start, then once an hour. */
    private void renew(NodeLoop loop, Node node, NodeKeys keys) {
        DirectoryView view = node.directoryView();
        loop.offload(KEYS_LANE, () -> keys.renewIfDue(view, loop.now()), renewal -> {
            node.publish(renewal.records());
            if (!renewal.records().isEmpty()) {
                province.sights.saw(Sight.KEYS_RENEWED);
            }
            province.sights.count(Sight.OPENING_KEY_DESTROYED, renewal.destroyed());
            loop.schedule(RENEWAL_NANOS, () -> renew(loop, node, keys));
        });
    }

    /** The process ended between the new life and the word of it. */
    private void lifeHasBegun(NodeKeys keys) {
        restored.filter(RestoreState::comparing)
                .filter(state -> state.former()
                        .filter(former -> !former.equals(keys.incarnation()))
                        .isPresent())
                .ifPresent(state -> begun(state, state.former(), state.held(), state.shown()));
    }

    private void begun(
            RestoreState state,
            Optional<Incarnation> former,
            Map<OrganisationId, Long> held,
            Map<OrganisationId, Long> shown) {
        restored = Optional.of(new RestoreState(state.at(), false, state.acceptLoss(), former, held, shown));
        province.sights.saw(Sight.NEW_LIFE_OF_OLD_KEYS);
        if (!shown.isEmpty()) {
            province.sights.saw(Sight.MISSING_SAID_BY_A_NEIGHBOUR);
        }
        office.goOn();
    }

    private void directoryInForce(DirectoryView view) {
        long version = view.version().number();
        if (version < directoryVersion) {
            province.broke(
                    Promise.DIRECTORY_NEVER_FALLS,
                    this + " goes by directory " + version + " after " + directoryVersion);
        }
        directoryVersion = version;
    }

    /** Whether its node has keys to seal to all of these now: of an office that has joined anew, or was away for weeks, they come after the node serves. */
    boolean knowsKeysOf(List<Site> offices) {
        Running up = running;
        return up == null
                || offices.stream()
                        .allMatch(office -> up.node()
                                .directoryView()
                                .recipientKey(
                                        office.address(),
                                        Suite.HYBRID_1,
                                        up.loop().now())
                                .isOk());
    }

    /** Version of the directory that it goes by, when it is up. */
    long directoryVersion() {
        return directoryVersion;
    }

    private static SecretBytes vault(NodeKeys keys) {
        return Mac.derive(keys.custodyMacKey(), VAULT_LABEL);
    }

    private static DeliveryPolicy policy() {
        DeliveryPolicy standard = DeliveryPolicy.DEFAULT;
        return new DeliveryPolicy(
                Universe.KEEP_DELIVERED,
                Duration.ofMinutes(5),
                standard.returnsMax(),
                standard.heldBackMax(),
                standard.alternativeAfter(),
                standard.retryFirst(),
                standard.retryMax(),
                standard.clientIdsKept(),
                standard.cipherProvider());
    }

    private void refusedToStart(NodeLoop loop, Refusal why) {
        loop.die();
        if (disk.isStruck()) {
            struckDown();
            return;
        }
        if (disk.failed() == 0 && disk.refusedForSpace() == 0) {
            province.broke(Promise.STARTS_AGAIN, this + " does not start: " + why);
        }
        disk.kill();
        province.story(this + " does not start: " + why.reason());
        province.timeline.after(5 * SECOND, this::start);
    }

    /** What a process does not catch. */
    private void died(NodeLoop loop, Throwable thrown) {
        if (loop.isDead() && !(thrown instanceof ForgetfulDisk.Struck)) {
            return;
        }
        if (disk.isStruck()) {
            loop.die();
            struckDown();
            return;
        }
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ForgetfulDisk.Injected || isOfADisk(cause)) {
                province.story(this + " stops: " + cause.getMessage());
                end(loop, true);
                return;
            }
        }
        StackTraceElement[] at = thrown.getStackTrace();
        StringBuilder where = new StringBuilder();
        for (int i = 0; i < Math.min(6, at.length); i++) {
            where.append(i == 0 ? " at " : " < ")
                    .append(at[i].getFileName())
                    .append(':')
                    .append(at[i].getLineNumber());
        }
        province.broke(Promise.NO_BUG, this + ": " + thrown + where);
        end(loop, true);
    }

    /** A disk that failed, in the store's own words: where a disk did fail. */
    private boolean isOfADisk(Throwable cause) {
        return cause instanceof java.io.IOException && disk.failed() + disk.refusedForSpace() > 0;
    }

    private void struckDown() {
        if (strikeIsPower) {
            province.sights.saw(Sight.POWER_CUT_INSIDE_A_DISK_OPERATION);
            if (running == null) {
                province.sights.saw(Sight.POWER_CUT_WHILE_STARTING);
            }
            powerCut(chance.between(0, 20 * SECOND), chance.coin());
        } else {
            province.sights.saw(Sight.KILLED_INSIDE_A_DISK_OPERATION);
            kill(chance.between(0, 3 * SECOND));
        }
    }

    /** The node ended itself, having said why. */
    private void stopped(NodeLoop loop, Refusal why) {
        province.sights.saw(Sight.STOPPED_BY_ITSELF);
        province.story(this + " stops: " + why);
        if (why.reason() == ErrorCode.DISK_OLDER) {
            office.oldCopyRefused();
        } else if (disk.failed() == 0 && disk.refusedForSpace() == 0) {
            province.broke(Promise.NO_STOP_WITHOUT_A_REASON, this + " stopped: " + why);
        }
        // Whatever it has not said by now it does not say any more; the rest of the turn is as in a process that exits.
        province.timeline.after(0, () -> {
            if (running != null && running.loop() == loop) {
                end(loop, why.reason() != ErrorCode.DISK_OLDER);
            } else if (running == null) {
                loop.die();
            }
        });
    }

    private void end(NodeLoop loop, boolean again) {
        loop.die();
        if (running != null && running.loop() == loop) {
            gone(true);
        }
        disk.kill();
        if (again) {
            province.timeline.after(chance.between(SECOND / 10, 3 * SECOND), this::start);
        }
    }

    private void gone(boolean resets) {
        Running before = running;
        running = null;
        if (before != null) {
            before.loop().die();
        }
        lines.forEach(line -> line.lost(this, resets));
        office.nodeIsGone();
    }

    /** SIGKILL; started again after {@code pause}. */
    void kill(long pause) {
        if (running != null && province.timeline.now() - startedAt < SECOND) {
            province.sights.saw(Sight.KILLED_WITHIN_A_SECOND_OF_A_START);
        }
        gone(true);
        disk.kill();
        province.story(this + " is killed");
        province.sights.saw(Sight.KILLED);
        province.timeline.after(pause, this::start);
    }

    /** No power for {@code pause}; {@code noticed}: the neighbours' machines are told at once. */
    void powerCut(long pause, boolean noticed) {
        gone(noticed);
        disk.crash(Chance.of(chance.number(), 4));
        province.story(this + " loses power for " + Province.seconds(pause));
        province.sights.saw(Sight.POWER_CUT);
        powered = false;
        province.timeline.after(pause, () -> {
            powered = true;
            start();
        });
    }

    /** Process or power ends inside the {@code count}-th disk operation from now. */
    void strikeAfter(long count, boolean power) {
        strikeIsPower = power;
        disk.strikeAfter(count);
    }

    /** Power ends again inside the {@code count}-th disk operation of the next start. */
    void strikeAtStart(long count) {
        strikeAtStart = count;
    }

    /** What was dirty is gone: a process that goes on after that lies with its next answer. */
    private void mustStop() {
        Running now = running;
        if (now == null) {
            return;
        }
        province.timeline.after(SECOND / 2, () -> {
            if (!now.loop().isDead()) {
                province.broke(Promise.STOPS_WHEN_A_SYNC_FAILED, this + " goes on after a sync has failed");
            }
        });
    }

    /** Stops it for an operator's work on its disk; {@link #go} starts it. */
    void halt() {
        wanted = false;
        gone(true);
        disk.kill();
    }

    void go() {
        wanted = true;
        start();
    }

    /** Its keys change in this run: from the beginning it has them alone. */
    void useKeysOfItsOwn() {
        keysOfItsOwn = true;
    }

    /** Switched off for a long time, at the end of which somebody sets the clock. */
    void sleep(long nanos) {
        gone(true);
        disk.crash(Chance.of(chance.number(), 5));
        asleepUntil = province.timeline.now() + nanos;
        clock.correct(province.timeline.now());
        province.timeline.after(nanos + chance.between(0, 60 * SECOND), () -> {
            clock.correct(province.timeline.now());
            start();
        });
    }

    boolean isLost() {
        return lost;
    }

    /** Whether nothing was done to its disk and keys that another doing would have to reckon with. */
    boolean isSettled() {
        return !lost && restored.filter(RestoreState::comparing).isEmpty();
    }

    /** The machine is gone with its disk and its keys. */
    void lose() {
        gone(false);
        disk.kill();
        disk.restore(new ForgetfulDisk());
        restored = Optional.empty();
        lost = true;
        lives++;
        office.diskIsGone();
    }

    /** Another machine, whose operator has used a new invitation. */
    void joined(ForgetfulDisk fresh) {
        disk.restore(fresh);
        clock.accept(province.timeline.now());
        keysOfItsOwn = true;
        lost = false;
        go();
    }

    /** Of its disk an old copy is left, and its operator says that it shall do. */
    void liveOnFrom(ForgetfulDisk copy) {
        gone(true);
        disk.kill();
        disk.restore(copy);
        restored = Optional.of(new RestoreState(
                SiteClock.START.plusNanos(province.timeline.now()), true, true, Optional.empty(), Map.of(), Map.of()));
        keysOfItsOwn = true;
        lives++;
        office.diskIsGone();
        office.pause();
        go();
    }

    private void said(String kind, int number, String detail) {
        province.timeline.note(kind);
        province.said(this, kind, number, detail);
    }

    // ---- what a process gives its node

    private final class Events implements StoreEvents {
        private final NodeLoop loop;

        Events(NodeLoop loop) {
            this.loop = loop;
        }

        @Override
        public void failed(ErrorCode reason, String detail) {
            loop.watch.ifPresentOrElse(
                    watch -> watch.stop(Refusal.of(reason, "{0}", lienthong.gateway.message.Detail.technical(detail))),
                    () -> province.story(Site.this + ": " + reason + " " + detail));
        }

        @Override
        public void recordDamaged(Damage damage) {
            if (disk.failed() == 0) {
                province.broke(
                        Promise.NOTHING_SET_ASIDE,
                        Site.this + " sets aside " + damage.length() + " bytes of " + damage.file() + " from "
                                + damage.offset() + ", though no bit was flipped");
            }
        }

        @Override
        public void spoolMissing(SpoolId id, Kind kind, long key) {
            province.broke(
                    Promise.NOTHING_SET_ASIDE,
                    Site.this + " misses spool file " + id.value() + " of " + kind + " " + key);
        }

        @Override
        public void spoolOrphans(int files, long bytes) {
            province.sights.saw(Sight.SPOOL_ORPHANS_REMOVED);
        }

        @Override
        public void segmentMissing(long segment) {
            province.broke(Promise.NOTHING_SET_ASIDE, Site.this + " misses log segment " + segment);
        }

        @Override
        public void rebuilding(String what, String why) {
            province.timeline.note(what);
        }
    }

    private record Ring(NodeKeys keys, boolean areItsOwn) implements KeyRing {
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
            if (areItsOwn) {
                keys.recipientKeys().whenDestroyed(forget);
            } // else none is destroyed, and the keys outlive every node of every seed
        }

        @Override
        public Optional<InstalledCipher> cipher() {
            return Optional.empty();
        }
    }

    private final class Desk implements Controls {
        private final NodeLoop loop;
        private final NodeKeys keys;

        Desk(NodeLoop loop, NodeKeys keys) {
            this.loop = loop;
            this.keys = keys;
        }

        @Override
        public Optional<RestoreState> restored() {
            return restored;
        }

        /** As the daemon: what was compared is kept, the next life begins, and the process starts again in it. */
        @Override
        public void compared(Map<OrganisationId, Long> held, Map<OrganisationId, Long> shown, DirectoryView view) {
            RestoreState state = restored.orElseThrow();
            Optional<Incarnation> former = Optional.of(keys.incarnation());
            loop.offload(
                    KEYS_LANE,
                    () -> {
                        restored = Optional.of(
                                new RestoreState(state.at(), true, state.acceptLoss(), former, held, shown));
                        List<Bytes> records = keys.rejoin(view, loop.now());
                        begun(state, former, held, shown);
                        return records;
                    },
                    records -> province.timeline.after(0, () -> {
                        if (running != null && running.loop() == loop) {
                            province.story(Site.this + " begins anew, " + records.size() + " records say so");
                            gone(true);
                            disk.kill();
                            start();
                        }
                    }));
        }

        @Override
        public void stop(Duration grace) {
            throw new Bug("nobody asks this node to stop");
        }

        @Override
        public Result<OperatorDoor.ClientInvitation> inviteClient(Address address, List<String> dial) {
            return Result.no(ErrorCode.NOT_YOUR_ADDRESS, "no clients are served here");
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
