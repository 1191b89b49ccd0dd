package lienthong.gateway.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where one envelope stands in its sender's sequences: strict text of kind {@code sequence}. A node writes down what it sealed into the slots, or
 * found in those that it opened; its audit log names the text's hash. Source: docs/spec/evidence.md §1.2.
 *
 * @param core SHA-256 of the envelope's core
 * @param places one for each recipient of whom the node knows, in the core's order; at least one
 */
public record SequenceText(Hash network, Hash core, List<Place> places) {
    /** As many recipients as an envelope may have, each with the longest address. */
    public static final int BYTES_MAX = 256 * 1024;

    private static final String KIND = "sequence";

    public SequenceText {
        places = List.copyOf(places);
        Invariant.check(!places.isEmpty(), "a sequence without places");
    }

    /**
     * One recipient's place.
     *
     * @param incarnation the sender's, under which the numbers count
     * @param first number of the envelope's first message for this recipient, from 1
     * @param previousCore hash of the core before in this stream; zeros for the first
     */
    public record Place(Address recipient, Incarnation incarnation, long first, Hash previousCore) {
        String line() {
            return recipient + " " + incarnation + " " + first + " " + previousCore.hex();
        }
    }

    public Bytes encode() {
        return StrictText.write(network, KIND)
                .line("core", core)
                .lines("place", places.stream().map(Place::line).toList())
                .done();
    }

    /**
     * Reads a text as received.
     *
     * @param network the network it must belong to
     * @return what it says; {@code TEXT_NOT_CLEAN}, {@code OTHER_NETWORK}, {@code HEADER_TOO_LARGE}
     */
    public static Result<SequenceText> decode(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, BYTES_MAX).then(in -> {
            Hash core = in.hash("core");
            List<Place> places = new ArrayList<>();
            for (String line : in.lines("place", 1, Limits.RECIPIENTS_MAX)) {
                place(in, line).ifPresent(places::add);
            }
            Optional<Refusal> fault = in.end();
            if (fault.isPresent()) {
                return Result.no(fault.get());
            }
            SequenceText read = new SequenceText(network, core, places);
            return read.encode().equals(text)
                    ? Result.ok(read)
                    : Result.no(ErrorCode.TEXT_NOT_CLEAN, "sequence: not in its one written form");
        });
    }

    private static Optional<Place> place(StrictText.Reader in, String line) {
        String[] words = line.split(" ", -1);
        Incarnation incarnation = words.length == 4 ? Incarnation.parse(words[1]) : null;
        if (words.length != 4 || incarnation == null || !(Address.parse(words[0]) instanceof Result.Ok<Address> to)) {
            in.fail("place: recipient, incarnation, number, hash");
            return Optional.empty();
        }
        long number = in.parseNumber("place", words[2], Long.MAX_VALUE);
        if (number == 0) {
            in.fail("place: numbers begin with 1");
        }
        return Optional.of(new Place(to.value(), incarnation, number, in.parseHash("place", words[3])));
    }
}
