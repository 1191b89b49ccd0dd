package lienthong.gateway.link;

import java.time.Duration;
import lienthong.gateway.message.Refusal;

/** What became of one thing handed to a session; exactly one call, in the loop. */
public interface TransferOutcome {
    /** The peer has it durably and answers for it. */
    void custody(CustodyMark mark);

    /** The peer had it before and answers for it. */
    void have(CustodyMark mark);

    /** The peer does not take it; {@code advice}: a relay's report, the origin decides. */
    void rejected(Refusal refusal, boolean advice);

    /** Likewise, and the peer says when it may be offered again: above zero, at most an hour. */
    default void busy(Refusal refusal, boolean advice, Duration retryAfter) {
        rejected(refusal, advice);
    }

    /** Our own copy cannot be read or is not fit to be sent; where the peer waits for it, it was told that nothing comes. */
    void unreadable(Refusal refusal);

    /** The session ended before an answer: offer it again in the next one. */
    void lost();
}
