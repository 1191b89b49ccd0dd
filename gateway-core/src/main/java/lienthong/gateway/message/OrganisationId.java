package lienthong.gateway.message;

/**
 * Identifier code of an office, for instance {@code A08.10}: groups of 1 to 8 of {@code A-Z 0-9}, joined by dots, at most 35 characters.
 * Opaque: its dots say nothing, the directory has the parent.
 *
 * @param text the code
 */
public record OrganisationId(String text) implements Comparable<OrganisationId> {
    public OrganisationId {
        Invariant.check(faultPosition(text) == 0, "organisation id of %d characters", text.length());
    }

    /** Parses outside input; {@code ADDRESS_MALFORMED} with the position of the first fault. */
    public static Result<OrganisationId> parse(String text) {
        int fault = faultPosition(text);
        return fault == 0
                ? Result.ok(new OrganisationId(text))
                : Result.no(ErrorCode.ADDRESS_MALFORMED, "organisation code, position {0}", fault);
    }

    /** 1-based position of the first character that cannot stand where it does (one past the end when one is missing); 0 for none. */
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
        return group == 0 ? text.length() + 1 : 0;
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
