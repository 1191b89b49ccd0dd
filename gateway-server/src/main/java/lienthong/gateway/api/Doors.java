package lienthong.gateway.api;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Refusal;

/**
 * What a running node offers to the API. The node implements it; only values of {@code message} and of this room pass.
 *
 * <p>Threads: every method is called on a transport's thread and must return at once (post to the loop); an answer may come on any thread,
 * in the call or later, exactly once unless said otherwise. The API has checked form and rights before: texts are clean, limits hold, the
 * {@link Caller} may use the address and the service. Nothing here throws for an expected outcome.
 */
public interface Doors {
    SendDoor send();

    ReceiveDoor receive();

    TrackDoor track();

    ListDoor list();

    DirectoryDoor directory();

    OperatorDoor operator();

    /** The reason why the node has stopped serving (LT-5001, LT-5002, LT-4010 …); empty while it serves. Cheap: asked before each call and each positive answer. */
    Optional<Refusal> notServing();

    /** Calls {@code watcher} whenever {@link #notServing} changes. */
    void watchServing(Consumer<Optional<Refusal>> watcher);

    /**
     * Whether the authority, or the office that issued it, has taken a caller's certificate back: {@code REVOKED}, by whom. Cheap enough for each call.
     *
     * @param certificate DER, of any origin: what the network has not issued it does not take back
     */
    Optional<Refusal> revoked(Bytes certificate);

    /** Calls {@code watcher} whenever {@link #revoked} may have another answer. */
    void watchRevocations(Runnable watcher);

    /**
     * An event worth an audit record: a caller without a right, an unknown caller.
     *
     * @param who the caller in words, for instance {@code uid 1000} or {@code eoffice}
     */
    void denied(String who, Refusal why);

    /** The node's clock. */
    Instant now();
}
