package lienthong.gateway.lab.proof.oracle;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges ledgers of lines {@code id key seq sha256 time [state]}, separated by tabs. A sender's states: {@code tried} (before it asked),
 * {@code accepted} (also when absent), {@code refused:REASON}, {@code busy}, {@code delivered}, {@code returned}, {@code expired}. A receiver's:
 * {@code got} (also when absent), {@code redelivered}, {@code done}. Times are for people and decide nothing.
 */
public final class LedgerCheck {
    private static final Set<String> SENDER =
            Set.of("", "tried", "accepted", "busy", "delivered", "returned", "expired");
    private static final Set<String> RECEIVER = Set.of("", "got", "redelivered", "done");

    private static final int TRIED = 1;
    private static final int ACCEPTED = 2;
    private static final int REFUSED = 4;
    private static final int EXPIRED = 8;
    private static final int DELIVERED = 16;
    private static final int GOT = 32;
    private static final int DONE = 64;
    private static final int RETURNED = 128;

    private final Findings findings = new Findings();
    private final Map<String, Message> book = new LinkedHashMap<>();

    private static final class Message {
        private final String sha256;
        private int flags;
        private int cameAgain;

        private Message(String sha256) {
            this.sha256 = sha256;
        }

        private boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    /**
     * How strictly to judge.
     *
     * @param isSettled whether what was accepted must have an end; otherwise it may be under way
     * @param receiptsRequired whether what arrived must have its receipt at the sender
     * @param allowedRefusals reasons the run meant to get
     * @param queued ids that the gateway itself lists as waiting
     * @param setAside client ids, without recipient, of messages whose only record the gateway itself says it has set aside as damaged
     * @param mayComeAgain ids that may be handed over again after {@code done}, once behind each of these lines of the receiver's ledger, and only
     *     with the mark: there the memory of them was lost with a disk, and their sender did not know
     */
    public record Judgement(
            boolean isSettled,
            boolean receiptsRequired,
            Set<String> allowedRefusals,
            Set<String> queued,
            Set<String> setAside,
            Map<String, List<Long>> mayComeAgain) {
        public Judgement {
            allowedRefusals = Set.copyOf(allowedRefusals);
            queued = Set.copyOf(queued);
            setAside = Set.copyOf(setAside);
            mayComeAgain = Map.copyOf(mayComeAgain);
        }

        /** Where nothing is damaged and no disk was lost. */
        public Judgement(boolean isSettled, boolean receiptsRequired, Set<String> allowedRefusals, Set<String> queued) {
            this(isSettled, receiptsRequired, allowedRefusals, queued, Set.of(), Map.of());
        }

        /** The same, but that these may be without an end or a receipt. */
        public Judgement without(Set<String> damaged) {
            return new Judgement(isSettled, receiptsRequired, allowedRefusals, queued, damaged, mayComeAgain);
        }

        /** The same, but that these may come again, as {@link #mayComeAgain} says. */
        public Judgement afterLosses(Map<String, List<Long>> again) {
            return new Judgement(isSettled, receiptsRequired, allowedRefusals, queued, setAside, again);
        }

        private boolean isSetAside(String id) {
            int at = id.lastIndexOf('@');
            return setAside.contains(at < 0 ? id : id.substring(0, at));
        }

        /** After settling: everything has its end and its receipt, nothing was refused. */
        public static Judgement strict() {
            return new Judgement(true, true, Set.of(), Set.of());
        }
    }

    private record Line(String id, String key, String seq, String sha256, String state, String where, long number) {}

    private interface Take {
        void line(Line line) throws BadLedger;
    }

    private LedgerCheck() {}

    /**
     * Compares.
     *
     * @param receivers one file per receiving process: order is judged within each
     * @throws BadLedger when a line is none, or one id stands for two payloads
     */
    public static Findings compare(List<Path> senders, List<Path> receivers, Judgement judgement) throws IOException {
        LedgerCheck check = new LedgerCheck();
        for (Path sender : senders) {
            check.read(sender, SENDER, true, line -> check.sent(line, judgement));
        }
        for (Path receiver : receivers) {
            Map<String, Arrivals> order = new HashMap<>();
            check.read(receiver, RECEIVER, false, line -> check.received(line, order, judgement));
        }
        check.sum(judgement);
        return check.findings;
    }

