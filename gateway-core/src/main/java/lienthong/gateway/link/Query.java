package lienthong.gateway.link;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;

/**
 * "What became of these?"
 *
 * @param request the asker's number for the answer, unique in the session
 * @param questions 1 to 256
 */
public record Query(long request, List<Question> questions) {
    public static final int QUESTIONS_MAX = 256;

    public Query {
        questions = List.copyOf(questions);
    }

    /**
     * One envelope on its way to one recipient.
     *
     * @param id first message id of the envelope
     * @param leaf its leaf hash
     * @param recipient about whom; empty for all on this branch
     */
    public record Question(MessageId id, Hash leaf, Optional<Address> recipient) {}
}
