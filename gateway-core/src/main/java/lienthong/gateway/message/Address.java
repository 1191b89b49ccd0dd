package lienthong.gateway.message;

/**
 * Who may send or receive: an organisation, or a mailbox of it. Written {@code A08.10} or {@code A08.10/eoffice}.
 *
 * @param organisation the office
 * @param mailbox {@code [a-z0-9][a-z0-9._-]{0,31}}, or empty for the office itself
 */
public record Address(OrganisationId organisation, String mailbox) implements Comparable<Address> {
    private static final int MAILBOX_CHARS_MAX = 32;

    public Address {
        Invariant.check(mailbox.isEmpty() || mailboxFault(mailbox) == 0, "mailbox of %d characters", mailbox.length());
    }

    /** The office's own address, without a mailbox. */
    public static Address of(OrganisationId organisation) {
        return new Address(organisation, "");
    }

    /** Parses outside input; {@code ADDRESS_MALFORMED} naming the part and the 1-based position at fault within {@code text}. */
    public static Result<Address> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return OrganisationId.parse(text).map(Address::of);
        }
        String mailbox = text.substring(slash + 1);
        return OrganisationId.parse(text.substring(0, slash)).then(organisation -> {
            int fault = mailboxFault(mailbox);
            return fault == 0
                    ? Result.ok(new Address(organisation, mailbox))
                    : Result.no(
                            ErrorCode.ADDRESS_MALFORMED,
                            "mailbox, position {0}: 1 to 32 of lower-case letters, digits, dot, dash, underscore",
                            slash + 1 + fault);
        });
    }

    /** 1-based position of the first character that cannot stand where it does (1 for an empty mailbox); 0 for none. */
    private static int mailboxFault(String mailbox) {
        for (int i = 0; i < mailbox.length(); i++) {
            char c = mailbox.charAt(i);
            boolean isAlphanumeric = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            boolean isMark = c == '.' || c == '_' || c == '-';
            if (i == MAILBOX_CHARS_MAX || !isAlphanumeric && (!isMark || i == 0)) {
                return i + 1;
            }
        }
        return mailbox.isEmpty() ? 1 : 0;
    }

    @Override
    public int compareTo(Address other) {
        int first = organisation.compareTo(other.organisation);
        return first != 0 ? first : mailbox.compareTo(other.mailbox);
    }

    @Override
    public String toString() {
        return mailbox.isEmpty() ? organisation.text() : organisation.text() + "/" + mailbox;
    }
}
