package lienthong.gateway.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;

/** What became of a message that was sent. Each case is an ordinary end; none is thrown. */
public sealed interface Submission permits Submission.Accepted, Submission.Busy, Submission.Refused {
    /**
     * The node has the message durably and answers for it: nothing more is asked of the application.
     *
     * @param id names the message from now on, for instance in {@link GatewayClient#track}
     * @param at when, by this machine's clock
     */
    record Accepted(MessageId id, Instant at) implements Submission {}

    /**
     * Not now.
     *
     * @param kept present: the message is sealed and safe in the state folder, and this client goes on offering it by itself, also after a
     *     restart; do not send it again. Empty: nothing was kept; send it again later
     * @param why for instance {@code NEIGHBOUR_AWAY} (the node cannot be reached) or {@code DISK_LOW} (at the node)
     * @param retryAfter a good time to send or look again
     */
    record Busy(Optional<MessageId> kept, Refusal why, Duration retryAfter) implements Submission {}

    /** Never: the same message will be refused again. Nothing was kept. */
    record Refused(Refusal why) implements Submission {}

    /** Asks for each case. */
    default <R> R fold(
            Function<? super Accepted, ? extends R> accepted,
            Function<? super Busy, ? extends R> busy,
            Function<? super Refused, ? extends R> refused) {
        if (this instanceof Accepted yes) {
            return accepted.apply(yes);
        }
        return this instanceof Busy later ? busy.apply(later) : refused.apply((Refused) this);
    }
}
