package lienthong.gateway.link;

/** A well-formed frame that may not come now or so: closes the session. Stops at {@link LinkSession}; without a stack trace, as peers cause them. */
final class Breach extends Exception {
    private static final long serialVersionUID = 1L;

    final transient Closing why;

    Breach(CloseReason reason, String detail) {
        super(detail, null, false, false);
        this.why = Closing.of(reason, detail);
    }
}
