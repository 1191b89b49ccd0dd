package lienthong.gateway.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lienthong.gateway.api.ContentStream;
import lienthong.gateway.api.DirectoryDoor;
import lienthong.gateway.api.ListDoor;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.DeliveryStatus;
import lienthong.gateway.delivery.Queued;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.StoreStatus;

/** What an operator asks of a running node. Doors may be called from anywhere; state is read in the loop. */
final class OperatorDesk implements OperatorDoor {
    private static final int CHUNK_BYTES = 256 * 1024;

    /** Clocks that differ by more are worth a look. */

    /** Reading a long log takes its time: behind it waits nothing but another such check. */
    private static final long AUDIT_LANE = 1L << 52;

    private final Loop loop;
    private final Clock clock;
    private final OrganisationId me;
    private final Delivery delivery;
    private final MessageStore store;
    private final DirectoryDesk directory;
    private final LinkDesk links;
    private final NeighbourClocks clocks;
    private final EvidenceDesk evidence;
    private final NodeWatch watch;
    private final Controls controls;
    private final Supplier<Optional<String>> listening;
    private final List<String> dialling;
    private final Optional<Cipher> cipher;
    private final Instant startedAt;

    OperatorDesk(
            Loop loop,
            Clock clock,
            OrganisationId me,
            Delivery delivery,
            MessageStore store,
            DirectoryDesk directory,
            LinkDesk links,
            NeighbourClocks clocks,
            EvidenceDesk evidence,
            NodeWatch watch,
            Controls controls,
            Supplier<Optional<String>> listening,
            List<String> dialling,
            Optional<InstalledCipher> cipher) {
        this.loop = loop;
        this.clock = clock;
        this.me = me;
        this.delivery = delivery;
        this.store = store;
        this.directory = directory;
        this.links = links;
        this.clocks = clocks;
        this.evidence = evidence;
        this.watch = watch;
        this.controls = controls;
        this.listening = listening;
        this.dialling = dialling;
        this.cipher = cipher.map(one -> new Cipher(one.suite().number(), one.product()));
        this.startedAt = clock.now();
    }

    // ---- status

    @Override
    public void status(Consumer<Status> answer) {
        loop.execute(() -> answer.accept(status()));
    }

    private Status status() {
        DirectoryView view = directory.view();
        DeliveryStatus now = delivery.status();
        StoreStatus disk = store.status();
        List<Neighbour> neighbours = new ArrayList<>();
        boolean away = false;
        for (DeliveryStatus.Neighbour one : now.neighbours()) {
            Optional<Instant> since = links.connectedSince(one.node());
            neighbours.add(new Neighbour(
                    one.node(),
                    since.isPresent(),
                    since.or(one::awaySince).orElse(startedAt),
                    one.queued() + one.offered() + one.receipts(),
                    one.bytes()));
            away |= since.isEmpty() && one.queued() > 0;
        }
        List<Refusal> notes = new ArrayList<>(watch.notes());
        directory
                .forks()
                .forEach(fork -> notes.add(Refusal.of(
                        ErrorCode.DIRECTORY_FORK,
                        "{0}; both halves: directory/{1}",
                        fork.about(),
                        DirectoryFolder.nameOf(fork))));
        notes.addAll(links.undecided());
        clocks.farAhead().or(controls::clockInDoubt).ifPresent(notes::add);
        if (view.directory().isExpiredAt(clock.now())) {
            notes.add(Refusal.of(
                    ErrorCode.DIRECTORY_EXPIRED, "version {0}", view.version().number()));
        }
        if (disk.quarantined() > 0) {
            notes.add(Refusal.of(ErrorCode.RECORD_DAMAGED, "{0} set aside in quarantine/", disk.quarantined()));
        }
        if (away) {
            notes.add(Refusal.of(ErrorCode.NEIGHBOUR_AWAY, "messages wait for a neighbour whose link is down"));
        }
        Condition condition =
                watch.notServing().isPresent() ? Condition.RED : notes.isEmpty() ? Condition.GREEN : Condition.AMBER;
        return new Status(
                me,
                LookupDesk.served(view.directory(), me),
                condition,
                notes,
                view.directory().root().name(),
                view.network(),
                view.version(),
                view.directory().head().expires(),
                startedAt,
                now.neighbours().stream()
                        .mapToLong(one -> one.queued() + one.offered())
                        .sum(),
                now.waitingForApplications(),
                neighbours,
                listening.get(),
                dialling,
                disk.freeBytes(),
                disk.totalBytes(),
                controls.certificatesEnd(),
                counters(now, disk),
                cipher);
    }

    private Map<String, Long> counters(DeliveryStatus now, StoreStatus disk) {
        Map<String, Long> all = new TreeMap<>(watch.counters());
        all.putAll(controls.counters());
        now.counters().forEach((counter, value) -> all.put(counter.name().toLowerCase(java.util.Locale.ROOT), value));
        all.put("store_records", disk.lastNumber());
        all.put("store_segments", (long) disk.segments());
        all.put("store_log_bytes", disk.logBytes());
        all.put("store_live_values", disk.liveValues());
        all.put("quarantined", (long) disk.quarantined());
        all.put("late", (long) now.late());
        all.put("dead_letters", (long) now.deadLetters());
        all.put("open_at_origin", (long) now.openAtOrigin());
        return all;
    }

