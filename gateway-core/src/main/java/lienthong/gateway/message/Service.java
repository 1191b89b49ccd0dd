package lienthong.gateway.message;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What kind of message it is: {@code document}, {@code status}, {@code mail}, {@code directive}, {@code bulletin}, {@code feedback},
 * {@code briefing}, or a user's own word.
 *
 * @param word {@code [a-z][a-z0-9-]{0,31}}
 */
public record Service(String word) implements Comparable<Service> {
    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    public static final Service DOCUMENT = new Service("document");
    public static final Service STATUS = new Service("status");
    public static final Service MAIL = new Service("mail");
    public static final Service DIRECTIVE = new Service("directive");
    public static final Service BULLETIN = new Service("bulletin");
    public static final Service FEEDBACK = new Service("feedback");
    public static final Service BRIEFING = new Service("briefing");

    /** The product's own words. Users have others; a person who types one of those has mistyped, unless it is listed somewhere. */
    public static final List<Service> KNOWN = List.of(DOCUMENT, STATUS, MAIL, DIRECTIVE, BULLETIN, FEEDBACK, BRIEFING);

    public Service {
        Invariant.check(FORM.matcher(word).matches(), "service word");
    }

    /** Outside input; {@code FIELD_MISSING} when it is not of the form. */
    public static Result<Service> parse(String word) {
        return FORM.matcher(word).matches()
                ? Result.ok(new Service(word))
                : Result.no(ErrorCode.FIELD_MISSING, "service is a lower-case word of 1 to 32 letters, digits, dashes");
    }

    @Override
    public int compareTo(Service other) {
        return word.compareTo(other.word);
    }

    @Override
    public String toString() {
        return word;
    }
}
