package lienthong.gateway.delivery;

import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;

/** Makes and opens new slots of sealed envelopes, outside the loop; answers in the loop. */
public interface RewrapPort {
    /**
     * Makes a slot anew for a recipient whose keys changed, from the sender's own slot, and signs a re-wrap with it.
     *
     * @param then the notice; a refusal when there is no newer key of the recipient than the sealed slot's, or the sender's own slot does not open
     */
    void wrap(Work work, Consumer<Result<RoutedNotice>> then);

    /**
     * Asks the embedded client that sealed an envelope to make a slot anew. In the loop; its notice comes by itself, or does not.
     *
     * @param sealed with all slots
     * @return whether it is here to be asked
     */
    boolean ask(SealedEnvelope sealed, Address sender, Address recipient);

    /**
     * Checks a re-wrap against the envelope it is about, without any key.
     *
     * @param then empty when it is its sender's; answered in the loop
     */
    void check(SealedEnvelope sealed, RoutedNotice notice, Consumer<Optional<Refusal>> then);

    /**
     * Checks a re-wrap against the envelope it is about, and opens that with its slot.
     *
     * @param sealed as in custody here
     * @param notice of kind re-wrap
     * @param then {@link LocalSlot.Opened}; {@link LocalSlot.KeyNotHere} when it was wrapped for yet another key that is not here; a refusal when it
     *     is another sender's, envelope's or recipient's, or its content key is not the payload's
     */
    void open(SealedEnvelope sealed, RoutedNotice notice, Consumer<Result<LocalSlot>> then);

    /**
     * A slot to be made anew: what stood in the one that it replaces.
     *
     * @param sealed with all slots
     * @param first number of the envelope's first message for this recipient
     */
    record Work(
            SealedEnvelope sealed,
            Address recipient,
            Incarnation incarnation,
            long first,
            Hash previousCore,
            long keyPredecessor,
            Optional<String> orderingKey) {}
}
