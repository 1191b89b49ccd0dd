package lienthong.gateway.lab.simulate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.api.Submission;
import lienthong.gateway.api.TrackDoor;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;

/** All machines and lines of one run, what is done to them, and the judge, who knows what was promised to whom and looks after every step. */
final class Province {
    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;
    /** After the last fault everything must have its end within this time. */
    static final long SETTLE_NANOS_MAX = 6 * 60 * MINUTE;
    /** So long it is watched when all is over. */
    private static final long QUIET_NANOS = 2 * MINUTE;

    private static final long STEPS_MAX = 20_000_000;
    private static final int STORY_MAX = 4_000;
    private static final int RETURNS_MAX = 5;
    private static final long LIFETIME_SECONDS = 30 * 86_400L;
    /** In one seed of so many every frame is looked through, in as many every disk. */
    private static final int LOOKED_THROUGH_ONE_IN = 8;
    /** In one seed of so many each acceptance is looked for where no power cut takes it away. */
    private static final int DISKS_LOOKED_AT_ONE_IN = 4;

    private static final byte[] MARK = Letter.MARK.getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    final Timeline timeline = new Timeline();
    final Sights sights = new Sights();
    private final Plan plan;
    private final Chance chance;
    private final Universe universe;
    private final boolean changesKeys;
    private final boolean tells;
    private final List<Site> sites = new ArrayList<>();
    private final List<Line> lines = new ArrayList<>();
    private final Map<Integer, Letter> letters = new TreeMap<>();
    private final Map<String, Long> lastInKey = new TreeMap<>();
    private final Map<Site, OldCopy> copies = new TreeMap<>(java.util.Comparator.comparing(Site::toString));
    private final List<String> story = new ArrayList<>();
    private Optional<Broken> broken = Optional.empty();
    private Optional<Ceremony> ceremony = Optional.empty();
    private boolean calm;
    private int open;
    private long accepted;
    private long received;
    private long redelivered;
    private long struck;

    /** A promise that did not hold. */
    record Broken(Promise promise, String how) {}

    /** @param tells whether the story is kept in words */
    Province(Plan plan, boolean tells) {
        this.plan = plan;
        this.tells = tells;
        this.chance = Chance.of(plan.seed(), 20);
        this.universe = Universe.of(plan.nodes());
        this.changesKeys = plan.changesKeys();
        Line.Judge judge = changesKeys ? Line.Judge.byTheDirectory() : Line.Judge.byTheLine();
        for (Universe.Member member : universe.members()) {
            Site site = new Site(this, member, Chance.of(plan.seed(), 1_000 + sites.size()), plan.segmentBytes());
            if (plan.lastsWeeks()) {
                site.useKeysOfItsOwn();
            }
            sites.add(site);
        }
        for (int i = 1; i < sites.size(); i++) {
            Site lower = sites.get(i);
            Site upper = sites.get(universe.members().get(i).parent());
            Line line = new Line(timeline, Chance.of(plan.seed(), 2_000_000 + i), sights, judge, tap(), lower, upper);
            lines.add(line);
            lower.lines.add(line);
            upper.lines.add(line);
        }
    }

    /** Whoever listens on a line reads no plaintext. */
    private Line.Tap tap() {
        return plan.seed() % LOOKED_THROUGH_ONE_IN == 3
                ? (line, frame) -> {
                    if (ForgetfulDisk.contains(frame.toArray(), MARK)) {
                        broke(Promise.CONFIDENTIAL, "a plaintext travels over " + line);
                    }
                }
                : (line, frame) -> {};
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
    }

    // ---- the run

