package lienthong.gateway.lab.simulate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.link.Backoff;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.Peer;
import lienthong.gateway.message.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The line between an office and the one above it, and the dialling of the lower one. A connection carries frames in order until it breaks: at once,
 * with what is under way lost or not, unnoticed by one side or both; in one direction only; slowly; or it is never made.
 */
final class Line {
    private static final long SECOND = 1_000_000_000L;
    private static final int MARK_BYTES = 64 * 1024;
    private static final long CONNECT_NANOS_MAX = 10 * SECOND;
    private static final long GOOD_NANOS = 60 * SECOND;

    private final Timeline timeline;
    private final Chance chance;
    private final Sights sights;
    private final Judge judge;
    private final Tap tap;
    final Site lower;
    final Site upper;
    private long latencyNanos;
    private long bytesPerSecond;
    private boolean down;
    private boolean hangs;
    private boolean silentUp;
    private boolean silentDown;
    private @Nullable Connection current;
    /** Also those that only one side still believes in. */
    private final List<Connection> connections = new ArrayList<>();

    private @Nullable Dialler dialler;

    /** Who the other end of a connection is to a node; empty: it is turned away. */
    @FunctionalInterface
    interface Judge {
        Optional<Peer> apply(Site.Running here, Site.Running there, Site office);

        /** Where no keys change everybody is whom the line was laid to. */
        static Judge byTheLine() {
            return (here, there, office) -> Optional.of(new Peer.Node(office.id()));
        }

        /** By certificate and directory, as over TLS. */
        static Judge byTheDirectory() {
            return (here, there, office) -> here.judge(there);
        }
    }

    /** Sees each frame that is sent. */
    @FunctionalInterface
    interface Tap {
        void sees(Line line, Bytes frame);
    }

    Line(Timeline timeline, Chance chance, Sights sights, Judge judge, Tap tap, Site lower, Site upper) {
        this.tap = tap;
        this.judge = judge;
        this.timeline = timeline;
        this.chance = chance;
        this.sights = sights;
        this.lower = lower;
        this.upper = upper;
        usual();
    }

    @Override
    public String toString() {
        return lower + "–" + upper;
    }

    // ---- faults

    /** As it was laid. */
    void usual() {
        latencyNanos = chance.between(200_000, 20_000_000);
        bytesPerSecond = chance.between(200_000, 20_000_000);
    }

    void slow(long latency, long bytes) {
        latencyNanos = latency;
        bytesPerSecond = bytes;
    }

    /** Cut, and no new connection until {@link #mend}. {@code noticed}: both sides hear of it. */
    void cut(boolean noticed) {
        down = true;
        breakNow(noticed, noticed);
    }

    /** Nothing comes through in one direction, and nobody hears of it. */
    void silence(boolean up) {
        silentUp |= up;
        silentDown |= !up;
    }

    /** Whoever dials waits in vain. */
    void hang() {
        hangs = true;
    }

    void mend() {
        down = false;
        hangs = false;
        silentUp = false;
        silentDown = false;
    }

    /** The connection breaks now; a new one may be made at once. */
    void breakNow(boolean lowerHears, boolean upperHears) {
        Connection open = current;
        if (open != null) {
            open.breakNow(lowerHears, upperHears);
        }
    }

    /** A process at one end is gone: by its system's own word ({@code resets}), or without one. */
    void lost(Site site, boolean resets) {
        Connection open = current;
        if (open != null) {
            open.breakNow(site == upper && resets, site == lower && resets);
        }
        if (site == lower) {
            dialler = null;
        }
    }

    /** What certificates are judged by has changed at a node: connections that it would not make any more end, also those of a machine that is gone. */
    void judgeAgain(Site.Running here) {
        connections.removeIf(Connection::isOver);
        for (Connection made : connections) {
            made.judgeAgain(here);
        }
    }

    // ---- dialling

    /** The lower node's process has begun. */
    void dial() {
        Dialler begun = new Dialler(lower.running().orElseThrow());
        dialler = begun;
        begun.dial();
    }

    private final class Dialler {
        private final Site.Running life;
        private final Backoff backoff;

        Dialler(Site.Running life) {
            this.life = life;
            this.backoff = new Backoff(life.chance());
        }

