package lienthong.gateway.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryDelta;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.EarlyRecords;
import lienthong.gateway.directory.Fork;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.link.CloseReason;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.Peer;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * Keeps directory and records on disk and the same on all neighbours: a higher signed version is taken from anyone, records spread from
 * neighbour to neighbour. Confined to the loop.
 */
final class DirectoryDesk {
    private static final long SAVE_LANE = -1;
    private static final int RECORDS_IN_MESSAGE_MAX = 256;
    /** Far more than an honest neighbour can have; what a peer announces is kept while its session lives. */
    private static final int ANNOUNCED_MAX = 500_000;
    /** Directories kept in memory to make deltas from. */
    private static final int EARLIER_MAX = 8;

    private final DirectoryBook book;
    private final DirectoryFolder folder;
    private final Loop loop;
    private final Clock clock;
    private final NodeWatch watch;
    private final Map<LinkSession, Set<Hash>> announced = new HashMap<>();
    private final Map<LinkSession, EarlyRecords> early = new HashMap<>();
    private final Map<LinkSession, RecordExchange> exchanges = new HashMap<>();
    private final Set<LinkSession> ready = new LinkedHashSet<>();
    private final List<Consumer<DirectoryView>> listeners = new ArrayList<>();
    private final Set<Hash> fresh = new LinkedHashSet<>();
    private final TreeMap<Long, SignedDirectory> earlier = new TreeMap<>();
    /** Other halves of the forks that are on disk already, or on their way to it. */
    private final Set<Hash> keptForks = new HashSet<>();

    private boolean saveDue;
    private boolean saving;
    private boolean spreadDue;
    private Optional<Consumer<LinkSession>> onExchanged = Optional.empty();

    DirectoryDesk(DirectoryBook book, DirectoryFolder folder, Loop loop, Clock clock, NodeWatch watch) {
        this.book = book;
        this.folder = folder;
        this.loop = loop;
        this.clock = clock;
        this.watch = watch;
        book.directory().ifPresent(directory -> remember(directory.signed()));
        book.forks().forEach(fork -> keptForks.add(Hash.of(fork.other())));
    }

    /** Contradictions that an operator has to know of, from before the start too. */
    List<Fork> forks() {
        return book.forks();
    }

    /** Both halves are proof that somebody will ask for: written, told and audited once, however often they come. */
    private void keepForks() {
        for (Fork fork : book.forks()) {
            if (keptForks.add(Hash.of(fork.other()))) {
                watch.forked(fork.about(), DirectoryFolder.nameOf(fork));
                loop.offload(
                        SAVE_LANE,
                        () -> {
                            folder.save(fork);
                            return true;
                        },
                        done -> {});
            }
        }
    }

    /** What the node found out about neighbours before its start; read in the loop, once. */
    Bytes findings() {
        return folder.findings();
    }

    void saveFindings(Bytes findings) {
        loop.offload(
                SAVE_LANE,
                () -> {
                    folder.saveFindings(findings);
                    return true;
                },
                done -> {});
    }

    /** The directory in force with its records: asked in the loop, the snapshot is for any thread. */
    DirectoryView view() {
        return book.view();
    }

    Optional<DirectoryVersion> version() {
        return Optional.of(book.view().version());
    }

    Hash recordsSet() {
        return book.recordsSetHash();
    }

    /** Whether a record is among those held and passed on. */
    boolean holds(Hash record) {
        return book.holds(record);
    }

    /** Tells {@code listener}, in the loop, of each change, and of the present state at once. */
    void onChange(Consumer<DirectoryView> listener) {
        listeners.add(listener);
        listener.accept(book.view());
    }

    // ---- own doings

    /** Takes a signed directory from a file or a neighbour. */
    Result<Boolean> take(SignedDirectory signed) {
        DirectoryBook.Outcome outcome = book.accept(signed, clock.now());
        Optional<Refusal> refusal = outcome.refusalIfAny();
        if (refusal.isPresent()) {
            if (outcome instanceof DirectoryBook.Outcome.Forked) {
                keepForks();
                watch.forkSeen(refusal.get());
            } else if (refusal.get().reason() != ErrorCode.DIRECTORY_OLD) {
                watch.directoryRefused(refusal.get());
            }
            return Result.no(refusal.get());
        }
        boolean isNew = outcome instanceof DirectoryBook.Outcome.Newer;
        if (isNew) {
            remember(signed);
            watch.info(Detail.of(
                    "directory version {0} is in force", book.view().version().number()));
            changed();
            List.copyOf(ready).forEach(this::newVersion);
        }
        return Result.ok(isNew);
    }