    /** From the first start to the last look. */
    void run() {
        for (Site site : sites) {
            long offset = chance.between(-2 * SECOND, 2 * SECOND);
            site.clock.setOff(offset);
            timeline.after(chance.between(0, 200_000_000L), site::start);
        }
        long asleep = 0;
        for (Deed deed : plan.deeds()) {
            timeline.after(SECOND + deed.at() + asleep, () -> happen(deed));
            asleep += deed.what() == Deed.What.WEEKS ? deed.amount() : 0;
        }
        until(SECOND + plan.activeNanos() + asleep, false);
        recover();
        until(timeline.now() + SETTLE_NANOS_MAX, true);
        if (broken.isEmpty()) {
            if (open > 0) {
                notSettled();
            }
            if (!isDirectoryEverywhere()) {
                broke(
                        Promise.DIRECTORY_COMES_EVERYWHERE,
                        sites.stream()
                                        .map(site -> site + " " + site.directoryVersion())
                                        .toList() + " go by these, signed is "
                                + ceremony.orElseThrow().version());
            }
            copies.forEach((site, mistake) -> broke(
                    Promise.OLD_DISK_REFUSED,
                    site + " lives on from an old copy that missed what its neighbour handed to it"));
            until(timeline.now() + QUIET_NANOS, false);
            sites.forEach(Site::tellFigures);
            letters.values().stream()
                    .filter(letter -> letter.copies.values().stream()
                            .anyMatch(copy -> copy.end.equals(Optional.of(TrackDoor.State.EXPIRED))))
                    .forEach(letter -> letter.from.office.lookAgain(letter));
            until(timeline.now() + SECOND, false);
            atRest();
        }
    }

    private void until(long end, boolean settling) {
        while (broken.isEmpty() && (!settling || open > 0 || !copies.isEmpty() || !isDirectoryEverywhere())) {
            if (!timeline.step(end)) {
                return;
            }
            if (timeline.steps() > STEPS_MAX) {
                broke(Promise.ENDS, "the province runs in circles: " + timeline.steps() + " events");
            }
        }
    }

    /** The newest directory is in force at every node. */
    private boolean isDirectoryEverywhere() {
        if (ceremony.isEmpty()) {
            return true;
        }
        long newest = ceremony.get().version();
        for (Site site : sites) {
            if (site.directoryVersion() < newest) {
                return false;
            }
        }
        return true;
    }

    private void recover() {
        calm = true;
        story("faults have stopped");
        lines.forEach(line -> {
            line.mend();
            line.usual();
        });
        for (Site site : sites) {
            site.disk.empty();
            site.clock.correct(timeline.now());
            if (site.clock.isBehind(timeline.now()) && !copies.containsKey(site)) {
                // It has signed in the future: its operator stops it and accepts the clock.
                site.halt();
            }
            if (site.isLost()) {
                joinAgain(site);
            } else if (!copies.containsKey(site)) {
                site.go();
            }
        }
    }

    private void notSettled() {
        List<String> waiting = letters.values().stream()
                .filter(letter -> !letter.isOver())
                .limit(4)
                .map(letter -> letter + " from " + letter.from + " to " + letter.to + " (" + state(letter) + ")")
                .toList();
        broke(
                Promise.ENDS,
                open + " without an end " + seconds(SETTLE_NANOS_MAX) + " after the last fault: "
                        + String.join("; ", waiting));
    }

    private static String state(Letter letter) {
        if (letter.id.isEmpty()) {
            return letter.asked ? "no answer" : "not asked";
        }
        StringBuilder all = new StringBuilder();
        letter.copies.forEach((who, copy) -> all.append(who)
                .append(copy.end.map(end -> " " + end).orElse(copy.delivered ? " delivered" : " nothing"))
                .append(" got ")
                .append(copy.got)
                .append(copy.done ? " done " : " "));
        return all.toString().strip();
    }

    // ---- deeds

