package lienthong.gateway.main;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import lienthong.gateway.node.RestoreState;

/**
 * DATA/restored.txt: this folder was put back from a copy. Lines {@code lienthong-restored 1}, {@code at} time, {@code comparing} or {@code compared},
 * {@code loss} refused or accepted, {@code former} incarnation, {@code held NODE NUMBER}, {@code shown NODE NUMBER}, and {@code check} with the SHA-256
 * of all before. Stays for good: by it what is missing can be told, and what may have been handed over before.
 */
final class RestoredFile {
    static final String FILE = "restored.txt";
    private static final String UNFINISHED = "restored.new";
    private static final String TITLE = "lienthong-restored 1\n";
    private static final int BYTES_MAX = 1 << 20;

    private RestoredFile() {}

    /** Empty where the folder is no copy; {@code RECORD_DAMAGED} when the file is not what was written. */
    static Result<Optional<RestoreState>> read(Disk disk) throws IOException {
        Optional<Disk.File> found = disk.openExisting(FILE);
        if (found.isEmpty()) {
            return Result.ok(Optional.empty());
        }
        String text;
        try (Disk.File file = found.get()) {
            ByteBuffer in = ByteBuffer.allocate((int) Math.min(BYTES_MAX, file.size()));
            file.read(0, in);
            text = new String(in.array(), 0, in.position(), StandardCharsets.UTF_8);
        }
        int check = text.lastIndexOf("check ");
        if (!text.startsWith(TITLE) || check < 0 || !text.substring(check).equals(check(text.substring(0, check)))) {
            return Result.no(ErrorCode.RECORD_DAMAGED, "{0} is not what was written", FILE);
        }
        try {
            return Result.ok(
                    Optional.of(parse(text.substring(TITLE.length(), check).split("\n"))));
        } catch (DateTimeException | IllegalArgumentException | IndexOutOfBoundsException wrong) {
            return Result.no(ErrorCode.RECORD_DAMAGED, "{0} is not what was written", FILE);
        }
    }

    private static RestoreState parse(String[] lines) {
        Map<OrganisationId, Long> held = new TreeMap<>();
        Map<OrganisationId, Long> shown = new TreeMap<>();
        Optional<Incarnation> former = Optional.empty();
        for (int i = 3; i < lines.length; i++) {
            String[] words = lines[i].split(" ");
            switch (words[0]) {
                case "former" -> former = Optional.ofNullable(Incarnation.parse(words[1]));
                case "held" -> held.put(new OrganisationId(words[1]), Long.parseLong(words[2]));
                default -> shown.put(new OrganisationId(words[1]), Long.parseLong(words[2]));
            }
        }
        return new RestoreState(
                Instant.parse(lines[0].substring("at ".length())),
                lines[1].equals("comparing"),
                lines[2].equals("loss accepted"),
                former,
                held,
                shown);
    }

    private static String check(String text) {
        return "check " + Hash.of(Bytes.utf8(text)).hex() + "\n";
    }

    /** Durable when this returns; the old one or the new one is there at any time. */
    static void write(Disk disk, RestoreState state) throws IOException {
        StringBuilder text = new StringBuilder(TITLE)
                .append("at ")
                .append(StrictText.time(state.at()))
                .append(state.comparing() ? "\ncomparing\n" : "\ncompared\n")
                .append(state.acceptLoss() ? "loss accepted\n" : "loss refused\n");
        state.former().ifPresent(former -> text.append("former ").append(former).append('\n'));
        new TreeMap<>(state.held()).forEach((node, number) -> line(text, "held ", node, number));
        new TreeMap<>(state.shown()).forEach((node, number) -> line(text, "shown ", node, number));
        try (Disk.File file = disk.open(UNFINISHED)) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap((text + check(text.toString())).getBytes(StandardCharsets.UTF_8)));
            file.sync();
        }
        disk.rename(UNFINISHED, FILE);
        disk.syncFolder("");
    }

    private static void line(StringBuilder text, String word, OrganisationId node, long number) {
        text.append(word).append(node).append(' ').append(number).append('\n');
    }
}
