package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;

/** The answer to a sender. */
public sealed interface Submission {
    /** Durable; promise 1 of the product. */
    record Accepted(List<MessageId> ids, Instant at) implements Submission {
        public Accepted {
            ids = List.copyOf(ids);
        }
    }

    /** Nothing was kept, and the same input would be refused again. */
    record Refused(Refusal why) implements Submission {}

    /** Nothing was kept; try later. */
    record Busy(Refusal why, Duration retryAfter) implements Submission {}

    /** Asks for each case. */
    default <R> R fold(
            Function<? super Accepted, ? extends R> accepted,
            Function<? super Refused, ? extends R> refused,
            Function<? super Busy, ? extends R> busy) {
        if (this instanceof Accepted yes) {
            return accepted.apply(yes);
        }
        return this instanceof Refused no ? refused.apply(no) : busy.apply((Busy) this);
    }
}