    private void happen(Deed deed) {
        Site site = sites.get(deed.what().isOfASite() ? deed.place() % sites.size() : 0);
        Line line = lines.get(deed.place() % lines.size());
        String where = deed.what().isOfASite() ? site.toString() : line.toString();
        Chance own = new Chance(deed.chance());
        timeline.note(deed.chance());
        if (deed.isFault()) {
            story(deed.words(where));
            struck++;
        }
        switch (deed.what()) {
            case SEND -> send(site, (int) deed.amount(), own, false);
            case BURST -> send(site, (int) deed.amount() + 2, own, true);
            case KILL -> ifUp(site, () -> site.kill(own.between(0, 3 * SECOND)));
            case KILL_INSIDE -> ifUp(site, () -> site.strikeAfter(deed.amount(), false));
            case POWER -> {
                if (own.oneIn(3)) {
                    site.strikeAtStart(own.between(1, 8));
                }
                site.powerCut(deed.amount(), own.coin());
            }
            case POWER_INSIDE -> ifUp(site, () -> site.strikeAfter(deed.amount(), true));
            case POWER_ALL -> powerOfAll(deed.amount(), own);
            case CUT -> {
                sights.saw(Sight.LINE_CUT);
                line.cut(own.coin());
                timeline.after(deed.amount(), line::mend);
            }
            case BREAK -> {
                sights.saw(Sight.CONNECTION_BROKE);
                line.breakNow(own.coin(), own.coin());
            }
            case SILENT -> {
                line.silence(own.coin());
                timeline.after(deed.amount(), line::mend);
            }
            case HANG -> {
                line.hang();
                line.breakNow(true, true);
                timeline.after(deed.amount(), line::mend);
            }
            case SLOW -> {
                sights.saw(Sight.LINE_SLOW);
                line.slow(own.between(SECOND / 20, 2 * SECOND), own.between(1_000, 20_000));
                timeline.after(deed.amount(), line::usual);
            }
            case FSYNC ->
                ifUp(site, () -> {
                    sights.saw(Sight.FSYNC_FAILED);
                    site.disk.failSyncAfter((int) deed.amount(), own.coin());
                    if (own.coin()) {
                        // A second misfortune on the same disk, soon: what was dropped shows only then.
                        timeline.after(
                                own.between(0, 20 * SECOND), () -> ifUp(site, () -> site.powerCut(SECOND, true)));
                    }
                });
            case READ ->
                ifUp(site, () -> {
                    sights.saw(Sight.READ_FAILED);
                    site.disk.failReadAfter((int) deed.amount());
                });
            case FULL -> {
                sights.saw(Sight.DISK_FULL);
                site.disk.fill(own.between(0, own.coin() ? 64 << 10 : 3 << 20));
                timeline.after(deed.amount(), site.disk::empty);
            }
            case RESTORE -> copyAndRestore(site, deed.amount());
            case CLOCK -> {
                sights.saw(deed.amount() > 0 ? Sight.CLOCK_JUMPED_AHEAD : Sight.CLOCK_JUMPED_BACK);
                site.clock.jump(deed.amount());
            }
            case DRIFT -> {
                sights.saw(Sight.CLOCK_DRIFTS);
                site.clock.drift(deed.amount(), timeline.now());
            }
            case LOSE -> lose(site, deed.amount());
            case ACCEPT_LOSS -> acceptLoss(site, deed.amount());
            case WEEKS -> {
                sights.saw(Sight.SWITCHED_OFF_FOR_WEEKS);
                if (deed.amount() > LIFETIME_SECONDS * SECOND) {
                    sights.saw(Sight.A_LIFETIME_PASSES);
                }
                sites.forEach(each -> each.sleep(deed.amount()));
            }
            case APPLICATION -> site.office.receiverCrashes(own.between(0, 20 * SECOND));
        }
    }

    private static void ifUp(Site site, Runnable then) {
        if (site.isUp()) {
            then.run();
        }
    }

    private void powerOfAll(long within, Chance own) {
        sights.saw(Sight.POWER_CUT_OF_ALL);
        if (sites.size() > 5) {
            sights.saw(Sight.STORM);
        }
        for (Site site : sites) {
            site.powerCut(own.between(0, within), false);
        }
    }

    /** What an operator has put in place of a disk, wrongly. */
    private record OldCopy(ForgetfulDisk newest, boolean mustBeRefused) {}

    /**
     * An operator copies the folder of an office now and puts the copy back later, over whatever has happened since. Not where its programs were promised
     * something meanwhile that no neighbour knows of: nobody could tell.
     */
    private void copyAndRestore(Site site, long later) {
        if (site.lines.size() != 1) {
            return;
        }
        ForgetfulDisk copy = site.disk.copy();
        long copied = timeline.now();
        int life = site.lives;
        timeline.after(later, () -> {
            boolean mustBeRefused = site.takenAt > copied && site.handedAt > copied;
            if (calm
                    || life != site.lives
                    || !site.isSettled()
                    || !site.isUp()
                    || copies.containsKey(site)
                    || !mustBeRefused && site.promisedAt >= copied) {
                return;
            }
            site.halt();
            OldCopy mistake = new OldCopy(site.disk.copy(), mustBeRefused);
            copies.put(site, mistake);
            site.disk.restore(copy);
            sights.saw(Sight.OLD_COPY_RESTORED);
            story(site + ": the copy of " + seconds(later) + " ago is in place");
            site.office.pause();
            site.go();
            if (!mustBeRefused) {
                whenMet(site, mistake);
            }
        });
    }