        private boolean isOver() {
            return life.loop().isDead() || dialler != this;
        }

        void dial() {
            if (isOver()) {
                return;
            }
            if (hangs) {
                sights.saw(Sight.CONNECT_HANGS);
                timeline.after(CONNECT_NANOS_MAX, this::pause);
            } else {
                timeline.after(3 * latencyNanos, this::reached);
            }
        }

        private void pause() {
            if (!isOver()) {
                timeline.after(backoff.next().toNanos(), this::dial);
            }
        }

        private void reached() {
            if (isOver()) {
                return;
            }
            Optional<Site.Running> there = upper.running();
            if (down || hangs || silentUp || silentDown || there.isEmpty()) {
                pause();
                return;
            }
            Optional<Peer> seenAbove = judge.apply(there.get(), life, lower);
            Optional<Peer> seenBelow = judge.apply(life, there.get(), upper);
            if (seenAbove.isEmpty() || seenBelow.isEmpty()) {
                sights.saw(Sight.TURNED_AWAY);
                pause();
                return;
            }
            if (seenAbove.get() instanceof Peer.DirectoryOnly || seenBelow.get() instanceof Peer.DirectoryOnly) {
                sights.saw(Sight.ADMITTED_FOR_THE_DIRECTORY_ALONE);
            }
            long since = timeline.now();
            Connection made = new Connection(life, there.get(), seenAbove.get(), seenBelow.get());
            Connection before = current;
            if (before != null && before.isBelievedAbove()) {
                sights.saw(Sight.CONNECTED_OVER_HALF_OPEN);
            }
            current = made;
            connections.removeIf(Connection::isOver);
            connections.add(made);
            made.begin(session -> session.onEnd(end -> ended(session, end, timeline.now() - since)));
        }

        private void ended(LinkSession session, LinkEnd end, long lived) {
            boolean harmless = end instanceof LinkEnd.Cut;
            if (session.wasReady() && (harmless || lived > GOOD_NANOS)) {
                backoff.reset();
            }
            if (!isOver()) {
                pause();
            }
        }
    }

    // ---- a connection

    /** Gets the session of the side that dialled. */
    @FunctionalInterface
    private interface Begun {
        void session(LinkSession session);
    }

    private final class Connection {
        private final End below;
        private final End above;
        private boolean broken;

        private final Peer seenAbove;
        private final Peer seenBelow;

        Connection(Site.Running dialled, Site.Running accepted, Peer seenAbove, Peer seenBelow) {
            this.seenAbove = seenAbove;
            this.seenBelow = seenBelow;
            below = new End(dialled, true);
            above = new End(accepted, false);
            below.other = above;
            above.other = below;
        }

        boolean isOver() {
            return below.life.loop().isDead() && above.life.loop().isDead()
                    || broken && !below.isBelieved() && !above.isBelieved();
        }

        void judgeAgain(Site.Running here) {
            End own = above.life.equals(here) ? above : below;
            End other = own == above ? below : above;
            if (own.life.equals(here)
                    && judge.apply(here, other.life, own == above ? lower : upper)
                            .isEmpty()) {
                sights.saw(Sight.CUT_AS_REVOKED);
                breakNow(true, true);
                own.cut();
            }
        }

        /** It is broken, and the upper side has not heard of it. */
        boolean isBelievedAbove() {
            return broken && above.session != null && above.session.isReady();
        }

        void begin(Begun then) {
            above.life.loop().execute(() -> {
                LinkSession session = above.life.node().sessions().accepted(seenAbove, above);
                above.begun(session);
            });
            below.life.loop().execute(() -> {
                LinkSession session = below.life.node().sessions().dialled(seenBelow, below);
                then.session(session);
                below.begun(session);
            });
        }

        /** What has left one side may still arrive, or not. */
        void breakNow(boolean lowerHears, boolean upperHears) {
            if (broken) {
                return;
            }
            broken = true;
            below.broke(chance.coin());
            above.broke(chance.coin());
            if (lowerHears) {
                timeline.after(latencyNanos, below::cut);
            }
            if (upperHears) {
                timeline.after(latencyNanos, above::cut);
            }
            if (!lowerHears && !upperHears) {
                sights.saw(Sight.HALF_OPEN);
            }
        }

