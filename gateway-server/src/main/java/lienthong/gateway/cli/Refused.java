package lienthong.gateway.cli;

import com.google.errorprone.annotations.CompileTimeConstant;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * Ends a command with a numbered error. Checked, and caught in one place ({@link Cli}): a command stops at its first refusal and nothing between
 * there and its last line could do anything about it.
 */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Refusal why;

    Refused(Refusal why) {
        super(why.toString(), null, false, false);
        this.why = why;
    }

    Refused(ErrorCode reason, @CompileTimeConstant String detail, Object... arguments) {
        this(Refusal.of(reason, Detail.of(detail, arguments)));
    }

    Refused(ErrorCode reason, Detail about) {
        this(Refusal.of(reason, about));
    }

    Refusal why() {
        return why;
    }

    /** The value, or the end of the command. */
    static <T> T unless(Result<T> result) throws Refused {
        if (result instanceof Result.Ok<T> ok) {
            return ok.value();
        }
        throw new Refused(result.refusal());
    }
}
