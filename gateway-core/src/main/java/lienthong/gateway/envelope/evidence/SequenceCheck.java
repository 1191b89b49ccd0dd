package lienthong.gateway.envelope.evidence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;

/**
 * Compares what several pieces of evidence say of one sender's sequence to one recipient: whether each message names the core of the one before,
 * whether two have the same number, whether both ends say the same. Stateless. Source: docs/spec/evidence.md §1.2.
 */
public final class SequenceCheck {
    private SequenceCheck() {}

    /** Numbers count within it. */
    private record Stream(Address sender, Incarnation incarnation, Address recipient) {
        @Override
        public String toString() {
            return sender + " to " + recipient + ", life " + incarnation;
        }
    }

    /**
     * Compares.
     *
     * @param reports of evidence that holds, of one network
     * @return a step for each pair that touches: it follows, or the two contradict each other; a note for numbers that lie between
     */
    public static List<Step> compare(List<Report> reports) {
        Map<Stream, List<Report.Placed>> streams = new LinkedHashMap<>();
        for (Report report : reports) {
            for (Report.Placed placed : report.places()) {
                streams.computeIfAbsent(
                                new Stream(
                                        placed.sender(),
                                        placed.place().incarnation(),
                                        placed.place().recipient()),
                                none -> new ArrayList<>())
                        .add(placed);
            }
        }
        List<Step> steps = new ArrayList<>();
        streams.forEach((stream, placed) -> {
            placed.sort(
                    Comparator.comparingLong((Report.Placed one) -> one.place().first())
                            .thenComparing(one -> one.core().hex()));
            for (int i = 1; i < placed.size(); i++) {
                steps.add(compare(stream, placed.get(i - 1), placed.get(i)));
            }
        });
        return steps;
    }

    private static Step compare(Stream stream, Report.Placed first, Report.Placed second) {
        if (first.core().equals(second.core())) {
            return first.place().equals(second.place())
                    ? step(
                            Step.Outcome.HOLDS,
                            stream + ": nodes " + first.node() + " and " + second.node() + " say the same of number "
                                    + numbers(first))
                    : step(
                            Step.Outcome.FAILS,
                            stream + ": of core " + first.core().hex() + " node " + first.node() + " says number "
                                    + numbers(first) + " after " + first.place().previousCore() + ", node "
                                    + second.node() + " number " + numbers(second) + " after "
                                    + second.place().previousCore());
        }
        if (second.place().first() <= first.last()) {
            return step(
                    Step.Outcome.FAILS,
                    stream + ": number " + second.place().first() + " was given twice, to core "
                            + first.core().hex() + " and to core "
                            + second.core().hex());
        }
        if (second.place().first() > first.last() + 1) {
            return step(
                    Step.Outcome.NOTE,
                    stream + ": numbers " + (first.last() + 1) + " to "
                            + (second.place().first() - 1) + " are not in this evidence");
        }
        Hash named = second.place().previousCore();
        return named.equals(first.core())
                ? step(
                        Step.Outcome.HOLDS,
                        stream + ": number " + numbers(second) + " names the core of number " + first.last()
                                + ": nothing was left out between them")
                : step(
                        Step.Outcome.FAILS,
                        stream + ": number " + numbers(second) + " names core " + named.hex() + " before it, number "
                                + first.last() + " is core " + first.core().hex());
    }

    private static String numbers(Report.Placed placed) {
        return placed.messages() == 1
                ? Long.toString(placed.place().first())
                : placed.place().first() + " to " + placed.last();
    }

    private static Step step(Step.Outcome outcome, String text) {
        return new Step(Step.Id.SEQUENCE, outcome, text);
    }
}
