package lienthong.gateway.lab.simulate;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.ContentStream;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.api.SendDoor;
import lienthong.gateway.api.Submission;
import lienthong.gateway.api.TrackDoor;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import org.jspecify.annotations.Nullable;

/**
 * An office's own programs: a sender that asks again until it has an answer, a receiver that works and acknowledges, or crashes in between, or gives
 * back. They live beside the node and are not lost with it; what they were told they hold it to.
 */
final class Office {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final Caller CALLER = new Caller("simulation", Set.of(), Set.of(), true);
    private static final Set<ErrorCode> WITHOUT_KEYS =
            Set.of(ErrorCode.NO_ROUTE, ErrorCode.KEY_BUNDLE_OLD, ErrorCode.REVOKED);
    private static final int WHOLE_BYTES_MAX = 60_000;
    private static final int CHUNK_BYTES = 64 * 1024;

    private final Province province;
    private final Site site;
    private final Chance chance;
    private final ArrayDeque<Letter> toSend = new ArrayDeque<>();
    private final Set<Letter> underWay = new LinkedHashSet<>();
    private final Set<String> busyKeys = new HashSet<>();
    private final Map<Integer, Letter> followed = new TreeMap<>();
    private Site.@Nullable Running node;
    private long nodeLife;
    private long receiverLife;
    private boolean receives = true;
    private boolean paused;
    private ReceiveDoor.@Nullable Receiving receiving;
    private int inHand;

    Office(Province province, Site site, Chance chance) {
        this.province = province;
        this.site = site;
        this.chance = chance;
    }

    // ---- the node comes and goes

    void nodeIsThere(Site.Running running) {
        if (paused) {
            return;
        }
        node = running;
        long life = ++nodeLife;
        for (Letter letter : List.copyOf(followed.values())) {
            follow(letter, true);
        }
        in(chance.between(MILLI, 200 * MILLI), life, this::pump);
        in(chance.between(MILLI, 500 * MILLI), life, this::attach);
    }

    void nodeIsGone() {
        node = null;
        nodeLife++;
        receiverGone();
        for (Letter letter : underWay) {
            province.sights.saw(Sight.ANSWER_LOST);
            letter.key.ifPresent(key -> busyKeys.remove(key + letter.to));
            toSend.addFirst(letter);
        }
        underWay.clear();
    }

    private void in(long delay, long life, Runnable task) {
        province.timeline.after(delay, () -> {
            if (life == nodeLife) {
                task.run();
            }
        });
    }

    // ---- sending

    void send(Letter letter) {
        letter.key.ifPresent(key -> province.sights.saw(Sight.ORDERED));
        if (letter.to.size() > 1) {
            province.sights.saw(Sight.FAN_OUT);
        }
        toSend.add(letter);
        pump();
    }

    /** Of a key one message at a time: the order asked for is the order of acceptance. */
    private void pump() {
        Site.Running up = node;
        if (up == null) {
            return;
        }
        List<Letter> small = new ArrayList<>();
        Set<String> waiting = new HashSet<>();
        List<Letter> now = new ArrayList<>();
        for (Letter letter : toSend) {
            String lane = letter.key.map(key -> key + letter.to).orElse("");
            if (!lane.isEmpty() && (busyKeys.contains(lane) || !waiting.add(lane))) {
                continue;
            }
            now.add(letter);
        }
        for (Letter letter : now) {
            toSend.remove(letter);
            underWay.add(letter);
            letter.key.ifPresent(key -> busyKeys.add(key + letter.to));
            letter.asked = true;
            letter.life = site.lives;
            letter.askings++;
            if (letter.bytes > WHOLE_BYTES_MAX) {
                upload(up, letter);
            } else {
                small.add(letter);
            }
        }
        if (!small.isEmpty()) {
            long life = nodeLife;
            up.node()
                    .send()
                    .submit(
                            CALLER,
                            small.stream().map(this::whole).toList(),
                            answers -> in(chance.between(0, MILLI), life, () -> {
                                for (int i = 0; i < answers.size(); i++) {
                                    answered(small.get(i), answers.get(i));
                                }
                                pump();
                            }));
        }
    }

    private Draft draft(Letter letter) {
        return new Draft(
                new ClientId(letter.clientId()),
                site.address(),
                letter.to.stream().map(Site::address).sorted().toList(),
                Service.DOCUMENT,
                Optional.empty(),
                letter.precedence,
                SecrecyMark.NONE,
                new Lifetime(letter.lifetimeSeconds),
                Optional.empty(),
                Optional.empty(),
                letter.key);
    }

    private static Draft.Part part(Letter letter, byte[] payload) {
        return new Draft.Part("part-" + letter.number, "application/octet-stream", payload.length, Optional.empty());
    }

    private Draft.Whole whole(Letter letter) {
        byte[] payload = letter.payload();
        return new Draft.Whole(draft(letter), List.of(part(letter, payload)), List.of(Bytes.ofOwned(payload)));
    }

