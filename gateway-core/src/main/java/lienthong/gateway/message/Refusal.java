package lienthong.gateway.message;

import com.google.errorprone.annotations.CompileTimeConstant;

/**
 * An expected "no": the numbered reason, and what exactly and where. A value, not an exception. Two are equal when they say the same, also
 * when one of them came over a wire and is known by its words only.
 *
 * @param reason the numbered error
 * @param about the field, the place and the value concerned (never content or keys); {@link Detail#none()} when the reason says all
 */
public record Refusal(ErrorCode reason, Detail about) {
    public static Refusal of(ErrorCode reason) {
        return new Refusal(reason, Detail.none());
    }

    /** With one of our own sentences, see {@link Detail#of}. */
    public static Refusal of(ErrorCode reason, @CompileTimeConstant String detail, Object... arguments) {
        return new Refusal(reason, Detail.of(detail, arguments));
    }

    public static Refusal of(ErrorCode reason, Detail about) {
        return new Refusal(reason, about);
    }

    /** With words from elsewhere: a peer's, the operating system's, a library's. */
    public static Refusal technical(ErrorCode reason, String words) {
        return new Refusal(reason, Detail.technical(words));
    }

    /** The detail in English, at most 300 characters; empty when the reason says all. */
    public String detail() {
        return about.english();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Refusal same && reason == same.reason && detail().equals(same.detail());
    }

    @Override
    public int hashCode() {
        return 31 * reason.hashCode() + detail().hashCode();
    }

    /** For instance {@code LT-1011 ADDRESS_MALFORMED: position 4}. */
    @Override
    public String toString() {
        return reason.label() + (detail().isEmpty() ? "" : ": " + detail());
    }
}