    /** What a session was judged by has changed. */
    private void newVersion(LinkSession session) {
        if (session.peer() instanceof Peer.DirectoryOnly) {
            // The directory may name this peer now: it comes back and is judged anew.
            session.close(CloseReason.GOING_AWAY);
        } else if (session.peer() instanceof Peer.Node node
                && book.view().directory().node(node.id()).isEmpty()) {
            session.close(Closing.of(CloseReason.IDENTITY, node.id() + " is not in the directory any more"));
        } else {
            session.directoryInForce(book.view().version());
            fetch(session); // names the version in force here: whoever is behind asks back
            RecordExchange exchange = exchanges.get(session);
            boolean exchanging = exchange != null && exchange.directoryCame(false);
            if (earlyOf(session).forget() || exchanging) {
                session.directory(new DirectoryMessage.WantHashes());
            }
        }
    }

    private void remember(SignedDirectory signed) {
        earlier.put(book.view().version().number(), signed);
        while (earlier.size() > EARLIER_MAX) {
            earlier.pollFirstEntry();
        }
    }

    /** Publishes records made here. */
    void publish(List<Bytes> records) {
        DirectoryBook.Taken taken = accept(records);
        taken.refusals().forEach(watch::directoryRefused);
        taken.early().forEach(own -> watch.directoryRefused(own.why()));
    }

    /** Takes records; fresh ones are kept and passed on. What one of them stands on may come behind it in the same list. */
    private DirectoryBook.Taken accept(List<Bytes> records) {
        List<Hash> unknown = new ArrayList<>();
        for (Bytes record : records) {
            Hash hash = Hash.of(record);
            if (!book.holds(hash)) {
                unknown.add(hash);
            }
        }
        if (unknown.isEmpty()) {
            return new DirectoryBook.Taken(List.of(), List.of());
        }
        DirectoryBook.Taken taken = book.takeRecords(records, clock.now());
        List<Refusal> refusals = new ArrayList<>(taken.refusals());
        keepForks();
        refusals.removeIf(refusal -> {
            boolean forked = refusal.reason() == ErrorCode.DIRECTORY_FORK;
            if (forked) {
                watch.forkSeen(refusal);
            }
            return forked;
        });
        boolean any = false;
        for (Hash hash : unknown) {
            if (book.holds(hash)) {
                fresh.add(hash);
                any = true;
            }
        }
        if (any) {
            changed();
            spread();
        }
        return new DirectoryBook.Taken(refusals, taken.early());
    }

    private void changed() {
        DirectoryView view = book.view();
        listeners.forEach(listener -> listener.accept(view));
        save();
    }

    private void save() {
        saveDue = true;
        if (saving) {
            return;
        }
        saving = true;
        saveDue = false;
        Optional<SignedDirectory> signed = book.directory().map(Directory::signed);
        List<Bytes> records = book.records();
        loop.offload(
                SAVE_LANE,
                () -> {
                    folder.save(signed, records);
                    return true;
                },
                done -> {
                    saving = false;
                    if (saveDue) {
                        save();
                    }
                });
    }

    // ---- neighbours

    /** Tells {@code listener}, in the loop, of each session by which all that the neighbour has is known here. Before any session. */
    void onExchanged(Consumer<LinkSession> listener) {
        onExchanged = Optional.of(listener);
    }

    /** The peer's hello. */
    void onHello(LinkSession session, Optional<DirectoryVersion> theirs) {
        if (onExchanged.isPresent()) {
            exchanges.put(
                    session,
                    new RecordExchange(theirs.map(DirectoryVersion::number).orElse(0L)));
        }
    }

    /** Both hellos were said: whoever is behind asks. */
    void onReady(LinkSession session) {
        ready.add(session);
        announced.put(session, new HashSet<>());
        early.put(session, new EarlyRecords());
        session.directory(new DirectoryMessage.WantHashes());
        fetch(session);
    }

    void onClosed(LinkSession session) {
        ready.remove(session);
        announced.remove(session);
        early.remove(session);
        exchanges.remove(session);
    }

    private EarlyRecords earlyOf(LinkSession session) {
        return early.computeIfAbsent(session, any -> new EarlyRecords());
    }

    /** Asks for whatever is newer than the directory in force here. */
    void fetch(LinkSession session) {
        session.directory(
                new DirectoryMessage.WantDirectory(book.view().version().number()));
    }

    void onMessage(LinkSession session, DirectoryMessage message) {
        if (message instanceof DirectoryMessage.WantDirectory want) {
            give(session, want.since());
        } else if (message instanceof DirectoryMessage.WantHashes) {
            List<Hash> all = book.recordHashes();
            for (int at = 0; at == 0 || at < all.size(); at += DirectoryMessage.ITEMS_MAX) {
                int end = Math.min(all.size(), at + DirectoryMessage.ITEMS_MAX);
                session.directory(new DirectoryMessage.Hashes(all.subList(at, end), end == all.size()));
            }
        } else if (message instanceof DirectoryMessage.WantRecords want) {
            List<Bytes> records = new ArrayList<>();
            for (Hash hash : want.hashes()) {
                book.record(hash).ifPresent(records::add);
            }
            if (!records.isEmpty()) {
                session.directory(new DirectoryMessage.Records(records));
            }
        } else if (message instanceof DirectoryMessage.Whole whole) {
            boolean isNew = SignedDirectory.parse(whole.signedDirectory())
                    .then(this::take)
                    .fold(taken -> taken, this::refused);
            RecordExchange exchange = exchanges.get(session);
            if (!isNew && exchange != null && exchange.directoryCame(true)) {
                session.directory(new DirectoryMessage.WantHashes());
            }
        } else if (message instanceof DirectoryMessage.Delta delta) {
            DirectoryDelta.parse(delta.delta()).fold(change -> changeTo(session, change), this::refused);
        } else if (message instanceof DirectoryMessage.Hashes hashes) {
            missing(session, hashes.hashes(), hashes.last());
        } else if (message instanceof DirectoryMessage.Records records) {
            received(session, records.records());
        }
    }

