package lienthong.gateway.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.SealedEnvelope;
import org.jspecify.annotations.Nullable;

/** One large envelope on its way in: from its offer to the owner's answer, within one session. Confined to the loop. */
final class InTransfer {
    final Frame.OfferLarge offer;
    final Age age;
    final List<SealedEnvelope.Slot> slots = new ArrayList<>();
    int slotsBytes;
    /** Credit held by offer and slots until the owner has judged them. */
    long heldCost;

    /** Set once the owner has accepted; from then on bytes may come. */
    @Nullable
    TransferSink sink;

    long lane;
    /** Where the next byte belongs. */
    long expected;
    /** Wrong offsets so far; the second closes the session. */
    int faults;
    /** While the frames that were under way behind a wrong one come in: where the next of them would be. −1 otherwise. */
    long faultyNext = -1;

    /** Why the sink took no more; set and read in its lane alone. */
    Optional<Refusal> sinkRefused = Optional.empty();

    /** Statement and seal have come; the sink finishes. */
    boolean ended;

    Bytes statement = Bytes.empty();
    SealedEnvelope.@Nullable Seal seal;

    InTransfer(Frame.OfferLarge offer, Age age) {
        this.offer = offer;
        this.age = age;
    }

    int window() {
        return offer.precedence().number();
    }

    boolean isJudged() {
        return sink != null;
    }
}
