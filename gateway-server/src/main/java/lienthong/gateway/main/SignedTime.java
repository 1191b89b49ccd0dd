package lienthong.gateway.main;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * The clock that a node signs by: the machine's, which never goes back. What it gave last is kept in DATA/time.txt (a line {@code lienthong-time 1}, a line
 * {@code signed} with the time) at least once in {@link #KEEP_EVERY}; a machine whose clock then stands before that does not start, for what it signed
 * would contradict what it has signed. While it runs, a clock that is set back is passed over: the last time given and the time since count. So is one that
 * jumps ahead by more than {@link #JUMP_MAX}, until neighbours {@linkplain #vouch vouch} for it: what would be signed by it could not be taken back.
 * Thread-safe.
 */
final class SignedTime implements Clock {
    /** How often {@link #keep} is to be called. */
    static final Duration KEEP_EVERY = Duration.ofSeconds(30);
    /** Corrections that any machine's clock gets; by so much a start may lie before the last signed time, and waits for it. */
    static final Duration TOLERANCE = Duration.ofMinutes(5);

    static final String FILE = "time.txt";
    private static final String UNFINISHED = "time.new";
    private static final String TITLE = "lienthong-time 1\n";
    private static final String SIGNED = "signed ";
    private static final int BYTES_MAX = 256;
    /** Set back by less, the clock stands still for as long. */
    private static final Duration STEP = Duration.ofSeconds(10);

    /** Ahead of what the time since, or the neighbours, allow. */
    static final Duration JUMP_MAX = Duration.ofHours(1);

    private final Disk disk;
    private final Clock machine;
    /** What is sure whatever the machine claims: the last time signed before the start, or what neighbours said; and when that was. */
    private Instant vouched;

    private long vouchedNanos;
    private Instant last;
    private long lastNanos;
    private Instant kept;

    private SignedTime(Disk disk, Clock machine, Instant kept) {
        this.disk = disk;
        this.machine = machine;
        this.kept = kept;
        Instant claimed = machine.now();
        this.last = kept.isAfter(claimed) ? kept : claimed;
        this.lastNanos = machine.nanos();
        this.vouched = kept.equals(Instant.EPOCH) ? claimed : kept;
        this.vouchedNanos = lastNanos;
    }

    /** Over the machine's clock; {@code CLOCK_BEHIND} when that stands before what was signed in this folder. */
    static Result<SignedTime> open(Disk disk, Clock machine) throws IOException {
        Instant kept = kept(disk).orElse(Instant.EPOCH);
        return machine.now().isBefore(kept.minus(TOLERANCE))
                ? Result.no(
                        ErrorCode.CLOCK_BEHIND,
                        "the clock says {0}, and {1} was signed here already",
                        StrictText.time(machine.now()),
                        StrictText.time(kept))
                : Result.ok(new SignedTime(disk, machine, kept));
    }

    /** The last time that is known to have been signed in this folder; empty when none is, or the file is no such file. */
    static Optional<Instant> kept(Disk disk) throws IOException {
        Optional<Disk.File> found = disk.openExisting(FILE);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Disk.File file = found.get()) {
            ByteBuffer in = ByteBuffer.allocate(BYTES_MAX);
            file.read(0, in);
            String text = new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII);
            return text.startsWith(TITLE + SIGNED)
                    ? Optional.of(Instant.parse(
                            text.substring(TITLE.length() + SIGNED.length()).strip()))
                    : Optional.empty();
        } catch (DateTimeException notOurs) {
            return Optional.empty();
        }
    }

    /** From now on {@code time} is the last that was signed; durable when this returns. For an operator who knows that an earlier clock was wrong. */
    static void keep(Disk disk, Instant time) throws IOException {
        try (Disk.File file = disk.open(UNFINISHED)) {
            file.truncate(0);
            file.write(
                    0,
                    ByteBuffer.wrap(
                            (TITLE + SIGNED + StrictText.time(time) + "\n").getBytes(StandardCharsets.US_ASCII)));
            file.sync();
        }
        disk.rename(UNFINISHED, FILE);
        disk.syncFolder("");
    }

    /** Makes durable what was given until now; blocks for the disk. */
    void keep() throws IOException {
        Instant now;
        synchronized (this) {
            now = now();
            if (!now.isAfter(kept)) {
                return;
            }
        }
        keep(disk, now);
        synchronized (this) {
            kept = now;
        }
    }

    /** By how much the machine's clock stands before what was signed; zero when it does not. */
    synchronized Duration behind() {
        Duration behind = Duration.between(machine.now(), now());
        return behind.compareTo(STEP) < 0 ? Duration.ZERO : behind;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    /** Neighbours say that it is {@code time} now. */
    synchronized void vouch(Instant time) {
        if (time.isAfter(vouched())) {
            vouched = time;
            vouchedNanos = machine.nanos();
        }
    }

    /** A time that has surely come, by more than this machine's clock: nothing is destroyed or renewed beyond it. */
    synchronized Instant vouched() {
        return vouched.plusNanos(Math.max(0, machine.nanos() - vouchedNanos));
    }

    /** By how much the machine's clock stands ahead of what is signed by, since nobody vouches for it; zero when it does not. */
    synchronized Duration ahead() {
        Duration ahead = Duration.between(now(), machine.now());
        return ahead.compareTo(JUMP_MAX) > 0 ? ahead : Duration.ZERO;
    }

    @Override
    public synchronized Instant now() {
        Instant claimed = machine.now();
        long nanos = machine.nanos();
        if (claimed.isBefore(last.minus(STEP))) {
            last = last.plusNanos(Math.max(0, nanos - lastNanos));
        } else if (claimed.isAfter(last)) {
            Instant since = last.plusNanos(Math.max(0, nanos - lastNanos));
            last = claimed.isAfter(later(since, vouched()).plus(JUMP_MAX)) ? since : claimed;
        }
        lastNanos = nanos;
        return last.truncatedTo(ChronoUnit.MILLIS);
    }

    @Override
    public long nanos() {
        return machine.nanos();
    }
}
