package lienthong.gateway.link;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;

/**
 * Answers to a {@link Query} on their way back to the asker's node. Reports, never ends.
 *
 * @param answers 1 to {@link Query#QUESTIONS_MAX}
 */
public record Known(List<Answer> answers) {
    public Known {
        answers = List.copyOf(answers);
    }

    /**
     * What a node knows of one question.
     *
     * @param node who says so
     * @param reason why it is held, where there is a reason
     */
    public record Answer(
            MessageId id,
            Hash leaf,
            Address recipient,
            Address asker,
            OrganisationId node,
            State state,
            Optional<ErrorCode> reason) {}

    /** Numbers stand on the wire. */
    public enum State {
        /** In custody here. */
        HELD(1),
        /** Passed on to a neighbour that is away now. */
        PASSED(2),
        /** Ended here; its receipts are sent again. */
        ENDED(3),
        /** Never seen, or forgotten. */
        UNKNOWN(4);

        private final int number;

        State(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        static Optional<State> ofNumber(int number) {
            return Arrays.stream(values()).filter(s -> s.number == number).findFirst();
        }
    }
}
