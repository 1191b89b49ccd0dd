package lienthong.gateway.lab.process;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of the loopback address for processes that are told their port before they listen.
 *
 * <p>Thread-safe. Taken from below the range from which Linux gives ports to outgoing connections (32,768 to 60,999): otherwise
 * another connection of this machine may hold the port by the time the process, or the one that is started in its place after a
 * kill, listens on it.
 */
public final class FreePort {
    private static final int FIRST = 10_000;
    private static final int COUNT = 20_000;

    /** Programs that run side by side begin at different places. */
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 101 % COUNT));

    private FreePort() {}

    /**
     * A port nobody listens on now, and that this program has not been given before.
     *
     * @throws IOException when none of 20,000 is free
     */
    public static int take() throws IOException {
        for (int tried = 0; tried < COUNT; tried++) {
            int port = FIRST + NEXT.getAndIncrement() % COUNT;
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (BindException taken) {
                // somebody's; the next one
            }
        }
        throw new IOException("no port of 127.0.0.1 from " + FIRST + " to " + (FIRST + COUNT - 1) + " is free");
    }
}