    private void upload(Site.Running up, Letter letter) {
        byte[] payload = letter.payload();
        long life = nodeLife;
        province.sights.saw(Sight.SPOOLED);
        up.node()
                .send()
                .begin(
                        CALLER,
                        draft(letter),
                        List.of(part(letter, payload)),
                        opening -> in(0, life, () -> {
                            if (opening instanceof SendDoor.Opening.Answered answered) {
                                answered(letter, answered.answer());
                                pump();
                            } else if (opening instanceof SendDoor.Opening.Open open) {
                                write(open.upload(), letter, payload, 0, life);
                            }
                        }));
    }

    private void write(SendDoor.Upload upload, Letter letter, byte[] payload, int from, long life) {
        if (from == payload.length) {
            upload.end(answer -> in(chance.between(0, MILLI), life, () -> {
                answered(letter, answer);
                pump();
            }));
            return;
        }
        int length = Math.min(CHUNK_BYTES, payload.length - from);
        upload.write(
                ByteBuffer.wrap(payload, from, length),
                more -> in(0, life, () -> write(upload, letter, payload, more ? from + length : payload.length, life)));
    }

    private void answered(Letter letter, Submission answer) {
        if (!underWay.remove(letter)) {
            return;
        }
        letter.key.ifPresent(key -> busyKeys.remove(key + letter.to));
        if (answer instanceof Submission.Accepted accepted) {
            province.accepted(letter, accepted);
            if (letter.askings > 1) {
                province.sights.saw(Sight.ACCEPTED_AT_SECOND_ASKING);
            }
            follow(letter, false);
        } else if (answer instanceof Submission.Busy busy) {
            province.sights.saw(Sight.BUSY);
            againLater(letter, busy.retryAfter().toNanos() + chance.between(0, SECOND));
        } else if (answer instanceof Submission.Refused refused) {
            if (site.clock.isFarOff(province.timeline.now())) {
                // By such a clock certificates have ended or not begun: the operator sets it right, the program asks
                // again.
                againLater(letter, 10 * SECOND);
            } else if (WITHOUT_KEYS.contains(refused.why().reason())
                    && province.changesKeys()
                    && !site.knowsKeysOf(letter.to)) {
                province.sights.saw(Sight.REFUSED_BEFORE_KEYS_WERE_KNOWN);
                againLater(letter, SECOND);
            } else {
                province.refused(letter, refused.why());
            }
        }
    }

    /** Whatever has the same key waits for it. */
    private void againLater(Letter letter, long delay) {
        letter.key.ifPresent(key -> busyKeys.add(key + letter.to));
        province.timeline.after(delay, () -> {
            letter.key.ifPresent(key -> busyKeys.remove(key + letter.to));
            if (!letter.orphan) {
                toSend.addFirst(letter);
            }
            pump();
        });
    }

    // ---- following

    private void follow(Letter letter, boolean again) {
        Site.Running up = node;
        if (up == null) {
            followed.put(letter.number, letter);
            return;
        }
        followed.put(letter.number, letter);
        watch(up, letter, true, again);
    }

    /** Asks once more about what its node has settled: what an origin said by itself may have given way to a recipient's word since. */
    void lookAgain(Letter letter) {
        Site.Running up = node;
        if (up != null) {
            watch(up, letter, false, false);
        }
    }

    private void watch(Site.Running up, Letter letter, boolean live, boolean again) {
        long life = nodeLife;
        up.node()
                .track()
                .track(CALLER, new TrackDoor.Subject.OfMessage(letter.id.orElseThrow()), live, new TrackDoor.Watcher() {
                    @Override
                    public void events(List<TrackDoor.Event> events) {
                        in(0, life, () -> {
                            if (again) {
                                province.sights.saw(Sight.SENDER_FORGOT_NOTHING_AFTER_RESTART);
                            }
                            events.forEach(event -> province.happened(letter, event));
                        });
                    }

                    @Override
                    public void end() {
                        in(0, life, () -> {
                            followed.remove(letter.number);
                            province.settled(letter);
                        });
                    }

                    @Override
                    public void refused(Refusal why) {
                        in(0, life, () -> province.unknownToItsNode(letter, why));
                    }
                });
    }

    // ---- receiving

    /** The receiving program dies in the middle of whatever it does; another one begins after {@code pause}. */
    void receiverCrashes(long pause) {
        province.sights.saw(Sight.APPLICATION_CRASHED);
        if (inHand > 0) {
            province.sights.saw(Sight.APPLICATION_CRASHED_BETWEEN_WORK_AND_ACKNOWLEDGEMENT);
        }
        ReceiveDoor.Receiving open = receiving;
        receiverGone();
        if (open != null) {
            open.detach();
        }
        receives = false;
        province.timeline.after(pause, () -> {
            receives = true;
            attach();
        });
    }

    private void receiverGone() {
        receiverLife++;
        receiving = null;
        inHand = 0;
        province.leasesOver(site);
    }

    private void attach() {
        Site.Running up = node;
        if (up == null || !receives || receiving != null) {
            return;
        }
        long life = receiverLife;
        up.node()
                .receive()
                .attach(
                        CALLER,
                        new ReceiveDoor.Attachment(
                                site.address(), "receiver", Duration.ofSeconds(chance.between(5, 60)), Set.of()),
                        new Receiver(life),
                        answer -> {
                            if (life == receiverLife && answer.isOk()) {
                                ReceiveDoor.Receiving open = answer.orBug();
                                receiving = open;
                                open.credit((int) chance.between(1, 4));
                            }
                        });
    }

