package lienthong.gateway.envelope;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One scenario as a text file: lines {@code key: value}, nothing else; unknown keys and words are refused. */
final class Vector {
    /** What a file may say, and what must come of it. */
    static final Set<String> KEYS =
            Set.of("vector", "about", "network", "recipient", "envelope", "part", "receipt", "message", "expect");

    static final Set<String> ENDS = Set.of(
            "opened",
            "not opened",
            "not addressed",
            "seal invalid",
            "other network",
            "suite unknown",
            "suite too low",
            "signer missing",
            "signer unknown",
            "malformed",
            "receipt matches",
            "receipt of another message",
            "receipt forged");

    /** Positives; everything else of {@link #ENDS} is a negative. */
    static final Set<String> GOOD = Set.of("opened", "receipt matches");

    private final Map<String, List<String>> lines = new LinkedHashMap<>();

    static Vector parse(String text) {
        Vector vector = new Vector();
        for (String line : text.lines().toList()) {
            int colon = line.indexOf(": ");
            if (colon < 0 || !KEYS.contains(line.substring(0, colon))) {
                throw new IllegalArgumentException("a line that no vector has: " + line);
            }
            vector.lines
                    .computeIfAbsent(line.substring(0, colon), key -> new ArrayList<>())
                    .add(line.substring(colon + 2));
        }
        for (String key : List.of("vector", "about", "network", "envelope", "expect")) {
            vector.one(key);
        }
        if (!ENDS.contains(vector.one("expect"))) {
            throw new IllegalArgumentException("an end that no vector has: " + vector.one("expect"));
        }
        return vector;
    }

    String one(String key) {
        List<String> values = all(key);
        if (values.size() != 1) {
            throw new IllegalArgumentException("exactly one line " + key);
        }
        return values.get(0);
    }

    List<String> all(String key) {
        return lines.getOrDefault(key, List.of());
    }
}
