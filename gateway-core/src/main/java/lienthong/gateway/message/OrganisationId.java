package lienthong.gateway.message;

import java.util.regex.Pattern;

/**
 * Identifier code of an office, for instance {@code A08.10}: groups of 1 to 8 of {@code A-Z 0-9}, joined by dots, at most 35 characters.
 * Opaque: its dots say nothing, the directory has the parent.
 *
 * @param text the code
 */
public record OrganisationId(String text) implements Comparable<OrganisationId> {
    private static final Pattern FORM = Pattern.compile("[A-Z0-9]{1,8}(\\.[A-Z0-9]{1,8})*");

    public OrganisationId {
        Invariant.check(isValid(text), "organisation id of %d characters", text.length());
    }

    /** Parses outside input; {@code ADDRESS_MALFORMED} with the position of the first fault. */
    public static Result<OrganisationId> parse(String text) {
        if (isValid(text)) {
            return Result.ok(new OrganisationId(text));
        }
        return Result.no(ErrorCode.ADDRESS_MALFORMED, "organisation code, position " + faultPosition(text));
    }

    private static boolean isValid(String text) {
        return text.length() <= Limits.ORGANISATION_ID_CHARS_MAX
                && FORM.matcher(text).matches();
    }

    /** 1-based position of the first character that cannot stand where it does. */
    private static int faultPosition(String text) {
        int group = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (i >= Limits.ORGANISATION_ID_CHARS_MAX
                    || c == '.' && group == 0
                    || c != '.' && !letter
                    || letter && group == 8) {
                return i + 1;
            }
            group = c == '.' ? 0 : group + 1;
        }
        return text.length() + 1;
    }

    @Override
    public int compareTo(OrganisationId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
