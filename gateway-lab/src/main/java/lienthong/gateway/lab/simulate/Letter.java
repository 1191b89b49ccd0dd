package lienthong.gateway.lab.simulate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import lienthong.gateway.api.TrackDoor;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;

/** One message as the judge knows it: what was asked, what was answered, and what happened to it where. */
final class Letter {
    /** Stands in every plaintext and must stand on no disk. */
    static final String MARK = "simulated-plaintext";

    final int number;
    final Site from;
    final List<Site> to;
    final Optional<String> key;
    final Precedence precedence;
    final int bytes;
    final long lifetimeSeconds;
    /** No program can take it. */
    final boolean poison;

    boolean asked;
    int askings;
    Optional<MessageId> id = Optional.empty();
    long acceptedAt;
    boolean refused;
    boolean settled;
    /** What its sender's office knew of it is gone for good: it may come to an end or not, and nobody can say. */
    boolean orphan;
    /** Of its sender's disk, when it was asked for: each counts anew. */
    int life;

    final Map<String, Copy> copies = new TreeMap<>();

    /** For one recipient. */
    static final class Copy {
        boolean delivered;
        Optional<TrackDoor.State> end = Optional.empty();
        int got;
        boolean acknowledgementAsked;
        boolean done;
        boolean givenBack;
        boolean openLease;
        int released;
        long acknowledgementAskedInLife = -1;
        long gotAt = -1;
        long doneAt = -1;
        long endAt = -1;
        /** Hand-overs that the recipient's disk no longer knows of. */
        int gotBefore;
        /** The origin has lost the word of its end. */
        boolean openAgain;
        /** A disk that knew of it is gone. */
        boolean lost;

        /** Whether its origin knows its end for good. */
        boolean isEnded() {
            return end.isPresent() && !openAgain;
        }

        /** The recipient's disk knows nothing of what happened since. */
        void forget(long since) {
            lost = true;
            if (doneAt >= since) {
                done = false;
            }
            if (gotAt >= since) {
                gotBefore += got;
                got = 0;
            }
        }
    }

    Letter(
            int number,
            Site from,
            List<Site> to,
            Optional<String> key,
            Precedence precedence,
            int bytes,
            long lifetimeSeconds,
            boolean poison) {
        this.poison = poison;
        this.number = number;
        this.from = from;
        this.to = List.copyOf(to);
        this.key = key;
        this.precedence = precedence;
        this.bytes = bytes;
        this.lifetimeSeconds = lifetimeSeconds;
        to.forEach(site -> copies.put(site.toString(), new Copy()));
    }

    Copy copy(Site site) {
        return java.util.Objects.requireNonNull(copies.get(site.toString()));
    }

    String clientId() {
        return "letter-" + number;
    }

    boolean isOver() {
        return refused
                || settled
                || orphan
                || id.isPresent() && copies.values().stream().allMatch(copy -> copy.end.isPresent());
    }

    /** What it says: made again from its number whenever somebody asks. */
    byte[] payload() {
        byte[] head = (MARK + " " + number + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[Math.max(bytes, head.length)];
        new SplittableRandom(number).nextBytes(all);
        System.arraycopy(head, 0, all, 0, head.length);
        return all;
    }

    /** Its number from what arrived; −1 when it is none of ours. */
    static int numberIn(byte[] payload) {
        byte[] mark = (MARK + " ").getBytes(StandardCharsets.US_ASCII);
        if (payload.length <= mark.length || !Arrays.equals(payload, 0, mark.length, mark, 0, mark.length)) {
            return -1;
        }
        int number = 0;
        for (int i = mark.length; i < payload.length && payload[i] != '\n'; i++) {
            if (payload[i] < '0' || payload[i] > '9' || number > 100_000_000) {
                return -1;
            }
            number = 10 * number + payload[i] - '0';
        }
        return number;
    }

    @Override
    public String toString() {
        return "message " + number;
    }
}
