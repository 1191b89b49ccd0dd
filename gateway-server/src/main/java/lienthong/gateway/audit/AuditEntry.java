package lienthong.gateway.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/**
 * One line of the log: {@code INDEX | TIME | KIND | MESSAGE | NUMBER | WHO | DETAIL | LINK}, ended by LF. MESSAGE is 32 digits or {@code -}, NUMBER
 * the error's or 0, WHO {@code -} for the node itself, DETAIL {@code -} for nothing; LINK the first 16 digits of SHA-256 over the link of the line
 * before and this line up to its last separator, so that a careless edit is found without any checkpoint. The leaf of the tree is the whole line.
 *
 * @param index from 0, without gaps
 * @param link 16 digits
 */
public record AuditEntry(long index, Instant at, AuditEvent event, String link) {
    /** Before the first line. */
    static final String FIRST_LINK = "0000000000000000";

    private static final String SEPARATOR = " | ";
    private static final int LINK_CHARS = 16;
    private static final int FIELDS = 8;

    static AuditEntry make(long index, Instant at, AuditEvent event, String linkBefore) {
        return new AuditEntry(index, at, event, link(linkBefore, body(index, at, event)));
    }

    private static String dash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private static String body(long index, Instant at, AuditEvent event) {
        return String.join(
                SEPARATOR,
                Long.toString(index),
                StrictText.time(at),
                event.kind(),
                event.message().map(MessageId::toString).orElse("-"),
                Integer.toString(event.code().map(ErrorCode::number).orElse(0)),
                dash(event.who()),
                dash(event.detail()));
    }

    private static String link(String before, String body) {
        MessageDigest digest = Hash.digest();
        digest.update(before.getBytes(StandardCharsets.US_ASCII));
        digest.update(body.getBytes(StandardCharsets.UTF_8));
        return Bytes.ofOwned(digest.digest()).slice(0, LINK_CHARS / 2).hex();
    }

    /** The line with its line feed. */
    public Bytes line() {
        return Bytes.utf8(body(index, at, event) + SEPARATOR + link + "\n");
    }

    public Hash leafHash() {
        return MerkleTree.leafHash(line());
    }

    /** Strict: {@code null} for anything that {@link #make} would not have written at this place. */
    static @Nullable AuditEntry parse(Bytes line, long index, String linkBefore) {
        if (line.isEmpty() || line.get(line.size() - 1) != '\n') {
            return null;
        }
        String[] fields = line.slice(0, line.size() - 1).utf8().split(" \\| ", -1);
        if (fields.length != FIELDS || !fields[0].equals(Long.toString(index))) {
            return null;
        }
        try {
            Optional<MessageId> message = Optional.empty();
            if (!fields[3].equals("-")) {
                message = MessageId.parse(fields[3]).fold(Optional::of, no -> Optional.empty());
            }
            int number = Integer.parseInt(fields[4]);
            Optional<ErrorCode> code = number == 0 ? Optional.empty() : ErrorCode.ofNumber(number);
            AuditEvent event = new AuditEvent(
                    fields[2],
                    message,
                    code,
                    fields[5].equals("-") ? "" : fields[5],
                    fields[6].equals("-") ? "" : fields[6]);
            AuditEntry entry = make(index, Instant.parse(fields[1]), event, linkBefore);
            return entry.line().equals(line) ? entry : null;
        } catch (DateTimeParseException | NumberFormatException | lienthong.gateway.message.Bug notOurs) {
            return null;
        }
    }
}
