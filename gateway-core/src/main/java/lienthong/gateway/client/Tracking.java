package lienthong.gateway.client;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;

/**
 * Where a sent message is, recipient by recipient.
 *
 * @param id the message
 * @param places one for each recipient; empty while the message has not reached the node
 */
public record Tracking(MessageId id, List<Place> places) {
    public Tracking {
        places = List.copyOf(places);
    }

    /**
     * One recipient's state.
     *
     * @param at since when, as claimed by whoever says so
     * @param reason what ended it, or what holds it up
     */
    public record Place(Address recipient, State state, Instant at, Optional<ErrorCode> reason) {}

    /** How far it came. */
    public enum State {
        /** At the sender's node, not on its way yet. */
        ACCEPTED("accepted"),
        /** At the sender's node, waiting for its link. */
        FORWARDING("forwarding"),
        /** A further node has custody. */
        IN_CUSTODY("in-custody"),
        /** At the recipient's node: its signed receipt is here. */
        DELIVERED("delivered"),
        /** Taken by the recipient's application: its signed receipt is here. */
        CONSUMED("consumed"),
        /** Given back, with the recipient's signed reason. */
        RETURNED("returned"),
        /** Its lifetime was over, or the sender's own directory forbade it. */
        EXPIRED("expired");

        private final String word;

        State(String word) {
            this.word = word;
        }

        /** As it stands on the link. */
        public String word() {
            return word;
        }

        /** Whether nothing more will happen. */
        public boolean isEnd() {
            return this == CONSUMED || this == RETURNED || this == EXPIRED;
        }

        static Optional<State> ofWord(String word) {
            for (State state : values()) {
                if (state.word.equals(word)) {
                    return Optional.of(state);
                }
            }
            return Optional.empty();
        }
    }

    /** Whether every recipient has come so far, or further, or to an end. */
    public boolean haveAll(State state) {
        return !places.isEmpty()
                && places.stream().allMatch(place -> place.state().compareTo(state) >= 0);
    }
}