    private Boolean changeTo(LinkSession session, DirectoryDelta change) {
        SignedDirectory inForce = book.view().directory().signed();
        if (!change.base().equals(inForce.hash())) {
            fetch(session); // another neighbour was faster
            return false;
        }
        return change.applyTo(inForce).then(this::take).fold(isNew -> isNew, refusal -> {
            session.directory(new DirectoryMessage.WantDirectory(0));
            return refused(refusal);
        });
    }

    private Boolean refused(Refusal refusal) {
        if (refusal.reason() == ErrorCode.DIRECTORY_OLD || refusal.reason() == ErrorCode.DIRECTORY_FORK) {
            return false; // another neighbour was faster; or told and kept already
        }
        watch.badInput("link", refusal);
        return false;
    }

    private void give(LinkSession session, long since) {
        DirectoryView view = book.view();
        if (view.version().number() < since) {
            fetch(session); // the neighbour is ahead
        }
        if (view.version().number() <= since || session.isSendingDirectory()) {
            return;
        }
        Optional<SignedDirectory> base = Optional.ofNullable(earlier.get(since));
        if (base.isPresent()) {
            session.directory(new DirectoryMessage.Delta(
                    DirectoryDelta.between(base.get(), view.directory().signed())
                            .toBytes()));
        } else {
            session.directory(
                    new DirectoryMessage.Whole(view.directory().signed().toBytes()));
        }
    }

    private void missing(LinkSession session, List<Hash> theirs, boolean last) {
        Set<Hash> known = announced.computeIfAbsent(session, any -> new HashSet<>());
        known.addAll(theirs);
        if (known.size() > ANNOUNCED_MAX) {
            session.close(Closing.of(CloseReason.PROTOCOL, "more than " + ANNOUNCED_MAX + " records announced"));
            return;
        }
        RecordExchange exchange = exchanges.get(session);
        if (exchange == null) {
            ask(session, theirs.stream().filter(hash -> !holds(hash)).toList());
            return;
        }
        ask(session, exchange.list(theirs, this::holds));
        if (last) {
            switch (exchange.listEnded(this::holds, book.view().version().number())) {
                case COMPLETE -> onExchanged.ifPresent(listener -> listener.accept(session));
                case LIST_AGAIN -> session.directory(new DirectoryMessage.WantHashes());
                case WAITING -> {}
            }
        }
    }

    private static void ask(LinkSession session, List<Hash> missing) {
        for (int at = 0; at < missing.size(); at += RECORDS_IN_MESSAGE_MAX) {
            session.directory(new DirectoryMessage.WantRecords(
                    missing.subList(at, Math.min(missing.size(), at + RECORDS_IN_MESSAGE_MAX))));
        }
    }

    private void received(LinkSession session, List<Bytes> records) {
        Set<Hash> known = announced.computeIfAbsent(session, any -> new HashSet<>());
        records.forEach(record -> known.add(Hash.of(record)));
        DirectoryBook.Taken taken = accept(records);
        taken.refusals().forEach(refusal -> watch.badInput("link", refusal));
        // Nobody's fault: a directory overtakes records as these overtake it.
        earlyOf(session).note(taken.early());
        RecordExchange exchange = exchanges.get(session);
        if (exchange != null && exchange.came(records.stream().map(Hash::of).toList())) {
            session.directory(new DirectoryMessage.WantHashes());
        }
    }

    /** Passes fresh records on, once a turn, to whoever is not known to have them; asks again for what stands on them. */
    private void spread() {
        if (spreadDue) {
            return;
        }
        spreadDue = true;
        loop.execute(() -> {
            spreadDue = false;
            List<Hash> now = List.copyOf(fresh);
            fresh.clear();
            for (LinkSession session : List.copyOf(ready)) {
                List<Hash> due = earlyOf(session).due(book);
                RecordExchange exchange = exchanges.get(session);
                if (exchange != null) {
                    exchange.askedAgain(due);
                }
                ask(session, due);
                Set<Hash> known = announced.computeIfAbsent(session, any -> new HashSet<>());
                List<Bytes> news = new ArrayList<>();
                for (Hash hash : now) {
                    if (known.add(hash)) {
                        book.record(hash).ifPresent(news::add);
                    }
                }
                if (!news.isEmpty()) {
                    session.directory(new DirectoryMessage.Records(news));
                }
            }
        });
    }
}
