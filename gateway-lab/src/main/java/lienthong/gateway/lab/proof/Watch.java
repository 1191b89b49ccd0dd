package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.LabTexts;

/** Counts strikes and says once a second how the run stands. Used by one thread. */
final class Watch {
    private static final int BROKEN_MAX = 20;

    private final ProofNetwork network;
    private final LabTexts texts;
    private final PrintStream progress;
    private final long startedAt = System.nanoTime();
    private final List<String> broken = new ArrayList<>();
    private long saidAt = startedAt;
    private long struck;
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