    /** Neighbours were met, and none knows more than this disk: it is used again. */
    private void whenMet(Site site, OldCopy mistake) {
        timeline.after(20 * SECOND, () -> {
            if (!mistake.equals(copies.get(site))) {
                return;
            }
            if (!site.isUp() || !site.isConnected()) {
                whenMet(site, mistake);
                return;
            }
            copies.remove(site);
            sights.saw(Sight.OLD_COPY_THAT_MISSED_NOTHING);
            story(site + ": the copy has missed nothing");
            site.office.goOn();
            site.running().ifPresent(site.office::nodeIsThere);
        });
    }

    /** The node says that its disk is older than the network's memory: the operator puts the newest one back. */
    void oldCopyRefused(Site site) {
        sights.saw(Sight.OLD_COPY_REFUSED);
        timeline.after(SECOND, () -> {
            OldCopy mistake = copies.remove(site);
            if (mistake == null) {
                broke(
                        Promise.NO_STOP_WITHOUT_A_REASON,
                        site + " says that its disk is old, and nobody has put one back");
                return;
            }
            site.halt();
            site.disk.restore(mistake.newest());
            story(site + ": the newest disk is back");
            site.office.goOn();
            site.go();
        });
    }

    // ---- disks that are gone

    boolean changesKeys() {
        return changesKeys;
    }

    /** Machine, disk and keys; another machine joins after a while. */
    private void lose(Site site, long pause) {
        if (!site.isSettled() || copies.containsKey(site)) {
            return;
        }
        sights.saw(Sight.DISK_AND_KEYS_LOST);
        if (site.lines.size() > 1) {
            sights.saw(Sight.DISK_OF_A_RELAY_LOST);
        }
        gone(site, -1);
        site.lose();
        timeline.after(pause, () -> joinAgain(site));
    }

    private void joinAgain(Site site) {
        if (!site.isLost()) {
            return;
        }
        if (ceremony.isEmpty()) {
            ceremony = Optional.of(new Ceremony(universe, timeline, Chance.of(plan.seed(), 3)));
        }
        sights.saw(Sight.JOINED_AGAIN);
        story(site + " joins again, with new keys");
        site.joined(ceremony.get().joinAgain(site.id()));
    }

    /** The folder is copied now; later the disk breaks, and its operator goes on from the copy, knowing that something is missing. */
    private void acceptLoss(Site site, long later) {
        if (!site.isSettled() || copies.containsKey(site)) {
            return;
        }
        ForgetfulDisk copy = site.disk.copy();
        long copied = timeline.now();
        int life = site.lives;
        timeline.after(later, () -> {
            if (calm || life != site.lives || !site.isSettled() || copies.containsKey(site)) {
                return;
            }
            sights.saw(Sight.LOSS_ACCEPTED);
            story(site + ": the disk is broken, and the copy of " + seconds(later) + " ago is all that is left");
            gone(site, copied);
            site.liveOnFrom(copy);
        });
    }

    /** What only this disk knew, since then, nobody can be held to; what anybody else knew is still promised. */
    private void gone(Site site, long since) {
        for (Letter letter : letters.values()) {
            Letter.Copy own = letter.copies.get(site.toString());
            // On an empty disk only what somebody brings again comes again; a copy has what it was made of.
            if (own != null && (!own.isEnded() || since >= 0)) {
                if (own.done) {
                    sights.saw(Sight.LOST_BETWEEN_ACKNOWLEDGED_AND_CONSUMED);
                } else if (own.delivered) {
                    sights.saw(Sight.LOST_BETWEEN_DELIVERED_AND_CONSUMED);
                }
                own.forget(since);
            }
            if (letter.from == site && letter.asked) {
                originGone(letter, since);
            }
        }
        site.forgets.add(since);
    }

