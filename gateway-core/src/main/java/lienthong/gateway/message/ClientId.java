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

    /** Outside input; {@code FIELD_MISSING} when absent, {@code TEXT_NOT_CLEAN} with the position otherwise. */
    public static Result<ClientId> parse(String text) {
        if (text.isEmpty()) {
            return Result.no(ErrorCode.FIELD_MISSING, "client_id: 1 to 64 printable ASCII characters");
        }
        return isValid(text)
                ? Result.ok(new ClientId(text))
                : Result.no(ErrorCode.TEXT_NOT_CLEAN, "client_id: 1 to 64 printable ASCII characters without blanks");
    }

    private static boolean isValid(String text) {
        return !text.isEmpty()
                && text.length() <= Limits.CLIENT_ID_CHARS_MAX
                && text.chars().allMatch(c -> c > 0x20 && c < 0x7F);
    }

    @Override
    public String toString() {
        return text;
    }
}
