package lienthong.gateway.lab.proof;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.message.ErrorCode;

/**
 * One system call on the data folder of a whole node is struck: SIGKILL before or behind it, or an error instead of it. The node starts
 * under the tracer ({@code proof/tools/syscallkill}), which counts over all its threads; the calls of a start and of the messages behind it
 * are struck one after the other, in hub, district and commune by turns.
 */
final class CallFault implements Fault {
    private static final String KILL = "kill";
    private static final String REPORTS = "calls";
    private static final String NEEDS = "python3, and ptrace on x86_64 Linux: ";

    /** Hub, a district, a commune. */
    private static final List<String> VICTIMS = List.of(ProofNetwork.HUB, "A08.01", "A08.01.20");

    private static final String INTERRUPTED = "EINTR";
    private static final Set<String> SYNCS = Set.of("fsync", "fdatasync");

    /** Messages flow, so that every call of a message's life comes by. */
    private static final Duration COMES_BY = Duration.ofMinutes(2);

    private static final Duration ENDS = Duration.ofSeconds(60);

    /** After an error that need not end a node: what follows from it follows at once. */
    private static final Duration LIVES_ON = Duration.ofMillis(300);

    /** Of a start and of what flows while the calls are counted. */
    private static final long COUNTED_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Where few are struck: far apart, and every node has its turn. */
    private static final int BRIEF_STEP = 37;

    private static final int BRIEF_IN_A_ROW = 3;

    private final String kind;
    private final List<Strike> strikes;
    private final int step;
    private final int inARow;

    /**
     * What happens at the call.
     *
     * @param action in the tool's words
     * @param after whether a kill falls behind the call
     */
    record Strike(String action, boolean after) {}

    /** What the tracer saw. */
    private record Seen(long calls, boolean hit, String call) {}

    /**
     * @param step from one struck call to the next of its kind; 1 leaves none out
     * @param inARow strikes on one node before it is the next one's turn
     */
    private CallFault(String kind, List<Strike> strikes, int step, int inARow) {
        this.kind = kind;
        this.strikes = List.copyOf(strikes);
        this.step = step;
        this.inARow = inARow;
    }

    /** SIGKILL before, and behind, each call. */
    static CallFault syscall(int step, int inARow) {
        return new CallFault("syscall-node", List.of(new Strike(KILL, false), new Strike(KILL, true)), step, inARow);
    }

    /** Errors of the disk. */
    static CallFault ioerror(int step, int inARow) {
        return new CallFault(
                "ioerror-node",
                Stream.of("EIO", "EINTR", "EMFILE", "ENOMEM", "short")
                        .map(name -> new Strike(name, false))
                        .toList(),
                step,
                inARow);
    }

    /** A disk that is full for one call. */
    static CallFault full(int step, int inARow) {
        return new CallFault("full-node", List.of(new Strike("ENOSPC", false)), step, inARow);
    }

    /** The kills, for the slice in the build. */
    static CallFault slice() {
        return syscall(BRIEF_STEP, BRIEF_IN_A_ROW);
    }

    @Override
    public Fault brief() {
        return new CallFault(kind, strikes, BRIEF_STEP, BRIEF_IN_A_ROW);
    }

    @Override
    public String kind() {
        return kind;
    }

    /** A file that cannot be opened, for once, is as good as one that is gone. */
    @Override
    public boolean mayDamage() {
        return strikes.stream().noneMatch(strike -> strike.action().equals(KILL));
    }

    @Override
    public Means<? extends Ground> ground(Kind.Setting setting, Random random)
            throws IOException, InterruptedException {
        Path reports = Files.createDirectories(setting.folder().resolve(REPORTS));
        Traced ground =
                new Traced(setting.home().resolve("proof/tools/syscallkill").toString(), reports);
        Path report = reports.resolve("probe");
        List<String> probe = new ArrayList<>(ground.tracer(0, new Strike(KILL, false), reports, report));
        probe.add("true");
        Path said = reports.resolve("probe.said");
        try {
            Process process = new ProcessBuilder(probe)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            process.getOutputStream().close();
            return process.waitFor() == 0
                    ? new Means.Here<>(ground)
                    : new Means.Missing<>(NEEDS
                            + Files.readString(said, StandardCharsets.UTF_8).strip());
        } catch (IOException absent) {
            return new Means.Missing<>(NEEDS + absent.getMessage());
        }
    }