    // ---- backup

    @Override
    public void snapshot(Consumer<Result<Snapshot>> answer) {
        loop.offload(NodeClients.KEYS_LANE, () -> controls.snapshot(store), answer);
    }

    // ---- diagnosis

    @Override
    public void diagnose(Consumer<List<Finding>> answer) {
        loop.execute(() -> {
            List<Finding> all = new ArrayList<>();
            Status now = status();
            Optional<Refusal> stopped = watch.notServing();
            all.add(stopped.map(why -> Finding.bad(Topic.NODE, why.reason(), why.about()))
                    .orElseGet(() -> Finding.good(
                            Topic.NODE, Detail.of("{0} serves since {1}", me, StrictText.time(now.startedAt())))));
            notes(now).forEach(all::add);
            links(now).forEach(all::add);
            quotas().forEach(all::add);
            loop.offload(AUDIT_LANE, () -> controls.diagnose(directory.view()), ground -> {
                all.addAll(ground);
                answer.accept(List.copyOf(all));
            });
        });
    }

    /** What the node knows of itself and no other finding says. */
    private List<Finding> notes(Status now) {
        Set<ErrorCode> saidElsewhere = EnumSet.of(
                ErrorCode.NEIGHBOUR_AWAY,
                ErrorCode.DIRECTORY_EXPIRED,
                ErrorCode.RECORD_DAMAGED,
                ErrorCode.DISK_LOW,
                ErrorCode.CLOCK_FAR_AHEAD);
        return now.notes().stream()
                .filter(note -> !saidElsewhere.contains(note.reason())
                        && !Optional.of(note).equals(watch.notServing()))
                .map(note -> Finding.soon(Topic.NOTE, note.reason(), note.about()))
                .toList();
    }

    private List<Finding> links(Status now) {
        List<Finding> all = new ArrayList<>();
        for (Neighbour one : now.neighbours()) {
            String since = StrictText.time(one.since());
            all.add(
                    one.connected()
                            ? Finding.good(Topic.LINK, Detail.of("{0}: up since {1}", one.node(), since))
                            : Finding.soon(
                                    Topic.LINK,
                                    ErrorCode.NEIGHBOUR_AWAY,
                                    Detail.of(
                                            "{0}: down since {1}, {2} queued for it",
                                            one.node(), since, one.queued())));
        }
        clocks.ahead().forEach((node, ahead) -> {
            Detail about = Detail.of("this clock is {0} s ahead of that of {1}", ahead.toSeconds(), node);
            if (ahead.compareTo(NeighbourClocks.AHEAD_MAX) > 0) {
                all.add(Finding.soon(Topic.CLOCK_NEIGHBOUR, ErrorCode.CLOCK_FAR_AHEAD, about));
            } else if (ahead.compareTo(NeighbourClocks.AHEAD_MAX.negated()) < 0) {
                all.add(Finding.soon(Topic.CLOCK_NEIGHBOUR, ErrorCode.CLOCK_BEHIND, about));
            } else {
                all.add(Finding.good(Topic.CLOCK_NEIGHBOUR, about));
            }
        });
        return all;
    }

    /** Traffic that holds its share of the disk. */
    private List<Finding> quotas() {
        DiskGate gate = store.gate();
        List<Finding> all = new ArrayList<>();
        for (DiskGate.Traffic traffic : DiskGate.Traffic.values()) {
            Detail about = traffic.holds(gate.held(traffic), gate.share());
            all.add(
                    gate.held(traffic) >= gate.share() / 10 * 9
                            ? Finding.soon(Topic.DISK_QUOTA, ErrorCode.QUOTA, about)
                            : Finding.good(Topic.DISK_QUOTA, about));
        }
        return all;
    }

    // ---- queue

    @Override
    public void queue(QueueQuery query, Consumer<Result<QueuePage>> answer) {
        int skip;
        try {
            skip = query.token().isEmpty() ? 0 : Integer.parseInt(query.token());
        } catch (NumberFormatException notOurs) {
            answer.accept(Result.no(ErrorCode.FIELD_MISSING, "page_token: not one of this node's"));
            return;
        }
        loop.execute(() -> {
            List<QueueLine> lines = new ArrayList<>();
            List<Queued> all = delivery.queue(0, Integer.MAX_VALUE).stream()
                    .sorted(Queued.URGENT_FIRST)
                    .toList();
            long total = 0;
            for (Queued one : all) {
                String neighbour = one.neighbour().map(OrganisationId::text).orElse("local");
                if (query.neighbour().isEmpty() || query.neighbour().equals(neighbour)) {
                    if (total >= skip && lines.size() < query.size()) {
                        lines.add(line(one, neighbour));
                    }
                    total++;
                }
            }
            boolean more = total > (long) skip + lines.size();
            answer.accept(Result.ok(new QueuePage(
                    new ListDoor.Page<>(
                            lines, more ? Optional.of(Integer.toString(skip + lines.size())) : Optional.empty()),
                    total)));
        });
    }

