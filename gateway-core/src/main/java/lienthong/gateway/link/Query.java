package lienthong.gateway.link;

import java.util.List;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;

/**
 * "What became of these?" Travels along the path the envelopes took.
 *
 * @param questions 1 to 256
 */
public record Query(List<Question> questions) {
    public static final int QUESTIONS_MAX = 256;

    public Query {
        questions = List.copyOf(questions);
    }

    /**
     * One envelope on its way to one recipient.
     *
     * @param id first message id of the envelope
     * @param leaf its leaf hash
     * @param recipient about whom
     * @param asker sender's address: the answer travels to its node
     */
    public record Question(MessageId id, Hash leaf, Address recipient, Address asker) {}
}
