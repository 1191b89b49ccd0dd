package lienthong.gateway.link;

import java.time.Duration;
import lienthong.gateway.message.Refusal;

/** The one answer to one thing that arrived; exactly one call, now or later, in the loop. After the session's end it has no effect. */
public interface CustodyReply {
    /** It is durable here: custody passes over. */
    void custody(CustodyMark mark);

    /** It was here before; custody is given again. */
    void have(CustodyMark mark);

    /**
     * It is not taken; custody stays with the sender. The session goes on.
     *
     * @param advice whether this is only this node's view (a relay's report), so that the origin decides by its own directory and limits
     */
    void reject(Refusal refusal, boolean advice);

    /** It is not taken now; the same may be offered again after so long, at most an hour. The session goes on. */
    void busy(Refusal refusal, boolean advice, Duration retryAfter);
}
