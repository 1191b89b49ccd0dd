package lienthong.gateway.delivery;

import java.time.Duration;
import lienthong.gateway.message.Refusal;

/** The answer to a neighbour's offer. Custody is answered only after it is durable. */
public sealed interface TakenOver {
    /** In custody; {@code number} counts for this neighbour and is in the same commit. */
    record Custody(long number) implements TakenOver {}

    /** In custody already, or handed over once and for all; nothing was stored. */
    record Have(long number) implements TakenOver {}

    /** Not taken, and the same offer would not be. */
    record Rejected(Refusal why) implements TakenOver {}

    /** Not taken now. */
    record Busy(Refusal why, Duration retryAfter) implements TakenOver {}
}