    /** The tracer, and where it writes its reports. */
    private record Traced(String tool, Path reports) implements Ground {
        List<String> tracer(long at, Strike strike, Path data, Path report) {
            List<String> words = new ArrayList<>(List.of(
                    tool,
                    "--at",
                    Long.toString(at),
                    "--action",
                    strike.action(),
                    "--report",
                    report.toString(),
                    "--path",
                    data.toString()));
            if (strike.after()) {
                words.add("--after");
            }
            if (strike.action().equals("short")) {
                // Only a write can be cut short.
                words.addAll(List.of("--calls", "write,pwrite64"));
            }
            words.add("--");
            return words;
        }
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        Traced ground = network.ground(Traced.class);
        List<LabNode> victims = network.nodes().stream()
                .filter(node -> VICTIMS.contains(node.code()))
                .toList();
        long calls = count(ground, victims.get(0), watch);
        long first = random.nextInt((int) calls);
        for (long block = 0; !limit.isReached(watch.strikes()); block++) {
            LabNode victim = victims.get((int) (block % victims.size()));
            long done = block / victims.size() * inARow;
            for (int i = 0; i < inARow && !limit.isReached(watch.strikes()); i++) {
                Strike strike = strikes.get((int) ((done + i) % strikes.size()));
                long at = 1 + (first + (done + i) / strikes.size() * step) % calls;
                one(ground, victim, strike, at, random, watch);
            }
            stop(victim, random);
            long started = System.nanoTime();
            victim.start();
            victim.awaitServing();
            watch.started((System.nanoTime() - started) / 1e9);
        }
    }

    /** How many calls there are in a start and in the messages of some seconds. */
    private static long count(Traced ground, LabNode victim, Watch watch) throws IOException, InterruptedException {
        Path report = ground.reports().resolve("count");
        victim.close();
        victim.startUnder(ground.tracer(0, new Strike(KILL, false), victim.data(), report));
        victim.awaitServing();
        watch.pause(COUNTED_NANOS);
        victim.close();
        Seen seen = await(report, watch);
        victim.start();
        victim.awaitServing();
        if (seen.calls() == 0) {
            throw new LabFailed("the tracer saw no call of " + victim.code());
        }
        return seen.calls();
    }

    private static void one(Traced ground, LabNode victim, Strike strike, long at, Random random, Watch watch)
            throws IOException, InterruptedException {
        Path report =
                ground.reports().resolve(victim.code() + "-" + watch.strikes() + "-" + strike.action() + "-" + at);
        stop(victim, random);
        victim.startUnder(ground.tracer(at, strike, victim.data(), report));
        Seen seen = await(report, watch);
        if (!seen.hit()) {
            throw new LabFailed(victim.code() + " ended after " + seen.calls() + " calls, before call " + at
                    + " was struck: " + victim.log().strip());
        }
        watch.struck();
        String where = strike.action() + " at call " + at + ", " + seen.call();
        // A sync that was only interrupted is made again by Java itself: nothing has failed.
        boolean mustEnd = strike.action().equals(KILL)
                || SYNCS.contains(seen.call()) && !strike.action().equals(INTERRUPTED);
        OptionalInt code = victim.awaitEnd(mustEnd ? ENDS : LIVES_ON);
        if (strike.action().equals(KILL)) {
            if (code.isEmpty()) {
                throw new LabFailed(victim.code() + " lives on after " + where);
            }
        } else if (mustEnd && (code.isEmpty() || code.getAsInt() != ErrorCode.FSYNC_FAILED.exitCode())) {
            watch.broke(watch.texts().text("proof.call-ended", victim.code(), where, said(code)));
        } else if (code.isPresent() && !isOwn(code.getAsInt())) {
            watch.broke(watch.texts().text("proof.call-ended", victim.code(), where, said(code)));
        }
    }

    private static String said(OptionalInt code) {
        return code.isPresent() ? Integer.toString(code.getAsInt()) : "-";
    }

    /** A code that the product gives for something outside it: no crash, no fault of its own, and not as if nothing had been. */
    private static boolean isOwn(int code) {
        return code != 0
                && code != ErrorCode.INVARIANT.exitCode()
                && Stream.of(ErrorCode.values()).anyMatch(known -> known.exitCode() == code);
    }

    private static void stop(LabNode node, Random random) throws InterruptedException {
        if (random.nextBoolean()) {
            node.close();
        } else if (node.isAlive()) {
            node.kill();
        }
    }

    private static Seen await(Path report, Watch watch) throws IOException, InterruptedException {
        long until = System.nanoTime() + COMES_BY.toNanos();
        while (!Files.exists(report)) {
            if (System.nanoTime() - until > 0) {
                throw new LabFailed("no report of the tracer after " + COMES_BY.toSeconds() + " s: " + report);
            }
            watch.pause(TimeUnit.MILLISECONDS.toNanos(20));
        }
        JsonObject seen = JsonParser.parseString(Files.readString(report, StandardCharsets.UTF_8))
                .getAsJsonObject();
        return new Seen(
                seen.get("calls").getAsLong(),
                seen.get("hit").getAsBoolean(),
                seen.get("call").getAsString());
    }
}
