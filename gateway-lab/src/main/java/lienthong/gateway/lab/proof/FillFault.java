package lienthong.gateway.lab.proof;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.message.Limits;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.Precedence;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendOneRequest;
import lienthong.proto.gateway.v1.WholeMessage;

/**
 * The disk of a node, drawn by the seed, runs full under load: something else takes its room, to just above or below each threshold or to
 * the last block. Then there is room again. The node must answer busy to what its level forbids, let flash and receipts through as long as
 * it says it does, and go on by itself, in the same process.
 */
final class FillFault implements Fault {
    private static final String DISK_SIZE = "1G";
    private static final int LOOKS = 120;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Free space is asked for at most five times a second. */
    private static final long NOTICED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LIFETIME_SECONDS = 60;

    /**
     * Where the disk stands, of a file system of 1 GB: below 10 % of it above the reserve no bulk, below 5 % flash and receipts only, below
     * 2 % receipts only.
     */
    private enum Level {
        NO_BULK(75_000_000),
        FLASH_AND_RECEIPTS(35_000_000),
        RECEIPTS(10_000_000),
        NOTHING(-20_000_000),
        NOT_A_BLOCK(-Limits.DISK_RESERVE_BYTES);

        private final long aboveReserve;

        Level(long aboveReserve) {
            this.aboveReserve = aboveReserve;
        }

        long free() {
            return Limits.DISK_RESERVE_BYTES + aboveReserve;
        }
    }

    /** Of one run: messages of the highest precedence that were asked where they may pass. */
    private static final class Flash {
        private long asked;
        private long passed;
    }

    private final int gapMillis;
    private final int holdMillis;

    /**
     * @param gapMillis between two strikes, at most
     * @param holdMillis for which the disk is full, at most
     */
    FillFault(int gapMillis, int holdMillis) {
        this.gapMillis = gapMillis;
        this.holdMillis = holdMillis;
    }

    /** For long runs. */
    static FillFault full() {
        return new FillFault(2_000, 8_000);
    }

    /** For the slice in the build. */
    static FillFault slice() {
        return new FillFault(300, 1_000);
    }

    @Override
    public Fault brief() {
        return slice();
    }

    @Override
    public String kind() {
        return "fill";
    }

    @Override
    public Means<? extends Ground> ground(Kind.Setting setting, Random random)
            throws IOException, InterruptedException {
        return Disks.open(setting, DISK_SIZE, random);
    }

    @Override
    public void strike(ProofNetwork network, Random random, Limit limit, Watch watch)
            throws IOException, InterruptedException {
        Disks disks = network.ground(Disks.class);
        List<LabNode> all = network.nodes();
        Flash seen = new Flash();
        while (!limit.isReached(watch.strikes())) {
            watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(gapMillis)));
            LabNode victim = all.get(random.nextInt(all.size()));
            LabNode other = all.get((all.indexOf(victim) + 1 + random.nextInt(all.size() - 1)) % all.size());
            Level level = Level.values()[random.nextInt(Level.values().length)];
            long process = victim.pid();
            disks.leave(victim, level.free());
            watch.struck();
            watch.pause(NOTICED_NANOS);
            probe(victim, other, level, seen, watch);
            watch.pause(TimeUnit.MILLISECONDS.toNanos(random.nextInt(holdMillis)));
            disks.giveBack(victim);
            recovers(victim, other, level, watch);
            if (victim.isAlive() && victim.pid() != process) {
                throw new LabFailed(victim.code() + " was started by somebody else");
            }
        }
        if (seen.asked > 0 && seen.passed == 0) {
            watch.broke(watch.texts().text("proof.fill-no-flash", seen.asked));
        }
    }

    private static void probe(LabNode victim, LabNode other, Level level, Flash seen, Watch watch) throws IOException {
        if (!victim.isAlive()) {
            return;
        }
        boolean before = stands(victim, level);
        SendAnswer routine = ask(victim, other, Precedence.PRECEDENCE_ROUTINE);
        SendAnswer flash = ask(victim, other, Precedence.PRECEDENCE_FLASH);
        // Judged only when nothing moved meanwhile: records go, and the log's segments are made and dropped.
        if (!before || !stands(victim, level)) {
            return;
        }
        if (!routine.hasBusy()) {
            watch.broke(watch.texts().text("proof.fill-answer", victim.code(), level, "routine", said(routine)));
        }
        switch (level) {
            case NO_BULK, FLASH_AND_RECEIPTS -> {
                // Now and then the log wants a segment for which there is no room: not every one can pass.
                seen.asked++;
                seen.passed += flash.hasAccepted() ? 1 : 0;
            }
            case RECEIPTS, NOTHING, NOT_A_BLOCK -> {
                if (!flash.hasBusy()) {
                    watch.broke(watch.texts().text("proof.fill-answer", victim.code(), level, "flash", said(flash)));
                }
            }
        }
    }

    private static String said(SendAnswer answer) {
        return answer.getOutcomeCase().name() + " "
                + (answer.hasRefused() ? answer.getRefused().getReason() : "");
    }

    /** Whether the disk's free room lies where this level was made to lie, by less than what divides it from the next. */
    private static boolean stands(LabNode node, Level level) throws IOException {
        long free = Files.getFileStore(node.data()).getUsableSpace();
        return Math.abs(free - Math.max(0, level.free())) < 8_000_000;
    }

    private static void recovers(LabNode victim, LabNode other, Level level, Watch watch)
            throws IOException, InterruptedException {
        for (int look = 0; look < LOOKS && victim.isAlive(); look++) {
            watch.pause(LOOK_NANOS);
            if (ask(victim, other, Precedence.PRECEDENCE_ROUTINE).hasAccepted()) {
                return;
            }
        }
        watch.broke(watch.texts().text("proof.fill-stays", victim.code(), level, LOOKS));
        if (!victim.isAlive()) {
            var unused = victim.awaitEnd(Duration.ofSeconds(1));
            victim.start();
            victim.awaitServing();
        }
    }

    /** Sends a small message of service {@code probe}, which nobody reads; from a node that does not answer no outcome comes. */
    private static SendAnswer ask(LabNode from, LabNode to, Precedence precedence) {
        SendOneRequest request = SendOneRequest.newBuilder()
                .setMessage(WholeMessage.newBuilder()
                        .setHeader(MessageHeader.newBuilder()
                                .setClientId("fill-" + System.nanoTime())
                                .addRecipients(to.code())
                                .setPrecedence(precedence)
                                .setService("probe")
                                .setSubject("probe")
                                .setLifetimeSeconds(LIFETIME_SECONDS)))
                .build();
        try {
            return from.gatewayBlocking().sendOne(request).getAnswer();
        } catch (StatusRuntimeException silent) {
            return SendAnswer.getDefaultInstance();
        }
    }
}
