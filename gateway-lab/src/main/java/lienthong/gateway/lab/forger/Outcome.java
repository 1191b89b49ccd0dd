package lienthong.gateway.lab.forger;

import java.util.Optional;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/** What the attacked node answered. */
public sealed interface Outcome {
    /** It took custody. */
    record Taken() implements Outcome {}

    /** It had exactly this before: nothing was taken a second time. */
    record Known() implements Outcome {}

    /** It does not take it. */
    record Refused(Refusal why) implements Outcome {}

    /** The link ended without an answer. */
    record Lost(String detail) implements Outcome {}

    default boolean isTaken() {
        return this instanceof Taken;
    }

    default boolean isKnown() {
        return this instanceof Known;
    }

    default boolean isRefusedWith(ErrorCode reason) {
        return refusal().filter(why -> why.reason() == reason).isPresent();
    }

    /** The node's reason, where it gave one. */
    default Optional<Refusal> refusal() {
        return this instanceof Refused refused ? Optional.of(refused.why()) : Optional.empty();
    }
}
