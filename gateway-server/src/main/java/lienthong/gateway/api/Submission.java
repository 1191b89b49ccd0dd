package lienthong.gateway.api;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;

/** What became of a message handed over. Back-pressure is a result, never an exception. */
public sealed interface Submission {
    /**
     * On disk: it will reach an end.
     *
     * @param id minted by this node
     * @param at when the store said so
     * @param duplicate the first answer again
     */
    record Accepted(MessageId id, Instant at, boolean duplicate) implements Submission {}

    /**
     * Not now; nothing was kept.
     *
     * @param why LT-4xxx
     * @param retryAfter when to try again
     */
    record Busy(Refusal why, Duration retryAfter) implements Submission {}

    /** Not possible; nothing was kept. LT-1xxx becomes a status of the call (ID_REUSED: ALREADY_EXISTS), LT-5xxx UNAVAILABLE, the rest an outcome. */
    record Refused(Refusal why) implements Submission {}

    default <R> R fold(
            Function<? super Accepted, ? extends R> accepted,
            Function<? super Busy, ? extends R> busy,
            Function<? super Refused, ? extends R> refused) {
        if (this instanceof Accepted a) {
            return accepted.apply(a);
        }
        return this instanceof Busy b ? busy.apply(b) : refused.apply((Refused) this);
    }
}
