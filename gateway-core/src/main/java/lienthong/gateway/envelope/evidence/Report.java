package lienthong.gateway.envelope.evidence;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;

/**
 * What a check of evidence found.
 *
 * @param steps in the order made; a failed one may end the check
 * @param network found in the evidence, whether or not it is the one expected
 * @param id the message, once core and statement held
 * @param header the core, likewise
 * @param receipts those that hold
 */
public record Report(
        List<Step> steps,
        Optional<Hash> network,
        Optional<MessageId> id,
        Optional<Header> header,
        List<Receipt> receipts) {
    public Report {
        steps = List.copyOf(steps);
        receipts = List.copyOf(receipts);
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
