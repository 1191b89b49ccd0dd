package lienthong.gateway.node;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node notices about itself: counters, the reason why it stopped serving, log lines and audit events. One warning line per event with its
 * number, never content; at most one per source and number in ten seconds, with a count. Thread-safe.
 */
public final class NodeWatch {
    private static final Logger LOG = LoggerFactory.getLogger("lienthong.node");
    private static final long QUIET_NANOS = 10_000_000_000L;
    /** Sources are named by peers and callers: the one that was told of longest ago is forgotten beyond this. */
    static final int SOURCES_MAX = 4_096;

    /** Takes audit events; set when the audit log is open. */
    @FunctionalInterface
    public interface Audit {
        void event(String kind, String who, Optional<MessageId> message, int number, String detail);
    }

    private final Clock clock;
    private final Map<String, Long> counters = new TreeMap<>();
    /** In the order in which they were last told of. */
    private final LinkedHashMap<String, Quiet> quiet = new LinkedHashMap<>();

    private final Map<ErrorCode, Refusal> notes = new LinkedHashMap<>();
    private final List<Consumer<Optional<Refusal>>> servingWatchers = new CopyOnWriteArrayList<>();
    private volatile @Nullable Refusal stopped;
    private volatile @Nullable Refusal held;
    private volatile Audit audit = (kind, who, message, number, detail) -> {};
    private volatile Consumer<Refusal> stopper = reason -> {};

    public NodeWatch(Clock clock) {
        this.clock = clock;
    }

    private static final class Quiet {
        private long until;
        private long suppressed;
    }

    public void auditTo(Audit log) {
        audit = log;
    }

    /** What ends the process when the node must stop. */
    public void stopWith(Consumer<Refusal> handler) {
        stopper = handler;
    }

    // ---- serving

    Optional<Refusal> notServing() {
        Refusal reason = stopped;
        return Optional.ofNullable(reason != null ? reason : held);
    }

    /** A restored node's next life begins. */
    public void begunAnew(Instant at) {
        Detail how = Detail.of("restored {0}; the neighbours have spoken, a new life of the keys begins", at);
        audit.event("restored", "node", Optional.empty(), 0, how.english());
        LOG.info("{}", how);
    }

    /** A restored node did not wait for these. */
    void leftOut(String nodes) {
        Detail how = Detail.of(
                "{0} could not be asked what they remember: the directory does not know them any more", nodes);
        audit.event("left-out", "node", Optional.empty(), ErrorCode.COMPARING.number(), how.english());
        LOG.warn("{}", how);
    }

    /** Nothing is answered for now, for this reason; the process goes on. */
    void hold(Refusal reason) {
        held = reason;
        servingWatchers.forEach(watcher -> watcher.accept(notServing()));
    }

    void watchServing(Consumer<Optional<Refusal>> watcher) {
        servingWatchers.add(watcher);
        watcher.accept(notServing());
    }

    /** When unsure, stop: no positive answer from now on. The first reason counts. */
    public void stop(Refusal reason) {
        synchronized (this) {
            if (stopped != null) {
                return;
            }
            stopped = reason;
        }
        LOG.error("{}", Detail.of("stopped serving: {0}", said(reason)));
        count("stopped");
        audit.event("stopped", "node", Optional.empty(), reason.reason().number(), reason.detail());
        servingWatchers.forEach(watcher -> watcher.accept(Optional.of(reason)));
        stopper.accept(reason);
    }

    // ---- what happened

    void linkUp(OrganisationId neighbour) {
        LOG.info("{}", Detail.of("link to {0} is up", neighbour));
        count("links_up");
    }

    void linkDown(OrganisationId neighbour, LinkEnd end) {
        LOG.info("{}", Detail.of("link to {0} is down: {1}", neighbour, said(end)));
        count("links_down");
    }

    /** Bad input at a door: counted, audited, and told once in a while. */
    public void badInput(String door, Refusal refusal) {
        count("bad_input_" + door);
        audit.event("refused", door, Optional.empty(), refusal.reason().number(), refusal.detail());
        warn(door, refusal);
    }

    /** Two machines live under one identity: an operator decides. */
    void cloned(Refusal refusal) {
        count("clones");
        audit.event("cloned", "link", Optional.empty(), refusal.reason().number(), refusal.detail());
        LOG.error("{}", said(refusal));
    }

    /** A session whose certificate was taken back while it lived has been closed. */
    void revoked(String peer, String detail) {
        count("sessions_revoked");
        audit.event("revoked", peer, Optional.empty(), ErrorCode.REVOKED.number(), detail);
        warn(peer, Refusal.of(ErrorCode.REVOKED, "its session was closed: {0}", detail));
    }

