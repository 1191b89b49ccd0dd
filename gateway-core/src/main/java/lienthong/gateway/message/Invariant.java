package lienthong.gateway.message;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/** Checks that are always on. {@code assert} is off in production and so no guard. */
public final class Invariant {
    private Invariant() {}

    /** Throws {@link Bug} with the formatted text when {@code holds} is false. Arguments are numbers and names, never content or keys. */
    @FormatMethod
    public static void check(boolean holds, @FormatString String text, Object... arguments) {
        if (!holds) {
            throw new Bug(String.format(java.util.Locale.ROOT, text, arguments));
        }
    }
}
