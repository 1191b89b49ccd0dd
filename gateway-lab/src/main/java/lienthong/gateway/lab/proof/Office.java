package lienthong.gateway.lab.proof;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.process.JavaProcess;
import lienthong.gateway.lab.proof.office.OfficeMain;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;

/** One office's own programs, in a process outside the gateway, as the proof steers them. Used by one thread. */
final class Office implements AutoCloseable {
    /** Of heap, for each office. */
    private static final int MEBIBYTES = 192;

    private final String address;
    private final Path ledgers;
    private final boolean isSending;
    private final JavaProcess process;

    private Office(String address, Path ledgers, boolean isSending, JavaProcess process) {
        this.address = address;
        this.ledgers = ledgers;
        this.isSending = isSending;
        this.process = process;
    }

    /**
     * Starts the programs of these offices as one process.
     *
     * @param ledgers folder that no fault touches
     * @param everybody addresses: each office sends to all but itself
     * @param seeds of each office's load
     */
    static List<Office> start(
            List<LabNode> nodes,
            Path ledgers,
            Path log,
            List<String> everybody,
            String run,
            Map<String, Long> seeds,
            LoadPlan plan)
            throws IOException {
        List<String> arguments = new ArrayList<>();
        for (LabNode node : nodes) {
            arguments.addAll(List.of(
                    "data=" + node.data(),
                    "address=" + node.code(),
                    "ledgers=" + ledgers,
                    "run=" + run,
                    "seed=" + seeds.getOrDefault(node.code(), 0L),
                    "to="
                            + everybody.stream()
                                    .filter(code -> !code.equals(node.code()))
                                    .collect(Collectors.joining(",")),
                    "open=" + plan.openMax(),
                    "rate=" + plan.perSecond(),
                    "spooled=" + plan.spooledPerMille(),
                    "large=" + plan.largePerMille(),
                    "large-bytes=" + plan.largeBytes(),
                    "dies=" + plan.diesOnceIn()));
        }
        JavaProcess process = JavaProcess.startListening(
                List.of(),
                List.of(),
                OfficeMain.class.getName(),
                DaemonOptions.shortLived((long) MEBIBYTES * nodes.size()),
                arguments,
                Map.of("LC_ALL", "C.UTF-8"),
                log);
        return nodes.stream()
                .map(node -> new Office(node.code(), ledgers, everybody.size() > 1, process))
                .toList();
    }

    String address() {
        return address;
    }

    /** It makes no new message, or makes them again; {@link #isQuiet} says when everything had its end. */
    void quiet(boolean isQuiet) throws IOException {
        process.say(address + " " + (isQuiet ? "quiet" : "speak"));
    }

    /** Its receiving program takes nothing, or takes again; {@link #isHeld} says when it does. */
    void hold(boolean isHolding) throws IOException {
        process.say(address + " " + (isHolding ? "hold" : "take"));
    }

    /** Its node has lost its disk: there is no evidence left there of what it had sent. */
    void forgetEvidence() throws IOException {
        process.say(address + " forget");
    }

    /** Whether it makes no new message and everything it had asked has its answer and its end. */
    boolean isQuiet() throws IOException {
        JsonObject now = tally();
        return now.has("quiet")
                && now.get("quiet").getAsBoolean()
                && now.get("open").getAsInt() == 0
                && now.get("unanswered").getAsInt() == 0;
    }

    /** Whether its receiving program takes nothing; its ledger is whole then. */
    boolean isHeld() throws IOException {
        JsonObject now = tally();
        return now.has("held") && now.get("held").getAsBoolean();
    }

    /** From now on it makes no new message. */
    void settle() throws IOException {
        process.endInput();
    }

    /** Its counts as last written, at most a quarter of a second old; empty until it has written any. */
    JsonObject tally() throws IOException {
        if (!process.isAlive()) {
            throw new LabFailed("the programs of " + address + " have ended: "
                    + process.standardError().strip());
        }
        Path file = ledgers.resolve(address + ".tally");
        return Files.exists(file)
                ? JsonParser.parseString(Files.readString(file, StandardCharsets.UTF_8))
                        .getAsJsonObject()
                : new JsonObject();
    }

    /** Whether it knows that it is to settle, and everything it had asked has its answer and its end. */
    boolean isSettled() throws IOException {
        JsonObject now = tally();
        return now.has("settling")
                && (!isSending
                        || now.get("settling").getAsBoolean()
                                && now.get("open").getAsInt() == 0
                                && now.get("unanswered").getAsInt() == 0);
    }

    /** What the sending program wrote down; empty when it only receives. */
    List<Path> senderLedger() {
        return isSending ? List.of(ledgers.resolve(address + ".sender.tsv")) : List.of();
    }

    /** Lines of what the receiving program wrote down; it {@linkplain #isHeld holds}. */
    long linesReceived() throws IOException {
        try (Stream<String> lines = Files.lines(receiverLedger(), StandardCharsets.UTF_8)) {
            return lines.count();
        }
    }

    Path receiverLedger() {
        return ledgers.resolve(address + ".receiver.tsv");
    }

    @Override
    public void close() {
        process.close();
    }
}