    private void originGone(Letter letter, long since) {
        boolean before = letter.isOver();
        boolean kept = letter.id.isPresent() && letter.acceptedAt < since;
        if (!kept) {
            letter.orphan = true;
            if (!before) {
                story(letter + " is known to nobody who must answer for it");
            }
            over(letter, before);
            return;
        }
        for (Site to : letter.to) {
            Letter.Copy copy = letter.copy(to);
            if (copy.end.isPresent() && copy.endAt >= since) {
                // It will be offered again, and a recipient's disk that is a new one does not know it any more.
                copy.openAgain = true;
                to.forgets.forEach(copy::forget);
            }
        }
    }

    // ---- messages

    private List<Site> recipients(Chance own) {
        List<Site> to = new ArrayList<>();
        int recipients = own.oneIn(4) ? (int) own.between(2, 4) : 1;
        while (to.size() < Math.min(recipients, sites.size() - 1)) {
            Site site = own.of(sites);
            if (!to.contains(site)) {
                to.add(site);
            }
        }
        return to;
    }

    private void send(Site from, int count, Chance own, boolean burst) {
        List<Site> same = recipients(own);
        for (int i = 0; i < count; i++) {
            List<Site> to = burst ? same : recipients(own);
            boolean ordered = burst || own.oneIn(3);
            int size = switch (own.below(12)) {
                case 0 -> (int) own.between(60_000, 70_000);
                case 1 -> own.oneIn(3) ? (int) own.between(200_000, 1_500_000) : (int) own.between(3_000, 30_000);
                default -> (int) own.between(30, 1_500);
            };
            boolean poison = own.oneIn(50);
            long life = poison || own.oneIn(8) ? own.between(5, 120) : LIFETIME_SECONDS;
            int number = letters.size() + 1;
            Letter letter = new Letter(
                    number,
                    from,
                    to,
                    ordered ? Optional.of("key-" + (burst ? 2 : own.below(2))) : Optional.empty(),
                    own.of(List.of(Precedence.values())),
                    Math.min(size, plan.bytesMax()),
                    life,
                    poison);
            letters.put(number, letter);
            open++;
            story(from + " has " + letter + " for " + to + ", " + letter.bytes + " bytes, " + letter.precedence
                    + letter.key.map(key -> ", in order of " + key).orElse("")
                    + (life < 1_000 ? ", to be read within " + life + " s" : ""));
            from.office.send(letter);
        }
    }

    private void over(Letter letter, boolean before) {
        if (!before && letter.isOver()) {
            open--;
        }
    }

    void accepted(Letter letter, Submission.Accepted answer) {
        boolean before = letter.isOver();
        if (letter.id.isPresent() && !letter.id.get().equals(answer.id())) {
            broke(Promise.ONE_END, letter + " has two ids");
        }
        if (letter.id.isEmpty()) {
            accepted += letter.to.size();
            sights.saw(Sight.ACCEPTED);
            letter.id = Optional.of(answer.id());
            letter.acceptedAt = timeline.now();
            letter.from.promisedAt = timeline.now();
            if (plan.seed() % DISKS_LOOKED_AT_ONE_IN == 1
                    && !letter.from.disk.keeps("log", answer.id().bytes().toArray())) {
                broke(Promise.ON_DISK, letter + " is accepted, and a power cut now would leave nothing of it");
            }
            story(letter + " is accepted" + (answer.duplicate() ? " (again)" : ""));
        }
        timeline.note(letter.number);
        over(letter, before);
    }

    void refused(Letter letter, Refusal why) {
        boolean before = letter.isOver();
        letter.refused = true;
        timeline.note(letter.number);
        story(letter + " is refused: " + why);
        broke(Promise.REASON_TO_REFUSE, letter + " is refused: " + why);
        over(letter, before);
    }

    void unknownToItsNode(Letter letter, Refusal why) {
        if (!letter.orphan && (!letter.isOver() || !letter.settled)) {
            broke(Promise.NOT_LOST, letter + " was accepted by " + letter.from + ", which now says: " + why);
        }
    }

