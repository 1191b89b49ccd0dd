package lienthong.gateway.message;

/** Độ khẩn of a message, 0 to 4 as edXML counts them. Higher goes first. */
public enum Precedence {
    ROUTINE("thường"),
    URGENT("khẩn"),
    VERY_URGENT("thượng khẩn"),
    FLASH("hỏa tốc"),
    /** Flash with an hour: carried like flash, not shown before its hour. */
    FLASH_TIMED("hỏa tốc hẹn giờ");

    private final String vietnamese;

    Precedence(String vietnamese) {
        this.vietnamese = vietnamese;
    }

    /** The number on the wire and in the core, 0 to 4. */
    public int number() {
        return ordinal();
    }

    public String vietnamese() {
        return vietnamese;
    }

    /** By number; {@code FIELD_MISSING} when there is no such precedence. */
    public static Result<Precedence> of(int number) {
        return number >= 0 && number < values().length
                ? Result.ok(values()[number])
                : Result.no(ErrorCode.FIELD_MISSING, "precedence is 0 to 4, not " + number);
    }
}
