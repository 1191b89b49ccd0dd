package lienthong.gateway.message;

/**
 * The application's own identifier of a submission, unique per sender address: repeating it gives the first answer again.
 *
 * @param text 1 to 64 printable ASCII characters without blanks
 */
public record ClientId(String text) {
    public ClientId {
        Invariant.check(isValid(text), "client id of %d characters", text.length());
    }

    /** Outside input; {@code FIELD_MISSING} when absent or of other characters, with the position, {@code HEADER_TOO_LARGE} with both lengths. */
    public static Result<ClientId> parse(String text) {
        if (text.isEmpty()) {
            return Result.no(ErrorCode.FIELD_MISSING, "client_id: 1 to 64 printable ASCII characters");
        }
        if (text.length() > Limits.CLIENT_ID_CHARS_MAX) {
            return Result.no(
                    ErrorCode.HEADER_TOO_LARGE,
                    "{0}: {1} characters, at most {2}",
                    "client_id",
                    text.length(),
                    Limits.CLIENT_ID_CHARS_MAX);
        }
        int stranger = strangerIn(text);
        return stranger < 0
                ? Result.ok(new ClientId(text))
                : Result.no(
                        ErrorCode.FIELD_MISSING,
                        "client_id, position {0}: printable ASCII characters without blanks only",
                        stranger + 1);
    }

    private static boolean isValid(String text) {
        return !text.isEmpty() && text.length() <= Limits.CLIENT_ID_CHARS_MAX && strangerIn(text) < 0;
    }

    /** Where the first character stands that may not be there, from 0; -1 when there is none. */
    private static int strangerIn(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= 0x20 || text.charAt(i) >= 0x7F) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return text;
    }
}
