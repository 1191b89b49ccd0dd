package lienthong.gateway.lab.proof.office;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Counts of one office's programs, written to a file that the proof reads. Thread-safe. */
final class Tally {
    /** One message in so many is kept for the check of its evidence. */
    static final int SAMPLE_ONE_IN = 1_000;

    private static final int SAMPLES_MAX = 64;

    private final Path file;
    private final ArrayDeque<String> samples = new ArrayDeque<>();
    private boolean settling;
    private boolean quiet;
    private boolean holding;
    private boolean held;
    private int open;
    private int unanswered;
    private long oldest;
    private long accepted;
    private long ended;
    private long received;
    private long done;
    private long died;
    private long faults;
    private String lastFault = "";
    private long disconnections;
    private String lastDisconnection = "";
    private long lookFailures;
    private String lastLookFailure = "";

    Tally(Path file) {
        this.file = file;
    }

    synchronized void settle() {
        settling = true;
    }

    /** Whether no new message is to be made. */
    synchronized boolean isQuiet() {
        return settling || quiet;
    }

    /** No new message is made before {@code quiet} is taken back. */
    synchronized void quiet(boolean isQuiet) {
        quiet = isQuiet;
    }

    /** Nothing is to be taken before this is taken back. */
    synchronized void hold(boolean isHolding) {
        holding = isHolding;
    }

    synchronized boolean isHolding() {
        return holding;
    }

    /** The receiving program takes nothing now, and what it had taken stands in its ledger; or it takes again. */
    synchronized void held(boolean isHeld) {
        held = isHeld;
    }

    /** The office's node has lost its disk, and with it the evidence of what it had sent. */
    synchronized void forget() {
        samples.clear();
    }

    /** @param oldestNow seconds since the oldest message without an end was made */
    synchronized void sender(int openNow, int unansweredNow, long oldestNow) {
        open = openNow;
        unanswered = unansweredNow;
        oldest = oldestNow;
    }

    synchronized void accepted(int recipients) {
        accepted += recipients;
    }

    synchronized void ended() {
        ended++;
    }

    /** Keeps one in {@link #SAMPLE_ONE_IN} of the ids, the newest. */
    synchronized void sample(String messageId) {
        if (ended % SAMPLE_ONE_IN == 1) {
            samples.add(messageId);
            if (samples.size() > SAMPLES_MAX) {
                samples.remove();
            }
        }
    }

    synchronized void received() {
        received++;
    }

    synchronized void done() {
        done++;
    }

    synchronized void died() {
        died++;
    }

    synchronized void fault(String reason) {
        faults++;
        lastFault = reason;
    }

    synchronized void disconnected(@Nullable Throwable cause) {
        disconnections++;
        lastDisconnection = cause == null ? "ended by the node" : String.valueOf(cause.getMessage());
    }

    synchronized void lookFailed(String id, Throwable cause) {
        lookFailures++;
        lastLookFailure = id + ": " + cause.getMessage();
    }

    /** Writes the counts as one object, whole or not at all. */
    void write() throws IOException {
        String text;
        synchronized (this) {
            text = String.format(
                    Locale.ROOT,
                    "{\"settling\":%b,\"quiet\":%b,\"held\":%b,\"open\":%d,\"unanswered\":%d,\"oldest_seconds\":%d,\"accepted\":%d,\"ended\":%d,\"received\":%d,"
                            + "\"done\":%d,\"died\":%d,\"faults\":%d,\"last_fault\":\"%s\",\"disconnections\":%d,"
                            + "\"last_disconnection\":\"%s\",\"look_failures\":%d,\"last_look_failure\":\"%s\",\"samples\":[%s]}",
                    settling,
                    quiet,
                    held,
                    open,
                    unanswered,
                    oldest,
                    accepted,
                    ended,
                    received,
                    done,
                    died,
                    faults,
                    clean(lastFault),
                    disconnections,
                    clean(lastDisconnection),
                    lookFailures,
                    clean(lastLookFailure),
                    samples.isEmpty() ? "" : "\"" + String.join("\",\"", samples) + "\"");
        }
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text, StandardCharsets.UTF_8);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String clean(String text) {
        return text.replaceAll("[\"\\\\\\p{Cntrl}]", " ");
    }
}
