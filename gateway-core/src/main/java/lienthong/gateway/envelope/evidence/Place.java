package lienthong.gateway.envelope.evidence;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * Where a leaf stands in a tree, and as of when its signer is judged: strict text of kind {@code place}, itself unsigned.
 *
 * @param index leaf index
 * @param size leaves of the tree
 * @param siblings RFC 9162 inclusion path, lowest first
 * @param at whole seconds: certificate and revocation list are in force then; absent for entries of the directory
 */
record Place(Hash network, long index, long size, List<Hash> siblings, Optional<Instant> at) {
    private static final String KIND = "place";
    private static final int BYTES_MAX = 16 * 1024;
    /** An audit log of ten years is the largest tree; seals and directories are far below. */
    private static final int SIBLINGS_MAX = 40;

    private static final long SIZE_MAX = 1L << SIBLINGS_MAX;

    Place {
        siblings = List.copyOf(siblings);
    }

    Bytes encode() {
        return StrictText.write(network, KIND)
                .line("index", index)
                .line("size", size)
                .lines("sibling", siblings)
                .line("at", at.map(time -> StrictText.time(time) + " " + time.getEpochSecond()))
                .done();
    }

    static Result<Place> decode(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, BYTES_MAX).then(in -> {
            long index = in.number("index", SIZE_MAX);
            long size = in.number("size", SIZE_MAX);
            List<Hash> siblings = new ArrayList<>();
            for (String hex : in.lines("sibling", 0, SIBLINGS_MAX)) {
                siblings.add(in.parseHash("sibling", hex));
            }
            Optional<String> at = in.optional("at");
            Optional<Instant> time = at.flatMap(words -> epoch(words)).map(Instant::ofEpochSecond);
            if (index >= size) {
                in.fail("index below size");
            }
            var fault = in.end();
            if (fault.isPresent()) {
                return Result.no(fault.get());
            }
            Place place = new Place(network, index, size, siblings, time);
            return place.encode().equals(text)
                    ? Result.ok(place)
                    : Result.no(ErrorCode.TEXT_NOT_CLEAN, "place: not in its one written form");
        });
    }

    private static Optional<Long> epoch(String words) {
        String digits = words.substring(words.indexOf(' ') + 1);
        return digits.length() <= 11 && !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Optional.of(Long.parseLong(digits))
                : Optional.empty();
    }
}
