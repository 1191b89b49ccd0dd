package lienthong.gateway.link;

import java.time.Duration;
import lienthong.gateway.message.Refusal;

/** The one answer to an offer of a large envelope; exactly one call, now or later, in the loop. After the session's end it has no effect. */
public interface OfferReply {
    /**
     * Send it, from {@code offset}: what lies before is durable here.
     *
     * @param offset 0 to the offered length
     * @param sink takes the bytes from {@code offset} on; the session uses it until it calls {@code finish}, {@code suspend} or {@code discard}
     */
    void accept(long offset, TransferSink sink);

    /** It was here before; custody is given again. */
    void have(CustodyMark mark);

    /** It is not taken; see {@link CustodyReply#reject}. */
    void reject(Refusal refusal, boolean advice);

    /** It is not taken now; see {@link CustodyReply#busy}. */
    void busy(Refusal refusal, boolean advice, Duration retryAfter);
}
