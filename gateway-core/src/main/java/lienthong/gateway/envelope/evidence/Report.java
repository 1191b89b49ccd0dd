package lienthong.gateway.envelope.evidence;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.SequenceText;

/**
 * What a check of evidence found.
 *
 * @param steps in the order made; a failed one may end the check
 * @param network found in the evidence, whether or not it is the one expected
 * @param id the message, once core and statement held
 * @param header the core, likewise
 * @param receipts those that hold
 * @param places where nodes say that the envelope stands in its sender's sequences; {@link SequenceCheck} compares those of several
 */
public record Report(
        List<Step> steps,
        Optional<Hash> network,
        Optional<MessageId> id,
        Optional<Header> header,
        List<Receipt> receipts,
        List<Placed> places) {
    public Report {
        steps = List.copyOf(steps);
        receipts = List.copyOf(receipts);
        places = List.copyOf(places);
    }

    /**
     * A place in a sequence.
     *
     * @param node who says it, in its audit log
     * @param core the envelope's
     * @param messages how many numbers it has, from the place's first
     */
    public record Placed(OrganisationId node, Address sender, Hash core, int messages, SequenceText.Place place) {
        long last() {
            return place.first() + messages - 1;
        }
    }

    /** Whether everything that must hold does. */
    public boolean holds() {
        return steps.stream().noneMatch(step -> step.outcome() == Step.Outcome.FAILS);
    }

    /** The first step that does not hold. */
    public Optional<Step> firstFailure() {
        return steps.stream()
                .filter(step -> step.outcome() == Step.Outcome.FAILS)
                .findFirst();
    }
}
