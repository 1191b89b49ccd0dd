package lienthong.gateway.lab.bench;

/** A run that proves nothing: something was lost, damaged, doubled or refused. */
final class BenchFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BenchFailed(String message) {
        super(message);
    }

    BenchFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
