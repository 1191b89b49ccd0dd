package lienthong.gateway.envelope.evidence;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Detail;
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
        Detail about() {
            return Detail.of("{0} to {1}, life {2}", sender, recipient, incarnation);
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
                            "{0}: nodes {1} and {2} say the same of number {3}",
                            stream.about(),
                            first.node(),
                            second.node(),
                            numbers(first))
                    : step(
                            Step.Outcome.FAILS,
                            "{0}: of core {1} node {2} says number {3} after {4}, node {5} number {6} after {7}",
                            stream.about(),
                            first.core().hex(),
                            first.node(),
                            numbers(first),
                            first.place().previousCore(),
                            second.node(),
                            numbers(second),
                            second.place().previousCore());
        }
        if (second.place().first() <= first.last()) {
            return step(
                    Step.Outcome.FAILS,
                    "{0}: number {1} was given twice, to core {2} and to core {3}",
                    stream.about(),
                    second.place().first(),
                    first.core().hex(),
                    second.core().hex());
        }
        if (second.place().first() > first.last() + 1) {
            return step(
                    Step.Outcome.NOTE,
                    "{0}: numbers {1} to {2} are not in this evidence",
                    stream.about(),
                    first.last() + 1,
                    second.place().first() - 1);
        }
        Hash named = second.place().previousCore();
        return named.equals(first.core())
                ? step(
                        Step.Outcome.HOLDS,
                        "{0}: number {1} names the core of number {2}: nothing was left out between them",
                        stream.about(),
                        numbers(second),
                        first.last())
                : step(
                        Step.Outcome.FAILS,
                        "{0}: number {1} names core {2} before it, number {3} is core {4}",
                        stream.about(),
                        numbers(second),
                        named.hex(),
                        first.last(),
                        first.core().hex());
    }

    private static Detail numbers(Report.Placed placed) {
        return placed.messages() == 1
                ? Detail.of("{0}", placed.place().first())
                : Detail.of("{0} to {1}", placed.place().first(), placed.last());
    }

    private static Step step(Step.Outcome outcome, @CompileTimeConstant String text, Object... arguments) {
        return new Step(Step.Id.SEQUENCE, outcome, Detail.of(text, arguments));
    }
}
