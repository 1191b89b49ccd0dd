package lienthong.gateway.lab.proof.oracle;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a comparison of ledgers found. Filled by {@link LedgerCheck}, or by a judge that keeps no ledgers; read afterwards. */
public final class Findings {
    private static final int EXAMPLES_MAX = 10;

    private final Map<Breach, Long> counts = new EnumMap<>(Breach.class);
    private final Map<Breach, List<String>> examples = new EnumMap<>(Breach.class);
    long sent;
    long accepted;
    long received;
    long redelivered;
    long cameAgain;
    long refused;
    long returned;
    long expired;
    long queued;
    long setAside;
    long unanswered;
    long waiting;
    long tornTails;

    /** Nothing seen yet. */
    public Findings() {
        for (Breach breach : Breach.values()) {
            counts.put(breach, 0L);
            examples.put(breach, new ArrayList<>());
        }
    }

    /** Adds what a run without ledgers has counted itself, each message once for every recipient. */
    public void count(long moreSent, long moreAccepted, long moreReceived, long moreRedelivered) {
        sent += moreSent;
        accepted += moreAccepted;
        received += moreReceived;
        redelivered += moreRedelivered;
    }

    /** A promise that did not hold, with its message and why. */
    public void add(Breach breach, String id, String why) {
        counts.merge(breach, 1L, Long::sum);
        List<String> shown = examples.getOrDefault(breach, List.of());
        if (shown.size() < EXAMPLES_MAX) {
            shown.add(id + " (" + why + ")");
        }
    }

    /** How often this promise was broken. */
    public long count(Breach breach) {
        return counts.getOrDefault(breach, 0L);
    }

    /** The first few, each with its message and why. */
    public List<String> examples(Breach breach) {
        return List.copyOf(examples.getOrDefault(breach, List.of()));
    }

    /** Whether no promise was broken. */
    public boolean isClean() {
        return counts.values().stream().allMatch(count -> count == 0);
    }

    /** Messages, each counted once for every recipient, of which the sender wrote down anything. */
    public long sent() {
        return sent;
    }

    /** Of these, accepted by the gateway. */
    public long accepted() {
        return accepted;
    }

    /** Hand-overs, those marked as redelivered included. */
    public long received() {
        return received;
    }

    /** Hand-overs marked as redelivered. */
    public long redelivered() {
        return redelivered;
    }

    /** Hand-overs after {@code done}, marked, of what may come again since a disk was lost. */
    public long cameAgain() {
        return cameAgain;
    }

    public long refused() {
        return refused;
    }

    public long returned() {
        return returned;
    }

    public long expired() {
        return expired;
    }

    /** Accepted, without an end, and listed by the gateway as queued. */
    public long queued() {
        return queued;
    }

    /** Accepted, without an end or a receipt, and named by the gateway among what it has set aside as damaged. */
    public long setAside() {
        return setAside;
    }

    /** Asked, never answered, never received. */
    public long unanswered() {
        return unanswered;
    }

    /** Accepted, without an end, in a run that had not settled. */
    public long waiting() {
        return waiting;
    }

    /** Last lines without a newline: what a killed writer leaves. */
    public long tornTails() {
        return tornTails;
    }
}