    void happened(Letter letter, TrackDoor.Event event) {
        timeline.note(event.state().name());
        timeline.note(letter.number);
        if (event.state() == TrackDoor.State.SETTLED) {
            settled(letter);
        }
        if (event.recipient().isEmpty() || event.reported()) {
            return;
        }
        String who = event.recipient().get().toString();
        Letter.Copy copy = letter.copies.get(who);
        if (copy == null) {
            broke(Promise.TRUE_RECEIPTS, letter + " is said to be " + event.state() + " for " + who);
            return;
        }
        boolean before = letter.isOver();
        switch (event.state()) {
            case DELIVERED -> {
                sights.saw(Sight.DELIVERED_SEEN);
                copy.delivered = true;
            }
            case CONSUMED -> {
                if (!copy.acknowledgementAsked) {
                    broke(Promise.TRUE_RECEIPTS, letter + " is said to be consumed by " + who + ", who never took it");
                }
                end(letter, who, copy, event.state());
            }
            case RETURNED -> {
                boolean aged = timeline.now() + aheadNanosMax() - letter.acceptedAt
                        >= letter.lifetimeSeconds * SECOND * 9 / 10;
                if (!copy.givenBack
                        && !aged
                        && copy.released < RETURNS_MAX
                        && copy.got + copy.gotBefore < RETURNS_MAX) {
                    broke(
                            Promise.REASON_TO_REFUSE,
                            letter + " is returned by " + who + ": "
                                    + event.reason().map(Refusal::toString).orElse("") + ", " + state(letter));
                }
                sights.saw(copy.givenBack ? Sight.RETURNED_BY_APPLICATION : Sight.RETURNED_AS_EXPIRED);
                end(letter, who, copy, event.state());
            }
            case EXPIRED -> {
                long ahead = letter.from.clock.aheadNanosMax();
                if (timeline.now() + ahead - letter.acceptedAt < letter.lifetimeSeconds * SECOND) {
                    broke(
                            Promise.REASON_TO_REFUSE,
                            letter + " is said to have expired " + seconds(timeline.now() - letter.acceptedAt)
                                    + " after it was accepted for " + letter.lifetimeSeconds + " s");
                }
                end(letter, who, copy, event.state());
            }
            default -> {}
        }
        over(letter, before);
    }

    /** Time that a node was down is known by its wall clock alone: by so much ages may be too high. */
    private long aheadNanosMax() {
        return sites.stream().mapToLong(site -> site.clock.aheadNanosMax()).sum();
    }

    private void end(Letter letter, String who, Letter.Copy copy, TrackDoor.State state) {
        if (state == TrackDoor.State.CONSUMED) {
            sights.saw(Sight.CONSUMED_SEEN);
        }
        if (copy.openAgain) {
            sights.saw(Sight.END_FORGOTTEN_AND_TOLD_AGAIN);
            copy.openAgain = false;
        }
        if (copy.end.isEmpty()) {
            copy.end = Optional.of(state);
            copy.endAt = timeline.now();
            story(letter + ": " + state.name().toLowerCase(Locale.ROOT) + " for " + who);
        } else if (copy.end.get() == TrackDoor.State.EXPIRED && state != TrackDoor.State.EXPIRED) {
            // What the origin said by itself gives way to a recipient's word.
            copy.end = Optional.of(state);
        } else if (copy.end.get() != state && state != TrackDoor.State.EXPIRED) {
            broke(Promise.ONE_END, letter + " is " + copy.end.get() + " and " + state + " for " + who);
        }
    }

    void settled(Letter letter) {
        if (letter.settled) {
            return;
        }
        boolean before = letter.isOver();
        letter.settled = true;
        sights.saw(Sight.SETTLED_SEEN);
        letter.copies.forEach((who, copy) -> {
            if (copy.end.isEmpty()) {
                long silent = timeline.now() + letter.from.clock.aheadNanosMax() - letter.acceptedAt;
                if (!copy.delivered || silent < Universe.KEEP_DELIVERED.toNanos()) {
                    broke(Promise.NOT_LOST, letter + " is settled, and nothing is known of it for " + who);
                }
            }
        });
        over(letter, before);
    }

    // ---- receivers