        private final class End implements Wire {
            private final Site.Running life;
            private final boolean isBelow;
            private final List<Bytes> early = new ArrayList<>();
            private final List<Bytes> queued = new ArrayList<>();
            private final ArrayDeque<Timeline.Event> underWay = new ArrayDeque<>();
            private @Nullable End other;
            private @Nullable LinkSession session;
            private long unsent;
            private long freeAt;
            private long arrivedAt;
            private int mark = MARK_BYTES;
            private boolean full;
            private boolean deaf;

            End(Site.Running life, boolean isBelow) {
                this.life = life;
                this.isBelow = isBelow;
            }

            void begun(LinkSession begun) {
                session = begun;
                early.forEach(begun::received);
                early.clear();
            }

            boolean isBelieved() {
                return !life.loop().isDead() && (session == null || session.isReady());
            }

            private boolean isSilent() {
                return isBelow ? silentUp : silentDown;
            }

            @Override
            public void send(Bytes frame) {
                tap.sees(Line.this, frame);
                queued.add(frame);
                unsent += frame.size();
                full |= unsent >= mark;
            }

            @Override
            public void flush() {
                List<Bytes> frames = List.copyOf(queued);
                queued.clear();
                for (Bytes frame : frames) {
                    transmit(frame);
                }
            }

            private void transmit(Bytes frame) {
                long begins = Math.max(freeAt, timeline.now());
                long lasts = frame.size() * SECOND / Math.max(1, bytesPerSecond);
                freeAt = begins + lasts;
                timeline.after(freeAt - timeline.now(), () -> sent(frame.size()));
                if (broken) {
                    return;
                }
                if (isSilent()) {
                    // Nothing of this connection may come through any more: a stream has no holes.
                    sights.saw(Sight.SILENT_DIRECTION);
                    deaf = true;
                }
                if (deaf) {
                    return;
                }
                arrivedAt = Math.max(arrivedAt, freeAt + latencyNanos);
                End there = java.util.Objects.requireNonNull(other);
                if (lasts > SECOND) {
                    long half = arrivedAt - lasts / 2 - timeline.now();
                    timeline.after(half, () -> there.partly(frame.size() / 2));
                }
                underWay.add(timeline.after(arrivedAt - timeline.now(), () -> {
                    underWay.poll();
                    there.receive(frame);
                }));
            }

            private void sent(long bytes) {
                unsent -= bytes;
                if (full && unsent < mark) {
                    full = false;
                    life.loop().execute(() -> {
                        if (session != null) {
                            session.writable();
                        }
                    });
                }
            }

            private void partly(int bytes) {
                life.loop().execute(() -> {
                    if (session != null && !broken) {
                        session.progress(bytes);
                    }
                });
            }

            private void receive(Bytes frame) {
                CRC32 sum = new CRC32();
                sum.update(frame.asBuffer());
                timeline.note(sum.getValue());
                life.loop().execute(() -> {
                    if (session != null) {
                        session.received(frame);
                    } else {
                        early.add(frame);
                    }
                });
            }

            /** Of what is under way from here all, or a part, does not arrive. */
            void broke(boolean all) {
                boolean losing = all;
                for (Timeline.Event event : underWay) {
                    losing |= chance.oneIn(4);
                    if (losing) {
                        event.cancel();
                        sights.saw(Sight.FRAMES_LOST);
                    }
                }
            }

            void cut() {
                life.loop().execute(() -> {
                    if (session != null) {
                        session.cut();
                    }
                });
            }

            @Override
            public boolean isWritable() {
                return unsent < mark;
            }

            @Override
            public void queueAtMost(int bytes) {
                mark = Math.max(4_096, bytes);
            }

            @Override
            public void close() {
                flush();
                long last = Math.max(arrivedAt, timeline.now()) + 1;
                End there = java.util.Objects.requireNonNull(other);
                timeline.after(last - timeline.now(), () -> {
                    broken = true;
                    cut();
                    if (!deaf && !isSilent()) {
                        there.cut();
                    }
                });
            }
        }
    }
}