    private void read(Path path, Set<String> states, boolean refusals, Take take) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            long number = 0;
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    line.write(next);
                    continue;
                }
                number++;
                String where = path.getFileName() + " line " + number;
                take.line(parse(line.toString(StandardCharsets.UTF_8), states, refusals, where, number));
                line.reset();
            }
            if (line.size() > 0) {
                findings.tornTails++;
            }
        }
    }

    private static Line parse(String text, Set<String> states, boolean refusals, String where, long number)
            throws BadLedger {
        String[] parts = text.split("\t", -1);
        if (parts.length != 5 && parts.length != 6) {
            throw new BadLedger(where + ": " + parts.length + " columns instead of 5 or 6");
        }
        String state = parts.length == 6 ? parts[5] : "";
        if (!states.contains(state) && !(refusals && state.startsWith("refused"))) {
            throw new BadLedger(where + ": state " + state + " is unknown");
        }
        try {
            if (HexFormat.of().parseHex(parts[3]).length != 32) {
                throw new BadLedger(where + ": sha256 is not 64 hexadecimal digits");
            }
            if (!parts[1].equals("-")) {
                long unused = Long.parseLong(parts[2]);
            }
        } catch (IllegalArgumentException malformed) {
            throw new BadLedger(where + ": " + malformed.getMessage());
        }
        return new Line(parts[0], parts[1], parts[2], parts[3], state, where, number);
    }

    private void sent(Line line, Judgement judgement) throws BadLedger {
        Message message = book.computeIfAbsent(line.id, id -> new Message(line.sha256));
        if (!message.sha256.equals(line.sha256)) {
            throw new BadLedger(line.where + ": id " + line.id + " was used for other bytes before");
        }
        if (line.state.startsWith("refused")) {
            message.flags |= REFUSED;
            String reason = line.state.substring(Math.min(line.state.length(), "refused:".length()));
            if (!judgement.allowedRefusals.contains(reason)) {
                findings.add(Breach.WRONG_REFUSAL, line.id, line.state);
            }
            return;
        }
        message.flags |= switch (line.state) {
            case "tried", "busy" -> TRIED;
            case "expired" -> EXPIRED | ACCEPTED;
            case "delivered" -> DELIVERED | ACCEPTED;
            case "returned" -> RETURNED | ACCEPTED;
            default -> ACCEPTED;
        };
    }

    private void received(Line line, Map<String, Arrivals> order, Judgement judgement) {
        Message message = book.get(line.id);
        if (line.state.equals("done")) {
            if (message != null) {
                message.flags |= DONE;
            }
            return;
        }
        findings.received++;
        if (line.state.equals("redelivered")) {
            findings.redelivered++;
        }
        if (message == null) {
            findings.add(Breach.PHANTOM, line.id, "nobody sent it, " + line.where);
            return;
        }
        if (!message.sha256.equals(line.sha256)) {
            findings.add(Breach.CORRUPTED, line.id, line.where);
        }
        long losses = judgement.mayComeAgain.getOrDefault(line.id, List.of()).stream()
                .filter(before -> before < line.number)
                .count();
        if (message.has(DONE) && line.state.equals("redelivered") && message.cameAgain < losses) {
            message.cameAgain++;
            message.flags &= ~DONE;
            findings.cameAgain++;
        } else if (message.has(DONE)) {
            findings.add(Breach.DUPLICATED, line.id, "again after done, " + line.where);
        } else if (message.has(GOT) && !line.state.equals("redelivered")) {
            findings.add(Breach.DUPLICATED, line.id, "again without the redelivered mark, " + line.where);
        }
        if (message.has(REFUSED) && !message.has(ACCEPTED)) {
            findings.add(Breach.PHANTOM, line.id, "the sender was told it was refused, " + line.where);
        }
        message.flags |= GOT;
        if (!line.key.equals("-")
                && order.computeIfAbsent(line.key, key -> new Arrivals()).isLate(Long.parseLong(line.seq))) {
            findings.add(Breach.REORDERED, line.id, "key " + line.key + " seq " + line.seq + ", " + line.where);
        }
    }

    private void sum(Judgement judgement) {
        book.forEach((id, message) -> {
            findings.sent++;
            findings.accepted += message.has(ACCEPTED) ? 1 : 0;
            findings.refused += message.has(REFUSED) ? 1 : 0;
            findings.returned += message.has(RETURNED) ? 1 : 0;
            findings.expired += message.has(EXPIRED) ? 1 : 0;
            if (!message.has(ACCEPTED | REFUSED | GOT)) {
                findings.unanswered++;
            }
            if (message.has(DELIVERED) && !message.has(GOT | DONE)) {
                findings.add(Breach.FALSE_RECEIPT, id, "delivered receipt, never handed over");
            }
            int ends =
                    (message.has(DELIVERED) ? 1 : 0) + (message.has(RETURNED) ? 1 : 0) + (message.has(REFUSED) ? 1 : 0);
            if (ends > 1) {
                findings.add(Breach.TWO_ENDS, id, "more than one final outcome");
            } else if (message.has(RETURNED) && message.has(DONE)) {
                findings.add(Breach.TWO_ENDS, id, "returned to its sender, confirmed to its receiver");
            }
            if (message.has(ACCEPTED) && !message.has(GOT | DONE | EXPIRED | RETURNED | REFUSED | DELIVERED)) {
                if (judgement.queued.contains(id)) {
                    findings.queued++;
                } else if (judgement.isSetAside(id)) {
                    findings.setAside++;
                } else if (judgement.isSettled) {
                    findings.add(Breach.LOST, id, "accepted, no end");
                } else {
                    findings.waiting++;
                }
            }
            if (judgement.receiptsRequired
                    && message.has(GOT)
                    && message.has(ACCEPTED)
                    && !message.has(DELIVERED | RETURNED | EXPIRED)) {
                if (judgement.isSetAside(id)) {
                    findings.setAside++;
                } else {
                    findings.add(Breach.LOST, id, "its receipt never came home");
                }
            }
        });
    }
}
