package lienthong.gateway.delivery;

import java.time.Instant;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;

/** What a client id means now. */
public sealed interface ClientClaim {
    /** First time: the caller seals it and ends the claim with {@link Delivery#accepted} or {@link Delivery#release}. */
    record Fresh() implements ClientClaim {}

    /** Asked before and accepted: the first answer again. */
    record Before(MessageId id, Instant acceptedAt) implements ClientClaim {}

    /** Asked before with other content: {@code ID_REUSED}. */
    record Reused(Refusal why) implements ClientClaim {}
}