    /** The operator has taken an address's clients their certificates and invitations. */
    void clientsRevoked(Address address, int certificates, int invitations) {
        audit.event(
                "clients-revoked",
                address.toString(),
                Optional.empty(),
                0,
                Detail.of("{0} certificates, {1} unused invitations", certificates, invitations)
                        .english());
        LOG.info("{}", Detail.of("{0}: {1} certificates of clients revoked by the operator", address, certificates));
    }

    /** Which of the two goes on has been decided, or both were replaced. */
    void cloneSettled(OrganisationId node, Detail how) {
        audit.event("clone-settled", "link", Optional.empty(), 0, node + ": " + how.english());
        LOG.info("{}", Detail.of("{0}: {1}", node, how));
    }

    /** A neighbour reports that it does not take something. */
    void reported(OrganisationId neighbour, Refusal refusal) {
        count("reports");
        warn(neighbour.text(), refusal);
    }

    /** Something of ours cannot be read. */
    public void damaged(Refusal refusal) {
        count("damaged");
        note(refusal);
        audit.event("damaged", "store", Optional.empty(), refusal.reason().number(), refusal.detail());
        warn("store", refusal);
    }

    void directoryRefused(Refusal refusal) {
        count("directory_refused");
        audit.event("directory", "directory", Optional.empty(), refusal.reason().number(), refusal.detail());
        warn("directory", refusal);
    }

    /** A contradiction that was not known before. */
    void forked(String about, String file) {
        count("directory_forks");
        audit.event(
                "directory-fork",
                "directory",
                Optional.empty(),
                ErrorCode.DIRECTORY_FORK.number(),
                about + "; both halves are in directory/" + file);
        LOG.error(
                "{}", said(Refusal.of(ErrorCode.DIRECTORY_FORK, "{0}; both halves are in directory/{1}", about, file)));
    }

    /** One came, perhaps not for the first time: {@link #forked} has recorded it. */
    void forkSeen(Refusal refusal) {
        count("directory_refused");
        warn("directory", refusal);
    }

    /** A caller without a right. */
    void denied(String who, Refusal why) {
        count("denied");
        audit.event("denied", who, Optional.empty(), why.reason().number(), why.detail());
        warn(who, why);
    }

    /** An event of delivery. */
    void event(String kind, Optional<MessageId> message, int number, String detail) {
        audit.event(kind, "delivery", message, number, detail);
    }

    /** Worth a line, and nothing to do. */
    public void info(Detail what) {
        LOG.info("{}", what);
    }

    /** Number, name and detail, which the log says in the operator's language. */
    private static Detail said(Refusal refusal) {
        String label = refusal.reason().label();
        return refusal.detail().isEmpty() ? Detail.of("{0}", label) : Detail.of("{0}: {1}", label, refusal.about());
    }

    private static Detail said(LinkEnd end) {
        if (end instanceof LinkEnd.ClosedHere here) {
            return Detail.of("closed here, {0}", said(here.why()));
        }
        return end instanceof LinkEnd.ClosedByPeer peer
                ? Detail.of("closed by it, {0}", said(peer.why()))
                : Detail.of("the connection broke");
    }

    private static Detail said(Closing why) {
        return said(Refusal.technical(why.reason().error(), why.detail()));
    }

    private void warn(String source, Refusal refusal) {
        long suppressed;
        synchronized (this) {
            String key = source + refusal.reason().number();
            Quiet known = quiet.get(key);
            long now = clock.nanos();
            if (known != null && now - known.until < 0) {
                known.suppressed++;
                return;
            }
            Quiet state = known == null ? new Quiet() : known;
            quiet.remove(key);
            quiet.put(key, state);
            if (quiet.size() > SOURCES_MAX) {
                quiet.remove(quiet.keySet().iterator().next());
            }
            state.until = now + QUIET_NANOS;
            suppressed = state.suppressed;
            state.suppressed = 0;
        }
        LOG.warn(
                "{}",
                suppressed == 0
                        ? Detail.of("{0}: {1}", source, said(refusal))
                        : Detail.of("{0}: {1} (and {2} more like it)", source, said(refusal), suppressed));
    }

    /** Sources whose lines are counted now. */
    synchronized int quietSources() {
        return quiet.size();
    }

    // ---- figures

    synchronized void count(String counter) {
        counters.merge(counter, 1L, Long::sum);
    }

    synchronized void add(String counter, long more) {
        counters.merge(counter, more, Long::sum);
    }

    synchronized Map<String, Long> counters() {
        return new TreeMap<>(counters);
    }

    /** Something the operator should see until it is mended. */
    public synchronized void note(Refusal refusal) {
        notes.put(refusal.reason(), refusal);
    }

    synchronized List<Refusal> notes() {
        List<Refusal> all = new ArrayList<>(notes.values());
        notServing().ifPresent(reason -> all.add(0, reason));
        return all;
    }

    Instant now() {
        return clock.now();
    }
}
