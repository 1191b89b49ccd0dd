package lienthong.gateway.lab.province;

/** Something that had to work did not; the text says what and where to look. Ends the run. */
public final class LabFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LabFailed(String message) {
        super(message);
    }

    public LabFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
