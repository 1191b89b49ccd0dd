package lienthong.gateway.environment;

import lienthong.gateway.message.Bytes;

/**
 * One established, mutually authenticated connection, as the link's session logic sees it: whole frames out, whole frames in, in order, until it
 * breaks. Real form: TLS 1.3 over TCP ({@code link}); simulated form: a queue with delays and cuts. Confined to one loop.
 */
public interface Wire {
    /** Queues one frame (its bytes, without the length prefix). Never blocks; silently dropped after a break, which is reported once. */
    void send(Bytes frame);

    /** Hands queued frames to the network; called once per turn. */
    void flush();

    /** Whether more may be queued without growing a buffer beyond its mark. */
    boolean isWritable();

    /** A hint: how many bytes may be queued before {@link #isWritable} says no, about 200 ms of the line. */
    default void queueAtMost(int bytes) {}

    /** Ends the connection after what is queued has been handed over. */
    void close();
}
