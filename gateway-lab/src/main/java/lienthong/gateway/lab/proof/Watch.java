package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.province.LabFailed;

/** Counts strikes and says once a second how the run stands. Used by one thread. */
final class Watch {
    private static final int BROKEN_MAX = 20;
    private static final int LOOKS_A_SECOND = 4;

    private final ProofNetwork network;
    private final LabTexts texts;
    private final PrintStream progress;
    private final long startedAt = System.nanoTime();
    private final List<String> broken = new ArrayList<>();
    private long saidAt = startedAt;
    private long struck;
    private final List<Long> atStake = new ArrayList<>();
    private final Map<String, List<Long>> mayComeAgain = new HashMap<>();
    private double slowestStartSeconds;
    private long starts;

    Watch(ProofNetwork network, LabTexts texts, PrintStream progress) {
        this.network = network;
        this.texts = texts;
        this.progress = progress;
    }

    /** A fault has hit. */
    void struck() {
        struck++;
    }

    /** A line beside those that are said once a second. */
    void say(String line) {
        progress.println(line);
    }

    /** Something that a fault must not bring about has come about. */
    void broke(String sentence) {
        progress.println(sentence);
        if (broken.size() < BROKEN_MAX) {
            broken.add(sentence);
        }
    }

    List<String> broken() {
        return List.copyOf(broken);
    }

    LabTexts texts() {
        return texts;
    }

    /** A fault has taken a disk: so many messages were in its custody, or it had taken over since the copy that is put back. */
    void struck(long stake) {
        struck++;
        atStake.add(stake);
        progress.println(texts.text("proof.struck-stake", struck, stake));
    }

    /** What each such strike took. */
    List<Long> atStake() {
        return List.copyOf(atStake);
    }

    /**
     * These may be handed over once more, with the mark, though that was confirmed: the disk that knew is gone and their senders do not know.
     *
     * @param behind so many lines of the receiver's ledger
     */
    void mayComeAgain(Set<String> ids, long behind) {
        ids.forEach(id ->
                mayComeAgain.computeIfAbsent(id, none -> new ArrayList<>()).add(behind));
    }

    Map<String, List<Long>> mayComeAgain() {
        return Map.copyOf(mayComeAgain);
    }

    long strikes() {
        return struck;
    }

    /** A node serves again, so many seconds after its start. */
    void started(double seconds) {
        starts++;
        slowestStartSeconds = Math.max(slowestStartSeconds, seconds);
    }

    double slowestStartSeconds() {
        return slowestStartSeconds;
    }

    long starts() {
        return starts;
    }

    double seconds() {
        return (System.nanoTime() - startedAt) / 1e9;
    }

    /** Waits as long as between two looks. */
    void look() throws IOException, InterruptedException {
        pause(TimeUnit.SECONDS.toNanos(1) / LOOKS_A_SECOND);
    }

    /** What a fault waits for; looked at again and again. */
    interface Look {
        boolean isSo() throws IOException;
    }

    /** Looks, {@value #LOOKS_A_SECOND} times a second, until it is so; a network on which it is not within the bound has failed. */
    void await(String what, Look look) throws IOException, InterruptedException {
        for (int looks = 0; looks < ProofRun.SETTLE_LOOKS * LOOKS_A_SECOND; looks++) {
            if (look.isSo()) {
                return;
            }
            look();
        }
        throw failed("proof.not-come", ProofRun.SETTLE_LOOKS, what);
    }

    /** What ends the run, in the words of the catalogue. */
    LabFailed failed(String key, Object... arguments) {
        return new LabFailed(texts.text(key, arguments));
    }

    /** Waits, and says meanwhile how the run stands. */
    void pause(long nanos) throws IOException, InterruptedException {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(250)));
            tick();
        }
        tick();
    }

    /** One line, at most once a second. */
    void tick() throws IOException {
        long now = System.nanoTime();
        if (now - saidAt >= TimeUnit.SECONDS.toNanos(1)) {
            saidAt = now;
            progress.println(texts.text(
                    "proof.progress",
                    String.format(Locale.ROOT, "%.0f", seconds()),
                    struck,
                    network.total("accepted"),
                    network.total("ended"),
                    network.total("open")));
        }
    }
}
