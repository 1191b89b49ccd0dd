package lienthong.gateway.client;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryDelta;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.EarlyRecords;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directory and records as the node gives them, every one verified here. Confined to the loop but for {@link #view} and {@link #synced}.
 */
final class ClientDirectory {
    private static final Logger LOG = LoggerFactory.getLogger("lienthong.client");
    private static final long SAVE_LANE = -21;
    private static final int WANTED_MAX = 256;

    private final DirectoryBook book;
    private final DirectoryFolder folder;
    private final Loop loop;
    private final Clock clock;
    private final CompletableFuture<Boolean> synced = new CompletableFuture<>();
    private final Set<Hash> awaited = new HashSet<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private volatile DirectoryView view;
    private EarlyRecords early = new EarlyRecords();
    private boolean listed;
    /** The node has said that its directory is newer, and it has not come yet: records may stand on it. */
    private boolean behind;

    private boolean saving;
    private boolean saveDue;

    ClientDirectory(DirectoryBook book, DirectoryFolder folder, Loop loop, Clock clock) {
        this.book = book;
        this.folder = folder;
        this.loop = loop;
        this.clock = clock;
        this.view = book.view();
    }

    /** The directory in force with its records. Any thread. */
    DirectoryView view() {
        return view;
    }

    Hash recordsSet() {
        return book.recordsSetHash();
    }

    /** Done when the node's records are known here for the first time since the start. Any thread. */
    CompletableFuture<Boolean> synced() {
        return synced;
    }

    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** What the node says about itself before the session is ready. */
    void onHello(Optional<DirectoryVersion> theirs) {
        behind = theirs.filter(version -> version.number() > view.version().number())
                .isPresent();
    }

    /** Asks for what is newer and tells the node of this client's own records. */
    void onReady(LinkSession session, List<Bytes> own) {
        listed = false;
        awaited.clear();
        early = new EarlyRecords();
        take(own);
        session.directory(new DirectoryMessage.Records(own));
        session.directory(new DirectoryMessage.WantDirectory(view.version().number()));
        session.directory(new DirectoryMessage.WantHashes());
    }

    void onMessage(LinkSession session, DirectoryMessage message) {
        if (message instanceof DirectoryMessage.WantDirectory want) {
            if (want.since() > view.version().number()) {
                session.directory(
                        new DirectoryMessage.WantDirectory(view.version().number()));
            } else if (want.since() < view.version().number()) {
                session.directory(
                        new DirectoryMessage.Whole(view.directory().signed().toBytes()));
            }
        } else if (message instanceof DirectoryMessage.WantHashes) {
            // Own records were sent unasked; the others came from this node.
            session.directory(new DirectoryMessage.Hashes(List.of(), true));
        } else if (message instanceof DirectoryMessage.WantRecords want) {
            List<Bytes> records = new ArrayList<>();
            want.hashes().forEach(hash -> book.record(hash).ifPresent(records::add));
            if (!records.isEmpty()) {
                session.directory(new DirectoryMessage.Records(records));
            }
        } else if (message instanceof DirectoryMessage.Whole whole) {
            SignedDirectory.parse(whole.signedDirectory())
                    .fold(signed -> take(session, signed), ClientDirectory::refused);
            caughtUpWithDirectory();
        } else if (message instanceof DirectoryMessage.Delta delta) {
            DirectoryDelta.parse(delta.delta())
                    .then(change -> change.applyTo(view.directory().signed()))
                    .fold(
                            signed -> {
                                take(session, signed);
                                caughtUpWithDirectory();
                                return true;
                            },
                            refusal -> {
                                session.directory(new DirectoryMessage.WantDirectory(0));
                                return refused(refusal);
                            });
        } else if (message instanceof DirectoryMessage.Hashes hashes) {
            missing(session, hashes);
        } else if (message instanceof DirectoryMessage.Records records) {
            early.note(accept(records.records()));
            records.records().forEach(record -> awaited.remove(Hash.of(record)));
            ask(session, early.due(book));
            caughtUp();
        }
    }

    private static Boolean refused(Refusal refusal) {
        LOG.warn("the node's directory was not taken: {}", refusal);
        return false;
    }

    private Boolean take(LinkSession session, SignedDirectory signed) {
        DirectoryBook.Outcome outcome = book.accept(signed, clock.now());
        outcome.refusalIfAny().ifPresent(ClientDirectory::refused);
        if (outcome instanceof DirectoryBook.Outcome.Newer) {
            changed();
            if (early.forget()) {
                listed = false;
                session.directory(new DirectoryMessage.WantHashes());
            }
        }
        return true;
    }

    /** Takes records, from the node or made here. */
    void take(List<Bytes> records) {
        early.note(accept(records));
    }

    /** Gives what came too early. */
    private List<DirectoryBook.Early> accept(List<Bytes> records) {
        List<Bytes> unknown = records.stream()
                .filter(record -> book.record(Hash.of(record)).isEmpty())
                .toList();
        if (unknown.isEmpty()) {
            return List.of();
        }
        DirectoryBook.Taken taken = book.takeRecords(unknown, clock.now());
        taken.refusals().forEach(ClientDirectory::refused);
        changed();
        return taken.early();
    }

    private void missing(LinkSession session, DirectoryMessage.Hashes theirs) {
        List<Hash> missing = theirs.hashes().stream()
                .filter(hash -> book.record(hash).isEmpty())
                .toList();
        ask(session, missing);
        listed |= theirs.last();
        caughtUp();
    }

    private void ask(LinkSession session, List<Hash> missing) {
        awaited.addAll(missing);
        for (int at = 0; at < missing.size(); at += WANTED_MAX) {
            session.directory(
                    new DirectoryMessage.WantRecords(missing.subList(at, Math.min(missing.size(), at + WANTED_MAX))));
        }
    }

    /** Taken or refused: nobody waits for it any more. */
    private void caughtUpWithDirectory() {
        behind = false;
        caughtUp();
    }

    private void caughtUp() {
        if (listed && !behind && awaited.isEmpty()) {
            synced.complete(true);
        }
    }

    private void changed() {
        view = book.view();
        listeners.forEach(Runnable::run);
        save();
    }

    private void save() {
        saveDue = true;
        if (saving) {
            return;
        }
        saving = true;
        saveDue = false;
        var signed = book.directory().map(Directory::signed);
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
}
