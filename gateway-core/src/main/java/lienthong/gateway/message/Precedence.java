package lienthong.gateway.message;

/** Độ khẩn of a message, 0 to 4 as edXML counts them. Higher goes first. */
public enum Precedence {
    ROUTINE(0, "thường"),
    URGENT(1, "khẩn"),
    VERY_URGENT(2, "thượng khẩn"),
    FLASH(3, "hỏa tốc"),
    /** Flash with an hour: carried like flash, not shown before its hour. */
    FLASH_TIMED(4, "hỏa tốc hẹn giờ");

    private final int number;
    private final String vietnamese;

    Precedence(int number, String vietnamese) {
        this.number = number;
        this.vietnamese = vietnamese;
    }

    /** The number on the wire and in the core, 0 to 4. */
    public int number() {
        return number;
    }

    public String vietnamese() {
        return vietnamese;
    }

    /** By number; {@code FIELD_MISSING} when there is no such precedence. */
    public static Result<Precedence> of(int number) {
        return number >= 0 && number < values().length
                ? Result.ok(values()[number])
                : Result.no(ErrorCode.FIELD_MISSING, "precedence is 0 to 4, not {0}", number);
    }
}
