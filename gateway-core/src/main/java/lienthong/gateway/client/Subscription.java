package lienthong.gateway.client;

/** A handler at work; see {@link GatewayClient#receive}. */
public interface Subscription extends AutoCloseable {
    /**
     * Stops handing over: waits for the handler to return from the message it has, if any (but not when called from the handler itself). What was
     * not acknowledged comes again to the next subscription, marked redelivered.
     */
    @Override
    void close();
}