    private final class Receiver implements ReceiveDoor.Receiver {
        private final long life;
        private final Map<Long, Letter> held = new TreeMap<>();
        private final Set<Long> lost = new HashSet<>();

        Receiver(long life) {
            this.life = life;
        }

        private void later(long delay, Runnable task) {
            province.timeline.after(delay, () -> {
                if (life == receiverLife) {
                    task.run();
                }
            });
        }

        @Override
        public void lease(ReceiveDoor.Lease lease) {
            later(chance.between(0, MILLI), () -> read(lease));
        }

        private void read(ReceiveDoor.Lease lease) {
            if (lease.content() instanceof ReceiveDoor.Content.Whole whole) {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                whole.contents().forEach(part -> all.writeBytes(part.toArray()));
                inHand(lease, all.toByteArray());
            } else if (lease.content() instanceof ReceiveDoor.Content.Large large) {
                readOn(lease, large.stream(), new ByteArrayOutputStream());
            }
        }

        private void readOn(ReceiveDoor.Lease lease, ContentStream stream, ByteArrayOutputStream all) {
            stream.next(piece -> later(0, () -> {
                if (piece instanceof ContentStream.Piece.Chunk chunk) {
                    all.writeBytes(chunk.bytes().toArray());
                    readOn(lease, stream, all);
                } else if (piece instanceof ContentStream.Piece.End) {
                    province.sights.saw(Sight.LARGE_CONTENT_READ);
                    stream.close();
                    inHand(lease, all.toByteArray());
                } else {
                    stream.close();
                    ifOpen(open -> open.release(lease.id(), answer -> later(0, () -> open.credit(1))));
                }
            }));
        }

        private void ifOpen(Consumer<ReceiveDoor.Receiving> then) {
            ReceiveDoor.Receiving open = receiving;
            if (open != null) {
                then.accept(open);
            }
        }

        private void inHand(ReceiveDoor.Lease lease, byte[] payload) {
            Optional<Letter> found = province.got(site, lease, payload);
            if (found.isEmpty()) {
                return;
            }
            Letter letter = found.get();
            if (lost.contains(lease.id())) {
                return;
            }
            province.lent(site, letter);
            held.put(lease.id(), letter);
            inHand++;
            later(chance.oneIn(10) ? chance.between(0, 90 * SECOND) : chance.between(0, 300 * MILLI), () -> {
                if (held.remove(lease.id()) != null) {
                    inHand--;
                    decide(lease.id(), letter);
                }
            });
        }

        private void decide(long lease, Letter letter) {
            Letter.Copy copy = letter.copy(site);
            int choice = letter.poison ? 2 : province.isCalm() ? 0 : chance.below(60);
            copy.openLease = false;
            ifOpen(open -> {
                if (copy.lost ? copy.givenBack : choice == 1 && !copy.acknowledgementAsked) {
                    copy.givenBack = true;
                    open.giveBack(lease, "không thuộc thẩm quyền", no -> later(0, () -> open.credit(1)));
                } else if (choice == 2) {
                    copy.released++;
                    province.sights.saw(Sight.RELEASED);
                    open.release(lease, no -> later(0, () -> open.credit(1)));
                } else {
                    copy.acknowledgementAsked = true;
                    if (copy.acknowledgementAskedInLife >= 0 && copy.acknowledgementAskedInLife != nodeLife) {
                        province.sights.saw(Sight.ACKNOWLEDGED_ONLY_AFTER_RESTART);
                    }
                    copy.acknowledgementAskedInLife = nodeLife;
                    open.acknowledge(
                            lease,
                            no -> later(0, () -> {
                                if (no.isEmpty()) {
                                    province.done(site, letter);
                                }
                                open.credit(1);
                            }));
                }
            });
        }

        @Override
        public void lost(long lease, Refusal why) {
            later(0, () -> {
                province.sights.saw(Sight.LEASE_LOST);
                lost.add(lease);
                Letter letter = held.remove(lease);
                if (letter != null) {
                    inHand--;
                    letter.copy(site).openLease = false;
                    ifOpen(open -> open.credit(1));
                }
            });
        }

        @Override
        public void closed(Refusal why) {
            later(0, () -> {
                receiverGone();
                province.timeline.after(SECOND, Office.this::attach);
            });
        }
    }

    // ---- a disk that is gone

    /** What was asked of it and not answered, or answered and not ended, is the judge's matter: an orphan is not asked for again. */
    void diskIsGone() {
        toSend.removeIf(letter -> letter.orphan);
        underWay.removeIf(letter -> letter.orphan);
        followed.values().removeIf(letter -> letter.orphan);
    }

    // ---- an operator's mistake

    /** Nobody uses a node whose disk was just put back until it is known that it is the newest. */
    void pause() {
        paused = true;
    }

    void goOn() {
        paused = false;
    }

    void oldCopyRefused() {
        province.oldCopyRefused(site);
    }
}