    private QueueLine line(Queued one, String neighbour) {
        return new QueueLine(
                one.id(),
                one.sender(),
                one.recipients(),
                neighbour,
                one.precedence(),
                one.since(),
                one.bytes(),
                one.neighbour().map(node -> links.sentOf(node, one.id())).orElse(0L),
                one.tries(),
                one.why().map(why -> Refusal.technical(why, one.state())));
    }

    // ---- evidence, stop, audit, clients

    @Override
    public void evidence(MessageId id, boolean withContent, Consumer<Result<ContentStream>> answer) {
        evidence.export(id, withContent, answer);
    }

    @Override
    public void stop(Duration grace, Runnable answer) {
        answer.run();
        controls.stop(grace);
    }

    @Override
    public void inviteClient(Address address, List<String> dial, Consumer<Result<ClientInvitation>> answer) {
        loop.offload(NodeClients.KEYS_LANE, () -> controls.inviteClient(address, dial), answer);
    }

    @Override
    public void revokeClients(Address address, Consumer<Result<ClientRevocation>> answer) {
        loop.execute(() -> {
            DirectoryView view = directory.view();
            loop.offload(
                    NodeClients.KEYS_LANE,
                    () -> controls.revokeClients(address, view, clock.now()),
                    result -> answer.accept(result.then(revoked -> revoked(address, revoked))));
        });
    }

    private Result<ClientRevocation> revoked(Address address, NodeKeys.ClientsRevoked revoked) {
        // Before the sessions end, so that the log tells why they do.
        watch.clientsRevoked(address, revoked.certificates(), revoked.invitations());
        if (revoked.list().isPresent()) {
            Bytes list = revoked.list().get();
            directory.publish(List.of(list));
            if (!directory.holds(Hash.of(list))) {
                return Result.no(
                        ErrorCode.DIRECTORY_INVALID,
                        "the new revocation list of {0} was not taken into the directory: nothing is revoked",
                        address.organisation());
            }
        }
        return Result.ok(new ClientRevocation(revoked.certificates(), revoked.invitations()));
    }

    @Override
    public void audit(Optional<Long> from, int count, Consumer<AuditPage> answer) {
        loop.offload(0, () -> controls.audit(from, count), answer);
    }

    @Override
    public void verifyAudit(Consumer<Result<AuditCheck>> answer) {
        loop.offload(AUDIT_LANE, controls::verifyAudit, answer);
    }

    // ---- directory

    @Override
    public void importDirectory(Bytes file, Consumer<Result<DirectoryFacts>> answer) {
        loop.execute(() ->
                answer.accept(SignedDirectory.parse(file).then(directory::take).map(this::facts)));
    }

    private DirectoryFacts facts(boolean isNew) {
        Directory known = directory.view().directory();
        return new DirectoryFacts(
                known.version(),
                isNew,
                known.organisations().size(),
                known.head().issued(),
                known.head().expires());
    }

    @Override
    public void showDirectory(int size, String token, Consumer<Result<DirectoryPage>> answer) {
        int skip;
        try {
            skip = token.isEmpty() ? 0 : Integer.parseInt(token);
        } catch (NumberFormatException notOurs) {
            answer.accept(Result.no(ErrorCode.FIELD_MISSING, "page_token: not one of this node's"));
            return;
        }
        loop.execute(() -> {
            Directory known = directory.view().directory();
            List<OrganisationEntry> all = known.organisations();
            List<DirectoryDoor.Office> offices =
                    all.stream().skip(skip).limit(size).map(LookupDesk::office).toList();
            boolean more = all.size() > skip + offices.size();
            answer.accept(Result.ok(new DirectoryPage(
                    facts(false),
                    known.root().name(),
                    known.root().words(),
                    known.root().digits(),
                    new ListDoor.Page<>(
                            offices, more ? Optional.of(Integer.toString(skip + offices.size())) : Optional.empty()))));
        });
    }

    @Override
    public void exportDirectory(Consumer<Result<ContentStream>> answer) {
        loop.execute(() -> answer.accept(
                Result.ok(new InMemory(directory.view().directory().signed().toBytes()))));
    }

    /** A file that is in memory, given in pieces. */
    private static final class InMemory implements ContentStream {
        private final Bytes content;
        private int at;

        InMemory(Bytes content) {
            this.content = content;
        }

        @Override
        public void next(Consumer<Piece> then) {
            int size = Math.min(CHUNK_BYTES, content.size() - at);
            Piece piece = size == 0 ? new Piece.End() : new Piece.Chunk(0, content.slice(at, size));
            at += size;
            then.accept(piece);
        }

        @Override
        public void close() {
            at = content.size();
        }
    }
}
