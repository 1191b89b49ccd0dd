package lienthong.gateway.audit;

import java.util.Optional;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.MessageId;

/**
 * What happened. Never content, keys or subjects; a peer's words are cut and made printable.
 *
 * @param kind one word, {@code [a-z0-9-]}, 1 to 40 characters
 * @param message the message concerned
 * @param code the numbered reason
 * @param who an application, an operator, a neighbour; empty for the node itself
 * @param detail what else, at most 300 characters
 */
public record AuditEvent(
        String kind, Optional<MessageId> message, Optional<ErrorCode> code, String who, String detail) {
    private static final int KIND_CHARS_MAX = 40;
    private static final int TEXT_CHARS_MAX = 300;

    public AuditEvent {
        Invariant.check(
                !kind.isEmpty() && kind.length() <= KIND_CHARS_MAX, "event word of %d characters", kind.length());
        for (int i = 0; i < kind.length(); i++) {
            char c = kind.charAt(i);
            Invariant.check(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-', "event word, character %d", i);
        }
        who = printable(who);
        detail = printable(detail);
    }

    /** An event of the node itself without message or reason. */
    public static AuditEvent of(String kind, String detail) {
        return new AuditEvent(kind, Optional.empty(), Optional.empty(), "", detail);
    }

    /** The separator and whatever does not print becomes {@code ?}: a line must stay one line with its fields. */
    private static String printable(String text) {
        StringBuilder clean = new StringBuilder(Math.min(text.length(), TEXT_CHARS_MAX));
        for (int i = 0; i < text.length() && clean.length() < TEXT_CHARS_MAX; i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                clean.append(c).append(text.charAt(++i));
            } else if (c == '|'
                    || c == '\u2028'
                    || c == '\u2029'
                    || Character.isISOControl(c)
                    || Character.isSurrogate(c)) {
                clean.append('?');
            } else {
                clean.append(c);
            }
        }
        return clean.toString();
    }
}
