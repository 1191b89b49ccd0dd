package lienthong.gateway.message;

/**
 * An expected "no": the numbered reason, and a detail in plain words that names the field, the place and the value concerned (never content
 * or keys). A value, not an exception.
 *
 * @param reason the numbered error
 * @param detail what exactly and where, at most 300 characters; empty when the reason says all
 */
public record Refusal(ErrorCode reason, String detail) {
    public Refusal {
        detail = detail.length() <= 300 ? detail : detail.substring(0, 299) + "…";
    }

    public static Refusal of(ErrorCode reason) {
        return new Refusal(reason, "");
    }

    public static Refusal of(ErrorCode reason, String detail) {
        return new Refusal(reason, detail);
    }

    /** For instance {@code LT-1011 ADDRESS_MALFORMED: position 4}. */
    @Override
    public String toString() {
        return reason.label() + (detail.isEmpty() ? "" : ": " + detail);
    }
}
