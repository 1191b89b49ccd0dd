package lienthong.gateway.envelope;

import java.io.IOException;

/**
 * The payload is not what its format or its manifest says. Never leaves this room while something is being checked (it becomes
 * {@link Opening.NotOpened}); a part stream throws it if the bytes under it changed after they were checked.
 */
final class Damaged extends IOException {
    private static final long serialVersionUID = 1L;

    Damaged(String what) {
        super(what);
    }
}
