package lienthong.gateway.message;

import java.util.regex.Pattern;

/**
 * Who may send or receive: an organisation, or a mailbox of it. Written {@code A08.10} or {@code A08.10/eoffice}.
 *
 * @param organisation the office
 * @param mailbox {@code [a-z0-9][a-z0-9._-]{0,31}}, or empty for the office itself
 */
public record Address(OrganisationId organisation, String mailbox) implements Comparable<Address> {
    private static final Pattern MAILBOX = Pattern.compile("[a-z0-9][a-z0-9._-]{0,31}");

    public Address {
        Invariant.check(
                mailbox.isEmpty() || MAILBOX.matcher(mailbox).matches(), "mailbox of %d characters", mailbox.length());
    }

    /** The office's own address, without a mailbox. */
    public static Address of(OrganisationId organisation) {
        return new Address(organisation, "");
    }

    /** Parses outside input; {@code ADDRESS_MALFORMED} naming the part and position at fault. */
    public static Result<Address> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return OrganisationId.parse(text).map(Address::of);
        }
        String mailbox = text.substring(slash + 1);
        return OrganisationId.parse(text.substring(0, slash)).then(organisation -> {
            if (MAILBOX.matcher(mailbox).matches()) {
                return Result.ok(new Address(organisation, mailbox));
            }
            return Result.no(
                    ErrorCode.ADDRESS_MALFORMED,
                    "mailbox after position " + (slash + 1)
                            + ": lower-case letters, digits, dot, dash, underscore; 1 to 32");
        });
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
