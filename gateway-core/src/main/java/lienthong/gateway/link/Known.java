package lienthong.gateway.link;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;

/**
 * The answer to a {@link Query}; answers stand in the order of the questions.
 *
 * @param request the query's number
 * @param answers as many as there were questions
 */
public record Known(long request, List<Answer> answers) {
    public Known {
        answers = List.copyOf(answers);
    }

    /** What this node knows of one question. */
    public record Answer(MessageId id, State state, Optional<OrganisationId> passedTo) {}

    /** Numbers stand on the wire. */
    public enum State {
        /** In custody here. */
        HELD(1),
        /** In custody of the neighbour named. */
        PASSED_TO(2),
        /** Ended; its receipts are sent again after this frame. */
        OUTCOME(3),
        /** Never seen, or forgotten. */
        UNKNOWN(4);

        private final int number;

        State(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }
}
