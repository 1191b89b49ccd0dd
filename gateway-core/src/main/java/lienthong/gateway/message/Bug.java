package lienthong.gateway.message;

/** A broken invariant: our own mistake, never bad input. Ends the message or the process it concerns (LT-6001), never passes silently. */
public final class Bug extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Bug(String message) {
        super(message);
    }

    public Bug(String message, Throwable cause) {
        super(message, cause);
    }
}