    /** A receiving program has a message in its hands. */
    Optional<Letter> got(Site at, ReceiveDoor.Lease lease, byte[] payload) {
        received++;
        Letter letter = letters.get(Letter.numberIn(payload));
        if (letter == null || !letter.asked || !letter.to.contains(at)) {
            broke(Promise.SENT_BY_SOMEBODY, at + " gets what nobody sent to it: " + payload.length + " bytes");
            return Optional.empty();
        }
        timeline.note(letter.number * 7L + (lease.redelivered() ? 1 : 0));
        if (!Arrays.equals(payload, letter.payload())
                || !lease.header().sender().equals(letter.from.address())) {
            broke(Promise.AS_SENT, letter + " arrives at " + at + " as something else");
        }
        Letter.Copy copy = letter.copy(at);
        story(at + " gets " + letter + (lease.redelivered() ? " (redelivered)" : ""));
        sights.saw(Sight.GOT);
        if (lease.redelivered()) {
            redelivered++;
            sights.saw(copy.got == 0 ? Sight.FALSE_MARK : Sight.REDELIVERED);
            if (copy.acknowledgementAsked) {
                sights.saw(Sight.REDELIVERED_AFTER_UNCONFIRMED_ACKNOWLEDGEMENT);
            }
        }
        if (copy.done) {
            broke(Promise.ONCE, at + " gets " + letter + " again, whose acknowledgement was confirmed");
        }
        if (copy.got > 0 && !lease.redelivered()) {
            broke(Promise.ONCE, at + " gets " + letter + " again without the mark");
        }
        if (letter.orphan) {
            sights.saw(Sight.ARRIVED_AFTER_ITS_ORIGIN_WAS_LOST);
        }
        if (copy.got == 0 && copy.gotBefore > 0) {
            sights.saw(Sight.CAME_AGAIN_TO_A_NEW_DISK);
        } else if (copy.got == 0) {
            inOrder(letter, at);
        }
        if (copy.got == 0) {
            copy.gotAt = timeline.now();
        }
        copy.got++;
        return Optional.of(letter);
    }

    private void inOrder(Letter letter, Site at) {
        if (letter.key.isEmpty()) {
            return;
        }
        // One at a time is asked for within a key, so that numbers are in the order of acceptance.
        String key = letter.from + " " + letter.life + " " + at + " " + letter.key.get() + " " + letter.to;
        Long last = lastInKey.get(key);
        if (last != null && last > letter.number) {
            broke(Promise.IN_ORDER, at + " gets " + letter + " after message " + last + " of the same key");
        }
        lastInKey.put(key, Math.max(last == null ? 0 : last, letter.number));
        for (Letter earlier : letters.values()) {
            if (earlier.number < letter.number
                    && earlier.precedence.number() < letter.precedence.number()
                    && earlier.key.isEmpty()
                    && earlier.to.contains(at)
                    && earlier.copy(at).got == 0
                    && !earlier.isOver()) {
                sights.saw(Sight.URGENT_OVERTAKES_ROUTINE);
                return;
            }
        }
    }

    void lent(Site at, Letter letter) {
        Letter.Copy copy = letter.copy(at);
        if (copy.openLease) {
            broke(Promise.ONE_LEASE, at + " is lent " + letter + " while it is still lent");
        }
        copy.openLease = true;
        for (Letter other : letters.values()) {
            if (other != letter
                    && letter.key.isPresent()
                    && other.key.equals(letter.key)
                    && other.from == letter.from
                    && other.life == letter.life
                    && other.to.equals(letter.to)
                    && other.copy(at).openLease) {
                broke(
                        Promise.ONE_LEASE,
                        at + " is lent " + letter + " while " + other + " of the same key is lent still");
            }
        }
    }

    void leasesOver(Site at) {
        for (Letter letter : letters.values()) {
            Letter.Copy copy = letter.copies.get(at.toString());
            if (copy != null) {
                copy.openLease = false;
            }
        }
    }

    void done(Site at, Letter letter) {
        Letter.Copy copy = letter.copy(at);
        copy.done = true;
        copy.doneAt = timeline.now();
        at.promisedAt = timeline.now();
        story(at + " has acknowledged " + letter);
    }

    // ---- what nodes say

