package lienthong.gateway.delivery;

import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;

/**
 * What a node on the path knows of an envelope for one recipient. A report, never an end.
 *
 * @param asker to whom the answer goes
 * @param node who says it
 * @param state what it says
 * @param reason why it is held, where there is a reason
 */
public record Known(
        MessageId id,
        Hash leaf,
        Address recipient,
        Address asker,
        OrganisationId node,
        State state,
        Optional<ErrorCode> reason) {
    /** Numbers stand in frames. */
    public enum State {
        /** In custody here, on its way or waiting for the application. */
        HELD(1),
        /** Not here; asked further down, which is away now. */
        PASSED(2),
        /** It came to its end here; the receipt is sent again. */
        ENDED(3),
        /** The recipient's node never had it, or no longer has it: offer it again. */
        UNKNOWN(4);

        private final int number;

        State(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        public static Optional<State> ofNumber(int number) {
            for (State state : values()) {
                if (state.number == number) {
                    return Optional.of(state);
                }
            }
            return Optional.empty();
        }
    }
}
