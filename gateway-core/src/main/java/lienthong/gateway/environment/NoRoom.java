package lienthong.gateway.environment;

import java.io.IOException;

/**
 * The disk has no room for a write. Nothing that was durable before is touched, and the same write at the same place may be tried again: unlike a
 * failed sync, this passes by itself when somebody makes room.
 */
public final class NoRoom extends IOException {
    private static final long serialVersionUID = 1L;

    public NoRoom(String message) {
        super(message);
    }

    NoRoom(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