    void said(Site site, String kind, int number, String detail) {
        switch (kind) {
            case "taken_over" -> {
                sights.saw(Sight.TAKEN_OVER_BY_RELAY);
                site.takenAt = timeline.now();
            }
            case "came_again" -> sights.saw(Sight.CAME_AGAIN);
            case "handed_on" -> {
                sights.saw(Sight.HANDED_ON);
                if (changesKeys
                        && sites.stream()
                                .anyMatch(other -> detail.equals("to " + other)
                                        && other.directoryVersion() > site.directoryVersion())) {
                    sights.saw(Sight.DIRECTORY_NEWER_AT_THE_RELAY_THAN_AT_THE_SENDER);
                }
                sites.stream()
                        .filter(other -> detail.equals("to " + other))
                        .filter(other -> timeline.now() - other.takenAt < SECOND / 2)
                        .forEach(other -> other.handedAt = timeline.now());
            }
            case "rewrapped" -> sights.saw(Sight.SLOT_MADE_ANEW);
            case "gap_closed" -> sights.saw(Sight.GAP_CLOSED);
            case "dead_letter" -> sights.saw(Sight.DEAD_LETTER);
            case "late" -> sights.saw(Sight.LATE);
            default -> {}
        }
        if (tells) {
            story(site + ": " + kind + (number == 0 ? "" : " LT-" + number) + " " + detail);
        }
    }

    /** A node's own counters at the end of the run. */
    void figures(Site site, Map<String, Long> counters) {
        for (String never : List.of("conflicts", "receipts_forged", "sequence_breaks", "receipts_conflict", "clones")) {
            if (counters.getOrDefault(never, 0L) > 0) {
                broke(Promise.NOBODY_IS_CALLED_A_FORGER, site + " counts " + never + ": " + counters.get(never));
            }
        }
        sights.count(Sight.ASKED_ALONG_THE_PATH, counters.getOrDefault("asked", 0L));
        sights.count(Sight.ANSWERED_AS_DUPLICATE, counters.getOrDefault("duplicates", 0L));
        sights.count(Sight.NEIGHBOUR_TOLD_TO_COME_LATER, counters.getOrDefault("busy", 0L));
        sights.count(Sight.RECEIPT_CAME_HOME, counters.getOrDefault("receipts_home", 0L));
        sights.count(Sight.BAD_REPORT_OF_A_NEIGHBOUR, counters.getOrDefault("reports", 0L));
    }

    // ---- judgement

    /** Everything has stopped: what was promised must be so. */
    private void atRest() {
        for (Letter letter : letters.values()) {
            letter.copies.forEach((who, copy) -> {
                if (copy.done && copy.end.isPresent() && copy.end.get() != TrackDoor.State.CONSUMED) {
                    broke(
                            Promise.ONE_END,
                            letter + " is " + copy.end.get() + " for its sender, though " + who
                                    + " has acknowledged it and that was confirmed");
                }
            });
        }
        if (plan.seed() % LOOKED_THROUGH_ONE_IN == 0) {
            for (Site site : sites) {
                if (site.disk.contains(MARK)) {
                    broke(Promise.CONFIDENTIAL, "a plaintext lies on the disk of " + site);
                }
            }
        }
        for (Site site : sites) {
            if (site.disk.files("log").stream().noneMatch(file -> file.equals("000000000001.log"))) {
                sights.saw(Sight.SEGMENTS_REMOVED);
            }
            if (site.disk.refusedForSpace() > 0) {
                sights.saw(Sight.REFUSED_FOR_SPACE);
            }
        }
    }

    void broke(Promise promise, String how) {
        if (broken.isEmpty()) {
            story("BROKEN: " + promise.word() + ": " + how);
            broken = Optional.of(new Broken(promise, how));
        }
    }

    /** Only sentences of the simulator's own: the judge's hash does not depend on whether anybody listens. */
    void story(String sentence) {
        if (tells && story.size() < STORY_MAX) {
            story.add(seconds(timeline.now()) + "  " + sentence);
        }
    }

    boolean isCalm() {
        return calm;
    }

    Optional<Broken> broken() {
        return broken;
    }

    List<String> story() {
        return List.copyOf(story);
    }

    long accepted() {
        return accepted;
    }

    long received() {
        return received;
    }

    long redelivered() {
        return redelivered;
    }

    long struck() {
        return struck;
    }

    int lettersSent() {
        return letters.values().stream().mapToInt(letter -> letter.to.size()).sum();
    }
}
